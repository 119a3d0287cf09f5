//! A whole number in a box: dragged, stepped by its ends, typed.

use egui::{Align2, Id, Rect, Response, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, vec2};
use mynah::engine::ParamSpec;

use super::desk::Desk;
use super::handle::{describe, handle};
use super::theme;
use super::value::{is_typed, value};

/// Width of either end that steps.
const END: f32 = 18.0;

/// Height of the box.
const HEIGHT: f32 = 26.0;

/// Shows a box for a parameter in the middle of a rectangle.
pub(super) fn number(ui: &mut Ui, desk: &mut Desk, spec: &'static ParamSpec, rect: Rect) -> Response {
    let rect = Rect::from_center_size(rect.center(), vec2((rect.width() - 12.0).min(92.0), HEIGHT));
    let response = ui.interact(rect, Id::unique(spec.key), Sense::click_and_drag());
    handle(ui, desk, spec, &response);
    let number = desk.value(spec.id);
    response.widget_info(|| WidgetInfo {
        current_text_value: Some(spec.text(number)),
        label: Some(spec.name.to_owned()),
        ..WidgetInfo::drag_value(true, f64::from(number))
    });
    describe(ui, spec, &response);

    let is_live = response.hovered() || response.dragged();
    let edge = if is_live { theme::TRACK } else { theme::EDGE };
    ui.painter().rect(
        rect,
        theme::ROUND_SMALL,
        theme::RAISED,
        Stroke::new(theme::THIN, edge),
        StrokeKind::Inside,
    );
    end(ui, desk, spec, rect.with_max_x(rect.left() + END), -1.0);
    end(ui, desk, spec, rect.with_min_x(rect.right() - END), 1.0);
    if response.has_focus() {
        theme::focus_ring(ui.painter(), rect, theme::ROUND_SMALL);
    }
    let middle = rect.shrink2(vec2(END, 2.0));
    let type_now = super::knob::wants_typing(ui, &response);
    // The box is dragged by its middle too: the text takes the pointer only while it is typed.
    if is_typed(ui, spec) || type_now {
        value(ui, desk, spec, middle, type_now);
    } else {
        let font = theme::font(theme::SIZE_LABEL);
        ui.painter().text(middle.center(), Align2::CENTER_CENTER, spec.text(number), font, theme::TEXT);
        let in_middle = response.interact_pointer_pos().is_some_and(|place| middle.contains(place));
        if response.clicked() && !response.double_clicked() && in_middle {
            value(ui, desk, spec, middle, true);
        }
    }
    response
}

/// An end of the box, which steps the number by `by`.
fn end(ui: &mut Ui, desk: &mut Desk, spec: &'static ParamSpec, rect: Rect, by: f32) {
    let (sign, verb) = if by < 0.0 { ("−", "lower") } else { ("+", "raise") };
    let response = ui.interact(rect, Id::unique((spec.key, verb)), Sense::CLICK);
    let name = format!("{}: {verb}", spec.name);
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &name));
    if response.clicked() {
        let now = ui.input(|input| input.time);
        desk.nudge(&[(spec.id, desk.value(spec.id) + by)], now);
    }
    let colour = if response.hovered() { theme::ACCENT } else { theme::TEXT_FAINT };
    ui.painter().text(rect.center(), Align2::CENTER_CENTER, sign, theme::font(theme::SIZE_BODY), colour);
}
