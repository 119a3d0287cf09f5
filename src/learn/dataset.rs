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

/// An event in whitened vectors.
#[derive(Clone, Debug)]
pub(crate) struct Sequence {
    /// Frames. Shape `[n][VECTOR_DIM]`.
    pub vectors: Vec<[f32; VECTOR_DIM]>,
    /// What the vectors leave out of them, for memory; none where they are held out. Shape `[n][bytes]`.
    pub details: Vec<u8>,
    /// Frames during which the key would be down: all where it was struck, fewer elsewhere.
    pub gate_frames: usize,
}

/// Frames of all of them.
pub(crate) fn frames_in<'a>(sequences: impl IntoIterator<Item = &'a Sequence>) -> usize {
    sequences.into_iter().map(|sequence| sequence.vectors.len()).sum()
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

    /// Fills `batches` with the next `steps` of all lanes, shared out evenly and in order. `dropped` is the share of the
    /// state's numbers that are left out on their way to the heads.
    pub(crate) fn fill(&mut self, batches: &mut [Batch], steps: usize, dropped: f32, rng: &mut impl Rng) {
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
            batch.mask.resize(rows * HIDDEN, 0.0);
            drop_out(rng, dropped, &mut batch.mask);
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

/// A mask that leaves a share of the values out and makes the others greater for them. They are left out on their way to
/// the heads, not on their way to the next state (W. Zaremba, I. Sutskever, O. Vinyals 2014, "Recurrent neural network
/// regularization").
fn drop_out(rng: &mut impl Rng, share: f32, mask: &mut [f32]) {
    /// Numbers of 16 bits in one draw.
    const IN_A_DRAW: usize = 4;
    let (limit, kept) = ((share * 65_536.0) as u64, 1.0 / (1.0 - share));
    for values in mask.chunks_mut(IN_A_DRAW) {
        let mut draw = rng.next_u64();
        for value in values {
            // Without a branch, which nothing could foresee.
            *value = kept * f32::from(u8::from(limit <= draw & 0xffff));
            draw >>= 16;
        }
    }
}

/// One sequence as a batch of one lane, without noise.
pub(crate) fn plain_batch(sequence: &Sequence) -> Batch {
    lanes_batch(&[vec![sequence]])
}

/// Held-out sequences, until there are `most_frames`, as `num` batches at most: without noise, each sequence whole.
pub(crate) fn held_out_batches(held_out: &[Sequence], num: usize, most_frames: usize) -> Vec<Batch> {
    /// Side by side in a batch.
    const MOST_LANES: usize = 8;
    let length = |lane: &[&Sequence]| frames_in(lane.iter().copied());
    let mut frames = 0;
    let taken: Vec<&Sequence> = held_out
        .iter()
        .take_while(|sequence| {
            let before = frames;
            frames += sequence.vectors.len();
            before < most_frames
        })
        .collect();
    // No lane is shorter than the longest sequence: more of them would be padding.
    let longest = taken.iter().map(|sequence| sequence.vectors.len()).max().unwrap_or(0).max(1);
    let mut lanes = vec![Vec::new(); (length(&taken) / longest).clamp(1, MOST_LANES * num)];
    for sequence in taken {
        if let Some(shortest) = lanes.iter_mut().min_by_key(|lane| length(lane)) {
            shortest.push(sequence);
        }
    }
    lanes.chunks(lanes.len().div_ceil(num)).map(lanes_batch).filter(|batch| 0 < batch.steps).collect()
}

/// Lanes of sequences, one after the other, padded to the longest.
fn lanes_batch(lanes: &[Vec<&Sequence>]) -> Batch {
    let lengths = lanes.iter().map(|lane| frames_in(lane.iter().copied()));
    let (steps, num) = (lengths.max().unwrap_or(0), lanes.len());
    let mut batch = Batch {
        lanes: num,
        steps,
        inputs: vec![0.0; steps * num * INPUT],
        targets: vec![0.0; steps * num * VECTOR_DIM],
        present: vec![0.0; steps * num],
        keep: vec![0.0; steps * num],
        mask: Vec::new(),
    };
    for (lane_idx, lane) in lanes.iter().enumerate() {
        let frames =
            lane.iter().flat_map(|sequence| (0..sequence.vectors.len()).map(move |idx| (sequence, idx)));
        for (step, (sequence, idx)) in frames.enumerate() {
            let row = step * num + lane_idx;
            input(sequence, idx, &mut batch.inputs[row * INPUT..(row + 1) * INPUT]);
            batch.targets[row * VECTOR_DIM..(row + 1) * VECTOR_DIM].copy_from_slice(&sequence.vectors[idx]);
            batch.present[row] = 1.0;
            batch.keep[row] = if idx == 0 { 0.0 } else { 1.0 };
        }
    }
    batch
}
