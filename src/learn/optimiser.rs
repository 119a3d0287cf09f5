//! The optimiser: Adam for the recurrent unit and for biases, and for the matrices of the heads Muon, whose steps are as
//! long in all directions.
//!
//! K. Jordan, Y. Jin, V. Boza, J. You, F. Cesista, L. Newhouse, J. Bernstein (2024), "Muon: an optimizer for hidden
//! layers in neural networks": the running mean of a matrix's gradients, its singular values brought near 1. Its length
//! as in J. Liu et al. (2025), "Muon is scalable for LLM training", eq. 4, so that one rate serves both.
//!
//! D. P. Kingma, J. Ba (2015), "Adam: a method for stochastic optimization", algorithm 1; I. Loshchilov, F. Hutter
//! (2019), "Decoupled weight decay regularization", algorithm 2.
//!
//! Of the recurrent unit Muon learns no more than Adam does, for more work; of the heads it does, and most where there is
//! much to learn from. `tests/evaluate/README.md` has the figures.

use super::matrix::{View, multiply};
use super::parameters::{BY_ADAM, Matrix, head_matrices, num_parameters};
use super::workers::Workers;
use crate::dsp::maths::dot;
use rayon::prelude::*;

/// Adam's decay of the running means of gradients and of their squares, and the guard of the root.
const DECAY: (f32, f32) = (0.9, 0.99);
const GUARD: f32 = 1e-8;
/// Longest gradient, by all weights, that Adam sees: longer ones are cut to it.
const MOST_GRADIENT: f32 = 5.0;
/// Muon's decay of the running mean of gradients.
const HEAD_DECAY: f32 = 0.95;
/// Root mean square of Muon's steps at a rate of 1, where singular values come out as 1.
const HEAD_STEP: f32 = 0.35;
/// Weight decay of heads, by that of the recurrent unit.
const HEAD_WEIGHT_DECAY: f32 = 0.5;
/// Rounds of [`orthogonal`], and the coefficients of each: three learn as well as five.
const ROUNDS: usize = 3;
const COEFFICIENTS: [f32; 3] = [3.4445, -4.775, 2.0315];

/// The running means of an optimisation.
#[derive(Clone, Debug)]
pub(crate) struct Optimiser {
    /// Share that each matrix of the recurrent unit loses a step, at a rate of 1.
    weight_decay: f32,
    /// Of Adam, of the shape of all weights; those of heads are not used.
    means: Vec<f32>,
    squares: Vec<f32>,
    heads: Vec<Head>,
    step: i32,
}

/// A matrix that Muon moves, and the running mean of its gradients.
#[derive(Clone, Debug)]
struct Head {
    matrix: Matrix,
    mean: Vec<f32>,
}

impl Optimiser {
    /// Before the first step. `weight_decay` times the rate is the share that each weight of the recurrent unit's matrices
    /// loses a step; those of the heads lose half of it, biases nothing.
    pub(crate) fn new(weight_decay: f32) -> Self {
        let zeros = vec![0.0; num_parameters()];
        let head = |matrix: Matrix| Head { mean: vec![0.0; matrix.range.len()], matrix };
        let heads = head_matrices().into_iter().map(head).collect();
        Self { weight_decay, means: zeros.clone(), squares: zeros, heads, step: 0 }
    }

    /// One step against `gradient`, of the shape of `weights`. A gradient that is not finite moves nothing.
    pub(crate) fn step(&mut self, pool: &Workers, weights: &mut [f32], gradient: &[f32], rate: f32) {
        let length = length(gradient);
        if !length.is_finite() {
            return;
        }
        self.step += 1;
        let heads = &mut self.heads;
        let moves = || heads.par_iter_mut().map(|head| head.step(gradient)).collect::<Vec<_>>();
        let adam = Adam {
            rate,
            scale: (MOST_GRADIENT / length.max(1e-12)).min(1.0),
            bias: (1.0 - DECAY.0.powi(self.step), 1.0 - DECAY.1.powi(self.step)),
        };
        let (means, squares, decay) = (&mut self.means, &mut self.squares, self.weight_decay);
        let by_adam = || {
            for (tensor, weight_decay) in BY_ADAM {
                let range = tensor.range();
                let moments =
                    Moments { means: &mut means[range.clone()], squares: &mut squares[range.clone()] };
                let kept = 1.0 - rate * weight_decay * decay;
                move_by_adam(&adam, kept, &mut weights[range.clone()], &gradient[range], moments);
            }
        };
        let (moves, ()) = pool.install(|| rayon::join(moves, by_adam));
        let kept = 1.0 - rate * HEAD_WEIGHT_DECAY * self.weight_decay;
        for (Head { matrix: Matrix { range, rows, cols }, .. }, step) in self.heads.iter().zip(moves) {
            let size = rate * HEAD_STEP * (*rows.max(cols) as f32).sqrt();
            for (weight, step) in weights[range.clone()].iter_mut().zip(step) {
                *weight = kept * *weight - size * step;
            }
        }
    }
}

