//! The command as it is built, given what nobody should give it: each gets a message and an exit code, and leaves no
//! file behind.

#![expect(clippy::unwrap_used, reason = "clippy exempts test functions, not what they share")]

mod support;

use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use tempfile::TempDir;

/// A folder for one test; everything in it is counted afterwards.
struct Desk {
    folder: TempDir,
}

impl Desk {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn with(self, name: &str, bytes: &[u8]) -> Self {
        fs::create_dir_all(self.path().join(name).parent().unwrap()).unwrap();
        fs::write(self.path().join(name), bytes).unwrap();
        self
    }

    fn with_folder(self, name: &str) -> Self {
        fs::create_dir_all(self.path().join(name)).unwrap();
        self
    }

    fn with_model(self, name: &str) -> Self {
        self.with(name, &model_bytes())
    }

    fn run(&self, args: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_mynah"))
            .args(args)
            .current_dir(self.path())
            // What a person without it sees.
            .env_remove("RUST_BACKTRACE")
            .output()
            .unwrap()
    }

    /// Every file and folder under it, hidden ones too.
    fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = walkdir::WalkDir::new(self.path())
            .into_iter()
            .map(|entry| entry.unwrap().path().strip_prefix(self.path()).unwrap().display().to_string())
            .collect();
        names.sort();
        names
    }

    /// The command fails with `code`, its message holds each of `expected`, and no file comes or goes.
    #[track_caller]
    fn check_fails(&self, args: &[&str], code: i32, expected: &[&str]) {
        let before = self.names();
        let output = self.run(args);
        let message = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{args:?}: {message}");
        assert!(output.stdout.is_empty(), "{args:?} answered {:?}", output.stdout);
        for part in expected {
            assert!(message.contains(part), "{args:?}: no {part:?} in {message:?}");
        }
        for part in ["panicked", "a fault in Mynah", "RUST_BACKTRACE"] {
            assert!(!message.contains(part), "{args:?}: {message}");
        }
        assert_eq!(self.names(), before, "{args:?}");
    }

    #[track_caller]
    fn check_answers(&self, args: &[&str]) -> String {
        let output = self.run(args);
        let message = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(0), "{args:?}: {message}");
        String::from_utf8(output.stdout).unwrap()
    }
}

fn model_bytes() -> Vec<u8> {
    support::model(1).to_bytes().unwrap()
}

/// A WAV file of floats at 16 kHz.
fn wav(samples: &[f32]) -> Vec<u8> {
    const RATE_HZ: u32 = 16_000;
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: RATE_HZ,
        bits_per_sample: 32,
        sample_format: hound::SampleFormat::Float,
    };
    let mut bytes = std::io::Cursor::new(Vec::new());
    let mut writer = hound::WavWriter::new(&mut bytes, spec).unwrap();
    samples.iter().for_each(|sample| writer.write_sample(*sample).unwrap());
    writer.finalize().unwrap();
    bytes.into_inner()
}

fn tone(num_samples: usize) -> Vec<f32> {
    (0..num_samples).map(|n| 0.3 * (n as f32 * 0.1).sin()).collect()
}

/// A standard MIDI file of one note: a quarter at 120 beats a minute.
const SONG: &[u8] = b"MThd\0\0\0\x06\0\0\0\x01\0\x60MTrk\0\0\0\x0c\0\x90\x45\x64\x60\x80\x45\0\0\xff\x2f\0";

#[test]
fn learning_from_nothing_of_use_names_each_file_and_leaves_nothing() {
    let mut not_numbers = tone(16_000);
    not_numbers[8_000] = f32::NAN;
    let mut infinite = tone(16_000);
    infinite[100] = f32::INFINITY;
    for (name, bytes) in [
        ("text.wav", b"these are words".repeat(100)),
        ("silence.wav", wav(&vec![0.0; 16_000])),
        ("blip.wav", wav(&tone(1_000))),
        ("nan.wav", wav(&not_numbers)),
        ("infinite.wav", wav(&infinite)),
        ("empty.wav", Vec::new()),
    ] {
        let desk = Desk::new().with(&format!("in/{name}"), &bytes);
        desk.check_fails(&["learn", "in", "-o", "out.mynah"], 1, &["mynah: cannot learn: ", name]);
    }
    let desk = Desk::new().with_folder("in");
    desk.check_fails(&["learn", "in", "-o", "out.mynah"], 1, &["mynah: cannot learn: ", "in"]);
    desk.check_fails(&["learn", "missing", "-o", "out.mynah"], 1, &["cannot learn: ", "missing"]);
}

