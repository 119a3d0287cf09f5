//! A free run: events and pauses as the recordings had them, when no key says when to begin and to stop.

use super::memory::{FLAG_END, FLAG_GATE};
use super::recall::Recall;
use super::{Model, random};
use crate::vocoder::frame::HOP_SECONDS;
use rand_core::Rng;

/// Level, relative to the mean, below which a released event is over, standard deviations.
const OVER_DEVIATIONS: f32 = -2.2;
/// Longest release of an imagined event, frames: longer than the longest that is learned, which rings on for a second.
const LONGEST_RELEASE: u32 = 150;
/// Pause where the recordings had none, seconds.
const DEFAULT_PAUSE: f32 = 0.4;
/// Longest pause that is played, seconds.
const LONGEST_PAUSE: f32 = 1.0;
/// Length of an event where the model knows none, seconds.
const DEFAULT_EVENT: f32 = 2.0;

/// What the take does in this frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Sounds, with the gate on or off.
    Gate(bool),
    /// Is silent.
    Silent,
    /// Begins a new event.
    Onset,
}

/// Where a free run is between onset and pause.
#[derive(Clone, Copy, Debug)]
pub struct FreeRun {
    /// Frames until the gate closes (imagined events) or the pause ends.
    left: u32,
    released: u32,
    phase: Phase,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Pause,
    Sound,
    Release,
}

impl FreeRun {
    /// Begins with an onset at once.
    pub fn new() -> Self {
        Self { left: 0, released: 0, phase: Phase::Pause }
    }

    /// What this frame is, given what was recalled and the whitened level before it.
    pub fn step(
        &mut self,
        model: &Model,
        recall: &Recall,
        level: f32,
        chance: f32,
        rng: &mut impl Rng,
    ) -> Stage {
        let flags = recall.at.and_then(|at| model.memory.flags.get(usize::from(at))).copied();
        match self.phase {
            Phase::Pause => {
                self.left = self.left.saturating_sub(1);
                if 0 < self.left {
                    return Stage::Silent;
                }
                self.phase = Phase::Sound;
                self.left = draw(&model.card.corpus.event_seconds, DEFAULT_EVENT, f32::MAX, chance, rng);
                self.released = 0;
                Stage::Onset
            }
            Phase::Sound | Phase::Release => {
                let over = match flags {
                    // And when it ends.
                    Some(flags) => flags & FLAG_END != 0,
                    None => self.phase == Phase::Release && level < OVER_DEVIATIONS,
                };
                if over || LONGEST_RELEASE <= self.released {
                    self.phase = Phase::Pause;
                    self.left =
                        draw(&model.card.corpus.pause_seconds, DEFAULT_PAUSE, LONGEST_PAUSE, chance, rng);
                    return Stage::Silent;
                }
                self.left = self.left.saturating_sub(1);
                // A recording that is followed says itself when it is released.
                let following = recall.at.and_then(|at| model.memory.flags.get(usize::from(at) + 1));
                let gate = match following {
                    Some(flags) => flags & FLAG_GATE != 0,
                    None => 0 < self.left,
                };
                if gate {
                    self.released = 0;
                    self.phase = Phase::Sound;
                } else {
                    self.released += 1;
                    self.phase = Phase::Release;
                }
                Stage::Gate(gate)
            }
        }
    }
}

impl Default for FreeRun {
    fn default() -> Self {
        Self::new()
    }
}

/// A length in frames drawn from real ones, the median at chance 0.
fn draw(seconds: &[f32], default: f32, most: f32, chance: f32, rng: &mut impl Rng) -> u32 {
    let idx =
        if chance > 0.0 { (random::uniform(rng) * seconds.len() as f32) as usize } else { seconds.len() / 2 };
    let length = seconds.get(idx.min(seconds.len().saturating_sub(1))).copied().unwrap_or(default).min(most);
    (length / HOP_SECONDS as f32).clamp(1.0, 100_000.0) as u32
}
