//! What is heard, to a file: a tap on the audio thread, a ring, and a thread that writes.

use core::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use mynah::audio_file::GrowingWav;
use ringbuf::traits::{Consumer, Observer, Producer, Split};
use ringbuf::{HeapCons, HeapProd, HeapRb};

use crate::session::{Notice, Session};

/// Samples of both channels that may wait for the disk: 11 s at 48 kHz, in 4 MiB.
const RING_SAMPLES: usize = 1 << 20;

/// Samples of both channels that are written at a time.
const PIECE_SAMPLES: usize = 1 << 14;

/// Time between looks into the ring.
const PAUSE: Duration = Duration::from_millis(20);

/// Time between checkpoints: what a power cut can take.
const CHECKPOINT: Duration = Duration::from_secs(2);

/// Longest wait for a block that is being played when recording ends.
const LAST_BLOCK: Duration = Duration::from_secs(1);

/// Channels that are recorded.
const NUM_CHANNELS: usize = 2;

/// What both sides see. Nothing is ordered but `is_on` and `is_pushing`, which are each other's fence.
#[derive(Debug, Default)]
struct Shared {
    /// Is anything to be recorded?
    is_on: AtomicBool,
    /// Is a block being put into the ring?
    is_pushing: AtomicBool,
    /// Samples of each channel that found no room.
    num_lost: AtomicU64,
    /// Samples of each channel that were written.
    num_written: AtomicU64,
}

/// The audio thread's side.
pub(super) struct Tap {
    ring: HeapProd<f32>,
    shared: Arc<Shared>,
}

impl Tap {
    /// Records a piece, whole or not at all, if anything is to be recorded. Audio thread: no allocation, no lock.
    pub(super) fn push(&mut self, left: &[f32], right: &[f32]) {
        self.shared.is_pushing.store(true, SeqCst);
        if self.shared.is_on.load(SeqCst) {
            if self.ring.vacant_len() < NUM_CHANNELS * left.len() {
                self.shared.num_lost.fetch_add(left.len() as u64, SeqCst);
            } else {
                self.ring.push_iter(left.iter().zip(right).flat_map(|(left, right)| [*left, *right]));
            }
        }
        self.shared.is_pushing.store(false, SeqCst);
    }
}

/// The other side. Its methods may wait for the disk.
pub(super) struct Recorder {
    shared: Arc<Shared>,
    session: Arc<Session>,
    state: Mutex<State>,
}

enum State {
    Idle(HeapCons<f32>),
    Recording(Work),
    /// The thread met a fault and took the ring with it.
    Broken,
}

struct Work {
    thread: JoinHandle<Written>,
    rate_hz: u32,
}

/// What the thread gives back: the ring, and the file or why it is not whole.
struct Written {
    ring: HeapCons<f32>,
    outcome: Result<PathBuf, String>,
}

/// Makes both sides.
pub(super) fn recorder(session: Arc<Session>) -> (Recorder, Tap) {
    let (producer, consumer) = HeapRb::new(RING_SAMPLES).split();
    let shared = Arc::new(Shared::default());
    let tap = Tap { ring: producer, shared: Arc::clone(&shared) };
    (Recorder { shared, session, state: Mutex::new(State::Idle(consumer)) }, tap)
}

impl Recorder {
    /// Begins a file; why not, if not.
    pub(super) fn start(&self, path: &Path, rate_hz: u32) -> Result<(), String> {
        let mut state = self.lock();
        if let State::Recording(work) = &*state
            && !work.thread.is_finished()
        {
            return Err("already recording; stop first".into());
        }
        if let State::Recording(_) = &*state {
            // It had to end by itself, and told so.
            self.end(&mut state);
        }
        let wav = GrowingWav::create(path, NUM_CHANNELS, rate_hz).map_err(|error| error.to_string())?;
        let State::Idle(ring) = std::mem::replace(&mut *state, State::Broken) else {
            return Err("the recorder met a fault of its own; start Mynah again".into());
        };
        let writer =
            Writer { shared: Arc::clone(&self.shared), session: Arc::clone(&self.session), ring, wav };
        self.shared.num_lost.store(0, SeqCst);
        self.shared.num_written.store(0, SeqCst);
        // Before the thread begins, for it ends when this is off.
        self.shared.is_on.store(true, SeqCst);
        match std::thread::Builder::new().name("mynah-record".into()).spawn(move || writer.run()) {
            Ok(thread) => {
                *state = State::Recording(Work { thread, rate_hz });
                Ok(())
            }
            Err(error) => {
                self.shared.is_on.store(false, SeqCst);
                Err(format!("the system started no thread to record on: {error}"))
            }
        }
    }

    /// Ends the file. `None` if nothing was recorded.
    pub(super) fn stop(&self) -> Option<Result<PathBuf, String>> {
        self.end(&mut self.lock())
    }

