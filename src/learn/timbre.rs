//! The timbre head over a batch: likelihood of each number given those before it, and its gradient.
//!
//! B. Uria, I. Murray, H. Larochelle (2013), "RNADE: the real-valued neural autoregressive density-estimator", §3, on
//! changes from the frame before. The loss is local to a row, so rows go in blocks, forward and at once backward.

use super::likelihood::nats;
use super::matrix::{View, add_rows, multiply, sum_rows};
use super::network::Batch;
use super::parameters::Tensor;
use crate::model::codec::TIMBRE_DIM;
use crate::model::network::{GESTURE_DIM, TIMBRE_HIDDEN, TIMBRE_ROW, VECTOR_DIM};

/// Rows of a block: its hidden layers, one for each number, stay in the processor's cache.
const BLOCK: usize = 32;

/// Scratch space of the head.
#[derive(Clone, Debug, Default)]
pub(crate) struct TimbrePass {
    /// What the next number's hidden layer is made of. Shape `[BLOCK][TIMBRE_HIDDEN]`.
    before: Vec<f32>,
    /// Hidden layers. Shape `[TIMBRE_DIM][BLOCK][TIMBRE_HIDDEN]`.
    hidden: Vec<f32>,
    /// Mixtures. Shape `[BLOCK][TIMBRE_ROW]`.
    mixtures: Vec<f32>,
    /// Slopes of mixtures. Shape `[TIMBRE_DIM][BLOCK][TIMBRE_ROW]`.
    slopes: Vec<f32>,
    /// Slopes of one hidden layer. Shape `[BLOCK][TIMBRE_HIDDEN]`.
    slope_hidden: Vec<f32>,
}

impl TimbrePass {
    /// Sum of nats over present frames. `base` is what the state and the gesture give to the hidden layer.
    /// Shape `[steps][lanes][TIMBRE_HIDDEN]`.
    pub(crate) fn nats(&mut self, weights: &[f32], base: &[f32], batch: &Batch) -> f64 {
        let rows = batch.steps * batch.lanes;
        let starts = (0..rows).step_by(BLOCK);
        starts.map(|start| self.forward(weights, base, batch, start..rows.min(start + BLOCK), None)).sum()
    }

    /// Sum of nats; the gradient of that sum times `scale` is added to `gradient`, its slope by `base` written to
    /// `slope_base`, of the same shape.
    pub(crate) fn gradient(
        &mut self,
        weights: &[f32],
        base: &[f32],
        batch: &Batch,
        scale: f32,
        slope_base: &mut Vec<f32>,
        gradient: &mut [f32],
    ) -> f64 {
        let rows = batch.steps * batch.lanes;
        slope_base.clear();
        slope_base.resize(rows * TIMBRE_HIDDEN, 0.0);
        let mut sum = 0.0;
        for start in (0..rows).step_by(BLOCK) {
            let block = start..rows.min(start + BLOCK);
            sum += self.forward(weights, base, batch, block.clone(), Some(scale));
            let slope_base = &mut slope_base[block.start * TIMBRE_HIDDEN..block.end * TIMBRE_HIDDEN];
            self.backward(weights, batch, block, slope_base, gradient);
        }
        sum
    }

