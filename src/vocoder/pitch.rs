//! Pitch: normalised cross-correlation with the best path through its peaks.
//!
//! D. Talkin (1995), "A robust algorithm for pitch tracking (RAPT)", in *Speech Coding and Synthesis*, ch. 14:
//!
//! ```text
//! φ(τ) = Σ x[i] x[i+τ] / sqrt(e_0 e_τ + a),   e_τ = Σ x[i+τ]²,   i over a window of 20 ms
//! ```
//!
//! with candidates at its peaks, a small preference for short lags, and dynamic programming over candidates; above
//! 2,500 Hz those of `whistle`. Where it stops working: two pitches at once, pitches below 40 Hz, and high ones that are
//! not pure. The estimate is coarse (a sample of the reduced rate, interpolated); the harmonic fit refines it.

use super::frame::{MAX_PITCH_HZ, MIN_PITCH_HZ};
use super::whistle::{Whistle, whistles};
use realfft::{RealFftPlanner, num_complex::Complex};

/// Pitch at one instant.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PitchPoint {
    /// Pitch, Hz; `None` where the best path has none.
    pub hz: Option<f32>,
    /// Height of the correlation peak there, 0 to 1.
    pub strength: f32,
}

/// Integration window of the correlation. Copies of speech: PESQ 2.86 with 25 ms, 2.88 with 20 ms or 15 ms.
const WINDOW_SECONDS: f64 = 0.020;
/// Band kept for tracking; the highest pitch and a little more.
const LOWPASS_HZ: f64 = 3_600.0;
/// Rate that tracking runs at, at least.
const REDUCED_RATE: f64 = 16_000.0;
/// Lags between samples that the correlation is interpolated to: the highest pitches have few samples a period.
const OVERSAMPLING: usize = 2;
/// Candidates kept for each frame.
const MAX_CANDIDATES: usize = 10;
/// Smallest peak that is a candidate.
const MIN_PEAK: f32 = 0.3;
/// Share of its height that a peak loses for each octave below the highest pitch: prefers the shortest of equal
/// periods. By octave, where the paper's is by lag, so that high pitches are told from their multiples as well.
const OCTAVE_PENALTY: f32 = 0.025;
/// Cost of one octave of movement within 10 ms.
const MOVE_COST: f32 = 1.0;
/// Most that a jump between two pitches can cost.
const JUMP_COST: f32 = 0.4;
/// Cost of a voice that sets in or stops.
const SWITCH_COST: f32 = 0.15;
/// Height of a peak at which voiced and unvoiced are equally likely.
const VOICED_PEAK: f32 = 0.45;
/// Time over which a pitch must persist, at least. Without, formants rung by breath and bursts are pitches of 1,300 to
/// 2,200 Hz: copies of speech PESQ 2.48, with 2.86. Much longer, vibrato of high notes and glides of voices are lost:
/// frames of 25 files of speech played back, PESQ 3.19, 3.28, 3.24, 3.19 with 2 to 5 ms.
const PERSISTENCE_SECONDS: f32 = 0.003;
/// Signal level, relative to the loudest frame, at which a peak counts half: −50 dB in power.
const FLOOR_POWER: f64 = 1e-5;

struct Candidate {
    /// Pitch, Hz; 0 for none.
    hz: f32,
    strength: f32,
    local_cost: f32,
    total_cost: f32,
    back: usize,
}

/// Tracks the pitch of `samples` at the instants `n · hop_seconds`, one point a frame.
pub fn track(samples: &[f32], sample_rate: f64, hop_seconds: f64, num_frames: usize) -> Vec<PitchPoint> {
    track_while(samples, sample_rate, hop_seconds, num_frames, &|| true).unwrap_or_default()
}

