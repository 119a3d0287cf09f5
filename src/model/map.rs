//! The sound map: two-dimensional positions of some real frames.

use super::network::{GESTURE_DIM, VECTOR_DIM};

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

impl SoundMap {
    /// Number of points.
    pub fn num_points(&self) -> usize {
        self.memory_frames.len().min(MAX_POINTS)
    }

    /// Index of the point nearest to a position; `None` on an empty map. Audio thread.
    pub fn nearest(&self, x: f32, y: f32) -> Option<usize> {
        let mut nearest = (None, f32::INFINITY);
        for (idx, position) in self.positions.chunks_exact(2).take(MAX_POINTS).enumerate() {
            let distance = (position[0] - x) * (position[0] - x) + (position[1] - y) * (position[1] - y);
            if distance < nearest.1 {
                nearest = (Some(idx), distance);
            }
        }
        nearest.0
    }

    /// Position of a whitened frame: between the points most like it. Audio thread.
    pub fn position(&self, vector: &[f32; VECTOR_DIM]) -> [f32; 2] {
        let (mut sum, mut weights) = ([0.0_f32; 2], 1e-9_f32);
        for (frame, position) in
            self.frames.chunks_exact(VECTOR_DIM).zip(self.positions.chunks_exact(2)).take(MAX_POINTS)
        {
            let distance: f32 =
                frame[GESTURE_DIM..].iter().zip(&vector[GESTURE_DIM..]).map(|(a, b)| (a - b) * (a - b)).sum();
            let nearness = 1.0 / (0.1 + distance);
            let weight = nearness * nearness * nearness;
            sum[0] += weight * position[0];
            sum[1] += weight * position[1];
            weights += weight;
        }
        [sum[0] / weights, sum[1] / weights]
    }
}
