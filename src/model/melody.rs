//! Pitch and level between the model's own and the player's.

use super::generator::Controls;

/// Corner of the slow mean that movement is measured against, as a share of the way a frame (2.5 Hz at 10 ms).
const SLOW: f32 = 0.15;
/// Share of the learned movement that strict tuning lets through, and its limit in octaves (10 cents).
const STRICT_SHARE: f32 = 0.25;
const STRICT_LIMIT: f32 = 10.0 / 1_200.0;
/// Fall of the level that a steady voice holds, dB a frame.
const HELD_FALL_DB: f32 = 0.02;

/// What pitch and level did so far in a note.
#[derive(Clone, Copy, Debug, Default)]
pub struct Melody {
    /// Whitened pitch of the take that the key stands for.
    anchor: Option<f32>,
    /// Two slow means, one of the other's rest: what is left moves faster than 2.5 Hz.
    slow: Option<[f32; 2]>,
    /// Highest level, falling slowly, dB.
    held_db: f32,
    /// Level before, dB.
    last_db: f32,
    started: bool,
}

impl Melody {
    /// A new note at a whitened pitch.
    pub fn new(key: Option<f32>) -> Self {
        Self { anchor: key, ..Self::default() }
    }

    /// Sets the whitened pitch of the take that the key stands for.
    pub fn anchor(&mut self, pitch: f32) {
        self.anchor = Some(pitch);
    }

    /// Movement of the pitch around the key, octaves, and the level, dB. `octave` is one in whitened units.
    pub fn step(
        &mut self,
        pitch: f32,
        octave: f32,
        level_db: f32,
        controls: &Controls,
        gate: bool,
    ) -> (f32, f32) {
        let learned = (pitch - self.anchor.unwrap_or(pitch)) / octave;
        let mut slow = self.slow.unwrap_or([pitch, 0.0]);
        slow[0] += SLOW * (pitch - slow[0]);
        slow[1] += SLOW * (pitch - slow[0] - slow[1]);
        self.slow = Some(slow);
        let movement = movement(learned, (pitch - slow[0] - slow[1]) / octave, controls);

        if !self.started {
            self.held_db = level_db;
            self.last_db = level_db;
            self.started = true;
        }
        if gate {
            self.held_db = (self.held_db - HELD_FALL_DB).max(level_db);
        } else {
            // A released voice falls as the model does.
            self.held_db += (level_db - self.last_db).min(0.0);
        }
        self.last_db = level_db;
        let own_loudness = controls.own_loudness.clamp(0.0, 1.0);
        (movement.clamp(-3.0, 3.0), self.held_db + own_loudness * (level_db - self.held_db))
    }
}

/// What is played of the learned movement around the key, octaves, of which `fast` is too fast to be heard as melody.
pub(super) fn movement(learned: f32, fast: f32, controls: &Controls) -> f32 {
    let own_pitch = controls.own_pitch.clamp(0.0, 1.0);
    let fast = STRICT_SHARE * fast;
    // x / (1 + |x|): a limit that bends, from arithmetic alone.
    let strict = fast / (1.0 + fast.abs() / STRICT_LIMIT);
    own_pitch * learned + (1.0 - own_pitch) * strict
}
