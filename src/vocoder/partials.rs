//! Harmonics at one instant, and the sound from one instant to the next: a polynomial evaluated by Horner's rule.

use super::synthesis::PIECE;
use crate::dsp::maths;

/// Most harmonics of a voice: down to 40 Hz, all.
pub(super) const MAX_HARMONICS: usize = 512;

/// Complex amplitudes of the harmonics at one instant.
#[derive(Clone, Debug)]
pub(super) struct Partials {
    pub(super) re: [f32; MAX_HARMONICS],
    pub(super) im: [f32; MAX_HARMONICS],
    pub(super) num: usize,
}

/// A hop of a voice's harmonics.
pub(super) struct Hop<'a> {
    /// Length, samples.
    pub(super) len: f32,
    /// Where it begins, cycles.
    pub(super) phase: f32,
    /// Pitch at both ends, cycles per sample.
    pub(super) f_from: f32,
    pub(super) f_to: f32,
    pub(super) from: &'a Partials,
    pub(super) change: &'a Partials,
}

/// Evaluates the polynomial at [`PIECE`] samples from `position` of the hop.
#[multiversion::multiversion(targets("x86_64+avx512f+avx512vl+avx2", "x86_64+avx2", "x86_64+avx"))]
pub(super) fn harmonics(hop: &Hop<'_>, position: usize) -> [f32; PIECE] {
    let (mut z_re, mut z_im, mut u) = ([0.0_f32; PIECE], [0.0_f32; PIECE], [0.0_f32; PIECE]);
    let bend = 0.5 * (hop.f_to - hop.f_from) / hop.len;
    for lane in 0..PIECE {
        let t = (position + lane) as f32;
        u[lane] = t / hop.len;
        let phase = hop.phase + t * (hop.f_from + t * bend);
        z_re[lane] = maths::cos_cycles(phase);
        z_im[lane] = maths::sin_cycles(phase);
    }
    let (mut re, mut im) = ([0.0_f32; PIECE], [0.0_f32; PIECE]);
    let num = hop.change.num.min(MAX_HARMONICS);
    let from = hop.from.re[..num].iter().zip(&hop.from.im[..num]);
    let change = hop.change.re[..num].iter().zip(&hop.change.im[..num]);
    for ((from_re, from_im), (change_re, change_im)) in from.zip(change).rev() {
        for lane in 0..PIECE {
            let sum_re = re[lane] + (from_re + u[lane] * change_re);
            let sum_im = im[lane] + (from_im + u[lane] * change_im);
            re[lane] = sum_re * z_re[lane] - sum_im * z_im[lane];
            im[lane] = sum_re * z_im[lane] + sum_im * z_re[lane];
        }
    }
    re
}

/// The same where pitch leaps: harmonics at the old pitch fade into those at the new one, at constant power.
#[multiversion::multiversion(targets("x86_64+avx512f+avx512vl+avx2", "x86_64+avx2", "x86_64+avx"))]
pub(super) fn leaping_harmonics(hop: &Hop<'_>, to: &Partials, position: usize) -> [f32; PIECE] {
    let old = steady_harmonics(hop.from, hop.phase, hop.f_from, position);
    let new = steady_harmonics(to, hop.phase, hop.f_to, position);
    core::array::from_fn(|lane| {
        let quarter = 0.25 * ((position + lane) as f32 / hop.len);
        maths::cos_cycles(quarter) * old[lane] + maths::sin_cycles(quarter) * new[lane]
    })
}

/// Harmonics of a pitch, in cycles per sample, and of amplitudes that stay.
#[inline(always)]
fn steady_harmonics(partials: &Partials, phase: f32, f: f32, position: usize) -> [f32; PIECE] {
    let (mut z_re, mut z_im) = ([0.0_f32; PIECE], [0.0_f32; PIECE]);
    for lane in 0..PIECE {
        let phase = phase + (position + lane) as f32 * f;
        z_re[lane] = maths::cos_cycles(phase);
        z_im[lane] = maths::sin_cycles(phase);
    }
    let (mut re, mut im) = ([0.0_f32; PIECE], [0.0_f32; PIECE]);
    let num = partials.num.min((0.499 / f) as usize).min(MAX_HARMONICS);
    for (own_re, own_im) in partials.re[..num].iter().zip(&partials.im[..num]).rev() {
        for lane in 0..PIECE {
            let (sum_re, sum_im) = (re[lane] + own_re, im[lane] + own_im);
            re[lane] = sum_re * z_re[lane] - sum_im * z_im[lane];
            im[lane] = sum_re * z_im[lane] + sum_im * z_re[lane];
        }
    }
    re
}
