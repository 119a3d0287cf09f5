//! Does steering bring the sound to its place on the map, and what does it cost in likelihood? `steering MODEL`
//!
//! A key is held at the mean pitch of the recordings, Chance 1, while timbre is steered to places on the map, drawn
//! with a fixed seed; imagined and remembered, at five strengths. For each: how far the mean of timbre is from the
//! place, as a root mean square and a mean absolute difference over the numbers of timbre (whitened: of recordings'
//! standard deviations); how far the frames themselves are; and the log likelihood of their timbre by the network as
//! it is unsteered, nats a frame. The goal: at strength 1 the mean is within half a standard deviation, and likelihood
//! falls smoothly.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "it talks to a person at a terminal")]

use mynah::model::network::{
    GESTURE_DIM, INPUT, INPUT_FIRST, INPUT_GATE, LOG_SPREAD, State, TIMBRE_COMPONENTS, TIMBRE_ROW, VECTOR_DIM,
};
use mynah::model::{Controls, Generator, Model, Start, Steer, random};
use rand_core::SeedableRng as _;
use std::f64::consts::TAU;
use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

/// Places on the map, and takes to each.
const NUM_PLACES: usize = 12;
const NUM_TAKES: u64 = 2;
/// Frames of a take, and those of its beginning that do not count: it is on its way.
const NUM_FRAMES: usize = 1_000;
const NUM_ON_THE_WAY: usize = 100;
/// Farthest that a mean may be, standard deviations.
const MOST_OFF: f64 = 0.5;

