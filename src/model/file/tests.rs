//! What is written is read, and nothing else is.

use super::*;
use crate::model::detail::{DETAIL_VALUES, MOST_COMPONENTS};
use crate::model::memory::MAX_FRAMES;
use half::f16;
use proptest::prelude::*;

fn sample_model() -> Model {
    (*crate::fixture::model(1)).clone()
}

/// A file taken apart, to be put together wrong.
#[derive(Clone)]
struct Parts {
    header: serde_json::Value,
    data: Vec<u8>,
}

impl Parts {
    fn new() -> Self {
        let bytes = sample_model().to_bytes().unwrap();
        let length = u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
        let header = serde_json::from_slice(&bytes[8..8 + length]).unwrap();
        Self { header, data: bytes[8 + length..].to_vec() }
    }

    fn bytes(&self) -> Vec<u8> {
        whole(&self.header.to_string(), &self.data)
    }

    /// Writes over the first number of a tensor and makes the hash fit again.
    fn with_first(mut self, name: &str, number: &[u8]) -> Self {
        let start = self.header[name]["data_offsets"][0].as_u64().unwrap() as usize;
        self.data[start..start + number.len()].copy_from_slice(number);
        self.rehashed()
    }

    fn rehashed(mut self) -> Self {
        let card = self.header["__metadata__"]["mynah.card"].as_str().unwrap().to_owned();
        let header = self.header.as_object().unwrap();
        let content = header.iter().filter(|(name, _)| *name != "__metadata__").map(|(name, entry)| {
            let offset = |index: usize| entry["data_offsets"][index].as_u64().unwrap() as usize;
            (name.as_str(), &self.data[offset(0)..offset(1)])
        });
        let sum = hash(&card, content);
        self.header["__metadata__"]["mynah.sha256"] = sum.into();
        self
    }
}

fn whole(header: &str, data: &[u8]) -> Vec<u8> {
    let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
    bytes.extend(header.as_bytes());
    bytes.extend(data);
    bytes
}

#[track_caller]
fn check_refused(bytes: &[u8], words: &str) {
    let error = Model::from_bytes(bytes).expect_err("the file should be refused").to_string();
    assert!(error.contains(words), "{error:?} should say {words:?}");
}

/// A change of the model that must be refused when it is saved.
#[track_caller]
fn check_unsaved(change: impl FnOnce(&mut Model), words: &str) {
    let mut model = sample_model();
    change(&mut model);
    let error = model.to_bytes().expect_err("the model should be refused").to_string();
    assert!(error.contains(words), "{error:?} should say {words:?}");
}

#[test]
fn a_saved_model_loads_as_itself() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("voice.mynah");
    sample_model().save(&path).unwrap();
    assert_eq!(Model::load(&path).unwrap(), sample_model());
}

#[test]
fn the_same_model_gives_the_same_bytes() {
    let bytes = sample_model().to_bytes().unwrap();
    for _ in 0..10 {
        assert_eq!(sample_model().to_bytes().unwrap(), bytes);
    }
    assert_eq!(Model::from_bytes(&bytes).unwrap().to_bytes().unwrap(), bytes);
}

#[test]
fn every_reader_of_safetensors_reads_the_file() {
    let bytes = sample_model().to_bytes().unwrap();
    let tensors = safetensors::SafeTensors::deserialize(&bytes).unwrap();
    assert_eq!(tensors.len(), TENSORS.len());
    let view = tensors.tensor("network.gru_state").unwrap();
    assert_eq!(view.shape(), [576, 192]);
    assert_eq!(view.data().as_ptr() as usize % 2, bytes.as_ptr() as usize % 2);
}

#[test]
fn the_header_keeps_the_form_of_the_first_release() {
    let metadata = &Parts::new().header["__metadata__"];
    assert_eq!(metadata["mynah.format"], "1");
    assert_eq!(metadata["mynah.needs"], "0.1.0");
    assert_eq!(metadata["mynah.sha256"].as_str().unwrap().len(), 64);
    assert!(metadata["mynah.card"].as_str().unwrap().starts_with("{\"name\":\"test 1\""));
}

