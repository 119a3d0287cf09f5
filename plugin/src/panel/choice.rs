//! One of a few: all are seen, one is lit.

use egui::{
    Align2, EventFilter, Id, Key, Rect, Response, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2,
};
use mynah::engine::ParamSpec;

use super::desk::Desk;
use super::theme;

/// Height of a line where there is room.
const MAX_LINE: f32 = 18.0;

/// Shows the names of a parameter below each other, in the middle of a rectangle.
pub(super) fn choice(
    ui: &mut Ui,
    desk: &mut Desk,
    spec: &'static ParamSpec,
    names: &[&str],
    rect: Rect,
) -> Response {
    let line_height = ((rect.height() - 4.0) / names.len() as f32).min(MAX_LINE);
    let size = vec2((rect.width() - 8.0).min(72.0), line_height * names.len() as f32 + 4.0);
    let rect = Rect::from_center_size(rect.center(), size);
    let response = ui.interact(rect, Id::unique(spec.key), Sense::focusable_noninteractive());
    let filter = EventFilter { vertical_arrows: true, ..EventFilter::default() };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, filter));
    if response.has_focus() {
        let presses = |key| ui.input(|input| input.num_presses(key)) as f32;
        let steps = presses(Key::ArrowDown) - presses(Key::ArrowUp);
        if steps != 0.0 {
            desk.set(spec.id, desk.value(spec.id) + steps);
        }
    }
    ui.painter().rect(
        rect,
        theme::ROUND_SMALL,
        theme::WELL,
        Stroke::new(theme::THIN, theme::EDGE),
        StrokeKind::Inside,
    );
    for (idx, name) in names.iter().enumerate() {
        let top = rect.top() + 2.0 + line_height * idx as f32;
        let line = Rect::from_min_size(pos2(rect.left() + 2.0, top), vec2(rect.width() - 4.0, line_height));
        let press = ui.interact(line, Id::unique((spec.key, idx)), Sense::CLICK);
        if press.clicked() {
            desk.set(spec.id, idx as f32);
        }
        let is_chosen = desk.value(spec.id) == idx as f32;
        press.widget_info(|| WidgetInfo::selected(Role::RadioButton, true, is_chosen, name));
        if is_chosen {
            ui.painter().rect_filled(line, theme::ROUND_SMALL - 2, theme::ACCENT_GROUND);
        }
        let colour = match (is_chosen, press.hovered()) {
            (true, _) => theme::ACCENT,
            (false, true) => theme::TEXT,
            (false, false) => theme::TEXT_DIM,
        };
        let font = theme::font(theme::SIZE_LABEL);
        ui.painter().text(line.center(), Align2::CENTER_CENTER, name, font, colour);
    }
    if response.has_focus() {
        theme::focus_ring(ui.painter(), rect, theme::ROUND_SMALL);
    }
    let chosen = spec.text(desk.value(spec.id));
    response.widget_info(|| WidgetInfo {
        current_text_value: Some(chosen.clone()),
        ..WidgetInfo::labeled(Role::RadioGroup, true, spec.name)
    });
    response
}
