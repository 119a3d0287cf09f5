//! Copy synthesis with nothing coded: grids of sinusoids with their measured amplitudes and phases, overlap-added.
//!
//! Harmonics first; what they leave, noise and sound beside the pitch, is measured once more on the grid that takes
//! unpitched sound. What analysis can hear at all: noise too is kept as it was, where frames say only how much there
//! is. Compare with a copy through frames. Off-line.

use super::analysis::{Contour, HARMONIC_PERIODS, unpitched};
use super::harmonics::{Grid, LocalPitch, Projector, Window};
use core::f64::consts::PI;

/// Time between grains.
const HOP_SECONDS: f64 = 0.005;
/// Highest multiple that is measured, of the sample rate.
const USED_BAND: f64 = 0.495;

/// Analyses and resynthesises mono `samples`; the result has the same length.
pub fn copy(samples: &[f32], sample_rate: f64) -> Vec<f32> {
    let hop = HOP_SECONDS * sample_rate;
    let num_frames = (samples.len() as f64 / hop).ceil() as usize + 1;
    let contour = Contour::track(samples, sample_rate, HOP_SECONDS, num_frames);
    let mut copy = Grains { hop, projector: Projector::default(), out: vec![0.0_f32; samples.len()] };
    for idx in 0..num_frames {
        let pitch = contour.refined(samples, &mut copy.projector, idx);
        copy.add(samples, idx, pitch);
    }
    let left: Vec<f32> = samples.iter().zip(&copy.out).map(|(sample, copied)| sample - copied).collect();
    for idx in 0..num_frames {
        copy.add(&left, idx, unpitched(sample_rate));
    }
    copy.out
}

/// A copy in the making.
struct Grains {
    /// Samples between grains.
    hop: f64,
    projector: Projector,
    out: Vec<f32>,
}

impl Grains {
    /// Adds grain `idx` of `samples`: the multiples of `pitch` there, in a Hann window of two hops.
    fn add(&mut self, samples: &[f32], idx: usize, pitch: LocalPitch) {
        let (hop, centre) = (self.hop, idx as f64 * self.hop);
        let num = ((USED_BAND / pitch.f) as usize).max(1);
        let grid = Grid { first: 1.0, num, periods: HARMONIC_PERIODS, window: Window::HannSquared };
        self.projector.project(samples, centre, pitch, grid);
        for n in (centre - hop).ceil() as i64..=(centre + hop).floor() as i64 {
            let Some(sample) = usize::try_from(n).ok().and_then(|n| self.out.get_mut(n)) else { continue };
            let t = n as f64 - centre;
            let window = (0.5 + 0.5 * (PI * t / hop).cos()) as f32;
            let phase = core::f64::consts::TAU * (pitch.f * t + 0.5 * pitch.slope * t * t);
            let (z_im, z_re) = (phase.sin() as f32, phase.cos() as f32);
            let (mut re, mut im) = (0.0_f32, 0.0_f32);
            for (a_re, a_im) in self.projector.re.iter().zip(&self.projector.im).rev() {
                let (sum_re, sum_im) = (re + a_re, im + a_im);
                re = sum_re * z_re - sum_im * z_im;
                im = sum_re * z_im + sum_im * z_re;
            }
            *sample += window * re;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_core::{Rng as _, SeedableRng as _};

    #[test]
    fn a_copy_keeps_a_tone_and_the_noise_between_its_harmonics() {
        let rate = 16_000.0;
        let mut rng = rand_pcg::Pcg32::seed_from_u64(1);
        let sound: Vec<f32> = (0..8_000)
            .map(|n| {
                let tone = (core::f64::consts::TAU * 900.0 * f64::from(n) / rate).sin();
                (0.2 * tone) as f32 + 0.02 * (rng.next_u32() as f32 / 4_294_967_296.0 - 0.5)
            })
            .collect();
        let copied = copy(&sound, rate);
        let power = |samples: &[f32]| samples[800..7_200].iter().map(|x| f64::from(x * x)).sum::<f64>();
        let left: Vec<f32> = sound.iter().zip(&copied).map(|(sample, copied)| sample - copied).collect();
        // Noise alone lies 28 dB below the sum, where harmonics alone would leave it.
        let error_db = 10.0 * (power(&left) / power(&sound)).log10();
        assert!(error_db < -32.0, "{error_db} dB");
    }
}
