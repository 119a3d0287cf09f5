//! A piece of sound in the report: a picture and a player.

use super::RATE_HZ;
use super::spectrogram::Spectra;
use crate::audio_file::wav_bytes;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// Longest excerpt, seconds.
const MAX_SECONDS: f32 = 8.0;

/// Sound before an excerpt of a recording begins, seconds: an onset should be heard whole.
const LEAD_SECONDS: f32 = 0.1;

/// Level below the peak at which sound begins, as an amplitude: −40 dB.
const ONSET: f32 = 0.01;

/// Fade where an excerpt is cut, seconds.
const FADE_SECONDS: f32 = 0.01;

/// A piece of sound, ready for the page.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Excerpt {
    /// Where it is from; not yet escaped.
    pub(super) title: String,
    /// Its length.
    pub(super) seconds: f32,
    /// Spectrogram, a data URI.
    pub(super) picture: String,
    /// WAV, a data URI.
    pub(super) sound: String,
}

impl Excerpt {
    /// Of a recording at [`RATE_HZ`]: from where its sound begins.
    pub(super) fn of_recording(title: &str, samples: &[f32], spectra: &Spectra) -> Self {
        let peak = samples.iter().fold(0.0_f32, |peak, sample| peak.max(sample.abs()));
        let onset = samples.iter().position(|sample| ONSET * peak < sample.abs()).unwrap_or(0);
        let start = onset.saturating_sub((LEAD_SECONDS * RATE_HZ as f32) as usize);
        Self::of_generated(title, &samples[start..], spectra)
    }

    /// Of sound at [`RATE_HZ`], from its beginning.
    pub(super) fn of_generated(title: &str, samples: &[f32], spectra: &Spectra) -> Self {
        let max_samples = (MAX_SECONDS * RATE_HZ as f32) as usize;
        let mut excerpt = samples[..samples.len().min(max_samples)].to_vec();
        if excerpt.len() < samples.len() {
            let fade_samples = (FADE_SECONDS * RATE_HZ as f32) as usize;
            for (n, sample) in excerpt.iter_mut().rev().take(fade_samples).enumerate() {
                *sample *= n as f32 / fade_samples as f32;
            }
        }
        Self {
            title: title.to_owned(),
            seconds: excerpt.len() as f32 / RATE_HZ as f32,
            picture: format!("data:image/png;base64,{}", STANDARD.encode(spectra.png(&excerpt))),
            sound: format!("data:audio/wav;base64,{}", STANDARD.encode(wav_bytes(&excerpt, RATE_HZ))),
        }
    }
}
