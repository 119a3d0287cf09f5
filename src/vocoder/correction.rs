//! Frames corrected by listening to their copy: analysis by synthesis of levels.
//!
//! Frames are played, and where a band of the copy is weaker or stronger than the recording, the frame is moved part
//! of the way:
//!
//! ```text
//! e_b[n] += µ Σ_j h[j] · 10 log10(S_b[n+j] / Ŝ_b[n+j]),   h = (¼, ½, ¼)
//! ```
//!
//! where `S` and `Ŝ` are power densities around band `b` of the recording and of the copy; loudness likewise, from the
//! power of all bands. This takes back what interpolation between frames, the fit of the envelope and the window of
//! loudness lost. Where it stops working: undoing the blur of the window altogether. With the errors of single frames
//! in place of the mean of three, or with many rounds, neighbouring frames push each other apart and copies get worse.

use super::analysis::{Analysed, band_width_hz, is_unmeasured};
use super::frame::{Frame, HOP_SECONDS, MIN_PITCH_HZ, NUM_BANDS, SILENCE_DB, band_hz};
use super::synthesis::{SynthesisTables, Synthesizer};
use super::whistle::is_whistle;
use core::f64::consts::PI;
use realfft::{RealFftPlanner, RealToComplex, num_complex::Complex};
use std::sync::Arc;

/// Times that the copy is heard. Copies of speech, zimtohrli: 4.16, 4.27, 4.31, 4.34 with 0 to 3 (PESQ 2.86, 2.91, 2.93,
/// 2.94).
const ROUNDS: u64 = 2;
/// Seed of the noise in the first round.
const FIRST_SEED: u64 = 0x6d79_6e61;
/// Share of the error that is taken back in a round.
const RATE: f32 = 0.5;
/// Weight of each neighbouring frame's error.
const SIDE: f32 = 0.25;
/// Largest correction in a round, dB.
const MOST_DB: f32 = 6.0;
/// Windows of the ear: two periods of 100 Hz, and of the lowest pitch for what is lower. In a window of a single period the
/// level of a steady tone comes and goes with where its pulses lie, elsewhere in the copy than in the recording: copies of
/// a tuba's 44 Hz have zimtohrli 3.1 for 2.2, of its 58 Hz 4.5 for 3.9; of a man who speaks at 48 to 129 Hz the same.
const WINDOW_SECONDS: f64 = 0.020;
const LOW_WINDOW_SECONDS: f64 = 2.0 / MIN_PITCH_HZ as f64;
/// Pitch below which the longer one listens.
const LOW_PITCH_HZ: f64 = 2.0 / WINDOW_SECONDS;
/// Width of the bands compared, of the pitch: narrower ones fall between the harmonics of high notes (with 0.75, the
/// violin lost 0.05 of zimtohrli).
const WIDTH_PITCHES: f64 = 2.0;
/// Width of the bands compared where there is no pitch, Hz.
const UNPITCHED_WIDTH_HZ: f64 = 100.0;
/// Width of the bands compared around and between the multiples of a whistle, Hz.
const WHISTLE_WIDTH_HZ: f64 = 1_000.0;
/// Density that counts as silence, of the mean density of the frame.
const RELATIVE_FLOOR: f64 = 1e-5;
/// Density that counts as silence, power per Hz: −97 dB of full scale in all.
const FLOOR: f32 = 1e-14;
/// Rates of recordings whose frames are played to be corrected, samples per second.
pub const CORRECTED_RATES: core::ops::RangeInclusive<f64> = 8_000.0..=192_000.0;

/// Corrects the `frames` of `samples`, one every `hop_seconds`. Those of hops that cannot be played stay as they are.
pub fn correct(samples: &[f32], tables: &Arc<SynthesisTables>, hop_seconds: f64, frames: &mut [Analysed]) {
    correct_while(samples, tables, hop_seconds, frames, &|| true);
}

