//! Synthesis: frames to audio at any sample rate, in real time.
//!
//! Harmonics are one polynomial in `z = e^(2πi φ)` whose coefficients are the complex amplitudes, evaluated by
//! Horner's rule for several samples at once; they move linearly over a hop, and the phase follows the pitch exactly:
//!
//! ```text
//! y(t) = Re Σ_k c_k(t) z(t)^k,   |c_k|² = 2 E(k f) f (1 − n(k f)),   arg c_k = minimum phase of E at k f
//! ```
//!
//! where `E` is the power density of the frame's envelope and `n` its noise share. Where pitch leaps, the harmonics at the
//! old one fade into those at the new one instead: swept, they would sound above the band of a recording. Noise is mixed
//! from bands, whose gains move linearly too; now and then it leaps to another place of their tables, the two overlapping
//! at constant power. Level is exact: the sum of both has the frame's loudness.

use super::frame::{Frame, NUM_BANDS};
use super::minimum_phase::{PhaseMatrix, phase_matrix};
use super::noise::Noise;
use super::noise_bands::NoiseBands;
use super::partials::{Hop, MAX_HARMONICS, Partials, harmonics, leaping_harmonics};
use super::targets::set_targets;
use crate::dsp::maths;
use std::sync::Arc;

/// Ratio of pitches at the ends of a hop beyond which it leaps, three semitones: no glide in recordings comes near it.
const LEAP_RATIO: f32 = 1.189_207_1;

/// Samples that are made together: long enough that Horner's rule has other samples to take while one waits for its
/// last step, and a third of a hop at 48 kHz.
pub(super) const PIECE: usize = 80;

/// What synthesis needs to know of one sample rate: made once, shared by all voices.
#[derive(Debug)]
pub struct SynthesisTables {
    /// Samples per second.
    pub sample_rate: f32,
    noise: NoiseBands,
    pub(super) phase: &'static PhaseMatrix,
    /// Width of each band, Hz.
    pub(super) widths_hz: [f32; NUM_BANDS],
}

impl SynthesisTables {
    /// Tables for a sample rate of 1,000 to 1,536,000. Slow: not on the audio thread.
    pub fn new(sample_rate: f32) -> Self {
        Self {
            sample_rate,
            noise: NoiseBands::new(f64::from(sample_rate)),
            phase: phase_matrix(),
            widths_hz: core::array::from_fn(|idx| super::analysis::band_width_hz(idx) as f32),
        }
    }
}

/// One voice's harmonics and noise. Sound runs from the frame before to the frame given last, over the samples
/// asked for with [`Synthesizer::begin_hop`].
#[derive(Debug)]
pub struct Synthesizer {
    tables: Arc<SynthesisTables>,
    noise: Noise,
    fresh: bool,
    hop_samples: usize,
    position: usize,
    /// Phase of the fundamental where the hop begins, cycles.
    phase: f32,
    /// Pitch at both ends of the hop, cycles per sample.
    f_from: f32,
    f_to: f32,
    /// Does the pitch leap in this hop?
    leaps: bool,
    from: Box<Partials>,
    /// Change over the hop, unless it leaps.
    change: Box<Partials>,
    to: Box<Partials>,
    /// Sound of the hop from `piece_begin` to `piece_end`; `position` is within.
    piece: [f32; PIECE],
    piece_begin: usize,
    piece_end: usize,
}

impl Synthesizer {
    /// A silent voice. Allocates all it will ever need.
    pub fn new(tables: Arc<SynthesisTables>) -> Self {
        let silent = Partials { re: [0.0; MAX_HARMONICS], im: [0.0; MAX_HARMONICS], num: 0 };
        Self {
            tables,
            noise: Noise::new(),
            fresh: true,
            hop_samples: 0,
            position: 0,
            phase: 0.0,
            f_from: 0.0,
            f_to: 0.0,
            leaps: false,
            from: Box::new(silent.clone()),
            change: Box::new(silent.clone()),
            to: Box::new(silent),
            piece: [0.0; PIECE],
            piece_begin: 0,
            piece_end: 0,
        }
    }

    /// Silence, as new; `seed` chooses the noise. Audio thread.
    pub fn reset(&mut self, seed: u64) {
        self.noise.reset(seed);
        self.fresh = true;
        self.hop_samples = 0;
        self.position = 0;
        (self.piece_begin, self.piece_end) = (0, 0);
        self.phase = 0.0;
        self.to.num = 0;
    }

