//! Tests of what a player does, without a window.

use super::*;
use crate::panel::loose::Loose;

fn desk_in(folder: &Path) -> Desk {
    Desk::new(Session::new().0, Box::new(Loose::default()), Library::in_folder(folder))
}

fn desk() -> Desk {
    desk_in(Path::new("/nowhere/at/all"))
}

#[test]
fn a_drag_of_two_parameters_is_undone_and_redone_as_one() {
    let mut desk = desk();
    desk.begin(&[ParamId::SteerX, ParamId::SteerY]);
    for step in 1..=5 {
        desk.set(ParamId::SteerX, 0.1 * step as f32);
        desk.set(ParamId::SteerY, -0.1 * step as f32);
    }
    desk.end();
    desk.undo();
    assert_eq!([desk.value(ParamId::SteerX), desk.value(ParamId::SteerY)], [0.0, 0.0]);
    desk.redo();
    assert_eq!([desk.value(ParamId::SteerX), desk.value(ParamId::SteerY)], [0.5, -0.5]);
}

#[test]
fn a_gesture_that_moves_nothing_is_no_change() {
    let mut desk = desk();
    desk.begin(&[ParamId::Chance]);
    desk.end();
    assert!(!desk.session.history().can_undo());
}

#[test]
fn a_change_of_model_is_undone_between_changes_of_parameters() {
    let mut desk = desk();
    desk.set(ParamId::Chance, 0.1);
    desk.session.play(Playing::factory("violin").unwrap());
    desk.set(ParamId::Chance, 0.2);
    desk.undo();
    desk.undo();
    assert_eq!(desk.session.playing().source, Playing::default_model().source);
    assert_eq!(desk.value(ParamId::Chance), 0.1);
    desk.redo();
    assert_eq!(desk.session.playing().source, Source::Factory("violin"));
}

#[test]
fn next_and_previous_go_round_the_models() {
    let mut desk = desk();
    desk.step(1);
    assert_eq!(desk.session.playing().source, Source::Factory("violin"));
    desk.step(1);
    assert_eq!(desk.session.playing().source, Source::Factory("voice"));
    desk.step(-1);
    assert_eq!(desk.session.playing().source, Source::Factory("violin"));
}

#[test]
fn a_preset_is_saved_found_and_brings_its_model_back() {
    let folder = tempfile::tempdir().unwrap();
    let mut desk = desk_in(folder.path());
    desk.session.play(Playing { source: Source::Session, ..Playing::factory("violin").unwrap() });
    desk.set(ParamId::Formant, 3.0);
    desk.save_preset("Mine");
    assert!(!desk.session.notice().unwrap().is_error, "{:?}", desk.session.notice());
    desk.session.play(Playing::default_model());
    desk.set(ParamId::Formant, 0.0);
    let mine = desk.library.entries().into_iter().find(|entry| entry.name == "Mine").unwrap();
    desk.load(&mine);
    assert_eq!(desk.value(ParamId::Formant), 3.0);
    assert_eq!(desk.session.playing().model, Playing::factory("violin").unwrap().model);
}

#[test]
fn a_preset_saved_while_a_snapshot_plays_keeps_the_snapshot() {
    let folder = tempfile::tempdir().unwrap();
    let mut desk = desk_in(folder.path());
    let bytes = Arc::new(Vec::new().into());
    desk.session.play(Playing { bytes, source: Source::Learning, ..Playing::factory("violin").unwrap() });
    desk.save_preset("Early");
    let saved = Playing::from_file(&folder.path().join("models/Violin.mynah")).unwrap();
    assert_eq!(saved.model, Playing::factory("violin").unwrap().model);
}

#[test]
fn a_preset_whose_model_is_missing_says_so_and_sets_the_rest() {
    let folder = tempfile::tempdir().unwrap();
    let mut desk = desk_in(folder.path());
    let preset = Preset::new("Lost", ModelRef::File("gone.mynah".into()), |id| id.spec().default.min(0.5));
    let path = desk.library.save_preset(&preset).unwrap();
    desk.take_files(vec![path]);
    let notice = desk.session.notice().unwrap();
    assert!(notice.is_error && notice.text.contains("gone.mynah"), "{}", notice.text);
    assert_eq!(desk.value(ParamId::Chance), 0.5);
}

#[test]
fn a_learned_model_is_saved_under_the_name_it_is_given() {
    let folder = tempfile::tempdir().unwrap();
    let mut desk = desk_in(folder.path());
    desk.session.play(Playing { source: Source::Learned, ..Playing::factory("violin").unwrap() });
    desk.save_learned("Fiddle");
    let path = folder.path().join("models/Fiddle.mynah");
    assert_eq!(Playing::from_file(&path).unwrap().name(), "Fiddle");
    assert_eq!(desk.session.playing().source, Source::File(path));
}
