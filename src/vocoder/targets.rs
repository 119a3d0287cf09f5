//! A frame as what synthesis plays: complex amplitudes of harmonics, gains of noise bands.

use super::frame::{Frame, NOTHING_DB, NUM_BANDS, NUM_NOISE_BANDS, TOP_HZ};
use super::partials::{MAX_HARMONICS, Partials};
use super::synthesis::{POSITION_STEP_HZ, SynthesisTables};
use crate::dsp::maths::{self, affine};

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
    let noise_power = set_gains(frame, &tables.widths_hz, gains);
    let num = ((TOP_HZ as f32 / f0_hz) as usize).min(MAX_HARMONICS);
    let mut read = Read { level_db: [0.0; MAX_HARMONICS], noise: [0.0; MAX_HARMONICS] };
    // The phase, until `set_amplitudes` reads it.
    read_harmonics(&Envelopes { frame, phases: &phases, tables }, f0_hz, &mut read, &mut partials.im[..num]);
    let power = set_amplitudes(&read, f0_hz, noise_power, &mut partials.re[..num], &mut partials.im[..num]);
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

/// What the envelope says at each harmonic.
struct Read {
    level_db: [f32; MAX_HARMONICS],
    noise: [f32; MAX_HARMONICS],
}

/// What harmonics are read from.
struct Envelopes<'a> {
    frame: &'a Frame,
    /// Minimum phase at each point, cycles.
    phases: &'a [f32; NUM_BANDS],
    tables: &'a SynthesisTables,
}

/// Reads level, noise share and phase (cycles) of the harmonics of a pitch, as many as there are phases.
#[multiversion::multiversion(targets("x86_64+avx2", "x86_64+avx"))]
fn read_harmonics(from: &Envelopes<'_>, f0_hz: f32, read: &mut Read, phases: &mut [f32]) {
    let num = phases.len().min(MAX_HARMONICS);
    let mut at = [0.0_f32; MAX_HARMONICS];
    for (k, at) in at[..num].iter_mut().enumerate() {
        let place = f0_hz * (k + 1) as f32 / POSITION_STEP_HZ;
        *at = between(&from.tables.positions, place);
    }
    for (level_db, at) in read.level_db.iter_mut().zip(&at[..num]) {
        *level_db = between(&from.frame.envelope_db, *at);
    }
    for (noise, at) in read.noise.iter_mut().zip(&at[..num]) {
        *noise = noise_at(from.frame, *at);
    }
    for (phase, at) in phases.iter_mut().zip(&at[..num]) {
        *phase = PHASE_SHARE * between(from.phases, *at);
    }
}

/// Reads between two of the points.
#[inline(always)]
fn between<const NUM: usize>(points: &[f32; NUM], at: f32) -> f32 {
    let idx = (at as i32).clamp(0, NUM as i32 - 2) as usize;
    points[idx] + (at - idx as f32) * (points[idx + 1] - points[idx])
}

/// Gains of the bands before the frame's loudness is set; returns the power of the noise.
#[multiversion::multiversion(targets("x86_64+avx2", "x86_64+avx"))]
fn set_gains(frame: &Frame, widths_hz: &[f32; NUM_BANDS], gains: &mut [f32; NUM_BANDS]) -> f32 {
    let mut noise: [f32; NUM_BANDS] = core::array::from_fn(|idx| noise_at(frame, idx as f32));
    for idx in 0..NUM_BANDS {
        noise[idx] *= heard_density(frame.envelope_db[idx]);
        gains[idx] = noise[idx].sqrt();
    }
    // Sums stand apart: their order would keep all else from running in lanes.
    noise.iter().zip(widths_hz).fold(0.0, |power, (noise, width_hz)| power + noise * width_hz)
}

/// Complex amplitudes from levels and phases (in `im`) before the frame's loudness is set; returns `power` and theirs.
#[multiversion::multiversion(targets("x86_64+avx2", "x86_64+avx"))]
fn set_amplitudes(read: &Read, f0_hz: f32, power: f32, re: &mut [f32], im: &mut [f32]) -> f32 {
    let mut tones = [0.0_f32; MAX_HARMONICS];
    let read = read.level_db.iter().zip(&read.noise);
    for (((re, im), tone), (level_db, noise)) in re.iter_mut().zip(im.iter_mut()).zip(&mut tones).zip(read) {
        *tone = heard_density(*level_db) * f0_hz * (1.0 - noise);
        let phase = *im;
        let amplitude = (2.0 * tone.max(0.0)).sqrt();
        *re = amplitude * maths::cos_cycles(phase);
        *im = amplitude * maths::sin_cycles(phase);
    }
    tones[..re.len()].iter().fold(power, |power, tone| power + tone)
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

/// Noise share at a position on the envelope's scale.
#[inline(always)]
fn noise_at(frame: &Frame, position: f32) -> f32 {
    const SCALE: f32 = (NUM_NOISE_BANDS - 1) as f32 / (NUM_BANDS - 1) as f32;
    let position = position * SCALE;
    between(&frame.noise, position).clamp(0.0, 1.0)
}
