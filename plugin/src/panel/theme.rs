//! How the panel looks: every colour, distance and size of text, in one table.

use egui::{
    Color32, Context, CornerRadius, FontData, FontDefinitions, FontFamily, FontId, Margin, Painter, Rect,
    Shadow, Stroke, StrokeKind,
};
use egui::{TextStyle, Vec2, vec2};

const fn rgb(hex: u32) -> Color32 {
    Color32::from_rgb((hex >> 16) as u8, (hex >> 8) as u8, hex as u8)
}

/// Behind everything.
pub(super) const BACKGROUND: Color32 = rgb(0x0d_0f13);
/// Of a part of the panel.
pub(super) const PANEL: Color32 = rgb(0x15_181e);
/// Around a part of the panel.
pub(super) const EDGE: Color32 = rgb(0x25_2a33);
/// Of what can be pressed.
pub(super) const RAISED: Color32 = rgb(0x22_2730);
/// Of what can be pressed, under the pointer.
pub(super) const HOVERED: Color32 = rgb(0x2d_333e);
/// Of what is let in: the map, fields, tracks.
pub(super) const WELL: Color32 = rgb(0x0a_0c0f);
/// The part of a knob's way that is not used, grid lines.
pub(super) const TRACK: Color32 = rgb(0x31_3743);
/// Text that is read first.
pub(super) const TEXT: Color32 = rgb(0xf0_ece4);
/// Text that names things.
pub(super) const TEXT_DIM: Color32 = rgb(0xa9_b0bc);
/// Text that is there if looked for.
pub(super) const TEXT_FAINT: Color32 = rgb(0x74_7c8a);
/// The one accent: the beak of the bird.
pub(super) const ACCENT: Color32 = rgb(0xf5_a93b);
/// The accent where it fills a ground under text.
pub(super) const ACCENT_GROUND: Color32 = rgb(0x3a_2c17);
/// Text on the accent.
pub(super) const ON_ACCENT: Color32 = rgb(0x1b_1206);
/// What went wrong, and what records.
pub(super) const ERROR: Color32 = rgb(0xf2_7464);
/// Ground under what went wrong.
pub(super) const ERROR_GROUND: Color32 = rgb(0x35_1a1a);
/// Behind what lies over the panel.
pub(super) const VEIL: Color32 = Color32::from_rgba_premultiplied(4, 5, 7, 190);
/// Keys of the keyboard: white, white beyond what was learned, black, black beyond what was learned.
pub(super) const KEYS: [Color32; 4] = [rgb(0xdb_d7ce), rgb(0x99_9a9a), rgb(0x1b_1e24), rgb(0x23_262c)];
/// Colours of the sound map, from lowest to highest.
const RAMP: [Color32; 4] = [rgb(0x5c_62c9), rgb(0x46_9fc4), rgb(0x6f_cf9f), rgb(0xf4_de8b)];

/// Between parts of the panel.
pub(super) const GAP: f32 = 10.0;
/// Between an edge and what is inside.
pub(super) const PAD: f32 = 12.0;
/// Between things that belong together.
pub(super) const NEAR: f32 = 6.0;
/// Corners of a part of the panel.
pub(super) const ROUND: u8 = 10;
/// Corners of a control.
pub(super) const ROUND_SMALL: u8 = 6;
/// Height of a button and a field.
pub(super) const ROW: f32 = 28.0;
/// Thin lines.
pub(super) const THIN: f32 = 1.0;
/// Lines that show a value.
pub(super) const THICK: f32 = 2.5;

/// The name of the model, headings of what lies over the panel.
pub(super) const SIZE_TITLE: f32 = 18.0;
/// Text.
pub(super) const SIZE_BODY: f32 = 14.0;
/// Names and values of controls.
pub(super) const SIZE_LABEL: f32 = 12.5;
/// Names of groups, C labels.
pub(super) const SIZE_SMALL: f32 = 11.0;

/// A font of a size of the table.
pub(super) fn font(size: f32) -> FontId {
    FontId::new(size, FontFamily::Proportional)
}

/// Colour of a share of the way from lowest to highest, 0 to 1.
pub(super) fn ramp(share: f32) -> Color32 {
    let at = share.clamp(0.0, 1.0) * (RAMP.len() - 1) as f32;
    let idx = (at as usize).min(RAMP.len() - 2);
    RAMP[idx].lerp_to_gamma(RAMP[idx + 1], at - idx as f32)
}

