//! Negative log likelihood of a mixture, and its slope: what learning makes small.
//!
//! C. M. Bishop (1994), "Mixture density networks", eq. 29 (error) and 36 to 39 (derivatives), for diagonal spreads
//! given as logarithms. Rows are laid out as in [`crate::model::mixture`].

use crate::dsp::maths::{exp, ln};
use crate::model::network::LOG_SPREAD;

const HALF_LN_TAU: f32 = 0.918_938_5;

/// Nats of `target` under the mixture `raw` around `before`. With `slope`, the derivative by each of `raw` is written,
/// times `scale`.
pub(crate) fn nats(raw: &[f32], before: &[f32], target: &[f32], slope: Option<(&mut [f32], f32)>) -> f32 {
    const MOST: usize = 8;
    let dim = target.len();
    let num = (raw.len() / (1 + 2 * dim)).min(MOST);
    let (weights, rest) = raw.split_at(num);
    let (means, spreads) = rest.split_at(num * dim);
    let most_weight = weights.iter().copied().fold(f32::MIN, f32::max);
    let weight_sum: f32 = weights.iter().map(|weight| exp(weight - most_weight)).sum();
    let log_weight_sum = most_weight + ln(weight_sum);
    let mut logs = [f32::MIN; MOST];
    for component in 0..num {
        let mut log = weights[component] - log_weight_sum;
        for d in 0..dim {
            let spread = spreads[component * dim + d].clamp(LOG_SPREAD.0, LOG_SPREAD.1);
            let off = (target[d] - before[d] - means[component * dim + d]) * exp(-spread);
            log -= 0.5 * off * off + spread + HALF_LN_TAU;
        }
        logs[component] = log;
    }
    let most = logs[..num].iter().copied().fold(f32::MIN, f32::max);
    let sum: f32 = logs[..num].iter().map(|log| exp(log - most)).sum();
    let log_likelihood = most + ln(sum);
    if let Some((slope, scale)) = slope {
        let (weight_slope, rest) = slope.split_at_mut(num);
        let (mean_slope, spread_slope) = rest.split_at_mut(num * dim);
        for component in 0..num {
            let posterior = exp(logs[component] - log_likelihood);
            let prior = exp(weights[component] - log_weight_sum);
            weight_slope[component] = scale * (prior - posterior);
            for d in 0..dim {
                let idx = component * dim + d;
                let inside = (LOG_SPREAD.0..=LOG_SPREAD.1).contains(&spreads[idx]);
                let inverse = exp(-spreads[idx].clamp(LOG_SPREAD.0, LOG_SPREAD.1));
                let off = (target[d] - before[d] - means[idx]) * inverse;
                mean_slope[idx] = -scale * posterior * off * inverse;
                spread_slope[idx] = if inside { scale * posterior * (1.0 - off * off) } else { 0.0 };
            }
        }
    }
    -log_likelihood
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_standard_component_costs_half_the_log_of_tau_a_number() {
        let raw = [0.3, 0.5, -0.5, 0.0, 0.0];
        let got = nats(&raw, &[1.0, 1.0], &[1.5, 0.5], None);
        assert!((got - 2.0 * HALF_LN_TAU).abs() < 1e-6, "{got}");
    }

    #[test]
    fn slopes_agree_with_finite_differences() {
        let raw: Vec<f32> = (0..15).map(|i| (i as f32 * 1.7).sin() * 0.8).collect();
        let (before, target) = ([0.2, -0.1], [0.6, 0.4]);
        let mut slope = vec![0.0; 15];
        nats(&raw, &before, &target, Some((&mut slope, 1.0)));
        for idx in 0..15 {
            let at = |step: f32| {
                let mut moved = raw.clone();
                moved[idx] += step;
                nats(&moved, &before, &target, None)
            };
            let difference = (at(1e-2) - at(-1e-2)) / 2e-2;
            assert!((difference - slope[idx]).abs() < 2e-3, "{idx}: {difference}, {}", slope[idx]);
        }
    }
}
