//! The dataset: events as whitened vectors, and batches of them for the network.
//!
//! Lanes run side by side through whole events, each from the zero state at its onset; an event longer than a batch
//! goes on in the next one with the state kept.

use super::corpus::Event;
use super::network::Batch;
use crate::model::codec::Codec;
use crate::model::detail::encode_all;
use crate::model::network::{HIDDEN, INPUT, INPUT_FIRST, INPUT_GATE, INPUT_NOISE, INPUT_SHIFT, VECTOR_DIM};
use crate::model::random;
use crate::vocoder::moment::Moment;
use rand_core::Rng;
use rayon::prelude::*;

/// Most standard deviation of the noise on the frame that is fed back, whitened units: each event has its own, from 0 on.
const MOST_INPUT_NOISE: f32 = 0.5;
/// Furthest that an event is transposed, semitones.
const MOST_TRANSPOSITION: f32 = 7.0;
/// Share of events that are learned as they are.
const UNTRANSPOSED: f32 = 0.4;
/// Share of the state's numbers that are left out on their way to the heads, not on their way to the next state (W.
/// Zaremba, I. Sutskever, O. Vinyals 2014, "Recurrent neural network regularization"). On ten minutes of speech 0 gives
/// 23.6 nats a frame held out, 0.1 23.4, 0.2 23.6; on one minute 0 gives 28.0, 0.1 27.2, 0.3 27.1.
const DROPPED: f32 = 0.1;

/// An event in whitened vectors.
#[derive(Clone, Debug)]
pub(crate) struct Sequence {
    /// Frames. Shape `[n][VECTOR_DIM]`.
    pub vectors: Vec<[f32; VECTOR_DIM]>,
    /// What the vectors leave out of them, for memory; none where they are held out. Shape `[n][DETAIL_DIM]`.
    pub details: Vec<u8>,
    /// Frames during which the key would be down.
    pub gate_frames: usize,
}

/// Which events are whitened.
#[derive(Clone, Copy)]
pub(crate) enum Part<'a> {
    /// To be judged by.
    HeldOut,
    /// To be learned.
    Learned {
        /// [`DetailCodec::encoder`](crate::model::DetailCodec::encoder).
        encoder: &'a [f32],
    },
}

/// Whitens the events of a part; `None` soon after `wanted` says no.
pub(crate) fn sequences(
    events: &[Event],
    codec: &Codec,
    part: Part<'_>,
    wanted: &(dyn Fn() -> bool + Sync),
) -> Option<Vec<Sequence>> {
    let whitened = |event: &Event| {
        let vector = |moment: &Moment| wanted().then(|| codec.vector_from_frame(&moment.frame));
        Some(Sequence {
            vectors: event.frames.iter().map(vector).collect::<Option<_>>()?,
            details: match part {
                Part::HeldOut => Vec::new(),
                Part::Learned { encoder } => encode_all(&event.frames, codec, encoder, wanted)?,
            },
            gate_frames: event.gate_frames,
        })
    };
    let is_wanted = |event: &&Event| event.held_out == matches!(part, Part::HeldOut);
    events.par_iter().filter(is_wanted).map(whitened).collect()
}

/// The network's input before frame `idx` of a sequence: the frame before it, the gate, and whether it is the first.
pub(crate) fn input(sequence: &Sequence, idx: usize, out: &mut [f32]) {
    out.fill(0.0);
    match idx.checked_sub(1).map(|before| &sequence.vectors[before]) {
        Some(before) => out[..VECTOR_DIM].copy_from_slice(before),
        None => out[INPUT_FIRST] = 1.0,
    }
    out[INPUT_GATE] = if idx < sequence.gate_frames { 1.0 } else { 0.0 };
}

/// Lanes that run through sequences.
#[derive(Debug)]
pub(crate) struct Lanes<'a> {
    sequences: &'a [Sequence],
    /// Standard deviation of pitch, octaves.
    pitch_std: f32,
    order: Vec<usize>,
    next: usize,
    lanes: Vec<Lane>,
}

#[derive(Clone, Copy, Debug)]
struct Lane {
    sequence_idx: usize,
    position: usize,
    /// Added to the whitened pitch.
    shift: f32,
    /// Standard deviation of the noise on the frame before.
    noise: f32,
}

impl<'a> Lanes<'a> {
    /// `num` lanes over `sequences`, of which there is at least one.
    pub(crate) fn new(sequences: &'a [Sequence], codec: &Codec, num: usize, rng: &mut impl Rng) -> Self {
        let mut lanes =
            Self { sequences, pitch_std: codec.pitch_std, order: Vec::new(), next: 0, lanes: Vec::new() };
        for _ in 0..num {
            let lane = lanes.draw(rng);
            lanes.lanes.push(lane);
        }
        lanes
    }

