//! Which event answers a key, and from which frame on.

use super::memory::{FLAG_END, Memory};
use super::network::VECTOR_DIM;
use crate::dsp::maths;

/// Interval between an event and the key, and difference of level, either of which leaves it a quarter of its weight.
/// The weights have the long tails of Student's distribution: far from every recording all are about equally far, and
/// the nearest alone would sound the same for every note.
const ONSET_SEMITONES: f32 = 1.5;
const ONSET_DB: f32 = 8.0;
/// Level below the loudest of an event's beginning at which it only leads in, dB, and most frames that it does: a key is
/// answered by what comes after them.
const LEAD_DB: f32 = 40.0;
const MOST_LEAD: usize = 8;
/// Frames of an event from which its pitch is taken.
const PITCH_FRAMES: core::ops::Range<usize> = 4..24;

/// What a key asks for, whitened.
#[derive(Clone, Copy, Debug)]
pub struct Wanted {
    /// Its pitch.
    pub pitch: f32,
    /// Its level.
    pub level: f32,
    /// Length of a semitone.
    pub semitone: f32,
    /// Length of a decibel.
    pub db: f32,
}

/// Logarithm of the weight, at most 0, of the event that begins at `start`.
pub(super) fn nearness(memory: &Memory, start: usize, wanted: &Wanted) -> f32 {
    let [pitch, level] = event_gesture(memory, start);
    let off_pitch = (pitch - wanted.pitch) / (wanted.semitone * ONSET_SEMITONES);
    let off_level = (level - wanted.level) / (wanted.db * ONSET_DB);
    -2.0 * maths::ln((1.0 + off_pitch * off_pitch) * (1.0 + off_level * off_level))
}

/// Mean pitch and highest level of the beginning of an event.
pub fn event_gesture(memory: &Memory, start: usize) -> [f32; 2] {
    let (mut sum, mut count, mut level) = (0.0_f32, 0.0_f32, f32::MIN);
    for offset in 0..PITCH_FRAMES.end {
        let Some(vector) =
            memory.frames.get((start + offset) * VECTOR_DIM..(start + offset + 1) * VECTOR_DIM)
        else {
            break;
        };
        level = level.max(vector[1]);
        if PITCH_FRAMES.start <= offset {
            sum += vector[0];
            count += 1.0;
        }
        if memory.flags[start + offset] & FLAG_END != 0 {
            break;
        }
    }
    let first = memory.frames.get(start * VECTOR_DIM).copied().unwrap_or(0.0);
    [if count > 0.0 { sum / count } else { first }, level]
}

/// The frame that answers a key by the event that begins at `start`, past what leads in. `db` is the length of one in
/// whitened units.
pub fn answering_frame(memory: &Memory, start: u16, db: f32) -> u16 {
    let [_, loudest] = event_gesture(memory, usize::from(start));
    let mut frame = start;
    for _ in 0..MOST_LEAD {
        match memory.following(frame) {
            Some(next) if memory.vector(frame)[1] < loudest - LEAD_DB * db => frame = next,
            _ => break,
        }
    }
    frame
}

#[cfg(test)]
mod tests {
    use super::super::memory::{FLAG_GATE, FLAG_START, Onsets};
    use super::super::recall::Recall;
    use super::*;

    /// Memory of one event with these levels, dB.
    fn memory(levels: &[f32]) -> Memory {
        let mut memory = Memory::clone(&crate::fixture::model(1).memory);
        memory.frames = levels
            .iter()
            .flat_map(|level| {
                let mut vector = [0.0; VECTOR_DIM];
                vector[1] = *level;
                vector
            })
            .collect();
        memory.flags = vec![FLAG_GATE; levels.len()];
        memory.flags[levels.len() - 1] |= FLAG_END;
        memory
    }

    #[test]
    fn a_loud_event_some_semitones_off_is_likelier_than_one_that_is_hardly_heard() {
        // Two events of 30 frames: a loud one at pitch 4, a soft one at pitch 0.
        let mut memory = memory(&[[-10.0; 30], [-50.0; 30]].concat());
        for frame in 0..30 {
            memory.frames[frame * VECTOR_DIM] = 4.0;
        }
        memory.flags[0] |= FLAG_START;
        memory.flags[29] |= FLAG_END;
        memory.flags[30] |= FLAG_START;
        memory.onsets = Onsets::of(&memory.flags);
        let wanted = Wanted { pitch: 0.0, level: -15.0, semitone: 1.0, db: 1.0 };
        let mut recall = Recall::default();
        assert!(recall.onsets(&memory, Some(wanted), &mut || 0.0));
        assert_eq!(recall.frames[..2], [0, 30], "in semitones and dB");
    }

    #[test]
    fn a_key_is_answered_by_what_is_heard() {
        let answer = |levels: &[f32]| answering_frame(&memory(levels), 0, 1.0);
        assert_eq!(answer(&[-70.0, -65.0, -61.0, -50.0, -20.0, -20.0]), 3, "past three frames that lead in");
        assert_eq!(answer(&[-59.0, -20.0, -20.0]), 0, "a soft beginning is one");
        assert_eq!(answer(&[-90.0]), 0, "no further than the event");
        let mut slow = vec![-90.0; 20];
        slow.push(-20.0);
        assert_eq!(usize::from(answer(&slow)), MOST_LEAD, "no further than a lead goes");
    }
}
