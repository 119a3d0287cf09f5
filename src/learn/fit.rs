//! Fitting: maximum likelihood by [`Optimiser`], ended by a plan; kept is what held-out likelihood calls the best.
//!
//! The rate falls to zero in a straight line (A. Defazio, A. Cutkosky, H. Mehta, K. Mishchenko 2023, "Optimal linear
//! decay learning rate schedules and further refinements"). Looked at and kept is the running mean of the weights (B. T.
//! Polyak, A. B. Juditsky 1992, "Acceleration of stochastic approximation by averaging"): it is where smaller steps would
//! lead, without the time that they take. What each part of the plan brings is in `tests/evaluate/README.md`.
//!
//! The batch is split over threads and their gradients are summed in order: one seed and one number of threads give one
//! result.

use super::control::Request;
use super::dataset::{Lanes, Sequence, frames_in, held_out_batches};
use super::network::{Batch, Pass};
use super::optimiser::Optimiser;
use super::parameters::{initial, num_parameters};
use super::workers::Workers;
use crate::model::card::CurvePoint;
use crate::model::codec::Codec;
use rand_core::SeedableRng as _;
use rayon::prelude::*;
use std::time::{Duration, Instant};

/// Sequences side by side.
const LANES: usize = 16;
/// Fewest of them a thread: each thread reads all weights of the recurrent unit at every step.
const LEAST_LANES: usize = 2;
/// Steps of a batch.
const STEPS: usize = 80;
/// Learning rate at first.
const FIRST_RATE: f32 = 1.6e-2;
/// Times that each frame is learned from, and the bounds of the optimiser's steps that come of it.
const ROUNDS: usize = 125;
const NUM_STEPS: (usize, usize) = (480, 6_000);
/// Weight decay: this by the number of learned frames, and at most that, a step at the first rate. It is the prior, the
/// frames are the evidence.
const DECAY_FRAMES: f32 = 240.0;
const MOST_DECAY: f32 = 0.1;
/// Share of the state that is left out on its way to the heads: this by the number of learned frames, within bounds.
const DROPPED_FRAMES: f32 = 6_000.0;
const DROPPED: (f32, f32) = (0.1, 0.5);
/// Looks at held-out material in all.
const NUM_LOOKS: u32 = 60;
/// Factor on the rate when held-out likelihood is not finite.
const CAUTION: f32 = 0.3;
/// Most frames of held-out material that are looked at.
const MOST_HELD_OUT: usize = 5_000;
/// Share of the running mean that stays at each step, once there have been many.
const MEAN_DECAY: f32 = 0.99;

