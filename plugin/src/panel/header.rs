//! The line at the top: which model plays, what can be done with it, what is heard.

use egui::{
    Align, Align2, Id, Layout, Popup, Rect, Role, Sense, Stroke, StrokeKind, Ui, UiBuilder, WidgetInfo, vec2,
};

use super::button::Button;
use super::desk::Desk;
use super::dialog::{Ask, Dialog};
use super::icon::Icon;
use super::meter::Meter;
use super::overlay::Overlay;
use super::rig::RigState;
use super::theme;
use crate::session::{Playing, Source};

/// Width from which the name of the instrument has a place.
const WIDE: f32 = 860.0;

/// What the header shows that it does not find at the desk.
pub(super) struct Shown<'a> {
    /// What plays.
    pub(super) playing: &'a Playing,
    /// The rig, in the application.
    pub(super) rig: Option<&'a RigState>,
    /// The output meter.
    pub(super) meter: &'a Meter,
}

/// What the player asked for that is not done at the desk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// Something over the panel.
    Open(Overlay),
    /// Begin or end to record.
    Record,
}

/// Shows the header.
pub(super) fn header(
    ui: &mut Ui,
    desk: &mut Desk,
    dialog: &mut Dialog,
    shown: &Shown<'_>,
    rect: Rect,
) -> Option<Asked> {
    let mut asked = None;
    let is_wide = WIDE <= rect.width();
    let builder = UiBuilder::new().max_rect(rect).layout(Layout::left_to_right(Align::Center));
    ui.scope_builder(builder, |ui| {
        ui.spacing_mut().item_spacing.x = if is_wide { 8.0 } else { 4.0 };
        if is_wide {
            wordmark(ui);
        }
        if name(ui, desk, shown.playing, if is_wide { 236.0 } else { 168.0 }) {
            asked = Some(Asked::Open(Overlay::Card));
        }
        if ui.add(Button::text("Browse")).on_hover_text("models and presets").clicked() {
            asked = Some(Asked::Open(Overlay::Browser));
        }
        learn(ui, dialog);
        undo_and_redo(ui, desk);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            shown.meter.show(ui, if is_wide { 120.0 } else { 56.0 });
            load(ui, desk);
            let hint = if shown.rig.is_some() { "tuning and devices" } else { "tuning" };
            if ui.add(Button::icon(Icon::Settings, "Settings")).on_hover_text(hint).clicked() {
                asked = Some(Asked::Open(Overlay::Settings));
            }
            if shown.rig.is_some_and(|rig| record(ui, rig)) {
                asked = Some(Asked::Record);
            }
        });
    });
    asked
}

fn wordmark(ui: &mut Ui) {
    let (rect, _) = ui.allocate_exact_size(vec2(84.0, theme::ROW), Sense::hover());
    let font = theme::font(theme::SIZE_TITLE + 3.0);
    let end = ui.painter().text(
        rect.left_center() + vec2(2.0, 0.0),
        Align2::LEFT_CENTER,
        "mynah",
        font,
        theme::TEXT,
    );
    // The beak.
    let tip = end.right_center() + vec2(11.0, 1.5);
    let beak = vec![tip, tip + vec2(-8.0, -4.0), tip + vec2(-8.0, 3.0)];
    ui.painter().add(egui::Shape::convex_polygon(beak, theme::ACCENT, Stroke::NONE));
}

