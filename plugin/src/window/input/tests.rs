//! Events in, egui's input out; no display is needed.

use baseview::dpi::PhysicalSize;
use keyboard_types::{Key, Modifiers, NamedKey};

use super::*;

const SCALE: f64 = 1.5;

fn input() -> Input {
    Input::new(2_048)
}

fn take(input: &mut Input) -> egui::RawInput {
    input.take(WindowSize::from_physical(PhysicalSize::new(1_200, 900), SCALE))
}

fn at(x: f64, y: f64) -> PhysicalPosition<f64> {
    PhysicalPosition::new(x, y)
}

fn press(button: MouseButton) -> MouseEvent {
    MouseEvent::ButtonPressed { button, modifiers: Modifiers::empty() }
}

fn release(button: MouseButton) -> MouseEvent {
    MouseEvent::ButtonReleased { button, modifiers: Modifiers::empty() }
}

fn drag(data: DropData) -> MouseEvent {
    MouseEvent::DragMoved { position: at(30.0, 60.0), modifiers: Modifiers::empty(), data }
}

fn drop_of(data: DropData) -> MouseEvent {
    MouseEvent::DragDropped { position: at(30.0, 60.0), modifiers: Modifiers::empty(), data }
}

fn key(key: Key, modifiers: Modifiers) -> KeyboardEvent {
    KeyboardEvent { state: KeyState::Down, key, modifiers, ..KeyboardEvent::default() }
}

fn folder() -> DropData {
    DropData::Files(vec![PathBuf::from("/recordings"), PathBuf::from("/one.wav")])
}

#[test]
fn a_frame_is_as_large_as_the_window_in_points() {
    let raw = take(&mut input());
    assert_eq!(raw.screen_rect, Some(Rect::from_min_size(Pos2::ZERO, Vec2::new(800.0, 600.0))));
    assert_eq!(raw.viewport().native_pixels_per_point, Some(1.5));
    assert_eq!(raw.max_texture_side, Some(2_048));
}

#[test]
fn the_largest_texture_is_told_every_frame() {
    let mut input = input();
    take(&mut input);
    assert_eq!(take(&mut input).max_texture_side, Some(2_048));
}

#[test]
fn a_press_is_where_the_pointer_was_last_seen_in_points() {
    let mut input = input();
    input.mouse(&MouseEvent::CursorMoved { position: at(30.0, 60.0), modifiers: Modifiers::empty() }, SCALE);
    input.mouse(&press(MouseButton::Left), SCALE);
    let events = take(&mut input).events;
    let pressed = events.iter().any(|event| {
        matches!(event, egui::Event::PointerButton { pos, button: egui::PointerButton::Primary, pressed: true, .. }
            if *pos == Pos2::new(20.0, 40.0))
    });
    assert!(pressed, "{events:?}");
}

#[test]
fn a_button_let_go_outside_the_window_is_let_go() {
    let mut input = input();
    input.mouse(&press(MouseButton::Left), SCALE);
    input.mouse(&MouseEvent::CursorLeft, SCALE);
    input.mouse(&release(MouseButton::Left), SCALE);
    let events = take(&mut input).events;
    assert!(matches!(events.last(), Some(egui::Event::PointerButton { pressed: false, .. })), "{events:?}");
}

#[test]
fn buttons_have_the_same_meaning_on_both_sides() {
    assert_eq!(egui_from_button(MouseButton::Left), Some(egui::PointerButton::Primary));
    assert_eq!(egui_from_button(MouseButton::Right), Some(egui::PointerButton::Secondary));
    assert_eq!(egui_from_button(MouseButton::Middle), Some(egui::PointerButton::Middle));
    assert_eq!(egui_from_button(MouseButton::Back), Some(egui::PointerButton::Extra1));
    assert_eq!(egui_from_button(MouseButton::Forward), Some(egui::PointerButton::Extra2));
    assert_eq!(egui_from_button(MouseButton::Other(12)), None);
}

