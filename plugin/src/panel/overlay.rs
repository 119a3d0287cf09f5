//! What lies over the panel: a sheet with a heading, closed by its cross, Escape or a click beside it.

use egui::{Frame, Id, Margin, Modal, Stroke, Ui, Vec2};

use super::button::Button;
use super::icon::Icon;
use super::theme;

/// What can lie over the panel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Overlay {
    /// The models and presets.
    Browser,
    /// What there is to know of the model.
    Card,
    /// Tuning and devices.
    Settings,
}

/// Shows a sheet of at most a size; true once it is to be closed.
pub(super) fn sheet(ui: &Ui, heading: &str, most: Vec2, content: impl FnOnce(&mut Ui)) -> bool {
    let window = ui.ctx().content_rect().size();
    let size = most.min(window - Vec2::splat(4.0 * theme::GAP));
    let frame = Frame::new()
        .fill(theme::PANEL)
        .stroke(Stroke::new(theme::THIN, theme::EDGE))
        .corner_radius(theme::ROUND + 2)
        .inner_margin(Margin::same(16));
    let modal = Modal::new(Id::unique(heading)).frame(frame).backdrop_color(theme::VEIL);
    let response = modal.show(ui.ctx(), |ui| {
        ui.set_width(size.x - 32.0);
        ui.set_height(size.y - 32.0);
        let mut closes = false;
        ui.horizontal(|ui| {
            ui.label(egui::RichText::new(heading).size(theme::SIZE_TITLE).color(theme::TEXT));
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                closes = ui.add(Button::icon(Icon::Close, "Close")).clicked();
            });
        });
        ui.add_space(theme::NEAR);
        content(ui);
        closes
    });
    response.inner || response.should_close()
}