impl Head {
    /// Muon's step, of singular values near 1.
    fn step(&mut self, gradient: &[f32]) -> Vec<f32> {
        let Matrix { range, rows, cols } = &self.matrix;
        let gradient = &gradient[range.clone()];
        for (mean, gradient) in self.mean.iter_mut().zip(gradient) {
            *mean = HEAD_DECAY * *mean + (1.0 - HEAD_DECAY) * gradient;
        }
        // Nesterov's look ahead: the mean as the next gradient would leave it if it were this one.
        let moments = self.mean.iter().zip(gradient);
        let ahead = moments.map(|(mean, g)| HEAD_DECAY * mean + (1.0 - HEAD_DECAY) * g).collect();
        orthogonal(ahead, *rows, *cols)
    }
}

/// A step of Adam.
#[derive(Clone, Copy)]
struct Adam {
    rate: f32,
    /// Factor on gradients.
    scale: f32,
    /// What the running means have come to of what they will.
    bias: (f32, f32),
}

/// The running means of a tensor's gradients and of their squares.
struct Moments<'a> {
    means: &'a mut [f32],
    squares: &'a mut [f32],
}

/// Moves a tensor, of which the share `kept` stays.
#[multiversion::multiversion(targets("x86_64+avx2", "x86_64+avx"))]
fn move_by_adam(adam: &Adam, kept: f32, weights: &mut [f32], gradient: &[f32], moments: Moments<'_>) {
    let Adam { rate, scale, bias, .. } = *adam;
    let moments = moments.means.iter_mut().zip(moments.squares);
    for ((weight, gradient), (mean, square)) in weights.iter_mut().zip(gradient).zip(moments) {
        let g = scale * gradient;
        *mean = DECAY.0 * *mean + (1.0 - DECAY.0) * g;
        *square = DECAY.1 * *square + (1.0 - DECAY.1) * g * g;
        *weight = kept * *weight - rate * (*mean / bias.0) / ((*square / bias.1).sqrt() + GUARD);
    }
}

/// Euclidean length.
fn length(values: &[f32]) -> f32 {
    const PIECE: usize = 1_024;
    let (pieces, rest) = values.as_chunks::<PIECE>();
    let squares = pieces.iter().map(|piece| f64::from(dot(piece, piece))).sum::<f64>();
    (squares + rest.iter().map(|value| f64::from(value * value)).sum::<f64>()).sqrt() as f32
}

/// A matrix of the same singular vectors whose singular values are near 1, where they were not 0, by the iteration of
/// Newton and Schulz with Jordan's coefficients. `matrix` is `[rows][cols]`.
fn orthogonal(mut matrix: Vec<f32>, rows: usize, cols: usize) -> Vec<f32> {
    // Shorter ones have squares that vanish; they stay as good as 0.
    let length = matrix.iter().map(|x| x * x).sum::<f32>().sqrt().max(1e-20);
    matrix.iter_mut().for_each(|x| *x /= length);
    let side = rows.min(cols);
    let (mut square, mut factor) = (vec![0.0; side * side], vec![0.0; side * side]);
    let mut next = matrix.clone();
    for _ in 0..ROUNDS {
        let x = View::new(&matrix, rows, cols);
        let (left, right) = if rows <= cols { (x, x.t()) } else { (x.t(), x) };
        multiply(left, right, 0.0, &mut square);
        let squares = View::new(&square, side, side);
        multiply(squares, squares, 0.0, &mut factor);
        for (factor, square) in factor.iter_mut().zip(&square) {
            *factor = COEFFICIENTS[2] * *factor + COEFFICIENTS[1] * square;
        }
        let factor = View::new(&factor, side, side);
        let (left, right) = if rows <= cols { (factor, x) } else { (x, factor) };
        next.copy_from_slice(&matrix);
        multiply(left, right, COEFFICIENTS[0], &mut next);
        std::mem::swap(&mut matrix, &mut next);
    }
    matrix
}

