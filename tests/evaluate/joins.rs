//! Where does a free run leap from one recording to another? `joins MODEL FOLDER [CLIPS [SECONDS [RATE_HZ]]]`
//!
//! Writes clips of free runs at the default settings into a folder, and beside them `joins.json`: for each clip the times,
//! in seconds, at which a sound that goes on stops following one recording and follows another, or turns from memory to
//! imagination or back. `joins.py` asks whether they are heard. The clips come from generator and synthesiser alone,
//! without the engine's mixing, which changes no frame.
#![expect(clippy::print_stderr, reason = "it talks to a person at a terminal")]

use mynah::audio_file::{WavFormat, write_wav};
use mynah::model::memory::FLAG_END;
use mynah::model::{Controls, Generator, Model, Start};
use mynah::vocoder::frame::HOP_SECONDS;
use mynah::vocoder::synthesis::{SynthesisTables, Synthesizer};
use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

/// Level below which a frame is a pause, dB: an event that begins after one is no join.
const PAUSE_DB: f32 = -90.0;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [model, folder, numbers @ ..] = &arguments[..] else {
        eprintln!("usage: joins MODEL FOLDER [CLIPS [SECONDS [RATE_HZ]]]");
        return ExitCode::from(2);
    };
    let number =
        |idx: usize, default: f64| numbers.get(idx).and_then(|word| word.parse().ok()).unwrap_or(default);
    match write(model, folder, number(0, 12.0) as u64, number(1, 8.0), number(2, 48_000.0)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn write(
    model: &str,
    folder: &str,
    num_clips: u64,
    seconds: f64,
    rate_hz: f64,
) -> Result<(), Box<dyn std::error::Error>> {
    let (model, folder) = (Model::load(Path::new(model))?, Path::new(folder));
    let tables = Arc::new(SynthesisTables::new(rate_hz as f32));
    let mut joins = BTreeMap::new();
    for seed in 0..num_clips {
        let (samples, times) = clip(&model, Synthesizer::new(Arc::clone(&tables)), seed, seconds, rate_hz);
        let name = format!("{seed:02}.wav");
        write_wav(&folder.join(&name), &[&samples], rate_hz as u32, WavFormat::default())?;
        joins.insert(name, times);
    }
    Ok(std::fs::write(folder.join("joins.json"), serde_json::to_string(&joins)?)?)
}

/// Sound of one free run, and the times of its joins, seconds.
fn clip(
    model: &Model,
    mut synthesizer: Synthesizer,
    seed: u64,
    seconds: f64,
    rate_hz: f64,
) -> (Vec<f32>, Vec<f64>) {
    let mut generator = Generator::new();
    generator.start(model, &Start { pitch_hz: None, velocity: 1.0, seed });
    synthesizer.reset(seed);
    let (mut samples, mut joins) = (Vec::new(), Vec::new());
    let (mut before, mut sounded) = (None, false);
    let mut last = None;
    for hop_idx in 0..(seconds / HOP_SECONDS) as u64 {
        let frame = generator.step(model, &Controls::default());
        let sounds = PAUSE_DB < frame.loudness_db;
        let now = if sounds { generator.remembered_frame() } else { None };
        if sounded && sounds && leaps(model, before, now) {
            // The sound of a hop runs from the frame before to this one: the join is between them.
            joins.push((hop_idx as f64 + 0.5) * HOP_SECONDS);
        }
        (before, sounded) = (now, sounds);
        let half_way =
            generator.half_way(model, &Controls::default(), last.as_ref().unwrap_or(&frame), &frame);
        last = Some(frame);
        for (sounding, share) in [(half_way, 0.5), (frame, 1.0)] {
            let end = ((hop_idx as f64 + share) * HOP_SECONDS * rate_hz) as usize;
            let begin = samples.len();
            samples.resize(end, 0.0);
            synthesizer.begin_hop(&sounding, end - begin);
            synthesizer.process(&mut samples[begin..]);
        }
    }
    (samples, joins)
}

/// Does `now` come from elsewhere than what followed `before` in the recordings?
fn leaps(model: &Model, before: Option<u16>, now: Option<u16>) -> bool {
    let ends =
        |frame: u16| model.memory.flags.get(usize::from(frame)).is_some_and(|flags| flags & FLAG_END != 0);
    match (before, now) {
        (Some(before), Some(now)) => now != before.saturating_add(1) || ends(before),
        (before, now) => before.is_some() != now.is_some(),
    }
}
