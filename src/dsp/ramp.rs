//! A value that moves to its target in a straight line, one step a sample.

/// A linear ramp. What comes does not depend on how a block is cut.
#[derive(Clone, Copy, Debug)]
pub struct Ramp {
    value: f32,
    target: f32,
    step: f32,
    left_samples: u32,
}

impl Ramp {
    /// Rests at `value`.
    pub fn new(value: f32) -> Self {
        Self { value, target: value, step: 0.0, left_samples: 0 }
    }

    /// Goes to `target` over `num_samples`, from where it is; at once if that is 0.
    ///
    /// Aiming again at the same target changes nothing, so a caller may aim at every chunk.
    pub fn aim(&mut self, target: f32, num_samples: u32) {
        if target == self.target {
            return;
        }
        if num_samples == 0 {
            *self = Self::new(target);
            return;
        }
        self.target = target;
        self.left_samples = num_samples;
        self.step = (target - self.value) / num_samples as f32;
    }

    /// The value of the next sample.
    #[inline]
    pub fn advance(&mut self) -> f32 {
        if self.left_samples > 0 {
            self.left_samples -= 1;
            // The last step lands on the target itself, whatever the rounding of the steps before.
            self.value = if self.left_samples == 0 { self.target } else { self.value + self.step };
        }
        self.value
    }

    /// The value that all samples from here have, if the ramp rests.
    pub fn resting(&self) -> Option<f32> {
        (self.left_samples == 0).then_some(self.value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ramp_arrives_at_its_target_exactly_and_rests() {
        let mut ramp = Ramp::new(0.0);
        ramp.aim(0.1, 3);
        let values: Vec<f32> = (0..5).map(|_| ramp.advance()).collect();
        assert!(values[0] < values[1] && values[1] < values[2], "{values:?}");
        assert_eq!(values[2..], [0.1, 0.1, 0.1]);
        assert_eq!(ramp.resting(), Some(0.1));
    }

    #[test]
    fn aiming_at_the_same_target_again_does_not_stretch_the_ramp() {
        let mut ramp = Ramp::new(0.0);
        for _ in 0..4 {
            ramp.aim(1.0, 4);
            ramp.advance();
        }
        assert_eq!(ramp.resting(), Some(1.0));
    }

    #[test]
    fn aiming_over_no_samples_jumps() {
        let mut ramp = Ramp::new(1.0);
        ramp.aim(2.0, 0);
        assert_eq!(ramp.resting(), Some(2.0));
    }
}
