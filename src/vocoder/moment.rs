//! Moments: frames with what was heard on the way to each.

use super::analysis::{Analysed, Analyser};
use super::frame::{Frame, HOP_SECONDS};

/// Time between the frames that moments are made of.
pub const HALF_HOP_SECONDS: f64 = 0.5 * HOP_SECONDS;

/// A frame, and the one half-way to it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Moment {
    /// What is learned.
    pub frame: Frame,
    /// The frame [`HALF_HOP_SECONDS`] before: for memory alone. The first moment's is its frame.
    pub half_way: Frame,
    /// Whether a pitch was found here.
    pub voiced: bool,
}

impl Analyser {
    /// Analyses mono `samples` at the instants `n · HOP_SECONDS` and half-way between them; `None` soon after `wanted`
    /// says no.
    pub fn moments_while(
        &self,
        samples: &[f32],
        sample_rate: f64,
        wanted: &dyn Fn() -> bool,
    ) -> Option<Vec<Moment>> {
        let halves = self.analyse_while(samples, sample_rate, HALF_HOP_SECONDS, wanted)?;
        Some(moments(&halves))
    }
}

/// Moments of frames [`HALF_HOP_SECONDS`] apart.
fn moments(halves: &[Analysed]) -> Vec<Moment> {
    let at = |idx: usize| Moment {
        frame: halves[idx].frame,
        half_way: halves[idx.saturating_sub(1)].frame,
        voiced: halves[idx].voiced,
    };
    (0..halves.len()).step_by(2).map(at).collect()
}
