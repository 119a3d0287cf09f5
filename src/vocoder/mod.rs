//! Frames and audio: analysis off-line, synthesis in real time.

pub mod analysis;
mod beneath;
pub mod correction;
mod curves;
pub mod envelope;
pub mod frame;
pub mod harmonics;
pub mod measured;
pub mod minimum_phase;
pub mod moment;
mod noise;
pub mod noise_bands;
mod noise_share;
mod partials;
pub mod pitch;
pub mod shape;
pub mod shared_tables;
pub mod synthesis;
mod targets;
mod whistle;
