//! Negative log likelihood of mixtures, and its slopes: what learning makes small.
//!
//! C. M. Bishop (1994), "Mixture density networks", eq. 29 (error) and 36 to 39 (derivatives), for diagonal spreads
//! given as logarithms. Frames lie side by side, so that a vector of the processor holds one number of several frames;
//! down the columns the numbers of a mixture are laid out as in [`crate::model::mixture`].

use crate::dsp::maths::{LANES, exp, ln};
use crate::model::network::{GESTURE_COMPONENTS, GESTURE_DIM, LOG_SPREAD, TIMBRE_COMPONENTS};

const HALF_LN_TAU: f32 = 0.918_938_5;

/// Frames to be judged, side by side. `width`, their number, is a multiple of [`LANES`].
#[derive(Debug)]
pub(crate) struct Judged<'a> {
    /// What the head put out; with a scale it is replaced by the slopes. Shape `[numbers of a mixture][width]`.
    pub raw: &'a mut [f32],
    /// From the frame before to the frame itself. Shape `[D][width]`.
    pub changes: &'a [f32],
    /// 1 where there is a frame; 0 where there is none, which costs nothing and has no slope. Shape `[width]`.
    pub present: &'a [f32],
    /// What slopes are multiplied with, if they are wanted.
    pub scale: Option<f32>,
}

/// Sum of nats of gestures.
#[multiversion::multiversion(targets("x86_64+avx2", "x86_64+avx"))]
pub(crate) fn gesture_nats(judged: Judged<'_>) -> f64 {
    nats::<GESTURE_COMPONENTS, GESTURE_DIM>(judged)
}

/// Sum of nats of one number of timbre.
#[multiversion::multiversion(targets("x86_64+avx2", "x86_64+avx"))]
pub(crate) fn timbre_nats(judged: Judged<'_>) -> f64 {
    nats::<TIMBRE_COMPONENTS, 1>(judged)
}

/// One number of several frames.
type Lane = [f32; LANES];

/// Most means that a mixture has.
const MOST: usize = 8;

#[inline(always)]
fn nats<const K: usize, const D: usize>(judged: Judged<'_>) -> f64 {
    const { assert!(K * D <= MOST, "scratch space holds the largest mixture") };
    let Judged { raw, changes, present, scale } = judged;
    let width = present.len();
    let mut sum = 0.0_f64;
    for at in (0..width).step_by(LANES) {
        let mut row = [[0.0; LANES]; 3 * MOST];
        let row = &mut row[..K * (1 + 2 * D)];
        let lanes = |idx: usize| idx * width + at..idx * width + at + LANES;
        for (idx, row) in row.iter_mut().enumerate() {
            row.copy_from_slice(&raw[lanes(idx)]);
        }
        let mut change = [[0.0; LANES]; D];
        for (d, change) in change.iter_mut().enumerate() {
            change.copy_from_slice(&changes[lanes(d)]);
        }
        let mut there = [0.0; LANES];
        there.copy_from_slice(&present[lanes(0)]);
        let nats = nats_of_lanes::<K, D>(row, &change, scale.map(|scale| there.map(|there| scale * there)));
        sum += f64::from(nats.iter().zip(&there).map(|(nats, there)| nats * there).sum::<f32>());
        if scale.is_some() {
            for (idx, row) in row.iter().enumerate() {
                raw[lanes(idx)].copy_from_slice(row);
            }
        }
    }
    sum
}

#[inline(always)]
fn nats_of_lanes<const K: usize, const D: usize>(
    row: &mut [Lane],
    change: &[Lane; D],
    scale: Option<Lane>,
) -> Lane {
    let (weights, rest) = row.split_at_mut(K);
    let (means, spreads) = rest.split_at_mut(K * D);
    let log_weight_sum = log_sum_exp(weights);
    let (mut logs, mut inverse, mut off) = ([[0.0; LANES]; K], [[0.0; LANES]; MOST], [[0.0; LANES]; MOST]);
    for component in 0..K {
        for lane in 0..LANES {
            logs[component][lane] = weights[component][lane] - log_weight_sum[lane];
        }
        for (idx, change) in (component * D..).zip(change) {
            for lane in 0..LANES {
                let spread = spreads[idx][lane].clamp(LOG_SPREAD.0, LOG_SPREAD.1);
                inverse[idx][lane] = exp(-spread);
                off[idx][lane] = (change[lane] - means[idx][lane]) * inverse[idx][lane];
                logs[component][lane] -= 0.5 * off[idx][lane] * off[idx][lane] + spread + HALF_LN_TAU;
            }
        }
    }
    let log_likelihood = log_sum_exp(&logs);
    if let Some(scale) = scale {
        for component in 0..K {
            let mut posterior = [0.0; LANES];
            for lane in 0..LANES {
                posterior[lane] = scale[lane] * exp(logs[component][lane] - log_likelihood[lane]);
                let prior = scale[lane] * exp(weights[component][lane] - log_weight_sum[lane]);
                weights[component][lane] = prior - posterior[lane];
            }
            for idx in component * D..(component + 1) * D {
                for lane in 0..LANES {
                    let spread = spreads[idx][lane];
                    let by_spread = posterior[lane] * (1.0 - off[idx][lane] * off[idx][lane]);
                    // Beyond its bounds a spread moves nothing.
                    let free = (LOG_SPREAD.0 <= spread) & (spread <= LOG_SPREAD.1);
                    spreads[idx][lane] = if free { by_spread } else { 0.0 };
                    means[idx][lane] = -posterior[lane] * off[idx][lane] * inverse[idx][lane];
                }
            }
        }
    }
    log_likelihood.map(|log| -log)
}

