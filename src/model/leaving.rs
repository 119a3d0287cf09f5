//! A leap of memory: the sound of the recording that was left fades into that of the one it was left for.
//!
//! Concatenative synthesis smooths its joins so (D. T. Chappell, J. H. L. Hansen 2002, "A comparison of spectral smoothing
//! methods for segment concatenation based speech synthesis", Speech Communication 36): here frames are interpolated, which
//! needs no phases to fit. The network hears the recording that is followed alone.

use super::memory::Memory;
use super::recall::Recall;

/// Frames of the fade. Of the leaps of a violin 78 % are within the flux of its recordings without, 86 % with 4 or 8.
const FRAMES: u32 = 4;

/// A recording that was left, as it would have gone on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Leaving {
    frame: u16,
    /// Frames left, 1 to [`FRAMES`].
    left: u32,
}

impl Leaving {
    /// The recording that is followed, were it left now; `None` where it ends, or sounded for a few frames alone: it is
    /// not missed, and where timbre is steered its next frame may lie far from the place.
    pub(super) fn of(memory: &Memory, recall: &Recall) -> Option<Self> {
        let at = recall.at.filter(|_| FRAMES <= recall.followed)?;
        Self { frame: at, left: FRAMES + 1 }.next(memory)
    }

    /// A frame later; `None` where the recording ends or its sound has faded.
    pub(super) fn next(self, memory: &Memory) -> Option<Self> {
        let next = Self { frame: memory.following(self.frame)?, left: self.left - 1 };
        (0 < next.left).then_some(next)
    }

    /// The frame that would sound now, one of the memory's.
    pub(super) fn frame(self) -> u16 {
        self.frame
    }

    /// Its share of what sounds.
    pub(super) fn share(self) -> f32 {
        self.left as f32 / (FRAMES + 1) as f32
    }
}