/// A part of the panel: a soft rounded ground with a thin edge.
pub(super) fn ground(painter: &Painter, rect: Rect) {
    painter.rect(rect, ROUND, PANEL, Stroke::new(THIN, EDGE), StrokeKind::Inside);
}

/// A part that is let in.
pub(super) fn well(painter: &Painter, rect: Rect) {
    painter.rect(rect, ROUND, WELL, Stroke::new(THIN, EDGE), StrokeKind::Inside);
}

/// Shows where the keyboard acts.
pub(super) fn focus_ring(painter: &Painter, rect: Rect, round: u8) {
    let ring = Stroke::new(1.5, ACCENT.gamma_multiply(0.85));
    painter.rect_stroke(
        rect.expand(2.0),
        CornerRadius::same(round.saturating_add(2)),
        ring,
        StrokeKind::Middle,
    );
}

/// Gives egui's own widgets (fields, menus, tooltips, scroll bars) the same look.
pub(super) fn install(context: &Context) {
    context.set_fonts(fonts());
    context.set_theme(egui::Theme::Dark);
    context.options_mut(|options| options.zoom_with_keyboard = false);
    context.all_styles_mut(|style| {
        style.text_styles = [
            (TextStyle::Heading, SIZE_TITLE),
            (TextStyle::Body, SIZE_BODY),
            (TextStyle::Button, SIZE_BODY),
            (TextStyle::Small, SIZE_LABEL),
            (TextStyle::Monospace, SIZE_LABEL),
        ]
        .map(|(text_style, size)| (text_style, font(size)))
        .into();
        style.spacing.item_spacing = Vec2::splat(NEAR);
        style.spacing.button_padding = vec2(10.0, 5.0);
        style.spacing.interact_size.y = ROW;
        style.spacing.menu_margin = Margin::same(6);
        style.spacing.tooltip_width = 280.0;
        style.interaction.tooltip_delay = 0.6;
        style.interaction.selectable_labels = false;
        style.visuals = visuals();
    });
}

/// One font for everything.
fn fonts() -> FontDefinitions {
    const NAME: &str = "Ubuntu-Light";
    let mut fonts = FontDefinitions::empty();
    fonts.font_data.insert(NAME.to_owned(), FontData::from_static(epaint_default_fonts::UBUNTU_LIGHT).into());
    for family in [FontFamily::Proportional, FontFamily::Monospace] {
        fonts.families.insert(family, vec![NAME.to_owned()]);
    }
    fonts
}

fn visuals() -> egui::Visuals {
    let mut visuals = egui::Visuals::dark();
    visuals.panel_fill = BACKGROUND;
    visuals.window_fill = PANEL;
    visuals.window_stroke = Stroke::new(THIN, EDGE);
    visuals.window_corner_radius = CornerRadius::same(ROUND);
    visuals.menu_corner_radius = CornerRadius::same(ROUND_SMALL + 2);
    visuals.popup_shadow =
        Shadow { offset: [0, 6], blur: 18, spread: 0, color: Color32::from_black_alpha(130) };
    visuals.extreme_bg_color = WELL;
    visuals.faint_bg_color = PANEL;
    visuals.error_fg_color = ERROR;
    visuals.warn_fg_color = ACCENT;
    visuals.hyperlink_color = ACCENT;
    visuals.selection.bg_fill = ACCENT.gamma_multiply(0.35);
    visuals.selection.stroke = Stroke::new(THIN, ACCENT);
    visuals.text_cursor.stroke = Stroke::new(1.5, ACCENT);
    let widgets = &mut visuals.widgets;
    let looks = [
        (&mut widgets.noninteractive, PANEL, EDGE, TEXT),
        (&mut widgets.inactive, RAISED, EDGE, TEXT),
        (&mut widgets.hovered, HOVERED, TRACK, TEXT),
        (&mut widgets.active, HOVERED, ACCENT, TEXT),
        (&mut widgets.open, HOVERED, TRACK, TEXT),
    ];
    for (look, fill, edge, text) in looks {
        look.bg_fill = fill;
        look.weak_bg_fill = fill;
        look.bg_stroke = Stroke::new(THIN, edge);
        look.fg_stroke = Stroke::new(THIN, text);
        look.corner_radius = CornerRadius::same(ROUND_SMALL);
        look.expansion = 0.0;
    }
    visuals
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_of_the_map_run_from_the_first_to_the_last() {
        for (share, expected) in [(-1.0, RAMP[0]), (0.0, RAMP[0]), (1.0, RAMP[3]), (7.0, RAMP[3])] {
            assert_eq!(ramp(share), expected, "{share}");
        }
    }
}
