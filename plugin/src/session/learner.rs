//! Learning inside the instrument: a thread of low priority that plays what it has learned so far.

use std::borrow::Cow;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use mynah::learn::{LearnConfig, LearnControl, Learned, Progress, Request, learn};

use super::lock;
use super::stage::{Notice, Playing, Source, Stage};

/// Longest time that learning may take, minutes.
const MAX_MINUTES: f32 = 10.0;

/// Threads that learning uses at most: beyond, they win little and a session has other work.
const MAX_THREADS: usize = 8;

/// What a player wants learned.
#[derive(Clone, Debug, PartialEq)]
pub struct LearnRequest {
    /// Files and folders.
    pub paths: Vec<PathBuf>,
    /// Name of the model.
    pub name: String,
}

/// How learning stands, for the panel.
#[derive(Clone, Debug, Default)]
pub struct Learning {
    /// Name of what is learned.
    pub name: String,
    /// What it is doing.
    pub phase: LearningPhase,
    /// Negative log likelihood so far, nats a frame: learned, held out.
    pub curve: Vec<[f32; 2]>,
    /// How many versions could be heard so far.
    pub num_snapshots: usize,
    /// Files that could not be used, each with its reason.
    pub refused: Vec<String>,
}

/// What learning is doing.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum LearningPhase {
    /// Nothing.
    #[default]
    Idle,
    /// Reading recordings.
    Analysing {
        /// Files done.
        done: usize,
        /// Files in all; 0 before they are counted.
        total: usize,
    },
    /// Making what the model is fitted with, of all that was read.
    Preparing,
    /// Fitting the model.
    Fitting {
        /// Share done, 0 to 1.
        share: f32,
        /// Time left, an estimate, seconds.
        seconds_left: f32,
    },
    /// Laying out what was fitted.
    Finishing,
    /// It was asked to end and has not yet.
    Stopping,
    /// Done: what it learned plays, and waits to be kept or given up.
    Finished {
        /// Held-out negative log likelihood, nats a frame.
        held_out: f32,
        /// Wall time it took, seconds.
        seconds: f32,
    },
    /// It could not learn; why.
    Failed(String),
}

impl LearningPhase {
    /// Is the learner at work?
    pub fn is_busy(&self) -> bool {
        match self {
            Self::Analysing { .. }
            | Self::Preparing
            | Self::Fitting { .. }
            | Self::Finishing
            | Self::Stopping => true,
            Self::Idle | Self::Finished { .. } | Self::Failed(_) => false,
        }
    }
}

/// The thread that learns, if there is one.
#[derive(Debug, Default)]
pub(super) struct Learner {
    status: Arc<Mutex<Learning>>,
    /// What played before learning began.
    before: Mutex<Option<Playing>>,
    work: Mutex<Option<Work>>,
}

#[derive(Debug)]
struct Work {
    thread: JoinHandle<()>,
    control: Arc<LearnControl>,
}

impl Learner {
    pub(super) fn status(&self) -> Learning {
        lock(&self.status).clone()
    }

    /// Begins; nothing else is being learned.
    pub(super) fn start(&self, request: LearnRequest, stage: &Arc<Stage>) {
        *lock(&self.before) = Some(stage.playing());
        *lock(&self.status) = Learning {
            name: request.name.clone(),
            phase: LearningPhase::Analysing { done: 0, total: 0 },
            ..Learning::default()
        };
        let control = Arc::new(LearnControl::new());
        let task = Task {
            stage: Arc::clone(stage),
            status: Arc::clone(&self.status),
            control: Arc::clone(&control),
        };
        let spawned = std::thread::Builder::new().name("mynah-learn".into()).spawn(move || task.run(request));
        match spawned {
            Ok(thread) => *lock(&self.work) = Some(Work { thread, control }),
            Err(error) => {
                lock(&self.status).phase =
                    LearningPhase::Failed(format!("the system started no thread to learn on: {error}"));
            }
        }
    }

    /// Ends in its own time, with the best so far.
    pub(super) fn stop(&self) {
        if let Some(work) = lock(&self.work).as_ref() {
            work.control.ask(Request::Finish);
            let mut status = lock(&self.status);
            if status.phase.is_busy() {
                status.phase = LearningPhase::Stopping;
            }
        }
    }

