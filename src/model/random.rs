//! Chance on the audio thread: uniform and Gaussian numbers that are the same on every machine.

use crate::dsp::maths;
use rand_core::Rng;

/// A number from 0 (included) to 1 (excluded).
#[inline]
pub fn uniform(rng: &mut impl Rng) -> f32 {
    // 24 bits are all that an f32 below 1 can hold evenly.
    (rng.next_u32() >> 8) as f32 / 16_777_216.0
}

/// Two independent numbers of mean 0 and variance 1 (G. E. P. Box, M. E. Muller 1958).
#[inline]
pub fn gaussians(rng: &mut impl Rng) -> [f32; 2] {
    let radius = (-2.0 * maths::ln(1.0 - uniform(rng))).sqrt();
    let angle = uniform(rng);
    [radius * maths::cos_cycles(angle), radius * maths::sin_cycles(angle)]
}

/// Fills a slice with independent numbers of mean 0 and variance 1.
pub fn fill_gaussians(rng: &mut impl Rng, out: &mut [f32]) {
    for pair in out.chunks_mut(2) {
        let drawn = gaussians(rng);
        pair.copy_from_slice(&drawn[..pair.len()]);
    }
}

/// Index drawn in proportion to weights that are not negative; the last where they are all 0.
pub fn choose(rng: &mut impl Rng, weights: &[f32]) -> usize {
    let mut left = uniform(rng) * weights.iter().sum::<f32>();
    for (idx, weight) in weights.iter().enumerate() {
        left -= weight;
        if left < 0.0 {
            return idx;
        }
    }
    weights.len().saturating_sub(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_core::SeedableRng as _;

    #[test]
    fn gaussians_have_mean_0_and_variance_1() {
        let mut rng = rand_pcg::Pcg32::seed_from_u64(1);
        let mut drawn = vec![0.0_f32; 40_001];
        fill_gaussians(&mut rng, &mut drawn);
        let mean = drawn.iter().sum::<f32>() / drawn.len() as f32;
        let variance = drawn.iter().map(|x| x * x).sum::<f32>() / drawn.len() as f32;
        // Standard errors: 0.005 and 0.007.
        assert!(mean.abs() < 0.02 && (variance - 1.0).abs() < 0.03, "mean {mean}, variance {variance}");
    }

    #[test]
    fn choice_follows_the_weights() {
        let mut rng = rand_pcg::Pcg32::seed_from_u64(2);
        let mut counts = [0_u32; 3];
        for _ in 0..10_000 {
            counts[choose(&mut rng, &[1.0, 0.0, 3.0])] += 1;
        }
        assert!(counts[1] == 0 && (2_300..2_700).contains(&counts[0]), "{counts:?}");
    }
}