#[test]
fn an_empty_memory_is_a_model() {
    let mut model = sample_model();
    for list in [&mut model.memory.keys, &mut model.memory.frames, &mut model.memory.cells] {
        list.clear();
    }
    model.memory.details.clear();
    model.memory.flags.clear();
    model.memory.onsets = Onsets::default();
    model.memory.neighbours.clear();
    model.memory.cell_frames.clear();
    model.memory.cell_starts = vec![0];
    model.map = crate::model::SoundMap { positions: vec![], frames: vec![], memory_frames: vec![] };
    assert_eq!(Model::from_bytes(&model.to_bytes().unwrap()).unwrap(), model);
}

#[test]
fn detail_has_the_components_that_its_shape_says_within_bounds() {
    let bytes = |components: usize| {
        let mut model = sample_model();
        model.detail = crate::model::DetailCodec::from_components(&vec![0.5; components * DETAIL_VALUES]);
        model.memory.details = vec![7; model.memory.num_frames() * (components / 2)];
        model.to_bytes()
    };
    for components in [0, 1, 2, MOST_COMPONENTS] {
        let model = Model::from_bytes(&bytes(components).unwrap()).unwrap();
        assert_eq!(model.memory.detail(3).map(<[u8]>::len), Some(components / 2), "{components} components");
    }
    let error = bytes(MOST_COMPONENTS + 2).unwrap_err().to_string();
    assert!(error.contains("components of detail"), "{error}");
}

#[test]
fn a_full_memory_fits_in_four_mebibytes() {
    let mut model = sample_model();
    let num_times = MAX_FRAMES / model.memory.num_frames();
    let repeat = |list: &mut Vec<f32>| *list = list.repeat(num_times);
    repeat(&mut model.memory.keys);
    repeat(&mut model.memory.frames);
    model.memory.details = model.memory.details.repeat(num_times);
    model.memory.flags = model.memory.flags.repeat(num_times);
    model.memory.onsets = Onsets::of(&model.memory.flags);
    model.memory.neighbours = model.memory.neighbours.repeat(num_times);
    model.memory.cell_frames = (0..MAX_FRAMES as u16).collect();
    model.memory.cell_starts = vec![0, 1, 2, 3, MAX_FRAMES as u16];
    // Lists longer than a card keeps, of numbers with all their digits.
    model.card.corpus.event_seconds = vec![0.123_456_79; 10_000];
    model.card.corpus.pause_seconds = vec![0.123_456_79; 10_000];
    let point =
        crate::model::card::CurvePoint { step: 123_456, learning: -7.123_456_8, held_out: -7.123_456_8 };
    model.card.learning.curve = vec![point; 10_000];
    let bytes = model.to_bytes().unwrap();
    assert!(bytes.len() < MAX_FILE_BYTES, "{} bytes", bytes.len());
    let loaded = Model::from_bytes(&bytes).unwrap();
    assert_eq!(loaded.memory, model.memory);
    assert_eq!(loaded.card.learning.curve.len(), 4_096);
}

#[test]
fn every_truncation_is_an_error() {
    let bytes = sample_model().to_bytes().unwrap();
    let header_end = 8 + u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
    let steps = (0..200).chain((200..bytes.len()).step_by(1_999)).chain(header_end - 20..header_end + 20);
    for length in steps.chain([bytes.len() - 1]) {
        assert!(Model::from_bytes(&bytes[..length]).is_err(), "{length}");
    }
    check_refused(&[], "too short");
    let mut longer = bytes.clone();
    longer.push(0);
    check_refused(&longer, "not a model");
}

