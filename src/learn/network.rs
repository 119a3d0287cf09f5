//! The network forward and backward over a batch of sequences: likelihood and its gradient.
//!
//! Backpropagation through time (P. J. Werbos 1990) for the gated recurrent unit of [`crate::model::network`], in
//! matrix products over all lanes of a batch. The step that plays is written separately, for one voice; a test holds
//! both to the same numbers.

use super::likelihood::{Judged, gesture_nats};
use super::matrix::{View, add_rows, multiply, sum_rows, transpose};
use super::parameters::Tensor;
use super::timbre::TimbrePass;
use crate::dsp::maths::LANES;
use crate::model::network::{GESTURE_COMPONENTS, GESTURE_DIM, HIDDEN, INPUT, TIMBRE_HIDDEN, VECTOR_DIM};

/// Outputs of the gesture head that mean something; the rest pads.
const GESTURE_USED: usize = GESTURE_COMPONENTS * (1 + 2 * GESTURE_DIM);

/// A batch: `steps` steps of `lanes` sequences side by side. Rows are `[steps][lanes]`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Batch {
    /// Sequences side by side.
    pub lanes: usize,
    /// Steps of each.
    pub steps: usize,
    /// Network inputs, the frame vectors before first. Shape `[steps][lanes][INPUT]`.
    pub inputs: Vec<f32>,
    /// Frame vectors to be predicted. Shape `[steps][lanes][VECTOR_DIM]`.
    pub targets: Vec<f32>,
    /// 1 where there is a frame, 0 in padding. Shape `[steps][lanes]`.
    pub present: Vec<f32>,
    /// 1 where the state goes on from the step before, 0 where a sequence begins. Shape `[steps][lanes]`.
    pub keep: Vec<f32>,
    /// What the state is multiplied with on its way to the heads; empty where nothing is left out.
    /// Shape `[steps][lanes][HIDDEN]`.
    pub mask: Vec<f32>,
}

/// Scratch space of forward and backward, and the states that go on from batch to batch.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pass {
    /// State of each lane after the last batch. Shape `[lanes][HIDDEN]`.
    pub carry: Vec<f32>,
    /// States after each step. Shape `[steps][lanes][HIDDEN]`.
    pub states: Vec<f32>,
    /// States as the heads see them, and padding to whole lanes. Shape `[steps · lanes …][HIDDEN]`.
    masked: Vec<f32>,
    previous: Vec<f32>,
    /// The state's weights transposed, as their product need not pack them. Shape `[HIDDEN][3 · HIDDEN]`.
    state_weights: Vec<f32>,
    from_input: Vec<f32>,
    from_state: Vec<f32>,
    gates: Vec<f32>,
    /// What the gesture head puts out, then its slopes, frames side by side. Shape `[GESTURE_USED][steps · lanes …]`.
    gesture: Vec<f32>,
    hidden: Vec<f32>,
    timbre: TimbrePass,
    slope_state: Vec<f32>,
    slope_gates_input: Vec<f32>,
    slope_gates_state: Vec<f32>,
    slope_hidden: Vec<f32>,
}

