//! Tests of learning as it is shown: from a drop to a model that is kept, and what goes wrong.

use std::time::{Duration, Instant};

use super::*;
use crate::session::LearningPhase;

/// A sheet alone, with the state of learning that it shows.
struct Alone {
    sheet: LearningSheet,
    desk: Desk,
    learning: Learning,
}

fn alone(folder: &Path, learning: Learning) -> Harness<'static, Alone> {
    let desk = Desk::new(Session::new().0, Box::new(Loose::default()), Library::in_folder(folder));
    let app = move |ui: &mut Ui, alone: &mut Alone| {
        theme::install(ui.ctx());
        let over = ui.max_rect();
        alone.sheet.show(ui, &mut alone.desk, &alone.learning, over);
    };
    let builder = Harness::builder().with_size(egui::vec2(620.0, 340.0)).with_max_steps(30);
    builder.build_ui_state(app, Alone { sheet: LearningSheet::default(), desk, learning })
}

fn learning(phase: LearningPhase) -> Learning {
    Learning { name: "Rain".into(), phase, ..Learning::default() }
}

const FINISHED: LearningPhase = LearningPhase::Finished { held_out: 8.25, seconds: 61.0 };

#[track_caller]
fn check(learning: Learning, expected: &[&str]) {
    let mut harness = alone(Path::new("/nowhere/at/all"), learning);
    harness.run_ok();
    for text in expected {
        assert!(harness.query_by_label(text).is_some(), "{text}");
    }
}

#[test]
fn every_state_of_learning_says_how_it_stands() {
    check(
        learning(LearningPhase::Analysing { done: 2, total: 9 }),
        &["Learning Rain", "listening: file 3 of 9", "Stop and keep", "Cancel"],
    );
    check(
        learning(LearningPhase::Preparing),
        &["Learning Rain", "finding what the recordings have in common", "Cancel"],
    );
    check(learning(LearningPhase::Finishing), &["Learning Rain", "laying out the memory and the map"]);
    let fitting = learning(LearningPhase::Fitting { share: 0.4, seconds_left: 95.0 });
    check(
        Learning { curve: vec![[9.0, 9.5]], num_snapshots: 3, ..fitting },
        &["about 1 min 35 s left   ·   9.50 nats a frame held out", "you hear version 3", "Progress"],
    );
    check(learning(LearningPhase::Stopping), &["keeping the best so far"]);
    check(
        Learning { refused: vec!["cry.wav: it is silent".into()], ..learning(FINISHED) },
        &[
            "in 1 min 01 s   ·   8.25 nats a frame held out",
            "Name of the model",
            "Save",
            "Keep without saving",
            "Discard",
            "1 file was not used:",
            "cry.wav: it is silent",
        ],
    );
    check(learning(LearningPhase::Failed("no recordings there".into())), &["no recordings there", "Close"]);
}

#[test]
fn what_was_learned_is_saved_under_the_name_that_is_typed() {
    let folder = tempfile::tempdir().unwrap();
    let mut harness = alone(folder.path(), learning(FINISHED));
    harness.run_ok();
    harness.get_by_label("Name of the model").focus();
    harness.run_ok();
    harness.event(egui::Event::Text(" on tin".into()));
    harness.run_ok();
    harness.get_by_label("Save").click();
    harness.run_ok();
    let saved: Vec<_> = harness.state().desk.library.entries().into_iter().map(|entry| entry.name).collect();
    assert!(saved.iter().any(|name| name.contains("on tin") && name.contains("Rain")), "{saved:?}");
}

#[test]
fn what_is_cancelled_is_given_up_once_the_learner_has_ended() {
    let fitting = || learning(LearningPhase::Fitting { share: 0.4, seconds_left: 95.0 });
    let mut harness = alone(Path::new("/nowhere/at/all"), fitting());
    harness.run_ok();
    harness.get_by_label("Cancel").click();
    harness.step();
    harness.state_mut().learning.phase = LearningPhase::Stopping;
    harness.run_ok();
    assert!(harness.query_by_label("giving up what was learned").is_some(), "it says what it waits for");
    harness.state_mut().learning.phase = FINISHED;
    harness.step();
    assert!(harness.query_by_label("Save").is_none(), "nothing is offered");
    for phase in [fitting().phase, FINISHED] {
        harness.state_mut().learning.phase = phase;
        harness.run_ok();
    }
    assert!(harness.query_by_label("Save").is_some(), "another learning is not given up");
}

#[test]
fn a_folder_that_is_dropped_is_learned_and_a_failure_is_told() {
    #[derive(Debug)]
    struct Dropped(PathBuf);
    impl egui::DroppedFile for Dropped {
        fn path(&self) -> &Path {
            &self.0
        }
        fn bytes(&self) -> Result<Vec<u8>, String> {
            Err("a folder".into())
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let mut bench = Bench::new();
    bench.harness.input_mut().dropped_files.push(Arc::new(Dropped(folder.path().to_owned())));
    bench.harness.step();
    let started = Instant::now();
    while !matches!(bench.session().learning().phase, LearningPhase::Failed(_)) {
        assert!(started.elapsed() < Duration::from_secs(60), "{:?}", bench.session().learning().phase);
        std::thread::sleep(Duration::from_millis(10));
    }
    bench.harness.run();
    bench.click("Close");
    assert_eq!(bench.session().learning().phase, LearningPhase::Idle);
}

#[test]
fn files_over_the_window_are_invited() {
    let mut bench = Bench::new();
    bench.harness.input_mut().hovered_files.push(egui::HoveredFile::default());
    bench.harness.step();
    let shapes = bench.harness.output().shapes.iter();
    let has_text = |shape: &egui::Shape| match shape {
        egui::Shape::Text(text) => text.galley.text().contains("Let go to learn"),
        _ => false,
    };
    assert_eq!(shapes.filter(|clipped| has_text(&clipped.shape)).count(), 1);
}
