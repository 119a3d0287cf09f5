//! `mynah copy`: a recording taken apart and put together again, to hear what the vocoder and a codec cost.

use super::interrupt::{end_when_asked, writing};
use super::{exit_codes, output, tell};
use crate::audio_file::{AudioFileError, Recording, Refusal, WavFormat, read, write_wav};
use crate::model::{Codec, Model};
use crate::vocoder::analysis::analyse;
use crate::vocoder::frame::HOP_SECONDS;
use crate::vocoder::measured;
use crate::vocoder::synthesis::{SynthesisTables, Synthesizer};
use anyhow::anyhow;
use serde_json::json;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Take a recording apart and put it together again: copy synthesis.
///
/// Without a model, harmonics with measured phases: the ceiling of the vocoder. With one, through its codec: what
/// the model could say at best. Compare by ear.
#[derive(Debug, clap::Args)]
#[command(after_help = concat!(
    "Example: what the vocoder costs, and what the model's codec costs on top\n",
    "  mynah copy take.wav -o copy.wav\n",
    "  mynah copy take.wav -o coded.wav --model voice.mynah\n\n",
    exit_codes!()
))]
pub(super) struct Args {
    /// The recording: WAV, FLAC, AIFF, OGG Vorbis or MP3.
    #[arg(value_name = "IN.wav")]
    input: PathBuf,
    /// The WAV file to write (24 bit, mono); `.wav` is added where it is missing.
    #[arg(short, long, value_name = "OUT.wav")]
    output: PathBuf,
    /// Go through the codec of this model.
    #[arg(long, value_name = "M")]
    model: Option<PathBuf>,
    /// Answer in JSON.
    #[arg(long)]
    json: bool,
}

impl Args {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let model = self.model.as_ref().map(Model::load).transpose()?;
        let path = output::checked(&self.output, "wav")?;
        end_when_asked()?;
        let recording =
            read_playable(&self.input).map_err(|error| anyhow!("{}", Refusal::new(&self.input, error)))?;
        let samples = match &model {
            Some(model) => coded_copy(&recording, &model.codec),
            None => measured::copy(&recording.samples, f64::from(recording.sample_rate)),
        };
        writing(|| write_wav(&path, &[&samples], recording.sample_rate, WavFormat::default()))?;
        let seconds = samples.len() as f64 / f64::from(recording.sample_rate);
        if self.json {
            tell::answer_json(&json!({
                "file": tell::path_text(&path),
                "seconds": seconds,
                "rate_hz": recording.sample_rate,
                "coded": model.is_some(),
                "peak_db": output::peak_db(&[&samples]),
            }));
        } else {
            let how = if model.is_some() { "through the codec" } else { "uncoded" };
            tell::answer(&format!("{}: {seconds:.1} s, {how}", path.display()));
        }
        Ok(())
    }
}

/// A recording at its own rate, or the nearest that sound is made at.
fn read_playable(path: &Path) -> Result<Recording, AudioFileError> {
    read(path, super::values::MIN_RATE_HZ..=super::values::MAX_RATE_HZ)
}

/// Analysed, whitened, and back: as long as the recording and in time with it.
fn coded_copy(recording: &Recording, codec: &Codec) -> Vec<f32> {
    let rate = f64::from(recording.sample_rate);
    let analysed = analyse(&recording.samples, rate, HOP_SECONDS);
    let mut frames =
        analysed.iter().map(|analysed| codec.frame_from_vector(&codec.vector_from_frame(&analysed.frame)));
    let mut voice = Synthesizer::new(Arc::new(SynthesisTables::new(recording.sample_rate as f32)));
    voice.reset(0);
    // The first hop leads from silence to the frame at time 0: unheard.
    if let Some(first) = frames.next() {
        let mut lead_in = vec![0.0; (HOP_SECONDS * rate) as usize];
        voice.begin_hop(&first, lead_in.len());
        voice.process(&mut lead_in);
    }
    let mut samples = vec![0.0; recording.samples.len()];
    let mut begin = 0;
    for (frame, hop_idx) in frames.zip(1_u32..) {
        let end = ((f64::from(hop_idx) * HOP_SECONDS * rate).round() as usize).min(samples.len());
        if begin < end {
            voice.begin_hop(&frame, end - begin);
            voice.process(&mut samples[begin..end]);
        }
        begin = end;
    }
    samples
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_coded_copy_is_as_long_as_the_recording_and_finite() {
        for (rate, num_samples) in [(8_000_u32, 4_001), (44_100, 22_050), (48_000, 20)] {
            let samples = (0..num_samples).map(|n| (n as f32 * 0.05).sin() * 0.3).collect();
            let recording = Recording { samples, sample_rate: rate, source_rate: rate, num_channels: 1 };
            let copy = coded_copy(&recording, &crate::fixture::model(1).codec);
            assert_eq!(copy.len(), num_samples);
            assert!(copy.iter().all(|sample| sample.is_finite()), "at {rate} Hz");
        }
    }
}