/// What was measured at one place.
#[derive(Clone, Copy, Default)]
struct Figures {
    /// Mean of timbre to the place: root mean square and mean absolute difference of the numbers.
    rms: f64,
    absolute: f64,
    /// Each frame to the place: root mean square.
    frame_rms: f64,
    /// Nats a frame.
    log_likelihood: f64,
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [path] = &arguments[..] else {
        eprintln!("usage: steering MODEL");
        return ExitCode::from(2);
    };
    match Model::load(Path::new(path)) {
        Ok(model) => {
            compare(&model);
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn compare(model: &Model) {
    let mut rng = rand_pcg::Pcg32::seed_from_u64(1);
    let num_points = model.map.num_points();
    let places: Vec<usize> =
        (0..NUM_PLACES).map(|_| (random::uniform(&mut rng) * num_points as f32) as usize).collect();
    println!("{NUM_PLACES} places of {num_points}, {NUM_TAKES} takes each of {NUM_FRAMES} frames");
    println!(
        "memory strength | mean to place: rms (worst, within {MOST_OFF}) absolute | frame rms | nats | µs a step"
    );
    for memory in [0.0, 1.0] {
        for strength in [0.0, 0.25, 0.5, 0.75, 1.0] {
            let begun = Instant::now();
            let all: Vec<Figures> =
                places.iter().map(|&place| measured(model, place, memory, strength)).collect();
            let steps = NUM_PLACES * NUM_TAKES as usize * NUM_FRAMES;
            let microseconds = 1e6 * begun.elapsed().as_secs_f64() / steps as f64;
            let mean = |of: fn(&Figures) -> f64| all.iter().map(of).sum::<f64>() / all.len() as f64;
            let worst = all.iter().map(|figures| figures.rms).fold(0.0, f64::max);
            let within = all.iter().filter(|figures| figures.rms <= MOST_OFF).count();
            println!(
                "{memory} {strength:4.2} | {:.2} ({worst:.2}, {within} of {NUM_PLACES}) {:.2} | {:.2} | {:+.1} | \
                 {microseconds:.0} with judging",
                mean(|figures| figures.rms),
                mean(|figures| figures.absolute),
                mean(|figures| figures.frame_rms),
                mean(|figures| figures.log_likelihood),
            );
        }
    }
}

/// Mean over the takes to one place.
fn measured(model: &Model, place: usize, memory: f32, strength: f32) -> Figures {
    let target = &model.map.frames[place * VECTOR_DIM..(place + 1) * VECTOR_DIM];
    let [x, y] = [model.map.positions[2 * place], model.map.positions[2 * place + 1]];
    let controls = Controls {
        pitch_hz: Some(model.codec.pitch_hz(0.0)),
        memory,
        chance: 1.0,
        steer: Some(Steer { x, y, strength }),
        ..Controls::default()
    };
    let mut generator = Generator::new();
    let mut mean = [0.0_f64; VECTOR_DIM];
    let mut figures = Figures::default();
    let share = 1.0 / (NUM_TAKES as usize * (NUM_FRAMES - NUM_ON_THE_WAY)) as f64;
    let timbre_share = 1.0 / (VECTOR_DIM - GESTURE_DIM) as f64;
    for seed in 0..NUM_TAKES {
        generator.start(model, &Start { pitch_hz: controls.pitch_hz, velocity: 0.8, seed });
        let mut judge = Judge::default();
        for frame in 0..NUM_FRAMES {
            generator.step(model, &controls);
            let log_likelihood = judge.log_likelihood(model, generator.heard());
            if frame < NUM_ON_THE_WAY {
                continue;
            }
            figures.log_likelihood += share * log_likelihood;
            let mut squares = 0.0;
            for d in GESTURE_DIM..VECTOR_DIM {
                let value = f64::from(generator.heard()[d]);
                mean[d] += share * value;
                squares += timbre_share * (value - f64::from(target[d])).powi(2);
            }
            figures.frame_rms += share * squares.sqrt();
        }
    }
    let off = || (GESTURE_DIM..VECTOR_DIM).map(|d| mean[d] - f64::from(target[d]));
    figures.rms = (timbre_share * off().map(|off| off * off).sum::<f64>()).sqrt();
    figures.absolute = timbre_share * off().map(f64::abs).sum::<f64>();
    figures
}

/// The network, told what a take was, unsteered.
struct Judge {
    state: State,
    before: [f32; VECTOR_DIM],
    first: bool,
}

impl Default for Judge {
    fn default() -> Self {
        Self { state: State::new(), before: [0.0; VECTOR_DIM], first: true }
    }
}

impl Judge {
    /// Log likelihood of the timbre of the next frame, given its gesture and the frames before. The key is one that was
    /// recorded, so the network is told of no shift.
    fn log_likelihood(&mut self, model: &Model, heard: &[f32; VECTOR_DIM]) -> f64 {
        let mut input = [0.0_f32; INPUT];
        for (told, value) in input.iter_mut().zip(&self.before) {
            *told = value.clamp(-5.0, 5.0);
        }
        (input[INPUT_GATE], input[INPUT_FIRST]) = (1.0, if self.first { 1.0 } else { 0.0 });
        model.network.step(&mut self.state, &input);
        let mut sum = 0.0;
        model.network.timbre_numbers::<1>(&self.state, [heard[0], heard[1]], |_, d, row| {
            let change = heard[GESTURE_DIM + d] - self.before[GESTURE_DIM + d];
            sum += log_density(row, change);
            change
        });
        (self.before, self.first) = (*heard, false);
        sum
    }
}

/// Log density of a change by the row of its mixture.
fn log_density(row: &[f32; TIMBRE_ROW], change: f32) -> f64 {
    let row = row.map(f64::from);
    let weights: f64 = row[..TIMBRE_COMPONENTS].iter().map(|log| log.exp()).sum();
    let density: f64 = (0..TIMBRE_COMPONENTS)
        .map(|component| {
            let spread = row[2 * TIMBRE_COMPONENTS + component];
            let spread = spread.clamp(f64::from(LOG_SPREAD.0), f64::from(LOG_SPREAD.1)).exp();
            let off = (f64::from(change) - row[TIMBRE_COMPONENTS + component]) / spread;
            row[component].exp() * (-0.5 * off * off).exp() / (TAU.sqrt() * spread)
        })
        .sum();
    (density / weights).max(f64::MIN_POSITIVE).ln()
}
