//! Do generated frames have the moments of real ones? `moments MODEL HELD_OUT GENERATED...`
//!
//! Recordings that were never learned and generated ones (a file or a folder each) are analysed alike, and their frames
//! whitened by the model's codec. For each set of generated ones: the share of voiced frames, and the mean and the
//! standard deviation of pitch, loudness and every number of timbre against the held-out ones. Near enough is a spread
//! and a voiced share within 20 % and a mean within 0.2 standard deviations. A few clips are mostly chance: take twelve
//! of 8 s or more. Exits with 1 if anything is further off.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "it talks to a person at a terminal")]

use mynah::audio_file;
use mynah::model::Model;
use mynah::model::network::VECTOR_DIM;
use mynah::vocoder::analysis::analyse;
use mynah::vocoder::frame::HOP_SECONDS;
use std::path::Path;
use std::process::ExitCode;

/// Level below which a frame is a pause, dB.
const PAUSE_DB: f32 = -55.0;
/// Farthest that a share or a spread may be off, as a share of the real one, and a mean, in standard deviations.
const MOST_OFF: f64 = 0.2;
const MOST_SHIFT: f64 = 0.2;

/// Moments of a set of recordings.
struct Moments {
    num_frames: usize,
    voiced_share: f64,
    mean: [f64; VECTOR_DIM],
    spread: [f64; VECTOR_DIM],
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [model, held_out, generated @ ..] = &arguments[..] else {
        eprintln!("usage: moments MODEL HELD_OUT GENERATED...");
        return ExitCode::from(2);
    };
    match compare(model, held_out, generated) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Prints the comparison; whether all of it is near enough.
fn compare(model: &str, held_out: &str, generated: &[String]) -> Result<bool, Box<dyn std::error::Error>> {
    let model = Model::load(Path::new(model))?;
    let real = moments(&model, held_out)?;
    println!("{held_out}: {} frames that sound, {:.2} voiced", real.num_frames, real.voiced_share);
    let mut near = true;
    for path in generated {
        let made = moments(&model, path)?;
        let voiced = made.voiced_share / real.voiced_share.max(1e-9);
        let ratios: [f64; VECTOR_DIM] = core::array::from_fn(|d| made.spread[d] / real.spread[d].max(1e-9));
        let shifts: [f64; VECTOR_DIM] =
            core::array::from_fn(|d| (made.mean[d] - real.mean[d]) / real.spread[d].max(1e-9));
        let off_ratio = |ratio: &f64| MOST_OFF < (ratio - 1.0).abs();
        let off_shift = |shift: &f64| MOST_SHIFT < shift.abs();
        println!("{path}: {} frames that sound, {:.2} voiced", made.num_frames, made.voiced_share);
        for (name, d) in [("pitch", 0), ("loudness", 1)] {
            println!("  {name}: mean {:+.2} standard deviations, spread {:.2}", shifts[d], ratios[d]);
        }
        println!(
            "  spread {:.2} to {:.2} times the real, {} of {VECTOR_DIM} off by more than 20 %",
            ratios.iter().copied().fold(f64::INFINITY, f64::min),
            ratios.iter().copied().fold(0.0, f64::max),
            ratios.iter().filter(|ratio| off_ratio(ratio)).count()
        );
        println!(
            "  mean {:+.2} to {:+.2} standard deviations, {} of {VECTOR_DIM} off by more than {MOST_SHIFT}",
            shifts.iter().copied().fold(f64::INFINITY, f64::min),
            shifts.iter().copied().fold(f64::NEG_INFINITY, f64::max),
            shifts.iter().filter(|shift| off_shift(shift)).count()
        );
        near &= !off_ratio(&voiced) && !ratios.iter().any(off_ratio) && !shifts.iter().any(off_shift);
    }
    Ok(near)
}

fn moments(model: &Model, path: &str) -> Result<Moments, Box<dyn std::error::Error>> {
    let (mut vectors, mut num_voiced) = (Vec::new(), 0.0);
    for file in audio_file::scan(&[path.into()]).files {
        let recording = audio_file::read(&file, audio_file::ANY_RATE)?;
        for analysed in analyse(&recording.samples, f64::from(recording.sample_rate), HOP_SECONDS) {
            if analysed.frame.loudness_db < PAUSE_DB {
                continue;
            }
            num_voiced += if analysed.voiced { 1.0 } else { 0.0 };
            vectors.push(model.codec.vector_from_frame(&analysed.frame).map(f64::from));
        }
    }
    if vectors.is_empty() {
        return Err(format!("{path}: no sound in it").into());
    }
    let count = vectors.len() as f64;
    let mean: [f64; VECTOR_DIM] =
        core::array::from_fn(|d| vectors.iter().map(|vector| vector[d]).sum::<f64>() / count);
    let spread = core::array::from_fn(|d| {
        (vectors.iter().map(|vector| (vector[d] - mean[d]).powi(2)).sum::<f64>() / count).sqrt()
    });
    Ok(Moments { num_frames: vectors.len(), voiced_share: num_voiced / count, mean, spread })
}
