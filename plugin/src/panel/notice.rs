//! What there is to tell: a banner that is dismissed, or goes by itself if nothing went wrong.

use egui::text::LayoutJob;
use egui::{Align, Color32, CornerRadius, Label, Layout, Rect, Stroke, StrokeKind, Ui, UiBuilder, vec2};

use super::button::Button;
use super::desk::Desk;
use super::icon::Icon;
use super::theme;
use crate::session::Notice;

/// How long a banner stays that tells of nothing wrong, seconds.
const STAY_SECONDS: f64 = 8.0;

/// Height of a banner of one line.
const HEIGHT: f32 = 34.0;

/// Room above and below the text of a banner of several lines.
const MARGIN: f32 = 7.0;

/// Lines that are shown; what goes beyond is shown under the pointer.
const MAX_LINES: usize = 4;

/// Width of the button.
const BUTTON: f32 = 34.0;

/// The banner.
#[derive(Debug, Default)]
pub(super) struct Banner {
    shown: Option<(Notice, f64)>,
}

impl Banner {
    /// Shows what there is to tell at the top of a rectangle.
    pub(super) fn show(&mut self, ui: &mut Ui, desk: &Desk, rect: Rect) {
        let now = ui.input(|input| input.time);
        let Some(notice) = desk.session.notice() else {
            self.shown = None;
            return;
        };
        let since = match &self.shown {
            Some((shown, since)) if *shown == notice => *since,
            _ => now,
        };
        self.shown = Some((notice.clone(), since));
        if !notice.is_error && since + STAY_SECONDS < now {
            desk.session.dismiss_notice();
            return;
        }
        let (fill, edge): (Color32, Color32) = match notice.is_error {
            true => (theme::ERROR_GROUND, theme::ERROR),
            false => (theme::ACCENT_GROUND, theme::ACCENT),
        };
        let colour = if notice.is_error { edge } else { theme::TEXT };
        let width = rect.width() - 2.0 * theme::PAD - BUTTON;
        let mut job = LayoutJob::simple(notice.text.clone(), theme::font(theme::SIZE_BODY), colour, width);
        job.wrap.max_rows = MAX_LINES;
        let text = ui.painter().layout_job(job);
        let height = HEIGHT.max(text.size().y + 2.0 * MARGIN);
        let place = Rect::from_min_size(rect.min, vec2(rect.width(), height));
        // In an area of its own: it lies over the map, and takes the pointer from it.
        let area = egui::Area::new(egui::Id::unique("notice"))
            .fixed_pos(place.min)
            .fade_in(false)
            .order(egui::Order::Middle);
        area.show(ui.ctx(), |ui| {
            let (place, _) = ui.allocate_exact_size(place.size(), egui::Sense::CLICK);
            let edge_line = Stroke::new(theme::THIN, edge.gamma_multiply(0.7));
            ui.painter().rect(
                place,
                CornerRadius::same(theme::ROUND_SMALL + 2),
                fill,
                edge_line,
                StrokeKind::Inside,
            );
            let inside = place.shrink2(vec2(theme::PAD, 3.0));
            let layout = Layout::right_to_left(Align::Center);
            ui.scope_builder(UiBuilder::new().max_rect(inside).layout(layout), |ui| {
                if ui.add(Button::icon(Icon::Close, "Dismiss")).clicked() {
                    desk.session.dismiss_notice();
                }
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                    let is_cut = text.elided;
                    let response = ui.add(Label::new(text));
                    if is_cut {
                        response.on_hover_text(&notice.text);
                    }
                });
            });
        });
    }
}
