//! Physical units at public edges, and every conversion between them.
//!
//! Conversions use [`libm`], which is the same code on every system, so that tables made from them are too.

/// Frequency in cycles per second.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Hz(pub f32);

/// Level in decibels.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Db(pub f32);

/// Musical interval in equal-tempered semitones.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Semitones(pub f32);

/// Time in seconds.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Seconds(pub f32);

/// A number of samples of one channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Samples(pub usize);

/// Samples per second and channel, 1,000 to 1,536,000 where sound is made.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct SampleRate(pub f32);

/// Frequency of MIDI key 69.
pub const CONCERT_A_HZ: f32 = 440.0;

/// Frequency of a MIDI key, fractions allowed: 69 is 440 Hz.
pub fn hz_from_midi(key: f32) -> f32 {
    CONCERT_A_HZ * libm::exp2f((key - 69.0) / 12.0)
}

/// MIDI key of a frequency above 0, with its fraction.
pub fn midi_from_hz(hz: f32) -> f32 {
    69.0 + 12.0 * libm::log2f(hz / CONCERT_A_HZ)
}

/// Linear amplitude of a level.
pub fn gain_from_db(db: f32) -> f32 {
    libm::exp2f(db * (core::f32::consts::LOG2_10 / 20.0))
}

/// Level of a linear amplitude above 0.
pub fn db_from_gain(gain: f32) -> f32 {
    20.0 * libm::log10f(gain)
}

/// Level of a power above 0.
pub fn db_from_power(power: f32) -> f32 {
    10.0 * libm::log10f(power)
}

/// Frequency ratio of an interval.
pub fn ratio_from_semitones(semitones: f32) -> f32 {
    libm::exp2f(semitones / 12.0)
}

/// Frequency at which the mel scale bends from linear to logarithmic.
pub const MEL_BEND_HZ: f64 = 700.0;

/// Mel of a frequency (O'Shaughnessy 1987: `2595 log10(1 + f / 700)`).
pub fn mel_from_hz(hz: f64) -> f64 {
    2595.0 * libm::log10(1.0 + hz / MEL_BEND_HZ)
}

/// Frequency of a mel value; inverse of [`mel_from_hz`].
pub fn hz_from_mel(mel: f64) -> f64 {
    MEL_BEND_HZ * (libm::pow(10.0, mel / 2595.0) - 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(got: f32, expected: f32) {
        let tolerance = expected.abs() * 1e-5 + 1e-5;
        assert!((got - expected).abs() <= tolerance, "{got}, expected {expected}");
    }

    #[test]
    fn conversions_agree_with_hand_checked_values() {
        check(hz_from_midi(69.0), 440.0);
        check(hz_from_midi(60.0), 261.625_57);
        check(midi_from_hz(880.0), 81.0);
        check(gain_from_db(-20.0), 0.1);
        check(db_from_gain(10.0), 20.0);
        check(ratio_from_semitones(12.0), 2.0);
        check(mel_from_hz(1000.0) as f32, 999.985_5);
        check(hz_from_mel(mel_from_hz(3_210.0)) as f32, 3_210.0);
    }
}