#[test]
fn a_notch_of_the_wheel_is_a_line_and_a_swipe_is_points() {
    assert_eq!(
        wheel(ScrollDelta::Lines { x: 0.0, y: 1.0 }),
        (egui::MouseWheelUnit::Line, Vec2::new(0.0, 1.0))
    );
    let (unit, delta) = wheel(ScrollDelta::Pixels { x: 2.0, y: -7.0 });
    assert_eq!((unit, delta.y, delta.x.abs()), (egui::MouseWheelUnit::Point, -7.0, 2.0));
}

#[test]
fn dragged_files_hover_until_they_leave() {
    let mut input = input();
    input.mouse(&drag(folder()), SCALE);
    for _ in 0..2 {
        let raw = take(&mut input);
        let paths: Vec<_> = raw.hovered_files.iter().filter_map(|file| file.path.clone()).collect();
        assert_eq!(DropData::Files(paths), folder(), "they hover in every frame");
    }
    input.mouse(&MouseEvent::DragLeft, SCALE);
    let raw = take(&mut input);
    assert!(raw.hovered_files.is_empty() && raw.dropped_files.is_empty(), "{raw:?}");
}

#[test]
fn dropped_files_are_in_one_frame_and_where_they_were_dropped() {
    let mut input = input();
    input.mouse(&drag(folder()), SCALE);
    input.mouse(&drop_of(folder()), SCALE);
    let raw = take(&mut input);
    let paths: Vec<_> = raw.dropped_files.iter().map(|file| file.path().to_owned()).collect();
    assert_eq!(DropData::Files(paths), folder());
    assert!(raw.hovered_files.is_empty(), "they hover no longer");
    assert_eq!(raw.events.last(), Some(&egui::Event::PointerMoved(Pos2::new(20.0, 40.0))));
    assert!(take(&mut input).dropped_files.is_empty(), "the next frame has none");
}

#[test]
fn a_drag_without_files_is_not_accepted() {
    assert!(carries_files(&drag(folder())));
    assert!(carries_files(&drop_of(folder())));
    for event in [drag(DropData::None), drag(DropData::Files(Vec::new())), MouseEvent::DragLeft] {
        assert!(!carries_files(&event), "{event:?}");
    }
}

#[test]
fn a_dropped_file_that_cannot_be_read_is_named() {
    let missing = Arc::new(Dropped(PathBuf::from("/no/such/file"))) as egui::DroppedFileHandle;
    assert!(missing.bytes().is_err_and(|error| error.contains("/no/such/file")));
}

#[test]
fn typing_gives_the_key_and_its_text() {
    let mut input = input();
    input.key(&key(Key::Character("ü".to_owned()), Modifiers::empty()), || None);
    input.key(&key(Key::Character("A".to_owned()), Modifiers::SHIFT), || None);
    let events = take(&mut input).events;
    assert!(events.contains(&egui::Event::Text("ü".to_owned())), "{events:?}");
    assert!(events.contains(&egui::Event::Text("A".to_owned())), "{events:?}");
    let is_a =
        |event: &egui::Event| matches!(event, egui::Event::Key { key: egui::Key::A, pressed: true, .. });
    assert!(events.iter().any(is_a), "{events:?}");
}

#[test]
fn pasting_without_a_clipboard_is_nothing() {
    let command = if cfg!(target_os = "macos") { Modifiers::META } else { Modifiers::CONTROL };
    let paste = key(Key::Character("v".to_owned()), command);
    let mut input = input();
    input.key(&paste, || None);
    assert!(!take(&mut input).events.iter().any(|event| matches!(event, egui::Event::Paste(_))));
    input.key(&paste, || Some("words".to_owned()));
    assert_eq!(take(&mut input).events, [egui::Event::Paste("words".to_owned())]);
}

#[test]
fn modifiers_are_told_once() {
    let mut input = input();
    input.key(&key(Key::Named(NamedKey::Shift), Modifiers::empty()), || None);
    input.mouse(&MouseEvent::CursorMoved { position: at(0.0, 0.0), modifiers: Modifiers::SHIFT }, SCALE);
    let told = |event: &&egui::Event| matches!(event, egui::Event::ModifiersChanged(_));
    assert_eq!(take(&mut input).events.iter().filter(told).count(), 1);
}