#[test]
fn every_flipped_bit_is_an_error_or_changes_nothing() {
    let model = sample_model();
    let bytes = model.to_bytes().unwrap();
    let header_end = 8 + u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
    // The header bit by bit; of the data, which only the hash can judge, some bits.
    let bits = (0..8 * header_end).chain((8 * header_end..8 * bytes.len()).step_by(80_021));
    let mut flipped = bytes;
    for bit in bits {
        flipped[bit / 8] ^= 1 << (bit % 8);
        if let Ok(loaded) = Model::from_bytes(&flipped) {
            assert_eq!(loaded, model, "bit {bit}");
        }
        flipped[bit / 8] ^= 1 << (bit % 8);
    }
}

#[test]
fn headers_that_lie_about_their_length_are_refused() {
    for length in [0, 1, 1 << 20, (1 << 20) + 1, 1 << 32, u64::MAX, u64::MAX - 7] {
        let mut bytes = sample_model().to_bytes().unwrap();
        bytes[..8].copy_from_slice(&length.to_le_bytes());
        check_refused(&bytes, "not a model of Mynah: its header");
    }
    check_refused(&vec![0; MAX_FILE_BYTES + 1], "4194305 bytes, at most 4194304");
}

#[test]
fn deep_and_doubled_json_is_refused() {
    check_refused(&whole(&"[".repeat(500_000), &[]), "its header does not read");
    check_refused(&whole(&"{\"a\":".repeat(150_000), &[]), "its header does not read");
    let parts = Parts::new();
    let text = parts.header.to_string();
    let entry = parts.header["codec.mean"].to_string();
    let twice = text.replacen('{', &format!("{{\"codec.mean\":{entry},"), 1);
    check_refused(&whole(&twice, &parts.data), "codec.mean comes twice");
    let twice = text.replacen("\"dtype\":", "\"dtype\":\"F16\",\"dtype\":", 1);
    check_refused(&whole(&twice, &parts.data), "dtype comes twice");
    let twice = text.replacen("\"mynah.format\":", "\"mynah.format\":\"1\",\"mynah.format\":", 1);
    check_refused(&whole(&twice, &parts.data), "mynah.format comes twice");
    check_refused(&whole("{}", &[]), "lacks what Mynah writes");
    check_refused(&whole("[]", &[]), "not a model");
    check_refused(&whole("{\"__metadata__\":{}}", &[]), "lacks mynah.format");
}

#[test]
fn a_newer_format_is_refused_with_the_version_that_it_needs() {
    let header = r#"{"__metadata__":{"mynah.format":"2","mynah.needs":"3.1.0"},"new":{"dtype":"C64","shape":[],
        "data_offsets":[0,8]}}"#;
    check_refused(&whole(header, &[0; 8]), "it needs version 3.1.0 or later; update Mynah");
    for format in ["0", "-1", "", "1.5", "one"] {
        let mut parts = Parts::new();
        parts.header["__metadata__"]["mynah.format"] = format.into();
        check_refused(&parts.bytes(), "its format is");
    }
}

#[test]
fn tensors_that_are_missing_added_or_of_another_kind_are_named() {
    let mut parts = Parts::new();
    let map = parts.header.as_object_mut().unwrap();
    let entry = map.remove("memory.flags").unwrap();
    check_refused(&parts.bytes(), "not a model of Mynah: its tensors do not fit");
    parts.header["memory.flogs\u{7}"] = entry.clone();
    check_refused(&parts.bytes(), "tensor memory.flogs is not part of a model");

    let mut parts = Parts::new();
    let zero = serde_json::json!({ "dtype": "U8", "shape": [0], "data_offsets": [0, 0] });
    parts.header["extra"] = zero.clone();
    check_refused(&parts.bytes(), "tensor extra is not part of a model");

    let mut parts = Parts::new();
    let (start, end) =
        (parts.header["memory.flags"]["data_offsets"][0].as_u64().unwrap(), parts.data.len() as u64);
    assert_eq!(end - start, 200, "the only bytes are the last tensor");
    parts.header.as_object_mut().unwrap().remove("memory.flags");
    parts.data.truncate(start as usize);
    check_refused(&parts.bytes(), "tensor memory.flags is missing");

    let mut parts = Parts::new();
    parts.header["codec.mean"]["dtype"] = "BF16".into();
    check_refused(&parts.bytes(), "tensor codec.mean holds BF16, must hold F16");
    parts.header["codec.mean"]["dtype"] = "F17".into();
    check_refused(&parts.bytes(), "not a model");
}

