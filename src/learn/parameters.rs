//! All weights of the network in one flat vector: what the optimiser and the gradients see.

use crate::dsp::packed_matrix::PackedMatrix;
use crate::model::Network;
use crate::model::codec::TIMBRE_DIM;
use crate::model::network::{
    GESTURE_COMPONENTS, GESTURE_DIM, GESTURE_OUT, HIDDEN, INPUT, TIMBRE_COMPONENTS, TIMBRE_HIDDEN,
    TIMBRE_OUT, TIMBRE_ROW,
};
use crate::model::random;
use std::ops::Range;

/// Lengths of the tensors in the order in which they stand.
const LENGTHS: [usize; 12] = [
    3 * HIDDEN * INPUT,
    3 * HIDDEN * HIDDEN,
    3 * HIDDEN,
    3 * HIDDEN,
    GESTURE_OUT * HIDDEN,
    GESTURE_OUT,
    TIMBRE_HIDDEN * HIDDEN,
    TIMBRE_HIDDEN * GESTURE_DIM,
    TIMBRE_HIDDEN,
    TIMBRE_DIM * TIMBRE_HIDDEN,
    TIMBRE_OUT * TIMBRE_HIDDEN,
    TIMBRE_OUT,
];

/// A tensor's place in the vector. Matrices are `[outputs][inputs]`, as in [`Network`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(usize)]
pub(crate) enum Tensor {
    /// Input to gates.
    GruInput,
    /// State to gates.
    GruState,
    /// Bias of the gates on the input's side.
    GruInputBias,
    /// Bias of the gates on the state's side.
    GruStateBias,
    /// State to gesture mixture.
    Gesture,
    /// Bias of the gesture mixture.
    GestureBias,
    /// State to the hidden layer of timbre.
    TimbreState,
    /// Gesture to the hidden layer of timbre.
    TimbreGesture,
    /// Bias of the hidden layer of timbre.
    TimbreHiddenBias,
    /// Change of each number of timbre to the hidden layer of those after it.
    TimbreChange,
    /// Hidden layer to the mixture of each number of timbre.
    Timbre,
    /// Bias of the mixture of each number of timbre.
    TimbreBias,
}

/// The tensors that are no matrices of heads, and the share of weight decay that each takes.
pub(crate) const BY_ADAM: [(Tensor, f32); 7] = [
    (Tensor::GruInput, 1.0),
    (Tensor::GruState, 1.0),
    (Tensor::GruInputBias, 0.0),
    (Tensor::GruStateBias, 0.0),
    (Tensor::GestureBias, 0.0),
    (Tensor::TimbreHiddenBias, 0.0),
    (Tensor::TimbreBias, 0.0),
];

/// A matrix `[rows][cols]` of the heads that maps one thing to one other: a tensor, or one mixture's part of it.
#[derive(Clone, Debug)]
pub(crate) struct Matrix {
    /// Where it stands.
    pub range: Range<usize>,
    /// Outputs.
    pub rows: usize,
    /// Inputs.
    pub cols: usize,
}

/// All matrices of the heads.
pub(crate) fn head_matrices() -> Vec<Matrix> {
    let of = |tensor: Tensor, rows: usize, cols: usize| {
        tensor.range().step_by(rows * cols).map(move |start| Matrix {
            range: start..start + rows * cols,
            rows,
            cols,
        })
    };
    of(Tensor::Gesture, GESTURE_OUT, HIDDEN)
        .chain(of(Tensor::TimbreState, TIMBRE_HIDDEN, HIDDEN))
        .chain(of(Tensor::TimbreGesture, TIMBRE_HIDDEN, GESTURE_DIM))
        .chain(of(Tensor::TimbreChange, TIMBRE_DIM, TIMBRE_HIDDEN))
        .chain(of(Tensor::Timbre, TIMBRE_ROW, TIMBRE_HIDDEN))
        .collect()
}

impl Tensor {
    /// Where it stands.
    pub(crate) fn range(self) -> Range<usize> {
        let start: usize = LENGTHS[..self as usize].iter().sum();
        start..start + LENGTHS[self as usize]
    }
}

/// Numbers in all.
pub(crate) fn num_parameters() -> usize {
    LENGTHS.iter().sum()
}

/// Weights to begin with: uniform within `1 / sqrt(inputs)` (Glorot, Bengio 2010), heads near 0.
pub(crate) fn initial(rng: &mut impl rand_core::Rng) -> Vec<f32> {
    let mut weights = vec![0.0_f32; num_parameters()];
    let mut fill = |tensor: Tensor, bound: f32| {
        for weight in &mut weights[tensor.range()] {
            *weight = bound * (2.0 * random::uniform(rng) - 1.0);
        }
    };
    fill(Tensor::GruInput, 1.0 / (INPUT as f32).sqrt());
    fill(Tensor::GruState, 1.0 / (HIDDEN as f32).sqrt());
    fill(Tensor::Gesture, 0.3 / (HIDDEN as f32).sqrt());
    fill(Tensor::TimbreState, 1.0 / (HIDDEN as f32).sqrt());
    fill(Tensor::TimbreGesture, 0.5);
    fill(Tensor::TimbreChange, 0.1);
    fill(Tensor::Timbre, 0.5 / (TIMBRE_HIDDEN as f32).sqrt());
    // Components start apart, and narrower than the data.
    fill(Tensor::GestureBias, 0.1);
    fill(Tensor::TimbreBias, 0.3);
    let spreads = GESTURE_COMPONENTS * (1 + GESTURE_DIM)..GESTURE_COMPONENTS * (1 + 2 * GESTURE_DIM);
    weights[Tensor::GestureBias.range()][spreads].iter_mut().for_each(|spread| *spread -= 1.0);
    for row in weights[Tensor::TimbreBias.range()].chunks_exact_mut(TIMBRE_ROW) {
        row[2 * TIMBRE_COMPONENTS..].iter_mut().for_each(|spread| *spread -= 0.5);
    }
    weights
}

/// The network of a vector of weights.
pub(crate) fn network(weights: &[f32]) -> Network {
    let tensor = |tensor: Tensor| weights[tensor.range()].to_vec();
    Network {
        gru_input: PackedMatrix::from_rows(&weights[Tensor::GruInput.range()], INPUT),
        gru_state: PackedMatrix::from_rows(&weights[Tensor::GruState.range()], HIDDEN),
        gru_input_bias: tensor(Tensor::GruInputBias),
        gru_state_bias: tensor(Tensor::GruStateBias),
        gesture: PackedMatrix::from_rows(&weights[Tensor::Gesture.range()], HIDDEN),
        gesture_bias: tensor(Tensor::GestureBias),
        timbre_state: PackedMatrix::from_rows(&weights[Tensor::TimbreState.range()], HIDDEN),
        timbre_gesture: tensor(Tensor::TimbreGesture),
        timbre_hidden_bias: tensor(Tensor::TimbreHiddenBias),
        timbre_change: tensor(Tensor::TimbreChange),
        timbre: PackedMatrix::from_rows(&weights[Tensor::Timbre.range()], TIMBRE_HIDDEN),
        timbre_bias: tensor(Tensor::TimbreBias),
    }
}

/// Lengths of all tensors in their order.
#[cfg(test)]
pub(crate) fn tensor_lengths() -> &'static [usize] {
    &LENGTHS
}
