//! Gaps that a device does not tell of: a sound server in between plays silence when a block is late, and says nothing.
//!
//! A device that has played silence has fallen behind the clock, by as much, for ever. Blocks come early and late, so
//! what counts is how far ahead of the clock the device came within a second: a good device's clock differs by some
//! 0.01 % of that, a lost block is far more.

use std::time::Instant;

/// Time in which a device is as far ahead of the clock as it comes at least once, seconds.
const WINDOW_SECONDS: f64 = 1.0;

/// Time that a device gets to begin, seconds: PulseAudio takes a block or two, and the next after 1.6 s.
const START_SECONDS: f64 = 4.0;

/// Shortest gap that is surely none of the clock's, seconds.
const MIN_GAP_SECONDS: f64 = 0.002;

/// How a device keeps pace with the clock.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    rate_hz: f64,
    begun: Option<Instant>,
    given_samples: u64,
    /// Farthest ahead of the clock in this window, samples.
    ahead_samples: f64,
    /// The same of the window before.
    last_ahead_samples: Option<f64>,
    window_end_samples: f64,
}

impl Pace {
    pub(super) fn new(rate_hz: f64) -> Self {
        Self {
            rate_hz,
            begun: None,
            given_samples: 0,
            ahead_samples: f64::NEG_INFINITY,
            last_ahead_samples: None,
            window_end_samples: (START_SECONDS + WINDOW_SECONDS) * rate_hz,
        }
    }

    /// A device asks for a block: the blocks that it went without, since it was last known. Audio thread.
    pub(super) fn block(&mut self, at: Instant, num_samples: usize) -> u64 {
        let begun = *self.begun.get_or_insert(at);
        let elapsed_samples = at.saturating_duration_since(begun).as_secs_f64() * self.rate_hz;
        if START_SECONDS * self.rate_hz <= elapsed_samples {
            self.ahead_samples = self.ahead_samples.max(self.given_samples as f64 - elapsed_samples);
        }
        self.given_samples += num_samples as u64;
        if elapsed_samples < self.window_end_samples {
            return 0;
        }
        let lost_samples = self.last_ahead_samples.map_or(0.0, |last| last - self.ahead_samples);
        self.last_ahead_samples = Some(self.ahead_samples);
        self.ahead_samples = f64::NEG_INFINITY;
        self.window_end_samples = elapsed_samples + WINDOW_SECONDS * self.rate_hz;
        if lost_samples < MIN_GAP_SECONDS * self.rate_hz {
            return 0;
        }
        // A machine that slept has not lost a block for each that it slept through.
        let blocks = lost_samples.min(WINDOW_SECONDS * self.rate_hz) / num_samples.max(1) as f64;
        blocks.round().max(1.0) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    /// Blocks of 480 samples at 48 kHz, each so many milliseconds after the one before.
    fn gaps(intervals_ms: impl Iterator<Item = f64>) -> u64 {
        let (mut pace, mut at, mut gaps) = (Pace::new(48_000.0), Instant::now(), 0);
        for interval_ms in intervals_ms {
            gaps += pace.block(at, 480);
            at += Duration::from_secs_f64(interval_ms / 1e3);
        }
        gaps
    }

    #[test]
    fn a_device_that_keeps_pace_has_no_gap_however_its_blocks_come() {
        assert_eq!(gaps((0..1_000).map(|_| 10.0)), 0);
        // Slow to begin.
        assert_eq!(gaps((0..1_000).map(|idx| if idx == 2 { 1_600.0 } else { 10.0 })), 0);
        // In pairs, and with a clock that is off by 0.02 %.
        assert_eq!(gaps((0..1_000).map(|idx| 20.004 * f64::from(idx % 2))), 0);
        // One late, and the next soon after.
        assert_eq!(
            gaps((0..1_000).map(|idx| [10.0, 25.0, 2.0, 3.0][usize::from(idx % 50 < 4) * (idx % 50)])),
            0
        );
    }

    #[test]
    fn silence_that_a_device_played_is_counted_in_blocks() {
        // Two blocks late that nobody made good.
        assert_eq!(gaps((0..1_000).map(|idx| if idx == 650 { 30.0 } else { 10.0 })), 2);
        assert_eq!(gaps((0..1_000).map(|idx| if idx == 650 { 60_000.0 } else { 10.0 })), 100);
    }
}
