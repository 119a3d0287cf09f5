//! The card: what a person wants to know of a model before playing it.

use serde::{Deserialize, Serialize};

/// What was learned, from what, how well, by whom, under which licence.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Card {
    /// Name shown to players.
    pub name: String,
    /// Who made the model.
    pub author: String,
    /// Licence of the model and the recordings behind it.
    pub licence: String,
    /// The recordings in short.
    pub corpus: CorpusSummary,
    /// How it was learned.
    pub learning: LearningSummary,
}

/// The recordings in short; no paths.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CorpusSummary {
    /// Files learned or held out.
    pub num_files: u32,
    /// Seconds of sound in events.
    pub seconds: f32,
    /// 5th and 95th percentile of pitch where there is one, Hz.
    pub pitch_range_hz: [f32; 2],
    /// 5th and 95th percentile of loudness, dB of full scale.
    pub loudness_range_db: [f32; 2],
    /// Share of frames with a pitch.
    pub voiced_share: f32,
    /// Length of some real events, seconds, ascending: what free runs draw from.
    pub event_seconds: Vec<f32>,
    /// Length of some real pauses between events, seconds, ascending.
    pub pause_seconds: Vec<f32>,
}

/// How it was learned. No times: one seed gives one file.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LearningSummary {
    /// Seed of all chance in learning.
    pub seed: u64,
    /// Threads used: with the seed they fix the result on one machine.
    pub threads: u32,
    /// Learning and held-out negative log likelihood by step, nats a frame.
    pub curve: Vec<CurvePoint>,
    /// Best held-out negative log likelihood, nats a frame.
    pub held_out: f32,
}

/// One point of the learning curve.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CurvePoint {
    /// Optimiser steps so far.
    pub step: u32,
    /// Negative log likelihood of learned material, nats a frame.
    pub learning: f32,
    /// Negative log likelihood of held-out material, nats a frame.
    pub held_out: f32,
}
