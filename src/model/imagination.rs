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

/// Candidates of a steered draw.
const CANDIDATES: usize = 4;

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
