//! The browser: models and presets, found by a few letters.

use egui::{
    Align, Align2, Id, Key, Layout, Modifiers, Rect, RichText, Role, ScrollArea, Sense, TextEdit, Ui,
    UiBuilder,
};
use egui::{WidgetInfo, vec2};

use super::button::Button;
use super::desk::Desk;
use super::dialog::{Ask, Dialog};
use super::overlay::sheet;
use super::theme;
use crate::library::{Entry, Kind, Place};

/// Height of a line.
const LINE: f32 = 27.0;

/// What is searched, chosen, and typed.
#[derive(Debug, Default)]
pub(super) struct Browser {
    search: String,
    entries: Vec<Entry>,
    /// Index among the entries found.
    chosen: usize,
    preset_name: String,
    is_fresh: bool,
    /// The chosen line is to be scrolled to.
    scrolls: bool,
}

impl Browser {
    /// Looks into the library, and begins a new search.
    pub(super) fn open(&mut self, desk: &Desk) {
        *self = Self { entries: desk.library.entries(), is_fresh: true, ..Self::default() };
    }

    /// Shows it; true once it is to be closed.
    pub(super) fn show(&mut self, ui: &Ui, desk: &mut Desk, dialog: &mut Dialog) -> bool {
        let mut closes = false;
        let is_closed = sheet(ui, "Browse", vec2(720.0, 560.0), |ui| {
            let asked = self.keys(ui);
            self.search_field(ui);
            ui.add_space(theme::NEAR);
            let found: Vec<Entry> = self.found().cloned().collect();
            let footer = theme::ROW + theme::GAP;
            let height = (ui.available_height() - footer).max(60.0);
            let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), height), Sense::hover());
            let loaded = self.lists(ui, &found, rect);
            self.footer(ui, desk, dialog);
            if let Some(entry) = loaded.or_else(|| found.get(self.chosen).cloned().filter(|_| asked)) {
                desk.load(&entry);
                closes = true;
            }
        });
        closes || is_closed
    }

    /// Up and Down choose while letters are typed; true if Enter was pressed to load.
    fn keys(&mut self, ui: &Ui) -> bool {
        let num_found = self.found().count();
        let (up, down) = ui.input_mut(|input| {
            let up = input.count_and_consume_key(Modifiers::NONE, Key::ArrowUp);
            (up, input.count_and_consume_key(Modifiers::NONE, Key::ArrowDown))
        });
        let chosen = (self.chosen + down).saturating_sub(up);
        self.chosen = chosen.min(num_found.saturating_sub(1));
        self.scrolls = 0 < up + down;
        let is_searching = ui.memory(|memory| memory.has_focus(search_id()));
        is_searching && ui.input(|input| input.key_pressed(Key::Enter))
    }

    fn search_field(&mut self, ui: &mut Ui) {
        let field = TextEdit::singleline(&mut self.search)
            .id(search_id())
            .hint_text("Search models and presets")
            .align(Align2::LEFT_CENTER)
            .desired_width(f32::INFINITY)
            .margin(vec2(10.0, 6.0));
        let response = ui.add(field).accessible_name("Search");
        if response.changed() {
            self.chosen = 0;
        }
        if core::mem::take(&mut self.is_fresh) {
            response.request_focus();
        }
    }

    /// Entries whose name has all words of the search.
    fn found(&self) -> impl Iterator<Item = &Entry> {
        let search = self.search.to_lowercase();
        self.entries.iter().filter(move |entry| {
            let name = entry.name.to_lowercase();
            search.split_whitespace().all(|word| name.contains(word))
        })
    }

    /// Models at the left, presets at the right; the entry to load, if one was asked for.
    fn lists(&mut self, ui: &mut Ui, found: &[Entry], rect: Rect) -> Option<Entry> {
        let mut loaded = None;
        let middle = rect.center().x;
        let left = rect.with_max_x(middle - 0.5 * theme::GAP);
        let right = rect.with_min_x(middle + 0.5 * theme::GAP);
        for (kind, rect) in [(Kind::Model, left), (Kind::Preset, right)] {
            theme::well(ui.painter(), rect);
            let inside = rect.shrink(theme::NEAR);
            let builder =
                UiBuilder::new().max_rect(inside).layout(Layout::top_down(Align::Min)).id_salt(kind as u8);
            ui.scope_builder(builder, |ui| {
                ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
                    ui.spacing_mut().item_spacing.y = 0.0;
                    loaded = loaded.take().or_else(|| self.list(ui, found, kind));
                });
            });
        }
        loaded
    }

    fn list(&mut self, ui: &mut Ui, found: &[Entry], kind: Kind) -> Option<Entry> {
        let mut loaded = None;
        let mut headed = None;
        for (idx, entry) in found.iter().enumerate().filter(|(_, entry)| entry.kind == kind) {
            let heading = heading(entry);
            if headed != Some(heading) {
                headed = Some(heading);
                let text =
                    RichText::new(heading.to_uppercase()).size(theme::SIZE_SMALL).color(theme::TEXT_FAINT);
                ui.add_space(5.0);
                ui.horizontal(|ui| {
                    ui.add_space(8.0);
                    ui.label(text);
                });
            }
            let response = self.line(ui, entry, idx);
            if response.double_clicked() {
                loaded = Some(entry.clone());
            } else if response.clicked() {
                // Enter on a line that has the focus loads; a click chooses.
                let by_key = response.has_focus() && ui.input(|input| input.key_pressed(Key::Enter));
                self.chosen = idx;
                if by_key {
                    loaded = Some(entry.clone());
                }
            }
        }
        if headed.is_none() {
            let text = RichText::new("nothing of this name").size(theme::SIZE_LABEL).color(theme::TEXT_FAINT);
            ui.add_space(theme::PAD);
            ui.vertical_centered(|ui| ui.label(text));
        }
        loaded
    }

    fn line(&self, ui: &mut Ui, entry: &Entry, idx: usize) -> egui::Response {
        let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), LINE), Sense::click());
        let is_chosen = self.chosen == idx;
        response.widget_info(|| WidgetInfo::selected(Role::ListBoxOption, true, is_chosen, &entry.name));
        if self.scrolls && is_chosen {
            response.scroll_to_me(None);
        }
        let (fill, colour) = match (is_chosen, response.hovered()) {
            (true, _) => (theme::ACCENT_GROUND, theme::ACCENT),
            (false, true) => (theme::RAISED, theme::TEXT),
            (false, false) => (egui::Color32::TRANSPARENT, theme::TEXT),
        };
        ui.painter().rect_filled(rect, theme::ROUND_SMALL, fill);
        let place = rect.left_center() + vec2(10.0, 0.0);
        let painter = ui.painter().with_clip_rect(rect.intersect(ui.clip_rect()));
        painter.text(place, Align2::LEFT_CENTER, &entry.name, theme::font(theme::SIZE_BODY), colour);
        if response.has_focus() {
            theme::focus_ring(ui.painter(), rect.shrink(3.0), theme::ROUND_SMALL);
        }
        response
    }

    fn footer(&mut self, ui: &mut Ui, desk: &mut Desk, dialog: &mut Dialog) {
        ui.add_space(theme::NEAR);
        ui.horizontal(|ui| {
            let width = (0.5 * ui.available_width() - 70.0).min(240.0);
            let field = TextEdit::singleline(&mut self.preset_name)
                .hint_text("Name of a new preset")
                .align(Align2::LEFT_CENTER)
                .desired_width(width)
                .margin(vec2(8.0, 5.0));
            ui.add(field).accessible_name("Name of a new preset");
            let name = self.preset_name.trim().to_owned();
            let save = ui.add_enabled(!name.is_empty(), Button::text("Save preset"));
            if save.clicked() {
                desk.save_preset(&name);
                self.preset_name.clear();
                self.entries = desk.library.entries();
            }
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                if ui.add(Button::text("Open a file…")).clicked() {
                    dialog.open(ui.ctx(), Ask::Model);
                }
            });
        });
    }
}

fn search_id() -> Id {
    Id::unique("search")
}

fn heading(entry: &Entry) -> &'static str {
    match (entry.kind, &entry.place) {
        (Kind::Model, Place::Factory(_)) => "Models",
        (Kind::Model, Place::File(_)) => "Your models",
        (Kind::Preset, Place::Factory(_)) => "Presets",
        (Kind::Preset, Place::File(_)) => "Your presets",
    }
}
