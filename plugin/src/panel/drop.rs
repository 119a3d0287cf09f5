//! Files and folders that are dropped on the window.

use egui::{Align2, Id, LayerId, Order, Stroke, StrokeKind, Ui, vec2};

use super::desk::Desk;
use super::theme;

/// Takes what was dropped, and shows where while it hovers.
pub(super) fn take_dropped(ui: &Ui, desk: &mut Desk) {
    let (is_over, dropped) = ui.input(|input| {
        let dropped: Vec<_> = input.raw.dropped_files.iter().map(|file| file.path().to_owned()).collect();
        (!input.raw.hovered_files.is_empty(), dropped)
    });
    let dropped: Vec<_> = dropped.into_iter().filter(|path| !path.as_os_str().is_empty()).collect();
    if !dropped.is_empty() {
        desk.take_files(dropped);
    } else if is_over {
        show(ui);
    }
}

fn show(ui: &Ui) {
    let painter = ui.ctx().layer_painter(LayerId::new(Order::Foreground, Id::unique("drop")));
    let window = ui.ctx().content_rect();
    painter.rect_filled(window, 0, theme::VEIL);
    let inside = window.shrink(2.0 * theme::GAP);
    let edge = Stroke::new(2.0, theme::ACCENT);
    painter.rect(
        inside,
        theme::ROUND + 4,
        theme::ACCENT_GROUND.gamma_multiply(0.6),
        edge,
        StrokeKind::Inside,
    );
    let centre = window.center();
    let title = theme::font(1.4 * theme::SIZE_TITLE);
    painter.text(centre - vec2(0.0, 14.0), Align2::CENTER_CENTER, "Let go to learn", title, theme::TEXT);
    let text = "recordings or a folder of them; a model or a preset is loaded";
    let font = theme::font(theme::SIZE_BODY);
    painter.text(centre + vec2(0.0, 18.0), Align2::CENTER_CENTER, text, font, theme::TEXT_DIM);
}
