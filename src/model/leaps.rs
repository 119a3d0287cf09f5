//! Where the last leaps of memory led: a take does not go round in circles.

use super::recall::STUTTER_FRAMES;

/// Leaps that are kept in mind.
const NUM: usize = 16;
/// Logarithm of weight lost by a leap, by the square of how many led to about its place: where a recording ends under a key
/// that is held, the same few frames would be the likeliest again and again. Without, of notes of 6 s on the built-in
/// violin one in six came to less than 40 frames over and over, and of an Italian voice two in five; with it none does.
const COST: f32 = 6.0;

/// Where the last leaps of a take led.
#[derive(Clone, Copy, Debug)]
pub(super) struct Leaps {
    frames: [u16; NUM],
    /// Place of the next.
    next: usize,
}

impl Default for Leaps {
    fn default() -> Self {
        // No memory holds so many frames.
        Self { frames: [u16::MAX; NUM], next: 0 }
    }
}

impl Leaps {
    /// Remembers that a leap led to `frame`.
    pub(super) fn push(&mut self, frame: u16) {
        self.frames[self.next] = frame;
        self.next = (self.next + 1) % NUM;
    }

    /// Logarithm of weight lost by a leap to `frame`.
    pub(super) fn cost(&self, frame: u16) -> f32 {
        // Counted in the width of what is compared, in one vector.
        let near = self.frames.map(|leap| u16::from(usize::from(leap.abs_diff(frame)) < STUTTER_FRAMES));
        let num = f32::from(near.iter().sum::<u16>());
        COST * num * num
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_leap_costs_more_each_time_until_it_is_long_ago() {
        let mut leaps = Leaps::default();
        assert_eq!(leaps.cost(100), 0.0);
        let mut before = 0.0;
        for _ in 0..NUM {
            leaps.push(95);
            let cost = leaps.cost(100);
            assert!(before + COST <= cost, "{cost} after {before}");
            before = cost;
        }
        assert_eq!(leaps.cost(95 + STUTTER_FRAMES as u16), 0.0, "another place");
        (0..NUM).for_each(|_| leaps.push(2_000));
        assert_eq!(leaps.cost(100), 0.0, "forgotten");
    }
}
