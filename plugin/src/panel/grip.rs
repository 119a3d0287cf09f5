//! The grip at the lower right, which resizes the window.

use egui::{CursorIcon, Id, Rect, Sense, Stroke, Ui, Vec2, ViewportCommand, vec2};

use super::theme;

/// Least size of the window, points.
pub(super) const MIN_POINTS: Vec2 = vec2(640.0, 400.0);

/// Side of the grip.
const SIDE: f32 = 14.0;

/// Shows the grip, and asks for the size that it is drawn to.
pub(super) fn grip(ui: &Ui, window: Rect) {
    let rect = Rect::from_min_max(window.max - Vec2::splat(SIDE), window.max);
    let id = Id::unique("grip");
    let response = ui.interact(rect, id, Sense::DRAG).on_hover_cursor(CursorIcon::ResizeNwSe);
    let place = response.interact_pointer_pos();
    if response.drag_started()
        && let Some(place) = place
    {
        // Where the hand holds the corner: the corner follows the hand without a leap.
        ui.data_mut(|data| data.insert_temp(id, window.max - place));
    }
    if response.dragged()
        && let Some(place) = place
    {
        let beside: Vec2 = ui.data(|data| data.get_temp(id)).unwrap_or_default();
        let size = (place + beside - window.min).max(MIN_POINTS).round();
        if size != window.size() {
            ui.ctx().send_viewport_cmd(ViewportCommand::InnerSize(size));
        }
    }
    let colour = if response.hovered() || response.dragged() { theme::ACCENT } else { theme::TEXT_FAINT };
    let corner = window.max - Vec2::splat(3.0);
    for length in [4.0, 8.0] {
        let ends = [corner - vec2(length, 0.0), corner - vec2(0.0, length)];
        ui.painter().line_segment(ends, Stroke::new(theme::THIN, colour));
    }
}
