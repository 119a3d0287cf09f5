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
#[derive(Debug)]
pub struct Synthesizer {
    tables: Arc<SynthesisTables>,
    left: usize,
}

impl Synthesizer {
    /// A silent voice. Allocates all it will ever need.
    pub fn new(tables: Arc<SynthesisTables>) -> Self {
        Self { tables, left: 0 }
    }

    /// Silence, as new; `seed` chooses the noise. Audio thread.
    pub fn reset(&mut self, _seed: u64) {
        self.left = 0;
    }

    /// Starts the next hop of `num_samples`, at whose end the sound is that of `frame`. Audio thread.
    /// Call only when [`Synthesizer::samples_left`] is 0. The first hop after a reset starts from silence with the
    /// timbre of `frame`.
    pub fn begin_hop(&mut self, _frame: &Frame, num_samples: usize) {
        self.left = num_samples;
    }

    /// Samples that remain of the hop.
    pub fn samples_left(&self) -> usize {
        self.left
    }

    /// Writes the next `out.len()` samples, at most [`Synthesizer::samples_left`]. Audio thread. The same samples
    /// come however a hop is cut into calls.
    pub fn process(&mut self, out: &mut [f32]) {
        debug_assert!(out.len() <= self.left, "asked for more than the hop holds");
        debug_assert!(self.tables.sample_rate > 0.0, "sample rate is checked where tables are made");
        out.fill(0.0);
        self.left -= out.len();
    }
}