#[cfg(test)]
mod tests {
    use super::super::parameters::Tensor;
    use super::*;
    use crate::model::network::HIDDEN;

    fn run(weight_decay: f32, steps: usize, gradient_of: &dyn Fn(&[f32]) -> Vec<f32>) -> Vec<f32> {
        let pool = Workers::new(2).unwrap();
        let mut weights = vec![0.0; num_parameters()];
        let mut optimiser = Optimiser::new(weight_decay);
        for step in 0..steps {
            let gradient = gradient_of(&weights);
            optimiser.step(&pool, &mut weights, &gradient, 0.02 * (1.0 - step as f32 / steps as f32));
        }
        weights
    }

    #[test]
    fn steps_lead_to_the_minimum_and_decay_draws_matrices_to_zero_but_no_bias() {
        let (gates, head) = (Tensor::GruState.range().start, Tensor::TimbreState.range());
        // The minimum of (w - wanted)² / 2 by every weight; of the head's matrix it is a diagonal.
        let wanted: Vec<f32> = (0..num_parameters())
            .map(|idx| match idx.checked_sub(head.start).filter(|at| *at < head.len()) {
                Some(at) if at % HIDDEN == at / HIDDEN => 0.5,
                Some(_) => 0.0,
                None => 1.0,
            })
            .collect();
        let slope = |weights: &[f32]| {
            let off = weights.iter().zip(&wanted).map(|(weight, wanted)| 1e-3 * (weight - wanted));
            off.collect()
        };
        let (free, decayed) = (run(0.0, 600, &slope), run(30.0, 600, &slope));
        let bias = Tensor::TimbreBias.range().start + 7;
        assert!(
            (free[gates] - 1.0).abs() < 1e-3 && decayed[gates] < 0.3,
            "{} {}",
            free[gates],
            decayed[gates]
        );
        let (first, beside) = (free[head.start], free[head.start + 1]);
        assert!((first - 0.5).abs() < 0.01 && beside.abs() < 0.01, "{first} {beside}");
        assert!(decayed[head.start] < 0.4, "{}", decayed[head.start]);
        assert!((free[bias] - 1.0).abs() < 1e-3 && (decayed[bias] - 1.0).abs() < 1e-3);
    }

    #[test]
    fn a_gradient_that_is_not_finite_moves_nothing() {
        let mut gradient = vec![0.1; num_parameters()];
        gradient[3] = f32::NAN;
        assert!(run(1.0, 1, &|_| gradient.clone()).iter().all(|weight| *weight == 0.0));
    }

    #[test]
    fn orthogonal_keeps_directions_and_evens_lengths() {
        // Two directions, one twenty times the other, in a wide and a tall matrix.
        let wide = vec![20.0, 0.0, 0.0, 0.0, 0.6, 0.8];
        let tall = vec![20.0, 0.0, 0.0, 0.6, 0.0, 0.8];
        let (wide, tall) = (orthogonal(wide, 2, 3), orthogonal(tall, 3, 2));
        for (idx, transposed) in [0, 3, 1, 4, 2, 5].into_iter().enumerate() {
            assert!((wide[transposed] - tall[idx]).abs() < 1e-5, "{wide:?}, {tall:?}");
        }
        let second = (wide[4] * wide[4] + wide[5] * wide[5]).sqrt();
        assert!((0.6..1.4).contains(&wide[0]) && (0.6..1.4).contains(&second), "{wide:?}");
        assert!((wide[4] / wide[5] - 0.75).abs() < 1e-4 && wide[1].abs() + wide[3].abs() < 1e-5, "{wide:?}");
    }
}
