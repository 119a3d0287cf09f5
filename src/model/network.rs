//! The recurrent network: a gated recurrent unit and the heads of the two mixtures.

use super::codec::TIMBRE_DIM;
use crate::dsp::maths;
use crate::dsp::packed_matrix::PackedMatrix;

/// Width of the recurrent state.
pub const HIDDEN: usize = 192;

/// Numbers of a gesture: pitch and loudness.
pub const GESTURE_DIM: usize = 2;

/// Numbers of a whole frame vector: gesture, then timbre.
pub const VECTOR_DIM: usize = GESTURE_DIM + TIMBRE_DIM;

/// Network input: the frame vector before, the gate, and padding to whole lanes.
pub const INPUT: usize = 40;

/// Components of the gesture mixture.
pub const GESTURE_COMPONENTS: usize = 4;

/// Components of the mixture of each number of timbre.
pub const TIMBRE_COMPONENTS: usize = 4;

/// Outputs of the gesture head: for each component a weight, two means, two spreads; padded to whole lanes.
pub const GESTURE_OUT: usize = 24;

/// Width of the hidden layer of the timbre head.
pub const TIMBRE_HIDDEN: usize = 128;

/// Outputs of the timbre head for one number: for each component a weight, a mean, a spread.
pub const TIMBRE_ROW: usize = 3 * TIMBRE_COMPONENTS;

/// Outputs of the timbre head for all numbers.
pub const TIMBRE_OUT: usize = TIMBRE_DIM * TIMBRE_ROW;

/// Rows of the large matrices that stand together.
const TOGETHER: usize = 32;

/// Weights of the network. Shapes are `[outputs][inputs]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Network {
    /// Input to gates (reset, update, candidate). Shape `[3 · HIDDEN][INPUT]`.
    pub gru_input: PackedMatrix<TOGETHER>,
    /// State to gates. Shape `[3 · HIDDEN][HIDDEN]`.
    pub gru_state: PackedMatrix<TOGETHER>,
    /// Bias of the gates on the input's side. Shape `[3 · HIDDEN]`.
    pub gru_input_bias: Vec<f32>,
    /// Bias of the gates on the state's side. Shape `[3 · HIDDEN]`.
    pub gru_state_bias: Vec<f32>,
    /// State to the gesture mixture. Shape `[GESTURE_OUT][HIDDEN]`.
    pub gesture: PackedMatrix<GESTURE_OUT>,
    /// Bias of the gesture mixture. Shape `[GESTURE_OUT]`.
    pub gesture_bias: Vec<f32>,
    /// State to the hidden layer of timbre. Shape `[TIMBRE_HIDDEN][HIDDEN]`.
    pub timbre_state: PackedMatrix<TOGETHER>,
    /// Gesture to the hidden layer of timbre. Shape `[TIMBRE_HIDDEN][GESTURE_DIM]`.
    pub timbre_gesture: Vec<f32>,
    /// Bias of the hidden layer of timbre. Shape `[TIMBRE_HIDDEN]`.
    pub timbre_hidden_bias: Vec<f32>,
    /// How far each number changed, to the hidden layer that the numbers after it see.
    /// Shape `[TIMBRE_DIM][TIMBRE_HIDDEN]`.
    pub timbre_change: Vec<f32>,
    /// Hidden layer to the mixture of each number. Shape `[TIMBRE_DIM][TIMBRE_ROW][TIMBRE_HIDDEN]`.
    pub timbre: PackedMatrix<TIMBRE_ROW>,
    /// Bias of the mixture of each number. Shape `[TIMBRE_DIM][TIMBRE_ROW]`.
    pub timbre_bias: Vec<f32>,
}

/// Places in the network's input beyond the frame vector.
pub const INPUT_GATE: usize = VECTOR_DIM;
/// 1 on the first step of an event, else 0.
pub const INPUT_FIRST: usize = VECTOR_DIM + 1;
/// How far the event is transposed from what was recorded, whitened pitch: told, so that free runs keep to the
/// recordings' pitches though learning hears transposed ones.
pub const INPUT_SHIFT: usize = VECTOR_DIM + 2;
/// Standard deviation of the noise on the frame vector before, whitened units: told, so that learning with noise makes
/// the network robust and its answer to a clean frame stays sharp (J. Ho et al. 2022, "Cascaded diffusion models",
/// §4: conditioning augmentation). 0 in playing.
pub const INPUT_NOISE: usize = VECTOR_DIM + 3;

/// Least and greatest logarithm of a spread, in whitened units.
pub const LOG_SPREAD: (f32, f32) = (-4.0, 1.0);

