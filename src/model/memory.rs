//! The memory: real frames by the network state in which they came, in their order.

use super::network::VECTOR_DIM;

/// Numbers of a key: the state, projected.
pub const KEY_DIM: usize = 24;

/// Most frames that a memory holds.
pub const MAX_FRAMES: usize = 20_000;

/// Precomputed neighbours of each frame.
pub const NEIGHBOURS: usize = 8;

/// Most cells of the coarse index.
pub const MAX_CELLS: usize = 256;

/// Flag: first frame of an event.
pub const FLAG_START: u8 = 1;
/// Flag: last frame of an event.
pub const FLAG_END: u8 = 2;
/// Flag: the key would be down here (not yet the release).
pub const FLAG_GATE: u8 = 4;

/// Real frames and the states before them. `n` frames, at most [`MAX_FRAMES`]; events stand one after another.
#[derive(Clone, Debug, PartialEq)]
pub struct Memory {
    /// State to key. Shape `[KEY_DIM][HIDDEN]`.
    pub projection: Vec<f32>,
    /// Key of the state before each frame. Shape `[n][KEY_DIM]`.
    pub keys: Vec<f32>,
    /// The frames themselves, whitened: gesture, then timbre. Shape `[n][VECTOR_DIM]`.
    pub frames: Vec<f32>,
    /// Flags of each frame: [`FLAG_START`], [`FLAG_END`], [`FLAG_GATE`]. Shape `[n]`.
    pub flags: Vec<u8>,
    /// Nearest frames by key, not of the same moment. Every value below `n`. Shape `[n][NEIGHBOURS]`.
    pub neighbours: Vec<u16>,
    /// Centres of the cells of the coarse index. Shape `[cells][KEY_DIM]`.
    pub cells: Vec<f32>,
    /// First index into `cell_frames` of each cell, and the end. Ascending, last is `n`. Shape `[cells + 1]`.
    pub cell_starts: Vec<u16>,
    /// Frames by cell. Every value below `n`. Shape `[n]`.
    pub cell_frames: Vec<u16>,
    /// Width of the kernel over key distance; above 0.
    pub width: f32,
    /// Spread of a recalled frame, in whitened units; above 0.
    pub spread: f32,
}

impl Memory {
    /// Number of frames remembered.
    pub fn num_frames(&self) -> usize {
        self.frames.len() / VECTOR_DIM
    }
}
