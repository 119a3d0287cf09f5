//! The model that is there before any other is loaded.

use super::codec::{FRAME_VALUES, TIMBRE_DIM};
use super::detail::{DETAIL_VALUES, LEAST_COMPONENTS};
use super::memory::{FLAG_END, FLAG_GATE, FLAG_START, KEY_DIM, NEIGHBOURS};
use super::network::{GESTURE_DIM, GESTURE_OUT, HIDDEN, INPUT, TIMBRE_HIDDEN, TIMBRE_OUT, VECTOR_DIM};
use super::{Card, Codec, DetailCodec, Memory, Model, Network, Onsets, SoundMap};
use crate::dsp::packed_matrix::PackedMatrix;
use crate::vocoder::frame::NUM_BANDS;
use std::sync::{Arc, Mutex, PoisonError, Weak};

/// Frames in the memory of the hum.
const NUM_FRAMES: usize = 100;

/// A model that comes with Mynah.
#[derive(Clone, Copy, Debug)]
pub struct Factory {
    /// Short name, without spaces.
    pub key: &'static str,
    /// The bytes of its file.
    pub bytes: &'static [u8],
}

/// The models that come with Mynah, the default first. A static: a constant would be put into every crate that names it.
/// Learned from `assets/corpus`; `assets/models/README.md` says how.
pub static FACTORY: [Factory; 2] = [
    Factory { key: "voice", bytes: include_bytes!("../../assets/models/voice.mynah") },
    Factory { key: "violin", bytes: include_bytes!("../../assets/models/violin.mynah") },
];

impl Factory {
    /// The model: the one that someone in this process has, or read anew. It is 5 MB, and a session may have a hundred
    /// instances of it. `None` should it not load. Not for the audio thread.
    pub fn model(&self) -> Option<Arc<Model>> {
        /// Nobody's: what the last instance lets go is freed. One for each model, by key.
        static IN_USE: Mutex<Vec<(&str, Weak<Model>)>> = Mutex::new(Vec::new());
        let mut in_use = IN_USE.lock().unwrap_or_else(PoisonError::into_inner);
        let found = in_use.iter().find(|(key, _)| *key == self.key);
        if let Some(model) = found.and_then(|(_, model)| model.upgrade()) {
            return Some(model);
        }
        let model = Arc::new(Model::from_bytes(self.bytes).ok()?);
        in_use.retain(|(key, _)| *key != self.key);
        in_use.push((self.key, Arc::downgrade(&model)));
        Some(model)
    }
}

/// The built-in model: the first factory model, or a hum should it not load. Not for the audio thread.
pub fn builtin() -> Arc<Model> {
    FACTORY[0].model().unwrap_or_else(|| Arc::new(hum()))
}

/// A steady hum of falling harmonics, learned from nothing: plays where nothing else does.
fn hum() -> Model {
    // A fall of half a decibel a band, and little noise.
    let envelope = (0..NUM_BANDS).map(|band_idx| -30.0 - 0.5 * band_idx as f32);
    let noise = (NUM_BANDS..FRAME_VALUES).map(|_| 0.1);
    let flags: Vec<u8> = (0..NUM_FRAMES)
        .map(|frame_idx| match frame_idx {
            0 => FLAG_START | FLAG_GATE,
            last if last == NUM_FRAMES - 1 => FLAG_END,
            _ => FLAG_GATE,
        })
        .collect();
    let others = |idx: usize| ((idx / NEIGHBOURS + 1 + idx % NEIGHBOURS) % NUM_FRAMES) as u16;
    Model {
        card: Card { name: "Hum".into(), ..Card::default() },
        codec: Codec {
            pitch_mean: 7.0,
            pitch_std: 0.5,
            loudness_mean: -26.0,
            loudness_std: 6.0,
            mean: envelope.chain(noise).collect(),
            encode: vec![0.0; TIMBRE_DIM * FRAME_VALUES],
            decode: vec![0.0; TIMBRE_DIM * FRAME_VALUES],
        },
        detail: DetailCodec::from_components(&vec![0.0; LEAST_COMPONENTS * DETAIL_VALUES]),
        network: Network {
            gru_input: nothing(3 * HIDDEN * INPUT, INPUT),
            gru_state: nothing(3 * HIDDEN * HIDDEN, HIDDEN),
            gru_input_bias: vec![0.0; 3 * HIDDEN],
            gru_state_bias: vec![0.0; 3 * HIDDEN],
            gesture: nothing(GESTURE_OUT * HIDDEN, HIDDEN),
            gesture_bias: vec![0.0; GESTURE_OUT],
            timbre_state: nothing(TIMBRE_HIDDEN * HIDDEN, HIDDEN),
            timbre_gesture: vec![0.0; TIMBRE_HIDDEN * GESTURE_DIM],
            timbre_hidden_bias: vec![0.0; TIMBRE_HIDDEN],
            timbre_change: vec![0.0; TIMBRE_DIM * TIMBRE_HIDDEN],
            timbre: nothing(TIMBRE_OUT * TIMBRE_HIDDEN, TIMBRE_HIDDEN),
            timbre_bias: vec![0.0; TIMBRE_OUT],
        },
        memory: Memory {
            projection: nothing(KEY_DIM * HIDDEN, HIDDEN),
            keys: vec![0.0; NUM_FRAMES * KEY_DIM],
            frames: vec![0.0; NUM_FRAMES * VECTOR_DIM],
            details: vec![0; NUM_FRAMES * LEAST_COMPONENTS / 2],
            onsets: Onsets::of(&flags),
            flags,
            neighbours: (0..NUM_FRAMES * NEIGHBOURS).map(others).collect(),
            cells: vec![0.0; KEY_DIM],
            cell_starts: vec![0, NUM_FRAMES as u16],
            cell_frames: (0..NUM_FRAMES as u16).collect(),
            width: 1.0,
            spread: 0.02,
        },
        map: SoundMap { positions: vec![0.0; 2], frames: vec![0.0; VECTOR_DIM], memory_frames: vec![0] },
    }
}

fn nothing<const ROWS: usize>(num: usize, num_cols: usize) -> PackedMatrix<ROWS> {
    PackedMatrix::from_rows(&vec![0.0; num], num_cols)
}
