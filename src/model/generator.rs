//! One take: the state of a voice that runs through the model, frame by frame.

use super::Model;
use crate::vocoder::frame::Frame;

/// How a take begins.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Start {
    /// Pitch of the key, Hz; `None` in a free run.
    pub pitch_hz: Option<f32>,
    /// Velocity, 0 to 1.
    pub velocity: f32,
    /// Seed of all chance in this take.
    pub seed: u64,
}

/// A place on the sound map that timbre is drawn to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Steer {
    /// Position on the map, −1 to 1.
    pub x: f32,
    /// Position on the map, −1 to 1.
    pub y: f32,
    /// 0 (none) to 1.
    pub strength: f32,
}

/// What the player holds while the take runs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Controls {
    /// Is the key down? Ignored in a free run.
    pub gate: bool,
    /// Pitch of the key with bend, Hz; `None` in a free run.
    pub pitch_hz: Option<f32>,
    /// Level added to the model's own, dB (velocity, pressure and expression at work).
    pub gain_db: f32,
    /// 0 (strict tuning) to 1 (the learned melody, transposed to the key).
    pub own_pitch: f32,
    /// 0 (steady) to 1 (the learned dynamics).
    pub own_loudness: f32,
    /// 0 (imagined) to 1 (remembered).
    pub memory: f32,
    /// 0 (deterministic), 1 (the learned distribution), to 1.5.
    pub chance: f32,
    /// Where timbre is drawn to, if anywhere.
    pub steer: Option<Steer>,
}

/// State of one take. Holds no model: the caller passes the same one to each call.
#[derive(Clone, Debug)]
pub struct Generator {}

impl Generator {
    /// A generator that has not started. Allocates all it will ever need.
    pub fn new() -> Self {
        Self {}
    }

    /// Begins a take. Audio thread: neither allocates nor fails.
    pub fn start(&mut self, _model: &Model, _start: &Start) {}

    /// The next frame, 10 ms after the last. Audio thread: neither allocates nor fails.
    pub fn step(&mut self, _model: &Model, _controls: &Controls) -> Frame {
        Frame { pitch_hz: 100.0, loudness_db: -120.0, envelope_db: [0.0; 80], noise: [1.0; 32] }
    }

    /// Has the take ended by itself (released and faded below hearing)?
    pub fn ended(&self) -> bool {
        false
    }

    /// Position on the sound map, −1 to 1, of the last frame.
    pub fn map_position(&self, _model: &Model) -> [f32; 2] {
        [0.0; 2]
    }
}

impl Default for Generator {
    fn default() -> Self {
        Self::new()
    }
}
