//! What the audio thread counts, for whoever wants to know.

use core::sync::atomic::{AtomicU32, AtomicU64, Ordering::Relaxed};

/// Counts since a device was opened; any thread.
#[derive(Debug, Default)]
pub(super) struct Counts {
    /// Blocks that took longer to compute than to play.
    pub(super) num_slow: AtomicU64,
    /// Gaps that the device told of, or that the clock shows.
    pub(super) num_gaps: AtomicU64,
    /// Blocks played.
    pub(super) num_blocks: AtomicU64,
    /// Samples played.
    pub(super) num_samples: AtomicU64,
    /// Longest block, samples.
    pub(super) longest_block: AtomicU64,
    /// Bits of the largest share of a block's time that was used.
    largest_load: AtomicU32,
    /// Time used so far, nanoseconds.
    used_nanoseconds: AtomicU64,
}

impl Counts {
    /// A block was played. Audio thread.
    pub(super) fn block(&self, num_samples: usize, used: core::time::Duration, rate_hz: f32) {
        let share = used.as_secs_f32() * rate_hz / num_samples.max(1) as f32;
        if 1.0 < share {
            self.num_slow.fetch_add(1, Relaxed);
        }
        self.num_blocks.fetch_add(1, Relaxed);
        self.num_samples.fetch_add(num_samples as u64, Relaxed);
        self.longest_block.fetch_max(num_samples as u64, Relaxed);
        // Bits of positive floats are in the order of the floats.
        self.largest_load.fetch_max(share.to_bits(), Relaxed);
        self.used_nanoseconds.fetch_add(used.as_nanos() as u64, Relaxed);
    }

    /// Blocks that came too late, by either count: one that is slow is not always heard, and a gap is not always ours.
    pub(super) fn num_late(&self) -> u64 {
        self.num_slow.load(Relaxed) + self.num_gaps.load(Relaxed)
    }

    /// Mean and largest share of the time of blocks that was used.
    pub(super) fn loads(&self, rate_hz: u32) -> [f64; 2] {
        let seconds = self.num_samples.load(Relaxed).max(1) as f64 / f64::from(rate_hz.max(1));
        let used_seconds = self.used_nanoseconds.load(Relaxed) as f64 / 1e9;
        [used_seconds / seconds, f64::from(f32::from_bits(self.largest_load.load(Relaxed)))]
    }

    /// Begins again.
    pub(super) fn clear(&self) {
        let counts = [
            &self.num_slow,
            &self.num_gaps,
            &self.num_blocks,
            &self.num_samples,
            &self.longest_block,
            &self.used_nanoseconds,
        ];
        counts.iter().for_each(|count| count.store(0, Relaxed));
        self.largest_load.store(0, Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::time::Duration;

    #[test]
    fn a_block_is_slow_when_it_takes_longer_than_it_lasts() {
        let counts = Counts::default();
        counts.block(480, Duration::from_millis(5), 48_000.0);
        assert_eq!(counts.num_late(), 0);
        counts.block(480, Duration::from_millis(11), 48_000.0);
        assert_eq!(counts.num_late(), 1);
        let [mean, largest] = counts.loads(48_000);
        assert!((mean - 0.8).abs() < 1e-6 && (largest - 1.1).abs() < 1e-6, "{mean} {largest}");
        counts.clear();
        assert_eq!((counts.num_late(), counts.loads(48_000)), (0, [0.0, 0.0]));
    }
}
