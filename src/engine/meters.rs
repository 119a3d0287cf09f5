//! What the engine shows of itself: atomics that the audio thread writes while someone looks, and a screen reads.

use super::NUM_SLOTS;
use core::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering::Relaxed};

/// Numbers for a screen. Each is right by itself; together they may be a block apart.
#[derive(Debug)]
pub struct Meters {
    looked_at: AtomicBool,
    num_voices: AtomicU32,
    /// Bits of the highest level since last read.
    peaks: [AtomicU32; 2],
    /// Bits of x and y; [`NOWHERE`] where no voice sounds. Shape `[NUM_SLOTS]`.
    positions: [AtomicU64; NUM_SLOTS],
    /// A bit for each key that sounds.
    keys: [AtomicU64; 2],
}

/// A voice that does not sound.
const NOWHERE: u64 = u64::MAX;

impl Meters {
    pub(super) fn new() -> Self {
        Self {
            looked_at: AtomicBool::new(false),
            num_voices: AtomicU32::new(0),
            peaks: [AtomicU32::new(0), AtomicU32::new(0)],
            positions: [const { AtomicU64::new(NOWHERE) }; NUM_SLOTS],
            keys: [AtomicU64::new(0), AtomicU64::new(0)],
        }
    }

    /// Someone begins or ends looking; while no one does, nothing below is computed. Any thread.
    pub fn look(&self, looked_at: bool) {
        self.looked_at.store(looked_at, Relaxed);
    }

    /// Voices that sound, fading ones aside. Any thread.
    pub fn num_voices(&self) -> usize {
        self.num_voices.load(Relaxed) as usize
    }

    /// Highest level of left and right since the last call, linear, 1 is full scale. One thread.
    pub fn take_peaks(&self) -> [f32; 2] {
        [0, 1].map(|channel_idx| f32::from_bits(self.peaks[channel_idx].swap(0, Relaxed)))
    }

    /// Places on the sound map of the voices that sound: number of the voice, x, y. Any thread.
    pub fn positions(&self) -> impl Iterator<Item = (usize, [f32; 2])> + '_ {
        self.positions.iter().enumerate().filter_map(|(voice_idx, position)| {
            let bits = position.load(Relaxed);
            (bits != NOWHERE).then(|| (voice_idx, [(bits >> 32) as u32, bits as u32].map(f32::from_bits)))
        })
    }

    /// Does a key of any channel sound? Any thread.
    pub fn key_sounds(&self, key: u8) -> bool {
        key < 128 && self.keys[usize::from(key) / 64].load(Relaxed) >> (key % 64) & 1 == 1
    }

    pub(super) fn is_looked_at(&self) -> bool {
        self.looked_at.load(Relaxed)
    }

    pub(super) fn show_peak(&self, channel_idx: usize, block: &[f32]) {
        let peak = block.iter().fold(0.0_f32, |peak, sample| peak.max(sample.abs()));
        // Bits of floats that are not negative are in the order of the floats.
        self.peaks[channel_idx].fetch_max(peak.to_bits(), Relaxed);
    }

    pub(super) fn show_voices(&self, num_voices: usize, keys: [u64; 2]) {
        self.num_voices.store(num_voices as u32, Relaxed);
        for (shown, bits) in self.keys.iter().zip(keys) {
            shown.store(bits, Relaxed);
        }
    }

    pub(super) fn show_position(&self, voice_idx: usize, position: Option<[f32; 2]>) {
        let bits = match position {
            Some([x, y]) => u64::from(x.to_bits()) << 32 | u64::from(y.to_bits()),
            None => NOWHERE,
        };
        if let Some(shown) = self.positions.get(voice_idx) {
            shown.store(bits, Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_is_what_is_read() {
        let meters = Meters::new();
        assert_eq!(meters.positions().count(), 0);
        meters.show_position(3, Some([-0.25, 0.5]));
        assert_eq!(meters.positions().collect::<Vec<_>>(), [(3, [-0.25, 0.5])]);
        meters.show_voices(2, [0, 1 << 5]);
        assert!(meters.key_sounds(69) && !meters.key_sounds(5) && !meters.key_sounds(255), "key 69 alone");
        assert_eq!(meters.num_voices(), 2);
    }

    #[test]
    fn peaks_are_held_until_read() {
        let meters = Meters::new();
        meters.show_peak(1, &[0.1, -0.7, 0.2]);
        meters.show_peak(1, &[0.3]);
        assert_eq!(meters.take_peaks(), [0.0, 0.7]);
        assert_eq!(meters.take_peaks(), [0.0, 0.0]);
    }
}
