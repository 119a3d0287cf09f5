//! The memory: real frames by the network state in which they came, in their order.

use super::network::VECTOR_DIM;
use crate::dsp::packed_matrix::PackedMatrix;

/// Numbers of a key: the state, projected.
pub const KEY_DIM: usize = 24;

/// Most frames that a memory holds.
pub const MAX_FRAMES: usize = 18_000;

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
/// Flag: frame of an event that rings out by itself, like a drum's or a string's that was plucked; its gate is on to the end.
pub const FLAG_STRUCK: u8 = 8;

/// Where events begin.
///
/// Invariant: made from the flags of a memory, whose frames they are, ascending.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Onsets(Vec<u16>);

impl Onsets {
    /// Frames of a memory that are the first of an event, from the flags of all. Made where a memory is made or read,
    /// so that a note need not look through all frames.
    pub fn of(flags: &[u8]) -> Self {
        let frames = (0..).zip(flags.iter().take(MAX_FRAMES));
        Self(frames.filter(|(_, flags)| **flags & FLAG_START != 0).map(|(frame, _)| frame).collect())
    }

    /// The frames.
    pub fn frames(&self) -> &[u16] {
        &self.0
    }
}

/// Real frames and the states before them. `n` frames, at most [`MAX_FRAMES`]; events stand one after another.
#[derive(Clone, Debug, PartialEq)]
pub struct Memory {
    /// State to key. Shape `[KEY_DIM][HIDDEN]`.
    pub projection: PackedMatrix<KEY_DIM>,
    /// Key of the state before each frame. Shape `[n][KEY_DIM]`.
    pub keys: Vec<f32>,
    /// The frames themselves, whitened: gesture, then timbre. Shape `[n][VECTOR_DIM]`.
    pub frames: Vec<f32>,
    /// What each frame has beyond its numbers. Shape `[n][bytes]`, as many as its codec's
    /// [`num_bytes`](super::DetailCodec::num_bytes).
    pub details: Vec<u8>,
    /// Flags of each frame: [`FLAG_START`], [`FLAG_END`], [`FLAG_GATE`], [`FLAG_STRUCK`]. Shape `[n]`.
    pub flags: Vec<u8>,
    /// Where events begin, by the flags.
    pub onsets: Onsets,
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

/// Most that a recalled pitch is spread by, octaves: a cent. Of a violin, whose notes are octaves apart, a whitened unit is so
/// much that a share of it made every tone rough: by 32 cents (the median of second differences) from one frame to the
/// next, where the recordings have 2. With two cents it was 4.
const MOST_PITCH_SPREAD: f32 = 1.0 / 1_200.0;

impl Memory {
    /// Moves a recalled frame by its share of a spread, `noise` being of deviation 1. Audio thread.
    pub fn scatter(
        &self,
        vector: &mut [f32; VECTOR_DIM],
        noise: &[f32; VECTOR_DIM],
        chance: f32,
        pitch_std: f32,
    ) {
        let pitch_spread = self.spread.min(MOST_PITCH_SPREAD / pitch_std);
        vector[0] += chance * pitch_spread * noise[0];
        for (value, noise) in vector.iter_mut().zip(noise).skip(1) {
            *value += chance * self.spread * noise;
        }
    }

    /// The numbers of a frame below [`num_frames`](Self::num_frames).
    pub fn vector(&self, frame: u16) -> &[f32; VECTOR_DIM] {
        &self.frames.as_chunks().0[usize::from(frame)]
    }

    /// Does an event begin with this frame?
    pub fn is_start(&self, frame: u16) -> bool {
        self.flags.get(usize::from(frame)).is_some_and(|flags| flags & FLAG_START != 0)
    }

    /// Has a sound that rings out by itself rung out with this frame?
    pub fn has_rung_out(&self, frame: u16) -> bool {
        const LAST: u8 = FLAG_STRUCK | FLAG_END;
        self.flags.get(usize::from(frame)).is_some_and(|flags| flags & LAST == LAST)
    }

    /// The frame that followed `frame` in its recording, if one did.
    pub fn following(&self, frame: u16) -> Option<u16> {
        let goes_on = self.flags.get(usize::from(frame)).is_some_and(|flags| flags & FLAG_END == 0);
        (goes_on && usize::from(frame) + 1 < self.num_frames()).then_some(frame + 1)
    }

    /// What a frame has beyond its numbers. Shape `[bytes]`.
    pub fn detail(&self, frame: u16) -> Option<&[u8]> {
        let num_bytes = self.details.len().checked_div(self.num_frames())?;
        let start = usize::from(frame) * num_bytes;
        self.details.get(start..start + num_bytes)
    }

    /// Number of frames remembered.
    pub fn num_frames(&self) -> usize {
        self.frames.len() / VECTOR_DIM
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::builtin::builtin;

    #[test]
    fn what_is_recalled_stays_in_tune_however_far_apart_the_notes_were() {
        let memory = &builtin().memory;
        for pitch_std in [0.02, 0.3, 2.0] {
            let mut vector = [0.0; VECTOR_DIM];
            memory.scatter(&mut vector, &[1.0; VECTOR_DIM], 1.0, pitch_std);
            let cents = 1_200.0 * pitch_std * vector[0];
            assert!(0.0 < cents && cents < 1.01, "{cents} cents");
            assert!(vector[1..].iter().all(|value| *value == memory.spread), "{vector:?}");
        }
    }

    #[test]
    fn onsets_are_the_first_frames_of_events_that_a_memory_can_hold() {
        let mut flags = vec![FLAG_GATE; MAX_FRAMES + 10];
        for onset in [0, 7, MAX_FRAMES - 1, MAX_FRAMES] {
            flags[onset] |= FLAG_START;
        }
        assert_eq!(Onsets::of(&flags).frames(), [0, 7, MAX_FRAMES as u16 - 1]);
        assert!(Onsets::of(&[]).frames().is_empty(), "no frames, no onsets");
    }
}
