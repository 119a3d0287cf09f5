//! A small model with the shape of a learned one, for tests: no learning, every part in use.

use mynah::dsp::packed_matrix::PackedMatrix;
use mynah::model::card::{CorpusSummary, CurvePoint, LearningSummary};
use mynah::model::codec::{FRAME_VALUES, TIMBRE_DIM};
use mynah::model::detail::{DETAIL_VALUES, LEAST_COMPONENTS};
use mynah::model::memory::{FLAG_END, FLAG_GATE, FLAG_START, KEY_DIM, NEIGHBOURS};
use mynah::model::network::{GESTURE_DIM, GESTURE_OUT, HIDDEN, INPUT, TIMBRE_HIDDEN, TIMBRE_OUT, VECTOR_DIM};
use mynah::model::{Card, Codec, DetailCodec, Memory, Model, Network, Onsets, SoundMap};
use mynah::vocoder::frame::NUM_BANDS;
use std::sync::Arc;

/// Frames of an event in the memory of [`model`].
const EVENT_FRAMES: usize = 50;
/// Frames in the memory of [`model`].
const NUM_FRAMES: usize = 4 * EVENT_FRAMES;
/// Cells of its coarse index.
const NUM_CELLS: usize = 4;

/// A tone around A4 at −26 dB with small random weights; `seed` makes different models. Its numbers are whole in half
/// precision, so that saving changes none of them.
pub(crate) fn model(seed: u64) -> Arc<Model> {
    let mut random = Random(seed);
    Arc::new(Model {
        card: Card {
            name: format!("test {seed}"),
            corpus: CorpusSummary {
                num_files: 4,
                seconds: 2.0,
                pitch_range_hz: [220.0, 880.0],
                loudness_range_db: [-40.0, -20.0],
                voiced_share: 1.0,
                event_seconds: vec![0.5],
                pause_seconds: vec![0.1],
            },
            learning: LearningSummary {
                seed: u64::MAX,
                threads: 2,
                curve: vec![CurvePoint { step: 100, learning: 8.125, held_out: 8.4 }],
                held_out: 8.4,
            },
            ..Card::default()
        },
        codec: codec(&mut random),
        detail: DetailCodec::from_components(&random.many(LEAST_COMPONENTS * DETAIL_VALUES, 0.01)),
        network: network(&mut random),
        memory: memory(&mut random),
        map: map(&mut random),
    })
}

/// A multiplicative congruential generator: tests need no more.
struct Random(u64);

impl Random {
    fn next(&mut self) -> f32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 40) as f32 / (1_u64 << 23) as f32 - 1.0
    }

    fn many(&mut self, num: usize, scale: f32) -> Vec<f32> {
        (0..num).map(|_| halved(scale * self.next())).collect()
    }

    fn bytes(&mut self, num: usize) -> Vec<u8> {
        (0..num).map(|_| (127.0 + 127.0 * self.next()) as u8).collect()
    }
}

/// Rounded to half precision.
fn halved(value: f32) -> f32 {
    half::f16::from_f32(value).to_f32()
}

fn codec(random: &mut Random) -> Codec {
    // A spectrum that falls towards high frequencies, of about the power of one; noise low but not absent.
    let envelope = (0..NUM_BANDS).map(|band_idx| -30.0 - 0.4 * band_idx as f32);
    let noise = (NUM_BANDS..FRAME_VALUES).map(|_| 0.2);
    Codec {
        pitch_mean: 8.781_36,
        pitch_std: 0.5,
        loudness_mean: -26.0,
        loudness_std: 6.0,
        mean: envelope.chain(noise).map(halved).collect(),
        encode: random.many(TIMBRE_DIM * FRAME_VALUES, 0.02),
        decode: random.many(TIMBRE_DIM * FRAME_VALUES, 0.02),
    }
}

fn network(random: &mut Random) -> Network {
    Network {
        gru_input: PackedMatrix::from_rows(&random.many(3 * HIDDEN * INPUT, 0.1), INPUT),
        gru_state: PackedMatrix::from_rows(&random.many(3 * HIDDEN * HIDDEN, 0.05), HIDDEN),
        gru_input_bias: random.many(3 * HIDDEN, 0.1),
        gru_state_bias: random.many(3 * HIDDEN, 0.1),
        gesture: PackedMatrix::from_rows(&random.many(GESTURE_OUT * HIDDEN, 0.02), HIDDEN),
        gesture_bias: random.many(GESTURE_OUT, 0.02),
        timbre_state: PackedMatrix::from_rows(&random.many(TIMBRE_HIDDEN * HIDDEN, 0.05), HIDDEN),
        timbre_gesture: random.many(TIMBRE_HIDDEN * GESTURE_DIM, 0.05),
        timbre_hidden_bias: random.many(TIMBRE_HIDDEN, 0.05),
        timbre_change: random.many(TIMBRE_DIM * TIMBRE_HIDDEN, 0.05),
        timbre: PackedMatrix::from_rows(&random.many(TIMBRE_OUT * TIMBRE_HIDDEN, 0.02), TIMBRE_HIDDEN),
        timbre_bias: random.many(TIMBRE_OUT, 0.02),
    }
}

fn memory(random: &mut Random) -> Memory {
    let flags: Vec<u8> = (0..NUM_FRAMES)
        .map(|frame_idx| match frame_idx % EVENT_FRAMES {
            0 => FLAG_START | FLAG_GATE,
            at if at == EVENT_FRAMES - 1 => FLAG_END,
            at if at < EVENT_FRAMES - 10 => FLAG_GATE,
            _ => 0,
        })
        .collect();
    let neighbours = (0..NUM_FRAMES * NEIGHBOURS)
        .map(|idx| ((idx / NEIGHBOURS + EVENT_FRAMES / 2 + 7 * (idx % NEIGHBOURS)) % NUM_FRAMES) as u16);
    Memory {
        projection: PackedMatrix::from_rows(&random.many(KEY_DIM * HIDDEN, 0.1), HIDDEN),
        keys: random.many(NUM_FRAMES * KEY_DIM, 0.5),
        frames: random.many(NUM_FRAMES * VECTOR_DIM, 0.3),
        details: random.bytes(NUM_FRAMES * LEAST_COMPONENTS / 2),
        onsets: Onsets::of(&flags),
        flags,
        neighbours: neighbours.collect(),
        cells: random.many(NUM_CELLS * KEY_DIM, 0.5),
        cell_starts: (0..=NUM_CELLS).map(|cell_idx| (cell_idx * NUM_FRAMES / NUM_CELLS) as u16).collect(),
        cell_frames: (0..NUM_FRAMES as u16).collect(),
        width: 0.5,
        spread: 0.02,
    }
}

fn map(random: &mut Random) -> SoundMap {
    const NUM_POINTS: usize = 16;
    SoundMap {
        positions: random.many(NUM_POINTS * 2, 1.0),
        frames: random.many(NUM_POINTS * VECTOR_DIM, 0.3),
        memory_frames: (0..NUM_POINTS as u16).map(|point_idx| point_idx * 7).collect(),
    }
}