#[test]
fn an_output_that_cannot_be_written_is_named_before_anything_is_done() {
    let desk = Desk::new()
        .with("in/a.wav", &wav(&tone(16_000)))
        .with_model("voice.mynah")
        .with("song.mid", SONG)
        .with("file", b"");
    for args in [
        &["learn", "in"][..],
        &["copy", "in/a.wav"],
        &["sample", "voice.mynah", "--seconds", "1"],
        &["render", "voice.mynah", "song.mid"],
    ] {
        // A folder that is not there, one that is a file, and a name that is a folder: all hold for root as well.
        for (output, expected) in
            [("no/out", "no does not exist"), ("file/out", "file"), ("in", "in is a folder")]
        {
            let args = [args, &["-o", output]].concat();
            desk.check_fails(&args, 1, &[&format!("mynah: cannot {}: ", args[0]), expected]);
        }
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_called_so() {
    let desk =
        Desk::new().with("a.wav", &wav(&tone(16_000))).with_model("voice.mynah").with("song.mid", SONG);
    for args in [
        &["copy", "a.wav"][..],
        &["sample", "voice.mynah", "--seconds", "1"],
        &["render", "voice.mynah", "song.mid"],
    ] {
        let args = [args, &["-o", "/dev/full"]].concat();
        desk.check_fails(&args, 1, &["/dev/full cannot be written: the disk is full"]);
    }
}

#[test]
fn a_damaged_model_is_named_with_what_is_wrong() {
    let bytes = model_bytes();
    let mut flipped = bytes.clone();
    let at = flipped.len() - 1_000;
    flipped[at] ^= 4;
    let huge = (4_u64 << 30).to_le_bytes();
    let card = br#""mynah.format":"1""#;
    let at = bytes.windows(card.len()).position(|window| window == card).unwrap();
    let mut newer = bytes.clone();
    newer[at + card.len() - 2] = b'9';
    for (name, bytes, expected) in [
        ("cut.mynah", &bytes[..bytes.len() / 2], "not a model"),
        ("flipped.mynah", &flipped, "damaged"),
        ("empty.mynah", &[], "not a model"),
        ("huge.mynah", &[&huge, &bytes[8..]].concat(), "not a model"),
        ("newer.mynah", &newer, "newer"),
        ("text.mynah", b"these are words", "not a model"),
    ] {
        let desk = Desk::new().with(name, bytes).with("song.mid", SONG).with("a.wav", &wav(&tone(16_000)));
        desk.check_fails(&["inspect", name], 1, &["mynah: cannot inspect: ", name, expected]);
        desk.check_fails(&["inspect", name, "--json"], 1, &[name, expected]);
        desk.check_fails(
            &["sample", name, "-o", "o.wav", "--seconds", "1"],
            1,
            &["cannot sample: ", name, expected],
        );
        desk.check_fails(
            &["render", name, "song.mid", "-o", "o.wav"],
            1,
            &["cannot render: ", name, expected],
        );
        desk.check_fails(
            &["copy", "a.wav", "-o", "o.wav", "--model", name],
            1,
            &["cannot copy: ", name, expected],
        );
    }
    Desk::new().check_fails(&["inspect", "gone.mynah"], 1, &["gone.mynah"]);
}

#[test]
fn what_is_not_midi_or_not_audio_is_named() {
    let cut = &SONG[..SONG.len() - 6];
    let desk = Desk::new()
        .with_model("voice.mynah")
        .with("words.mid", b"these are words")
        .with("empty.mid", b"")
        .with("cut.mid", cut)
        .with("words.wav", b"these are words");
    for name in ["words.mid", "empty.mid", "cut.mid", "gone.mid", "."] {
        desk.check_fails(
            &["render", "voice.mynah", name, "-o", "o.wav"],
            1,
            &["mynah: cannot render: ", name],
        );
    }
    for name in ["words.wav", "gone.wav"] {
        desk.check_fails(&["copy", name, "-o", "o.wav"], 1, &["mynah: cannot copy: ", name]);
    }
}

#[test]
fn a_scale_or_a_mapping_that_is_none_is_named_with_its_line() {
    let desk = Desk::new()
        .with_model("voice.mynah")
        .with("song.mid", SONG)
        .with("just.scl", b"Just\n2\n3/2\n2/1\n")
        .with("comma.scl", b"Comma\n1\n701,955\n")
        .with("big.scl", &vec![b'!'; 2 << 20])
        .with("cut.kbm", b"12\n0\n");
    let render = ["render", "voice.mynah", "song.mid", "-o", "o.wav", "--scale"];
    for (args, expected) in [
        (&["comma.scl"][..], &["comma.scl: line 3 of the scale", "701.955"][..]),
        (&["big.scl"], &["big.scl: 2097152 bytes, at most 1048576"]),
        (&["gone.scl"], &["gone.scl: cannot be opened"]),
        (&["."], &["not a file; give a Scala scale (.scl)"]),
        (&["just.scl", "--keyboard", "cut.kbm"], &["cut.kbm: line 2 of the keyboard mapping", "add"]),
        (&["just.scl", "--keyboard", "gone.kbm"], &["gone.kbm: cannot be opened"]),
    ] {
        let expected = [&["mynah: cannot render: "], expected].concat();
        desk.check_fails(&[&render[..], args].concat(), 1, &expected);
    }
    desk.check_fails(&[&render[..5], &["--keyboard", "cut.kbm"]].concat(), 2, &["--scale", "--help"]);
}

#[test]
fn wrong_usage_has_a_code_of_its_own() {
    let desk = Desk::new().with_model("voice.mynah").with("song.mid", SONG);
    for args in [
        &[][..],
        &["fly"],
        &["learn"],
        &["sample", "voice.mynah", "-o", "o.wav"],
        &["sample", "voice.mynah", "-o", "o.wav", "--seconds", "-1"],
        &["sample", "voice.mynah", "-o", "o.wav", "--seconds", "1", "--chance", "1.6"],
        &["sample", "voice.mynah", "-o", "o.wav", "--seconds", "1", "--rate", "100"],
        &["render", "voice.mynah", "song.mid", "-o", "o.wav", "--set", "volume=1"],
        &["completions", "tea"],
    ] {
        desk.check_fails(args, 2, &["--help"]);
    }
}

#[test]
fn each_command_does_its_work_and_answers_machines() {
    let desk = Desk::new()
        .with("a.wav", &wav(&tone(8_000)))
        .with_model("voice.mynah")
        .with("song.mid", SONG)
        // As old editors wrote it: ISO 8859-1.
        .with("fifths.scl", b"F\xfcnftel\r\n5\r\n240.\r\n480.\r\n720.\r\n960.\r\n2/1\r\n")
        .with("a.kbm", b"0\n0\n127\n69\n69\n432.0\n0\n");
    for (args, output) in [
        (&["copy", "a.wav", "-o", "copy.wav"][..], "copy.wav"),
        (&["copy", "a.wav", "-o", "coded", "--model", "voice.mynah"], "coded.wav"),
        (&["sample", "voice.mynah", "-o", "new.wav", "--seconds", "0.5", "--rate", "8000"], "new.wav"),
        (&["render", "voice.mynah", "song.mid", "-o", "tune.wav", "--set", "own-pitch=0.5"], "tune.wav"),
        (
            &[
                "render",
                "voice.mynah",
                "song.mid",
                "-o",
                "five.wav",
                "--scale",
                "fifths.scl",
                "--keyboard",
                "a.kbm",
            ],
            "five.wav",
        ),
    ] {
        let answer = desk.check_answers(&[args, &["--json"]].concat());
        let answer: serde_json::Value = serde_json::from_str(&answer).unwrap();
        assert_eq!(answer["file"], output);
        let reader = hound::WavReader::open(desk.path().join(output)).unwrap();
        let seconds = f64::from(reader.duration()) / f64::from(reader.spec().sample_rate);
        assert!((answer["seconds"].as_f64().unwrap() - seconds).abs() < 1e-6, "{answer}");
        assert_eq!(answer["rate_hz"], reader.spec().sample_rate);
    }
    let card: serde_json::Value =
        serde_json::from_str(&desk.check_answers(&["inspect", "voice.mynah", "--json"])).unwrap();
    assert_eq!(card["card"]["name"], "test 1");
    assert!(desk.check_answers(&["inspect", "voice.mynah"]).contains("hash"));
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        assert!(desk.check_answers(&["completions", shell]).contains("mynah"), "{shell}");
    }
    assert!(!desk.names().iter().any(|name| name.starts_with(".mynah")), "{:?}", desk.names());
}
