//! One frame: the sound of 10 ms in physical units, free of any sample rate.

use crate::units::{hz_from_mel, mel_from_hz};
use std::sync::LazyLock;

/// Time from one frame to the next, in seconds.
pub const HOP_SECONDS: f64 = 0.010;

/// Points of the spectral envelope, evenly spaced in mel from 0 Hz to [`TOP_HZ`].
pub const NUM_BANDS: usize = 80;

/// Points of the noise share, evenly spaced in mel from 0 Hz to [`TOP_HZ`].
pub const NUM_NOISE_BANDS: usize = 32;

/// Highest frequency that a frame describes.
pub const TOP_HZ: f64 = 20_000.0;

/// Lowest pitch that is analysed or played as learned.
pub const MIN_PITCH_HZ: f32 = 40.0;

/// Highest pitch that is analysed.
pub const MAX_PITCH_HZ: f32 = 2_500.0;

/// Level below which a frame counts as silence, dB of full scale.
pub const SILENCE_DB: f32 = -90.0;

/// Envelope of what a recording cannot tell of (above its band), dB per Hz relative to the whole: it does not sound.
/// Measured levels are never lower.
pub const NOTHING_DB: f32 = -110.0;

/// One set of vocoder parameters.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Frame {
    /// Pitch of the harmonics, Hz; defined everywhere (between voiced stretches it is interpolated).
    pub pitch_hz: f32,
    /// Level of the whole frame, dB of full scale: `10 log10` of mean power, a full-scale sine is −3.
    pub loudness_db: f32,
    /// Power spectral density relative to the whole, dB. Shape `[NUM_BANDS]`, see [`band_hz`].
    pub envelope_db: [f32; NUM_BANDS],
    /// Share of noise in the power near each point, 0 (harmonics alone) to 1. Shape `[NUM_NOISE_BANDS]`.
    pub noise: [f32; NUM_NOISE_BANDS],
}

/// Centres of the points, with one more above the highest. Tables: ten to a power took a third of analysis. Whatever
/// plays has asked for a centre when it was made, so that the audio thread only reads them.
static BANDS_HZ: LazyLock<[f64; NUM_BANDS + 1]> =
    LazyLock::new(|| core::array::from_fn(|idx| point_hz(idx, NUM_BANDS)));
static NOISE_BANDS_HZ: LazyLock<[f64; NUM_NOISE_BANDS]> =
    LazyLock::new(|| core::array::from_fn(|idx| point_hz(idx, NUM_NOISE_BANDS)));

/// Centre of envelope point `band_idx`, Hz; of the next one above the highest too.
pub fn band_hz(band_idx: usize) -> f64 {
    BANDS_HZ[band_idx]
}

/// Centre of noise point `band_idx`, Hz.
pub fn noise_band_hz(band_idx: usize) -> f64 {
    NOISE_BANDS_HZ[band_idx]
}

fn point_hz(idx: usize, num_points: usize) -> f64 {
    hz_from_mel(mel_from_hz(TOP_HZ) * idx as f64 / (num_points - 1) as f64)
}
