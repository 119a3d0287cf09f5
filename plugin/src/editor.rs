//! The panel in a host's window.

use std::sync::{Arc, Mutex};

use nice_plug::context::gui::GuiContext;

use crate::knobs::HostKnobs;
use crate::library::Library;
use crate::panel::{Desk, Panel};
use crate::params::HostParams;
use crate::session::Session;
use crate::window::{Editor, WindowApp};

/// A panel that a host opens and closes. What it shows is in the session: a panel opened again is a new one.
pub struct HostedPanel {
    session: Arc<Session>,
    params: Arc<HostParams>,
    panel: Option<Panel>,
}

/// The editor of an instance.
pub(crate) fn editor(session: &Arc<Session>, params: &Arc<HostParams>) -> Editor<HostedPanel> {
    let hosted = HostedPanel { session: Arc::clone(session), params: Arc::clone(params), panel: None };
    Editor::new(Arc::new(Mutex::new(hosted)), Arc::clone(session.window()), "Mynah")
}

impl WindowApp for HostedPanel {
    fn hosted(&mut self, context: GuiContext) {
        let knobs = HostKnobs { params: Arc::clone(&self.params), context };
        let desk = Desk::new(Arc::clone(&self.session), Box::new(knobs), Library::default());
        self.panel = Some(Panel::new(desk, None));
    }

    fn opened(&mut self, context: &egui::Context) {
        if let Some(panel) = &mut self.panel {
            panel.opened(context);
        }
    }

    fn ui(&mut self, ui: &mut egui::Ui) {
        if let Some(panel) = &mut self.panel {
            panel.ui(ui);
        }
    }

    fn resized(&mut self, _size_points: egui::Vec2) {}

    fn closed(&mut self) {
        if let Some(mut panel) = self.panel.take() {
            panel.closed();
        }
    }
}
