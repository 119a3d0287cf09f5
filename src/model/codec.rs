//! Frames to whitened vectors and back: principal components of the envelope and the noise.

use crate::vocoder::frame::{NUM_BANDS, NUM_NOISE_BANDS};

/// Numbers of timbre in a whitened vector.
pub const TIMBRE_DIM: usize = 32;

/// Values of a frame that the codec reduces: the envelope, then the noise shares.
pub const FRAME_VALUES: usize = NUM_BANDS + NUM_NOISE_BANDS;

/// The linear map between frames and whitened vectors (mean 0, variance 1 in each dimension over the corpus).
#[derive(Clone, Debug, PartialEq)]
pub struct Codec {
    /// Mean of `log2(pitch / Hz)` over the corpus.
    pub pitch_mean: f32,
    /// Standard deviation of `log2(pitch / Hz)`, octaves; above 0.
    pub pitch_std: f32,
    /// Mean loudness, dB.
    pub loudness_mean: f32,
    /// Standard deviation of loudness, dB; above 0.
    pub loudness_std: f32,
    /// Mean frame values. Shape `[FRAME_VALUES]`.
    pub mean: Vec<f32>,
    /// Frame values to timbre. Shape `[TIMBRE_DIM][FRAME_VALUES]`.
    pub encode: Vec<f32>,
    /// Timbre to frame values. Shape `[TIMBRE_DIM][FRAME_VALUES]`.
    pub decode: Vec<f32>,
}
