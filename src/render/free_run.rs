//! A free run: the model plays by itself, no key held.

use super::{MAX_HOURS, engine_with};
use crate::engine::{EngineConfig, Event, EventKind, ParamId};
use crate::model::Model;
use crate::units::{SampleRate, Seconds};
use std::sync::Arc;

/// Time in which a free run falls silent at its end, seconds: what is cut off does not click.
const END_SECONDS: f32 = 0.05;

/// Samples made at a time.
const BLOCK_SAMPLES: usize = 512;

/// What a free run is made of.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FreeRunConfig {
    /// Length, at most [`MAX_HOURS`] hours.
    pub length: Seconds,
    /// Chooses the take.
    pub seed: u64,
    /// 0 to 1.5.
    pub chance: f32,
    /// 0 (imagined) to 1 (remembered).
    pub memory: f32,
    /// 1,000 to 1,536,000.
    pub sample_rate: SampleRate,
}

impl Default for FreeRunConfig {
    fn default() -> Self {
        Self {
            length: Seconds(10.0),
            seed: 0,
            chance: ParamId::Chance.spec().default,
            memory: ParamId::Memory.spec().default,
            sample_rate: SampleRate(48_000.0),
        }
    }
}

/// New material in the learned voice, one channel. The same config gives the same samples.
pub fn free_run(model: Arc<Model>, config: &FreeRunConfig) -> Vec<f32> {
    let seconds = f64::from(config.length.0).clamp(0.0, MAX_HOURS * 3_600.0);
    let num_samples = (seconds * f64::from(config.sample_rate.0)).round() as usize;
    let engine_config = EngineConfig { sample_rate: config.sample_rate, seed: config.seed };
    let params = [
        (ParamId::Chance, config.chance),
        (ParamId::Memory, config.memory),
        (ParamId::Release, END_SECONDS),
        // As loud as the recordings: one voice needs no room for others.
        (ParamId::Output, 0.0),
    ];
    let (mut engine, _handle) = engine_with(model, engine_config, params.into_iter());

    let mut left = vec![0.0; num_samples];
    let end_samples = ((END_SECONDS * config.sample_rate.0) as usize).min(num_samples);
    let (body, end) = left.split_at_mut(num_samples - end_samples);
    // A note in the middle of the stereo field has the learned level in each channel: left is all of it.
    let mut right = [0.0; BLOCK_SAMPLES];
    for (kind, part) in [(EventKind::FreeRunOn, body), (EventKind::FreeRunOff, end)] {
        let event = [Event { offset_samples: 0, kind }];
        let mut events = &event[..];
        for block in part.chunks_mut(BLOCK_SAMPLES) {
            engine.process(events, block, &mut right[..block.len()]);
            events = &[];
        }
    }
    left
}
