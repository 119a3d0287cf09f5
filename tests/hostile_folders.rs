//! Folders that change while they are learned from, that lead into themselves, and whose names are no text.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "clippy exempts test functions, not what they share")]

use mynah::audio_file::{WavFormat, write_wav};
use mynah::learn::{LearnConfig, LearnControl, LearnError, Progress, Request, learn};
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

const RATE_HZ: u32 = 8_000;

fn write_tone(path: &Path, seconds: f32) {
    let samples: Vec<f32> =
        (0..(seconds * RATE_HZ as f32) as usize).map(|n| 0.3 * (n as f32 * 0.2).sin()).collect();
    write_wav(path, &[&samples], RATE_HZ, WavFormat::default()).unwrap();
}

fn config(folder: &Path) -> LearnConfig {
    LearnConfig {
        paths: vec![folder.to_owned()],
        name: "Hostile".into(),
        author: String::new(),
        licence: String::new(),
        seed: 1,
        threads: 1,
        max_minutes: 1e-3,
    }
}

/// Listens to all files, and gives up then. What it says if it does not come so far.
fn listen(folder: &Path, mut on_file: impl FnMut(usize, &LearnControl)) -> Option<String> {
    let control = LearnControl::new();
    let mut observe = |progress: Progress| match progress {
        Progress::Analysing { done, .. } => on_file(done, &control),
        _ => drop(control.ask(Request::GiveUp)),
    };
    match learn(&config(folder), &mut observe, &control) {
        Ok(_) | Err(LearnError::Cancelled) => None,
        Err(error) => Some(error.to_string()),
    }
}

fn make_pipe(path: &Path) {
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success(), "a pipe is made");
}

#[test]
fn links_into_themselves_pipes_and_names_that_are_no_text_end_with_what_was_found() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &[u8]| folder.path().join(std::ffi::OsStr::from_bytes(name));
    fs::create_dir_all(at(b"deep/er")).unwrap();
    symlink(folder.path(), at(b"deep/er/up")).unwrap();
    symlink(at(b"b.wav"), at(b"a.wav")).unwrap();
    symlink(at(b"a.wav"), at(b"b.wav")).unwrap();
    symlink("/nowhere", at(b"gone.wav")).unwrap();
    symlink("/dev/zero", at(b"zero.wav")).unwrap();
    fs::create_dir(at(b"folder.wav")).unwrap();
    make_pipe(&at(b"pipe.wav"));
    let unnameable = std::ffi::OsStr::from_bytes(b"\xff\xfe\x1b[31m.wav");
    // Not every system can name a file so.
    if fs::File::create(folder.path().join(unnameable)).is_ok() {
        write_tone(&folder.path().join(unnameable), 0.4);
    }
    let said = listen(folder.path(), |_, _| ()).unwrap();
    for words in
        ["of sound can be used", "up: a link to a folder that it is in", "gone.wav: cannot be opened"]
    {
        assert!(said.contains(words), "no {words:?} in {said}");
    }
    assert!(!said.contains('\x1b'), "no commands to the terminal");
}

#[test]
fn a_folder_that_changes_while_it_is_read_gives_what_is_left() {
    let folder = tempfile::tempdir().unwrap();
    let path = |idx: usize| -> PathBuf { folder.path().join(format!("{idx:02}.wav")) };
    const NUM_FILES: usize = 24;
    (0..NUM_FILES).for_each(|idx| write_tone(&path(idx), 1.0));
    let said = listen(folder.path(), |done, control| {
        // After the first file, which is some of them.
        if done == 1 {
            for idx in 0..NUM_FILES {
                // Whatever stands there now: a file that is read may be gone, cut, another, or none at all.
                match idx % 5 {
                    0 => fs::remove_file(path(idx)).unwrap(),
                    1 => fs::File::options().write(true).open(path(idx)).unwrap().set_len(50).unwrap(),
                    2 => fs::write(path(idx), "words").unwrap(),
                    3 => {
                        fs::remove_file(path(idx)).unwrap();
                        make_pipe(&path(idx));
                    }
                    _ => {}
                }
            }
        }
        if done == NUM_FILES {
            control.ask(Request::GiveUp);
        }
    });
    assert_eq!(said, None, "four or five of a second each stay");
}