#[test]
fn shapes_that_do_not_fit_are_refused() {
    let mut parts = Parts::new();
    parts.header["codec.encode"]["shape"] = serde_json::json!([112, 32]);
    check_refused(&parts.bytes(), "tensor codec.encode has shape [112, 32], must have [32, 112]");
    parts.header["codec.encode"]["shape"] = serde_json::json!([u64::MAX, u64::MAX]);
    check_refused(&parts.bytes(), "not a model");
    parts.header["codec.encode"]["shape"] = serde_json::json!([1e300]);
    check_refused(&parts.bytes(), "not a model");
    let mut parts = Parts::new();
    parts.header["memory.frames"]["shape"] = serde_json::json!([34, 200]);
    check_refused(&parts.bytes(), "must have [34,");
    // Nothing, a billion times.
    parts.header["memory.frames"]["shape"] = serde_json::json!([1_000_000_000_000_u64, 0]);
    check_refused(&parts.bytes(), "not a model");
}

#[test]
fn offsets_that_overlap_or_leave_gaps_are_refused() {
    for offsets in [[0, 4], [8, 4], [1_u64 << 40, 1 << 41], [2, 226]] {
        let mut parts = Parts::new();
        parts.header["codec.mean"]["data_offsets"] = serde_json::json!(offsets);
        check_refused(&parts.bytes(), "not a model of Mynah: its tensors do not fit");
    }
}

#[test]
fn damaged_tensors_and_cards_do_not_fit_the_hash() {
    let mut parts = Parts::new();
    parts.data[1_000] ^= 1;
    check_refused(&parts.bytes(), "damaged: its hash does not fit");
    let mut parts = Parts::new();
    parts.header["__metadata__"]["mynah.card"] = "{}".into();
    check_refused(&parts.bytes(), "damaged: its hash does not fit");
    check_refused(&parts.rehashed().bytes(), "its card does not read");
}

#[test]
fn numbers_that_no_learning_gives_are_refused_though_the_hash_fits() {
    let half = |value: f32| f16::from_f32(value).to_le_bytes();
    for (name, number, words) in [
        ("network.gru_state", half(f32::NAN).to_vec(), "network.gru_state holds NaN at 0, must be finite"),
        ("memory.keys", half(f32::INFINITY).to_vec(), "memory.keys holds inf at 0"),
        ("codec.mean", half(20_000.0).to_vec(), "codec.mean holds 20000 at 0, must be at most 10000"),
        ("codec.pitch_std", 0_f32.to_le_bytes().to_vec(), "codec.pitch_std holds 0"),
        ("codec.loudness_std", (-1_f32).to_le_bytes().to_vec(), "codec.loudness_std holds -1"),
        ("codec.pitch_mean", f32::NAN.to_le_bytes().to_vec(), "codec.pitch_mean holds NaN"),
        ("memory.width", 1e-30_f32.to_le_bytes().to_vec(), "memory.width holds"),
        ("memory.spread", 1e30_f32.to_le_bytes().to_vec(), "memory.spread holds"),
        ("memory.flags", vec![16], "memory.flags holds 16 at 0, must be at most 15"),
        (
            "memory.neighbours",
            vec![200, 0],
            "memory.neighbours holds 200 at 0, must be below the number of frames, 200",
        ),
        ("memory.cell_frames", vec![255, 255], "memory.cell_frames holds 65535"),
        ("memory.cell_starts", vec![1, 0], "memory.cell_starts holds 1 at 0, must be 0"),
        ("memory.cell_starts", vec![0, 0, 150, 0], "memory.cell_starts holds 100 at 2, must be at least 150"),
        ("map.memory_frames", vec![200, 0], "map.memory_frames holds 200"),
        ("map.positions", half(1.5).to_vec(), "map.positions holds 1.5 at 0, must be -1 to 1"),
    ] {
        check_refused(&Parts::new().with_first(name, &number).bytes(), words);
    }
}

