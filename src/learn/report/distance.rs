//! How far apart two sets of spectra are: the unbiased squared maximum mean discrepancy.
//!
//! Gretton, Borgwardt, Rasch, Schölkopf and Smola 2012, A kernel two-sample test, JMLR 13, equation 3, with a
//! Gaussian kernel whose width is the median distance (section 8):
//!
//! ```text
//! MMD²(X, Y) = 1/(m(m−1)) Σ_{i≠j} k(xᵢ, xⱼ) + 1/(n(n−1)) Σ_{i≠j} k(yᵢ, yⱼ) − 2/(mn) Σ_{i,j} k(xᵢ, yⱼ)
//! k(x, y) = exp(−|x − y|² / 2σ²)
//! ```
//!
//! It sees the distribution of single frames, not their order: shuffled speech is as near as speech. Frames beside
//! each other are alike, so its scatter is wider than for independent draws.

use super::Distances;
use super::spectrogram::{LogMel, NUM_MELS};

/// Most frames of a set that are compared: the cost grows with the square.
const MAX_FRAMES: usize = 2_000;

/// Fewest frames of a set that say anything: half a second.
const MIN_FRAMES: usize = 50;

/// Frames among which the median distance is found.
const MEDIAN_FRAMES: usize = 400;

/// Both distances, with one kernel width so that they can be compared; `None` if there is too little.
pub(super) fn distances(
    generated: &[LogMel],
    held_out: &[LogMel],
    halves: &[Vec<LogMel>; 2],
) -> Option<Distances> {
    let sets = [generated, held_out, &halves[0], &halves[1]].map(subsampled);
    if sets.iter().any(|set| set.len() < MIN_FRAMES) {
        return None;
    }
    let [generated, held_out, first, second] = sets;
    let real: Vec<LogMel> = first.iter().chain(&second).copied().collect();
    let variance = median_squared_distance(&real)?;
    Some(Distances {
        generated_to_held_out: mmd2(&generated, &held_out, variance),
        half_to_half: mmd2(&first, &second, variance),
    })
}

/// At most [`MAX_FRAMES`], evenly spaced.
fn subsampled(frames: &[LogMel]) -> Vec<LogMel> {
    super::evenly(frames, MAX_FRAMES)
}

/// Equation 3; both sets have two frames or more. `variance` is σ².
fn mmd2(x: &[LogMel], y: &[LogMel], variance: f64) -> f64 {
    within(x, variance) + within(y, variance) - 2.0 * across(x, y, variance)
}

/// Mean kernel of different frames of one set.
fn within(x: &[LogMel], variance: f64) -> f64 {
    let mut sum = 0.0;
    for (i, a) in x.iter().enumerate() {
        for b in &x[..i] {
            sum += kernel(a, b, variance);
        }
    }
    let num = x.len() as f64;
    2.0 * sum / (num * (num - 1.0))
}

/// Mean kernel of frames of two sets.
fn across(x: &[LogMel], y: &[LogMel], variance: f64) -> f64 {
    let sum: f64 = x.iter().map(|a| y.iter().map(|b| kernel(a, b, variance)).sum::<f64>()).sum();
    sum / (x.len() as f64 * y.len() as f64)
}

fn kernel(a: &LogMel, b: &LogMel, variance: f64) -> f64 {
    (-f64::from(squared_distance(a, b)) / (2.0 * variance)).exp()
}

fn squared_distance(a: &LogMel, b: &LogMel) -> f32 {
    let mut sum = 0.0;
    for mel_idx in 0..NUM_MELS {
        let difference = a[mel_idx] - b[mel_idx];
        sum += difference * difference;
    }
    sum
}

/// Median over pairs; `None` if most are the same frame, where no width is right.
fn median_squared_distance(frames: &[LogMel]) -> Option<f64> {
    let frames = super::evenly(frames, MEDIAN_FRAMES);
    let mut squared: Vec<f32> = (0..frames.len())
        .flat_map(|i| (0..i).map(move |j| (i, j)))
        .map(|(i, j)| squared_distance(&frames[i], &frames[j]))
        .collect();
    squared.sort_by(f32::total_cmp);
    let median = f64::from(*squared.get(squared.len() / 2)?);
    (0.0 < median && median.is_finite()).then_some(median)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Frames of a normal distribution in each dimension, by the sum of twelve uniform numbers.
    fn normal(seed: u64, num: usize, mean: f32) -> Vec<LogMel> {
        let mut state = seed;
        let mut uniform = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 40) as f32 / (1_u64 << 24) as f32
        };
        (0..num)
            .map(|_| core::array::from_fn(|_| mean + (0..12).map(|_| uniform()).sum::<f32>() - 6.0))
            .collect()
    }

    #[test]
    fn sets_of_one_distribution_are_near_and_of_two_are_far() {
        let halves = [normal(1, 300, 0.0), normal(2, 300, 0.0)];
        let near = distances(&normal(3, 300, 0.0), &normal(4, 300, 0.0), &halves).unwrap();
        let far = distances(&normal(3, 300, 1.0), &normal(4, 300, 0.0), &halves).unwrap();
        // The estimate of no distance scatters by about 1/n.
        assert!(near.generated_to_held_out.abs() < 0.005, "{near:?}");
        assert!(near.half_to_half.abs() < 0.005, "{near:?}");
        assert!(0.1 < far.generated_to_held_out, "{far:?}");
    }

    #[test]
    fn hand_checked_pairs_agree() {
        let frame = |value: f32| {
            let mut frame = [0.0; NUM_MELS];
            frame[0] = value;
            frame
        };
        // Within x: exp(−1/2); within y: 1; across: the mean of exp(0), exp(0), exp(−1/2), exp(−1/2).
        let e = (-0.5_f64).exp();
        let expected = e + 1.0 - 2.0 * (2.0 + 2.0 * e) / 4.0;
        let got = mmd2(&[frame(0.0), frame(1.0)], &[frame(0.0), frame(0.0)], 1.0);
        assert!((got - expected).abs() < 1e-6, "{got}, expected {expected}");
    }

    #[test]
    fn too_little_or_all_the_same_is_none() {
        let same = vec![[0.0; NUM_MELS]; 100];
        assert_eq!(distances(&same, &same, &[same.clone(), same.clone()]), None);
        assert_eq!(distances(&[], &same, &[same.clone(), same.clone()]), None);
    }
}
