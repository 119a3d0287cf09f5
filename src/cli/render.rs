//! `mynah render`: a MIDI file played by a model.

use super::input::{read_song, read_tuning};
use super::interrupt::{end_when_asked, writing};
use super::{exit_codes, output, tell, values};
use crate::audio_file::{WavFormat, write_wav};
use crate::engine::ParamId;
use crate::model::Model;
use crate::render::{RenderConfig, Renderer, Stereo};
use crate::tuning::Tuning;
use crate::units::SampleRate;
use crate::whole_file::printable_name;
use anyhow::anyhow;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

/// Steps of the bar.
const BAR_STEPS: u64 = 1_000;

/// Play a MIDI file with a model.
///
/// All tracks, tempo changes, sustain, pitch bend and the controllers 1, 7, 10, 11, 64 and 74. The same model, file,
/// seed and settings give the same samples.
#[derive(Debug, clap::Args)]
#[command(after_help = concat!(
    "Example: a tune, the same sung more freely by a choir of three, and in another tuning\n",
    "  mynah render voice.mynah tune.mid -o tune.wav\n",
    "  mynah render voice.mynah tune.mid -o free.wav --set own-pitch=0.3 --set choir=3\n",
    "  mynah render voice.mynah tune.mid -o just.wav --scale ptolemy.scl --keyboard a440.kbm\n\n",
    exit_codes!()
))]
pub(super) struct Args {
    /// The model, a .mynah file.
    model: PathBuf,
    /// The standard MIDI file.
    #[arg(value_name = "SONG.mid")]
    song: PathBuf,
    /// The WAV file to write (24 bit, stereo); `.wav` is added where it is missing.
    #[arg(short, long, value_name = "OUT.wav")]
    output: PathBuf,
    /// Which of the possible takes.
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    /// From 0, the same whatever the seed, through 1, as varied as learned, to 1.5.
    #[arg(long, value_name = "C", value_parser = values::chance, allow_negative_numbers = true, default_value_t = ParamId::Chance.spec().default)]
    chance: f32,
    /// Sample rate, 8000 to 192000 Hz.
    #[arg(long, value_name = "HZ", default_value_t = 48_000, value_parser = clap::value_parser!(u32).range(i64::from(values::MIN_RATE_HZ)..=i64::from(values::MAX_RATE_HZ)))]
    rate: u32,
    /// Set a parameter, such as `own-pitch=0.5` or `mode=legato`; may be given again. A wrong name lists them all.
    #[arg(long, value_name = "NAME=VALUE", value_parser = values::setting)]
    set: Vec<(ParamId, f32)>,
    /// A Scala scale to tune the keys to. Key 60 (middle C) is its beginning, unless a mapping says otherwise.
    #[arg(long, value_name = "FILE.scl")]
    scale: Option<PathBuf>,
    /// A Scala keyboard mapping: which key plays which degree of the scale, and the reference frequency. Keys that it
    /// leaves out do not sound.
    #[arg(long, value_name = "FILE.kbm", requires = "scale")]
    keyboard: Option<PathBuf>,
    /// Answer in JSON.
    #[arg(long)]
    json: bool,
}

impl Args {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let model = Arc::new(Model::load(&self.model)?);
        let song = read_song(&self.song)?;
        let tuning = match &self.scale {
            Some(scl) => read_tuning(scl, self.keyboard.as_deref())?,
            None => Tuning::equal(),
        };
        let path = output::checked(&self.output, "wav")?;
        end_when_asked()?;
        let config = RenderConfig {
            sample_rate: SampleRate(self.rate as f32),
            seed: self.seed,
            chance: self.chance,
            params: self.set.clone(),
            tuning: *tuning.pitches(),
            ..RenderConfig::default()
        };
        let begun = Instant::now();
        let renderer = Renderer::new(model, &song, &config)
            .map_err(|error| anyhow!("{}: {error}", printable_name(&self.song)))?;
        let stereo = rendered(renderer, self.rate)?;
        let took_seconds = begun.elapsed().as_secs_f64();
        let channels: [&[f32]; 2] = [&stereo.left, &stereo.right];
        writing(|| write_wav(&path, &channels, self.rate, WavFormat::default()))?;
        let seconds = stereo.left.len() as f64 / f64::from(self.rate);
        let speed = seconds / took_seconds.max(1e-9);
        if self.json {
            tell::answer_json(&json!({
                "file": tell::path_text(&path),
                "seconds": seconds,
                "rate_hz": self.rate,
                "channels": channels.len(),
                "seed": self.seed,
                "chance": self.chance,
                "tuning": tuning.name(),
                "peak_db": output::peak_db(&channels),
                "took_seconds": took_seconds,
                "times_real_time": speed,
            }));
        } else {
            tell::answer(&format!(
                "{}: {seconds:.1} s, {speed:.0} times faster than real time",
                path.display()
            ));
        }
        Ok(())
    }
}

/// All of it, with a bar where somebody looks.
fn rendered(mut renderer: Renderer, rate_hz: u32) -> anyhow::Result<Stereo> {
    let max_samples = usize::try_from(renderer.max_samples())?;
    let mut stereo = Stereo::default();
    for channel in [&mut stereo.left, &mut stereo.right] {
        channel.try_reserve_exact(max_samples).map_err(|_| crate::render::RenderError::OutOfMemory {
            seconds: max_samples as f64 / f64::from(rate_hz),
        })?;
    }
    let style = ProgressStyle::with_template("{bar:40} {percent:>3} %  {eta} left");
    let bar = ProgressBar::new(BAR_STEPS).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    loop {
        bar.set_position((renderer.progress() * BAR_STEPS as f64) as u64);
        let Some([left, right]) = renderer.next_block() else { break };
        stereo.left.extend_from_slice(left);
        stereo.right.extend_from_slice(right);
    }
    bar.finish_and_clear();
    Ok(stereo)
}