/// As [`correct`]; soon after `wanted` says no, the frames are left half corrected.
pub(super) fn correct_while(
    samples: &[f32],
    tables: &Arc<SynthesisTables>,
    hop_seconds: f64,
    frames: &mut [Analysed],
    wanted: &dyn Fn() -> bool,
) {
    if frames.is_empty() || HOP_SECONDS < hop_seconds {
        return;
    }
    let sample_rate = f64::from(tables.sample_rate);
    let hop_samples = hop_seconds * sample_rate;
    let mut ear = Ear::new(sample_rate);
    let Some(recorded) = ear.hear(samples, hop_samples, frames, wanted) else { return };
    for round in 0..ROUNDS {
        // Noise of its own for each round: the frames shall fit noise, not one piece of it. (Judged with the seed they
        // were corrected with, copies of speech flatter themselves by 0.04 of PESQ and 0.06 of zimtohrli.)
        let Some(copy) = play(tables, hop_samples, frames, FIRST_SEED + round, wanted) else { return };
        let Some(heard) = ear.hear(&copy, hop_samples, frames, wanted) else { return };
        let errors: Vec<Levels> = recorded.iter().zip(&heard).map(|(w, h)| difference(w, h)).collect();
        for (idx, analysed) in frames.iter_mut().enumerate() {
            if SILENCE_DB < analysed.frame.loudness_db {
                let after = (idx + 1).min(errors.len() - 1);
                let near = [&errors[idx.saturating_sub(1)], &errors[idx], &errors[after]];
                move_levels(&mut analysed.frame, near, sample_rate);
            }
        }
    }
}

/// What is heard around one instant: the power of all and the density in each band; or differences of these, dB.
#[derive(Clone, Debug)]
struct Levels {
    all: f32,
    bands: [f32; NUM_BANDS],
}

/// By how many dB `wanted` is above `heard`.
fn difference(wanted: &Levels, heard: &Levels) -> Levels {
    let band_floor = wanted.all.max(heard.all) * (RELATIVE_FLOOR / super::frame::TOP_HZ) as f32 + FLOOR;
    let all_floor = FLOOR * super::frame::TOP_HZ as f32;
    let db = |wanted: f32, heard: f32, floor: f32| 10.0 * ((wanted + floor) / (heard + floor)).log10();
    Levels {
        all: db(wanted.all, heard.all, all_floor),
        bands: core::array::from_fn(|idx| db(wanted.bands[idx], heard.bands[idx], band_floor)),
    }
}

/// Moves a frame by the errors of the frame before, its own, and that after it.
fn move_levels(frame: &mut Frame, errors: [&Levels; 3], sample_rate: f64) {
    let step = |error: &dyn Fn(&Levels) -> f32| {
        let mean = (1.0 - 2.0 * SIDE) * error(errors[1]) + SIDE * (error(errors[0]) + error(errors[2]));
        (RATE * mean).clamp(-MOST_DB, MOST_DB)
    };
    frame.loudness_db = (frame.loudness_db + step(&|levels| levels.all)).max(SILENCE_DB);
    for (idx, level) in frame.envelope_db.iter_mut().enumerate() {
        if !is_unmeasured(idx, sample_rate) {
            *level += step(&|levels| levels.bands[idx]);
        }
    }
    super::analysis::normalise(frame, sample_rate);
}

/// The sound of `frames`.
fn play(
    tables: &Arc<SynthesisTables>,
    hop_samples: f64,
    frames: &[Analysed],
    seed: u64,
    wanted: &dyn Fn() -> bool,
) -> Option<Vec<f32>> {
    let mut voice = Synthesizer::new(tables.clone());
    voice.reset(seed);
    let mut out = Vec::new();
    for (idx, analysed) in frames.iter().enumerate() {
        if !wanted() {
            return None;
        }
        let start = out.len();
        out.resize((idx as f64 * hop_samples) as usize, 0.0);
        // The first frame is where the sound begins, not the end of a hop: it takes one sample, which is not heard.
        let mut before = [0.0_f32];
        let part = if idx == 0 { &mut before[..] } else { &mut out[start..] };
        voice.begin_hop(&analysed.frame, part.len());
        let left = voice.samples_left();
        voice.process(&mut part[..left]);
    }
    Some(out)
}

