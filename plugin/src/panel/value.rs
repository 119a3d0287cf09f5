//! A value as text: shown, and typed over once it is clicked.

use egui::text::{CCursor, CCursorRange};
use egui::{Align2, CornerRadius, Frame, Id, Key, Rect, Role, Sense, TextEdit, Ui, WidgetInfo};
use mynah::engine::ParamSpec;

use super::desk::Desk;
use super::theme;

/// Shows the value of a parameter in a rectangle; a click, or `type_now`, opens a field over it.
pub(super) fn value(ui: &mut Ui, desk: &mut Desk, spec: &'static ParamSpec, rect: Rect, type_now: bool) {
    let id = Id::unique((spec.key, "value"));
    match ui.data(|data| data.get_temp::<String>(id)) {
        Some(text) => field(ui, desk, spec, rect, text),
        None => {
            let text = spec.text(desk.value(spec.id));
            let response = ui.interact(rect, id, Sense::CLICK);
            let colour = if response.hovered() { theme::ACCENT } else { theme::TEXT };
            let font = theme::font(theme::SIZE_LABEL);
            ui.painter().text(rect.center(), Align2::CENTER_CENTER, &text, font, colour);
            if response.clicked() || type_now {
                open(ui, id, text);
            }
            let name = format!("{}: type a value", spec.name);
            response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &name));
            response.on_hover_cursor(egui::CursorIcon::Text);
        }
    }
}

/// Is the value of a parameter being typed?
pub(super) fn is_typed(ui: &Ui, spec: &ParamSpec) -> bool {
    ui.data(|data| data.get_temp::<String>(Id::unique((spec.key, "value")))).is_some()
}

fn open(ui: &Ui, id: Id, text: String) {
    let field_id = id.with("field");
    let mut state = egui::text_edit::TextEditState::default();
    let all = CCursorRange::two(CCursor::new(0), CCursor::new(text.chars().count()));
    state.cursor.set_char_range(Some(all));
    state.store(ui.ctx(), field_id);
    ui.memory_mut(|memory| memory.request_focus(field_id));
    ui.data_mut(|data| data.insert_temp(id, text));
}

fn field(ui: &mut Ui, desk: &mut Desk, spec: &'static ParamSpec, rect: Rect, mut text: String) {
    let id = Id::unique((spec.key, "value"));
    ui.painter().rect_filled(rect, CornerRadius::same(theme::ROUND_SMALL - 2), theme::WELL);
    let edit = TextEdit::singleline(&mut text)
        .id(id.with("field"))
        .font(theme::font(theme::SIZE_LABEL))
        .frame(Frame::NONE)
        .align(Align2::CENTER_CENTER)
        .desired_width(rect.width());
    let response = ui.place(rect, edit).accessible_name(format!("{} value", spec.name));
    if response.has_focus() {
        ui.data_mut(|data| data.insert_temp(id, text));
        return;
    }
    ui.data_mut(|data| data.remove_temp::<String>(id));
    // Where the field was not there to lose the focus, behind another tab, it was left too, but not entered.
    let is_entered = response.lost_focus() && !ui.input(|input| input.key_pressed(Key::Escape));
    if is_entered && let Some(value) = spec.value_from_text(&text) {
        desk.set(spec.id, value);
    }
}
