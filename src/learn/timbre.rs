//! The timbre head over a batch: likelihood of each number given those before it, and its gradient.
//!
//! B. Uria, I. Murray, H. Larochelle (2013), "RNADE: the real-valued neural autoregressive density-estimator", §3, on
//! changes from the frame before. The loss is local to a row, so rows go in blocks, forward and at once backward.

use super::likelihood::{Judged, timbre_nats};
use super::matrix::{View, multiply};
use super::network::Batch;
use super::parameters::Tensor;
use crate::model::codec::TIMBRE_DIM;
use crate::model::network::{GESTURE_DIM, INPUT, TIMBRE_HIDDEN, TIMBRE_ROW, VECTOR_DIM};
use std::ops::Range;

/// Rows of a block: its hidden layers, one for each number, stay in the processor's cache.
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
    /// Mixtures, then their slopes. Shape `[TIMBRE_DIM][TIMBRE_ROW][BLOCK]`.
    slopes: Vec<f32>,
    /// 1 where there is a frame. Shape `[BLOCK]`.
    present: Vec<f32>,
    /// Slopes of a hidden layer before its corners are seen. Shape `[BLOCK][TIMBRE_HIDDEN]`.
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
            self.backward(weights, slope_base, gradient);
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
        self.before.resize(BLOCK * TIMBRE_HIDDEN, 0.0);
        self.present.clear();
        self.present.extend_from_slice(&batch.present[block.clone()]);
        self.present.resize(BLOCK, 0.0);
        self.hidden.resize(TIMBRE_DIM * BLOCK * TIMBRE_HIDDEN, 0.0);
        self.slopes.resize(TIMBRE_DIM * TIMBRE_ROW * BLOCK, 0.0);
        // The last block may be short: the rest of it changes by nothing.
        self.changes.clear();
        self.changes.resize(TIMBRE_DIM * BLOCK, 0.0);
        for (idx, row) in block.enumerate() {
            let from = &batch.inputs[row * INPUT + GESTURE_DIM..][..TIMBRE_DIM];
            let target = &batch.targets[row * VECTOR_DIM + GESTURE_DIM..][..TIMBRE_DIM];
            for d in 0..TIMBRE_DIM {
                self.changes[d * BLOCK + idx] = target[d] - from[d];
            }
        }
        let mut sum = 0.0_f64;
        for d in 0..TIMBRE_DIM {
            let hidden = &mut self.hidden[of(d, BLOCK * TIMBRE_HIDDEN)];
            if let Some(last) = d.checked_sub(1) {
                let by_change = &weights[Tensor::TimbreChange.range()][of(last, TIMBRE_HIDDEN)];
                advance(&mut self.before, &self.changes[of(last, BLOCK)], by_change);
            }
            rectify(&self.before, hidden);
            let raw = &mut self.slopes[of(d, TIMBRE_ROW * BLOCK)];
            let bias = &weights[Tensor::TimbreBias.range()][of(d, TIMBRE_ROW)];
            for (raw, bias) in raw.chunks_exact_mut(BLOCK).zip(bias) {
                raw.fill(*bias);
            }
            let matrix =
                View::new(&weights[Tensor::Timbre.range()][of(d, MATRIX)], TIMBRE_ROW, TIMBRE_HIDDEN);
            multiply(matrix, View::new(hidden, BLOCK, TIMBRE_HIDDEN).t(), 1.0, raw);
            let changes = &self.changes[of(d, BLOCK)];
            sum += timbre_nats(Judged { raw, changes, present: &self.present, scale });
        }
        sum
    }

    /// `slope_base` begins as zeros and gathers, from the last number to the first, the slopes of all hidden layers from
    /// number `d` on: what the change of the number before `d` had its part in.
    fn backward(&mut self, weights: &[f32], slope_base: &mut [f32], gradient: &mut [f32]) {
        self.slope_hidden.resize(BLOCK * TIMBRE_HIDDEN, 0.0);
        for d in (0..TIMBRE_DIM).rev() {
            let by_change = &mut gradient[Tensor::TimbreChange.range()][of(d, TIMBRE_HIDDEN)];
            change_slopes(&self.changes[of(d, BLOCK)], slope_base, by_change);
            let slopes = &self.slopes[of(d, TIMBRE_ROW * BLOCK)];
            let by_bias = &mut gradient[Tensor::TimbreBias.range()][of(d, TIMBRE_ROW)];
            for (by_bias, slopes) in by_bias.iter_mut().zip(slopes.chunks_exact(BLOCK)) {
                *by_bias += slopes.iter().sum::<f32>();
            }
            let slopes = View::new(slopes, TIMBRE_ROW, BLOCK);
            let hidden = &self.hidden[of(d, BLOCK * TIMBRE_HIDDEN)];
            let by_matrix = &mut gradient[Tensor::Timbre.range()][of(d, MATRIX)];
            multiply(slopes, View::new(hidden, BLOCK, TIMBRE_HIDDEN), 1.0, by_matrix);
            let matrix =
                View::new(&weights[Tensor::Timbre.range()][of(d, MATRIX)], TIMBRE_ROW, TIMBRE_HIDDEN);
            multiply(slopes.t(), matrix, 0.0, &mut self.slope_hidden);
            add_where_positive(&self.slope_hidden, hidden, slope_base);
        }
    }
}

/// Weights of one number's mixture.
const MATRIX: usize = TIMBRE_ROW * TIMBRE_HIDDEN;

/// The `idx`-th stretch of so many numbers.
fn of(idx: usize, width: usize) -> Range<usize> {
    idx * width..(idx + 1) * width
}

/// `before += change · weights`, row by row.
#[multiversion::multiversion(targets("x86_64+avx2", "x86_64+avx"))]
fn advance(before: &mut [f32], changes: &[f32], by_change: &[f32]) {
    for (before, change) in before.as_chunks_mut::<TIMBRE_HIDDEN>().0.iter_mut().zip(changes) {
        for (value, weight) in before.iter_mut().zip(by_change) {
            *value += change * weight;
        }
    }
}

#[multiversion::multiversion(targets("x86_64+avx2", "x86_64+avx"))]
fn rectify(before: &[f32], hidden: &mut [f32]) {
    for (hidden, before) in hidden.iter_mut().zip(before) {
        *hidden = before.max(0.0);
    }
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

/// Adds slopes through the corner of the hidden layer.
#[multiversion::multiversion(targets("x86_64+avx2", "x86_64+avx"))]
fn add_where_positive(slopes: &[f32], hidden: &[f32], sums: &mut [f32]) {
    for ((sum, slope), hidden) in sums.iter_mut().zip(slopes).zip(hidden) {
        *sum += if 0.0 < *hidden { *slope } else { 0.0 };
    }
}
