//! Fitting: maximum likelihood by Adam, stopped by held-out likelihood.
//!
//! D. P. Kingma, J. Ba (2015), "Adam: a method for stochastic optimization", algorithm 1. The batch is split over
//! threads and their gradients are summed in order: one seed and one number of threads give one result. Looked at and
//! kept is the running mean of the weights (B. T. Polyak, A. B. Juditsky 1992, "Acceleration of stochastic approximation
//! by averaging"): it is where smaller steps would lead, without the time that they take.

use super::control::Request;
use super::dataset::{Lanes, Sequence, plain_batch};
use super::network::{Batch, Pass};
use super::parameters::{initial, num_parameters};
use crate::model::card::CurvePoint;
use crate::model::codec::Codec;
use rand_core::SeedableRng as _;
use std::thread::ScopedJoinHandle;
use std::time::{Duration, Instant};

/// Sequences side by side.
const LANES: usize = 32;
/// Steps of a batch.
const STEPS: usize = 80;
/// Learning rate at first, and the one below which fitting ends.
const FIRST_RATE: f32 = 2e-3;
const LAST_RATE: f32 = 1.2e-4;
/// Factor on the rate when held-out likelihood stands still.
const RATE_STEP: f32 = 0.4;
/// Optimiser steps between looks at held-out material.
const EVALUATE_EVERY: u32 = 40;
/// Looks without gain before the rate falls.
const PATIENCE: u32 = 3;
/// Gain that counts, nats a frame.
const LEAST_GAIN: f32 = 0.01;
/// Most frames of held-out material that are looked at.
const MOST_HELD_OUT: usize = 5_000;
/// Adam's decay of means and of squares, and its guard.
const DECAY: (f32, f32) = (0.9, 0.99);
const GUARD: f32 = 1e-8;
/// Share of the running mean that stays at each step, once there have been many.
const MEAN_DECAY: f32 = 0.99;
/// Longest gradient: longer ones are cut to it.
const MOST_GRADIENT: f32 = 5.0;

/// How to fit.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FitConfig {
    /// Seed of all chance.
    pub seed: u64,
    /// Threads.
    pub threads: usize,
    /// When to end at the latest.
    pub deadline: Instant,
}

/// The state of a fit at a look at held-out material.
#[derive(Debug)]
pub(crate) struct Look<'a> {
    /// The curve so far.
    pub curve: &'a [CurvePoint],
    /// The best weights so far.
    pub best: &'a [f32],
    /// Their held-out nats a frame.
    pub best_held_out: f32,
    /// Share of the work done, an estimate, 0 to 1.
    pub share: f32,
    /// Time left, an estimate.
    pub left: Duration,
}

/// What came of it.
#[derive(Clone, Debug)]
pub(crate) struct Fitted {
    /// The best weights by held-out likelihood.
    pub weights: Vec<f32>,
    /// The curve.
    pub curve: Vec<CurvePoint>,
    /// Held-out nats a frame of the best weights.
    pub held_out: f32,
}

