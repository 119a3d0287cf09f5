//! Frames to whitened vectors and back: principal components of the envelope and the noise.

use super::network::{GESTURE_DIM, VECTOR_DIM};
use crate::dsp::maths;
use crate::vocoder::frame::{Frame, NUM_BANDS, NUM_NOISE_BANDS, band_hz, noise_band_hz};

/// Numbers of timbre in a whitened vector.
pub const TIMBRE_DIM: usize = 32;

/// Values of a frame that the codec reduces: the envelope, then the noise shares.
pub const FRAME_VALUES: usize = NUM_BANDS + NUM_NOISE_BANDS;

/// Weight of the fourth root of a noise share against the envelope: a full share counts as an error of so many dB. A
/// root, because a little noise between strong harmonics is heard, and a little less in noise is not; the fourth, since
/// between those of a trumpet it is a ten-thousandth (coded copies: zimtohrli 4.34, with the square root 4.14).
pub const NOISE_SCALE_DB: f32 = 12.0;

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
    /// The whitened vector of a frame: gesture, then timbre.
    pub fn vector_from_frame(&self, frame: &Frame) -> [f32; VECTOR_DIM] {
        let mut vector = [0.0_f32; VECTOR_DIM];
        vector[0] = (maths::log2(frame.pitch_hz) - self.pitch_mean) / self.pitch_std;
        vector[1] = (frame.loudness_db - self.loudness_mean) / self.loudness_std;
        let mut centred = values_from_frame(frame);
        for (value, mean) in centred.iter_mut().zip(&self.mean) {
            *value -= mean;
        }
        for (out, row) in vector[GESTURE_DIM..].iter_mut().zip(self.encode.chunks_exact(FRAME_VALUES)) {
            *out = maths::dot(row, &centred);
        }
        vector
    }

    /// The frame of a whitened vector. Audio thread.
    pub fn frame_from_vector(&self, vector: &[f32; VECTOR_DIM]) -> Frame {
        let mut values = [0.0_f32; FRAME_VALUES];
        values.copy_from_slice(&self.mean);
        for (z, row) in vector[GESTURE_DIM..].iter().zip(self.decode.chunks_exact(FRAME_VALUES)) {
            for (value, weight) in values.iter_mut().zip(row) {
                *value += z * weight;
            }
        }
        let mut frame = Frame {
            pitch_hz: self.pitch_hz(vector[0]),
            loudness_db: self.loudness_mean + self.loudness_std * vector[1],
            envelope_db: [0.0; NUM_BANDS],
            noise: [0.0; NUM_NOISE_BANDS],
        };
        set_values(&mut frame, &values);
        frame
    }

    /// Pitch of a whitened pitch, Hz. Audio thread.
    pub fn pitch_hz(&self, whitened: f32) -> f32 {
        maths::exp2((self.pitch_mean + self.pitch_std * whitened).clamp(3.0, 14.0))
    }

    /// Whitened pitch of a pitch above 0. Audio thread.
    pub fn whitened_pitch(&self, hz: f32) -> f32 {
        (maths::log2(hz) - self.pitch_mean) / self.pitch_std
    }
}

/// What the codec reduces: the envelope in dB, then the fourth roots of the noise shares as if in dB.
pub fn values_from_frame(frame: &Frame) -> [f32; FRAME_VALUES] {
    let mut values = [0.0_f32; FRAME_VALUES];
    values[..NUM_BANDS].copy_from_slice(&frame.envelope_db);
    for (out, share) in values[NUM_BANDS..].iter_mut().zip(&frame.noise) {
        *out = NOISE_SCALE_DB * share.max(0.0).sqrt().sqrt();
    }
    values
}

/// The envelope and the noise shares of a frame from what the codec reduces: the inverse of [`values_from_frame`].
pub fn set_values(frame: &mut Frame, values: &[f32; FRAME_VALUES]) {
    for (out, value) in frame.envelope_db.iter_mut().zip(values) {
        *out = value.clamp(-130.0, 30.0);
    }
    for (out, value) in frame.noise.iter_mut().zip(&values[NUM_BANDS..]) {
        let root = (value / NOISE_SCALE_DB).clamp(0.0, 1.0);
        *out = (root * root) * (root * root);
    }
}

/// Frequency above which less and less is heard.
const HEARD_HZ: f64 = 7_000.0;

/// How much an error in a value that the codec reduces is heard.
pub fn importance(idx: usize) -> f64 {
    let (hz, scale) = if idx < NUM_BANDS {
        (band_hz(idx), 1.0)
    } else {
        // Fewer points for the same range: each stands for more.
        (noise_band_hz(idx - NUM_BANDS), (NUM_BANDS as f64 / NUM_NOISE_BANDS as f64).sqrt())
    };
    scale / (1.0 + (hz / HEARD_HZ).powi(2)).sqrt()
}