impl Pass {
    /// Runs the recurrent unit over a batch; states are left in [`Pass::states`].
    pub(crate) fn run_states(&mut self, weights: &[f32], batch: &Batch) {
        let (rows, lanes) = (batch.steps * batch.lanes, batch.lanes);
        self.carry.resize(lanes * HIDDEN, 0.0);
        self.from_input.resize(rows * 3 * HIDDEN, 0.0);
        self.from_state.resize(rows * 3 * HIDDEN, 0.0);
        self.gates.resize(rows * 3 * HIDDEN, 0.0);
        self.states.resize(rows * HIDDEN, 0.0);
        self.previous.resize(rows * HIDDEN, 0.0);
        let input_weights = View::new(&weights[Tensor::GruInput.range()], 3 * HIDDEN, INPUT);
        multiply(View::new(&batch.inputs, rows, INPUT), input_weights.t(), 0.0, &mut self.from_input);
        add_rows(&mut self.from_input[..rows * 3 * HIDDEN], &weights[Tensor::GruInputBias.range()]);
        transpose(&weights[Tensor::GruState.range()], HIDDEN, &mut self.state_weights);
        let state_weights = View::new(&self.state_weights, HIDDEN, 3 * HIDDEN);
        for step in 0..batch.steps {
            let row = step * lanes;
            let previous = &mut self.previous[row * HIDDEN..(row + lanes) * HIDDEN];
            for lane in 0..lanes {
                let keep = batch.keep[row + lane];
                let source = if step == 0 {
                    &self.carry[lane * HIDDEN..(lane + 1) * HIDDEN]
                } else {
                    &self.states[(row - lanes + lane) * HIDDEN..(row - lanes + lane + 1) * HIDDEN]
                };
                for (out, h) in previous[lane * HIDDEN..(lane + 1) * HIDDEN].iter_mut().zip(source) {
                    *out = keep * h;
                }
            }
            let from_state = &mut self.from_state[row * 3 * HIDDEN..(row + lanes) * 3 * HIDDEN];
            multiply(View::new(previous, lanes, HIDDEN), state_weights, 0.0, from_state);
            add_rows(from_state, &weights[Tensor::GruStateBias.range()]);
            for lane in 0..lanes {
                let at = row + lane;
                gate_step(
                    &self.from_input[at * 3 * HIDDEN..(at + 1) * 3 * HIDDEN],
                    &from_state[lane * 3 * HIDDEN..(lane + 1) * 3 * HIDDEN],
                    &previous[lane * HIDDEN..(lane + 1) * HIDDEN],
                    &mut self.gates[at * 3 * HIDDEN..(at + 1) * 3 * HIDDEN],
                    &mut self.states[at * HIDDEN..(at + 1) * HIDDEN],
                );
            }
        }
        let last = (rows - lanes) * HIDDEN;
        self.carry.copy_from_slice(&self.states[last..last + lanes * HIDDEN]);
    }

    /// Sum of nats over present frames, forward alone.
    pub(crate) fn likelihood(&mut self, weights: &[f32], batch: &Batch) -> f64 {
        self.run_states(weights, batch);
        self.run_heads(weights, batch);
        let gesture = self.judge_gestures(batch, None);
        gesture + self.timbre.nats(weights, &self.hidden, batch)
    }

    /// Sum of nats; adds the gradient of that sum times `scale` to `gradient`.
    pub(crate) fn gradient(
        &mut self,
        weights: &[f32],
        batch: &Batch,
        scale: f32,
        gradient: &mut [f32],
    ) -> f64 {
        self.run_states(weights, batch);
        self.run_heads(weights, batch);
        let gesture = self.judge_gestures(batch, Some(scale));
        let timbre =
            self.timbre.gradient(weights, &self.hidden, batch, scale, &mut self.slope_hidden, gradient);
        self.backward_heads(weights, batch, gradient);
        self.backward_states(weights, batch, gradient);
        gesture + timbre
    }

    fn run_heads(&mut self, weights: &[f32], batch: &Batch) {
        let rows = batch.steps * batch.lanes;
        let width = rows.next_multiple_of(LANES);
        self.hidden.resize(rows * TIMBRE_HIDDEN, 0.0);
        self.masked.clear();
        self.masked.extend_from_slice(&self.states[..rows * HIDDEN]);
        mask(&mut self.masked, &batch.mask);
        self.masked.resize(width * HIDDEN, 0.0);
        self.gesture.resize(GESTURE_USED * width, 0.0);
        for (row, bias) in self.gesture.chunks_exact_mut(width).zip(&weights[Tensor::GestureBias.range()]) {
            row.fill(*bias);
        }
        let gesture = View::new(&weights[Tensor::Gesture.range()], GESTURE_USED, HIDDEN);
        multiply(gesture, View::new(&self.masked, width, HIDDEN).t(), 1.0, &mut self.gesture);
        let states = View::new(&self.masked, rows, HIDDEN);
        let hidden = View::new(&weights[Tensor::TimbreState.range()], TIMBRE_HIDDEN, HIDDEN);
        multiply(states, hidden.t(), 0.0, &mut self.hidden);
        let bias = &weights[Tensor::TimbreHiddenBias.range()];
        let from_gesture = &weights[Tensor::TimbreGesture.range()];
        for row in 0..rows {
            let target = &batch.targets[row * VECTOR_DIM..row * VECTOR_DIM + GESTURE_DIM];
            let hidden = &mut self.hidden[row * TIMBRE_HIDDEN..(row + 1) * TIMBRE_HIDDEN];
            for (idx, value) in hidden.iter_mut().enumerate() {
                let gesture = from_gesture[2 * idx] * target[0] + from_gesture[2 * idx + 1] * target[1];
                *value += bias[idx] + gesture;
            }
        }
    }

