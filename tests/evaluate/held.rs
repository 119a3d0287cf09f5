//! Does a key that is held go on? `held MODEL...`
//!
//! Two takes of 6 s of every other key that was learned, at default settings. Counted are those that come to the same few
//! frames over and over (fewer than 40 in the last two seconds), those that come to next to nothing (the last two seconds
//! 20 dB below the loudest; sound that rings out, as of a string, does so too), and those that end by themselves, as of a
//! drum. A key is late if it takes longer than 100 ms to come within 20 dB of its first half second's peak. Exits with 1 if
//! a take comes to the same few frames.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "it talks to a person at a terminal")]

use mynah::model::{Controls, Generator, Model, Start};
use std::collections::BTreeSet;
use std::process::ExitCode;

/// Frames of a take, and of its end.
const TAKE: usize = 600;
const END: usize = 200;
/// Frames that are few.
const FEW: usize = 40;
/// Level below the peak that is next to nothing, dB.
const HARDLY_DB: f32 = 20.0;
/// Frames from which the peak of a beginning is taken, and within which a key is answered.
const BEGINNING: usize = 50;
const SOON: usize = 10;

/// What became of the takes of one model.
#[derive(Default)]
struct Held {
    takes: usize,
    over_and_over: usize,
    to_nothing: usize,
    ended: usize,
    late: usize,
}

fn main() -> ExitCode {
    let models: Vec<String> = std::env::args().skip(1).collect();
    if models.is_empty() {
        eprintln!("usage: held MODEL...");
        return ExitCode::from(2);
    }
    let mut failed = false;
    for path in models {
        let model = match Model::load(&path) {
            Ok(model) => model,
            Err(error) => {
                eprintln!("{error}");
                return ExitCode::FAILURE;
            }
        };
        let Held { takes, over_and_over, to_nothing, ended, late } = hold(&model);
        println!(
            "{path}: {takes} takes, {over_and_over} over and over, {to_nothing} to nothing, {ended} ended, {late} late"
        );
        failed |= 0 < over_and_over;
    }
    if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

fn hold(model: &Model) -> Held {
    let [low, high] = model.card.corpus.pitch_range_hz;
    let semitones = (12.0 * (high / low.max(1.0)).log2()).max(0.0) as i32;
    let mut held = Held::default();
    for semitone in (0..=semitones).step_by(2) {
        for seed in 0..2 {
            held.add(&take(model, low * 2.0_f32.powf(semitone as f32 / 12.0), seed));
        }
    }
    held
}

/// Levels, dB, and remembered frames of a take, up to where it ends by itself.
fn take(model: &Model, hz: f32, seed: u64) -> Vec<(f32, Option<u16>)> {
    let controls = Controls { pitch_hz: Some(hz), ..Controls::default() };
    let mut generator = Generator::new();
    generator.start(model, &Start { pitch_hz: Some(hz), velocity: 0.8, seed });
    let mut frames = Vec::with_capacity(TAKE);
    while frames.len() < TAKE && !generator.ended() {
        let level = generator.step(model, &controls).loudness_db;
        frames.push((level, generator.remembered_frame()));
    }
    frames
}

fn peak(frames: &[(f32, Option<u16>)]) -> f32 {
    frames.iter().map(|(level, _)| *level).fold(f32::MIN, f32::max)
}

impl Held {
    fn add(&mut self, frames: &[(f32, Option<u16>)]) {
        self.takes += 1;
        let beginning = peak(&frames[..frames.len().min(BEGINNING)]);
        let answered = frames.iter().position(|(level, _)| beginning - HARDLY_DB <= *level);
        self.late += usize::from(answered.is_none_or(|frame| SOON < frame));
        if frames.len() < TAKE {
            self.ended += 1;
            return;
        }
        let end = &frames[TAKE - END..];
        let different: BTreeSet<_> = end.iter().map(|(_, frame)| frame).collect();
        self.over_and_over += usize::from(different.len() < FEW);
        self.to_nothing += usize::from(peak(end) < peak(frames) - HARDLY_DB);
    }
}
