//! The amplitude envelope of a voice: attack, full level, release, and the short fade of a voice that must go.

/// Where an envelope is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Rising in a straight line.
    Attack,
    /// At 1.
    Full,
    /// Falling as the cube of the time left: near an exponential decay, but it ends.
    Release,
    /// Falling in a straight line, soon over.
    Fade,
    /// At 0 for ever.
    Done,
}

/// An envelope from 0 through 1 to 0. Its times are in samples, its levels linear.
///
/// Each level is worked out from the number of samples left, so that no rounding adds up and no cut of a block shows.
#[derive(Clone, Copy, Debug)]
pub struct Envelope {
    stage: Stage,
    /// Level where the falling stage began.
    from: f32,
    level: f32,
    left_samples: u32,
    /// `1 / length` of the stage, per sample.
    step: f32,
}

impl Envelope {
    /// An envelope that is over.
    pub fn new() -> Self {
        Self { stage: Stage::Done, from: 0.0, level: 0.0, left_samples: 0, step: 0.0 }
    }

    /// Begins; the first sample already sounds in full if `attack_samples` is 0.
    pub fn start(&mut self, attack_samples: u32) {
        *self = Self::new();
        self.enter(Stage::Attack, attack_samples, Stage::Full);
    }

    /// Falls to silence within `release_samples`; a fade in progress goes on instead.
    pub fn release(&mut self, release_samples: u32) {
        if matches!(self.stage, Stage::Attack | Stage::Full) {
            self.enter(Stage::Release, release_samples, Stage::Done);
        }
    }

    /// Falls to silence in a straight line within `fade_samples`, or sooner if a fade is in progress.
    pub fn fade(&mut self, fade_samples: u32) {
        let sooner = self.stage == Stage::Fade && self.left_samples <= fade_samples;
        if self.stage != Stage::Done && !sooner {
            self.enter(Stage::Fade, fade_samples, Stage::Done);
        }
    }

    /// Level of the next sample.
    #[inline]
    pub fn advance(&mut self) -> f32 {
        if self.left_samples > 0 {
            self.left_samples -= 1;
            let left = self.left_samples as f32 * self.step;
            self.level = match self.stage {
                Stage::Attack => 1.0 - left,
                Stage::Release => self.from * left * left * left,
                Stage::Fade => self.from * left,
                Stage::Full => 1.0,
                Stage::Done => 0.0,
            };
            if self.left_samples == 0 {
                self.stage = if self.stage == Stage::Attack { Stage::Full } else { Stage::Done };
            }
        }
        self.level
    }

    /// Level of the last sample.
    pub fn level(&self) -> f32 {
        self.level
    }

    /// Is every sample from here at level 1?
    pub fn is_full(&self) -> bool {
        self.stage == Stage::Full
    }

    /// Is every sample from here silent?
    pub fn is_done(&self) -> bool {
        self.stage == Stage::Done
    }

    fn enter(&mut self, stage: Stage, num_samples: u32, next: Stage) {
        self.from = self.level;
        self.left_samples = num_samples;
        if num_samples == 0 {
            self.stage = next;
            self.level = if next == Stage::Full { 1.0 } else { 0.0 };
        } else {
            self.stage = stage;
            self.step = 1.0 / num_samples as f32;
        }
    }
}

impl Default for Envelope {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn levels(envelope: &mut Envelope, num_samples: usize) -> Vec<f32> {
        (0..num_samples).map(|_| envelope.advance()).collect()
    }

    #[test]
    fn attack_rises_to_full_and_stays() {
        let mut envelope = Envelope::new();
        envelope.start(4);
        assert_eq!(levels(&mut envelope, 6), [0.25, 0.5, 0.75, 1.0, 1.0, 1.0]);
        assert!(envelope.is_full(), "the attack is over");
    }

    #[test]
    fn no_attack_is_full_from_the_first_sample() {
        let mut envelope = Envelope::new();
        envelope.start(0);
        assert_eq!(levels(&mut envelope, 2), [1.0, 1.0]);
    }

    #[test]
    fn release_falls_without_a_step_and_ends_in_silence() {
        let mut envelope = Envelope::new();
        envelope.start(0);
        envelope.advance();
        envelope.release(1_000);
        let falling = levels(&mut envelope, 1_000);
        let mut before = 1.0;
        for level in falling {
            assert!(level <= before && before - level < 0.004, "{before} to {level}");
            before = level;
        }
        assert_eq!(before, 0.0);
        assert!(envelope.is_done(), "the release is over");
    }

    #[test]
    fn release_in_the_attack_begins_at_the_level_reached() {
        let mut envelope = Envelope::new();
        envelope.start(10);
        levels(&mut envelope, 5);
        envelope.release(1_000);
        let level = envelope.advance();
        assert!((level - 0.5).abs() < 0.01, "{level}");
    }

    #[test]
    fn a_fade_is_not_made_longer_by_a_release_or_a_longer_fade() {
        let mut envelope = Envelope::new();
        envelope.start(0);
        envelope.advance();
        envelope.fade(4);
        envelope.advance();
        envelope.release(100);
        envelope.fade(100);
        assert_eq!(levels(&mut envelope, 3), [0.5, 0.25, 0.0]);
        assert!(envelope.is_done(), "the fade is over");
    }
}