/// Fits the network. `look` is called after every look at held-out material and ends the fit by returning `false`.
/// `request` is asked between steps: to finish ends the fit once there was a look; to give up ends it at once, `None`.
pub(crate) fn fit(
    learned: &[Sequence],
    held_out: &[Sequence],
    codec: &Codec,
    config: &FitConfig,
    look: &mut dyn FnMut(&Look<'_>) -> bool,
    request: &dyn Fn() -> Request,
) -> Option<Fitted> {
    let started = Instant::now();
    let threads = config.threads.clamp(1, LANES);
    let mut rng = rand_pcg::Pcg64Mcg::seed_from_u64(config.seed);
    let mut weights = initial(&mut rng);
    let lanes_per_thread = LANES.div_ceil(threads);
    let mut lanes = Lanes::new(learned, codec, lanes_per_thread * threads, &mut rng);
    let mut workers: Vec<Worker> = (0..threads).map(|_| Worker::new()).collect();
    let evaluation: Vec<Batch> = evaluation_batches(held_out);
    let mut adam = Adam::new();
    let mut mean = weights.clone();
    let (mut rate, mut step, mut stale) = (FIRST_RATE, 0_u32, 0_u32);
    let mut best = Fitted { weights: weights.clone(), curve: Vec::new(), held_out: f32::INFINITY };
    let (mut nats, mut frames) = (0.0_f64, 0.0_f64);
    loop {
        match request() {
            Request::GiveUp => return None,
            Request::Finish if !best.curve.is_empty() => return Some(best),
            Request::GoOn | Request::Finish => {}
        }
        let mut batches: Vec<Batch> =
            workers.iter_mut().map(|worker| std::mem::take(&mut worker.batch)).collect();
        lanes.fill(&mut batches, STEPS, &mut rng);
        for (worker, batch) in workers.iter_mut().zip(batches) {
            worker.batch = batch;
        }
        let num_frames = (lanes_per_thread * threads * STEPS) as f32;
        nats += gradients(&mut workers, &weights, 1.0 / num_frames);
        frames += f64::from(num_frames);
        let (first, rest) = workers.split_at_mut(1);
        for worker in rest {
            for (sum, value) in first[0].gradient.iter_mut().zip(&worker.gradient) {
                *sum += value;
            }
        }
        adam.step(&mut weights, &first[0].gradient, rate);
        step += 1;
        let share = 1.0 - MEAN_DECAY.min(step as f32 / (step as f32 + 10.0));
        for (mean, weight) in mean.iter_mut().zip(&weights) {
            *mean += share * (weight - *mean);
        }
        if step % EVALUATE_EVERY != 0 {
            continue;
        }
        let held_out = evaluate(&mut workers, &mean, &evaluation);
        let learning = (nats / frames) as f32;
        (nats, frames) = (0.0, 0.0);
        best.curve.push(CurvePoint { step, learning, held_out });
        if held_out < best.held_out - LEAST_GAIN {
            stale = 0;
        } else {
            stale += 1;
        }
        if held_out < best.held_out {
            best.held_out = held_out;
            best.weights.copy_from_slice(&mean);
        }
        if !held_out.is_finite() || PATIENCE <= stale {
            // Back to the best, in smaller steps.
            rate *= RATE_STEP;
            stale = 0;
            weights.copy_from_slice(&best.weights);
            mean.copy_from_slice(&best.weights);
        }
        let (share, left) = outlook(rate, started, config.deadline);
        let going = look(&Look {
            curve: &best.curve,
            best: &best.weights,
            best_held_out: best.held_out,
            share,
            left,
        });
        if !going || rate < LAST_RATE || config.deadline <= Instant::now() {
            return Some(best);
        }
    }
}

/// Share done and time left: by the fall of the rate, or the deadline if that comes first.
fn outlook(rate: f32, started: Instant, deadline: Instant) -> (f32, Duration) {
    let now = Instant::now();
    let spent = now - started;
    let by_rate = 0.35 + 0.65 * (rate / FIRST_RATE).ln() / (LAST_RATE / FIRST_RATE).ln();
    let whole = (deadline - started).as_secs_f32().max(1e-3);
    let share = by_rate.min(0.35 + 0.65 * spent.as_secs_f32() / whole).max(spent.as_secs_f32() / whole);
    let share = share.clamp(0.01, 1.0);
    let left = spent.mul_f32(((1.0 - share) / share).min(100.0)).min(deadline.saturating_duration_since(now));
    (share, left)
}

struct Worker {
    batch: Batch,
    pass: Pass,
    look: Pass,
    gradient: Vec<f32>,
    nats: f64,
}

impl Worker {
    fn new() -> Self {
        Self {
            batch: Batch::default(),
            pass: Pass::default(),
            look: Pass::default(),
            gradient: vec![0.0; num_parameters()],
            nats: 0.0,
        }
    }
}

/// Gradients of all workers' batches, in their own vectors; the sum of nats.
fn gradients(workers: &mut [Worker], weights: &[f32], scale: f32) -> f64 {
    std::thread::scope(|scope| {
        let run = |worker: &mut Worker| {
            worker.gradient.fill(0.0);
            worker.nats = worker.pass.gradient(weights, &worker.batch, scale, &mut worker.gradient);
        };
        let threads = workers.iter_mut().map(|worker| scope.spawn(move || run(worker)));
        join(threads.collect());
    });
    workers.iter().map(|worker| worker.nats).sum()
}

/// Held-out sequences as batches, up to [`MOST_HELD_OUT`] frames.
fn evaluation_batches(held_out: &[Sequence]) -> Vec<Batch> {
    let mut frames = 0;
    held_out
        .iter()
        .take_while(|sequence| {
            let taken = frames < MOST_HELD_OUT;
            frames += sequence.vectors.len();
            taken
        })
        .map(plain_batch)
        .collect()
}

/// Nats a frame over held-out material.
fn evaluate(workers: &mut [Worker], weights: &[f32], batches: &[Batch]) -> f32 {
    let threads = workers.len();
    std::thread::scope(|scope| {
        let run = |thread_idx: usize, worker: &mut Worker| {
            worker.nats = 0.0;
            for batch in batches.iter().skip(thread_idx).step_by(threads) {
                worker.nats += worker.look.likelihood(weights, batch);
            }
        };
        let workers = workers.iter_mut().enumerate();
        join(workers.map(|(idx, worker)| scope.spawn(move || run(idx, worker))).collect());
    });
    let frames: usize = batches.iter().map(|batch| batch.steps).sum();
    (workers.iter().map(|worker| worker.nats).sum::<f64>() / frames.max(1) as f64) as f32
}

/// Waits until the threads are gone: a scope alone waits only until they have nothing left to do.
fn join(threads: Vec<ScopedJoinHandle<'_, ()>>) {
    for thread in threads {
        if let Err(panic) = thread.join() {
            std::panic::resume_unwind(panic);
        }
    }
}

struct Adam {
    means: Vec<f32>,
    squares: Vec<f32>,
    step: i32,
}

impl Adam {
    fn new() -> Self {
        Self { means: vec![0.0; num_parameters()], squares: vec![0.0; num_parameters()], step: 0 }
    }

    fn step(&mut self, weights: &mut [f32], gradient: &[f32], rate: f32) {
        self.step += 1;
        let length = gradient.iter().map(|g| f64::from(g * g)).sum::<f64>().sqrt() as f32;
        if !length.is_finite() {
            return;
        }
        let scale = (MOST_GRADIENT / length.max(1e-12)).min(1.0);
        let mean_bias = 1.0 - DECAY.0.powi(self.step);
        let square_bias = 1.0 - DECAY.1.powi(self.step);
        let moments = self.means.iter_mut().zip(&mut self.squares);
        for ((weight, gradient), (mean, square)) in weights.iter_mut().zip(gradient).zip(moments) {
            let g = scale * gradient;
            *mean = DECAY.0 * *mean + (1.0 - DECAY.0) * g;
            *square = DECAY.1 * *square + (1.0 - DECAY.1) * g * g;
            *weight -= rate * (*mean / mean_bias) / ((*square / square_bias).sqrt() + GUARD);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::codec::{FRAME_VALUES, TIMBRE_DIM};
    use crate::model::network::VECTOR_DIM;

    fn codec() -> Codec {
        Codec {
            pitch_mean: 8.0,
            pitch_std: 1.0,
            loudness_mean: -30.0,
            loudness_std: 10.0,
            mean: vec![0.0; FRAME_VALUES],
            encode: vec![0.0; TIMBRE_DIM * FRAME_VALUES],
            decode: vec![0.0; TIMBRE_DIM * FRAME_VALUES],
        }
    }

    fn waves(num: usize) -> Vec<Sequence> {
        (0..num)
            .map(|i| Sequence {
                vectors: (0..60)
                    .map(|t| {
                        core::array::from_fn::<f32, VECTOR_DIM, _>(|d| {
                            ((t + 5 * i) as f32 * 0.2 + d as f32).sin()
                        })
                    })
                    .collect(),
                details: Vec::new(),
                gate_frames: 50,
            })
            .collect()
    }

    fn short_fit(seed: u64) -> Fitted {
        let config = FitConfig { seed, threads: 2, deadline: Instant::now() + Duration::from_secs(600) };
        fit(&waves(8), &waves(2), &codec(), &config, &mut |look| look.curve.len() < 2, &|| Request::GoOn)
            .unwrap()
    }

    #[test]
    fn likelihood_grows_and_one_seed_gives_one_result() {
        let first = short_fit(1);
        let held_out: Vec<f32> = first.curve.iter().map(|point| point.held_out).collect();
        assert!(held_out[1] < held_out[0], "{held_out:?}");
        assert!(first.weights == short_fit(1).weights, "the same seed gives the same weights");
        assert!(first.weights != short_fit(2).weights, "another seed gives others");
    }
}
