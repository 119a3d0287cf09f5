//! Tests of what is chosen and told: the header, the browser, the card, notices, devices.

use super::*;
use crate::session::Source;

#[test]
fn next_and_previous_go_through_the_models() {
    let mut bench = Bench::new();
    let before = bench.session().playing().source;
    bench.click("Next");
    assert_ne!(bench.session().playing().source, before);
    bench.click("Previous");
    assert_eq!(bench.session().playing().source, before);
    bench.click("Undo");
    bench.click("Undo");
    assert_eq!(bench.session().playing().source, before);
}

#[test]
fn letters_find_a_model_and_enter_loads_it() {
    let mut bench = Bench::new();
    bench.click("Browse");
    assert!(bench.has("Soloist") && bench.has("Voice"), "all are listed");
    bench.type_text("viol");
    assert!(!bench.has("Soloist") && bench.has("Violin"), "what was searched is listed");
    bench.key(Key::Enter);
    assert_eq!(bench.session().playing().source, Source::Factory("violin"));
    assert!(!bench.has("Search"), "the browser is closed");
}

#[test]
fn a_double_click_loads_a_preset_and_escape_closes() {
    let mut bench = Bench::new();
    bench.click("Browse");
    let place = bench.centre("Soloist");
    // Longer than the time between the clicks of a double-click: the one on the button is none of them.
    bench.wait();
    bench.click_at(place);
    bench.click_at(place);
    bench.harness.run();
    assert!(!bench.has("Search"), "the browser is closed");
    let history = bench.session();
    assert!(history.history().can_undo(), "the preset changed something");
    bench.click("Browse");
    bench.key(Key::Escape);
    bench.key(Key::Escape);
    assert!(!bench.has("Search"), "the browser is closed");
}

#[test]
fn a_preset_is_saved_under_a_name_and_listed() {
    let folder = tempfile::tempdir().unwrap();
    let mut bench = Bench::with(folder.path(), None, egui::vec2(1_000.0, 640.0));
    bench.click("Browse");
    bench.focus("Name of a new preset");
    bench.type_text("Evening");
    bench.click("Save preset");
    assert!(bench.has("Evening"), "the preset is listed");
    assert!(folder.path().join("presets/Evening.mynahpreset").is_file(), "the preset is saved");
}

#[test]
fn the_card_opens_and_closes() {
    let mut bench = Bench::new();
    let name = bench.session().playing().name().to_owned();
    bench.click(&format!("Model {name}, comes with Mynah: show its card"));
    assert!(bench.has("Close"), "the card");
    bench.click("Close");
    assert!(!bench.has("Close"), "the card is closed");
}

#[test]
fn a_notice_is_told_and_dismissed_and_good_news_go_by_themselves() {
    let mut bench = Bench::new();
    bench.session().tell(Notice::error("cannot load it"));
    bench.harness.run();
    assert!(bench.has("cannot load it"), "the notice");
    bench.click("Dismiss");
    assert!(bench.session().notice().is_none());
    bench.session().tell(Notice::done("saved"));
    bench.harness.run_steps(60);
    assert!(bench.has("saved"), "a second later");
    bench.harness.run_steps(600);
    assert!(!bench.has("saved"), "ten seconds later");
}

#[test]
fn a_notice_of_several_lines_is_read_whole() {
    let mut bench = Bench::new();
    let heights = ["short", &["what to do about it, and why"; 7].join("; ")].map(|text| {
        bench.session().tell(Notice::error(text));
        bench.harness.run();
        bench.harness.get_by_label(text).rect().height()
    });
    assert!(2.5 * heights[0] < heights[1], "{heights:?}");
}

#[test]
fn devices_are_chosen_and_a_recording_that_fails_is_told() {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let rig = Box::new(Asks(Arc::clone(&asked)));
    let mut bench = Bench::with(Path::new("/nowhere"), Some(rig), egui::vec2(1_000.0, 640.0));
    bench.click("Settings");
    bench.click("Keys");
    bench.click("Look again for devices");
    bench.click("Close");
    bench.click("Record");
    assert_eq!(*asked.lock().unwrap(), ["Keys true", "refresh", "record"]);
    assert!(bench.session().notice().unwrap().text.contains("the disk is full"));
}

#[test]
fn a_host_has_the_devices() {
    let mut bench = Bench::new();
    assert!(!bench.has("Record"), "a host records");
    bench.click("Settings");
    assert!(bench.has("Load a scale…") && !bench.has("Sample rate"), "the tuning is there, and no device");
}

#[test]
fn a_scale_that_is_dropped_tunes_and_is_taken_back_in_the_settings() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("fifths.scl");
    std::fs::write(&path, "Fifths\n1\n3/2\n").unwrap();
    let mut bench = Bench::new();
    bench.harness.state_mut().desk.take_files(vec![path]);
    bench.harness.run();
    assert_eq!(bench.session().tuning().name(), "Fifths");
    bench.click("Settings");
    bench.click("Equal temperament");
    assert!(bench.session().tuning().scl().is_none());
    bench.click("Close");
    bench.click("Undo");
    assert_eq!(bench.session().tuning().name(), "Fifths");
}
