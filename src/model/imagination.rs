//! Imagination of timbre: its numbers drawn from the network's mixtures, one given those before it, and steered jointly.
//!
//! Steering multiplies the density of the whole timbre by a Gaussian around the target. Each number's mixture is
//! multiplied exactly when it is drawn (see [`mixture`]), but drawing them so, one after another, has the density
//!
//! ```text
//! q(x) = ∏_d p(x_d | x_<d) N(x_d; t_d, τ²) / Z_d(x_<d),   Z_d(x_<d) = ∫ p(x_d | x_<d) N(x_d; t_d, τ²) dx_d
//! ```
//!
//! and not that of the product, which is q(x) ∏_d Z_d(x_<d) up to a constant: a number is drawn without regard to where
//! it leaves those after it. So a few candidates are drawn, and one of them taken in proportion to its ∏_d Z_d: sampling
//! importance resampling (D. B. Rubin 1988, "Using the SIR algorithm to simulate posterior distributions"), which has
//! the density of the product as the candidates grow many.

use super::codec::TIMBRE_DIM;
use super::mixture::{self, Pull};
use super::network::{GESTURE_DIM, Network, State};
use rand_core::Rng;

/// Candidates of a steered draw. Speech, strength 1: means are off by 0.47, 0.31, 0.24, 0.19, 0.12 of the spread of the
/// draws with 1, 4, 8, 16, 64; resampling between numbers (0.22 with 8) gains less than twice as many candidates.
const CANDIDATES: usize = 8;

/// Farthest that a number that is drawn goes, standard deviations.
pub(super) const MOST_DRAWN: f32 = 10.0;

/// What timbre is drawn from.
#[derive(Clone, Copy, Debug)]
pub struct Imagination<'a> {
    /// The network.
    pub network: &'a Network,
    /// Its state after the frames before.
    pub state: &'a State,
    /// Gesture of the frame.
    pub gesture: [f32; GESTURE_DIM],
    /// Timbre of the frame before, whitened. Shape `[TIMBRE_DIM]`.
    pub before: &'a [f32],
    /// What steers; the numbers of its target are those of timbre.
    pub pull: Option<Pull<'a>>,
    /// 0 (deterministic) to 1.5.
    pub chance: f32,
}

