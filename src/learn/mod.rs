//! Learning: from a folder of recordings to a model.
//!
//! Reading order: [`corpus`](self) → dataset → fit. Never names the engine: what is learned is data that the engine
//! plays.

pub mod report;

use crate::audio_file::{Refusal, read, scan};
use crate::model::Model;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// What to learn and how.
#[derive(Clone, Debug, PartialEq)]
pub struct LearnConfig {
    /// Files and folders.
    pub paths: Vec<PathBuf>,
    /// Name of the model, shown to players.
    pub name: String,
    /// Who made it.
    pub author: String,
    /// Licence of the model and its recordings.
    pub licence: String,
    /// Seed of all chance.
    pub seed: u64,
    /// Threads; with the seed they fix the result on one machine.
    pub threads: usize,
    /// Longest time for everything, minutes.
    pub max_minutes: f32,
}

/// What is told while learning goes on.
#[derive(Clone, Debug)]
pub enum Progress {
    /// Recordings are read and analysed.
    Analysing {
        /// Files done.
        done: usize,
        /// Files in all.
        total: usize,
    },
    /// The model is fitted.
    Fitting {
        /// Optimiser steps so far.
        step: u32,
        /// Negative log likelihood of what is learned, nats a frame.
        learning: f32,
        /// Held-out negative log likelihood, nats a frame.
        held_out: f32,
        /// Share of the work done, an estimate, 0 to 1.
        share: f32,
        /// Time left, an estimate, seconds.
        seconds_left: f32,
    },
    /// A model that can be played while learning goes on.
    Snapshot(Arc<Model>),
}

/// A recording that was used.
#[derive(Clone, Debug, PartialEq)]
pub struct UsedFile {
    /// Where it is.
    pub path: PathBuf,
    /// Name for people.
    pub name: String,
    /// Sound in events, seconds.
    pub seconds: f32,
    /// Held out from learning (by file; `false` for all where parts of files are held out).
    pub held_out: bool,
}

/// The result.
#[derive(Clone, Debug)]
pub struct Learned {
    /// The best model by held-out likelihood, as it reads back from its file.
    pub model: Model,
    /// What was used.
    pub files: Vec<UsedFile>,
    /// What was not, and why.
    pub refused: Vec<Refusal>,
}

/// Why nothing was learned.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LearnError {
    /// Nothing usable was found.
    #[error("there is no recording in {given} that can be used{}; add recordings", list(.refused))]
    NoRecordings {
        /// Where it was looked for.
        given: String,
        /// What was found, and why it is of no use.
        refused: Vec<Refusal>,
    },
    /// Cancelled before there was anything to keep.
    #[error("cancelled before there was a model to keep")]
    Cancelled,
}

/// Learns a model. `observe` is told how it goes; setting `cancel` ends early with the best so far.
///
/// # Errors
///
/// When there is too little to learn from, or it is cancelled before there is a model.
pub fn learn(
    config: &LearnConfig,
    observe: &mut dyn FnMut(Progress),
    cancel: &AtomicBool,
) -> Result<Learned, LearnError> {
    // Stand-in until the real one is merged: reads, and says what it could not use.
    let _ = (observe, cancel);
    let found = scan(&config.paths);
    let mut refused = found.refused;
    for path in &found.files {
        if let Err(error) = read(path, None) {
            refused.push(Refusal::new(path, error));
        }
    }
    let given: Vec<String> = config.paths.iter().map(|path| path.display().to_string()).collect();
    Err(LearnError::NoRecordings { given: given.join(", "), refused })
}

fn list(refused: &[Refusal]) -> String {
    refused.iter().map(|refusal| format!("\n  {refusal}")).collect()
}
