//! The thread that keeps devices: it opens them, sees when they fail and finds others, listens to MIDI inputs, and
//! remembers what was chosen.
//!
//! The window asks by commands and looks at a copy of how things stand: it never waits for a device.

mod memory;
mod opening;
mod rig;

use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use cpal::HostId;

use super::counts::Counts;
use super::device::{Found, Wish, devices, find, hush};
use super::midi::inputs::{Inputs, find as find_input};
use super::midi::intake::Door;
use super::null;
use super::output::Output;
use super::player::Player;
use super::recorder::Recorder;
use super::settings::{Place, Settings};
use super::values::Values;
use crate::panel::RigState;
use crate::session::{Notice, Session};

use memory::Memory;
pub(super) use rig::AppRig;

/// Time between looks at the device.
const PAUSE: Duration = Duration::from_millis(50);

/// Time between looks at MIDI inputs and at what is to be remembered.
const LOOK: Duration = Duration::from_secs(1);

/// Shortest and longest time between tries to find a device while there is none.
const TRIES: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(30)];

/// What everything in the application shares.
#[derive(Clone)]
pub(super) struct Common {
    pub(super) session: Arc<Session>,
    pub(super) values: Arc<Values>,
    pub(super) counts: Arc<Counts>,
    pub(super) recorder: Arc<Recorder>,
    pub(super) state: Arc<Mutex<RigState>>,
}

/// How the application starts.
pub(super) struct Start {
    pub(super) settings: Settings,
    pub(super) place: Place,
    /// The only backend whose devices are wanted.
    pub(super) host: Option<HostId>,
    pub(super) doors: [Door; 2],
    pub(super) player: Box<Player>,
    /// What was asked for on the command line has to be there; what is only remembered need not.
    pub(super) asked: Asked,
}

/// What was asked for in so many words.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Asked {
    pub(super) device: bool,
    pub(super) rate: bool,
    pub(super) buffer: bool,
    pub(super) midi: bool,
    /// Any device: without a window there is nothing to do without one.
    pub(super) sound: bool,
}

/// What the window asks for.
pub(super) enum Command {
    Refresh,
    Device(String),
    Rate(u32),
    Buffer(Option<u32>),
    Listen(String, bool),
    End,
}

/// The thread, from outside.
pub(super) struct KeeperThread {
    commands: Sender<Command>,
    thread: JoinHandle<()>,
}

impl KeeperThread {
    /// Opens what is to be opened; why not, if what was asked for cannot be.
    pub(super) fn start(common: Common, start: Start) -> Result<Self, String> {
        let (commands, from_window) = channel();
        let (tell, told) = sync_channel(1);
        let keep = move || {
            hush();
            // A stream stays on the thread that opened it: not every system lets it move.
            let mut keeper =
                Keeper::new(common, start.settings, start.place, start.host, start.doors, start.player);
            let begun = keeper.begin(start.asked);
            let is_begun = begun.is_ok();
            let _ = tell.send(begun);
            if is_begun {
                keeper.run(&from_window);
            }
        };
        let thread = std::thread::Builder::new()
            .name("mynah-devices".into())
            .spawn(keep)
            .map_err(|error| format!("the system started no thread: {error}"))?;
        told.recv().unwrap_or_else(|_| Err("a fault of its own; please report it".into()))?;
        Ok(Self { commands, thread })
    }

    /// What the window is given.
    pub(super) fn rig(&self, common: &Common) -> AppRig {
        AppRig::new(self.commands.clone(), common.clone())
    }

    /// Closes everything and remembers it.
    pub(super) fn end(self) {
        // If it has ended by a fault, that was told.
        let _ = self.commands.send(Command::End);
        let _ = self.thread.join();
    }
}

struct Keeper {
    common: Common,
    memory: Memory,
    host: Option<HostId>,
    found: Vec<Found>,
    output: Option<Output>,
    /// Here while no device plays.
    player: Option<Box<Player>>,
    inputs: Inputs,
    last_look: Instant,
    /// When to try again to find a device, and how long to wait then.
    next_try: (Instant, Duration),
}

impl Keeper {
    fn new(
        common: Common,
        settings: Settings,
        place: Place,
        host: Option<HostId>,
        doors: [Door; 2],
        player: Box<Player>,
    ) -> Self {
        Self {
            memory: Memory::new(settings, place),
            common,
            host,
            found: Vec::new(),
            output: None,
            player: Some(player),
            inputs: Inputs::new(doors),
            last_look: Instant::now(),
            next_try: (Instant::now(), TRIES[0]),
        }
    }

    fn wish(&self) -> Wish {
        Wish { rate_hz: self.memory.settings.rate_hz, buffer: self.memory.settings.buffer }
    }

