//! What sounds beneath a high pitch: below its lowest harmonic there is room for much, and all of it is noise.
//!
//! Half-way between harmonics that are thousands of Hz apart a single level would stand for all of it, and what a bow, a
//! street or the wind sounds down there would come and go with the tones above. Whistles alone: the envelope of a note that
//! will be played lower must not fall off there.

use super::envelope::point_position;
use super::frame::{NUM_BANDS, NUM_NOISE_BANDS, noise_band_hz};
use super::harmonics::{Grid, LocalPitch, Projector, Window};
use super::noise_share;

/// Distance of the places where it is measured, Hz.
const SPACING_HZ: f64 = 250.0;
/// Where it ends, of the pitch: a tone keeps its level when it is played a few semitones lower.
const END: f64 = 0.5;
/// From where on the envelope is the tone's, of the pitch.
pub(super) const TONE_FROM: f64 = 0.7;

/// Places on the scale of the envelope and densities there, power per Hz.
pub(super) fn densities(
    projector: &mut Projector,
    samples: &[f32],
    centre: f64,
    pitch: LocalPitch,
    sample_rate: f64,
) -> Vec<(f64, f32)> {
    let parts = (pitch.f * sample_rate / SPACING_HZ).round().max(2.0);
    let spacing = LocalPitch { f: pitch.f / parts, slope: pitch.slope / parts };
    let spacing_hz = spacing.f * sample_rate;
    let num = (END * parts) as usize;
    let periods = noise_share::periods(spacing_hz);
    projector.project(samples, centre, spacing, Grid { first: 1.0, num, periods, window: Window::Hann });
    let density = |idx: usize| projector.power(idx) / projector.noise_gain / sample_rate as f32;
    (0..num).map(|idx| (point_position(spacing_hz * (idx + 1) as f64, NUM_BANDS), density(idx))).collect()
}

/// All of it is noise.
pub(super) fn fill(noise: &mut [f32; NUM_NOISE_BANDS], f0_hz: f64) {
    for (idx, share) in noise.iter_mut().enumerate() {
        if noise_band_hz(idx) <= END * f0_hz {
            *share = 1.0;
        }
    }
}
