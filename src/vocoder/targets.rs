//! A frame as what synthesis plays: complex amplitudes of harmonics, gains of noise bands.

use super::frame::{Frame, NUM_BANDS, NUM_NOISE_BANDS, TOP_HZ};
use super::synthesis::{MAX_HARMONICS, POSITION_STEP_HZ, Partials, SynthesisTables};
use crate::dsp::maths::{self, affine};

/// Level below which the envelope has no say in the phase, dB per Hz: the cliff at the top of a band-limited
/// recording would otherwise turn the phase of everything below it.
const PHASE_FLOOR_DB: f32 = -60.0;

/// Share of the minimum phase that sounds. All of it moves with the envelope and detunes the harmonics; copies with
/// half of it are as good by PESQ and zimtohrli, and their pitch errors nearly halve.
const PHASE_SHARE: f32 = 0.5;

/// Amplitudes of harmonics and noise for a frame.
pub(super) fn set_targets(
    tables: &SynthesisTables,
    frame: &Frame,
    partials: &mut Partials,
    gains: &mut [f32; NUM_BANDS],
) {
    let f0_hz = frame.pitch_hz.clamp(1.0, TOP_HZ as f32);
    let mut phases = [0.0_f32; NUM_BANDS];
    let heard = frame.envelope_db.map(|level| level.max(PHASE_FLOOR_DB));
    affine(tables.phase, &[0.0; NUM_BANDS], &heard, &mut phases);
    let mut density = [0.0_f32; NUM_BANDS];
    let mut power = 0.0_f32;
    for idx in 0..NUM_BANDS {
        density[idx] = maths::power_from_db(frame.envelope_db[idx]);
        let share = noise_at(frame, idx as f32);
        let noise = density[idx] * share;
        gains[idx] = noise.sqrt();
        power += noise * tables.widths_hz[idx];
    }
    let num = ((TOP_HZ as f32 / f0_hz) as usize).min(MAX_HARMONICS);
    for k in 0..num {
        let place = f0_hz * (k + 1) as f32 / POSITION_STEP_HZ;
        let place_idx = (place as usize).min(tables.positions.len() - 2);
        let low = tables.positions[place_idx];
        let position = low + (place - place_idx as f32) * (tables.positions[place_idx + 1] - low);
        let idx = (position as usize).min(NUM_BANDS - 2);
        let fraction = position - idx as f32;
        let between = |points: &[f32; NUM_BANDS]| points[idx] + fraction * (points[idx + 1] - points[idx]);
        let tone =
            maths::power_from_db(between(&frame.envelope_db)) * f0_hz * (1.0 - noise_at(frame, position));
        let phase = PHASE_SHARE * between(&phases);
        let amplitude = (2.0 * tone.max(0.0)).sqrt();
        power += tone;
        partials.re[k] = amplitude * maths::cos_cycles(phase);
        partials.im[k] = amplitude * maths::sin_cycles(phase);
    }
    // What lies above the Nyquist frequency counts in the level but does not sound.
    let nyquist = 0.5 * tables.sample_rate;
    partials.num = ((nyquist / f0_hz) as usize).min(num);
    let gain = (maths::power_from_db(frame.loudness_db) / (power + 1e-12)).sqrt();
    for value in partials.re[..partials.num].iter_mut().chain(&mut partials.im[..partials.num]) {
        *value *= gain;
    }
    for value in gains.iter_mut() {
        *value *= gain;
    }
    while 0 < partials.num && inaudible(partials.re[partials.num - 1], partials.im[partials.num - 1]) {
        partials.num -= 1;
    }
}

/// Is a harmonic below −140 dB of full scale? What was never recorded (harmonics above a recording's band) need not be
/// computed.
#[inline(always)]
fn inaudible(re: f32, im: f32) -> bool {
    re * re + im * im < 1e-14
}

/// Noise share at a position on the envelope's scale.
#[inline(always)]
fn noise_at(frame: &Frame, position: f32) -> f32 {
    const SCALE: f32 = (NUM_NOISE_BANDS - 1) as f32 / (NUM_BANDS - 1) as f32;
    let position = position * SCALE;
    let idx = (position as usize).min(NUM_NOISE_BANDS - 2);
    let fraction = position - idx as f32;
    (frame.noise[idx] + fraction * (frame.noise[idx + 1] - frame.noise[idx])).clamp(0.0, 1.0)
}
