//! What is done with bytes that a fuzzer, or a file of `fuzz/corpus`, gives: whatever they are, nothing here panics,
//! runs on, or sounds too loud. The tests run the same bodies, so that each finding stays found.

#[path = "../../tests/support/mod.rs"]
mod support;

use mynah::engine::event::{EventKind, NoteOn};
use mynah::engine::param::{NUM_PARAMS, TABLE};
use mynah::engine::{Engine, EngineConfig, Event, Expression, NoteAddress, PreparedModel};
use mynah::model::Model;
use mynah::render::Song;
use mynah::tuning::{Tuning, text_from_bytes};
use mynah::units::SampleRate;
use mynah::vocoder::shared_tables::tables_of;
use mynah::vocoder::synthesis::SynthesisTables;
use std::sync::{Arc, LazyLock, OnceLock};

/// Bytes of a whole model, too many to be in a corpus.
static WHOLE: LazyLock<Vec<u8>> =
    LazyLock::new(|| support::model(1).to_bytes().expect("the model of the tests has a file"));

/// Models of the engine's sessions, the last one to be spoilt; made once, since most sessions take less time than they.
static MODELS: LazyLock<[Arc<Model>; 3]> = LazyLock::new(|| [1, 2, 3].map(support::model));

/// Sample rates of the engine's sessions, and their tables, kept for the same reason.
const RATES_HZ: [f32; 4] = [8_000.0, 44_100.0, 48_000.0, 192_000.0];
static TABLES: [OnceLock<Arc<SynthesisTables>>; 4] = [const { OnceLock::new() }; 4];

/// A model file: the bytes themselves, and a whole file in which they are written over what is there, from the place
/// that the first two bytes name.
pub(crate) fn model(bytes: &[u8]) {
    let read = |bytes: &[u8]| {
        if let Ok(model) = Model::from_bytes(bytes) {
            // What is read can be written and read again.
            let again = model.to_bytes().expect("a model that was read has a file");
            assert!(Model::from_bytes(&again).expect("its file reads") == model, "and is the same");
        }
    };
    read(bytes);
    let mut whole = WHOLE.clone();
    if let Some(([low, high], over)) = bytes.split_first_chunk::<2>() {
        let start = usize::from(u16::from_le_bytes([*low, *high]));
        whole[start..].iter_mut().zip(over).for_each(|(byte, new)| *byte = *new);
    }
    read(&whole);
}

/// A standard MIDI file.
pub(crate) fn midi(bytes: &[u8]) {
    let _ = Song::parse(bytes);
}

/// An audio file of any kind; the first byte says whether it is named as MP3, which is looked into more closely.
pub(crate) fn audio(bytes: &[u8]) {
    let Some((kind, bytes)) = bytes.split_first() else { return };
    let extension = if kind.is_multiple_of(2) { ".wav" } else { ".mp3" };
    let mut file = tempfile::Builder::new().suffix(extension).tempfile().expect("a temporary file");
    std::io::Write::write_all(&mut file, bytes).expect("there is room for it");
    if let Ok(recording) = mynah::audio_file::read(file.path(), 0..=48_000) {
        assert!(recording.samples.iter().all(|sample| sample.is_finite()), "samples are numbers");
    }
}

/// Two Scala files, parted by a byte 0: a scale, and perhaps a keyboard.
pub(crate) fn scala(bytes: &[u8]) {
    let mut parts = bytes.splitn(2, |byte| *byte == 0);
    let scl = text_from_bytes(parts.next().unwrap_or_default());
    let kbm = parts.next().map(text_from_bytes);
    if let Ok(tuning) = Tuning::from_scala(&scl, kbm.as_deref()) {
        for key in 0..128 {
            if let Some(pitch) = tuning.pitches().of(key) {
                assert!(pitch.abs() < 1_000.0, "key {key} has pitch {pitch}");
            }
        }
    }
}

/// A session of the engine: models (good and extreme), tunings, events, parameters, block lengths and rates.
pub(crate) fn engine(bytes: &[u8]) {
    /// Blocks of one session, and samples of one block.
    const MOST_BLOCKS: usize = 64;
    const MOST_SAMPLES: usize = 1_024;
    let mut bytes = Bytes(bytes);
    let rate = usize::from(bytes.next() % 4);
    let sample_rate = SampleRate(RATES_HZ[rate]);
    TABLES[rate].get_or_init(|| tables_of(RATES_HZ[rate]));
    let hostile = extreme(&mut bytes);
    let models = [Arc::clone(&MODELS[0]), hostile, Arc::clone(&MODELS[1])];
    let prepared = PreparedModel::new(Arc::clone(&models[usize::from(bytes.next() % 3)]), sample_rate);
    let (mut engine, mut handle) = Engine::new(EngineConfig { sample_rate, seed: 0 }, prepared);
    handle.meters().look(true);
    let tunings = [Tuning::equal(), Tuning::from_scala("Odd\n2\n0.5\n1200.\n", None).expect("it is a scale")];
    let [mut left, mut right] = [vec![f32::NAN; MOST_SAMPLES], vec![f32::NAN; MOST_SAMPLES]];
    for _ in 0..MOST_BLOCKS {
        if bytes.0.is_empty() {
            break;
        }
        let num_samples = usize::from(bytes.next()) * usize::from(bytes.next()) % (MOST_SAMPLES + 1);
        match bytes.next() % 8 {
            0 => handle.load(Arc::clone(&models[usize::from(bytes.next() % 3)])),
            1 => handle.tune(tunings[usize::from(bytes.next() % 2)].pitches()),
            2 => engine.reset(),
            _ => {}
        }
        let mut events: Vec<Event> = (0..bytes.next() % 12).map(|_| event(&mut bytes)).collect();
        events.sort_by_key(|event| event.offset_samples);
        let (left, right) = (&mut left[..num_samples], &mut right[..num_samples]);
        engine.process(&events, left, right);
        for sample in left.iter().chain(right.iter()) {
            assert!(sample.is_finite() && sample.abs() <= 1.0, "{sample} at full scale 1");
        }
        handle.tend();
    }
}