/// As [`track`]; `None` soon after `wanted` says no.
pub(super) fn track_while(
    samples: &[f32],
    sample_rate: f64,
    hop_seconds: f64,
    num_frames: usize,
    wanted: &dyn Fn() -> bool,
) -> Option<Vec<PitchPoint>> {
    let factor = (sample_rate / REDUCED_RATE).floor().max(1.0) as usize;
    let reduced = decimate(samples, sample_rate, factor, wanted)?;
    let rate = sample_rate / factor as f64;
    let window = (WINDOW_SECONDS * rate).round() as usize;
    let max_lag = (rate / f64::from(MIN_PITCH_HZ)).ceil() as usize + 2;
    let min_lag = ((rate / f64::from(MAX_PITCH_HZ)).floor() as usize).max(3);
    let fft_len = (2 * window + max_lag).next_power_of_two();
    let mut planner = RealFftPlanner::<f32>::new();
    let (forward, inverse) =
        (planner.plan_fft_forward(fft_len), planner.plan_fft_inverse(fft_len * OVERSAMPLING));
    let (mut short, mut long) = (forward.make_input_vec(), forward.make_input_vec());
    let (mut short_bins, mut long_bins) = (forward.make_output_vec(), forward.make_output_vec());
    let mut product = inverse.make_input_vec();
    let mut correlation = inverse.make_output_vec();

    let floor = (loudest(&reduced, window) * FLOOR_POWER).max(1e-9) as f32;
    let long_window = (WINDOW_SECONDS * sample_rate).round() as usize;
    let mean_floor = (loudest(samples, long_window) * FLOOR_POWER).max(1e-9) / long_window as f64;
    let whistles = whistles(samples, sample_rate, hop_seconds, num_frames, mean_floor as f32, wanted)?;
    let mut lattice: Vec<Vec<Candidate>> = Vec::with_capacity(num_frames);
    for (frame_idx, whistle) in whistles.into_iter().enumerate() {
        if !wanted() {
            return None;
        }
        let centre = (frame_idx as f64 * hop_seconds * rate).round() as isize;
        let start = centre - (window + max_lag / 4) as isize / 2;
        let segment: Vec<f32> = (start..start + (window + max_lag) as isize)
            .map(|i| usize::try_from(i).ok().and_then(|i| reduced.get(i)).copied().unwrap_or(0.0))
            .collect();
        let mean = segment[..window].iter().sum::<f32>() / window as f32;
        short.fill(0.0);
        long.fill(0.0);
        for (i, x) in segment.iter().enumerate() {
            long[i] = x - mean;
            if i < window {
                short[i] = x - mean;
            }
        }
        let energies = sliding_energies(&long[..window + max_lag], window);
        // Lengths are those of the plan: these transforms cannot fail.
        let transformed = forward.process(&mut short, &mut short_bins).is_ok()
            && forward.process(&mut long, &mut long_bins).is_ok();
        debug_assert!(transformed, "transform lengths are the plan's");
        product.fill(Complex::new(0.0, 0.0));
        // The last bin has no content (low-passed) and would need halving: left out.
        for (p, (s, l)) in product.iter_mut().zip(short_bins[..fft_len / 2].iter().zip(&long_bins)) {
            *p = s.conj() * l / fft_len as f32;
        }
        product[0].im = 0.0;
        let inverted = inverse.process(&mut product, &mut correlation).is_ok();
        debug_assert!(inverted, "transform lengths are the plan's");
        let normalised: Vec<f32> = (0..max_lag * OVERSAMPLING)
            .map(|lag| correlation[lag] / ((energies[0] * energies[lag / OVERSAMPLING]).sqrt() + floor))
            .collect();
        lattice.push(candidates(&normalised, min_lag * OVERSAMPLING, rate * OVERSAMPLING as f64, whistle));
    }
    Some(best_path(&mut lattice))
}

/// Energy of the loudest `window` samples.
fn loudest(samples: &[f32], window: usize) -> f64 {
    let energies = samples.chunks(window).map(|chunk| chunk.iter().map(|x| f64::from(x * x)).sum::<f64>());
    energies.fold(0.0, f64::max)
}

/// Energies of `window` samples from each start.
fn sliding_energies(samples: &[f32], window: usize) -> Vec<f32> {
    let mut energy: f64 = samples[..window].iter().map(|x| f64::from(x * x)).sum();
    let mut energies = vec![energy as f32];
    for start in 0..samples.len() - window {
        energy += f64::from(samples[start + window]).powi(2) - f64::from(samples[start]).powi(2);
        energies.push(energy.max(0.0) as f32);
    }
    energies
}