/// How to fit.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FitConfig<'a> {
    /// Seed of all chance.
    pub seed: u64,
    /// Where to run.
    pub pool: &'a Workers,
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
    config: &FitConfig<'_>,
    look: &mut dyn FnMut(&Look<'_>) -> bool,
    request: &dyn Fn() -> Request,
) -> Option<Fitted> {
    let mut plan = Plan::new(learned, config.deadline);
    let threads = config.pool.num_threads().clamp(1, LANES / LEAST_LANES);
    let mut rng = rand_pcg::Pcg64Mcg::seed_from_u64(config.seed);
    let mut weights = initial(&mut rng);
    let lanes_per_thread = LANES.div_ceil(threads);
    let mut lanes = Lanes::new(learned, codec, lanes_per_thread * threads, &mut rng);
    let mut workers: Vec<Worker> = (0..threads).map(|_| Worker::new()).collect();
    let evaluation = held_out_batches(held_out, threads, MOST_HELD_OUT);
    let mut optimiser = Optimiser::new(plan.weight_decay);
    let mut mean = weights.clone();
    let (mut rate, mut step) = (FIRST_RATE, 0_u32);
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
        lanes.fill(&mut batches, STEPS, plan.dropped, &mut rng);
        for (worker, batch) in workers.iter_mut().zip(batches) {
            worker.batch = batch;
        }
        let num_frames = (lanes_per_thread * threads * STEPS) as f32;
        nats += gradients(config.pool, &mut workers, &weights, 1.0 / num_frames);
        frames += f64::from(num_frames);
        let (first, rest) = workers.split_at_mut(1);
        for worker in rest {
            for (sum, value) in first[0].gradient.iter_mut().zip(&worker.gradient) {
                *sum += value;
            }
        }
        optimiser.step(config.pool, &mut weights, &first[0].gradient, rate * (1.0 - plan.share(step)));
        step += 1;
        let share = 1.0 - MEAN_DECAY.min(step as f32 / (step as f32 + 10.0));
        for (mean, weight) in mean.iter_mut().zip(&weights) {
            *mean += share * (weight - *mean);
        }
        if step % plan.look_every != 0 && !plan.is_over(step) {
            continue;
        }
        let held_out = evaluate(config.pool, &mut workers, &mean, &evaluation);
        let learning = (nats / frames) as f32;
        (nats, frames) = (0.0, 0.0);
        best.curve.push(CurvePoint { step, learning, held_out });
        if held_out < best.held_out {
            best.held_out = held_out;
            best.weights.copy_from_slice(&mean);
        }
        if !held_out.is_finite() {
            // Back to the best, in smaller steps.
            rate *= CAUTION;
            weights.copy_from_slice(&best.weights);
            mean.copy_from_slice(&best.weights);
            optimiser = Optimiser::new(plan.weight_decay);
        }
        let now = Instant::now();
        plan.fit_to_time(step, now);
        let going = look(&Look {
            curve: &best.curve,
            best: &best.weights,
            best_held_out: best.held_out,
            share: plan.share(step),
            left: plan.left(step, now),
        });
        if !going || plan.is_over(step) {
            return Some(best);
        }
    }
}

/// How long to go on, and how firmly to hold weights to zero.
struct Plan {
    started: Instant,
    deadline: Instant,
    /// Steps wanted, and those that there is time for.
    wanted: u32,
    num_steps: u32,
    look_every: u32,
    weight_decay: f32,
    dropped: f32,
}

impl Plan {
    fn new(learned: &[Sequence], deadline: Instant) -> Self {
        let frames = frames_in(learned);
        let wanted = (ROUNDS * frames / (LANES * STEPS)).clamp(NUM_STEPS.0, NUM_STEPS.1) as u32;
        Self {
            started: Instant::now(),
            deadline,
            wanted,
            num_steps: wanted,
            look_every: wanted.div_ceil(NUM_LOOKS),
            weight_decay: (DECAY_FRAMES / frames.max(1) as f32).min(MOST_DECAY) / FIRST_RATE,
            dropped: (DROPPED_FRAMES / frames.max(1) as f32).clamp(DROPPED.0, DROPPED.1),
        }
    }

    /// Share of the steps done after `step` of them. It knows no clock: with time to spare, one seed gives one result.
    fn share(&self, step: u32) -> f32 {
        (step as f32 / self.num_steps as f32).min(1.0)
    }

    fn is_over(&self, step: u32) -> bool {
        self.num_steps <= step || self.deadline <= Instant::now()
    }

    /// Shortens the way, once `step` steps have shown how long one takes, to what there is time for.
    fn fit_to_time(&mut self, step: u32, now: Instant) {
        let whole = self.deadline.saturating_duration_since(self.started).as_secs_f32();
        let possible = step as f32 * whole / (now - self.started).as_secs_f32().max(1e-3);
        self.num_steps = self.wanted.min(possible as u32).max(step);
    }

    /// Time left after `step` steps.
    fn left(&self, step: u32, now: Instant) -> Duration {
        let by_step = (now - self.started).div_f32(step.max(1) as f32);
        let left = by_step.mul_f32(self.num_steps.saturating_sub(step) as f32);
        left.min(self.deadline.saturating_duration_since(now))
    }
}