/// What hears levels.
struct Ear {
    usual: BandSpectrum,
    /// For low pitches.
    low: BandSpectrum,
}

/// Power spectra in bands.
struct BandSpectrum {
    sample_rate: f64,
    /// Scaled such that the squared spectrum is a one-sided density, power per Hz.
    window: Vec<f32>,
    plan: Arc<dyn RealToComplex<f32>>,
    input: Vec<f32>,
    spectrum: Vec<Complex<f32>>,
    /// Sum of the densities of all bins below each. Shape `[bins + 1]`.
    sums: Vec<f64>,
}

impl Ear {
    fn new(sample_rate: f64) -> Self {
        Self {
            usual: BandSpectrum::new(sample_rate, WINDOW_SECONDS),
            low: BandSpectrum::new(sample_rate, LOW_WINDOW_SECONDS),
        }
    }

    /// Levels around each of `frames`.
    fn hear(
        &mut self,
        samples: &[f32],
        hop_samples: f64,
        frames: &[Analysed],
        wanted: &dyn Fn() -> bool,
    ) -> Option<Vec<Levels>> {
        let mut heard = Vec::with_capacity(frames.len());
        for (idx, analysed) in frames.iter().enumerate() {
            if !wanted() {
                return None;
            }
            let pitch_hz = f64::from(analysed.frame.pitch_hz);
            let width_hz = match analysed.voiced {
                true if is_whistle(pitch_hz) => WHISTLE_WIDTH_HZ,
                true => WIDTH_PITCHES * pitch_hz,
                false => UNPITCHED_WIDTH_HZ,
            };
            let is_low = analysed.voiced && pitch_hz < LOW_PITCH_HZ;
            let spectrum = if is_low { &mut self.low } else { &mut self.usual };
            spectrum.listen(samples, idx as f64 * hop_samples);
            heard.push(spectrum.levels(width_hz));
        }
        Some(heard)
    }
}

impl BandSpectrum {
    fn new(sample_rate: f64, window_seconds: f64) -> Self {
        let half = (0.5 * window_seconds * sample_rate) as i64;
        let hann = |i: i64| 0.5 + 0.5 * (PI * i as f64 / (half + 1) as f64).cos();
        let power: f64 = (-half..=half).map(|i| hann(i) * hann(i)).sum();
        let scale = (2.0 / power / sample_rate).sqrt();
        let window: Vec<f32> = (-half..=half).map(|i| (scale * hann(i)) as f32).collect();
        let plan = RealFftPlanner::new().plan_fft_forward(window.len().next_power_of_two());
        let (input, spectrum) = (plan.make_input_vec(), plan.make_output_vec());
        let sums = vec![0.0; spectrum.len() + 1];
        Self { sample_rate, window, plan, input, spectrum, sums }
    }

    fn listen(&mut self, samples: &[f32], centre: f64) {
        let first = centre.round() as i64 - (self.window.len() / 2) as i64;
        self.input.fill(0.0);
        for ((value, w), n) in self.input.iter_mut().zip(&self.window).zip(first..) {
            *value = w * usize::try_from(n).ok().and_then(|n| samples.get(n)).copied().unwrap_or(0.0);
        }
        // Lengths are those of the plan: the transform cannot fail.
        let transformed = self.plan.process(&mut self.input, &mut self.spectrum).is_ok();
        debug_assert!(transformed, "transform lengths are the plan's");
        for (idx, value) in self.spectrum.iter().enumerate() {
            self.sums[idx + 1] = self.sums[idx] + f64::from(value.norm_sqr());
        }
    }

