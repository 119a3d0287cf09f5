//! Whistles: tones so high that a period has too few samples to be correlated, and so pure that they need not be.
//!
//! What tells them from noise is the share of the spectrum that lies in the peak and at its multiples, and that it lasts;
//! what tells them from a strong harmonic of something lower, that there are no others. Where it stops working: two birds
//! at once, and glides of more than an octave in 20 ms.

use super::frame::MAX_PITCH_HZ;
use crate::dsp::maths::cos_cycles;
use realfft::{RealFftPlanner, RealToComplex, num_complex::Complex};
use std::sync::Arc;

/// Highest whistle, Hz.
const MAX_WHISTLE_HZ: f64 = 10_000.0;
/// Window, short enough for the glides of birds.
const WINDOW_SECONDS: f64 = 0.010;
/// Half of the width of a peak, Hz: the main lobe of the window.
const HALF_WIDTH_HZ: f64 = 2.0 / WINDOW_SECONDS;
/// Multiples of the peak that are counted with it.
const MULTIPLES: usize = 3;
/// Share of the spectrum in the peak at which it is as much a whistle as not.
const LEAST_SHARE: f32 = 0.5;
/// Highest harmonic of something lower that a peak is told from.
const HIGHEST_HARMONIC: u32 = 6;
/// Power of harmonics, of what is between them, from which on they are some.
const LEAST_HARMONICS: f32 = 20.0;
/// Share of the sample rate that is looked at, as that of the other measurements.
const USED_BAND: f64 = 0.47;
/// Shortest whistle. What is shorter, or leaps about, is mostly the peak of a fricative.
const LEAST_SECONDS: f64 = 0.045;
/// Furthest that a whistle glides within a hop, octaves.
const MOST_GLIDE: f32 = 0.25;
/// Furthest that it departs within a hop from how it glided before, octaves.
const MOST_BEND: f32 = 0.03;

/// A pure high tone at one instant.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Whistle {
    /// Its pitch, Hz, above [`MAX_PITCH_HZ`].
    pub hz: f32,
    /// How much of what sounds it is, 0 to 1.
    pub strength: f32,
}

/// Is a pitch that of a whistle?
pub(super) fn is_whistle(hz: f64) -> bool {
    f64::from(MAX_PITCH_HZ) < hz
}

/// Whistles of `samples` at the instants `n · hop_seconds`; `None` soon after `wanted` says no. `floor` is the mean power
/// that counts as silence.
pub(super) fn whistles(
    samples: &[f32],
    sample_rate: f64,
    hop_seconds: f64,
    num_frames: usize,
    floor: f32,
    wanted: &dyn Fn() -> bool,
) -> Option<Vec<Option<Whistle>>> {
    let mut listener = Listener::new(sample_rate, floor);
    let found = (0..num_frames)
        .map(|idx| wanted().then(|| listener.at(samples, idx as f64 * hop_seconds * sample_rate)));
    let found: Vec<Option<Whistle>> = found.collect::<Option<_>>()?;
    Some(lasting(&found, (LEAST_SECONDS / hop_seconds).ceil() as usize))
}

/// Those that belong to a tone of which at least so many in a row do not leap about.
fn lasting(found: &[Option<Whistle>], least_frames: usize) -> Vec<Option<Whistle>> {
    let octaves = |idx: usize| found.get(idx).copied().flatten().map(|whistle| whistle.hz.log2());
    let glides = |from: usize, to: usize| match (octaves(from), octaves(to)) {
        (Some(from), Some(to)) => (to - from).abs() < MOST_GLIDE,
        _ => false,
    };
    let bends = |idx: usize| match (octaves(idx - 2), octaves(idx - 1), octaves(idx)) {
        (Some(first), Some(before), Some(now)) => MOST_BEND < (now - 2.0 * before + first).abs(),
        _ => false,
    };
    let mut kept = vec![false; found.len()];
    let mut from = 0;
    for idx in 1..=found.len() {
        if glides(idx - 1, idx) && !(from + 2 <= idx && bends(idx)) {
            continue;
        }
        if least_frames <= idx - from && found[from].is_some() {
            kept[from..idx].fill(true);
        }
        from = idx;
    }
    // What leads into a tone and out of it may be rougher.
    for idx in 1..found.len() {
        kept[idx] |= kept[idx - 1] && glides(idx - 1, idx);
    }
    for idx in (1..found.len()).rev() {
        kept[idx - 1] |= kept[idx] && glides(idx - 1, idx);
    }
    found.iter().zip(kept).map(|(whistle, kept)| whistle.filter(|_| kept)).collect()
}

