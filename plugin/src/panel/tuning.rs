//! Which pitch each key has: shown, loaded, and put back.

use egui::{RichText, Ui};

use super::button::Button;
use super::desk::Desk;
use super::dialog::{Ask, Dialog};
use super::theme;
use mynah::tuning::Tuning;

/// Shows the tuning, with what changes it.
pub(super) fn tuning(ui: &mut Ui, desk: &Desk, dialog: &mut Dialog) {
    let tuning = desk.session.tuning();
    ui.vertical(|ui| {
        let name = if tuning.name().is_empty() { "without a name" } else { tuning.name() };
        ui.label(RichText::new(name).color(theme::TEXT));
        ui.horizontal(|ui| {
            let load = ui.add(Button::text("Load a scale…"));
            if load.on_hover_text("a scale (.scl), a keyboard mapping (.kbm), or both").clicked() {
                dialog.open(ui.ctx(), Ask::Tuning);
            }
            let is_equal = tuning.scl().is_none();
            if ui.add_enabled(!is_equal, Button::text("Equal temperament")).clicked() {
                desk.session.tune(Tuning::equal());
            }
        });
    });
}
