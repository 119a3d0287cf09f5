//! Tests of what is played at the panel.

use super::*;

/// Keys that went down, or came up where negative.
fn keys(events: Vec<EventKind>) -> Vec<i32> {
    let number = |event| match event {
        EventKind::NoteOn(on) => Some(i32::from(on.key)),
        EventKind::NoteOff(note) => Some(-i32::from(note.key?)),
        _ => None,
    };
    events.into_iter().filter_map(number).collect()
}

const KEYBOARD: &str = "Keyboard: arrow keys choose, Space plays";

#[test]
fn the_mouse_presses_glides_and_lets_go() {
    let mut bench = Bench::new();
    let keyboard = bench.harness.get_by_label(KEYBOARD).rect();
    let place = keyboard.left_bottom() + egui::vec2(4.0, -6.0);
    bench.pointer(place, Some(true));
    let first = keys(bench.sent());
    let [low] = first[..] else { panic!("one key: {first:?}") };
    assert!(0 < low && low % 12 == 0, "the lowest key is a C: {low}");
    // The pitch of white keys rises by 12 over seven of them.
    bench.pointer(place + egui::vec2(keyboard.width() / 42.0 * 1.2, 0.0), None);
    bench.pointer(place, Some(false));
    assert_eq!(keys(bench.sent())[..2], [-low, low + 2]);
}

#[test]
fn a_stroke_low_on_the_key_is_harder() {
    let mut bench = Bench::new();
    let keyboard = bench.harness.get_by_label(KEYBOARD).rect();
    let mut velocities = Vec::new();
    for height in [0.7, 0.98] {
        bench.click_at(keyboard.left_top() + egui::vec2(4.0, height * keyboard.height()));
        velocities.extend(bench.sent().into_iter().find_map(|event| match event {
            EventKind::NoteOn(on) => Some(on.velocity),
            _ => None,
        }));
    }
    assert!(velocities.len() == 2 && velocities[0] < velocities[1], "{velocities:?}");
}

#[test]
fn the_keyboard_is_played_without_a_mouse() {
    let mut bench = Bench::new();
    bench.focus(KEYBOARD);
    bench.key(Key::ArrowRight);
    bench.harness.key_down(Key::Space);
    bench.harness.run_ok();
    bench.harness.key_up(Key::Space);
    bench.harness.run_ok();
    let played = keys(bench.sent());
    assert!(played.len() == 2 && played[0] == -played[1] && played[0] % 12 == 1, "{played:?}");
}

#[test]
fn the_computers_keyboard_plays_in_the_application_alone() {
    for (rig, expected) in
        [(None, vec![]), (Some(Box::<Asks>::default() as Box<dyn Rig>), vec![60, -60, 73, -73])]
    {
        let mut bench = Bench::with(Path::new("/nowhere"), rig, egui::vec2(1_000.0, 640.0));
        bench.key(Key::A);
        bench.key(Key::X);
        bench.key(Key::W);
        assert_eq!(keys(bench.sent()), expected);
    }
}

#[test]
fn letters_that_are_typed_do_not_play() {
    let rig = Box::<Asks>::default();
    let mut bench = Bench::with(Path::new("/nowhere"), Some(rig), egui::vec2(1_000.0, 640.0));
    bench.click("Browse");
    bench.key(Key::A);
    assert_eq!(keys(bench.sent()), [0; 0]);
}

#[test]
fn what_is_held_is_let_go_when_the_window_closes() {
    let mut bench = Bench::new();
    let keyboard = bench.harness.get_by_label(KEYBOARD).rect();
    bench.pointer(keyboard.left_bottom() + egui::vec2(4.0, -6.0), Some(true));
    bench.harness.state_mut().closed();
    let played = keys(bench.sent());
    assert!(played.len() == 2 && played[0] == -played[1], "{played:?}");
}