/// `ln Σ e^x`, lane by lane, whatever their size.
#[inline(always)]
fn log_sum_exp(values: &[Lane]) -> Lane {
    let (mut most, mut sum) = ([f32::MIN; LANES], [0.0; LANES]);
    for value in values {
        for lane in 0..LANES {
            most[lane] = most[lane].max(value[lane]);
        }
    }
    for value in values {
        for lane in 0..LANES {
            sum[lane] += exp(value[lane] - most[lane]);
        }
    }
    for lane in 0..LANES {
        sum[lane] = most[lane] + ln(sum[lane]);
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Nats and slopes of one gesture, in the `lane`-th place of two times [`LANES`], all but it absent.
    fn gesture(raw: &[f32], change: [f32; 2], lane: usize) -> (f64, Vec<f32>) {
        let width = 2 * LANES;
        let spread = |values: &[f32]| -> Vec<f32> {
            let mut wide = vec![0.7; values.len() * width];
            for (idx, value) in values.iter().enumerate() {
                wide[idx * width + lane] = *value;
            }
            wide
        };
        let mut present = vec![0.0; width];
        present[lane] = 1.0;
        let (mut raw, changes) = (spread(raw), spread(&change));
        let judged = Judged { raw: &mut raw, changes: &changes, present: &present, scale: Some(1.0) };
        let nats = gesture_nats(judged);
        for (idx, slope) in raw.iter().enumerate() {
            assert!(idx % width == lane || *slope == 0.0, "slope {slope} of a frame that is not there");
        }
        (nats, raw.iter().skip(lane).step_by(width).copied().collect())
    }

    #[test]
    fn one_standard_component_costs_half_the_log_of_tau_a_number() {
        let mut raw = [0.0; GESTURE_COMPONENTS * 5];
        // The others weigh nothing.
        raw[1..GESTURE_COMPONENTS].fill(-80.0);
        (raw[GESTURE_COMPONENTS], raw[GESTURE_COMPONENTS + 1]) = (0.5, -0.5);
        let (got, _) = gesture(&raw, [0.5, -0.5], 3);
        assert!((got - f64::from(2.0 * HALF_LN_TAU)).abs() < 1e-6, "{got}");
    }

    #[test]
    fn slopes_agree_with_finite_differences_in_every_lane() {
        let raw: Vec<f32> = (0..GESTURE_COMPONENTS * 5).map(|i| (i as f32 * 1.7).sin() * 0.8).collect();
        let change = [0.4, 0.5];
        for lane in [0, 5, 8, 15] {
            let (_, slope) = gesture(&raw, change, lane);
            for idx in 0..raw.len() {
                let at = |step: f32| {
                    let mut moved = raw.clone();
                    moved[idx] += step;
                    gesture(&moved, change, lane).0
                };
                let difference = (at(1e-2) - at(-1e-2)) / 2e-2;
                assert!(
                    (difference - f64::from(slope[idx])).abs() < 2e-3,
                    "{idx}: {difference}, {}",
                    slope[idx]
                );
            }
        }
    }

    #[test]
    fn a_spread_beyond_its_bounds_has_no_slope() {
        let mut raw = [0.0; GESTURE_COMPONENTS * 5];
        let first_spread = GESTURE_COMPONENTS * 3;
        (raw[first_spread], raw[first_spread + 1]) = (LOG_SPREAD.0 - 0.1, LOG_SPREAD.1 + 0.1);
        let (_, slope) = gesture(&raw, [0.01, 0.2], 0);
        assert_eq!((slope[first_spread], slope[first_spread + 1]), (0.0, 0.0));
        assert!(slope[first_spread + 2] != 0.0, "within them it has one");
    }
}
