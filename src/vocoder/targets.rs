//! A frame as what synthesis plays: complex amplitudes of harmonics, gains of noise bands.

use super::curves::{self, Pieces, pieces};
use super::frame::{Frame, NOTHING_DB, NUM_BANDS, NUM_NOISE_BANDS, TOP_HZ};
use super::partials::{MAX_HARMONICS, Partials};
use super::synthesis::SynthesisTables;
use crate::dsp::maths::{self, LANES};
use crate::units::MEL_BEND_HZ;

/// Level below which the envelope has no say in the phase, dB per Hz: the cliff at the top of a band-limited
/// recording would otherwise turn the phase of everything below it.
const PHASE_FLOOR_DB: f32 = -60.0;

/// Share of the minimum phase that sounds. All of it moves with the envelope and detunes the harmonics; copies with
/// half of it are as good by PESQ and zimtohrli, and their pitch errors nearly halve.
const PHASE_SHARE: f32 = 0.5;

/// Density that does not sound: that of [`NOTHING_DB`], and as much again, since a codec rounds. Of recordings at 16 kHz,
/// a voice otherwise hisses above 8 kHz, where they say nothing.
const UNHEARD_DENSITY: f32 = 2e-11;
const _: () = assert!(NOTHING_DB == -110.0, "UNHEARD_DENSITY is made for it");

/// Amplitudes of harmonics for a frame; returns the gains of noise bands.
pub(super) fn set_targets(
    tables: &SynthesisTables,
    frame: &Frame,
    partials: &mut Partials,
) -> [f32; NUM_BANDS] {
    let f0_hz = frame.pitch_hz.clamp(1.0, TOP_HZ as f32);
    let mut phases = [0.0_f32; NUM_BANDS];
    let heard = frame.envelope_db.map(|level| level.max(PHASE_FLOOR_DB));
    tables.phase.affine(&[0.0; NUM_BANDS], &heard, &mut phases);
    let curves = Curves { envelope: pieces([&frame.envelope_db, &phases]), noise: pieces([&frame.noise]) };
    let mut gains = [0.0_f32; NUM_BANDS];
    let noise_power = set_gains(&frame.envelope_db, &curves.noise, &tables.widths_hz, &mut gains);
    let num = ((TOP_HZ as f32 / f0_hz) as usize).min(MAX_HARMONICS);
    let power = noise_power + set_amplitudes(&curves, f0_hz, num, partials);
    // What lies above the Nyquist frequency counts in the level but does not sound.
    let nyquist = 0.5 * tables.sample_rate;
    partials.num = ((nyquist / f0_hz) as usize).min(num);
    let gain = (maths::power_from_db(frame.loudness_db) / (power + 1e-12)).sqrt();
    for value in partials.re[..partials.num].iter_mut().chain(&mut partials.im[..partials.num]) {
        *value *= gain;
    }
    while 0 < partials.num && inaudible(partials.re[partials.num - 1], partials.im[partials.num - 1]) {
        partials.num -= 1;
    }
    gains.map(|value| gain * value)
}

/// What a frame says of each frequency.
struct Curves {
    /// Level (dB) and minimum phase (cycles), at the points of the envelope.
    envelope: Pieces<2, NUM_BANDS>,
    /// Share of noise, at its points.
    noise: Pieces<1, NUM_NOISE_BANDS>,
}

/// Points of noise for each of the envelope.
const NOISE_SCALE: f32 = (NUM_NOISE_BANDS - 1) as f32 / (NUM_BANDS - 1) as f32;

/// Harmonics that are worked out together.
const BLOCK: usize = 32;
const _: () = assert!(MAX_HARMONICS.is_multiple_of(BLOCK) && BLOCK.is_multiple_of(LANES), "whole blocks");

