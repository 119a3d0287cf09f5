//! What an instance of the instrument holds away from the audio thread: the model, what learns, what is told.
//!
//! Reading order: what plays (`stage`), what crosses to the audio thread (`audio_end`), what learns (`learner`), what
//! can be taken back (`history`), what a host keeps (`state`).

mod audio_end;
mod history;
mod learner;
mod stage;
mod state;

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use mynah::engine::{EngineHandle, EventKind, Meters};
use mynah::tuning::Tuning;
use ringbuf::HeapProd;
use ringbuf::traits::Producer;

pub use audio_end::AudioEnd;
pub use history::{Change, History};
pub use learner::{LearnRequest, Learning, LearningPhase};
pub use stage::{Notice, Playing, Source};
pub(crate) use state::{WINDOW_POINTS, fields_from_session, restore};

use audio_end::{Looking, crossing};
use learner::Learner;
use stage::Stage;

use crate::window::WindowState;

/// One instance, away from the audio thread. Shared by the host's side, the panel and the learner; all methods may
/// wait for each other, so none is for the audio thread.
#[derive(Debug)]
pub struct Session {
    stage: Arc<Stage>,
    learner: Learner,
    looking: Looking,
    /// Keys pressed on the screen.
    to_audio: Mutex<Ring>,
    history: Mutex<History>,
    window: Arc<WindowState>,
}

impl Session {
    /// A session that plays the built-in model, and its end on the audio thread.
    pub fn new() -> (Arc<Self>, AudioEnd) {
        let waiting = Arc::default();
        let (to_audio, looking, audio_end) = crossing(Arc::clone(&waiting));
        let session = Self {
            stage: Arc::new(Stage::new(waiting)),
            learner: Learner::default(),
            looking,
            to_audio: Mutex::new(Ring(to_audio)),
            history: Mutex::default(),
            window: Arc::new(WindowState::new(WINDOW_POINTS.into())),
        };
        (Arc::new(session), audio_end)
    }

    /// What plays now.
    pub fn playing(&self) -> Playing {
        self.stage.playing()
    }

    /// Plays another model from the next block on, crossfaded; this can be undone.
    pub fn play(&self, playing: Playing) {
        let before = self.playing();
        self.history().record(Change::Model { before, after: playing.clone() });
        self.stage.play(playing);
    }

    /// Plays another model; nothing is recorded.
    pub(crate) fn play_unrecorded(&self, playing: Playing) {
        self.stage.play(playing);
    }

    /// Loads a model file and plays it. If it cannot be read, a notice says why and what played plays on.
    pub fn play_file(&self, path: &Path) {
        match Playing::from_file(path) {
            Ok(playing) => self.play(playing),
            Err(error) => self.tell(Notice::error(format!("cannot load {error}"))),
        }
    }

    /// Connects the engine that has just been made for [`playing`](Self::playing).
    pub fn attach(&self, handle: EngineHandle) {
        handle.meters().look(self.looking.is_open());
        self.stage.attach(handle);
    }

    /// Frees what came back from the audio thread and sends what waits. To be called now and then.
    pub fn tend(&self) {
        self.stage.tend();
    }

    /// The panel opens or closes: while it is closed nothing is computed for it.
    pub fn look(&self, open: bool) {
        self.looking.set(open);
        self.stage.look(open);
    }

    /// What the engine shows; `None` before there is one.
    pub fn meters(&self) -> Option<Arc<Meters>> {
        self.stage.meters()
    }

    /// Share of the time of a block that the engine used of late, 0 to 1 and beyond where it was late.
    pub fn load_share(&self) -> f32 {
        self.looking.load_share()
    }

    /// Appends the samples (mono) that were played since the last call, as far as there was room for them.
    pub fn drain_scope(&self, samples: &mut Vec<f32>) {
        self.looking.drain_scope(samples);
    }

    /// Sends an event of the panel to the engine, for its next block. Lost if the audio stands still.
    pub fn send(&self, event: EventKind) {
        let mut to_audio = lock(&self.to_audio);
        // A full ring means that nobody plays: a key that sounds a minute later would be worse than none.
        let _ = to_audio.0.try_push(event);
    }

    /// What there is to tell, if anything.
    pub fn notice(&self) -> Option<Notice> {
        self.stage.notice()
    }

    /// Tells the player something, in place of what was told before.
    pub fn tell(&self, notice: Notice) {
        self.stage.tell(notice);
    }

    /// The player has read it.
    pub fn dismiss_notice(&self) {
        self.stage.dismiss();
    }

    /// Begins to learn; a learning that goes on is ended first, and what it learned is given up.
    pub fn learn(&self, request: LearnRequest) {
        self.cancel_learning();
        self.learner.start(request, &self.stage);
    }

    /// How learning stands.
    pub fn learning(&self) -> Learning {
        self.learner.status()
    }

    /// Ends learning now and keeps the best so far. It ends in its own time: [`learning`](Self::learning) tells.
    pub fn stop_learning(&self) {
        self.learner.stop();
    }

    /// Gives up what is learned and plays again what played before.
    pub fn cancel_learning(&self) {
        self.learner.cancel();
        if let Some(before) = self.learner.take_before() {
            self.stage.play(before);
        }
    }

    /// Keeps what was learned: it can be undone, saved, learned over.
    pub fn keep_learned(&self) {
        if let Some(before) = self.learner.take_before() {
            let after = self.playing();
            self.history().record(Change::Model { before, after });
        }
        self.learner.forget();
    }

    /// What can be undone and redone.
    pub fn history(&self) -> MutexGuard<'_, History> {
        lock(&self.history)
    }

    /// The panel's window: its size is kept with the session.
    pub fn window(&self) -> &Arc<WindowState> {
        &self.window
    }

    /// Which pitch each key has.
    pub fn tuning(&self) -> Arc<Tuning> {
        self.stage.tuning()
    }

    /// Gives the keys other pitches; notes that sound follow. This can be undone.
    pub fn tune(&self, tuning: Tuning) {
        let (before, after) = (self.tuning(), Arc::new(tuning));
        self.history().record(Change::Tuning { before, after: Arc::clone(&after) });
        self.stage.tune(after);
    }

    /// Gives the keys other pitches; nothing is recorded.
    pub(crate) fn tune_unrecorded(&self, tuning: Arc<Tuning>) {
        self.stage.tune(tuning);
    }

    pub(crate) fn stage(&self) -> &Stage {
        &self.stage
    }
}

/// Locks, whether or not another thread panicked while it held the lock: everything behind our locks is whole between
/// any two statements.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The end of a ring, with a `Debug` that does not print what is in it.
struct Ring(HeapProd<EventKind>);

impl core::fmt::Debug for Ring {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Ring")
    }
}

#[cfg(test)]
mod tests;
