//! `mynah learn` ended from outside: it keeps the best so far, or leaves what was there.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "clippy exempts test functions, not what they share")]

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};

use mynah::model::Model;

/// A learning of the built-in violin into `model`, run until it has begun to fit; and what it says from there.
fn fitting(model: &Path) -> (Child, BufReader<std::process::ChildStderr>) {
    let corpus = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("assets/corpus/violin");
    let mut child = Command::new(env!("CARGO_BIN_EXE_mynah"))
        .arg("learn")
        .arg(corpus)
        .args(["--no-report", "-o"])
        .arg(model)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    while !line.contains("learning 0 %") && !line.contains("nats a frame") {
        line.clear();
        assert!(0 < said.read_line(&mut line).unwrap(), "it ended before it began to fit");
    }
    (child, said)
}

/// Sends a signal and waits; returns how it ended and what it said.
fn end(
    signal: &str,
    (mut child, mut said): (Child, BufReader<std::process::ChildStderr>),
) -> (ExitStatus, String) {
    let sent = Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap();
    assert!(sent.success(), "{signal} was sent");
    let mut text = String::new();
    said.read_to_string(&mut text).unwrap();
    (child.wait().unwrap(), text)
}

fn names_in(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn an_interrupt_keeps_the_best_so_far() {
    let folder = tempfile::tempdir().unwrap();
    let model = folder.path().join("early.mynah");
    let (status, said) = end("-INT", fitting(&model));
    assert_eq!(status.code(), Some(0), "{said}");
    assert!(said.contains("stopped early"), "{said}");
    assert!(0.0 < Model::load(&model).unwrap().card.corpus.seconds);
    assert_eq!(names_in(folder.path()), ["early.mynah"]);
}

#[test]
fn a_learner_that_is_killed_leaves_the_old_model_whole() {
    let folder = tempfile::tempdir().unwrap();
    let model = folder.path().join("kept.mynah");
    let old = mynah::model::builtin::FACTORY[0].bytes;
    std::fs::write(&model, old).unwrap();
    let (status, _) = end("-KILL", fitting(&model));
    assert_eq!(status.code(), None, "a signal ended it");
    assert!(std::fs::read(&model).unwrap() == old, "not a byte has changed");
    assert_eq!(names_in(folder.path()), ["kept.mynah"]);
}