/// What looks for them.
struct Listener {
    sample_rate: f64,
    /// Power of a spectrum that counts as silence.
    floor: f32,
    window: Vec<f32>,
    plan: Arc<dyn RealToComplex<f32>>,
    input: Vec<f32>,
    spectrum: Vec<Complex<f32>>,
    power: Vec<f32>,
}

impl Listener {
    fn new(sample_rate: f64, floor: f32) -> Self {
        let len = (WINDOW_SECONDS * sample_rate) as usize | 1;
        let hann = |idx: usize| 0.5 - 0.5 * cos_cycles((idx + 1) as f32 / (len + 1) as f32);
        let window: Vec<f32> = (0..len).map(hann).collect();
        let plan = RealFftPlanner::new().plan_fft_forward((2 * len).next_power_of_two());
        let (input, spectrum) = (plan.make_input_vec(), plan.make_output_vec());
        let energy: f32 = window.iter().map(|w| w * w).sum();
        let floor = floor * energy * input.len() as f32 / 2.0;
        let power = vec![0.0; spectrum.len()];
        Self { sample_rate, floor, window, plan, input, spectrum, power }
    }

    /// The whistle around a sample, if there is one.
    fn at(&mut self, samples: &[f32], centre: f64) -> Option<Whistle> {
        self.listen(samples, centre);
        let (low, high) = (self.bin(f64::from(MAX_PITCH_HZ)) + 1, self.bin(MAX_WHISTLE_HZ));
        let peak = (low..high).max_by(|a, b| self.power[*a].total_cmp(&self.power[*b]))?;
        let [left, mid, right] = [peak - 1, peak, peak + 1].map(|idx| (self.power[idx] + 1e-30).ln());
        let curvature = 2.0 * mid - left - right;
        if mid < left || mid < right || curvature < 1e-6 {
            return None;
        }
        let hz = (peak as f64 + f64::from(0.5 * (right - left) / curvature)) * self.bin_hz();
        let multiples = (1..=MULTIPLES).map(|num| num as f64 * hz).take_while(|hz| self.is_used(*hz));
        let whistled: f32 = multiples.map(|hz| self.sum(hz, HALF_WIDTH_HZ)).sum();
        // What is far below is the wind.
        let all: f32 = self.power[self.bin(0.25 * hz)..=self.bin(f64::INFINITY)].iter().sum();
        let share = whistled / (all + self.floor);
        let strength = ((share - LEAST_SHARE) / (1.0 - LEAST_SHARE)).min(1.0);
        (0.0 < strength && !self.is_harmonic(hz)).then_some(Whistle { hz: hz as f32, strength })
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
        for (power, value) in self.power.iter_mut().zip(&self.spectrum) {
            *power = value.norm_sqr();
        }
    }

    /// Is a peak a harmonic of something lower? Then there are others, however weak, and less between them.
    fn is_harmonic(&self, hz: f64) -> bool {
        (2..=HIGHEST_HARMONIC).any(|num| {
            let places =
                |from: f64| (0..2 * num).map(move |idx| (idx, (from + f64::from(idx)) * hz / f64::from(num)));
            // The peak itself and its multiples count for nothing.
            let harmonics = places(1.0).filter(|(idx, _)| !(idx + 1).is_multiple_of(num));
            let harmonics = self.mean(harmonics.map(|(_, hz)| hz));
            LEAST_HARMONICS * (self.mean(places(0.5).map(|(_, hz)| hz)) + self.floor) < harmonics
        })
    }

    /// Mean power around places.
    fn mean(&self, places: impl Iterator<Item = f64>) -> f32 {
        let powers = places.filter(|hz| self.is_used(*hz)).map(|hz| self.sum(hz, 0.5 * HALF_WIDTH_HZ));
        let (sum, num) = powers.fold((0.0, 0.0), |(sum, num), power| (sum + power, num + 1.0));
        if 0.0 < num { sum / num } else { 0.0 }
    }

