//! Frames to whitened vectors and back: principal components of the envelope and the noise.

use super::network::{GESTURE_DIM, VECTOR_DIM};
use crate::vocoder::frame::{Frame, NUM_BANDS, NUM_NOISE_BANDS};

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

impl Codec {
    /// Whitens a frame.
    pub fn vector_from_frame(&self, frame: &Frame) -> [f32; VECTOR_DIM] {
        let mut vector = [0.0; VECTOR_DIM];
        vector[0] = (libm::log2f(frame.pitch_hz) - self.pitch_mean) / self.pitch_std;
        vector[1] = (frame.loudness_db - self.loudness_mean) / self.loudness_std;
        let values = frame.envelope_db.iter().chain(&frame.noise);
        for ((value, mean), column) in values.zip(&self.mean).zip(0..) {
            for (timbre, row) in vector[GESTURE_DIM..].iter_mut().zip(self.encode.chunks_exact(FRAME_VALUES))
            {
                *timbre += row[column] * (value - mean);
            }
        }
        vector
    }

    /// The frame of a whitened vector.
    pub fn frame_from_vector(&self, vector: &[f32; VECTOR_DIM]) -> Frame {
        let mut values = [0.0; FRAME_VALUES];
        for (value, mean) in values.iter_mut().zip(&self.mean) {
            *value = *mean;
        }
        for (timbre, row) in vector[GESTURE_DIM..].iter().zip(self.decode.chunks_exact(FRAME_VALUES)) {
            for (value, weight) in values.iter_mut().zip(row) {
                *value += timbre * weight;
            }
        }
        Frame {
            pitch_hz: libm::exp2f(self.pitch_mean + self.pitch_std * vector[0]),
            loudness_db: self.loudness_mean + self.loudness_std * vector[1],
            envelope_db: core::array::from_fn(|band_idx| values[band_idx]),
            noise: core::array::from_fn(|band_idx| values[NUM_BANDS + band_idx].clamp(0.0, 1.0)),
        }
    }
}