    /// Seconds written so far; `None` while nothing is recorded.
    pub(super) fn seconds(&self) -> Option<f32> {
        match &*self.lock() {
            State::Recording(work) if !work.thread.is_finished() => {
                Some(self.shared.num_written.load(SeqCst) as f32 / work.rate_hz as f32)
            }
            _ => None,
        }
    }

    /// The device plays at another rate from now on: a file has one, so it ends.
    pub(super) fn change_rate(&self, rate_hz: u32) {
        let mut state = self.lock();
        let differs = matches!(&*state, State::Recording(work) if work.rate_hz != rate_hz);
        if differs && let Some(outcome) = self.end(&mut state) {
            self.session.tell(match outcome {
                Ok(path) => Notice::done(format!(
                    "recording ended, because the sample rate has changed; it is in {}",
                    path.display()
                )),
                Err(reason) => Notice::error(reason),
            });
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn end(&self, state: &mut State) -> Option<Result<PathBuf, String>> {
        self.shared.is_on.store(false, SeqCst);
        match std::mem::replace(state, State::Broken) {
            State::Recording(work) => match work.thread.join() {
                Ok(written) => {
                    *state = State::Idle(written.ring);
                    Some(written.outcome)
                }
                Err(_) => Some(Err("the recorder met a fault of its own; please report it".into())),
            },
            other => {
                *state = other;
                None
            }
        }
    }
}

/// The thread that writes.
struct Writer {
    shared: Arc<Shared>,
    session: Arc<Session>,
    ring: HeapCons<f32>,
    wav: GrowingWav,
}

impl Writer {
    fn run(mut self) -> Written {
        let failure = self.write();
        self.shared.is_on.store(false, SeqCst);
        // Nothing of this recording may be in the next.
        self.wait_for_block();
        self.ring.skip(self.ring.occupied_len());
        let is_late = failure.is_some();
        let kept = self.wav.finish();
        let num_lost = self.shared.num_lost.load(SeqCst);
        let outcome = match (kept, failure) {
            (Err(error), _) => Err(format!("the recording cannot be finished: {error}")),
            (Ok(path), Some(reason)) => {
                Err(format!("recording ended: {reason}; what was written is in {}", path.display()))
            }
            (Ok(path), None) if 0 < num_lost => Err(format!(
                "{} lacks {num_lost} samples: the disk did not keep up; record to a faster one",
                path.display()
            )),
            (Ok(path), None) => Ok(path),
        };
        if let (true, Err(reason)) = (is_late, &outcome) {
            // Nobody asked it to end, so nobody waits to hear why.
            self.session.tell(Notice::error(reason.clone()));
        }
        Written { ring: self.ring, outcome }
    }

    /// Writes until recording ends; why it must, if it must.
    fn write(&mut self) -> Option<String> {
        let mut piece = vec![0.0; PIECE_SAMPLES];
        let mut last_checkpoint = Instant::now();
        loop {
            let is_last = !self.shared.is_on.load(SeqCst);
            if is_last {
                self.wait_for_block();
            }
            loop {
                let num_samples = self.ring.pop_slice(&mut piece);
                if num_samples == 0 {
                    break;
                }
                if let Err(error) = self.wav.write(&piece[..num_samples]) {
                    return Some(error.to_string());
                }
                self.shared.num_written.fetch_add((num_samples / NUM_CHANNELS) as u64, SeqCst);
            }
            if is_last {
                return None;
            }
            if CHECKPOINT < last_checkpoint.elapsed() {
                last_checkpoint = Instant::now();
                if let Err(error) = self.wav.checkpoint() {
                    return Some(error.to_string());
                }
            }
            std::thread::sleep(PAUSE);
        }
    }

    /// Waits until the block that may be on its way is in the ring: then none comes after it.
    fn wait_for_block(&self) {
        let begun = Instant::now();
        while self.shared.is_pushing.load(SeqCst) && begun.elapsed() < LAST_BLOCK {
            std::thread::yield_now();
        }
    }
}

/// A new name for a recording in the player's folder for music, which is made if need be.
pub(super) fn new_recording() -> Result<PathBuf, String> {
    let music = directories::UserDirs::new().and_then(|dirs| Some(dirs.audio_dir()?.to_owned()));
    let data = || Some(directories::BaseDirs::new()?.data_dir().to_owned());
    let Some(folder) = music.or_else(data) else {
        return Err("the system names no folder for recordings; start with --record FILE".into());
    };
    new_recording_in(&folder.join("Mynah"))
}

fn new_recording_in(folder: &Path) -> Result<PathBuf, String> {
    std::fs::create_dir_all(folder)
        .map_err(|error| format!("cannot make the folder {}: {error}", folder.display()))?;
    let names = (1_u32..).map(|number| folder.join(format!("Mynah {number}.wav")));
    names.into_iter().find(|path| !path.exists()).ok_or_else(|| "every name is taken".into())
}

#[cfg(test)]
mod tests;
