//! The optimiser: Adam with weight decay.
//!
//! D. P. Kingma, J. Ba (2015), "Adam: a method for stochastic optimization", algorithm 1; I. Loshchilov, F. Hutter
//! (2019), "Decoupled weight decay regularization", algorithm 2.

use super::parameters::{MATRICES, num_parameters};

/// Decay of the running means of gradients and of their squares, and the guard of the root.
const DECAY: (f32, f32) = (0.9, 0.99);
const GUARD: f32 = 1e-8;
/// Longest gradient: longer ones are cut to it.
const MOST_GRADIENT: f32 = 5.0;

/// The running means of an optimisation.
#[derive(Clone, Debug)]
pub(crate) struct Adam {
    /// Share that each matrix loses a step, at a rate of 1.
    weight_decay: f32,
    means: Vec<f32>,
    squares: Vec<f32>,
    step: i32,
}

impl Adam {
    /// Before the first step. `weight_decay` times the rate is the share that each weight of a matrix loses a step;
    /// biases lose nothing.
    pub(crate) fn new(weight_decay: f32) -> Self {
        let zeros = vec![0.0; num_parameters()];
        Self { weight_decay, means: zeros.clone(), squares: zeros, step: 0 }
    }

    /// One step against `gradient`, of the shape of `weights`. A gradient that is not finite moves nothing.
    pub(crate) fn step(&mut self, weights: &mut [f32], gradient: &[f32], rate: f32) {
        let length = gradient.iter().map(|g| f64::from(g * g)).sum::<f64>().sqrt() as f32;
        if !length.is_finite() {
            return;
        }
        self.step += 1;
        let kept = 1.0 - rate * self.weight_decay;
        for tensor in MATRICES {
            weights[tensor.range()].iter_mut().for_each(|weight| *weight *= kept);
        }
        let scale = (MOST_GRADIENT / length.max(1e-12)).min(1.0);
        let mean_bias = 1.0 - DECAY.0.powi(self.step);
        let square_bias = 1.0 - DECAY.1.powi(self.step);
        let moments = self.means.iter_mut().zip(&mut self.squares);
        for ((weight, gradient), (mean, square)) in weights.iter_mut().zip(gradient).zip(moments) {
            let g = scale * gradient;
            *mean = DECAY.0 * *mean + (1.0 - DECAY.0) * g;
            *square = DECAY.1 * *square + (1.0 - DECAY.1) * g * g;
            *weight -= rate * (*mean / mean_bias) / ((*square / square_bias).sqrt() + GUARD);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::parameters::Tensor;
    use super::*;

    #[test]
    fn steps_lead_to_the_minimum_and_decay_draws_matrices_to_zero_but_no_bias() {
        let run = |weight_decay: f32| {
            let mut weights = vec![0.0; num_parameters()];
            let mut adam = Adam::new(weight_decay);
            for step in 0..600 {
                // The minimum of (w - 1)² / 2 by every weight.
                let gradient: Vec<f32> = weights.iter().map(|weight| 1e-3 * (weight - 1.0)).collect();
                adam.step(&mut weights, &gradient, 0.02 * (1.0 - step as f32 / 600.0));
            }
            (weights[Tensor::GruState.range()][7], weights[Tensor::TimbreBias.range()][7])
        };
        let (free, decayed) = (run(0.0), run(1.0));
        assert!((free.0 - 1.0).abs() < 1e-3 && (free.1 - 1.0).abs() < 1e-3, "{free:?}");
        assert!(decayed.0 < 0.97 && (decayed.1 - 1.0).abs() < 1e-3, "{decayed:?}");
    }

    #[test]
    fn a_gradient_that_is_not_finite_moves_nothing() {
        let (mut weights, mut adam) = (vec![1.0; num_parameters()], Adam::new(1.0));
        let mut gradient = vec![0.1; num_parameters()];
        gradient[3] = f32::NAN;
        adam.step(&mut weights, &gradient, 0.01);
        assert!(weights.iter().all(|weight| *weight == 1.0));
    }
}
