//! What moves a value: a drag, the wheel, keys, and what a screen reader asks. The same for every control.

use egui::accesskit::{Action, ActionData};
use egui::{Event, EventFilter, Id, InputState, Key, MouseWheelUnit, PointerButton, Response, Ui};
use mynah::engine::ParamSpec;
use mynah::engine::param::Scale;

use super::desk::Desk;

/// Points of a drag from lowest to highest.
const DRAG_POINTS: f32 = 200.0;

/// Points of a drag for each whole number, and most for all: a take of 10,000 is not a metre of desk.
const POINTS_A_NUMBER: f32 = 4.0;
const MAX_DRAG_POINTS: f32 = 4_000.0;

/// With Shift, moves are so many times smaller.
const FINE: f32 = 0.1;

/// Share of the way that a step moves a value that is not whole.
const STEP: f32 = 0.01;

/// Steps of a page key and of a notch of the wheel.
const PAGE_STEPS: f32 = 10.0;
const NOTCH_STEPS: f32 = 2.0;

/// Points that a trackpad scrolls for what a wheel calls a notch.
const POINTS_A_NOTCH: f32 = 40.0;

/// Where a value is on its way from lowest to highest, 0 to 1. Times are finer near 0, as a host has them.
pub(super) fn position_from_value(spec: &ParamSpec, value: f32) -> f32 {
    let share = (value - spec.min) / (spec.max - spec.min);
    if spec.scale == Scale::Time { share.max(0.0).sqrt() } else { share }
}

/// The value at a place on the way.
pub(super) fn value_from_position(spec: &ParamSpec, position: f32) -> f32 {
    let position = position.clamp(0.0, 1.0);
    let share = if spec.scale == Scale::Time { position * position } else { position };
    spec.clamped(spec.min + share * (spec.max - spec.min))
}

/// Moves a parameter as the player does with a control.
pub(super) fn handle(ui: &Ui, desk: &mut Desk, spec: &'static ParamSpec, response: &Response) {
    drag(ui, desk, spec, response);
    if response.double_clicked() {
        desk.set(spec.id, spec.default);
    } else if response.clicked() {
        response.request_focus();
    }
    let filter = EventFilter { horizontal_arrows: true, vertical_arrows: true, ..EventFilter::default() };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, filter));
    let now = ui.input(|input| input.time);
    let value = desk.value(spec.id);
    let steps = steps(ui, spec, response);
    if steps != 0.0 {
        desk.nudge(&[(spec.id, stepped(spec, value, steps))], now);
    }
    let by_key = response.has_focus().then(|| ui.input(|input| keyed(input, spec))).flatten();
    if let Some(value) = by_key.or_else(|| ui.input(|input| asked(input, spec, response.id))) {
        desk.set(spec.id, value);
    }
}

fn drag(ui: &Ui, desk: &mut Desk, spec: &'static ParamSpec, response: &Response) {
    // Whole numbers move by fractions of a number under the hand.
    let held = response.id.with("held");
    if response.drag_started_by(PointerButton::Primary) {
        desk.begin(&[spec.id]);
        let position = position_from_value(spec, desk.value(spec.id));
        ui.data_mut(|data| data.insert_temp(held, position));
    }
    if response.dragged_by(PointerButton::Primary) {
        let points = match spec.scale {
            Scale::Whole => ((spec.max - spec.min) * POINTS_A_NUMBER).clamp(DRAG_POINTS, MAX_DRAG_POINTS),
            _ => DRAG_POINTS,
        };
        let fine = if ui.input(|input| input.modifiers.shift) { FINE } else { 1.0 };
        let delta = response.drag_delta();
        let moved = fine * (delta.x - delta.y) / points;
        if moved != 0.0 {
            let from = ui.data(|data| data.get_temp(held)).unwrap_or(0.0_f32);
            let position = (from + moved).clamp(0.0, 1.0);
            ui.data_mut(|data| data.insert_temp(held, position));
            desk.set(spec.id, value_from_position(spec, position));
        }
    }
    if response.drag_stopped() {
        desk.end();
    }
}

