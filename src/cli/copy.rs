//! `mynah copy`: a recording taken apart and put together again, to hear what the vocoder and a codec cost.

use super::interrupt::{end_when_asked, writing};
use super::{exit_codes, output, tell};
use crate::audio_file::{AudioFileError, Recording, Refusal, WavFormat, read, write_wav};
use crate::model::Model;
use crate::model::detail::encode_all;
use crate::vocoder::analysis::Analyser;
use crate::vocoder::frame::Frame;
use crate::vocoder::measured;
use crate::vocoder::moment::{HALF_HOP_SECONDS, Moment};
use crate::vocoder::shape::interpolated;
use crate::vocoder::synthesis::{SynthesisTables, Synthesizer};
use anyhow::anyhow;
use serde_json::json;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Take a recording apart and put it together again: copy synthesis.
///
/// Without a model, harmonics and what they leave, with measured phases: what analysis can hear. With one, through its
/// codecs: what its memory could say at best, or with --imagined what its network could. Compare by ear.
#[derive(Debug, clap::Args)]
#[command(after_help = concat!(
    "Example: what the vocoder costs, what the model's codecs cost on top, and without the detail of memory\n",
    "  mynah copy take.wav -o copy.wav\n",
    "  mynah copy take.wav -o coded.wav --model voice.mynah\n",
    "  mynah copy take.wav -o imagined.wav --model voice.mynah --imagined\n\n",
    exit_codes!()
))]
pub(super) struct Args {
    /// The recording: WAV, FLAC, AIFF, OGG Vorbis or MP3.
    #[arg(value_name = "IN.wav")]
    input: PathBuf,
    /// The WAV file to write (24 bit, mono); `.wav` is added where it is missing.
    #[arg(short, long, value_name = "OUT.wav")]
    output: PathBuf,
    /// Go through the codecs of this model.
    #[arg(long, value_name = "M")]
    model: Option<PathBuf>,
    /// Keep only the numbers that the network imagines, without the detail of memory.
    #[arg(long, requires = "model")]
    imagined: bool,
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
            Some(model) => coded_copy(&recording, model, !self.imagined),
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
                "detailed": model.is_some() && !self.imagined,
                "peak_db": output::peak_db(&[&samples]),
            }));
        } else {
            let how = match (model.is_some(), self.imagined) {
                (false, _) => "uncoded",
                (true, false) => "through the codecs",
                (true, true) => "through the codec, without detail",
            };
            tell::answer(&format!("{}: {seconds:.1} s, {how}", path.display()));
        }
        Ok(())
    }
}

/// A recording at its own rate, or the nearest that sound is made at.
fn read_playable(path: &Path) -> Result<Recording, AudioFileError> {
    read(path, super::values::MIN_RATE_HZ..=super::values::MAX_RATE_HZ)
}

/// Analysed, coded, and back: as long as the recording and in time with it.
fn coded_copy(recording: &Recording, model: &Model, detailed: bool) -> Vec<f32> {
    let rate = f64::from(recording.sample_rate);
    let moments = Analyser::default().moments_while(&recording.samples, rate, &|| true).unwrap_or_default();
    let frames = coded_frames(&moments, model, detailed);
    let mut frames = frames.iter();
    let mut voice = Synthesizer::new(Arc::new(SynthesisTables::new(recording.sample_rate as f32)));
    voice.reset(0);
    // The first hop leads from silence to the frame at time 0: unheard.
    if let Some(first) = frames.next() {
        let mut lead_in = vec![0.0; (HALF_HOP_SECONDS * rate) as usize];
        voice.begin_hop(first, lead_in.len());
        voice.process(&mut lead_in);
    }
    let mut samples = vec![0.0; recording.samples.len()];
    let mut begin = 0;
    for (frame, hop_idx) in frames.zip(1_u32..) {
        let end = ((f64::from(hop_idx) * HALF_HOP_SECONDS * rate).round() as usize).min(samples.len());
        if begin < end {
            voice.begin_hop(frame, end - begin);
            voice.process(&mut samples[begin..end]);
        }
        begin = end;
    }
    samples
}

/// What a take would sound of moments that it follows, one frame each half of a hop.
fn coded_frames(moments: &[Moment], model: &Model, detailed: bool) -> Vec<Frame> {
    let details = encode_all(moments, &model.codec, &model.detail.encoder(), &|| true).unwrap_or_default();
    let mut frames: Vec<Frame> = Vec::with_capacity(2 * moments.len());
    let num_bytes = model.detail.num_bytes();
    for (idx, moment) in moments.iter().enumerate() {
        // A model may keep no detail at all.
        let detail = details.get(idx * num_bytes..(idx + 1) * num_bytes).unwrap_or_default();
        let mut frame = model.codec.frame_from_vector(&model.codec.vector_from_frame(&moment.frame));
        if detailed {
            model.detail.restore(detail, &mut frame);
        }
        if let Some(before) = frames.last() {
            let half_way = if detailed {
                model.detail.half_way(detail, before, &frame).frame()
            } else {
                interpolated(before, &frame, 0.5)
            };
            frames.push(half_way);
        }
        frames.push(frame);
    }
    frames
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_without_detail_copies_every_moment() {
        let mut model = Model::clone(&crate::fixture::model(1));
        model.detail = crate::model::DetailCodec::default();
        let samples: Vec<f32> = (0..8_000).map(|n| (n as f32 * 0.05).sin() * 0.3).collect();
        let moments = Analyser::default().moments_while(&samples, 16_000.0, &|| true).unwrap();
        assert_eq!(coded_frames(&moments, &model, true).len(), 2 * moments.len() - 1);
    }

    #[test]
    fn a_coded_copy_is_as_long_as_the_recording_and_finite() {
        for (rate, num_samples) in [(8_000_u32, 4_001), (44_100, 22_050), (48_000, 20)] {
            let samples = (0..num_samples).map(|n| (n as f32 * 0.05).sin() * 0.3).collect();
            let recording = Recording { samples, sample_rate: rate, source_rate: rate, num_channels: 1 };
            for detailed in [false, true] {
                let copy = coded_copy(&recording, &crate::fixture::model(1), detailed);
                assert_eq!(copy.len(), num_samples);
                assert!(copy.iter().all(|sample| sample.is_finite()), "at {rate} Hz, detailed {detailed}");
            }
        }
    }
}
