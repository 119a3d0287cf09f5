//! Files that nobody should open, given to the command under limits of the system: each is refused by name and with what
//! to do, within a second of the processor's time and 64 MB beyond the file; or played within the same memory.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "clippy exempts test functions, not what they share")]

mod support;

use half::f16;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use tempfile::TempDir;

/// Most memory beyond the file: heap, stacks and what is written of the program, KiB.
const MOST_KIB: usize = 64 * 1_024;

/// Runs the command with so many seconds of processor time, and memory for a file of so many bytes.
fn run(folder: &Path, args: &[&str], num_bytes: usize, seconds: u32) -> Output {
    // The shell sets what a process may take, and becomes the command. Whoever takes more is ended by a signal.
    let kib = MOST_KIB + num_bytes.div_ceil(1_024);
    Command::new("sh")
        .args(["-c", "ulimit -d $1; ulimit -t $2; shift 2; exec \"$@\"", "sh"])
        .args([kib.to_string(), seconds.to_string(), env!("CARGO_BIN_EXE_mynah").to_owned()])
        .args(args)
        .current_dir(folder)
        .env_remove("RUST_BACKTRACE")
        .output()
        .unwrap()
}

/// The file is refused with its name and each of `words`.
#[track_caller]
fn check_refused(command: &[&str], name: &str, bytes: &[u8], words: &[&str]) {
    let folder = folder_with(name, bytes);
    let output = run(folder.path(), command, bytes.len(), 1);
    let message = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{name}: {:?} {message}", output.status);
    for word in [&["mynah: cannot ", name, "; "], words].concat() {
        assert!(message.contains(word), "{name}: no {word:?} in {message:?}");
    }
    for word in ["panicked", "a fault in Mynah"] {
        assert!(!message.contains(word), "{name}: {message}");
    }
}

fn folder_with(name: &str, bytes: &[u8]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(name), bytes).unwrap();
    fs::write(folder.path().join("voice"), support::model(1).to_bytes().unwrap()).unwrap();
    folder
}

/// A model file taken apart, to be put together wrong.
struct Parts {
    header: Value,
    data: Vec<u8>,
}

impl Parts {
    fn new() -> Self {
        let bytes = support::model(1).to_bytes().unwrap();
        let (length, rest) = bytes.split_first_chunk::<8>().unwrap();
        let (header, data) = rest.split_at(u64::from_le_bytes(*length) as usize);
        Self { header: serde_json::from_slice(header).unwrap(), data: data.to_vec() }
    }

    fn bytes(&self) -> Vec<u8> {
        with_header(&self.header.to_string(), &self.data)
    }

    fn with_entry(mut self, tensor: &str, key: &str, value: Value) -> Vec<u8> {
        self.header[tensor][key] = value;
        self.bytes()
    }

    /// All of a tensor filled with a number, and the hash made to fit.
    fn filled(mut self, tensor: &str, number: &[u8]) -> Vec<u8> {
        let range = offsets(&self.header[tensor]);
        self.data[range].chunks_exact_mut(number.len()).for_each(|value| value.copy_from_slice(number));
        let metadata = &self.header["__metadata__"];
        let mut hasher = Sha256::new();
        hasher.update(metadata["mynah.card"].as_str().unwrap());
        let tensors: BTreeMap<_, _> = self.header.as_object().unwrap().iter().collect();
        for (name, entry) in tensors.into_iter().filter(|(name, _)| *name != "__metadata__") {
            hasher.update(name);
            hasher.update(&self.data[offsets(entry)]);
        }
        let sum: String = hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        self.header["__metadata__"]["mynah.sha256"] = sum.into();
        self.bytes()
    }
}

fn offsets(entry: &Value) -> std::ops::Range<usize> {
    let offset = |idx: usize| entry["data_offsets"][idx].as_u64().unwrap() as usize;
    offset(0)..offset(1)
}

fn with_header(header: &str, data: &[u8]) -> Vec<u8> {
    [&(header.len() as u64).to_le_bytes()[..], header.as_bytes(), data].concat()
}

#[test]
fn models_that_lie_are_refused_by_name_in_little_time_and_memory() {
    let shape = |shape: Value| Parts::new().with_entry("codec.encode", "shape", shape);
    let twice = {
        let Parts { header, data } = Parts::new();
        let entry = format!("\"codec.mean\":{},", header["codec.mean"]);
        with_header(&format!("{{{entry}{}", &header.to_string()[1..]), &data)
    };
    let deep = "[".repeat(1_000_000);
    for (name, bytes, words) in [
        ("huge-shape", shape(json!([u64::MAX, u64::MAX])), "not a model"),
        ("gigabytes", shape(json!([1 << 20, 1 << 20])), "not a model"),
        ("no-number", shape(json!([1e300])), "not a model"),
        ("wrong-shape", shape(json!([112, 32])), "must have [32, 112]; learn"),
        (
            "wrong-type",
            Parts::new().with_entry("codec.mean", "dtype", json!("BF16")),
            "must hold F16; download",
        ),
        ("nan", Parts::new().filled("network.gru_state", &f16::NAN.to_le_bytes()), "must be finite; learn"),
        ("infinite", Parts::new().filled("network.timbre", &f16::INFINITY.to_le_bytes()), "inf at 0"),
        ("too-heavy", Parts::new().filled("memory.spread", &1e30_f32.to_le_bytes()), "memory.spread holds"),
        ("key-twice", twice, "not a model"),
        ("deep", with_header(&deep, &[]), "not a model"),
        ("deep-objects", with_header(&"{\"a\":".repeat(200_000), &[]), "not a model"),
        ("long-header", with_header(&" ".repeat(4 << 20), &[]), "at most 4194304"),
        ("header-of-all", vec![0xff; 1 << 20], "not a model"),
        ("five-megabytes", vec![0; 5 << 20], "at most 4194304"),
        ("empty", Vec::new(), "not a model"),
    ] {
        check_refused(&["inspect", name], name, &bytes, &[words]);
    }
}

