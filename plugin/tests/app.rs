//! `mynah-app` as it is built, where there may be no sound card at all: what it says and how it ends.

#![cfg(feature = "standalone")]
#![expect(clippy::unwrap_used, reason = "clippy exempts test functions, not what they share")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

fn run(folder: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_mynah-app"))
        .args(args)
        .current_dir(folder)
        .env("MYNAH_CONFIG", folder.join("config"))
        .env("MYNAH_DATA", folder.join("data"))
        .env_remove("RUST_BACKTRACE")
        .output()
        .unwrap()
}

/// It ends with `code`, and its message holds `expected`.
#[track_caller]
fn check(folder: &Path, args: &[&str], code: i32, expected: &str) {
    let output = run(folder, args);
    let message = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(code), "{args:?}: {message}");
    assert!(message.contains(expected), "{args:?}: no {expected:?} in {message:?}");
    assert!(!message.contains("panicked"), "{args:?}: {message}");
    assert!(output.stdout.is_empty(), "{args:?} answered {:?}", output.stdout);
}

#[test]
fn help_shows_an_example_and_the_exit_codes() {
    let folder = tempfile::tempdir().unwrap();
    let output = run(folder.path(), &["--help"]);
    let help = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert!(help.contains("Example") && help.contains("Exit codes: 0 done, 1 failure"), "{help}");
}

#[test]
fn wrong_usage_is_2_and_says_what_is_wrong() {
    let folder = tempfile::tempdir().unwrap();
    check(folder.path(), &["--nonsense"], 2, "--nonsense");
    check(folder.path(), &["--rate", "1"], 2, "8000..=192000");
    check(folder.path(), &["--seconds", "soon"], 2, "number of seconds");
}

#[test]
fn what_is_not_there_is_1_and_named() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("bad.mynah"), "x").unwrap();
    fs::write(folder.path().join("bad.mid"), "x").unwrap();
    let path = folder.path();
    check(path, &["missing.mynah", "--no-window"], 1, "missing.mynah");
    check(path, &["bad.mynah", "--no-window"], 1, "bad.mynah");
    check(path, &["missing.mynahpreset", "--no-window"], 1, "missing.mynahpreset");
    check(path, &["nonesuch", "--no-window"], 1, "one of: Voice");
    check(path, &["--play", "bad.mid", "--no-window"], 1, "bad.mid: not a standard MIDI file");
    check(path, &["--backend", "nonesuch"], 1, "there is no backend nonesuch");
    check(path, &["--device", "No Such Device", "--no-window"], 1, "there is no device No Such Device");
}

#[test]
fn what_there_is_can_be_read_by_machines() {
    let folder = tempfile::tempdir().unwrap();
    let output = run(folder.path(), &["--list", "--json"]);
    assert_eq!(output.status.code(), Some(0));
    let listed: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    for key in ["backends", "devices", "midi"] {
        assert!(listed[key].is_array(), "{listed}");
    }
    let output = run(folder.path(), &["--list"]);
    assert!(String::from_utf8(output.stdout).unwrap().contains("MIDI inputs:"));
}