/// Peaks of the correlation, a whistle, and the possibility of no pitch.
fn candidates(correlation: &[f32], min_lag: usize, rate: f64, whistle: Option<Whistle>) -> Vec<Candidate> {
    let max_lag = correlation.len();
    let mut found: Vec<Candidate> = Vec::new();
    let (mut best, mut else_heard) = (0.0_f32, 1.0);
    if let Some(Whistle { hz, strength }) = whistle {
        best = strength;
        // Of what it is a multiple of nothing else is heard.
        else_heard = 1.0 - strength;
        found.push(Candidate { hz, strength, local_cost: 1.0 - strength, total_cost: 0.0, back: 0 });
    }
    for lag in min_lag..max_lag - 1 {
        let (left, mid, right) = (correlation[lag - 1], correlation[lag], correlation[lag + 1]);
        if mid < MIN_PEAK || mid < left || mid <= right {
            continue;
        }
        let curvature = 2.0 * mid - left - right;
        let shift = if curvature > 1e-9 { 0.5 * (right - left) / curvature } else { 0.0 };
        let height = (mid + 0.25 * (right - left) * shift).min(1.0);
        let lag = lag as f32 + shift;
        let hz = rate as f32 / lag;
        if !(MIN_PITCH_HZ..=MAX_PITCH_HZ).contains(&hz) {
            continue;
        }
        let height = else_heard * height.min(persistence(correlation, lag, rate as f32));
        best = best.max(height);
        let local_cost = 1.0 - height * (1.0 - OCTAVE_PENALTY * (MAX_PITCH_HZ / hz).log2());
        found.push(Candidate { hz, strength: height, local_cost, total_cost: 0.0, back: 0 });
    }
    found.sort_by(|a, b| a.local_cost.total_cmp(&b.local_cost));
    found.truncate(MAX_CANDIDATES);
    let local_cost = best + 1.0 - 2.0 * VOICED_PEAK;
    found.push(Candidate { hz: 0.0, strength: best, local_cost, total_cost: 0.0, back: 0 });
    found
}

/// Correlation at the smallest multiple of `lag` from [`PERSISTENCE_SECONDS`] on: what a tone keeps and a resonance,
/// rung by breath or a burst, loses. A multiple of a period has no smaller one, so that it never persists better than
/// the period itself: with the largest multiple within the time, 2.8 % of the frames of a violin were octaves too low
/// (0.3 % now).
fn persistence(correlation: &[f32], lag: f32, rate: f32) -> f32 {
    /// Largest distance of the peak there from the multiple, periods.
    const REACH: f32 = 0.2;
    let multiple = (PERSISTENCE_SECONDS * rate / lag).ceil().max(1.0);
    let from = ((multiple - REACH) * lag).floor() as usize;
    let to = ((multiple + REACH) * lag).ceil() as usize;
    correlation[from.min(correlation.len())..(to + 1).min(correlation.len())]
        .iter()
        .copied()
        .fold(0.0, f32::max)
}

/// Cost of going from one candidate to another within a hop.
fn transition(from: &Candidate, to: &Candidate) -> f32 {
    match (from.hz > 0.0, to.hz > 0.0) {
        (true, true) => (MOVE_COST * (to.hz / from.hz).log2().abs()).min(JUMP_COST),
        (false, false) => 0.0,
        _ => SWITCH_COST,
    }
}

/// Viterbi search.
fn best_path(lattice: &mut [Vec<Candidate>]) -> Vec<PitchPoint> {
    for frame_idx in 0..lattice.len() {
        let (before, now) = lattice.split_at_mut(frame_idx);
        for candidate in &mut now[0] {
            let arrival = before.last().and_then(|previous| {
                previous
                    .iter()
                    .enumerate()
                    .map(|(idx, from)| (idx, from.total_cost + transition(from, candidate)))
                    .min_by(|a, b| a.1.total_cmp(&b.1))
            });
            let (back, cost) = arrival.unwrap_or((0, 0.0));
            candidate.back = back;
            candidate.total_cost = cost + candidate.local_cost;
        }
    }
    let mut points = Vec::with_capacity(lattice.len());
    let mut idx = lattice
        .last()
        .and_then(|last| (0..last.len()).min_by(|&a, &b| last[a].total_cost.total_cmp(&last[b].total_cost)));
    for frame in lattice.iter().rev() {
        let Some(chosen) = idx.and_then(|idx| frame.get(idx)) else { break };
        points.push(PitchPoint {
            hz: (chosen.hz > 0.0).then_some(chosen.hz),
            strength: chosen.strength.clamp(0.0, 1.0),
        });
        idx = Some(chosen.back);
    }
    points.reverse();
    points
}