/// Complex amplitudes of the first `num` harmonics, and of what else is in their last block, before the frame's loudness
/// is set; returns the power of those asked for.
#[multiversion::multiversion(targets("x86_64+avx2", "x86_64+avx"))]
fn set_amplitudes(curves: &Curves, f0_hz: f32, num: usize, partials: &mut Partials) -> f32 {
    let points_by_neper = (NUM_BANDS - 1) as f32 / maths::ln(1.0 + TOP_HZ as f32 / MEL_BEND_HZ as f32);
    let mut powers = [0.0_f32; LANES];
    let (re, _) = partials.re.as_chunks_mut::<BLOCK>();
    let (im, _) = partials.im.as_chunks_mut::<BLOCK>();
    let blocks = re.iter_mut().zip(im);
    for (first, (re, im)) in (0..num as i32).step_by(BLOCK).zip(blocks) {
        let mut at = [0.0_f32; BLOCK];
        for (lane, at) in (1..).zip(&mut at) {
            let hz = f0_hz * (first + lane) as f32;
            *at = points_by_neper * maths::ln(1.0 + hz * (1.0 / MEL_BEND_HZ as f32));
        }
        let [levels_db, phases] = curves::read(&curves.envelope, &at);
        let [noise] = curves::read(&curves.noise, &at.map(|at| NOISE_SCALE * at));
        let mut tones = [0.0_f32; BLOCK];
        for (lane, tone) in tones.iter_mut().enumerate() {
            let power = heard_density(levels_db[lane]) * f0_hz * (1.0 - noise[lane].clamp(0.0, 1.0));
            *tone = if first + (lane as i32) < num as i32 { power } else { 0.0 };
        }
        add_lanes(&mut powers, &tones);
        for lane in 0..BLOCK {
            let amplitude = (2.0 * tones[lane]).sqrt();
            let phase = PHASE_SHARE * phases[lane];
            re[lane] = amplitude * maths::cos_cycles(phase);
            im[lane] = amplitude * maths::sin_cycles(phase);
        }
    }
    maths::sum_lanes(&powers)
}

/// Gains of the bands before the frame's loudness is set; returns the power of the noise.
#[multiversion::multiversion(targets("x86_64+avx2", "x86_64+avx"))]
fn set_gains(
    envelope_db: &[f32; NUM_BANDS],
    noise: &Pieces<1, NUM_NOISE_BANDS>,
    widths_hz: &[f32; NUM_BANDS],
    gains: &mut [f32; NUM_BANDS],
) -> f32 {
    let mut at = [0.0_f32; NUM_BANDS];
    for (idx, at) in (0_i32..).zip(&mut at) {
        *at = NOISE_SCALE * idx as f32;
    }
    let [shares] = curves::read(noise, &at);
    let mut powers = [0.0_f32; LANES];
    let mut parts = [0.0_f32; NUM_BANDS];
    for idx in 0..NUM_BANDS {
        let density = heard_density(envelope_db[idx]) * shares[idx].clamp(0.0, 1.0);
        parts[idx] = density * widths_hz[idx];
        gains[idx] = density.sqrt();
    }
    add_lanes(&mut powers, &parts);
    maths::sum_lanes(&powers)
}

/// Adds values, of whole lanes, to sums by lane.
#[inline(always)]
fn add_lanes<const NUM: usize>(sums: &mut [f32; LANES], values: &[f32; NUM]) {
    for values in values.as_chunks::<LANES>().0 {
        for lane in 0..LANES {
            sums[lane] += values[lane];
        }
    }
}

/// Power per Hz of a level of the envelope, no power where there is nothing.
#[inline(always)]
fn heard_density(level_db: f32) -> f32 {
    (maths::power_from_db(level_db) - UNHEARD_DENSITY).max(0.0)
}

/// Is a harmonic below −140 dB of full scale? What was never recorded (harmonics above a recording's band) need not be
/// computed.
#[inline(always)]
fn inaudible(re: f32, im: f32) -> bool {
    re * re + im * im < 1e-14
}
