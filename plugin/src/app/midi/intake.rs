//! From the threads of MIDI to the audio thread, and to the sample at which an event is played.
//!
//! Latency or jitter: an event that were played at the start of the block after its arrival would wait between nothing
//! and a whole block, by chance, and a fast run would limp. So each waits the same: one block, measured from its
//! arrival, but never more than [`MAX_WAIT`], so that a device of long blocks is no slower than it must be. At
//! 48 kHz and 256 samples that is 5.3 ms for every event, in place of 0 to 5.3 ms.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use mynah::engine::{Event, EventKind};
use ringbuf::traits::{Consumer, Observer, Producer, Split};
use ringbuf::{HeapCons, HeapProd, HeapRb};

use super::message::event_from_message;

/// Events that may wait for the next block, by each door: a second of the densest stream that a MIDI cable carries.
const NUM_EVENTS: usize = 1_024;

/// Longest time that an event is held back to come at an even pace.
const MAX_WAIT: Duration = Duration::from_millis(10);

/// An event and when it came.
#[derive(Clone, Copy, Debug)]
struct Arrival {
    at: Instant,
    kind: EventKind,
}

/// Where events come in. One lock is between those who share a door; the audio thread never takes it.
#[derive(Clone)]
pub(in crate::app) struct Door(Arc<Mutex<HeapProd<Arrival>>>);

impl Door {
    /// An event came. Any thread that may wait a moment for others of its kind; not the audio thread.
    pub(in crate::app) fn push(&self, at: Instant, kind: EventKind) {
        // A full ring means that nobody plays: a key that sounds later would be worse than none.
        let _ = self.0.lock().unwrap_or_else(PoisonError::into_inner).try_push(Arrival { at, kind });
    }

    /// As [`push`](Self::push), for a thread that may not wait: the door must be its own.
    #[cfg(target_os = "linux")]
    pub(super) fn push_message_at_once(&self, at: Instant, bytes: &[u8]) {
        if let Some(kind) = event_from_message(bytes)
            && let Ok(mut ring) = self.0.try_lock()
        {
            let _ = ring.try_push(Arrival { at, kind });
        }
    }

    /// A message came now.
    pub(super) fn push_message(&self, bytes: &[u8]) {
        if let Some(kind) = event_from_message(bytes) {
            self.push(Instant::now(), kind);
        }
    }
}

/// The audio thread's side.
pub(in crate::app) struct Intake {
    rings: [HeapCons<Arrival>; 2],
}

/// Makes the doors (of MIDI threads and players of files; of JACK's real-time thread) and the side of the audio thread.
pub(in crate::app) fn intake() -> ([Door; 2], Intake) {
    let door = || {
        let (producer, consumer) = HeapRb::new(NUM_EVENTS).split();
        (Door(Arc::new(Mutex::new(producer))), consumer)
    };
    let ((shared, from_shared), (own, from_own)) = (door(), door());
    ([shared, own], Intake { rings: [from_shared, from_own] })
}

/// A block that begins.
#[derive(Clone, Copy, Debug)]
pub(in crate::app) struct BlockStart {
    /// Its callback began.
    pub(in crate::app) at: Instant,
    /// Its length.
    pub(in crate::app) num_samples: usize,
    /// Sample rate, Hz.
    pub(in crate::app) rate_hz: f32,
}

impl Intake {
    /// Appends what came, in order and at its sample, as far as there is room; the rest stays for the next block.
    /// Audio thread.
    pub(in crate::app) fn gather(&mut self, block: BlockStart, events: &mut Vec<Event>) {
        let first = events.len();
        for ring in &mut self.rings {
            while events.len() < events.capacity()
                && let Some(arrival) = ring.try_pop()
            {
                events.push(Event { offset_samples: offset(block, arrival.at), kind: arrival.kind });
                // Each ring is nearly in order: what is out of it has few steps to go.
                let mut at = events.len() - 1;
                while first < at && events[at].offset_samples < events[at - 1].offset_samples {
                    events.swap(at, at - 1);
                    at -= 1;
                }
            }
        }
    }

    /// Forgets what came while nobody played.
    pub(in crate::app) fn clear(&mut self) {
        for ring in &mut self.rings {
            ring.skip(ring.occupied_len());
        }
    }
}

/// The sample at which an event is played that came `at`.
fn offset(block: BlockStart, at: Instant) -> u32 {
    let age_samples = block.at.saturating_duration_since(at).as_secs_f32() * block.rate_hz;
    let wait_samples = (block.num_samples as f32).min(MAX_WAIT.as_secs_f32() * block.rate_hz);
    // The cast takes what is below 0 to 0.
    ((wait_samples - age_samples).round() as u32).min(block.num_samples.saturating_sub(1) as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bend(value: f32) -> EventKind {
        EventKind::Bend { channel: 0, value }
    }

    #[track_caller]
    fn check(num_samples: usize, age_samples: u64, expected: u32) {
        let at = Instant::now();
        let start = at + Duration::from_nanos(age_samples * 1_000_000_000 / 48_000);
        let block = BlockStart { at: start, num_samples, rate_hz: 48_000.0 };
        assert_eq!(offset(block, at), expected, "{age_samples} of {num_samples}");
    }

    #[test]
    fn every_event_waits_one_block_and_at_most_ten_milliseconds() {
        check(256, 0, 255);
        check(256, 56, 200);
        check(256, 256, 0);
        check(256, 10_000, 0);
        check(4_096, 0, 480);
        check(4_096, 100, 380);
        check(4_096, 3_000, 0);
        check(0, 5, 0);
    }

    #[test]
    fn events_of_both_doors_come_in_the_order_of_their_samples() {
        let ([shared, own], mut intake) = intake();
        let start = Instant::now();
        let after = |ms| start + Duration::from_millis(ms);
        shared.push(after(1), bend(1.0));
        shared.push(after(1), bend(1.5));
        shared.push(after(4), bend(4.0));
        own.push(after(2), bend(2.0));
        own.push(after(3), bend(3.0));
        let block = BlockStart { at: after(5), num_samples: 240, rate_hz: 48_000.0 };
        let mut events = Vec::with_capacity(16);
        intake.gather(block, &mut events);
        let offsets: Vec<u32> = events.iter().map(|event| event.offset_samples).collect();
        assert_eq!(offsets, [48, 48, 96, 144, 192]);
        let kinds: Vec<EventKind> = events.iter().map(|event| event.kind).collect();
        assert_eq!(kinds, [1.0, 1.5, 2.0, 3.0, 4.0].map(bend));
    }

    #[test]
    fn more_events_than_there_is_room_for_come_later() {
        let ([shared, _], mut intake) = intake();
        let now = Instant::now();
        (0..2_000).for_each(|idx| shared.push(now, bend(idx as f32)));
        let block = BlockStart { at: now, num_samples: 64, rate_hz: 48_000.0 };
        let mut events = Vec::with_capacity(600);
        let room = events.capacity();
        intake.gather(block, &mut events);
        assert_eq!((events.len(), events.capacity()), (room, room));
        events.clear();
        intake.gather(block, &mut events);
        assert_eq!(events.len(), NUM_EVENTS - room);
        shared.push(now, bend(0.0));
        intake.clear();
        events.clear();
        intake.gather(block, &mut events);
        assert!(events.is_empty());
    }
}