    /// Opens the first device that can be, the wanted one first.
    fn begin(&mut self, asked: Asked) -> Result<(), String> {
        self.found = devices(self.host);
        let wanted = self.memory.settings.device.clone();
        if asked.device {
            let name = wanted.unwrap_or_default();
            let Some(found) = find(&self.found, &name).cloned() else {
                let names: Vec<&str> = self.found.iter().map(|found| found.name.as_str()).collect();
                return Err(format!("there is no device {name}; there are: {}", listed(&names)));
            };
            self.open(&found).map_err(|reason| format!("{} does not open: {reason}", found.name))?;
            self.memory.settings.device = Some(found.name);
        } else if let Err(reason) = self.open_any() {
            if asked.sound {
                return Err(reason);
            }
            self.common.session.tell(Notice::error(reason));
        } else if let (Some(wanted), Some(output)) = (wanted, &self.output)
            && ![&wanted, null::NAME].contains(&output.found.name.as_str())
        {
            let told = format!("{wanted} is not there; playing on {}", output.found.name);
            self.common.session.tell(Notice::error(told));
        }
        if let Some(output) = &self.output {
            if self.host.is_some_and(|host| host != null::HOST) {
                // Its devices may not be the next run's first.
                self.memory.settings.device = Some(output.found.name.clone());
            }
            let (plan, wish) = (&output.plan, self.wish());
            if asked.rate && wish.rate_hz != Some(output.rate_hz()) {
                return Err(format!("{} plays at {} Hz alone", output.found.name, listed(&plan.rates_hz)));
            }
            if asked.buffer && wish.buffer != plan.buffer() {
                return Err(format!("{} takes blocks of {} alone", output.found.name, listed(&plan.buffers)));
            }
        }
        self.listen();
        if let Some(chosen) = &mut self.memory.settings.midi {
            let there = self.inputs.there();
            for name in chosen {
                match find_input(there, name) {
                    Some(found) => name.clone_from(found),
                    None if asked.midi => {
                        return Err(format!("there is no MIDI input {name}; there are: {}", listed(there)));
                    }
                    None => {}
                }
            }
            self.listen();
        }
        self.publish();
        Ok(())
    }

    fn run(mut self, commands: &Receiver<Command>) {
        loop {
            match commands.recv_timeout(PAUSE) {
                Ok(Command::End) | Err(RecvTimeoutError::Disconnected) => break,
                Ok(command) => self.obey(command),
                Err(RecvTimeoutError::Timeout) => {}
            }
            self.tend();
        }
        drop(self.output.take().map(Output::close));
        self.memory.save(&self.common);
    }

    fn obey(&mut self, command: Command) {
        match command {
            Command::Refresh => {
                self.found = devices(self.host);
                self.inputs.refresh();
                self.next_try = (Instant::now(), TRIES[0]);
                self.listen();
            }
            Command::Device(name) => {
                if let Some(found) = find(&self.found, &name).cloned() {
                    if self.change(&found, self.wish()) {
                        self.memory.settings.device = Some(found.name);
                    }
                } else {
                    self.common.session.tell(Notice::error(format!("{name} is not there any more")));
                }
            }
            Command::Rate(rate_hz) => {
                self.memory.settings.rate_hz = Some(rate_hz);
                self.change_here();
            }
            Command::Buffer(buffer) => {
                self.memory.settings.buffer = buffer;
                self.change_here();
            }
            Command::Listen(name, on) => {
                let all = self.inputs.heard().to_vec();
                let chosen = self.memory.settings.midi.get_or_insert(all);
                chosen.retain(|one| *one != name);
                if on {
                    chosen.push(name);
                } else {
                    self.inputs.leave(&name);
                }
                self.listen();
            }
            Command::End => {}
        }
        self.publish();
    }

    fn tend(&mut self) {
        self.common.session.tend();
        if let Some(failure) = self.output.as_mut().and_then(Output::failure) {
            self.recover(&failure);
        }
        if self.output.is_none() && self.player.is_some() && self.next_try.0 <= Instant::now() {
            self.found = devices(self.host);
            if self.open_any().is_ok() {
                self.tell_playing("");
            } else {
                let pause = (2 * self.next_try.1).min(TRIES[1]);
                self.next_try = (Instant::now() + pause, pause);
            }
            self.publish();
        }
        if LOOK < self.last_look.elapsed() {
            self.last_look = Instant::now();
            self.listen();
            self.publish();
            self.memory.save_changes(&self.common);
        }
    }

    fn listen(&mut self) {
        self.inputs.listen(self.memory.settings.midi.as_deref());
        if let Some(refused) = self.inputs.take_refused() {
            self.common.session.tell(Notice::error(refused));
        }
    }

    fn publish(&self) {
        let plan = self.output.as_ref().map(|output| &output.plan);
        let state = RigState {
            devices: self.found.iter().map(|found| found.name.clone()).collect(),
            device: self.output.as_ref().map(|output| output.found.name.clone()),
            rates_hz: plan.map(|plan| plan.rates_hz.clone()).unwrap_or_default(),
            rate_hz: self.output.as_ref().map_or(0, Output::rate_hz),
            buffers: plan.map(|plan| plan.buffers.clone()).unwrap_or_default(),
            buffer: plan.and_then(|plan| plan.buffer()),
            midi_inputs: self.inputs.there().to_vec(),
            midi_chosen: self.inputs.heard().to_vec(),
            num_late: 0,
            recorded_seconds: None,
        };
        *self.common.state.lock().unwrap_or_else(PoisonError::into_inner) = state;
    }
}

fn listed(items: &[impl ToString]) -> String {
    match items {
        [] => "none".into(),
        items => items.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
    }
}
