//! Learning: from a folder of recordings to a model.
//!
//! Reading order: listen, events, corpus, whiten, detail, dataset, network, timbre, optimiser, fit, memory, map,
//! calibrate. Never names the engine: what is learned is data that the engine plays.

mod calibrate;
mod control;
pub mod corpus;
mod dataset;
mod detail;
mod eigen;
mod events;
mod fit;
mod likelihood;
mod listen;
mod map;
mod matrix;
mod memory;
mod network;
mod optimiser;
mod parameters;
pub mod report;
mod timbre;
mod whiten;
mod workers;

use self::calibrate::calibrate;
pub use self::control::{LearnControl, Request};
use self::corpus::Corpus;
pub use self::corpus::UsedFile;
use self::dataset::{Part, sequences};
use self::detail::learn_detail;
use self::fit::{FitConfig, Look, fit};
use self::listen::Patience;
use self::memory::remember;
use self::whiten::learn_codec;
use self::workers::Workers;
use crate::audio_file::Refusal;
use crate::model::card::{CorpusSummary, CurvePoint, LearningSummary};
use crate::model::{Card, Model, ModelError};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::time::{Duration, Instant};

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
    /// Longest time for everything, minutes: half of it for listening to recordings, of which a minute is heard in any
    /// case, and four hours at most. What was not heard by then is among the refused.
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
    /// All recordings are read: the codec is made of what they have in common.
    Preparing,
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
    /// Fitting is over: the memory and the map are laid out.
    Finishing,
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
    /// Wall time that it took, seconds.
    pub seconds: f32,
}

/// Why nothing was learned.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LearnError {
    /// Given up, or ended before there was anything to keep.
    #[error("cancelled before there was a model to keep")]
    Cancelled,
    /// The threads for learning could not be started.
    #[error("{threads} threads could not be started: {reason}; ask for fewer")]
    Threads {
        /// Threads asked for.
        threads: usize,
        /// What the system said.
        reason: String,
    },
    /// What was learned does not make a model file.
    #[error("what was learned does not make a model: {0}")]
    Model(#[from] ModelError),
    /// Too little sound to learn from.
    #[error(
        "{named}: only {seconds:.1} s of sound can be used, at least {least:.0} s are needed; add recordings{refused}",
        least = corpus::LEAST_SECONDS
    )]
    TooLittle {
        /// Where it was looked for.
        named: String,
        /// Sound there is, seconds.
        seconds: f32,
        /// The files that were refused, for the message.
        refused: String,
    },
}

impl LearnError {
    fn too_little(paths: &[PathBuf], seconds: f32, refused: &[Refusal]) -> Self {
        const MOST_NAMED: usize = 8;
        let mut text = String::new();
        for refusal in refused.iter().take(MOST_NAMED) {
            text.push_str("\n  ");
            text.push_str(&refusal.to_string());
        }
        if MOST_NAMED < refused.len() {
            text.push_str(&format!("\n  and {} more", refused.len() - MOST_NAMED));
        }
        let named: Vec<String> = paths.iter().map(|path| crate::whole_file::printable_name(path)).collect();
        Self::TooLittle { named: named.join(", "), seconds, refused: text }
    }
}

/// Learns a model. `observe` is told how it goes; `control` may ask to end it early, with the best so far or with
/// nothing. Given up, it returns within half a second.
///
/// # Errors
///
/// When there is too little to learn from, it is given up, or it is to finish before there is a model.
pub fn learn(
    config: &LearnConfig,
    observe: &mut dyn FnMut(Progress),
    control: &LearnControl,
) -> Result<Learned, LearnError> {
    let started = Instant::now();
    let threads = config.threads.max(1);
    let pool = Workers::new(threads)?;
    let longest = Duration::from_secs_f32((60.0 * config.max_minutes).clamp(1.0, 1e6));
    let deadline = started + longest;
    let corpus = read_corpus(&pool, config, started + longest.mul_f32(ANALYSIS_SHARE), observe, control)?;
    observe(Progress::Preparing);
    let wanted = || control.is_wanted();
    let codec = learn_codec(&corpus.events, &wanted).ok_or(LearnError::Cancelled)?;
    let detail = learn_detail(&corpus.events, &codec, &wanted).ok_or(LearnError::Cancelled)?;
    let encoder = detail.encoder();
    let whiten = |part| {
        let sequences = pool.install(|| sequences(&corpus.events, &codec, part, &wanted));
        sequences.ok_or(LearnError::Cancelled)
    };
    let (learned, held_out) = (whiten(Part::Learned { encoder: &encoder })?, whiten(Part::HeldOut)?);
    let summary = summary(&corpus);
    // An hour of frames is 330 MB.
    let Corpus { files, refused, events, .. } = corpus;
    drop(events);
    let build = |weights: &[f32], curve: &[CurvePoint], held_out: f32| -> Result<Model, LearnError> {
        let memory = pool.install(|| remember(&learned, weights, &wanted)).ok_or(LearnError::Cancelled)?;
        let model = Model {
            card: Card {
                name: config.name.clone(),
                author: config.author.clone(),
                licence: config.licence.clone(),
                corpus: summary.clone(),
                learning: LearningSummary {
                    seed: config.seed,
                    threads: threads as u32,
                    curve: curve.to_vec(),
                    held_out,
                },
            },
            codec: codec.clone(),
            detail: detail.clone(),
            network: parameters::network(weights),
            map: map::lay_out(&memory, &wanted).ok_or(LearnError::Cancelled)?,
            memory,
        };
        // What plays is what the file holds: weights in half precision.
        Ok(Model::from_bytes(&model.to_bytes()?)?)
    };
    let fit_config = FitConfig { seed: config.seed, pool: &pool, deadline };
    let mut next_snapshot = started + FIRST_SNAPSHOT;
    let mut look = |look: &Look<'_>| {
        if let Some(point) = look.curve.last() {
            observe(Progress::Fitting {
                step: point.step,
                learning: point.learning,
                held_out: point.held_out,
                share: look.share,
                seconds_left: look.left.as_secs_f32(),
            });
        }
        if next_snapshot <= Instant::now() {
            if let Ok(model) = build(look.best, look.curve, look.best_held_out) {
                observe(Progress::Snapshot(Arc::new(model)));
            }
            next_snapshot = Instant::now() + SNAPSHOT_EVERY;
        }
        control.request() == Request::GoOn
    };
    let fitted = fit(&learned, &held_out, &codec, &fit_config, &mut look, &|| control.request());
    let fitted = fitted.ok_or(LearnError::Cancelled)?;
    observe(Progress::Finishing);
    let mut model = build(&fitted.weights, &fitted.curve, fitted.held_out)?;
    // Only the heads' biases are moved: the recurrent unit, and with it the memory, stay as they are.
    pool.install(|| calibrate(&mut model, &wanted));
    if !wanted() {
        return Err(LearnError::Cancelled);
    }
    let model = Model::from_bytes(&model.to_bytes()?)?;
    Ok(Learned { model, files, refused, seconds: started.elapsed().as_secs_f32() })
}

