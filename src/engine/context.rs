//! What all voices see: parameters, controllers, tuning, models.

use super::channel::Channels;
use super::param::Params;
use super::prepared::PreparedModel;
use crate::tuning::KeyPitches;
use crate::units::SampleRate;

/// What all voices see.
#[derive(Debug)]
pub(super) struct Context {
    pub params: Params,
    pub channels: Channels,
    pub tuning: KeyPitches,
    pub sample_rate: SampleRate,
    /// Added to the parameter Take.
    pub seed: u64,
    /// The model played and, while it fades, the one before.
    pub models: [Option<PreparedModel>; 2],
    /// Which of `models` new voices play.
    pub current: usize,
}

impl Context {
    pub(super) fn samples(&self, seconds: f32) -> u32 {
        (seconds * self.sample_rate.0) as u32
    }
}
