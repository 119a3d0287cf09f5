//! A button: text, or a picture with a name.

use egui::{Color32, Response, Role, Sense, Stroke, StrokeKind, Ui, Widget, WidgetInfo, vec2};

use super::icon::Icon;
use super::theme;

/// How much a button stands out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Look {
    #[default]
    Plain,
    /// No ground until the pointer is there.
    Quiet,
    /// What a player most likely wants.
    Main,
}

/// A button to be shown.
#[derive(Clone, Debug)]
pub(super) struct Button<'a> {
    /// What a screen reader says.
    name: &'a str,
    text: Option<&'a str>,
    icon: Option<Icon>,
    look: Look,
    colour: Option<Color32>,
    width: Option<f32>,
}

impl<'a> Button<'a> {
    /// A button with text.
    pub(super) fn text(text: &'a str) -> Self {
        Self { name: text, text: Some(text), icon: None, look: Look::Plain, colour: None, width: None }
    }

    /// A button with a picture and a name.
    pub(super) fn icon(icon: Icon, name: &'a str) -> Self {
        Self { name, text: None, icon: Some(icon), look: Look::Quiet, colour: None, width: None }
    }

    /// Text beside the picture.
    pub(super) fn with_text(self, text: &'a str) -> Self {
        Self { text: Some(text), look: Look::Plain, ..self }
    }

    /// It stands out.
    pub(super) fn main(self) -> Self {
        Self { look: Look::Main, ..self }
    }

    /// It stands back.
    pub(super) fn quiet(self) -> Self {
        Self { look: Look::Quiet, ..self }
    }

    /// In a colour of its own.
    pub(super) fn coloured(self, colour: Color32) -> Self {
        Self { colour: Some(colour), ..self }
    }

    /// Of a width of its own.
    pub(super) fn wide(self, width: f32) -> Self {
        Self { width: Some(width), ..self }
    }
}

impl Widget for Button<'_> {
    fn ui(self, ui: &mut Ui) -> Response {
        const ICON: f32 = 16.0;
        let galley = self.text.map(|text| {
            ui.painter().layout_no_wrap(text.to_owned(), theme::font(theme::SIZE_BODY), Color32::PLACEHOLDER)
        });
        let text_width = galley.as_ref().map_or(0.0, |galley| galley.size().x);
        let icon_width = if self.icon.is_some() { ICON } else { 0.0 };
        let between = if self.icon.is_some() && galley.is_some() { theme::NEAR } else { 0.0 };
        let inside = text_width + between + icon_width;
        let pad = if galley.is_some() { 11.0 } else { 6.0 };
        let size = vec2(self.width.unwrap_or(inside + 2.0 * pad), theme::ROW);
        let (rect, response) = ui.allocate_exact_size(size, Sense::click());
        response.widget_info(|| WidgetInfo::labeled(Role::Button, ui.is_enabled(), self.name));

        let is_pressed = response.is_pointer_button_down_on();
        let (fill, text) = match (self.look, response.hovered()) {
            (Look::Main, false) => (theme::ACCENT, theme::ON_ACCENT),
            (Look::Main, true) => (theme::ACCENT.lerp_to_gamma(theme::TEXT, 0.25), theme::ON_ACCENT),
            (Look::Plain, false) => (theme::RAISED, theme::TEXT),
            (Look::Quiet, false) => (Color32::TRANSPARENT, theme::TEXT_DIM),
            (_, true) => (theme::HOVERED, theme::TEXT),
        };
        let fill = if is_pressed { fill.lerp_to_gamma(theme::WELL, 0.3) } else { fill };
        let colour = self.colour.unwrap_or(text);
        let edge = if self.look == Look::Plain { theme::EDGE } else { Color32::TRANSPARENT };
        let painter = ui.painter();
        painter.rect(rect, theme::ROUND_SMALL, fill, Stroke::new(theme::THIN, edge), StrokeKind::Inside);
        let left = rect.center().x - 0.5 * inside;
        if let Some(icon) = self.icon {
            let place = egui::Rect::from_min_size(egui::pos2(left, rect.top()), vec2(ICON, rect.height()));
            icon.paint(painter, place, colour);
        }
        if let Some(galley) = galley {
            let corner = egui::pos2(left + icon_width + between, rect.center().y - 0.5 * galley.size().y);
            painter.galley(corner, galley, colour);
        }
        if response.has_focus() {
            theme::focus_ring(painter, rect, theme::ROUND_SMALL);
        }
        response
    }
}
