//! Spectra over time, in mel: as numbers to compare and as a picture to look at.

use super::RATE_HZ;
use super::colour::{Rgb, heat};
use crate::units::{hz_from_mel, mel_from_hz};
use core::f32::consts::PI;
use core::ops::Range;
use realfft::{RealFftPlanner, RealToComplex, num_complex::Complex};
use std::sync::Arc;

/// Bands of a spectrum that is compared.
pub(super) const NUM_MELS: usize = 40;

/// Levels of one frame in mel bands, dB. Shape `[NUM_MELS]`.
pub(super) type LogMel = [f32; NUM_MELS];

/// Height of a picture, pixels.
pub(super) const PICTURE_ROWS: usize = 192;

/// Highest frequency that is shown, Hz.
pub(super) const TOP_HZ: f64 = RATE_HZ as f64 / 2.0;

/// Samples of the window: 48 ms, so that the harmonics of a low voice stand apart.
const WINDOW_SAMPLES: usize = 1_536;

/// Samples from one frame to the next: 10 ms.
const HOP_SAMPLES: usize = 320;

/// Lowest frequency that is compared, Hz: below lies rumble.
const LOWEST_MEL_HZ: f64 = 50.0;

/// Levels below the highest that are shown, dB.
const PICTURE_RANGE_DB: f32 = 75.0;

/// A frame this far below the loudest is a pause and is not compared, dB.
const PAUSE_DB: f32 = 50.0;

/// Added to power before the logarithm: −100 dB.
const FLOOR_POWER: f32 = 1e-10;

/// Transforms, planned once.
pub(super) struct Spectra {
    transform: Arc<dyn RealToComplex<f32>>,
    window: Vec<f32>,
    mels: Vec<Band>,
    rows: Vec<Band>,
}

impl Spectra {
    pub(super) fn new() -> Self {
        let hann = |n: usize| 0.5 - 0.5 * libm::cosf(2.0 * PI * n as f32 / WINDOW_SAMPLES as f32);
        Self {
            transform: RealFftPlanner::new().plan_fft_forward(WINDOW_SAMPLES),
            window: (0..WINDOW_SAMPLES).map(hann).collect(),
            mels: bands(LOWEST_MEL_HZ..TOP_HZ, NUM_MELS),
            rows: bands(0.0..TOP_HZ, PICTURE_ROWS),
        }
    }

    /// Spectra of mono samples at [`RATE_HZ`], pauses left out.
    pub(super) fn log_mels(&self, samples: &[f32]) -> Vec<LogMel> {
        let mut frames = Vec::new();
        let mut levels_db = Vec::new();
        self.each_spectrum(samples, |power| {
            frames.push(core::array::from_fn(|mel_idx| self.mels[mel_idx].level_db(power)));
            levels_db.push(db(power.iter().sum()));
        });
        let loudest_db = levels_db.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let is_sound = |level_db: f32| loudest_db - PAUSE_DB < level_db && -90.0 < level_db;
        frames
            .into_iter()
            .zip(levels_db)
            .filter(|(_, level_db)| is_sound(*level_db))
            .map(|(f, _)| f)
            .collect()
    }

    /// A PNG of [`PICTURE_ROWS`] rows, low frequencies at the bottom, and a column each 10 ms. Empty for no samples.
    pub(super) fn png(&self, samples: &[f32]) -> Vec<u8> {
        let mut columns: Vec<[f32; PICTURE_ROWS]> = Vec::new();
        self.each_spectrum(samples, |power| {
            columns.push(core::array::from_fn(|row_idx| self.rows[row_idx].level_db(power)));
        });
        let peak_db = columns.iter().flatten().copied().fold(-90.0, f32::max);
        let mut pixels = Vec::with_capacity(columns.len() * PICTURE_ROWS);
        for row_idx in (0..PICTURE_ROWS).rev() {
            pixels.extend(columns.iter().map(|column| {
                let level = 1.0 + (column[row_idx] - peak_db) / PICTURE_RANGE_DB;
                // 0 to 255 by the clamp.
                (255.0 * level.clamp(0.0, 1.0)).round() as u8
            }));
        }
        encoded(&pixels, columns.len()).unwrap_or_default()
    }

    /// Calls `use_power` with the power in each bin, a full-scale sine near 1, of each frame.
    fn each_spectrum(&self, samples: &[f32], mut use_power: impl FnMut(&[f32])) {
        let mut input = self.transform.make_input_vec();
        let mut output = self.transform.make_output_vec();
        let mut scratch = self.transform.make_scratch_vec();
        let mut power = vec![0.0; output.len()];
        // The window of the amplitude of a sine has a mean of a half, and half of a sine is at each sign of frequency.
        let scale = (4.0 / WINDOW_SAMPLES as f32) * (4.0 / WINDOW_SAMPLES as f32);
        for centre in (0..samples.len()).step_by(HOP_SAMPLES) {
            for (n, (slot, window)) in input.iter_mut().zip(&self.window).enumerate() {
                let at = (centre + n).checked_sub(WINDOW_SAMPLES / 2);
                *slot = window * at.and_then(|at| samples.get(at)).copied().unwrap_or(0.0);
            }
            if self.transform.process_with_scratch(&mut input, &mut output, &mut scratch).is_err() {
                return;
            }
            for (power, bin) in power.iter_mut().zip(&output) {
                *power = scale * Complex::norm_sqr(bin);
            }
            use_power(&power);
        }
    }
}