    /// The next sequence in a shuffled round through all of them.
    fn draw(&mut self, rng: &mut impl Rng) -> Lane {
        if self.next == self.order.len() {
            self.order = (0..self.sequences.len()).collect();
            for idx in (1..self.order.len()).rev() {
                let other = (random::uniform(rng) * (idx + 1) as f32) as usize;
                self.order.swap(idx, other.min(idx));
            }
            self.next = 0;
        }
        let sequence_idx = self.order[self.next];
        self.next += 1;
        let semitones = if random::uniform(rng) < UNTRANSPOSED {
            0.0
        } else {
            MOST_TRANSPOSITION * (2.0 * random::uniform(rng) - 1.0)
        };
        let noise = MOST_INPUT_NOISE * random::uniform(rng);
        Lane { sequence_idx, position: 0, shift: semitones / 12.0 / self.pitch_std, noise }
    }

    /// Fills `batches` with the next `steps` of all lanes, shared out evenly and in order.
    pub(crate) fn fill(&mut self, batches: &mut [Batch], steps: usize, rng: &mut impl Rng) {
        let per_batch = self.lanes.len() / batches.len();
        for (batch_idx, batch) in batches.iter_mut().enumerate() {
            let rows = steps * per_batch;
            batch.lanes = per_batch;
            batch.steps = steps;
            batch.inputs.resize(rows * INPUT, 0.0);
            batch.targets.resize(rows * VECTOR_DIM, 0.0);
            batch.present.clear();
            batch.present.resize(rows, 1.0);
            batch.keep.clear();
            batch.keep.resize(rows, 1.0);
            drop_out(rng, rows * HIDDEN, &mut batch.mask);
            for lane_idx in 0..per_batch {
                for step in 0..steps {
                    self.fill_row(batch, batch_idx * per_batch + lane_idx, step * per_batch + lane_idx, rng);
                }
            }
        }
    }

    fn fill_row(&mut self, batch: &mut Batch, lane_idx: usize, row: usize, rng: &mut impl Rng) {
        let mut lane = self.lanes[lane_idx];
        if self.sequences[lane.sequence_idx].vectors.len() <= lane.position {
            lane = self.draw(rng);
        }
        let sequence = &self.sequences[lane.sequence_idx];
        let inputs = &mut batch.inputs[row * INPUT..(row + 1) * INPUT];
        let target = &mut batch.targets[row * VECTOR_DIM..(row + 1) * VECTOR_DIM];
        input(sequence, lane.position, inputs);
        target.copy_from_slice(&sequence.vectors[lane.position]);
        target[0] += lane.shift;
        inputs[INPUT_SHIFT] = lane.shift;
        inputs[INPUT_NOISE] = lane.noise;
        if lane.position == 0 {
            batch.keep[row] = 0.0;
        } else {
            inputs[0] += lane.shift;
            let mut noise = [0.0; VECTOR_DIM];
            random::fill_gaussians(rng, &mut noise);
            for (input, noise) in inputs.iter_mut().zip(&noise) {
                *input += lane.noise * noise;
            }
        }
        lane.position += 1;
        self.lanes[lane_idx] = lane;
    }
}

/// A mask of `num` numbers that leaves [`DROPPED`] of the values out and makes the others greater for them.
fn drop_out(rng: &mut impl Rng, num: usize, mask: &mut Vec<f32>) {
    /// Numbers of 16 bits in one draw.
    const IN_A_DRAW: usize = 4;
    let (limit, kept) = ((DROPPED * 65_536.0) as u64, 1.0 / (1.0 - DROPPED));
    mask.resize(num, 0.0);
    for values in mask.chunks_mut(IN_A_DRAW) {
        let mut draw = rng.next_u64();
        for value in values {
            *value = if draw & 0xffff < limit { 0.0 } else { kept };
            draw >>= 16;
        }
    }
}

/// One sequence as a batch of one lane, without noise: for evaluation.
pub(crate) fn plain_batch(sequence: &Sequence) -> Batch {
    let steps = sequence.vectors.len();
    let mut batch = Batch {
        lanes: 1,
        steps,
        inputs: vec![0.0; steps * INPUT],
        targets: Vec::with_capacity(steps * VECTOR_DIM),
        present: vec![1.0; steps],
        keep: vec![1.0; steps],
        mask: Vec::new(),
    };
    for idx in 0..steps {
        let inputs = &mut batch.inputs[idx * INPUT..(idx + 1) * INPUT];
        input(sequence, idx, inputs);
        batch.targets.extend_from_slice(&sequence.vectors[idx]);
    }
    batch.keep[0] = 0.0;
    batch
}
