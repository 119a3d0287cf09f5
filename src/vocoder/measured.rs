//! Copy synthesis with nothing coded: harmonics with their measured amplitudes and phases, overlap-added.
//!
//! What analysis can hear at all, and so the ceiling of the vocoder: compare with a copy through frames. Off-line.

use super::analysis::{Contour, HARMONIC_PERIODS};
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
    let mut projector = Projector::default();
    let mut out = vec![0.0_f32; samples.len()];
    for idx in 0..num_frames {
        let centre = idx as f64 * hop;
        let pitch = contour.refined(samples, &mut projector, idx);
        let num = ((USED_BAND / pitch.f) as usize).max(1);
        let grid = Grid { first: 1.0, num, periods: HARMONIC_PERIODS, window: Window::HannSquared };
        projector.project(samples, centre, pitch, grid);
        add_grain(&mut out, centre, hop, pitch, &projector);
    }
    out
}

/// Adds one grain: the harmonics of a frame in a Hann window of two hops.
fn add_grain(out: &mut [f32], centre: f64, hop: f64, pitch: LocalPitch, harmonics: &Projector) {
    for n in (centre - hop).ceil() as i64..=(centre + hop).floor() as i64 {
        let Some(sample) = usize::try_from(n).ok().and_then(|n| out.get_mut(n)) else { continue };
        let t = n as f64 - centre;
        let window = (0.5 + 0.5 * (PI * t / hop).cos()) as f32;
        let phase = core::f64::consts::TAU * (pitch.f * t + 0.5 * pitch.slope * t * t);
        let (z_im, z_re) = (phase.sin() as f32, phase.cos() as f32);
        let (mut re, mut im) = (0.0_f32, 0.0_f32);
        for (a_re, a_im) in harmonics.re.iter().zip(&harmonics.im).rev() {
            let (sum_re, sum_im) = (re + a_re, im + a_im);
            re = sum_re * z_re - sum_im * z_im;
            im = sum_re * z_im + sum_im * z_re;
        }
        *sample += window * re;
    }
}
