//! A model made ready to play at a sample rate, away from the audio thread.

use crate::model::Model;
use crate::units::SampleRate;
use crate::vocoder::shared_tables::tables_of;
use crate::vocoder::synthesis::SynthesisTables;
use std::sync::Arc;

/// A model and the tables of synthesis for one sample rate.
#[derive(Clone, Debug)]
pub struct PreparedModel {
    /// What was learned.
    pub model: Arc<Model>,
    /// What synthesis needs to know of the sample rate.
    pub tables: Arc<SynthesisTables>,
}

impl PreparedModel {
    /// With the tables for a sample rate of 1,000 to 1,536,000, which are made where no other instance has them. Slow: not on the audio thread.
    pub fn new(model: Arc<Model>, sample_rate: SampleRate) -> Self {
        Self { model, tables: tables_of(sample_rate.0) }
    }
}
