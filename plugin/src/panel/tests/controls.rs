//! Tests of knobs, boxes, switches and choices.

use super::*;

#[test]
fn a_knob_follows_the_hand_and_a_drag_is_undone_as_one() {
    let mut bench = Bench::new();
    let before = bench.value(ParamId::Breath);
    bench.drag(bench.centre("Breath"), egui::vec2(0.0, -40.0));
    let after = bench.value(ParamId::Breath);
    assert!((after - before - 0.2).abs() < 0.05, "40 of 200 points: {before} to {after}");
    bench.harness.key_press_modifiers(Modifiers::COMMAND, Key::Z);
    bench.harness.run();
    assert_eq!(bench.value(ParamId::Breath), before);
    bench.harness.key_press_modifiers(Modifiers::COMMAND.plus(Modifiers::SHIFT), Key::Z);
    bench.harness.run();
    assert_eq!(bench.value(ParamId::Breath), after);
}

#[test]
fn with_shift_a_drag_is_ten_times_finer() {
    let mut bench = Bench::new();
    let before = bench.value(ParamId::Breath);
    let place = bench.centre("Breath");
    bench.pointer(place, Some(true));
    bench.harness.event(egui::Event::ModifiersChanged(Modifiers::SHIFT));
    bench.pointer(place - egui::vec2(0.0, 20.0), None);
    bench.pointer(place - egui::vec2(0.0, 40.0), None);
    bench.pointer(place - egui::vec2(0.0, 40.0), Some(false));
    let moved = bench.value(ParamId::Breath) - before;
    assert!((0.005..0.025).contains(&moved), "{moved}");
}

#[test]
fn a_double_click_brings_the_default_back() {
    let mut bench = Bench::new();
    bench.harness.state_mut().desk.set(ParamId::Chance, 0.1);
    let place = bench.centre("Chance");
    bench.click_at(place);
    bench.click_at(place);
    assert_eq!(bench.value(ParamId::Chance), ParamId::Chance.spec().default);
}

#[test]
fn keys_move_what_has_the_focus_and_steps_are_undone_as_one() {
    let mut bench = Bench::new();
    bench.focus("Memory");
    bench.key(Key::Home);
    assert_eq!(bench.value(ParamId::Memory), 0.0);
    bench.key(Key::ArrowUp);
    bench.key(Key::ArrowRight);
    bench.key(Key::PageUp);
    assert!((bench.value(ParamId::Memory) - 0.12).abs() < 1e-3, "{}", bench.value(ParamId::Memory));
    bench.wait();
    bench.harness.state_mut().desk.undo();
    assert_eq!(bench.value(ParamId::Memory), 0.0);
    bench.key(Key::Delete);
    assert_eq!(bench.value(ParamId::Memory), ParamId::Memory.spec().default);
}

#[test]
fn a_screen_reader_moves_a_knob() {
    let mut bench = Bench::new();
    bench.harness.get_by_label("Formant").increment_accesskit();
    bench.harness.run();
    assert!((bench.value(ParamId::Formant) - 0.24).abs() < 1e-3, "{}", bench.value(ParamId::Formant));
    bench.harness.get_by_label("Formant").set_value_accesskit(-5.0);
    bench.harness.run();
    assert_eq!(bench.value(ParamId::Formant), -5.0);
    assert_eq!(bench.harness.get_by_label("Formant").value().as_deref(), Some("-5.00 st"));
}

#[test]
fn a_value_is_typed_with_its_unit_and_escape_gives_up() {
    let mut bench = Bench::new();
    bench.click("Release: type a value");
    bench.type_text("1.5 s");
    bench.key(Key::Enter);
    assert_eq!(bench.value(ParamId::Release), 1.5);
    bench.click("Release: type a value");
    bench.type_text("2");
    bench.key(Key::Escape);
    assert_eq!(bench.value(ParamId::Release), 1.5);
    bench.click("Release: type a value");
    bench.type_text("nonsense");
    bench.key(Key::Enter);
    assert_eq!(bench.value(ParamId::Release), 1.5);
}

#[test]
fn enter_on_a_knob_types_its_value() {
    let mut bench = Bench::new();
    bench.focus("Tune");
    bench.key(Key::Enter);
    bench.type_text("-25");
    bench.key(Key::Enter);
    assert_eq!(bench.value(ParamId::Tune), -25.0);
}

#[test]
fn the_wheel_moves_what_is_under_it() {
    let mut bench = Bench::new();
    let before = bench.value(ParamId::Chance);
    bench.pointer(bench.centre("Chance"), None);
    bench.harness.event(egui::Event::MouseWheel {
        unit: egui::MouseWheelUnit::Line,
        delta: egui::vec2(0.0, 1.0),
        phase: egui::TouchPhase::Move,
        source: egui::MouseWheelSource::Wheel,
        modifiers: Modifiers::NONE,
    });
    bench.harness.step();
    assert!((bench.value(ParamId::Chance) - before - 0.03).abs() < 1e-3, "{}", bench.value(ParamId::Chance));
}

#[test]
fn whole_numbers_step_and_are_typed() {
    let mut bench = Bench::new();
    bench.click("Choir: raise");
    bench.click("Choir: raise");
    bench.click("Choir: lower");
    assert_eq!(bench.value(ParamId::Choir), 2.0);
    bench.focus("Voices");
    bench.key(Key::PageDown);
    assert_eq!(bench.value(ParamId::Voices), 22.0);
    bench.key(Key::Enter);
    bench.type_text("8");
    bench.key(Key::Enter);
    assert_eq!(bench.value(ParamId::Voices), 8.0);
}

#[test]
fn dice_throw_another_take() {
    let mut bench = Bench::new();
    bench.click("Another take");
    assert_ne!(bench.value(ParamId::Take), 0.0);
}

#[test]
fn switches_and_choices_take_clicks_and_keys() {
    let mut bench = Bench::new();
    bench.click("Same take");
    assert_eq!(bench.value(ParamId::SameTake), 1.0);
    bench.focus("Same take");
    bench.key(Key::ArrowLeft);
    assert_eq!(bench.value(ParamId::SameTake), 0.0);
    bench.click("legato");
    assert_eq!(bench.value(ParamId::Mode), 2.0);
    bench.focus("Mode");
    bench.key(Key::ArrowUp);
    assert_eq!(bench.value(ParamId::Mode), 1.0);
}

#[test]
fn tab_reaches_every_parameter() {
    let mut bench = Bench::new();
    let mut reached = std::collections::BTreeSet::new();
    for _ in 0..60 {
        bench.harness.key_press(Key::Tab);
        bench.harness.run_steps(3);
        let focused = bench.harness.ctx.memory(|memory| memory.focused());
        let ids = mynah::engine::param::TABLE.iter();
        reached.extend(ids.filter(|spec| focused == Some(egui::Id::unique(spec.key))).map(|spec| spec.key));
    }
    let missed: Vec<_> = mynah::engine::param::TABLE
        .iter()
        .map(|spec| spec.key)
        .filter(|key| !reached.contains(key))
        .collect();
    assert!(missed.is_empty(), "{missed:?}");
}