/// Low-passes to [`LOWPASS_HZ`] and keeps every `factor`-th sample (Hann-windowed sinc).
fn decimate(samples: &[f32], sample_rate: f64, factor: usize, wanted: &dyn Fn() -> bool) -> Option<Vec<f32>> {
    let cutoff = (LOWPASS_HZ / sample_rate).min(0.45);
    let half_taps = (4.0 / cutoff).ceil() as isize;
    let taps: Vec<f32> = (-half_taps..=half_taps)
        .map(|i| {
            let t = i as f64;
            let sinc = if i == 0 {
                2.0 * cutoff
            } else {
                (core::f64::consts::TAU * cutoff * t).sin() / (core::f64::consts::PI * t)
            };
            let window = 0.5 + 0.5 * (core::f64::consts::PI * t / (half_taps + 1) as f64).cos();
            (sinc * window) as f32
        })
        .collect();
    /// Samples between looks at whether anybody still waits.
    const LOOK_EVERY: usize = 1 << 14;
    (0..samples.len().div_ceil(factor))
        .map(|out_idx| {
            if out_idx % LOOK_EVERY == 0 && !wanted() {
                return None;
            }
            let first = (out_idx * factor) as isize - half_taps;
            let skipped = usize::try_from(-first).unwrap_or(0);
            let from = usize::try_from(first).unwrap_or(0);
            let taken = samples[from.min(samples.len())..].iter().zip(&taps[skipped..]);
            Some(taken.map(|(x, tap)| x * tap).sum())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn harmonic_tone(hz: f64, sample_rate: f64, seconds: f64) -> Vec<f32> {
        (0..(sample_rate * seconds) as usize)
            .map(|i| {
                let phase = core::f64::consts::TAU * hz * i as f64 / sample_rate;
                let audible = (1..=8).filter(|&k| hz * f64::from(k) < sample_rate / 2.0);
                audible.map(|k| (phase * f64::from(k)).sin() / f64::from(k)).sum::<f64>() as f32 * 0.2
            })
            .collect()
    }

    #[test]
    fn steady_tones_are_tracked_within_half_a_semitone_from_40_to_2500_hz() {
        for rate in [16_000.0, 44_100.0, 48_000.0] {
            for hz in [45.0, 82.0, 110.0, 220.0, 440.0, 987.0, 1_760.0, 2_400.0] {
                let tone = harmonic_tone(hz, rate, 0.5);
                let points = track(&tone, rate, 0.01, 50);
                let right = points[5..45]
                    .iter()
                    .filter(|point| {
                        point.hz.is_some_and(|got| (f64::from(got) / hz).log2().abs() < 0.5 / 12.0)
                    })
                    .count();
                assert!(right >= 38, "{hz} Hz at {rate}: {right} of 40 frames; {:?}", &points[20..22]);
            }
        }
    }

    #[test]
    fn high_notes_that_shake_are_not_octaves_too_low() {
        let (rate, hz) = (48_000.0, 1_760.0);
        let mut phase = 0.0_f64;
        let mut state = 1_u32;
        let tone: Vec<f32> = (0..48_000)
            .map(|n| {
                let shake = 0.015 * (core::f64::consts::TAU * 60.0 * f64::from(n) / rate).sin();
                phase += core::f64::consts::TAU * hz * (1.0 + shake) / rate;
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let breath = state as f32 / u32::MAX as f32 - 0.5;
                (phase.sin() + 0.5 * (2.0 * phase).sin()) as f32 * 0.2 + 0.1 * breath
            })
            .collect();
        let points = track(&tone, rate, 0.005, 200);
        let low = points[5..195].iter().filter(|point| point.hz.is_some_and(|got| got < 1_500.0)).count();
        assert!(low <= 4, "{low} of 190 frames are too low");
    }

    #[test]
    fn silence_and_noise_have_no_pitch() {
        assert!(track(&[0.0; 16_000], 16_000.0, 0.01, 100).iter().all(|point| point.hz.is_none()));
        let mut state = 1_u32;
        let noise: Vec<f32> = (0..16_000)
            .map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                state as f32 / u32::MAX as f32 - 0.5
            })
            .collect();
        let voiced = track(&noise, 16_000.0, 0.01, 100).iter().filter(|point| point.hz.is_some()).count();
        assert!(voiced <= 10, "{voiced} of 100 frames of noise are called voiced");
    }
}