impl Imagination<'_> {
    /// The timbre of the next frame, whitened. Audio thread.
    pub fn timbre(&self, rng: &mut impl Rng) -> [f32; TIMBRE_DIM] {
        // At Chance 0 all candidates are the same.
        if self.pull.is_some() && 0.0 < self.chance {
            self.resampled::<CANDIDATES>(rng)
        } else {
            self.drawn::<1>(rng).0[0]
        }
    }

    fn resampled<const N: usize>(&self, rng: &mut impl Rng) -> [f32; TIMBRE_DIM] {
        let (candidates, logs) = self.drawn::<N>(rng);
        candidates[mixture::pick(&logs, self.chance, rng)]
    }

    /// Candidates, and the logarithm of ∏_d Z_d of each.
    fn drawn<const N: usize>(&self, rng: &mut impl Rng) -> ([[f32; TIMBRE_DIM]; N], [f32; N]) {
        let (mut candidates, mut logs) = ([[0.0_f32; TIMBRE_DIM]; N], [0.0_f32; N]);
        self.network.timbre_numbers::<N>(self.state, self.gesture, |candidate, d, row| {
            let (timbre, before) = (&mut candidates[candidate], &self.before[d..=d]);
            let pull = self.pull.map(|pull| Pull { target: &pull.target[d..=d], ..pull });
            logs[candidate] += mixture::draw(row, before, pull, self.chance, rng, &mut timbre[d..=d]);
            // Within bounds at once: the numbers after it hear of it.
            timbre[d] = timbre[d].clamp(-MOST_DRAWN, MOST_DRAWN);
            timbre[d] - before[0]
        });
        (candidates, logs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dsp::packed_matrix::PackedMatrix;
    use crate::model::Model;
    use crate::model::network::{TIMBRE_COMPONENTS, TIMBRE_HIDDEN, TIMBRE_ROW};
    use rand_core::SeedableRng as _;

    /// Spread of the second number, given the first.
    const LOG_SPREAD: f32 = -1.0;
    /// How far the second number goes with the first.
    const SLOPE: f32 = 1.5;
    const TARGET: [f32; 2] = [0.0, 1.5];
    const VARIANCE: f32 = 0.15;

    /// A network of which the first number of timbre is drawn from N(0, 1), and the second from N(1.5 x, e^−2), where x
    /// is the first.
    fn chain() -> Network {
        let mut network = Model::clone(&crate::fixture::model(1)).network;
        for weights in [
            network.timbre_state.numbers_mut(),
            &mut network.timbre_gesture,
            &mut network.timbre_hidden_bias,
            &mut network.timbre_change,
            network.timbre.numbers_mut(),
            &mut network.timbre_bias,
        ] {
            weights.fill(0.0);
        }
        // One hidden value is 4 + x: above 0 for all x that are drawn.
        network.timbre_hidden_bias[0] = 4.0;
        network.timbre_change[0] = 1.0;
        let mut rows = network.timbre.to_rows(TIMBRE_HIDDEN);
        for component in 0..TIMBRE_COMPONENTS {
            let mean = TIMBRE_ROW + TIMBRE_COMPONENTS + component;
            rows[mean * TIMBRE_HIDDEN] = SLOPE;
            network.timbre_bias[mean] = -4.0 * SLOPE;
            network.timbre_bias[mean + TIMBRE_COMPONENTS] = LOG_SPREAD;
        }
        network.timbre = PackedMatrix::from_rows(&rows, TIMBRE_HIDDEN);
        network
    }

    /// Means of the two numbers under the product of the chain's density and the Gaussian around the target, summed over
    /// a grid.
    fn true_means() -> [f64; 2] {
        let log = |x: f64, mean: f64, variance: f64| -0.5 * ((x - mean).powi(2) / variance + variance.ln());
        let (pull, spread) = (f64::from(VARIANCE), f64::from(LOG_SPREAD).exp());
        let axis = || (-600..=600).map(|step| f64::from(step) * 0.01);
        let (mut sum, mut first, mut second) = (0.0, 0.0, 0.0);
        for a in axis() {
            for b in axis() {
                let density = (log(a, 0.0, 1.0)
                    + log(b, f64::from(SLOPE) * a, spread * spread)
                    + log(a, f64::from(TARGET[0]), pull)
                    + log(b, f64::from(TARGET[1]), pull))
                .exp();
                sum += density;
                first += density * a;
                second += density * b;
            }
        }
        [first / sum, second / sum]
    }

    /// How far the means of draws from `N` candidates are from the truth.
    fn error<const N: usize>(network: &Network) -> f64 {
        const NUM_DRAWS: usize = 2_000;
        let target: Vec<f32> = TARGET.into_iter().chain([0.0; TIMBRE_DIM - 2]).collect();
        let imagination = Imagination {
            network,
            state: &State::new(),
            gesture: [0.0; GESTURE_DIM],
            before: &[0.0; TIMBRE_DIM],
            pull: Some(Pull { target: &target, variance: VARIANCE }),
            chance: 1.0,
        };
        let mut rng = rand_pcg::Pcg64Mcg::seed_from_u64(5);
        let mut means = [0.0_f64; 2];
        for _ in 0..NUM_DRAWS {
            let timbre = imagination.resampled::<N>(&mut rng);
            for (mean, value) in means.iter_mut().zip(timbre) {
                *mean += f64::from(value) / NUM_DRAWS as f64;
            }
        }
        let [first, second] = true_means();
        (means[0] - first).hypot(means[1] - second)
    }

    #[test]
    fn steered_draws_near_the_joint_product_as_candidates_grow() {
        let network = chain();
        let (one, few, many) = (error::<1>(&network), error::<CANDIDATES>(&network), error::<64>(&network));
        // One by one, the first number does not know where it leaves the second.
        assert!(0.5 < one, "the case tells them apart: {one}");
        assert!(few < 0.5 * one, "{few} with {CANDIDATES} candidates, {one} with one");
        assert!(many < 0.1 * one, "{many} with 64 candidates, {one} with one");
    }
}
