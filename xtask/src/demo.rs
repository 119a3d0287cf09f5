//! `cargo xtask demo`: from the built-in recordings to a voice that speaks and sings, in `demo/`.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::{Context as _, Result};

use crate::{tune, workspace};

const CORPUS: &str = "assets/corpus/speech";
const FOLDER: &str = "demo";
/// Bound of learning, minutes: the whole demo is to take at most five after the build.
const MAX_MINUTES: &str = "3";
/// Seed of every take, so that two demos can be compared.
const SEED: &str = "1";

/// The command line that was just built, run at the root, and what it took.
struct Mynah {
    binary: PathBuf,
    root: PathBuf,
}

/// A line of the closing table.
struct Made {
    path: &'static str,
    what: String,
}

/// Builds the command line, learns, samples, renders and copies, and shows what came of it.
pub(crate) fn run() -> Result<()> {
    println!("── build");
    workspace::run(&mut workspace::cargo(&["build", "--release", "--package", "mynah", "--bin", "mynah"])?)?;
    let start = Instant::now();
    let root = workspace::root()?;
    std::fs::create_dir_all(root.join(FOLDER)).with_context(|| format!("cannot make {FOLDER}"))?;
    let recording = first_recording(&root)?;
    let mynah = Mynah { binary: workspace::target()?.join("release").join("mynah"), root: root.clone() };

    mynah.run("learn", &["learn", CORPUS, "-o", "demo/voice.mynah", "--max-minutes", MAX_MINUTES])?;
    let sampled = mynah.run(
        "sample: new material in the learned voice",
        &["sample", "demo/voice.mynah", "-o", "demo/sample.wav", "--seconds", "15", "--seed", SEED],
    )?;
    let rendered = mynah.run(
        "render: a round for four voices",
        &["render", "demo/voice.mynah", tune::PATH, "-o", "demo/round.wav", "--seed", SEED],
    )?;
    let copied = mynah.run(
        "copy: one recording through the codec of the model",
        &["copy", &recording, "-o", "demo/copy.wav", "--model", "demo/voice.mynah"],
    )?;
    mynah.run("inspect", &["inspect", "demo/voice.mynah"])?;

    println!("\n── what there is");
    let made = [
        Made {
            path: "demo/voice.mynah",
            what: format!("the voice, {}", kilobytes(&root, "demo/voice.mynah")?),
        },
        Made { path: "demo/voice.report.html", what: "open it in a browser, look and listen".into() },
        Made { path: "demo/sample.wav", what: measured(&root.join("demo/sample.wav"), sampled)? },
        Made { path: "demo/round.wav", what: measured(&root.join("demo/round.wav"), rendered)? },
        Made {
            path: "demo/copy.wav",
            what: format!("{}, of {recording}", measured(&root.join("demo/copy.wav"), copied)?),
        },
    ];
    for Made { path, what } in made {
        println!("{path:<24} {what}");
    }
    println!("\nin {:.0} s after the build", start.elapsed().as_secs_f64());
    Ok(())
}

impl Mynah {
    /// Runs one command under a headline; returns its seconds of wall time.
    fn run(&self, headline: &str, arguments: &[&str]) -> Result<f64> {
        let mut command = Command::new(&self.binary);
        command.args(arguments).current_dir(&self.root);
        println!("\n── {headline}\n$ {}", workspace::shown(&command));
        let start = Instant::now();
        workspace::run(&mut command)?;
        Ok(start.elapsed().as_secs_f64())
    }
}

/// The first recording of the corpus by name, relative to the root.
fn first_recording(root: &Path) -> Result<String> {
    let audio = ["wav", "flac", "aiff", "ogg", "mp3"];
    workspace::files()?
        .into_iter()
        .filter(|file| file.starts_with(CORPUS) && root.join(file).is_file())
        .find(|file| file.extension().is_some_and(|extension| audio.iter().any(|kind| extension == *kind)))
        .map(|file| file.to_string_lossy().replace('\\', "/"))
        .with_context(|| format!("no recordings in {CORPUS}"))
}

fn kilobytes(root: &Path, path: &str) -> Result<String> {
    let metadata = std::fs::metadata(root.join(path)).with_context(|| format!("cannot find {path}"))?;
    Ok(format!("{} kB", metadata.len() / 1000))
}

/// Length, level and speed of a WAV file that took `seconds` to make.
fn measured(path: &Path, seconds: f64) -> Result<String> {
    let mut reader =
        hound::WavReader::open(path).with_context(|| format!("cannot read {}", path.display()))?;
    let spec = reader.spec();
    let samples: Vec<f32> = match spec.sample_format {
        hound::SampleFormat::Float => reader.samples().collect::<Result<_, _>>()?,
        hound::SampleFormat::Int => {
            let full_scale = (1_i64 << (spec.bits_per_sample - 1)) as f32;
            reader.samples::<i32>().map(|sample| Ok(sample? as f32 / full_scale)).collect::<Result<_>>()?
        }
    };
    let length = samples.len() as f64 / f64::from(spec.channels) / f64::from(spec.sample_rate);
    let peak = samples.iter().fold(0.0_f32, |peak, sample| peak.max(sample.abs()));
    let power =
        samples.iter().map(|sample| f64::from(*sample).powi(2)).sum::<f64>() / samples.len().max(1) as f64;
    Ok(format!(
        "{length:.1} s at {} Hz, peak {:.1} dB, mean {:.1} dB, made {:.0} times faster than it plays",
        spec.sample_rate,
        20.0 * peak.log10(),
        10.0 * power.log10(),
        length / seconds
    ))
}