struct Worker {
    batch: Batch,
    pass: Pass,
    look: Pass,
    gradient: Vec<f32>,
}

impl Worker {
    fn new() -> Self {
        Self {
            batch: Batch::default(),
            pass: Pass::default(),
            look: Pass::default(),
            gradient: vec![0.0; num_parameters()],
        }
    }
}

/// Gradients of all workers' batches, in their own vectors; the sum of nats.
fn gradients(pool: &Workers, workers: &mut [Worker], weights: &[f32], scale: f32) -> f64 {
    let run = |worker: &mut Worker| {
        worker.gradient.fill(0.0);
        worker.pass.gradient(weights, &worker.batch, scale, &mut worker.gradient)
    };
    // Collected, so that they are summed in order.
    let nats: Vec<f64> = pool.install(|| workers.par_iter_mut().map(run).collect());
    nats.iter().sum()
}

/// Nats a frame over held-out material, at most a batch a worker.
fn evaluate(pool: &Workers, workers: &mut [Worker], weights: &[f32], batches: &[Batch]) -> f32 {
    let run = |(worker, batch): (&mut Worker, &Batch)| {
        worker.look.carry.clear();
        worker.look.likelihood(weights, batch)
    };
    let nats: Vec<f64> = pool.install(|| workers.par_iter_mut().zip(batches).map(run).collect());
    let frames: f32 = batches.iter().flat_map(|batch| &batch.present).sum();
    (nats.iter().sum::<f64>() / f64::from(frames.max(1.0))) as f32
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
        let pool = Workers::new(2).unwrap();
        let config = FitConfig { seed, pool: &pool, deadline: Instant::now() + Duration::from_secs(600) };
        fit(&waves(8), &waves(2), &codec(), &config, &mut |look| look.curve.len() < 2, &|| Request::GoOn)
            .unwrap()
    }

    #[test]
    fn little_time_shortens_the_way_and_enough_of_it_leaves_no_trace() {
        let learned = waves(8);
        let plan = |seconds: u64| {
            let plan = Plan::new(&learned, Instant::now());
            let mut plan = Plan { deadline: plan.started + Duration::from_secs(seconds), ..plan };
            // 48 steps in 10 s.
            let now = plan.started + Duration::from_secs(10);
            plan.fit_to_time(48, now);
            let left = plan.left(48, now);
            (plan, left)
        };
        let ((short, left), (long, _)) = (plan(20), plan(2_000));
        assert_eq!((short.num_steps, short.share(48), left), (96, 0.5, Duration::from_secs(10)));
        assert_eq!((long.num_steps, long.share(48)), (480, 0.1));
    }

    #[test]
    fn sequences_side_by_side_are_judged_as_each_alone() {
        let pool = Workers::new(2).unwrap();
        let mut sequences = waves(9);
        for (idx, sequence) in sequences.iter_mut().enumerate() {
            sequence.vectors.truncate([60, 7, 1, 33][idx % 4]);
        }
        let mut weights = initial(&mut rand_pcg::Pcg64Mcg::seed_from_u64(3));
        weights.iter_mut().for_each(|weight| *weight *= 3.0);
        let nats = |threads: usize, sequences: &[Sequence]| {
            let mut workers: Vec<Worker> = (0..threads).map(|_| Worker::new()).collect();
            let batches = held_out_batches(sequences, threads, usize::MAX);
            // Twice: nothing is left over from the look before.
            evaluate(&pool, &mut workers, &weights, &batches);
            evaluate(&pool, &mut workers, &weights, &batches)
        };
        let frames = |sequences: &[Sequence]| frames_in(sequences) as f32;
        let alone =
            sequences.chunks(1).map(|one| nats(1, one) * frames(one)).sum::<f32>() / frames(&sequences);
        for threads in [1, 2, 3] {
            let together = nats(threads, &sequences);
            assert!((together - alone).abs() < 1e-3 * alone.abs(), "{threads} threads: {together}, {alone}");
        }
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