    /// Levels of what was listened to last, in bands at least `width_hz` wide.
    fn levels(&self, width_hz: f64) -> Levels {
        let num_bins = self.spectrum.len();
        let bin_hz = self.sample_rate / self.input.len() as f64;
        // Bin k reaches from k − ½ to k + ½; between those edges the sum is linear.
        let sum_below = |hz: f64| {
            let place = (hz / bin_hz + 0.5).clamp(0.0, num_bins as f64);
            let idx = (place as usize).min(num_bins - 1);
            self.sums[idx] + (place - idx as f64) * (self.sums[idx + 1] - self.sums[idx])
        };
        let density = |band_idx: usize| {
            let half = 0.5 * band_width_hz(band_idx).max(width_hz).max(bin_hz);
            let low = (band_hz(band_idx) - half).max(0.0);
            let high = (band_hz(band_idx) + half).min(0.5 * self.sample_rate);
            if low < high {
                ((sum_below(high) - sum_below(low)) / ((high - low) / bin_hz)) as f32
            } else {
                0.0
            }
        };
        Levels { all: (self.sums[num_bins] * bin_hz) as f32, bands: core::array::from_fn(density) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vocoder::frame::NUM_NOISE_BANDS;

    const RATE: f32 = 16_000.0;

    /// A tone as 60 frames and as it sounds.
    fn tone(tables: &Arc<SynthesisTables>, pitch_hz: f32) -> (Vec<Analysed>, Vec<f32>) {
        let frame = Frame {
            pitch_hz,
            loudness_db: -20.0,
            envelope_db: core::array::from_fn(|idx| -30.0 - 0.5 * idx as f32),
            noise: [0.0; NUM_NOISE_BANDS],
        };
        let frames = vec![Analysed { frame, voiced: true }; 60];
        let sound = play(tables, 160.0, &frames, 0, &|| true).unwrap();
        (frames, sound)
    }

    #[test]
    fn frames_with_wrong_levels_are_moved_towards_the_sound() {
        let tables = Arc::new(SynthesisTables::new(RATE));
        let (truth, sound) = tone(&tables, 150.0);
        let mut frames = truth.clone();
        for analysed in &mut frames {
            analysed.frame.loudness_db += 4.0;
            analysed.frame.envelope_db[20..30].iter_mut().for_each(|level| *level += 8.0);
        }
        correct(&sound, &tables, 0.01, &mut frames);
        let (got, right) = (&frames[20].frame, &truth[20].frame);
        assert!((got.loudness_db + 20.0).abs() < 1.5, "loudness {}", got.loudness_db);
        let bump = |frame: &Frame| frame.envelope_db[25] - frame.envelope_db[10];
        assert!((bump(got) - bump(right)).abs() < 4.0, "bump {}, right {}", bump(got), bump(right));
    }

    #[test]
    fn a_low_tone_that_is_right_is_left_alone_wherever_its_pulses_lie() {
        let tables = Arc::new(SynthesisTables::new(RATE));
        let (truth, sound) = tone(&tables, 45.0);
        // Half a period later: its pulses lie elsewhere than the copy's.
        let late = &sound[(0.5 * RATE / 45.0) as usize..];
        let mut frames = truth[..55].to_vec();
        correct(late, &tables, 0.01, &mut frames);
        for Analysed { frame, .. } in &frames[10..45] {
            assert!((frame.loudness_db + 20.0).abs() < 0.5, "loudness {}", frame.loudness_db);
            let slope = frame.envelope_db[10] - frame.envelope_db[30];
            assert!((slope - 10.0).abs() < 0.2, "slope {slope}");
        }
    }

    #[test]
    fn silence_stays_silent_and_finite() {
        let mut frames = crate::vocoder::analysis::analyse(&[0.0; 4_000], 16_000.0, 0.01);
        correct(&[0.0; 4_000], &Arc::new(SynthesisTables::new(16_000.0)), 0.01, &mut frames);
        for Analysed { frame, .. } in frames {
            assert!(frame.loudness_db <= SILENCE_DB, "loudness {}", frame.loudness_db);
            assert!(frame.envelope_db.iter().all(|level| level.is_finite()), "finite");
        }
    }
}
