//! `mynah sample`: a free run, new material in the learned voice.

use super::interrupt::{end_when_asked, writing};
use super::{exit_codes, output, tell, values};
use crate::audio_file::{WavFormat, write_wav};
use crate::engine::ParamId;
use crate::model::Model;
use crate::render::{FreeRunConfig, free_run};
use crate::units::{SampleRate, Seconds};
use serde_json::json;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

/// Make new material in the learned voice, no key held.
///
/// The same model, seed and settings give the same samples.
#[derive(Debug, clap::Args)]
#[command(after_help = concat!(
    "Example: twenty seconds, and another take of them\n",
    "  mynah sample voice.mynah -o first.wav --seconds 20\n",
    "  mynah sample voice.mynah -o second.wav --seconds 20 --seed 2\n\n",
    exit_codes!()
))]
pub(super) struct Args {
    /// The model, a .mynah file.
    model: PathBuf,
    /// The WAV file to write (24 bit, mono); `.wav` is added where it is missing.
    #[arg(short, long, value_name = "OUT.wav")]
    output: PathBuf,
    /// Length in seconds.
    #[arg(long, value_name = "S", value_parser = values::seconds, allow_negative_numbers = true)]
    seconds: f32,
    /// Which of the possible takes.
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    /// From 0, the same whatever the seed, through 1, as varied as learned, to 1.5.
    #[arg(long, value_name = "C", value_parser = values::chance, allow_negative_numbers = true, default_value_t = ParamId::Chance.spec().default)]
    chance: f32,
    /// From 0, imagined, to 1, remembered.
    #[arg(long, value_name = "M", value_parser = values::memory, allow_negative_numbers = true, default_value_t = ParamId::Memory.spec().default)]
    memory: f32,
    /// Sample rate, 8000 to 192000 Hz.
    #[arg(long, value_name = "HZ", default_value_t = 48_000, value_parser = clap::value_parser!(u32).range(i64::from(values::MIN_RATE_HZ)..=i64::from(values::MAX_RATE_HZ)))]
    rate: u32,
    /// Answer in JSON.
    #[arg(long)]
    json: bool,
}

impl Args {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let model = Arc::new(Model::load(&self.model)?);
        let path = output::checked(&self.output, "wav")?;
        end_when_asked()?;
        let config = FreeRunConfig {
            length: Seconds(self.seconds),
            seed: self.seed,
            chance: self.chance,
            memory: self.memory,
            sample_rate: SampleRate(self.rate as f32),
        };
        let begun = Instant::now();
        let samples = free_run(model, &config);
        let took_seconds = begun.elapsed().as_secs_f64();
        writing(|| write_wav(&path, &[&samples], self.rate, WavFormat::default()))?;
        let seconds = samples.len() as f64 / f64::from(self.rate);
        if self.json {
            tell::answer_json(&json!({
                "file": tell::path_text(&path),
                "seconds": seconds,
                "rate_hz": self.rate,
                "channels": 1,
                "seed": self.seed,
                "chance": self.chance,
                "memory": self.memory,
                "peak_db": output::peak_db(&[&samples]),
                "took_seconds": took_seconds,
            }));
        } else {
            let speed = seconds / took_seconds.max(1e-9);
            tell::answer(&format!(
                "{}: {seconds:.1} s, {speed:.0} times faster than real time",
                path.display()
            ));
        }
        Ok(())
    }
}