/// A WAV file whose header says these things of the data.
fn wav(channels: u16, rate_hz: u32, data_bytes: u32, data: &[f32]) -> Vec<u8> {
    let mut bytes = b"RIFF\xff\xff\xff\xffWAVEfmt \x10\0\0\0\x03\0".to_vec();
    bytes.extend(channels.to_le_bytes());
    bytes.extend(rate_hz.to_le_bytes());
    bytes.extend(rate_hz.wrapping_mul(4 * u32::from(channels)).to_le_bytes());
    bytes.extend(channels.wrapping_mul(4).to_le_bytes());
    bytes.extend(32_u16.to_le_bytes());
    bytes.extend(b"data");
    bytes.extend(data_bytes.to_le_bytes());
    bytes.extend(data.iter().flat_map(|sample| sample.to_le_bytes()));
    bytes
}

#[test]
fn recordings_that_lie_are_refused_by_name_in_little_time_and_memory() {
    const RATE_HZ: u32 = 16_000;
    let tone = |num: usize| -> Vec<f32> { (0..num).map(|n| 0.3 * (n as f32 * 0.1).sin()).collect() };
    let all = |value: f32| wav(1, RATE_HZ, 64_000, &[value; 16_000]);
    let broken = |value: f32| {
        let mut samples = tone(16_000);
        samples[9_000] = value;
        wav(1, RATE_HZ, 64_000, &samples)
    };
    for (name, bytes, words) in [
        ("nan.wav", broken(f32::NAN), "not a finite number; export"),
        ("infinite.wav", broken(f32::NEG_INFINITY), "not a finite number"),
        ("loud.wav", broken(1e30), "at most 120"),
        ("dc.wav", all(0.5), "record closer"),
        ("silent.wav", all(0.0), "record it louder"),
        ("no-rate.wav", wav(1, 0, 64_000, &tone(16_000)), "sample rate of 0 Hz"),
        ("gigahertz.wav", wav(1, 1 << 30, 64_000, &tone(16_000)), "convert it to 48000"),
        ("no-channel.wav", wav(0, RATE_HZ, 64_000, &tone(16_000)), ""),
        ("channels.wav", wav(u16::MAX, RATE_HZ, 64_000, &tone(16_000)), ""),
        ("promises.wav", wav(1, RATE_HZ, u32::MAX - 3, &tone(1_000)), "0.0 s, too short"),
        ("nothing.wav", wav(1, RATE_HZ, u32::MAX - 3, &[]), "holds no samples"),
        ("words.wav", b"these are words".repeat(1_000), "not an audio file"),
        ("empty.wav", Vec::new(), "record or export it again"),
    ] {
        let learn = ["learn", name, "-o", "o", "--threads", "1", "--no-report", "--quiet"];
        check_refused(&learn, name, &bytes, &[words]);
    }
}

/// A standard MIDI file of one track that is said to be so long, 96 ticks a quarter.
fn song(track_bytes: u32, track: &[u8]) -> Vec<u8> {
    [b"MThd\0\0\0\x06\0\0\0\x01\0\x60MTrk", &track_bytes.to_be_bytes()[..], track].concat()
}

const NOTE: &[u8] = b"\0\x90\x45\x64\x60\x80\x45\0";
const END: &[u8] = b"\0\xff\x2f\0";

#[test]
fn songs_that_lie_are_refused_by_name_in_little_time_and_memory() {
    let with = |parts: &[&[u8]]| song(parts.concat().len() as u32, &parts.concat());
    let for_ever = [b"\xff\xff\xff\x7f\x90\x45\x64".repeat(1_000), END.to_vec()].concat();
    for (name, bytes) in [
        ("words.mid", b"these are words".repeat(100)),
        ("empty.mid", Vec::new()),
        ("cut.mid", song(100, NOTE)),
        ("four-gigabytes.mid", song(u32::MAX, NOTE)),
        ("illegal.mid", with(&[b"\0\xf9\xf9\xf9\xf9", END])),
        ("no-status.mid", with(&[b"\0\x45\x64\0\x45\x64", END])),
        ("length-of-all.mid", with(&[b"\0\xff\x01\xff\xff\xff\x7f", END])),
        ("never-ends.mid", song(for_ever.len() as u32, &for_ever)),
        ("no-note.mid", with(&[END])),
    ] {
        check_refused(&["render", "voice", name, "-o", "o.wav"], name, &bytes, &[]);
    }
}

#[test]
fn ten_thousand_notes_at_once_are_played_in_little_memory() {
    let mut track = b"\0\x90\x45\x64".to_vec();
    (0..10_000_u32).for_each(|idx| track.extend([0, 0x90 | (idx % 16) as u8, (idx % 128) as u8, 0x64]));
    track.extend(b"\x30\xb0\x78\0");
    track.extend(END);
    let bytes = song(track.len() as u32, &track);
    let folder = folder_with("crowd.mid", &bytes);
    let args = ["render", "voice", "crowd.mid", "-o", "o.wav", "--rate", "8000"];
    let output = run(folder.path(), &args, bytes.len(), 60);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let mut sound = hound::WavReader::open(folder.path().join("o.wav")).unwrap();
    assert!(sound.samples::<i32>().any(|sample| sample.unwrap() != 0), "it sounds");
}
