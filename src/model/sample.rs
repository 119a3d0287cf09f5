//! A small model for tests: weights of no meaning, every part in use.

use super::card::{CorpusSummary, CurvePoint, LearningSummary};
use super::codec::{FRAME_VALUES, TIMBRE_DIM};
use super::memory::{FLAG_END, FLAG_GATE, FLAG_START, KEY_DIM, NEIGHBOURS};
use super::network::{GESTURE_DIM, GESTURE_OUT, HIDDEN, INPUT, TIMBRE_HIDDEN, TIMBRE_OUT, VECTOR_DIM};
use super::{Card, Codec, Memory, Model, Network, SoundMap};
use rand_core::{Rng as _, SeedableRng as _};
use rand_pcg::Pcg32;

/// Frames of the memory: two events.
const NUM_FRAMES: usize = 50;
const NUM_EVENT_FRAMES: usize = NUM_FRAMES / 2;
const NUM_CELLS: usize = 5;
const NUM_POINTS: usize = 10;

/// The same small model each time. Its numbers are whole in half precision, so that saving changes none of them.
pub(crate) fn sample_model() -> Model {
    let mut random = Pcg32::seed_from_u64(1);
    // Multiples of 1/256 up to a half, which is small enough for the recurrent state to stay in its middle.
    let mut numbers = |length: usize| -> Vec<f32> {
        (0..length).map(|_| (f32::from(random.next_u32() as u8) - 128.0) / 256.0).collect()
    };
    let flags = (0..NUM_FRAMES).map(|index| match index % NUM_EVENT_FRAMES {
        0 => FLAG_START | FLAG_GATE,
        place if place + 1 == NUM_EVENT_FRAMES => FLAG_END,
        _ => FLAG_GATE,
    });
    let neighbours = (0..NUM_FRAMES)
        .flat_map(|index| (1..=NEIGHBOURS).map(move |step| ((index + 5 * step) % NUM_FRAMES) as u16));
    Model {
        card: Card {
            name: "Sample".to_owned(),
            author: "Tests".to_owned(),
            licence: "CC0".to_owned(),
            corpus: CorpusSummary {
                num_files: 2,
                seconds: 0.5,
                pitch_range_hz: [110.0, 440.0],
                loudness_range_db: [-40.0, -10.5],
                voiced_share: 0.75,
                event_seconds: vec![0.25, 0.25],
                pause_seconds: vec![0.1, 0.3],
            },
            learning: LearningSummary {
                seed: u64::MAX,
                threads: 2,
                curve: vec![CurvePoint { step: 100, learning: 8.125, held_out: 8.4 }],
                held_out: 8.4,
            },
        },
        codec: Codec {
            pitch_mean: 7.8,
            pitch_std: 0.4,
            loudness_mean: -25.3,
            loudness_std: 9.0,
            mean: numbers(FRAME_VALUES),
            encode: numbers(TIMBRE_DIM * FRAME_VALUES),
            decode: numbers(TIMBRE_DIM * FRAME_VALUES),
        },
        network: Network {
            gru_input: numbers(3 * HIDDEN * INPUT),
            gru_state: numbers(3 * HIDDEN * HIDDEN),
            gru_input_bias: numbers(3 * HIDDEN),
            gru_state_bias: numbers(3 * HIDDEN),
            gesture: numbers(GESTURE_OUT * HIDDEN),
            gesture_bias: numbers(GESTURE_OUT),
            timbre_state: numbers(TIMBRE_HIDDEN * HIDDEN),
            timbre_gesture: numbers(TIMBRE_HIDDEN * GESTURE_DIM),
            timbre_hidden_bias: numbers(TIMBRE_HIDDEN),
            timbre: numbers(TIMBRE_OUT * TIMBRE_HIDDEN),
            timbre_bias: numbers(TIMBRE_OUT),
        },
        memory: Memory {
            projection: numbers(KEY_DIM * HIDDEN),
            keys: numbers(NUM_FRAMES * KEY_DIM),
            frames: numbers(NUM_FRAMES * VECTOR_DIM),
            flags: flags.collect(),
            neighbours: neighbours.collect(),
            cells: numbers(NUM_CELLS * KEY_DIM),
            cell_starts: (0..=NUM_CELLS).map(|cell| (cell * NUM_FRAMES / NUM_CELLS) as u16).collect(),
            cell_frames: (0..NUM_FRAMES as u16).collect(),
            width: 0.2,
            spread: 0.02,
        },
        map: SoundMap {
            positions: numbers(NUM_POINTS * 2),
            frames: numbers(NUM_POINTS * VECTOR_DIM),
            memory_frames: (0..NUM_POINTS as u16).map(|point| point * 5).collect(),
        },
    }
}
