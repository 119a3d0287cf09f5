//! The report: one page to look at and listen to, complete in itself.
//!
//! Reading order: distance, spectrogram, excerpt, chart, page. What was generated comes from the
//! caller: learning knows no engine.

mod chart;
mod colour;
mod distance;
mod excerpt;
mod page;
mod spectrogram;
#[cfg(test)]
mod tests;

use super::UsedFile;
use crate::audio_file::{Refusal, read};
use crate::model::Model;
use excerpt::{Excerpt, Piece, pieces};
use spectrogram::Spectra;

/// Sample rate of everything in a report, Hz: all that most ears hear, and pages of a few megabytes.
pub const RATE_HZ: u32 = 32_000;

/// Real excerpts that are played.
const NUM_REAL: usize = 3;

/// Most recordings that are measured, evenly chosen: a report should take seconds, whatever was learned.
const MAX_MEASURED_FILES: usize = 60;

/// Longest part of each that is measured, seconds.
const MAX_MEASURED_SECONDS: usize = 20;

/// What a report is made of.
#[derive(Clone, Copy, Debug)]
pub struct ReportConfig<'a> {
    /// What was learned.
    pub model: &'a Model,
    /// Wall time that it took, seconds.
    pub seconds: f32,
    /// Name of its file.
    pub model_file: &'a str,
    /// Recordings that were used.
    pub files: &'a [UsedFile],
    /// Those that were not, and why.
    pub refused: &'a [Refusal],
    /// New material at [`RATE_HZ`]. Shape `[excerpts][samples]`.
    pub generated: &'a [Vec<f32>],
    /// How it was generated, for people.
    pub generated_how: &'a str,
}

/// A page and the figures in it.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// The page.
    pub html: String,
    /// Distances, where there was enough to measure.
    pub distances: Option<Distances>,
}

/// Squared maximum mean discrepancies between sets of log-mel spectra; 0 is no difference, and estimates of none
/// scatter around it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Distances {
    /// Of what was generated to the recordings held out from learning.
    pub generated_to_held_out: f64,
    /// Of one half of the recordings to the other: what is as good as no difference.
    pub half_to_half: f64,
}

/// Makes the report. Recordings that have gone since are passed over.
pub fn report(config: &ReportConfig<'_>) -> Report {
    let spectra = Spectra::new();
    let measured = measured_files(config.files);
    let mut real: Vec<Piece> = Vec::new();
    // Halves of the recordings, and what was held out.
    let mut halves = [Vec::new(), Vec::new()];
    let mut held_out = Vec::new();
    let is_split_by_file = config.files.iter().any(|file| file.held_out);
    for (file, file_idx) in measured.iter().zip(0..) {
        let Ok(recording) = read(&file.path, RATE_HZ..=RATE_HZ) else { continue };
        let num_samples = recording.samples.len().min(MAX_MEASURED_SECONDS * RATE_HZ as usize);
        let samples = &recording.samples[..num_samples];
        let mut mels = spectra.log_mels(samples);
        if file.held_out || !is_split_by_file {
            real.extend(pieces(&file.name, samples));
            held_out.extend_from_slice(&mels);
        }
        if measured.len() == 1 {
            let second = mels.split_off(mels.len() / 2);
            halves = [mels, second];
        } else {
            let half: usize = file_idx % 2;
            halves[half].append(&mut mels);
        }
    }
    let generated_mels: Vec<_> =
        config.generated.iter().flat_map(|samples| spectra.log_mels(samples)).collect();
    let distances = distance::distances(&generated_mels, &held_out, &halves);
    let real: Vec<Excerpt> = real
        .chunks(real.len().div_ceil(NUM_REAL).max(1))
        .filter_map(|pieces| Excerpt::of_pieces(pieces, &spectra))
        .collect();
    let generated: Vec<Excerpt> = config
        .generated
        .iter()
        .zip(1..)
        .map(|(samples, number)| Excerpt::of_sound(&format!("Take {number}"), samples, &spectra))
        .collect();
    Report { html: page::page(config, &real, &generated, distances.as_ref()), distances }
}

/// At most [`MAX_MEASURED_FILES`], evenly chosen among those held out and the rest.
fn measured_files(files: &[UsedFile]) -> Vec<&UsedFile> {
    let (held_out, rest): (Vec<_>, Vec<_>) = files.iter().partition(|file| file.held_out);
    let mut measured = evenly(&held_out, MAX_MEASURED_FILES / 2);
    measured.extend(evenly(&rest, MAX_MEASURED_FILES - measured.len()));
    measured
}

/// At most `num` of `all`, evenly spaced, in order.
fn evenly<T: Copy>(all: &[T], num: usize) -> Vec<T> {
    let num = num.min(all.len());
    (0..num).map(|idx| all[idx * all.len() / num]).collect()
}
