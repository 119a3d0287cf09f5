//! A knob: the value as an arc, from its lowest or from its middle.

use core::f32::consts::TAU;

use egui::{Id, Key, Painter, Pos2, Rect, Response, Sense, Shape, Stroke, Ui, Vec2, WidgetInfo, vec2};
use mynah::engine::ParamSpec;

use super::desk::Desk;
use super::handle::{describe, handle, position_from_value};
use super::theme;

/// The way of a knob, in turns from the right, clockwise on the screen: from lower left over the top to lower right.
const START_TURNS: f32 = 0.375;
const WAY_TURNS: f32 = 0.75;

/// Points along a whole way: no corner is seen at twice the scale.
const NUM_POINTS: f32 = 48.0;

/// Shows a knob for a parameter. Enter, or a click on the value, types: the response tells of the knob alone.
pub(super) fn knob(ui: &mut Ui, desk: &mut Desk, spec: &'static ParamSpec, rect: Rect) -> Response {
    let response = ui.interact(rect, Id::unique(spec.key), Sense::click_and_drag());
    handle(ui, desk, spec, &response);
    let value = desk.value(spec.id);
    response.widget_info(|| WidgetInfo {
        current_text_value: Some(spec.text(value)),
        ..WidgetInfo::slider(true, f64::from(value), spec.name)
    });
    debug_assert!(response.enabled(), "a knob can always be moved");
    describe(ui, spec, &response);
    paint(ui.painter(), spec, rect, value, &response);
    response
}

/// Did the player ask to type?
pub(super) fn wants_typing(ui: &Ui, response: &Response) -> bool {
    response.has_focus() && ui.input(|input| input.key_pressed(Key::Enter))
}

fn paint(painter: &Painter, spec: &ParamSpec, rect: Rect, value: f32, response: &Response) {
    let centre = rect.center();
    let radius = 0.5 * rect.width().min(rect.height()) - 1.5;
    let is_live = response.hovered() || response.dragged() || response.has_focus();
    let position = position_from_value(spec, value);
    let is_two_sided = spec.min < 0.0 && spec.max == -spec.min;
    let origin = if is_two_sided { 0.5 } else { 0.0 };

    arc(painter, centre, radius, [0.0, 1.0], Stroke::new(theme::THICK, theme::TRACK));
    arc(painter, centre, radius, [origin, position], Stroke::new(theme::THICK, theme::ACCENT));
    let body = radius - 5.0;
    let fill = if is_live { theme::HOVERED } else { theme::RAISED };
    // A lighter rim above and a darker one below: the body stands out of the panel.
    painter.circle_filled(centre + vec2(0.0, 1.0), body, theme::WELL);
    painter.circle_filled(centre - vec2(0.0, 0.5), body, fill.lerp_to_gamma(theme::TEXT, 0.12));
    painter.circle_filled(centre, body - 0.5, fill);
    let direction = direction(position);
    let tip = if is_live { theme::ACCENT } else { theme::TEXT };
    painter.line_segment(
        [centre + 0.45 * body * direction, centre + 0.92 * body * direction],
        Stroke::new(2.0, tip),
    );
    if response.has_focus() {
        let ring = Stroke::new(1.5, theme::ACCENT.gamma_multiply(0.85));
        painter.circle_stroke(centre, radius + 4.0, ring);
    }
}

fn direction(position: f32) -> Vec2 {
    Vec2::angled(TAU * (START_TURNS + WAY_TURNS * position))
}

/// The part of the way between two positions.
fn arc(painter: &Painter, centre: Pos2, radius: f32, [from, to]: [f32; 2], stroke: Stroke) {
    let (from, to) = (from.min(to), from.max(to));
    if to - from < 1e-3 {
        return;
    }
    let num = ((to - from) * NUM_POINTS).ceil().max(1.0);
    let points = (0..=num as usize)
        .map(|idx| centre + radius * direction(from + (to - from) * idx as f32 / num))
        .collect();
    painter.add(Shape::line(points, stroke));
}
