//! Tests of the sound map.

use super::*;

const MAP: &str = "Sound map: drag or arrow keys steer, Delete lets go";

fn steer(bench: &Bench) -> [f32; 3] {
    [ParamId::SteerX, ParamId::SteerY, ParamId::Steer].map(|id| bench.value(id))
}

#[test]
fn a_drag_on_the_map_steers_there_and_is_undone_as_one() {
    let mut bench = Bench::new();
    let map = bench.harness.get_by_label(MAP).rect();
    bench.drag(map.center(), egui::vec2(0.25 * map.width(), -0.25 * map.height()));
    let [x, y, strength] = steer(&bench);
    assert!((0.5..0.62).contains(&x) && (0.5..0.62).contains(&y), "{x} {y}");
    assert!((strength - 0.7).abs() < 1e-6, "{strength}");
    bench.harness.state_mut().desk.undo();
    assert_eq!(steer(&bench), [0.0, 0.0, 0.0]);
}

#[test]
fn a_drag_keeps_the_strength_that_there_is() {
    let mut bench = Bench::new();
    bench.harness.state_mut().desk.set(ParamId::Steer, 0.3);
    bench.drag(bench.centre(MAP), egui::vec2(40.0, 0.0));
    assert!((bench.value(ParamId::Steer) - 0.3).abs() < 1e-6, "{}", bench.value(ParamId::Steer));
}

#[test]
fn a_double_click_lets_go() {
    let mut bench = Bench::new();
    bench.harness.state_mut().desk.set(ParamId::Steer, 0.9);
    let place = bench.centre(MAP);
    bench.click_at(place);
    bench.click_at(place);
    assert_eq!(bench.value(ParamId::Steer), 0.0);
}

#[test]
fn arrow_keys_move_the_place_and_delete_lets_go() {
    let mut bench = Bench::new();
    bench.focus(MAP);
    bench.key(Key::ArrowRight);
    bench.key(Key::ArrowUp);
    let [x, y, strength] = steer(&bench);
    assert!((x - 0.05).abs() < 1e-6 && (y - 0.05).abs() < 1e-6 && 0.0 < strength, "{x} {y} {strength}");
    bench.key(Key::Delete);
    assert_eq!(bench.value(ParamId::Steer), 0.0);
}

#[test]
fn colours_show_pitch_or_loudness() {
    let mut bench = Bench::new();
    bench.click("Colours show: Pitch");
    assert!(bench.has("Colours show: Loudness"), "the other colouring");
}