    /// Starts the next hop of `num_samples`, at whose end the sound is that of `frame`. Audio thread.
    /// Call only when [`Synthesizer::samples_left`] is 0; `num_samples` is at most 10 ms, rounded up. The first hop
    /// after a reset starts from silence with the timbre of `frame`.
    pub fn begin_hop(&mut self, frame: &Frame, num_samples: usize) {
        debug_assert!(self.samples_left() == 0, "a hop ends before the next begins");
        let num_samples = num_samples.clamp(1, self.tables.noise.longest_hop);
        let f = (frame.pitch_hz / self.tables.sample_rate).clamp(1e-5, 0.49);
        if self.fresh {
            self.f_to = f;
            self.fresh = false;
        } else {
            let n = self.hop_samples as f32;
            let mean_f = if self.leaps { self.f_to } else { 0.5 * (self.f_from + self.f_to) };
            let phase = self.phase + n * mean_f;
            self.phase = phase - phase.floor();
        }
        self.f_from = self.f_to;
        self.f_to = f;
        self.leaps = LEAP_RATIO * self.f_from.min(f) < self.f_from.max(f);
        self.hop_samples = num_samples;
        self.position = 0;
        (self.piece_begin, self.piece_end) = (0, 0);
        core::mem::swap(&mut self.from, &mut self.to);
        let gains = set_targets(&self.tables, frame, &mut self.to);
        self.noise.begin_hop(&self.tables.noise, &gains);
        if !self.leaps {
            self.prepare_change();
        }
    }

    /// Harmonics that pass the Nyquist frequency within the hop fade or stay away; the rest move from → to.
    fn prepare_change(&mut self) {
        let highest = self.f_from.max(self.f_to);
        let allowed = ((0.499 / highest) as usize).min(MAX_HARMONICS);
        let num = self.from.num.max(self.to.num).min(allowed);
        for idx in self.from.num..num {
            self.from.re[idx] = 0.0;
            self.from.im[idx] = 0.0;
        }
        for idx in self.to.num..num {
            self.to.re[idx] = 0.0;
            self.to.im[idx] = 0.0;
        }
        for idx in 0..num {
            self.change.re[idx] = self.to.re[idx] - self.from.re[idx];
            self.change.im[idx] = self.to.im[idx] - self.from.im[idx];
        }
        self.change.num = num;
    }

    /// Samples that remain of the hop.
    pub fn samples_left(&self) -> usize {
        self.hop_samples - self.position
    }

    /// Writes the next `out.len()` samples, at most [`Synthesizer::samples_left`]. Audio thread. The same samples
    /// come however a hop is cut into calls.
    pub fn process(&mut self, out: &mut [f32]) {
        debug_assert!(out.len() <= self.samples_left(), "asked for more than the hop holds");
        let mut out = out;
        while !out.is_empty() && self.samples_left() > 0 {
            if self.position == self.piece_end {
                self.make_piece();
            }
            let num_samples = out.len().min(self.piece_end - self.position);
            let (part, rest) = out.split_at_mut(num_samples);
            let at = self.position - self.piece_begin;
            part.copy_from_slice(&self.piece[at..at + num_samples]);
            self.position += num_samples;
            out = rest;
        }
        out.fill(0.0);
    }

    /// Makes the sound that comes next in the hop.
    fn make_piece(&mut self) {
        let hop = Hop {
            len: self.hop_samples as f32,
            phase: self.phase,
            f_from: self.f_from,
            f_to: self.f_to,
            from: &self.from,
            change: &self.change,
        };
        let num_samples = PIECE.min(self.hop_samples - self.position);
        self.piece = if self.leaps {
            leaping_harmonics(&hop, &self.to, self.position)
        } else {
            harmonics(&hop, self.position)
        };
        // Whole lanes, which the tables are long enough for.
        let padded = num_samples.next_multiple_of(maths::LANES);
        let samples = self.position..self.position + num_samples;
        self.noise.add(&self.tables.noise, samples, hop.len, &mut self.piece[..padded]);
        (self.piece_begin, self.piece_end) = (self.position, self.position + num_samples);
    }
}

#[cfg(test)]
mod tests {
    use super::super::frame::{NOTHING_DB, NUM_NOISE_BANDS, band_hz};
    use super::*;
    use crate::dsp::fourier::{Direction, Fourier};
    use rand_core::{Rng as _, SeedableRng as _};

    fn vowel(pitch_hz: f32, noise: f32) -> Frame {
        Frame {
            pitch_hz,
            loudness_db: -20.0,
            envelope_db: core::array::from_fn(|idx| -30.0 - idx as f32),
            noise: [noise; NUM_NOISE_BANDS],
        }
    }

