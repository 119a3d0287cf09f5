//! The system's dialog for files and folders, on a thread of its own: the window goes on, whatever the dialog does.
//!
//! A dialog that is open stays open when the panel closes, and its thread with it: rfd 0.17 can close none, and on Linux
//! its asynchronous ones wait on a thread just so. What is chosen then is taken when the panel opens again.

use std::path::PathBuf;
use std::sync::mpsc::{Receiver, TryRecvError, channel};

use egui::Context;

use crate::library::{MODEL_ENDING, PRESET_ENDING, SCALA_ENDINGS};

/// What a dialog is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ask {
    /// Recordings to learn.
    Recordings,
    /// A folder of recordings to learn.
    Folder,
    /// A model or a preset to load.
    Model,
    /// A scale, a keyboard mapping, or both.
    Tuning,
}

/// At most one dialog.
#[derive(Debug, Default)]
pub(super) struct Dialog {
    /// Where the choice comes from, while a dialog is open.
    chosen: Option<Receiver<Vec<PathBuf>>>,
}

impl Dialog {
    /// Opens a dialog, unless one is open. Where the system has none, nothing happens.
    pub(super) fn open(&mut self, context: &Context, ask: Ask) {
        if self.chosen.is_some() {
            return;
        }
        let (sender, receiver) = channel();
        let context = context.clone();
        let spawned = std::thread::Builder::new().name("mynah-dialog".into()).spawn(move || {
            // A dialog that panics is a dialog that chose nothing.
            let chosen = std::panic::catch_unwind(|| choose(ask)).ok().flatten().unwrap_or_default();
            // The panel may be closed by now: then nobody wants to know.
            let _ = sender.send(chosen);
            context.request_repaint();
        });
        self.chosen = spawned.is_ok().then_some(receiver);
    }

    /// What was chosen, once; empty or not at all if nothing was.
    pub(super) fn poll(&mut self) -> Option<Vec<PathBuf>> {
        let result = self.chosen.as_ref()?.try_recv();
        match result {
            Ok(paths) => {
                self.chosen = None;
                Some(paths)
            }
            Err(TryRecvError::Empty) => None,
            Err(TryRecvError::Disconnected) => {
                self.chosen = None;
                None
            }
        }
    }
}

fn choose(ask: Ask) -> Option<Vec<PathBuf>> {
    let dialog = rfd::FileDialog::new();
    match ask {
        Ask::Recordings => dialog
            .set_title("Recordings to learn")
            .add_filter("Recordings", &["wav", "flac", "aif", "aiff", "ogg", "mp3"])
            .pick_files(),
        Ask::Folder => dialog.set_title("A folder of recordings to learn").pick_folders(),
        Ask::Model => dialog
            .set_title("A model or a preset")
            .add_filter("Mynah", &[MODEL_ENDING, PRESET_ENDING])
            .pick_file()
            .map(|path| vec![path]),
        Ask::Tuning => dialog
            .set_title("A scale, a keyboard mapping, or both")
            .add_filter("Scala", &SCALA_ENDINGS)
            .pick_files(),
    }
}
