//! Frames and audio: analysis off-line, synthesis in real time.

pub mod analysis;
pub mod frame;
pub mod shape;
pub mod synthesis;
