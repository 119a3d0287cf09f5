//! A named group of parameters, in a grid; where the window is small, the groups behind tabs.

use egui::{Align2, FontId, Id, Rect, Role, Sense, Stroke, Ui, WidgetInfo, pos2, vec2};
use mynah::engine::ParamId;
use mynah::engine::param::Group;

use super::button::Button;
use super::control::control;
use super::desk::Desk;
use super::theme;

/// Groups in the order of the panel.
pub(super) const GROUPS: [Group; 3] = [Group::Take, Group::Shape, Group::Voice];

/// Height of the line of a group's name.
const TITLE: f32 = 22.0;

/// Name shown to players.
pub(super) fn name(group: Group) -> &'static str {
    match group {
        Group::Take => "Take",
        Group::Shape => "Shape",
        Group::Voice => "Voice",
    }
}

/// Parameters of a group, in the order of the panel.
fn members(group: Group) -> &'static [ParamId] {
    use ParamId::*;
    match group {
        Group::Take => &[Chance, Memory, OwnPitch, OwnLoudness, Pace, SameTake, Take],
        Group::Shape => &[Formant, Breath, SteerX, SteerY, Steer],
        Group::Voice => {
            &[Attack, Release, Velocity, Glide, Mode, Mpe, Voices, Choir, Spread, BendRange, Tune, Output]
        }
    }
}

/// Shows a group with its name.
pub(super) fn group(ui: &mut Ui, desk: &mut Desk, group: Group, rect: Rect, num_columns: usize) {
    theme::ground(ui.painter(), rect);
    let title = FontId { size: theme::SIZE_SMALL + 1.0, ..theme::font(theme::SIZE_SMALL) };
    let place = pos2(rect.left() + theme::PAD, rect.top() + theme::NEAR + 0.5 * TITLE);
    ui.painter().text(place, Align2::LEFT_CENTER, name(group).to_uppercase(), title, theme::TEXT_FAINT);
    let inside = rect.shrink(theme::NEAR).with_min_y(rect.top() + TITLE + theme::NEAR);
    grid(ui, desk, group, inside, num_columns);
}

/// The groups behind tabs.
pub(super) fn tabs(ui: &mut Ui, desk: &mut Desk, shown: &mut Group, rect: Rect, num_columns: usize) {
    theme::ground(ui.painter(), rect);
    let inside = rect.shrink(theme::NEAR);
    let width = inside.width() / GROUPS.len() as f32;
    for (idx, group) in GROUPS.into_iter().enumerate() {
        let corner = pos2(inside.left() + width * idx as f32, inside.top());
        let tab = Rect::from_min_size(corner, vec2(width, TITLE));
        let response = ui.interact(tab, Id::unique(("tab", idx)), Sense::click());
        if response.clicked() {
            *shown = group;
        }
        let is_shown = *shown == group;
        response.widget_info(|| WidgetInfo::selected(Role::Tab, true, is_shown, name(group)));
        let colour = match (is_shown, response.hovered()) {
            (true, _) => theme::ACCENT,
            (false, true) => theme::TEXT,
            (false, false) => theme::TEXT_DIM,
        };
        let font = theme::font(theme::SIZE_LABEL);
        ui.painter().text(tab.center(), Align2::CENTER_CENTER, name(group).to_uppercase(), font, colour);
        let line = Stroke::new(1.5, if is_shown { theme::ACCENT } else { theme::EDGE });
        ui.painter().hline(tab.x_range().shrink(6.0), tab.bottom(), line);
        if response.has_focus() {
            theme::focus_ring(ui.painter(), tab.shrink(2.0), theme::ROUND_SMALL);
        }
    }
    grid(ui, desk, *shown, inside.with_min_y(inside.top() + TITLE + 4.0), num_columns);
}

fn grid(ui: &mut Ui, desk: &mut Desk, group: Group, rect: Rect, num_columns: usize) {
    let members = members(group);
    // The take is twice as wide as all else; the button of the shape is a member more.
    let num_rows = (members.len() + usize::from(group != Group::Voice)).div_ceil(num_columns);
    let size = vec2(rect.width() / num_columns as f32, rect.height() / num_rows as f32);
    let cell = |idx: usize| {
        let corner = vec2(size.x * (idx % num_columns) as f32, size.y * (idx / num_columns) as f32);
        Rect::from_min_size(rect.min + corner, size)
    };
    for (idx, &id) in members.iter().enumerate() {
        let wide = if id == ParamId::Take { cell(idx).union(cell(idx + 1)) } else { cell(idx) };
        control(ui, desk, id, wide);
    }
    if group == Group::Shape {
        let steers = 0.0 < desk.value(ParamId::Steer);
        let place = Rect::from_center_size(cell(members.len()).center(), vec2(size.x, theme::ROW));
        let button = Button::text("Let go").wide((size.x - 12.0).min(72.0));
        let mut inside = ui.new_child(
            egui::UiBuilder::new()
                .max_rect(place)
                .layout(egui::Layout::centered_and_justified(egui::Direction::LeftToRight)),
        );
        if !steers {
            inside.disable();
        }
        if inside.add(button).on_hover_text("the sound goes its own way on the map").clicked() {
            desk.set(ParamId::Steer, 0.0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mynah::engine::param::TABLE;

    #[test]
    fn every_parameter_is_on_the_panel_once_in_its_group() {
        for spec in &TABLE {
            let places: Vec<Group> =
                GROUPS.into_iter().filter(|&group| members(group).contains(&spec.id)).collect();
            assert_eq!(places, [spec.group], "{}", spec.key);
        }
    }
}