    /// Nats of the gestures; with a scale, their head's outputs become slopes.
    fn judge_gestures(&mut self, batch: &Batch, scale: Option<f32>) -> f64 {
        let rows = batch.steps * batch.lanes;
        let width = rows.next_multiple_of(LANES);
        let mut changes = vec![0.0; GESTURE_DIM * width];
        for row in 0..rows {
            for d in 0..GESTURE_DIM {
                changes[d * width + row] =
                    batch.targets[row * VECTOR_DIM + d] - batch.inputs[row * INPUT + d];
            }
        }
        let mut present = batch.present[..rows].to_vec();
        present.resize(width, 0.0);
        let raw = &mut self.gesture[..GESTURE_USED * width];
        gesture_nats(Judged { raw, changes: &changes, present: &present, scale })
    }

    fn backward_heads(&mut self, weights: &[f32], batch: &Batch, gradient: &mut [f32]) {
        let rows = batch.steps * batch.lanes;
        let width = rows.next_multiple_of(LANES);
        self.slope_state.resize(width * HIDDEN, 0.0);
        let states = View::new(&self.masked, rows, HIDDEN);
        let slope_hidden = View::new(&self.slope_hidden, rows, TIMBRE_HIDDEN);
        multiply(slope_hidden.t(), states, 1.0, &mut gradient[Tensor::TimbreState.range()]);
        let slopes = &self.slope_hidden[..rows * TIMBRE_HIDDEN];
        sum_rows(slopes, &mut gradient[Tensor::TimbreHiddenBias.range()]);
        let from_gesture = &mut gradient[Tensor::TimbreGesture.range()];
        for (slopes, target) in slopes.chunks_exact(TIMBRE_HIDDEN).zip(batch.targets.chunks_exact(VECTOR_DIM))
        {
            for (idx, slope) in slopes.iter().enumerate() {
                from_gesture[2 * idx] += slope * target[0];
                from_gesture[2 * idx + 1] += slope * target[1];
            }
        }
        let to_hidden = View::new(&weights[Tensor::TimbreState.range()], TIMBRE_HIDDEN, HIDDEN);
        multiply(slope_hidden, to_hidden, 0.0, &mut self.slope_state);
        let slope_gesture = View::new(&self.gesture, GESTURE_USED, width);
        let states = View::new(&self.masked, width, HIDDEN);
        multiply(slope_gesture, states, 1.0, &mut gradient[Tensor::Gesture.range()]);
        let by_bias = &mut gradient[Tensor::GestureBias.range()];
        for (by_bias, slopes) in by_bias.iter_mut().zip(self.gesture.chunks_exact(width)) {
            *by_bias += slopes.iter().sum::<f32>();
        }
        let gesture = View::new(&weights[Tensor::Gesture.range()], GESTURE_USED, HIDDEN);
        multiply(slope_gesture.t(), gesture, 1.0, &mut self.slope_state);
        mask(&mut self.slope_state, &batch.mask);
    }