/// Steps up, or down where negative, that the player asked for.
fn steps(ui: &Ui, spec: &ParamSpec, response: &Response) -> f32 {
    let fine = if ui.input(|input| input.modifiers.shift) && !is_stepped(spec) { FINE } else { 1.0 };
    let mut steps = 0.0;
    if response.has_focus() {
        let presses = |key| ui.input(|input| input.num_presses(key)) as f32;
        steps += presses(Key::ArrowUp) + presses(Key::ArrowRight);
        steps -= presses(Key::ArrowDown) + presses(Key::ArrowLeft);
        steps += PAGE_STEPS * (presses(Key::PageUp) - presses(Key::PageDown));
    }
    let requests = |action| ui.input(|input| input.num_accesskit_action_requests(response.id, action)) as f32;
    steps += requests(Action::Increment) - requests(Action::Decrement);
    if response.hovered() {
        steps += wheel(ui, response.id.with("wheel"), is_stepped(spec));
    }
    fine * steps
}

/// Steps of the wheel. Of a trackpad, what is less than a whole step waits for more.
fn wheel(ui: &Ui, id: Id, is_stepped: bool) -> f32 {
    let notches: f32 = ui.input(|input| input.events.iter().map(notches).sum());
    if notches == 0.0 {
        return 0.0;
    }
    if !is_stepped {
        return NOTCH_STEPS * notches;
    }
    let waiting = ui.data(|data| data.get_temp(id)).unwrap_or(0.0_f32) + notches;
    ui.data_mut(|data| data.insert_temp(id, waiting.fract()));
    waiting.trunc()
}

/// Notches of a wheel up. With Shift, some systems turn the wheel sideways.
fn notches(event: &Event) -> f32 {
    let Event::MouseWheel { unit, delta, .. } = event else { return 0.0 };
    let sum = delta.x + delta.y;
    match unit {
        MouseWheelUnit::Point => sum / POINTS_A_NOTCH,
        MouseWheelUnit::Line | MouseWheelUnit::Page => sum,
    }
}

fn is_stepped(spec: &ParamSpec) -> bool {
    !matches!(spec.scale, Scale::Linear | Scale::Time)
}

fn stepped(spec: &ParamSpec, value: f32, steps: f32) -> f32 {
    if is_stepped(spec) {
        spec.clamped(value + steps)
    } else {
        value_from_position(spec, position_from_value(spec, value) + STEP * steps)
    }
}

/// The value that a key sets at once: an end, or the default.
fn keyed(input: &InputState, spec: &ParamSpec) -> Option<f32> {
    let values = [
        (Key::Home, spec.min),
        (Key::End, spec.max),
        (Key::Delete, spec.default),
        (Key::Backspace, spec.default),
    ];
    values.into_iter().find_map(|(key, value)| input.key_pressed(key).then_some(value))
}

/// The value that a screen reader sets.
fn asked(input: &InputState, spec: &ParamSpec, id: Id) -> Option<f32> {
    let mut requests = input.accesskit_action_requests(id, Action::SetValue);
    requests.find_map(|request| match request.data {
        Some(ActionData::NumericValue(value)) => Some(spec.clamped(value as f32)),
        _ => None,
    })
}

/// Tells a screen reader what can be done and how far.
pub(super) fn describe(ui: &Ui, spec: &ParamSpec, response: &Response) {
    ui.ctx().accesskit_node_builder(response.id, |node| {
        node.set_min_numeric_value(f64::from(spec.min));
        node.set_max_numeric_value(f64::from(spec.max));
        node.add_action(Action::Increment);
        node.add_action(Action::Decrement);
        node.add_action(Action::SetValue);
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use mynah::engine::param::TABLE;

    #[test]
    fn every_place_on_the_way_comes_back_from_its_value() {
        for spec in TABLE.iter().filter(|spec| !is_stepped(spec)) {
            for step in 0..=20 {
                let position = step as f32 / 20.0;
                let value = value_from_position(spec, position);
                // Single precision over ranges of up to 200.
                let error = (position_from_value(spec, value) - position).abs();
                assert!(error < 1e-3, "{}: {position} is {error} off", spec.key);
            }
        }
    }

    #[test]
    fn steps_of_whole_numbers_are_whole_and_end_at_the_ends() {
        let voices = mynah::engine::ParamId::Voices.spec();
        assert_eq!(stepped(voices, 32.0, 1.0), 33.0);
        assert_eq!(stepped(voices, 3.0, -10.0), 1.0);
        assert_eq!(stepped(voices, 60.0, 10.0), 64.0);
    }
}
