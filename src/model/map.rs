//! The sound map: two-dimensional positions of some real frames.

/// Most points on a map.
pub const MAX_POINTS: usize = 400;

/// Points that a player sees and drags towards.
#[derive(Clone, Debug, PartialEq)]
pub struct SoundMap {
    /// Positions, −1 to 1. Shape `[points][2]`.
    pub positions: Vec<f32>,
    /// Whitened frame of each point: gesture, then timbre. Shape `[points][VECTOR_DIM]`.
    pub frames: Vec<f32>,
    /// Index into the memory of each point. Shape `[points]`.
    pub memory_frames: Vec<u16>,
}