    /// Power around a place.
    fn sum(&self, hz: f64, half_width_hz: f64) -> f32 {
        self.power[self.bin(hz - half_width_hz)..=self.bin(hz + half_width_hz)].iter().sum()
    }

    fn is_used(&self, hz: f64) -> bool {
        hz < USED_BAND * self.sample_rate
    }

    fn bin_hz(&self) -> f64 {
        self.sample_rate / self.input.len() as f64
    }

    fn bin(&self, hz: f64) -> usize {
        (hz.clamp(0.0, USED_BAND * self.sample_rate) / self.bin_hz()) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vocoder::analysis::{Analysed, analyse};
    use rand_core::{Rng as _, SeedableRng as _};

    const RATE: f64 = 44_100.0;

    /// Half a second of what `sound` says of each moment, over white noise.
    fn over_noise(gain: f64, sound: impl Fn(f64) -> f64) -> Vec<f32> {
        let mut rng = rand_pcg::Pcg32::seed_from_u64(1);
        let noise = std::iter::repeat_with(|| f64::from(rng.next_u32()) / 2_147_483_648.0 - 1.0);
        noise
            .take(22_050)
            .enumerate()
            .map(|(n, noise)| (sound(n as f64 / RATE) + gain * noise) as f32)
            .collect()
    }

    fn tone(hz: f64, seconds: f64) -> f64 {
        0.1 * (core::f64::consts::TAU * hz * seconds).sin()
    }

    fn high(frames: &[Analysed]) -> usize {
        frames.iter().filter(|frame| frame.voiced && is_whistle(f64::from(frame.frame.pitch_hz))).count()
    }

    #[test]
    fn whistles_have_their_pitch_though_the_wind_blows() {
        for hz in [2_700.0, 4_100.0, 6_900.0, 9_200.0] {
            let frames = analyse(&over_noise(0.02, |seconds| tone(hz, seconds)), RATE, 0.01);
            for Analysed { frame, voiced } in &frames[5..45] {
                let cents = 1_200.0 * (f64::from(frame.pitch_hz) / hz).log2();
                assert!(*voiced && cents.abs() < 10.0, "{hz} Hz: {} Hz, voiced {voiced}", frame.pitch_hz);
            }
        }
    }

    #[test]
    fn what_blows_beneath_a_whistle_goes_on() {
        // Noise from 0 to 22,050 Hz alone, and with a tone 20 dB above it.
        let level = |with_tone: f64| {
            let frames = analyse(&over_noise(0.02, |seconds| with_tone * tone(4_100.0, seconds)), RATE, 0.01);
            let frame = |idx: usize| &frames[idx].frame;
            let density = |idx: usize| frame(idx).loudness_db + frame(idx).envelope_db[20];
            (10..40).map(|idx| density(idx) + 10.0 * frame(idx).noise[8].log10()).sum::<f32>() / 30.0
        };
        let (with, without) = (level(1.0), level(0.0));
        assert!((with - without).abs() < 3.0, "{with} dB per Hz beneath it, {without} without it");
    }

    #[test]
    fn a_strong_second_harmonic_is_no_whistle() {
        let sound = |seconds: f64| 0.2 * tone(1_760.0, seconds) + tone(3_520.0, seconds);
        assert_eq!(high(&analyse(&over_noise(1e-4, sound), RATE, 0.01)), 0);
    }

    #[test]
    fn a_narrow_band_of_noise_is_no_whistle() {
        // A resonance, 400 Hz wide, rung by noise.
        let noise = over_noise(0.1, |_| 0.0);
        let (radius, turn) =
            ((-core::f64::consts::PI * 400.0 / RATE).exp(), core::f64::consts::TAU * 2_900.0 / RATE);
        let mut rung = [0.0_f64; 2];
        let fricative: Vec<f32> = noise
            .iter()
            .map(|x| {
                let y = 0.1 * f64::from(*x) + 2.0 * radius * turn.cos() * rung[0] - radius * radius * rung[1];
                rung = [y, rung[0]];
                y as f32
            })
            .collect();
        let num = high(&analyse(&fricative, RATE, 0.01));
        assert!(num <= 2, "{num} of 51 frames");
    }
}
