//! Mixtures of Gaussians as the heads put them out: drawing, steering, and their most likely value. The numbers of a
//! gesture share one, with diagonal covariance; each number of timbre has its own, given those before it.
//!
//! C. M. Bishop (1994), "Mixture density networks", eq. 22 to 25. A head's row is, for `K` components of `D` numbers:
//! `K` weights (before softmax), `K·D` means (changes from the frame before), `K·D` logarithms of spreads.

use super::network::LOG_SPREAD;
use super::random;
use crate::dsp::maths;
use rand_core::Rng;

/// A Gaussian that a mixture is multiplied by.
#[derive(Clone, Copy, Debug)]
pub struct Pull<'a> {
    /// Centre. Shape `[D]`.
    pub target: &'a [f32],
    /// Variance, the same in each dimension.
    pub variance: f32,
}

/// Most components and numbers that a mixture has here.
const MAX_COMPONENTS: usize = 8;

/// Draws from a mixture, times `pull` if there is one: a product of Gaussians is again a mixture,
///
/// ```text
/// N(x; μ, σ²) N(x; t, τ²) = N(μ; t, σ² + τ²) N(x; (μ τ² + t σ²) / (σ² + τ²), σ² τ² / (σ² + τ²))
/// Z = Σ_k w_k N(μ_k; t, σ_k² + τ²)
/// ```
///
/// and gives back ln `Z`, the logarithm of the integral of that product; 0 without a pull. Numbers of timbre are pulled
/// one by one, each given those drawn before it; [`imagination`](super::imagination) makes the whole of them right.
///
/// `chance` scales spreads and sharpens weights; 0 takes the mean of the likeliest component. `raw` is the head's row,
/// `before` the frame before, `out` the result; both have `D` numbers.
pub fn draw(
    raw: &[f32],
    before: &[f32],
    pull: Option<Pull<'_>>,
    chance: f32,
    rng: &mut impl Rng,
    out: &mut [f32],
) -> f32 {
    let dim = out.len();
    let num = (raw.len() / (1 + 2 * dim)).min(MAX_COMPONENTS);
    let (weights, rest) = raw.split_at(num);
    let (means, spreads) = rest.split_at(num * dim);
    let mut logs = [f32::MIN; MAX_COMPONENTS];
    for (component, log) in logs[..num].iter_mut().enumerate() {
        *log = weights[component];
        let Some(pull) = pull else { continue };
        for d in 0..dim {
            let variance = squared_spread(spreads[component * dim + d]) + pull.variance;
            let off = before[d] + means[component * dim + d] - pull.target[d];
            *log -= 0.5 * (off * off / variance + maths::ln(variance));
        }
    }
    let component = pick(&logs[..num], chance, rng);
    for (d, out) in out.iter_mut().enumerate() {
        let mut mean = before[d] + means[component * dim + d];
        let mut variance = squared_spread(spreads[component * dim + d]);
        if let Some(pull) = pull {
            let sum = variance + pull.variance;
            mean = (mean * pull.variance + pull.target[d] * variance) / sum;
            variance = variance * pull.variance / sum;
        }
        *out = mean;
        if chance > 0.0 {
            *out += chance * variance.sqrt() * random::gaussians(rng)[0];
        }
    }
    match pull {
        None => 0.0,
        Some(_) => {
            log_sum(&logs[..num]) - log_sum(weights) - 0.5 * dim as f32 * maths::ln(core::f32::consts::TAU)
        }
    }
}

/// Logarithm of a sum of which logarithms are given.
fn log_sum(logs: &[f32]) -> f32 {
    let most = logs.iter().fold(f32::MIN, |most, log| most.max(*log));
    most + maths::ln(logs.iter().map(|log| maths::exp(log - most)).sum())
}

/// Index drawn by logarithms of weights: the likeliest at chance 0, in proportion at 1.
pub fn pick(logs: &[f32], chance: f32, rng: &mut impl Rng) -> usize {
    let mut best = 0;
    for (idx, log) in logs.iter().enumerate() {
        if logs[best] < *log {
            best = idx;
        }
    }
    if chance <= 0.0 {
        return best;
    }
    let sharpness = 1.0 / chance.max(0.05);
    let mut left =
        random::uniform(rng) * logs.iter().map(|log| maths::exp(sharpness * (log - logs[best]))).sum::<f32>();
    for (idx, log) in logs.iter().enumerate() {
        left -= maths::exp(sharpness * (log - logs[best]));
        if left < 0.0 {
            return idx;
        }
    }
    best
}

fn squared_spread(log_spread: f32) -> f32 {
    maths::exp(2.0 * log_spread.clamp(LOG_SPREAD.0, LOG_SPREAD.1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_core::SeedableRng as _;

    // Two components of one number: means 1 and −1 from the frame before, spreads e^−2 and e^−1.
    const RAW: [f32; 6] = [0.0, 1.0, 1.0, -1.0, -2.0, -1.0];

    fn moments(pull: Option<Pull<'_>>, chance: f32) -> (f32, f32) {
        let mut rng = rand_pcg::Pcg32::seed_from_u64(3);
        let drawn: Vec<f32> = (0..20_000)
            .map(|_| {
                let mut out = [0.0];
                draw(&RAW, &[2.0], pull, chance, &mut rng, &mut out);
                out[0]
            })
            .collect();
        let mean = drawn.iter().sum::<f32>() / drawn.len() as f32;
        let variance = drawn.iter().map(|x| (x - mean) * (x - mean)).sum::<f32>() / drawn.len() as f32;
        (mean, variance)
    }

    #[test]
    fn draws_have_the_moments_of_the_mixture() {
        let (w, v1, v2) = (1.0 / (1.0 + 1.0_f32.exp()), (-4.0_f32).exp(), (-2.0_f32).exp());
        let mean = 3.0 * w + (1.0 - w);
        let variance = w * (v1 + 9.0) + (1.0 - w) * (v2 + 1.0) - mean * mean;
        let got = moments(None, 1.0);
        assert!((got.0 - mean).abs() < 0.03 && (got.1 / variance - 1.0).abs() < 0.05, "{got:?}");
    }

    #[test]
    fn chance_0_is_the_mean_of_the_likeliest_component() {
        assert_eq!(moments(None, 0.0), (1.0, 0.0));
    }

    #[test]
    fn a_pull_moves_draws_as_the_product_of_gaussians_does() {
        // Against N(1.5, 0.01) the second component, N(1, e^−2), wins by far.
        let pull = Pull { target: &[1.5], variance: 0.01 };
        let v = (-2.0_f32).exp();
        let (mean, variance) = moments(Some(pull), 1.0);
        let (expected_mean, expected_variance) = ((0.01 + 1.5 * v) / (v + 0.01), v * 0.01 / (v + 0.01));
        assert!((mean - expected_mean).abs() < 0.01, "{mean}, expected {expected_mean}");
        assert!((variance / expected_variance - 1.0).abs() < 0.05, "{variance}, {expected_variance}");
    }
}
