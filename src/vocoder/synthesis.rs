//! Synthesis: frames to audio at any sample rate, in real time.

use super::frame::Frame;
use std::sync::Arc;

/// What synthesis needs to know of one sample rate: made once, shared by all voices.
#[derive(Debug)]
pub struct SynthesisTables {
    /// Samples per second.
    pub sample_rate: f32,
}

impl SynthesisTables {
    /// Tables for a sample rate of 8,000 to 192,000. Slow: not on the audio thread.
    pub fn new(sample_rate: f32) -> Self {
        Self { sample_rate }
    }
}

/// One voice's harmonics and noise. Sound runs from the frame before to the frame given last, over the samples
/// asked for with [`Synthesizer::begin_hop`].
///
/// Stand-in until the real one is merged: one partial and white noise.
#[derive(Debug)]
pub struct Synthesizer {
    tables: Arc<SynthesisTables>,
    left: usize,
    phase: f32,
    noise: u64,
    gain: f32,
    gain_step: f32,
    noise_share: f32,
    f: f32,
}

impl Synthesizer {
    /// A silent voice. Allocates all it will ever need.
    pub fn new(tables: Arc<SynthesisTables>) -> Self {
        Self { tables, left: 0, phase: 0.0, noise: 0, gain: 0.0, gain_step: 0.0, noise_share: 0.0, f: 0.0 }
    }

    /// Silence, as new; `seed` chooses the noise. Audio thread.
    pub fn reset(&mut self, seed: u64) {
        (self.left, self.phase, self.noise, self.gain) = (0, 0.0, seed, 0.0);
    }

    /// Starts the next hop of `num_samples`, at whose end the sound is that of `frame`. Audio thread.
    /// Call only when [`Synthesizer::samples_left`] is 0. The first hop after a reset starts from silence with the
    /// timbre of `frame`.
    pub fn begin_hop(&mut self, frame: &Frame, num_samples: usize) {
        debug_assert!(self.left == 0, "the hop before is over");
        self.left = num_samples;
        self.f = (frame.pitch_hz / self.tables.sample_rate).min(0.5);
        self.noise_share = frame.noise[0];
        let target = crate::units::gain_from_db(frame.loudness_db + 3.0);
        self.gain_step = (target - self.gain) / num_samples as f32;
    }

    /// Samples that remain of the hop.
    pub fn samples_left(&self) -> usize {
        self.left
    }

    /// Writes the next `out.len()` samples, at most [`Synthesizer::samples_left`]. Audio thread. The same samples
    /// come however a hop is cut into calls.
    pub fn process(&mut self, out: &mut [f32]) {
        debug_assert!(out.len() <= self.left, "asked for more than the hop holds");
        for out in out.iter_mut() {
            self.phase += self.f;
            self.phase -= if self.phase >= 0.5 { 1.0 } else { 0.0 };
            self.gain += self.gain_step;
            self.noise =
                self.noise.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let noise = (self.noise >> 40) as f32 / (1_u64 << 23) as f32 - 1.0;
            let tone = 4.0 * self.phase * (2.0 - 4.0 * self.phase.abs());
            *out = self.gain * (tone * (1.0 - self.noise_share) + noise * self.noise_share);
        }
        self.left -= out.len();
    }
}