    fn backward_states(&mut self, weights: &[f32], batch: &Batch, gradient: &mut [f32]) {
        let (rows, lanes) = (batch.steps * batch.lanes, batch.lanes);
        self.slope_gates_input.resize(rows * 3 * HIDDEN, 0.0);
        self.slope_gates_state.resize(rows * 3 * HIDDEN, 0.0);
        let state_weights = View::new(&weights[Tensor::GruState.range()], 3 * HIDDEN, HIDDEN);
        let mut later = vec![0.0_f32; lanes * HIDDEN];
        for step in (0..batch.steps).rev() {
            let row = step * lanes;
            for lane in 0..lanes {
                let at = row + lane;
                gate_slopes(
                    &self.gates[at * 3 * HIDDEN..(at + 1) * 3 * HIDDEN],
                    &self.from_state[at * 3 * HIDDEN..(at + 1) * 3 * HIDDEN],
                    &self.previous[at * HIDDEN..(at + 1) * HIDDEN],
                    &self.slope_state[at * HIDDEN..(at + 1) * HIDDEN],
                    &mut later[lane * HIDDEN..(lane + 1) * HIDDEN],
                    &mut self.slope_gates_input[at * 3 * HIDDEN..(at + 1) * 3 * HIDDEN],
                    &mut self.slope_gates_state[at * 3 * HIDDEN..(at + 1) * 3 * HIDDEN],
                );
            }
            let slopes = &self.slope_gates_state[row * 3 * HIDDEN..(row + lanes) * 3 * HIDDEN];
            multiply(View::new(slopes, lanes, 3 * HIDDEN), state_weights, 1.0, &mut later);
            for lane in 0..lanes {
                let keep = batch.keep[row + lane];
                for slope in &mut later[lane * HIDDEN..(lane + 1) * HIDDEN] {
                    *slope *= keep;
                }
            }
        }
        let from_input = View::new(&self.slope_gates_input, rows, 3 * HIDDEN);
        let from_state = View::new(&self.slope_gates_state, rows, 3 * HIDDEN);
        let inputs = View::new(&batch.inputs, rows, INPUT);
        multiply(from_input.t(), inputs, 1.0, &mut gradient[Tensor::GruInput.range()]);
        let previous = View::new(&self.previous, rows, HIDDEN);
        multiply(from_state.t(), previous, 1.0, &mut gradient[Tensor::GruState.range()]);
        let num = rows * 3 * HIDDEN;
        sum_rows(&self.slope_gates_input[..num], &mut gradient[Tensor::GruInputBias.range()]);
        sum_rows(&self.slope_gates_state[..num], &mut gradient[Tensor::GruStateBias.range()]);
    }
}

/// Multiplies by a mask, unless it is empty.
fn mask(values: &mut [f32], mask: &[f32]) {
    for (value, mask) in values.iter_mut().zip(mask) {
        *value *= mask;
    }
}

/// One lane, one step forward; `gates` keeps r, z and n for the way back.
#[multiversion::multiversion(targets("x86_64+avx2", "x86_64+avx"))]
fn gate_step(from_input: &[f32], from_state: &[f32], previous: &[f32], gates: &mut [f32], h: &mut [f32]) {
    use crate::dsp::maths::{sigmoid, tanh};
    // One length, seen once: no place is checked within the loop.
    let (from_input, from_state) = (&from_input[..3 * HIDDEN], &from_state[..3 * HIDDEN]);
    let (previous, gates, h) = (&previous[..HIDDEN], &mut gates[..3 * HIDDEN], &mut h[..HIDDEN]);
    for idx in 0..HIDDEN {
        let r = sigmoid(from_input[idx] + from_state[idx]);
        let z = sigmoid(from_input[HIDDEN + idx] + from_state[HIDDEN + idx]);
        let n = tanh(from_input[2 * HIDDEN + idx] + r * from_state[2 * HIDDEN + idx]);
        gates[idx] = r;
        gates[HIDDEN + idx] = z;
        gates[2 * HIDDEN + idx] = n;
        h[idx] = (1.0 - z) * n + z * previous[idx];
    }
}