/// The recurrent state of one voice.
#[derive(Clone, Debug)]
pub struct State {
    /// Shape `[HIDDEN]`.
    h: [f32; HIDDEN],
    /// What the gates get of it, once [`Network::prepare`] has worked it out. Shape `[3 · HIDDEN]`.
    from_state: [f32; 3 * HIDDEN],
    is_prepared: bool,
}

impl State {
    /// The state before anything was heard.
    pub fn new() -> Self {
        Self { h: [0.0; HIDDEN], from_state: [0.0; 3 * HIDDEN], is_prepared: false }
    }

    /// Its numbers.
    pub fn numbers(&self) -> &[f32; HIDDEN] {
        &self.h
    }
}

impl Default for State {
    fn default() -> Self {
        Self::new()
    }
}

impl Network {
    /// One step of the gated recurrent unit (Cho et al. 2014; the variant whose reset gate acts after the product, as
    /// matrix libraries have it). Audio thread.
    ///
    /// ```text
    /// r = σ(W_r x + b_r + U_r h + c_r),  z = σ(W_z x + b_z + U_z h + c_z)
    /// n = tanh(W_n x + b_n + r ⊙ (U_n h + c_n)),  h' = (1 − z) ⊙ n + z ⊙ h
    /// ```
    pub fn step(&self, state: &mut State, input: &[f32; INPUT]) {
        self.prepare(state);
        let mut from_input = [0.0_f32; 3 * HIDDEN];
        self.gru_input.affine(&self.gru_input_bias, input, &mut from_input);
        update(&from_input, &state.from_state, &mut state.h);
        state.is_prepared = false;
    }

    /// Does what of a step needs no input, more than half of the work: if there is time before. Audio thread.
    pub fn prepare(&self, state: &mut State) {
        if !state.is_prepared {
            self.gru_state.affine(&self.gru_state_bias, &state.h, &mut state.from_state);
            state.is_prepared = true;
        }
    }

    /// The gesture mixture given the state. Audio thread.
    pub fn gesture_head(&self, state: &State, out: &mut [f32; GESTURE_OUT]) {
        self.gesture.affine(&self.gesture_bias, &state.h, out);
    }

    /// Timbre given state and gesture, number by number: each has a mixture of its own that knows the numbers before it
    /// (B. Uria, I. Murray, H. Larochelle 2013, "RNADE: the real-valued neural autoregressive density-estimator").
    /// `N` candidates are drawn side by side, so that a matrix is read once for all. `draw` is given a candidate, a
    /// number's index and its mixture's row, and answers how far the number changes. Audio thread.
    ///
    /// ```text
    /// a_0 = W h + G gesture + b,  mixture_d = U_d max(a_d, 0) + c_d,  a_{d+1} = a_d + v_d change_d
    /// ```
    pub fn timbre_numbers<const N: usize>(
        &self,
        state: &State,
        gesture: [f32; GESTURE_DIM],
        mut draw: impl FnMut(usize, usize, &[f32; TIMBRE_ROW]) -> f32,
    ) {
        let mut before = [0.0_f32; TIMBRE_HIDDEN];
        self.timbre_state.affine(&self.timbre_hidden_bias, &state.h, &mut before);
        for (value, weights) in before.iter_mut().zip(self.timbre_gesture.chunks_exact(GESTURE_DIM)) {
            *value += weights[0] * gesture[0] + weights[1] * gesture[1];
        }
        let mut before = [before; N];
        let biases = self.timbre_bias.chunks_exact(TIMBRE_ROW);
        let changes = self.timbre_change.chunks_exact(TIMBRE_HIDDEN);
        for (d, (bias, by_change)) in biases.zip(changes).enumerate() {
            for (candidate, before) in before.iter_mut().enumerate() {
                let hidden = before.map(|value| value.max(0.0));
                let mut row = [0.0_f32; TIMBRE_ROW];
                self.timbre.affine_from(d * TIMBRE_ROW, bias, &hidden, &mut row);
                let change = draw(candidate, d, &row);
                for (value, weight) in before.iter_mut().zip(by_change) {
                    *value += change * weight;
                }
            }
        }
    }
}

#[multiversion::multiversion(targets("x86_64+avx2", "x86_64+avx"))]
fn update(from_input: &[f32; 3 * HIDDEN], from_state: &[f32; 3 * HIDDEN], h: &mut [f32; HIDDEN]) {
    for idx in 0..HIDDEN {
        let r = maths::sigmoid(from_input[idx] + from_state[idx]);
        let z = maths::sigmoid(from_input[HIDDEN + idx] + from_state[HIDDEN + idx]);
        let n = maths::tanh(from_input[2 * HIDDEN + idx] + r * from_state[2 * HIDDEN + idx]);
        h[idx] = (1.0 - z) * n + z * h[idx];
    }
}
