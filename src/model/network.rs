//! The recurrent network: a gated recurrent unit and the heads of the two mixtures.

use super::codec::TIMBRE_DIM;

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

/// Components of the timbre mixture.
pub const TIMBRE_COMPONENTS: usize = 8;

/// Outputs of the gesture head: for each component a weight, two means, two spreads; padded to whole lanes.
pub const GESTURE_OUT: usize = 24;

/// Width of the hidden layer of the timbre head.
pub const TIMBRE_HIDDEN: usize = 128;

/// Outputs of the timbre head: for each component a weight, [`TIMBRE_DIM`] means, [`TIMBRE_DIM`] spreads.
pub const TIMBRE_OUT: usize = TIMBRE_COMPONENTS * (1 + 2 * TIMBRE_DIM);

/// Weights of the network. Matrices are `[outputs][inputs]`, row-major.
#[derive(Clone, Debug, PartialEq)]
pub struct Network {
    /// Input to gates (reset, update, candidate). Shape `[3 · HIDDEN][INPUT]`.
    pub gru_input: Vec<f32>,
    /// State to gates. Shape `[3 · HIDDEN][HIDDEN]`.
    pub gru_state: Vec<f32>,
    /// Bias of the gates on the input's side. Shape `[3 · HIDDEN]`.
    pub gru_input_bias: Vec<f32>,
    /// Bias of the gates on the state's side. Shape `[3 · HIDDEN]`.
    pub gru_state_bias: Vec<f32>,
    /// State to the gesture mixture. Shape `[GESTURE_OUT][HIDDEN]`.
    pub gesture: Vec<f32>,
    /// Bias of the gesture mixture. Shape `[GESTURE_OUT]`.
    pub gesture_bias: Vec<f32>,
    /// State to the hidden layer of timbre. Shape `[TIMBRE_HIDDEN][HIDDEN]`.
    pub timbre_state: Vec<f32>,
    /// Gesture to the hidden layer of timbre. Shape `[TIMBRE_HIDDEN][GESTURE_DIM]`.
    pub timbre_gesture: Vec<f32>,
    /// Bias of the hidden layer of timbre. Shape `[TIMBRE_HIDDEN]`.
    pub timbre_hidden_bias: Vec<f32>,
    /// Hidden layer to the timbre mixture. Shape `[TIMBRE_OUT][TIMBRE_HIDDEN]`.
    pub timbre: Vec<f32>,
    /// Bias of the timbre mixture. Shape `[TIMBRE_OUT]`.
    pub timbre_bias: Vec<f32>,
}
