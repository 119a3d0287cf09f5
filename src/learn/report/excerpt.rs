//! A piece of sound in the report: a picture and a player.

use super::RATE_HZ;
use super::spectrogram::Spectra;
use crate::audio_file::wav_bytes;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// Longest excerpt, seconds.
const MAX_SECONDS: f32 = 8.0;

/// Sound before a recording's own begins, seconds: an onset should be heard whole.
const LEAD_SECONDS: f32 = 0.1;

/// Level below the peak at which sound begins, as an amplitude: −40 dB.
const ONSET: f32 = 0.01;

/// Fade where a piece is cut, seconds.
const FADE_SECONDS: f32 = 0.01;

/// Silence between short recordings in one excerpt, seconds.
const GAP_SECONDS: f32 = 0.3;

/// Shortest rest of a recording that is a piece of its own, seconds.
const MIN_PIECE_SECONDS: f32 = 1.0;

/// Sound of one recording, at most [`MAX_SECONDS`] long.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Piece {
    title: String,
    samples: Vec<f32>,
}

/// A recording at [`RATE_HZ`], from where its sound begins, in pieces.
pub(super) fn pieces(title: &str, samples: &[f32]) -> Vec<Piece> {
    let peak = samples.iter().fold(0.0_f32, |peak, sample| peak.max(sample.abs()));
    let onset = samples.iter().position(|sample| ONSET * peak < sample.abs()).unwrap_or(0);
    let start = onset.saturating_sub(samples_from_seconds(LEAD_SECONDS));
    let piece = |samples: &[f32]| Piece { title: title.to_owned(), samples: samples.to_vec() };
    let mut pieces: Vec<Piece> =
        samples[start..].chunks(samples_from_seconds(MAX_SECONDS)).map(piece).collect();
    let is_short = |piece: &Piece| piece.samples.len() < samples_from_seconds(MIN_PIECE_SECONDS);
    if 1 < pieces.len() && pieces.last().is_some_and(is_short) {
        pieces.pop();
    }
    pieces
}

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
    /// Of as many pieces, from the first on, as it has room for: of single notes or words, one would say little.
    pub(super) fn of_pieces(pieces: &[Piece], spectra: &Spectra) -> Option<Self> {
        let (first, rest) = pieces.split_first()?;
        let mut samples = first.samples.clone();
        let mut num_more = 0;
        for piece in rest {
            fade_out(&mut samples);
            let with_gap = samples.len() + samples_from_seconds(GAP_SECONDS);
            if samples_from_seconds(MAX_SECONDS) < with_gap + piece.samples.len() {
                break;
            }
            samples.resize(with_gap, 0.0);
            samples.extend_from_slice(&piece.samples);
            num_more += usize::from(piece.title != first.title);
        }
        let title =
            if num_more == 0 { first.title.clone() } else { format!("{} and {num_more} more", first.title) };
        Some(Self::of_sound(&title, &samples, spectra))
    }

    /// Of sound at [`RATE_HZ`], from its beginning.
    pub(super) fn of_sound(title: &str, samples: &[f32], spectra: &Spectra) -> Self {
        let mut excerpt = samples[..samples.len().min(samples_from_seconds(MAX_SECONDS))].to_vec();
        fade_out(&mut excerpt);
        Self {
            title: title.to_owned(),
            seconds: excerpt.len() as f32 / RATE_HZ as f32,
            picture: format!("data:image/png;base64,{}", STANDARD.encode(spectra.png(&excerpt))),
            sound: format!("data:audio/wav;base64,{}", STANDARD.encode(wav_bytes(&excerpt, RATE_HZ))),
        }
    }
}

/// What is cut off should not click.
fn fade_out(samples: &mut [f32]) {
    let fade_samples = samples_from_seconds(FADE_SECONDS);
    for (n, sample) in samples.iter_mut().rev().take(fade_samples).enumerate() {
        *sample *= n as f32 / fade_samples as f32;
    }
}

fn samples_from_seconds(seconds: f32) -> usize {
    (seconds * RATE_HZ as f32) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_recordings_are_joined_and_long_ones_cut() {
        let second = vec![0.5; RATE_HZ as usize];
        let many: Vec<Piece> = (0..20).flat_map(|n| pieces(&format!("{n}.wav"), &second)).collect();
        let excerpt = Excerpt::of_pieces(&many, &Spectra::new()).unwrap();
        // Six of a second and five gaps: a seventh would reach beyond eight.
        assert_eq!((excerpt.title.as_str(), excerpt.seconds), ("0.wav and 5 more", 7.5));
        assert_eq!(pieces("a.wav", &second.repeat(17)).len(), 3);
        assert_eq!(pieces("a.wav", &vec![0.5; RATE_HZ as usize * 8 + 100]).len(), 1);
        assert_eq!(Excerpt::of_pieces(&[], &Spectra::new()), None);
    }

    #[test]
    fn silence_before_a_recording_is_left_out() {
        let mut samples = vec![0.0; RATE_HZ as usize];
        samples.extend(vec![0.5; RATE_HZ as usize]);
        assert_eq!(pieces("a.wav", &samples)[0].samples.len(), samples_from_seconds(1.0 + LEAD_SECONDS));
    }
}