/// Bytes, and then zeros for ever.
struct Bytes<'a>(&'a [u8]);

impl Bytes<'_> {
    fn next(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        *first
    }

    /// A number within what is usual, or any at all.
    fn value(&mut self) -> f32 {
        match self.next() {
            255 => f32::from_le_bytes(core::array::from_fn(|_| self.next())),
            byte => (f32::from(byte) - 100.0) / 50.0,
        }
    }
}

/// A model whose file is in order and whose numbers no learning has given: some tensors filled with one number each.
fn extreme(bytes: &mut Bytes<'_>) -> Arc<Model> {
    const NUMBERS: [f32; 8] = [0.0, 1e-6, 1.0, -1.0, 100.0, -100.0, 1e4, -1e4];
    let num_changes = bytes.next() % 6;
    if num_changes == 0 {
        return Arc::clone(&MODELS[2]);
    }
    let mut model = (*MODELS[2]).clone();
    for _ in 0..num_changes {
        let (which, number) = (bytes.next(), NUMBERS[usize::from(bytes.next() % 8)]);
        let (codec, network, memory) = (&mut model.codec, &mut model.network, &mut model.memory);
        let values = match which % 21 {
            0 => &mut codec.mean,
            1 => &mut codec.encode,
            2 => &mut codec.decode,
            3 => network.gru_input.numbers_mut(),
            4 => network.gru_state.numbers_mut(),
            5 => &mut network.gru_input_bias,
            6 => &mut network.gru_state_bias,
            7 => network.gesture.numbers_mut(),
            8 => &mut network.gesture_bias,
            9 => network.timbre_state.numbers_mut(),
            10 => &mut network.timbre_gesture,
            11 => &mut network.timbre_hidden_bias,
            12 => network.timbre.numbers_mut(),
            13 => &mut network.timbre_bias,
            14 => memory.projection.numbers_mut(),
            15 => &mut memory.keys,
            16 => &mut memory.frames,
            17 => &mut memory.cells,
            18 => &mut model.map.frames,
            19 => &mut network.timbre_change,
            _ => {
                let number = number.abs().max(1e-6);
                match number as u32 % 3 {
                    0 => (memory.width, memory.spread) = (number, 1e4),
                    1 => (codec.pitch_std, codec.pitch_mean) = (1e4, -1e4),
                    _ => (codec.loudness_std, codec.loudness_mean) = (1e4, 1e4),
                }
                continue;
            }
        };
        values.fill(number);
    }
    let file = model.to_bytes().expect("such a model has a file");
    Arc::new(Model::from_bytes(&file).expect("and it reads"))
}

fn event(bytes: &mut Bytes<'_>) -> Event {
    let offset_samples = u32::from(bytes.next()) * 5;
    let channel = bytes.next() % 16;
    let key = bytes.next() % 128;
    let note = if key.is_multiple_of(4) {
        NoteAddress { channel: None, key: None, note_id: None }
    } else {
        NoteAddress::of_key(channel, key)
    };
    let kind = match bytes.next() % 12 {
        0..=2 => EventKind::NoteOn(NoteOn { channel, key, note_id: None, velocity: bytes.value() }),
        3 => EventKind::NoteOff(note),
        4 => EventKind::Choke(note),
        5 => {
            let expression = Expression::ALL[usize::from(key) % Expression::ALL.len()];
            EventKind::Express { note, expression, value: bytes.value() }
        }
        6 => {
            let id = TABLE[usize::from(key) % NUM_PARAMS].id;
            EventKind::Modulate { note, id, amount: bytes.value() }
        }
        7 => EventKind::Bend { channel, value: bytes.value() },
        8 => EventKind::Control { channel, controller: key, value: bytes.value() },
        9 => EventKind::FreeRunOn,
        10 => EventKind::FreeRunOff,
        _ => {
            let spec = &TABLE[usize::from(key) % NUM_PARAMS];
            let value = spec.min + (spec.max - spec.min) * bytes.value();
            EventKind::Param { id: spec.id, value }
        }
    };
    Event { offset_samples, kind }
}
