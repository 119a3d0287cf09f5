//! The timbre head over a batch: likelihood of each number given those before it, and its gradient.
//!
//! B. Uria, I. Murray, H. Larochelle (2013), "RNADE: the real-valued neural autoregressive density-estimator", §3, on
//! changes from the frame before. The loss is local to a row, so rows go in blocks, forward and at once backward.

use super::likelihood::nats;
use super::matrix::sum_rows;
use super::network::Batch;
use super::parameters::Tensor;
use crate::dsp::maths::affine;
use crate::model::codec::TIMBRE_DIM;
use crate::model::network::{GESTURE_DIM, INPUT, TIMBRE_HIDDEN, TIMBRE_ROW, VECTOR_DIM};
use std::ops::Range;

/// Rows of a block: its hidden layers, one for each number, stay in the processor's cache. A mixture's row is so narrow
/// that a matrix product spends as much on packing as on its sums, so they are loops: 400 steps took 13 s for 14.
const BLOCK: usize = 32;

/// Scratch space of the head.
#[derive(Clone, Debug, Default)]
pub(crate) struct TimbrePass {
    /// What the next number's hidden layer is made of. Shape `[BLOCK][TIMBRE_HIDDEN]`.
    before: Vec<f32>,
    /// Hidden layers. Shape `[TIMBRE_DIM][BLOCK][TIMBRE_HIDDEN]`.
    hidden: Vec<f32>,
    /// How far each number changed. Shape `[TIMBRE_DIM][BLOCK]`.
    changes: Vec<f32>,
    /// Slopes of mixtures. Shape `[TIMBRE_DIM][BLOCK][TIMBRE_ROW]`.
    slopes: Vec<f32>,
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
            self.backward(weights, block.len(), slope_base, gradient);
        }
        sum
    }

    fn forward(
        &mut self,
        weights: &[f32],
        base: &[f32],
        batch: &Batch,
        block: Range<usize>,
        scale: Option<f32>,
    ) -> f64 {
        self.before.clear();
        self.before.extend_from_slice(&base[block.start * TIMBRE_HIDDEN..block.end * TIMBRE_HIDDEN]);
        self.hidden.resize(TIMBRE_DIM * BLOCK * TIMBRE_HIDDEN, 0.0);
        self.changes.clear();
        self.changes.resize(TIMBRE_DIM * BLOCK, 0.0);
        self.slopes.clear();
        self.slopes.resize(TIMBRE_DIM * BLOCK * TIMBRE_ROW, 0.0);
        let mut sum = 0.0_f64;
        for d in 0..TIMBRE_DIM {
            let matrix = &weights[Tensor::Timbre.range()][of(d, MATRIX)];
            let bias = &weights[Tensor::TimbreBias.range()][of(d, TIMBRE_ROW)];
            let by_change = &weights[Tensor::TimbreChange.range()][of(d, TIMBRE_HIDDEN)];
            for (idx, row) in block.clone().enumerate() {
                if batch.present[row] == 0.0 {
                    continue;
                }
                let before = &mut self.before[of(idx, TIMBRE_HIDDEN)];
                let hidden = &mut self.hidden[of(d * BLOCK + idx, TIMBRE_HIDDEN)];
                for (hidden, before) in hidden.iter_mut().zip(before.iter()) {
                    *hidden = before.max(0.0);
                }
                let mut mixture = [0.0_f32; TIMBRE_ROW];
                affine(matrix, bias, hidden, &mut mixture);
                let from = &batch.inputs[row * INPUT + GESTURE_DIM + d..][..1];
                let target = &batch.targets[row * VECTOR_DIM + GESTURE_DIM + d..][..1];
                let slope = &mut self.slopes[of(d * BLOCK + idx, TIMBRE_ROW)];
                sum += f64::from(nats(&mixture, from, target, scale.map(|scale| (slope, scale))));
                let change = target[0] - from[0];
                self.changes[d * BLOCK + idx] = change;
                for (before, weight) in before.iter_mut().zip(by_change) {
                    *before += change * weight;
                }
            }
        }
        sum
    }

    /// `slope_base` begins as zeros and gathers, from the last number to the first, the slopes of all hidden layers from
    /// number `d` on: what the change of the number before `d` had its part in.
    fn backward(&self, weights: &[f32], num_rows: usize, slope_base: &mut [f32], gradient: &mut [f32]) {
        for d in (0..TIMBRE_DIM).rev() {
            let of_block = |width: usize| d * BLOCK * width..(d * BLOCK + num_rows) * width;
            let (changes, slopes) = (&self.changes[of_block(1)], &self.slopes[of_block(TIMBRE_ROW)]);
            let by_change = &mut gradient[Tensor::TimbreChange.range()][of(d, TIMBRE_HIDDEN)];
            change_slopes(changes, slope_base, by_change);
            sum_rows(slopes, &mut gradient[Tensor::TimbreBias.range()][of(d, TIMBRE_ROW)]);
            let matrix = &weights[Tensor::Timbre.range()][of(d, MATRIX)];
            let by_matrix = &mut gradient[Tensor::Timbre.range()][of(d, MATRIX)];
            mixture_slopes(slopes, &self.hidden[of_block(TIMBRE_HIDDEN)], matrix, slope_base, by_matrix);
        }
    }
}

/// Weights of one number's mixture.
const MATRIX: usize = TIMBRE_ROW * TIMBRE_HIDDEN;

/// The `idx`-th stretch of so many numbers.
fn of(idx: usize, width: usize) -> Range<usize> {
    idx * width..(idx + 1) * width
}

/// `by_change += Σ change · slope` over rows.
#[multiversion::multiversion(targets("x86_64+avx2", "x86_64+avx"))]
fn change_slopes(changes: &[f32], slope_base: &[f32], by_change: &mut [f32]) {
    for (change, slopes) in changes.iter().zip(slope_base.as_chunks::<TIMBRE_HIDDEN>().0) {
        for (sum, slope) in by_change.iter_mut().zip(slopes) {
            *sum += change * slope;
        }
    }
}

/// Slopes by the weights of one number's mixture, and through them and the corner of the hidden layer, added to
/// `slope_base`.
#[multiversion::multiversion(targets("x86_64+avx2", "x86_64+avx"))]
fn mixture_slopes(
    slopes: &[f32],
    hidden: &[f32],
    matrix: &[f32],
    slope_base: &mut [f32],
    by_matrix: &mut [f32],
) {
    let (matrix, by_matrix) = (matrix.as_chunks::<TIMBRE_HIDDEN>().0, by_matrix.as_chunks_mut().0);
    let (hidden, slope_base) = (hidden.as_chunks::<TIMBRE_HIDDEN>().0, slope_base.as_chunks_mut().0);
    let rows = slopes.as_chunks::<TIMBRE_ROW>().0.iter().zip(hidden).zip(slope_base);
    for ((slopes, hidden), base) in rows {
        let base: &mut [f32; TIMBRE_HIDDEN] = base;
        let mut sums = [0.0_f32; TIMBRE_HIDDEN];
        for ((slope, weights), by_weights) in slopes.iter().zip(matrix).zip(&mut *by_matrix) {
            let by_weights: &mut [f32; TIMBRE_HIDDEN] = by_weights;
            for idx in 0..TIMBRE_HIDDEN {
                by_weights[idx] += slope * hidden[idx];
                sums[idx] += slope * weights[idx];
            }
        }
        for idx in 0..TIMBRE_HIDDEN {
            base[idx] += if 0.0 < hidden[idx] { sums[idx] } else { 0.0 };
        }
    }
}
