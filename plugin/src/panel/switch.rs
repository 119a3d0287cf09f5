//! A switch: off at the left, on at the right.

use egui::{CornerRadius, EventFilter, Id, Key, Rect, Response, Role, Sense, Ui, WidgetInfo, pos2, vec2};
use mynah::engine::ParamSpec;

use super::desk::Desk;
use super::theme;

/// Shows a switch for a parameter in the middle of a rectangle.
pub(super) fn switch(ui: &mut Ui, desk: &mut Desk, spec: &'static ParamSpec, rect: Rect) -> Response {
    let rect = Rect::from_center_size(rect.center(), vec2(38.0, 20.0));
    let response = ui.interact(rect, Id::unique(spec.key), Sense::click());
    let filter = EventFilter { horizontal_arrows: true, ..EventFilter::default() };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, filter));
    let was_on = 0.5 <= desk.value(spec.id);
    let pressed = |key| response.has_focus() && ui.input(|input| input.key_pressed(key));
    let is_on = match () {
        () if response.clicked() => !was_on,
        () if pressed(Key::ArrowLeft) || pressed(Key::Home) => false,
        () if pressed(Key::ArrowRight) || pressed(Key::End) => true,
        () => was_on,
    };
    if is_on != was_on {
        desk.set(spec.id, f32::from(u8::from(is_on)));
    }
    response.widget_info(|| WidgetInfo::selected(Role::Switch, true, is_on, spec.name));

    let painter = ui.painter();
    let slide = ui.ctx().animate_bool(response.id, is_on);
    let ground = theme::TRACK.lerp_to_gamma(theme::ACCENT, slide);
    painter.rect_filled(rect, CornerRadius::same(10), ground);
    let x = rect.left() + 10.0 + slide * (rect.width() - 20.0);
    let tip = if response.hovered() { theme::TEXT } else { theme::TEXT.gamma_multiply(0.9) };
    painter.circle_filled(pos2(x, rect.center().y), 7.0, theme::WELL.lerp_to_gamma(tip, 0.95));
    if response.has_focus() {
        theme::focus_ring(painter, rect, 10);
    }
    response
}