    fn play(frame: &Frame, rate: f32, cuts: &[usize]) -> Vec<f32> {
        let mut voice = Synthesizer::new(Arc::new(SynthesisTables::new(rate)));
        voice.reset(1);
        let mut out = Vec::new();
        let mut cuts = cuts.iter().cycle();
        for _ in 0..60 {
            voice.begin_hop(frame, (rate / 100.0) as usize);
            while voice.samples_left() > 0 {
                let len = cuts.next().copied().unwrap_or(1).min(voice.samples_left());
                let mut part = vec![f32::NAN; len];
                voice.process(&mut part);
                out.extend(part);
            }
        }
        out
    }

    #[test]
    fn level_is_the_frames_loudness_at_every_rate_and_share_of_noise() {
        for rate in [16_000.0, 44_100.0, 96_000.0] {
            for noise in [0.0, 0.4, 1.0] {
                let sound = play(&vowel(150.0, noise), rate, &[64]);
                let tail = &sound[sound.len() / 2..];
                let power = tail.iter().map(|x| x * x).sum::<f32>() / tail.len() as f32;
                let level = 10.0 * power.log10();
                // Noise scatters by a few tenths over 0.3 s; at 16 kHz what lies above 8 kHz is missing.
                assert!((level + 20.0).abs() < 0.7, "{level} dB at {rate} Hz, noise {noise}");
            }
        }
    }

    #[test]
    fn samples_do_not_depend_on_how_a_hop_is_cut() {
        let whole = play(&vowel(237.0, 0.3), 44_100.0, &[4_096]);
        for cuts in [&[1_usize][..], &[7], &[16, 3, 31]] {
            assert!(whole == play(&vowel(237.0, 0.3), 44_100.0, cuts), "cut by {cuts:?}");
        }
    }

    /// Level above 9 kHz beside that below 8 kHz, at the end of a sound.
    fn above_8_khz_db(sound: &[f32], rate: f32) -> f64 {
        let mut re: Vec<f64> = sound[sound.len() - 16_384..].iter().map(|x| f64::from(*x)).collect();
        let mut im = vec![0.0; re.len()];
        // Hann: what leaks from below would be heard above.
        for (n, x) in re.iter_mut().enumerate() {
            *x *= 0.5 - 0.5 * (core::f64::consts::TAU * n as f64 / 16_384.0).cos();
        }
        Fourier::new(re.len()).transform(&mut re, &mut im, Direction::Forward);
        let power = |low_hz: f64, high_hz: f64| -> f64 {
            let bin = |hz: f64| (hz / f64::from(rate) * 16_384.0) as usize;
            (bin(low_hz)..bin(high_hz)).map(|k| re[k] * re[k] + im[k] * im[k]).sum()
        };
        10.0 * (power(9_000.0, 24_000.0) / power(0.0, 8_000.0)).log10()
    }

    #[test]
    fn above_the_band_of_a_recording_nothing_sounds() {
        let (low_rate, rate) = (16_000.0, 48_000.0);
        let mut rng = rand_pcg::Pcg32::seed_from_u64(1);
        let noise: Vec<f32> = (0..8_000).map(|_| rng.next_u32() as f32 / 4.3e9 - 0.5).collect();
        let heard = crate::vocoder::analysis::analyse(&noise, low_rate, 0.01)[25].frame;
        let sound = play(&heard, rate, &[64]);
        // Where noise leaps, the bend of the fade is heard a little beyond its band; -69 dB if what is not to be heard were played.
        let above_db = above_8_khz_db(&sound, rate);
        assert!(above_db < -80.0, "{above_db} dB above the band");
    }

    #[test]
    fn where_pitch_leaps_harmonics_stay_within_their_band() {
        let rate = 48_000.0;
        let mut frame = vowel(110.0, 0.0);
        for (idx, level_db) in frame.envelope_db.iter_mut().enumerate() {
            *level_db = if band_hz(idx) < 8_000.0 { -30.0 } else { NOTHING_DB };
        }
        let mut voice = Synthesizer::new(Arc::new(SynthesisTables::new(rate)));
        let mut sound = vec![0.0; 240 * 100];
        for (hop_idx, part) in sound.chunks_mut(240).enumerate() {
            frame.pitch_hz = if hop_idx / 4 % 2 == 0 { 110.0 } else { 311.0 };
            voice.begin_hop(&frame, part.len());
            voice.process(part);
        }
        // Swept from one pitch to the other they have -18 dB there.
        let above_db = above_8_khz_db(&sound, rate);
        assert!(above_db < -65.0, "{above_db} dB above the band");
    }

    #[test]
    fn high_pitch_at_a_low_rate_stays_below_nyquist_and_finite() {
        let sound = play(&vowel(3_900.0, 0.0), 8_000.0, &[64]);
        assert!(sound.iter().all(|x| x.is_finite() && x.abs() < 1.0), "finite and in range");
    }
}
