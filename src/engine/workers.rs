//! Voices rendered side by side, off-line: whoever owns threads lends them to the engine, which knows none.

use super::context::Context;
use super::voice::Voice;
use crate::dsp::denormals::FlushDenormals;

/// Fewer samples than this are rendered sooner than handed out.
const LEAST_SHARED_SAMPLES: usize = 128;
/// Samples that a voice makes before another may have its turn: three voices keep two threads busy to the end.
const TURN_SAMPLES: usize = 512;

/// Does independent pieces of work, in any order and at the same time if it can.
pub trait Workers {
    /// How many pieces are worked on at the same time.
    fn num(&self) -> usize;

    /// Calls `step` with each item until it answers that there is no more to do, and returns when all are done.
    fn drive<T: Send>(&self, items: &mut [T], step: impl Fn(&mut T) -> bool + Sync);
}

/// A voice and what it is to add.
struct Part<'a> {
    voice: &'a mut Voice,
    /// Samples made.
    made: usize,
    left: Vec<f32>,
    right: Vec<f32>,
}

/// Adds voices to both channels: the same samples as one after another, as voices know nothing of each other and are
/// added in their order. Allocates.
pub(super) fn add_side_by_side<'a>(
    workers: &impl Workers,
    context: &Context,
    voices: impl Iterator<Item = &'a mut Voice>,
    left: &mut [f32],
    right: &mut [f32],
) {
    let num_samples = left.len();
    if num_samples < LEAST_SHARED_SAMPLES || workers.num() < 2 {
        voices.for_each(|voice| voice.render(context, left, right));
        return;
    }
    let part = |voice| Part { voice, made: 0, left: vec![0.0; num_samples], right: vec![0.0; num_samples] };
    let mut parts: Vec<Part<'_>> = voices.map(part).collect();
    workers.drive(&mut parts, |part| {
        let _flush = FlushDenormals::new();
        let turn = part.made..(part.made + TURN_SAMPLES).min(num_samples);
        part.voice.render(context, &mut part.left[turn.clone()], &mut part.right[turn.clone()]);
        part.made = turn.end;
        part.made < num_samples
    });
    for part in &parts {
        for (sum, samples) in [(&mut *left, &part.left), (&mut *right, &part.right)] {
            sum.iter_mut().zip(samples).for_each(|(sum, sample)| *sum += sample);
        }
    }
}