/// Time to the first snapshot, and between snapshots.
const FIRST_SNAPSHOT: Duration = Duration::from_secs(15);
const SNAPSHOT_EVERY: Duration = Duration::from_secs(20);

/// Share of the longest time after which no more recordings are listened to: what is heard must still be learned.
const ANALYSIS_SHARE: f32 = 0.5;

/// Reads on the pool's threads while this one tells how it goes.
fn read_corpus(
    pool: &Workers,
    config: &LearnConfig,
    deadline: Instant,
    observe: &mut dyn FnMut(Progress),
    control: &LearnControl,
) -> Result<Corpus, LearnError> {
    let (told, heard) = std::sync::mpsc::channel();
    std::thread::scope(|scope| {
        let reader = scope.spawn(move || {
            let told = std::sync::Mutex::new(told);
            let tell = |done: usize, total: usize| {
                if let Ok(told) = told.lock() {
                    // Nobody listens only when the learner is being torn down.
                    let _ = told.send((done, total));
                }
            };
            let wanted = || control.request() == Request::GoOn;
            let patience = Patience { wanted: &wanted, deadline, num_frames: AtomicUsize::new(0) };
            pool.install(|| Corpus::read(&config.paths, &tell, &patience))
        });
        for (done, total) in heard {
            observe(Progress::Analysing { done, total });
        }
        reader.join().unwrap_or(Err(LearnError::Cancelled))
    })
}

/// The recordings in short.
fn summary(corpus: &Corpus) -> CorpusSummary {
    let frames = || corpus.events.iter().flat_map(|event| &event.frames);
    let mut pitches: Vec<f32> =
        frames().filter(|frame| frame.voiced).map(|frame| frame.frame.pitch_hz).collect();
    if pitches.is_empty() {
        pitches = frames().map(|frame| frame.frame.pitch_hz).collect();
    }
    let mut levels: Vec<f32> = frames().map(|frame| frame.frame.loudness_db).collect();
    let seconds = |frames: usize| frames as f32 * crate::vocoder::frame::HOP_SECONDS as f32;
    let mut events: Vec<f32> = corpus.events.iter().map(|event| seconds(event.frames.len())).collect();
    let mut pauses = corpus.pauses.clone();
    for values in [&mut pitches, &mut levels, &mut events, &mut pauses] {
        values.sort_by(f32::total_cmp);
    }
    let voiced = frames().filter(|frame| frame.voiced).count();
    CorpusSummary {
        num_files: corpus.files.len() as u32,
        seconds: seconds(levels.len()),
        pitch_range_hz: [percentile(&pitches, 5), percentile(&pitches, 95)],
        loudness_range_db: [percentile(&levels, 5), percentile(&levels, 95)],
        voiced_share: voiced as f32 / levels.len().max(1) as f32,
        event_seconds: thin(&events),
        pause_seconds: thin(&pauses),
    }
}

fn percentile(sorted: &[f32], percent: usize) -> f32 {
    sorted.get((sorted.len() * percent / 100).min(sorted.len().saturating_sub(1))).copied().unwrap_or(0.0)
}

/// Up to a hundred of sorted values, evenly.
fn thin(sorted: &[f32]) -> Vec<f32> {
    const MOST: usize = 100;
    let num = sorted.len().min(MOST);
    (0..num).map(|idx| sorted[idx * sorted.len() / num]).collect()
}