/// The name of the model between previous and next; true if the player wants its card.
fn name(ui: &mut Ui, desk: &mut Desk, playing: &Playing, width: f32) -> bool {
    let (rect, _) = ui.allocate_exact_size(vec2(width, 38.0), Sense::hover());
    let edge = Stroke::new(theme::THIN, theme::EDGE);
    ui.painter().rect(rect, theme::ROUND, theme::PANEL, edge, StrokeKind::Inside);
    let end = |x: f32| Rect::from_center_size(egui::pos2(x, rect.center().y), vec2(28.0, theme::ROW));
    let previous = Button::icon(Icon::Previous, "Previous");
    if ui.place(end(rect.left() + 18.0), previous).on_hover_text("previous").clicked() {
        desk.step(-1);
    }
    let next = Button::icon(Icon::Next, "Next");
    if ui.place(end(rect.right() - 18.0), next).on_hover_text("next").clicked() {
        desk.step(1);
    }
    let middle = rect.shrink2(vec2(34.0, 2.0));
    let response = ui.interact(middle, Id::unique("model name"), Sense::click());
    let colour = if response.hovered() { theme::ACCENT } else { theme::TEXT };
    let painter = ui.painter().with_clip_rect(middle);
    let font = theme::font(theme::SIZE_BODY + 1.0);
    let place = middle.center() - vec2(0.0, 7.0);
    painter.text(place, Align2::CENTER_CENTER, playing.name(), font, colour);
    let place = middle.center() + vec2(0.0, 9.0);
    let font = theme::font(theme::SIZE_SMALL);
    painter.text(place, Align2::CENTER_CENTER, origin(&playing.source), font, theme::TEXT_FAINT);
    if response.has_focus() {
        theme::focus_ring(ui.painter(), middle, theme::ROUND_SMALL);
    }
    let label = format!("Model {}, {}: show its card", playing.name(), origin(&playing.source));
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &label));
    response.on_hover_text("what was learned, how well, whose recordings").clicked()
}

fn origin(source: &Source) -> &'static str {
    match source {
        Source::Factory(_) => "comes with Mynah",
        Source::File(_) => "your model",
        Source::Session => "in this session",
        Source::Learned => "learned, not saved",
        Source::Learning => "learning…",
        Source::Unread(_) => "stands in for one that cannot be read",
    }
}

fn learn(ui: &mut Ui, dialog: &mut Dialog) {
    let response =
        ui.add(Button::text("Learn").main()).on_hover_text("learn recordings; or drop them on the window");
    Popup::menu(&response).gap(4.0).show(|ui| {
        ui.set_min_width(130.0);
        for (text, ask) in [("Recordings…", Ask::Recordings), ("A folder…", Ask::Folder)] {
            if ui.button(text).clicked() {
                dialog.open(ui.ctx(), ask);
            }
        }
    });
}

fn undo_and_redo(ui: &mut Ui, desk: &mut Desk) {
    let (can_undo, can_redo) = {
        let history = desk.session.history();
        (history.can_undo(), history.can_redo())
    };
    if ui.add_enabled(can_undo, Button::icon(Icon::Undo, "Undo")).on_hover_text("undo").clicked() {
        desk.undo();
    }
    if ui.add_enabled(can_redo, Button::icon(Icon::Redo, "Redo")).on_hover_text("redo").clicked() {
        desk.redo();
    }
}

/// Voices that sound, and the share of the time of a block that they take.
fn load(ui: &mut Ui, desk: &Desk) {
    let (rect, response) = ui.allocate_exact_size(vec2(52.0, theme::ROW), Sense::hover());
    let num_voices = desk.session.meters().map_or(0, |meters| meters.num_voices());
    let share = desk.session.load_share();
    let voices = if num_voices == 1 { "1 voice".to_owned() } else { format!("{num_voices} voices") };
    let load = format!("{:.0} %", 100.0 * share);
    let font = theme::font(theme::SIZE_SMALL);
    let right = rect.right_center();
    let colour = if num_voices == 0 { theme::TEXT_FAINT } else { theme::TEXT_DIM };
    ui.painter().text(right - vec2(0.0, 7.0), Align2::RIGHT_CENTER, &voices, font.clone(), colour);
    let colour = if share < 0.8 { theme::TEXT_FAINT } else { theme::ERROR };
    ui.painter().text(right + vec2(0.0, 7.0), Align2::RIGHT_CENTER, &load, font, colour);
    let text = format!("{voices}, {load} of the time of a block");
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &text));
    response.on_hover_text("voices that sound, and their share of the time of a block");
}

/// The button of the recorder; true if it was pressed.
fn record(ui: &mut Ui, rig: &RigState) -> bool {
    match rig.recorded_seconds {
        None => {
            let button = Button::icon(Icon::Record, "Record").coloured(theme::ERROR);
            ui.add(button).on_hover_text("record what is heard").clicked()
        }
        Some(seconds) => {
            let text = format!("{}:{:02}", seconds as u32 / 60, seconds as u32 % 60);
            let button = Button::icon(Icon::Stop, "Stop recording").with_text(&text).coloured(theme::ERROR);
            ui.add(button).on_hover_text("stop recording").clicked()
        }
    }
}