#[test]
fn a_model_that_would_not_load_is_not_saved() {
    check_unsaved(|model| model.network.timbre.numbers_mut()[12] = f32::NAN, "network.timbre holds NaN at 1");
    check_unsaved(|model| model.network.timbre_bias.truncate(7), "tensor network.timbre_bias has shape [7]");
    check_unsaved(|model| model.memory.spread = 0.0, "memory.spread holds 0");
    check_unsaved(|model| model.memory.cell_starts.clear(), "tensor memory.cell_starts has shape [0]");
    check_unsaved(|model| model.memory.cell_starts[4] = 199, "must be the number of frames, 200");
    check_unsaved(
        |model| model.memory.frames = vec![0.0; 34 * 18_001],
        "18001 frames in memory, at most 18000",
    );
    let mut model = sample_model();
    model.network.timbre_bias[7] = 1e30;
    assert_eq!(Model::from_bytes(&model.to_bytes().unwrap()).unwrap().network.timbre_bias[7], 1e4);
}

#[test]
fn cards_are_cut_cleaned_and_bounded() {
    let mut model = sample_model();
    model.card.name = format!("\u{1b}[31mRed\u{202e}\n{}", "x".repeat(1_000));
    model.card.learning.held_out = f32::INFINITY;
    let card = Model::from_bytes(&model.to_bytes().unwrap()).unwrap().card;
    assert!(card.name.starts_with("[31mRedxxx"), "{:?}", card.name);
    assert_eq!(card.name.chars().count(), 200);
    assert_eq!(card.learning.held_out, 0.0);

    let mut parts = Parts::new();
    let mut stuffed = sample_model().card;
    stuffed.corpus.pause_seconds = vec![1.0; 4_097];
    parts.header["__metadata__"]["mynah.card"] = serde_json::to_string(&stuffed).unwrap().into();
    check_refused(&parts.rehashed().bytes(), "4097 lengths of pauses on the card, at most 4096");
}

#[test]
fn errors_of_loading_name_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("voice.mynah");
    let error = |path: &Path| Model::load(path).unwrap_err().to_string();
    assert!(error(&path).starts_with("voice.mynah: cannot be read: "), "{}", error(&path));
    std::fs::write(&path, b"").unwrap();
    assert!(
        error(&path).starts_with("voice.mynah: not a model of Mynah: it is too short"),
        "{}",
        error(&path)
    );
    File::create(&path).unwrap().set_len(1 << 32).unwrap();
    assert!(error(&path).starts_with("voice.mynah: 4294967296 bytes, at most 4194304"), "{}", error(&path));
    assert!(sample_model().save(folder.path().join("no/voice.mynah")).is_err());
    #[cfg(unix)]
    assert!(error(Path::new("/dev/zero")).starts_with("zero: "), "{}", error(Path::new("/dev/zero")));
}

proptest! {
    #[test]
    fn noise_is_never_a_model_nor_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..4_000)) {
        prop_assert!(Model::from_bytes(&bytes).is_err());
        prop_assert!(Model::from_bytes(&whole(&String::from_utf8_lossy(&bytes), &bytes)).is_err());
    }

    #[test]
    fn a_spoilt_header_never_panics(cut in 0_usize..5_000, text in "[\\[\\]{}\":,0-9a-z_ ]{0,20}") {
        let parts = Parts::new();
        let mut header = parts.header.to_string();
        let cut = cut % header.len();
        header.replace_range(cut..(cut + text.len()).min(header.len()), &text);
        let _ = Model::from_bytes(&whole(&header, &parts.data));
    }
}