    fn forward(
        &mut self,
        weights: &[f32],
        base: &[f32],
        batch: &Batch,
        block: std::ops::Range<usize>,
        scale: Option<f32>,
    ) -> f64 {
        let num = block.len();
        self.before.clear();
        self.before.extend_from_slice(&base[block.start * TIMBRE_HIDDEN..block.end * TIMBRE_HIDDEN]);
        self.hidden.resize(TIMBRE_DIM * BLOCK * TIMBRE_HIDDEN, 0.0);
        self.mixtures.resize(BLOCK * TIMBRE_ROW, 0.0);
        self.slopes.clear();
        self.slopes.resize(TIMBRE_DIM * BLOCK * TIMBRE_ROW, 0.0);
        let (matrices, biases) = (&weights[Tensor::Timbre.range()], &weights[Tensor::TimbreBias.range()]);
        let by_change = &weights[Tensor::TimbreChange.range()];
        let mut sum = 0.0_f64;
        for d in 0..TIMBRE_DIM {
            let hidden = &mut self.hidden[d * BLOCK * TIMBRE_HIDDEN..][..num * TIMBRE_HIDDEN];
            for (hidden, before) in hidden.iter_mut().zip(&self.before) {
                *hidden = before.max(0.0);
            }
            let matrix = &matrices[d * TIMBRE_ROW * TIMBRE_HIDDEN..(d + 1) * TIMBRE_ROW * TIMBRE_HIDDEN];
            let matrix = View::new(matrix, TIMBRE_ROW, TIMBRE_HIDDEN);
            multiply(View::new(hidden, num, TIMBRE_HIDDEN), matrix.t(), 0.0, &mut self.mixtures);
            add_rows(&mut self.mixtures[..num * TIMBRE_ROW], &biases[d * TIMBRE_ROW..(d + 1) * TIMBRE_ROW]);
            let by_change = &by_change[d * TIMBRE_HIDDEN..(d + 1) * TIMBRE_HIDDEN];
            for (idx, row) in block.clone().enumerate() {
                if batch.present[row] == 0.0 {
                    continue;
                }
                let number = row * VECTOR_DIM + GESTURE_DIM + d;
                let (before, target) = (&batch.before[number..=number], &batch.targets[number..=number]);
                let slope =
                    &mut self.slopes[(d * BLOCK + idx) * TIMBRE_ROW..(d * BLOCK + idx + 1) * TIMBRE_ROW];
                let mixture = &self.mixtures[idx * TIMBRE_ROW..(idx + 1) * TIMBRE_ROW];
                sum += f64::from(nats(mixture, before, target, scale.map(|scale| (slope, scale))));
                let change = target[0] - before[0];
                let before = &mut self.before[idx * TIMBRE_HIDDEN..(idx + 1) * TIMBRE_HIDDEN];
                for (before, weight) in before.iter_mut().zip(by_change) {
                    *before += change * weight;
                }
            }
        }
        sum
    }

    /// `slope_base` begins as zeros and gathers, from the last number to the first, the slopes of all hidden layers from
    /// number `d` on: what the change of the number before `d` had its part in.
    fn backward(
        &mut self,
        weights: &[f32],
        batch: &Batch,
        block: std::ops::Range<usize>,
        slope_base: &mut [f32],
        gradient: &mut [f32],
    ) {
        let num = block.len();
        self.slope_hidden.resize(BLOCK * TIMBRE_HIDDEN, 0.0);
        let matrices = &weights[Tensor::Timbre.range()];
        for d in (0..TIMBRE_DIM).rev() {
            let by_change = &mut gradient[Tensor::TimbreChange.range()];
            let by_change = &mut by_change[d * TIMBRE_HIDDEN..(d + 1) * TIMBRE_HIDDEN];
            for (row, slopes) in block.clone().zip(slope_base.chunks_exact(TIMBRE_HIDDEN)) {
                let number = row * VECTOR_DIM + GESTURE_DIM + d;
                let change = batch.targets[number] - batch.before[number];
                for (sum, slope) in by_change.iter_mut().zip(slopes) {
                    *sum += change * slope;
                }
            }
            let slopes = &self.slopes[d * BLOCK * TIMBRE_ROW..][..num * TIMBRE_ROW];
            let hidden = &self.hidden[d * BLOCK * TIMBRE_HIDDEN..][..num * TIMBRE_HIDDEN];
            let of_number = d * TIMBRE_ROW * TIMBRE_HIDDEN..(d + 1) * TIMBRE_ROW * TIMBRE_HIDDEN;
            let slopes_view = View::new(slopes, num, TIMBRE_ROW);
            let by_matrix = &mut gradient[Tensor::Timbre.range()][of_number.clone()];
            multiply(slopes_view.t(), View::new(hidden, num, TIMBRE_HIDDEN), 1.0, by_matrix);
            let by_bias = &mut gradient[Tensor::TimbreBias.range()];
            sum_rows(slopes, &mut by_bias[d * TIMBRE_ROW..(d + 1) * TIMBRE_ROW]);
            let matrix = View::new(&matrices[of_number], TIMBRE_ROW, TIMBRE_HIDDEN);
            multiply(slopes_view, matrix, 0.0, &mut self.slope_hidden);
            for ((base, slope), hidden) in slope_base.iter_mut().zip(&self.slope_hidden).zip(hidden) {
                *base += if 0.0 < *hidden { *slope } else { 0.0 };
            }
        }
    }
}