/// A stretch of bins, or a place between two.
#[derive(Clone, Debug, PartialEq)]
enum Band {
    /// Bins whose mean is taken.
    Wide(Range<usize>),
    /// Position between bins, in bins.
    Narrow(f32),
}

impl Band {
    fn level_db(&self, power: &[f32]) -> f32 {
        db(match self {
            Self::Wide(bins) => power[bins.clone()].iter().sum::<f32>() / bins.len() as f32,
            Self::Narrow(position) => {
                let below = *position as usize;
                let share = position - below as f32;
                power[below] * (1.0 - share) + power[below + 1] * share
            }
        })
    }
}

/// Bands evenly spaced in mel over a range of Hz.
fn bands(range_hz: Range<f64>, num_bands: usize) -> Vec<Band> {
    let (low_mel, high_mel) = (mel_from_hz(range_hz.start), mel_from_hz(range_hz.end));
    let bin_from_place = |place: f64| {
        let hz = hz_from_mel(low_mel + (high_mel - low_mel) * place / num_bands as f64);
        hz * WINDOW_SAMPLES as f64 / f64::from(RATE_HZ)
    };
    let last_bin = WINDOW_SAMPLES / 2;
    (0..num_bands)
        .map(|idx| {
            let bins = bin_from_place(idx as f64).round() as usize
                ..(bin_from_place(idx as f64 + 1.0).round() as usize).min(last_bin);
            if 1 < bins.len() {
                Band::Wide(bins)
            } else {
                Band::Narrow((bin_from_place(idx as f64 + 0.5) as f32).min(last_bin as f32 - 1.0))
            }
        })
        .collect()
}

fn db(power: f32) -> f32 {
    10.0 * (power + FLOOR_POWER).log10()
}

/// A PNG with the palette of heat. Shape of `pixels`: `[PICTURE_ROWS][columns]`.
fn encoded(pixels: &[u8], num_columns: usize) -> Result<Vec<u8>, png::EncodingError> {
    let mut bytes = Vec::new();
    let width = u32::try_from(num_columns).unwrap_or(u32::MAX);
    let mut encoder = png::Encoder::new(&mut bytes, width, PICTURE_ROWS as u32);
    encoder.set_color(png::ColorType::Indexed);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::Balanced);
    let palette: Vec<u8> = (0..=u8::MAX)
        .flat_map(|level| {
            let Rgb(bytes) = heat(f32::from(level) / 255.0);
            bytes
        })
        .collect();
    encoder.set_palette(palette);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(pixels)?;
    writer.finish()?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sine(hz: f32, seconds: f32) -> Vec<f32> {
        let num_samples = (seconds * RATE_HZ as f32) as usize;
        (0..num_samples).map(|n| (2.0 * PI * hz * n as f32 / RATE_HZ as f32).sin()).collect()
    }

    #[test]
    fn a_sine_is_where_its_frequency_is_and_at_full_scale() {
        let spectra = Spectra::new();
        let mut peak = (0, 0.0);
        spectra.each_spectrum(&sine(1_000.0, 0.1), |power| {
            peak = power.iter().copied().enumerate().fold((0, 0.0), |a, b| if a.1 < b.1 { b } else { a });
        });
        let mut middle = Vec::new();
        spectra.each_spectrum(&sine(1_000.0, 0.5), |power| middle.push(power[48]));
        // 1,000 Hz is bin 48 exactly.
        assert_eq!(peak.0, 48);
        assert!((db(middle[20])).abs() < 0.1, "{} dB", db(middle[20]));
    }

    #[test]
    fn pauses_are_left_out() {
        let mut samples = sine(440.0, 0.5);
        samples.extend(vec![0.0; RATE_HZ as usize]);
        let num_frames = Spectra::new().log_mels(&samples).len();
        assert!((45..=60).contains(&num_frames), "{num_frames}");
        assert!(Spectra::new().log_mels(&vec![0.0; 32_000]).is_empty());
    }

    #[test]
    fn a_picture_has_a_column_each_10_ms() {
        let png = Spectra::new().png(&sine(440.0, 1.0));
        let reader = png::Decoder::new(std::io::Cursor::new(png)).read_info().unwrap();
        assert_eq!((reader.info().width, reader.info().height), (100, PICTURE_ROWS as u32));
        assert!(Spectra::new().png(&[]).is_empty());
    }
}