    /// Gives up and waits until it has ended, which it does within half a second: nothing is played or told by it
    /// afterwards.
    pub(super) fn cancel(&self) {
        let work = lock(&self.work).take();
        if let Some(work) = work {
            work.control.ask(Request::GiveUp);
            // A learner that panicked has told so, and has nothing left to give.
            let _ = work.thread.join();
        }
        self.forget();
    }

    pub(super) fn take_before(&self) -> Option<Playing> {
        lock(&self.before).take()
    }

    /// Nothing is shown of it any more.
    pub(super) fn forget(&self) {
        *lock(&self.status) = Learning::default();
    }
}

impl Drop for Learner {
    fn drop(&mut self) {
        // The host may unload this library next: no thread may be left in it.
        self.cancel();
    }
}

/// What the thread works with.
struct Task {
    stage: Arc<Stage>,
    status: Arc<Mutex<Learning>>,
    control: Arc<LearnControl>,
}

impl Task {
    fn run(self, request: LearnRequest) {
        let learning = std::panic::AssertUnwindSafe(|| self.learn(request));
        if std::panic::catch_unwind(learning).is_err() {
            self.set(LearningPhase::Failed("the learner met a fault of its own; please report it".into()));
        }
    }

    fn learn(&self, request: LearnRequest) {
        // Where the system refuses, learning is only less polite.
        let _ = thread_priority::set_current_thread_priority(thread_priority::ThreadPriority::Min);
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let config = LearnConfig {
            paths: request.paths,
            name: request.name,
            author: String::new(),
            licence: String::new(),
            seed: 0,
            threads: cores.min(MAX_THREADS),
            max_minutes: MAX_MINUTES,
        };
        let outcome = learn(&config, &mut |progress| self.show(progress), &self.control);
        if self.is_unwanted() {
            return;
        }
        match outcome {
            Ok(learned) => self.finish(learned),
            Err(error) => self.set(LearningPhase::Failed(error.to_string())),
        }
    }

    fn is_unwanted(&self) -> bool {
        self.control.request() == Request::GiveUp
    }

    fn set(&self, phase: LearningPhase) {
        lock(&self.status).phase = phase;
    }

    fn show(&self, progress: Progress) {
        let is_ending = Request::GoOn < self.control.request();
        match progress {
            Progress::Analysing { done, total } if !is_ending => {
                self.set(LearningPhase::Analysing { done, total });
            }
            Progress::Preparing if !is_ending => self.set(LearningPhase::Preparing),
            Progress::Finishing if !is_ending => self.set(LearningPhase::Finishing),
            Progress::Fitting { learning, held_out, share, seconds_left, .. } => {
                let mut status = lock(&self.status);
                status.curve.push([learning, held_out]);
                if !is_ending {
                    status.phase = LearningPhase::Fitting { share, seconds_left };
                }
            }
            Progress::Snapshot(model) if !self.is_unwanted() => {
                let bytes = Arc::new(Cow::Borrowed(&[] as &'static [u8]));
                self.stage.play(Playing { model, bytes, source: Source::Learning });
                lock(&self.status).num_snapshots += 1;
            }
            Progress::Analysing { .. }
            | Progress::Preparing
            | Progress::Snapshot(_)
            | Progress::Finishing => {}
        }
        self.stage.tend();
    }

    fn finish(&self, learned: Learned) {
        let Learned { model, refused, seconds, .. } = learned;
        let held_out = model.card.learning.held_out;
        match model.to_bytes() {
            Ok(bytes) => {
                let bytes = Arc::new(Cow::Owned(bytes));
                self.stage.play(Playing { model: Arc::new(model), bytes, source: Source::Learned });
                let mut status = lock(&self.status);
                status.refused = refused.iter().map(ToString::to_string).collect();
                status.phase = LearningPhase::Finished { held_out, seconds };
            }
            Err(error) => {
                self.stage.tell(Notice::error(format!("what was learned cannot be kept: {error}")));
                self.set(LearningPhase::Failed(error.to_string()));
            }
        }
    }
}
