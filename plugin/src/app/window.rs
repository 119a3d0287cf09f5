//! The window of the application.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use egui::{Context, Ui, Vec2, ViewportCommand};

use super::end::End;
use crate::panel::{Desk, Panel, Rig};
use crate::window::{WindowApp, WindowConfig, run};

/// Time between looks for something to tell, and for the end.
const PAUSE: Duration = Duration::from_millis(100);

/// Shows the panel until the player closes it, or `end` is asked for.
pub(super) fn open_window(desk: Desk, rig: Box<dyn Rig>, end: &End) -> anyhow::Result<()> {
    let config = WindowConfig { title: "Mynah".into(), state: Arc::clone(desk.session.window()) };
    let app = AppWindow { panel: Panel::new(desk, Some(rig)), end: end.clone() };
    run(app, config).context("the window does not open; --no-window plays without one")
}

/// Waits for the end without a window; what there is to tell goes to the terminal.
pub(super) fn run_without(desk: &Desk, _rig: Box<dyn Rig>, end: &End) {
    loop {
        let is_end = end.wait(PAUSE);
        if let Some(notice) = desk.session.notice() {
            super::tell::note(&format!("mynah-app: {}", notice.text));
            desk.session.dismiss_notice();
        }
        if is_end {
            return;
        }
    }
}

/// The panel in a window of its own.
struct AppWindow {
    panel: Panel,
    end: End,
}

impl WindowApp for AppWindow {
    fn opened(&mut self, context: &Context) {
        self.panel.opened(context);
    }

    fn ui(&mut self, ui: &mut Ui) {
        self.panel.ui(ui);
        if self.end.is_asked() {
            ui.ctx().send_viewport_cmd(ViewportCommand::Close);
        }
        // A signal moves nothing on the screen: the window looks for it.
        ui.ctx().request_repaint_after(PAUSE);
    }

    fn resized(&mut self, _size_points: Vec2) {}

    fn closed(&mut self) {
        self.panel.closed();
    }
}