/// One lane, one step back. `later` holds the slope by the state from the steps after; on return, its part that goes
/// straight to the state before.
#[multiversion::multiversion(targets("x86_64+avx2", "x86_64+avx"))]
fn gate_slopes(
    gates: &[f32],
    from_state: &[f32],
    previous: &[f32],
    slope_state: &[f32],
    later: &mut [f32],
    by_input: &mut [f32],
    by_state: &mut [f32],
) {
    let (gates, from_state, previous) =
        (&gates[..3 * HIDDEN], &from_state[..3 * HIDDEN], &previous[..HIDDEN]);
    let (slope_state, later) = (&slope_state[..HIDDEN], &mut later[..HIDDEN]);
    let (by_input, by_state) = (&mut by_input[..3 * HIDDEN], &mut by_state[..3 * HIDDEN]);
    for idx in 0..HIDDEN {
        let (r, z, n) = (gates[idx], gates[HIDDEN + idx], gates[2 * HIDDEN + idx]);
        let slope = slope_state[idx] + later[idx];
        let by_n = slope * (1.0 - z) * (1.0 - n * n);
        let by_z = slope * (previous[idx] - n) * z * (1.0 - z);
        let by_r = by_n * from_state[2 * HIDDEN + idx] * r * (1.0 - r);
        by_input[idx] = by_r;
        by_input[HIDDEN + idx] = by_z;
        by_input[2 * HIDDEN + idx] = by_n;
        by_state[idx] = by_r;
        by_state[HIDDEN + idx] = by_z;
        by_state[2 * HIDDEN + idx] = by_n * r;
        later[idx] = slope * z;
    }
}

#[cfg(test)]
mod tests {
    use super::super::parameters::{initial, network, num_parameters};
    use super::*;
    use crate::model::network::State;
    use rand_core::SeedableRng as _;

    fn batch(lanes: usize, steps: usize) -> Batch {
        let rows = lanes * steps;
        let wave =
            |num: usize, rate: f32| -> Vec<f32> { (0..num).map(|i| (i as f32 * rate).sin()).collect() };
        let mut keep = vec![1.0; rows];
        keep[..lanes].fill(0.0);
        keep[(steps / 2) * lanes] = 0.0;
        let mut present = vec![1.0; rows];
        present[rows - 1] = 0.0;
        Batch {
            lanes,
            steps,
            inputs: wave(rows * INPUT, 0.31),
            targets: wave(rows * VECTOR_DIM, 0.23),
            present,
            keep,
            mask: (0..rows * HIDDEN).map(|idx| [0.0, 1.5, 1.5][idx % 3]).collect(),
        }
    }

    #[test]
    fn gradient_agrees_with_finite_differences_in_every_tensor() {
        let mut rng = rand_pcg::Pcg32::seed_from_u64(5);
        let mut weights = initial(&mut rng);
        // The hidden layer of timbre has corners at 0: half of it stays above them and half below, for one that is
        // crossed within a step spoils the difference.
        for (idx, bias) in weights[Tensor::TimbreHiddenBias.range()].iter_mut().enumerate() {
            *bias += if idx % 2 == 0 { 3.0 } else { -3.0 };
        }
        let batch = batch(2, 5);
        let mut gradient = vec![0.0; num_parameters()];
        Pass::default().gradient(&weights, &batch, 1.0, &mut gradient);
        let mut first = 0;
        for (tensor, length) in super::super::parameters::tensor_lengths().iter().enumerate() {
            for place in [0, length / 3, length - 1 - length / 7] {
                let idx = first + place;
                let at = |step: f32| {
                    let mut moved = weights.clone();
                    moved[idx] += step;
                    Pass::default().likelihood(&moved, &batch)
                };
                let difference = (at(1e-3) - at(-1e-3)) / 2e-3;
                let tolerance = 0.02 * difference.abs() + 0.02;
                let got = f64::from(gradient[idx]);
                assert!((difference - got).abs() < tolerance, "tensor {tensor}: {got}, {difference}");
            }
            first += length;
        }
    }

    #[test]
    fn the_step_that_plays_gives_the_states_that_were_learned_with() {
        let mut rng = rand_pcg::Pcg32::seed_from_u64(6);
        let weights = initial(&mut rng);
        let batch = batch(1, 12);
        let mut pass = Pass::default();
        pass.run_states(&weights, &batch);
        let network = network(&weights);
        let mut state = State::new();
        for step in 0..12 {
            if batch.keep[step] == 0.0 {
                state = State::new();
            }
            let mut input = [0.0; INPUT];
            input.copy_from_slice(&batch.inputs[step * INPUT..(step + 1) * INPUT]);
            network.step(&mut state, &input);
            for (played, learned) in state.numbers().iter().zip(&pass.states[step * HIDDEN..]) {
                assert!((played - learned).abs() < 1e-5, "step {step}: {played}, {learned}");
            }
        }
    }
}
