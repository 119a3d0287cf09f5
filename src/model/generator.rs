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
///
/// Stand-in until the real one is merged: a steady tone at the pitch held, its level shaken by chance.
#[derive(Clone, Debug)]
pub struct Generator {
    seed: u64,
    released_steps: u32,
    velocity: f32,
}

impl Generator {
    /// A generator that has not started. Allocates all it will ever need.
    pub fn new() -> Self {
        Self { seed: 0, released_steps: 0, velocity: 1.0 }
    }

    /// Begins a take. Audio thread: neither allocates nor fails.
    pub fn start(&mut self, _model: &Model, start: &Start) {
        *self = Self { seed: start.seed, released_steps: 0, velocity: start.velocity };
    }

    /// The next frame, 10 ms after the last. Audio thread: neither allocates nor fails.
    pub fn step(&mut self, model: &Model, controls: &Controls) -> Frame {
        self.seed = self.seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let random = (self.seed >> 40) as f32 / (1_u64 << 24) as f32 - 0.5;
        self.released_steps = if controls.gate { 0 } else { self.released_steps + 1 };
        Frame {
            pitch_hz: controls.pitch_hz.unwrap_or(110.0) * (1.0 + 0.01 * controls.own_pitch * random),
            loudness_db: model.codec.loudness_mean
                + controls.gain_db
                + 6.0 * controls.chance * random
                + 3.0 * self.velocity
                - self.released_steps as f32,
            envelope_db: [-40.0; 80],
            noise: [0.1; 32],
        }
    }

    /// Has the take ended by itself (released and faded below hearing)?
    pub fn ended(&self) -> bool {
        self.released_steps > 60
    }

    /// Position on the sound map, −1 to 1, of the last frame.
    pub fn map_position(&self, _model: &Model) -> [f32; 2] {
        [(self.seed >> 40) as f32 / (1_u64 << 24) as f32, 0.0]
    }
}

impl Default for Generator {
    fn default() -> Self {
        Self::new()
    }
}
