//! What crosses between the audio thread and the panel: keys pressed on the screen one way, what to draw the other.

use core::sync::atomic::{AtomicBool, AtomicU32, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use mynah::engine::{Event, EventKind};
use ringbuf::traits::{Consumer, Producer, Split};
use ringbuf::{HeapCons, HeapProd, HeapRb};

use super::lock;

/// Events from the screen that may wait for the next block.
const NUM_EVENTS: usize = 256;

/// Samples that wait to be drawn: a third of a second at 48 kHz, many times what a screen draws at once.
const SCOPE_SAMPLES: usize = 16_384;

/// Share of the newest block in the load that is shown: it settles within some ten blocks.
const LOAD_SHARE_OF_NEWEST: f32 = 0.1;

/// What the panel and the audio thread both see.
#[derive(Debug, Default)]
struct Shown {
    open: AtomicBool,
    /// Bits of the share of a block's time that was used.
    load: AtomicU32,
}

/// The panel's side.
pub(super) struct Looking {
    shown: Arc<Shown>,
    scope: Mutex<HeapCons<f32>>,
}

impl core::fmt::Debug for Looking {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Looking").field("shown", &self.shown).finish_non_exhaustive()
    }
}

impl Looking {
    pub(super) fn set(&self, open: bool) {
        self.shown.open.store(open, Relaxed);
    }

    pub(super) fn is_open(&self) -> bool {
        self.shown.open.load(Relaxed)
    }

    pub(super) fn load_share(&self) -> f32 {
        f32::from_bits(self.shown.load.load(Relaxed))
    }

    pub(super) fn drain_scope(&self, samples: &mut Vec<f32>) {
        samples.extend(lock(&self.scope).pop_iter());
    }
}

/// The audio thread's side. Its methods neither allocate, lock nor wait.
pub struct AudioEnd {
    events: HeapCons<EventKind>,
    shown: Arc<Shown>,
    scope: HeapProd<f32>,
    /// Does a model wait for the engine to take those before?
    waiting: Arc<AtomicBool>,
}

impl core::fmt::Debug for AudioEnd {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("AudioEnd").field("shown", &self.shown).finish_non_exhaustive()
    }
}

/// A block that is being played, timed if someone looks.
#[derive(Clone, Copy, Debug)]
pub struct BlockTimer(Option<Instant>);

impl AudioEnd {
    /// Appends what was pressed on the screen, at the start of the block, as far as there is room. Audio thread.
    pub fn gather(&mut self, events: &mut Vec<Event>) {
        while events.len() < events.capacity()
            && let Some(kind) = self.events.try_pop()
        {
            events.push(Event { offset_samples: 0, kind });
        }
    }

    /// Does a model wait to be sent? True once, until [`Session::tend`](super::Session::tend) finds it still waiting.
    /// Audio thread.
    pub fn wants_tending(&self) -> bool {
        self.waiting.load(Relaxed) && self.waiting.swap(false, Relaxed)
    }

    /// A block begins. The clock is read only while someone looks. Audio thread.
    pub fn begin_block(&self) -> BlockTimer {
        BlockTimer(self.shown.open.load(Relaxed).then(Instant::now))
    }

    /// A block was played: shows it, if someone looks. Audio thread.
    pub fn end_block(&mut self, timer: BlockTimer, left: &[f32], right: &[f32], sample_rate_hz: f32) {
        let Some(started) = timer.0 else { return };
        let seconds = left.len().max(1) as f32 / sample_rate_hz;
        let share = started.elapsed().as_secs_f32() / seconds;
        let before = f32::from_bits(self.shown.load.load(Relaxed));
        let load = before + LOAD_SHARE_OF_NEWEST * (share - before);
        self.shown.load.store(load.to_bits(), Relaxed);
        self.scope.push_iter(left.iter().zip(right).map(|(left, right)| 0.5 * (left + right)));
    }
}

/// Makes the two sides: where keys go in, what the panel sees, what the audio thread has.
pub(super) fn crossing(waiting: Arc<AtomicBool>) -> (HeapProd<EventKind>, Looking, AudioEnd) {
    let (to_audio, events) = HeapRb::new(NUM_EVENTS).split();
    let (scope_in, scope_out) = HeapRb::new(SCOPE_SAMPLES).split();
    let shown = Arc::new(Shown::default());
    let looking = Looking { shown: Arc::clone(&shown), scope: Mutex::new(scope_out) };
    (to_audio, looking, AudioEnd { events, shown, scope: scope_in, waiting })
}
