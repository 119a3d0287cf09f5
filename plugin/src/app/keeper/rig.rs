//! What the window is given of devices and the recorder.

use std::path::PathBuf;
use std::sync::PoisonError;
use std::sync::mpsc::Sender;

use super::{Command, Common};
use crate::app::recorder::new_recording;
use crate::panel::{Rig, RigState};

/// Devices and a recorder, for the thread of the window.
pub(in crate::app) struct AppRig {
    commands: Sender<Command>,
    common: Common,
}

impl AppRig {
    pub(super) fn new(commands: Sender<Command>, common: Common) -> Self {
        Self { commands, common }
    }

    fn ask(&self, command: Command) {
        // The thread that keeps devices ends after the window.
        let _ = self.commands.send(command);
    }
}

impl Rig for AppRig {
    fn state(&self) -> RigState {
        let state = self.common.state.lock().unwrap_or_else(PoisonError::into_inner).clone();
        RigState {
            num_late: self.common.counts.num_late(),
            recorded_seconds: self.common.recorder.seconds(),
            ..state
        }
    }

    fn refresh(&mut self) {
        self.ask(Command::Refresh);
    }

    fn choose_device(&mut self, name: &str) {
        self.ask(Command::Device(name.to_owned()));
    }

    fn choose_rate(&mut self, rate_hz: u32) {
        self.ask(Command::Rate(rate_hz));
    }

    fn choose_buffer(&mut self, samples: Option<u32>) {
        self.ask(Command::Buffer(samples));
    }

    fn listen(&mut self, name: &str, on: bool) {
        self.ask(Command::Listen(name.to_owned(), on));
    }

    fn record(&mut self) -> Result<PathBuf, String> {
        let rate_hz = self.state().rate_hz;
        if rate_hz == 0 {
            return Err("nothing plays, so there is nothing to record; choose a device".into());
        }
        let path = new_recording()?;
        self.common.recorder.start(&path, rate_hz)?;
        Ok(path)
    }

    fn stop(&mut self) -> Option<Result<PathBuf, String>> {
        self.common.recorder.stop()
    }
}
