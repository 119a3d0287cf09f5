//! Tests of the session: states, models that cannot be read, learning inside.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::*;

fn field(key: &str, value: &str) -> BTreeMap<String, String> {
    BTreeMap::from([(key.to_owned(), value.to_owned())])
}

fn violin() -> Playing {
    Playing::factory("violin").unwrap()
}

#[test]
fn a_state_carries_the_whole_model_and_the_size_of_the_panel() {
    let (session, _audio_end) = Session::new();
    session.play(violin());
    session.window().set_size_points([800.0, 500.0].into());
    session.tune(Tuning::from_scala("Thirds\n2\n5/4\n2/1\n", None).unwrap());
    let fields = fields_from_session(&session);
    let (other, _other_end) = Session::new();
    restore(&other, &fields);
    assert_eq!(other.playing().model, violin().model);
    assert_eq!(other.playing().source, Source::Factory("violin"));
    assert_eq!(other.window().size_points(), [800.0, 500.0].into());
    assert_eq!(other.tuning().name(), "Thirds");
    assert_eq!(fields_from_session(&other), fields);
}

#[test]
fn a_state_from_before_models_were_kept_plays_the_built_in_voice() {
    let (session, _audio_end) = Session::new();
    session.play(violin());
    restore(&session, &BTreeMap::new());
    assert_eq!(session.playing().source, Playing::default_model().source);
    assert!(session.notice().is_none());
}

#[test]
fn a_model_that_cannot_be_read_is_told_and_kept() {
    let (session, _audio_end) = Session::new();
    let damaged = field("model", "bm90IGEgbW9kZWw=");
    restore(&session, &damaged);
    assert!(session.notice().unwrap().is_error);
    assert_eq!(session.playing().model, Playing::default_model().model);
    assert_eq!(fields_from_session(&session)["model"], damaged["model"]);
    session.play(violin());
    assert_ne!(fields_from_session(&session)["model"], damaged["model"], "another model was loaded");
    let Some(Change::Model { before, .. }) = session.history().undo() else { panic!("a change of model") };
    session.play_unrecorded(before);
    assert_eq!(fields_from_session(&session)["model"], damaged["model"], "and taken back");
}

#[test]
fn nonsense_in_a_state_changes_nothing() {
    let (session, _audio_end) = Session::new();
    for window in ["", "1", "-5 9", "nan nan", "1e9 1e9", "a b c"] {
        restore(&session, &field("window", window));
        assert_eq!(session.window().size_points(), WINDOW_POINTS.into(), "{window}");
    }
}

#[test]
fn a_tuning_that_cannot_be_read_is_told_and_the_keys_are_as_usual() {
    let (session, _audio_end) = Session::new();
    restore(&session, &field("scale", "no scale"));
    assert!(session.notice().unwrap().text.contains("tuning"));
    assert_eq!(*session.tuning(), Tuning::equal());
}

#[test]
fn a_file_that_is_no_model_is_named_and_what_played_plays_on() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tea.mynah");
    std::fs::write(&path, "tea").unwrap();
    let (session, _audio_end) = Session::new();
    session.play_file(&path);
    let notice = session.notice().unwrap();
    assert!(notice.is_error && notice.text.contains("tea.mynah"), "{}", notice.text);
    assert_eq!(session.playing().source, Playing::default_model().source);
}

#[track_caller]
fn wait_until(session: &Session, mut is_reached: impl FnMut(&Learning) -> bool) -> Learning {
    let started = Instant::now();
    loop {
        let learning = session.learning();
        if is_reached(&learning) {
            return learning;
        }
        assert!(started.elapsed() < Duration::from_secs(300), "still {:?}", learning.phase);
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn violin_request() -> LearnRequest {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../assets/corpus/violin");
    LearnRequest { paths: vec![folder], name: "Fiddle".into() }
}

#[test]
fn learning_stopped_early_keeps_the_best_so_far_and_can_be_undone() {
    let (session, _audio_end) = Session::new();
    session.learn(violin_request());
    wait_until(&session, |learning| matches!(learning.phase, LearningPhase::Fitting { .. }));
    session.stop_learning();
    let learning = wait_until(&session, |learning| !learning.phase.is_busy());
    assert!(matches!(learning.phase, LearningPhase::Finished { .. }), "{:?}", learning.phase);
    assert_eq!(session.playing().name(), "Fiddle");
    assert_eq!(session.playing().source, Source::Learned);
    session.keep_learned();
    let Some(Change::Model { before, .. }) = session.history().undo() else { panic!("a change of model") };
    assert_eq!(before.source, Playing::default_model().source);
}

#[test]
fn learning_cancelled_plays_what_played_before() {
    let (session, _audio_end) = Session::new();
    session.play(violin());
    session.learn(violin_request());
    session.cancel_learning();
    assert_eq!(session.learning().phase, LearningPhase::Idle);
    assert_eq!(session.playing().source, Source::Factory("violin"));
}

#[test]
fn a_session_removed_while_it_learns_leaves_no_thread() {
    let (session, _audio_end) = Session::new();
    session.learn(violin_request());
    let stage = Arc::downgrade(&session.stage);
    drop(session);
    assert!(stage.upgrade().is_none(), "the learner has ended and let go");
}

#[test]
fn a_folder_without_recordings_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let (session, _audio_end) = Session::new();
    session.learn(LearnRequest { paths: vec![folder.path().to_owned()], name: "Nothing".into() });
    let learning = wait_until(&session, |learning| !learning.phase.is_busy());
    let LearningPhase::Failed(reason) = learning.phase else { panic!("{:?}", learning.phase) };
    assert!(reason.contains("at least"), "{reason}");
    assert_eq!(session.playing().source, Playing::default_model().source);
}
