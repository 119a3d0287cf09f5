//! The learning curve: negative log likelihood of learned and held-out material as it falls.

use egui::{Align2, Rect, Shape, Stroke, Ui, pos2, vec2};

use super::theme;

/// Share of the first values that are left out of the scale: they fall from far above.
const WARM_UP: f32 = 0.1;

/// Draws the curve; points are learned, held out, in nats a frame.
pub(super) fn curve(ui: &Ui, points: &[[f32; 2]], rect: Rect) {
    theme::well(ui.painter(), rect);
    let font = theme::font(theme::SIZE_SMALL);
    let inside = rect.shrink2(vec2(theme::PAD, theme::PAD));
    let Some(scale) = scale(points) else {
        let text = "the curve begins once it fits";
        ui.painter().text(rect.center(), Align2::CENTER_CENTER, text, font, theme::TEXT_FAINT);
        return;
    };
    let y = |value: f32| {
        let share = (value - scale[0]) / (scale[1] - scale[0]);
        inside.bottom() - share.clamp(0.0, 1.0) * inside.height()
    };
    let step = inside.width() / (points.len() - 1).max(1) as f32;
    // As many points as are seen.
    let stride = (points.len() / 300).max(1);
    let line = |which: usize| -> Vec<egui::Pos2> {
        let shown = points.iter().enumerate().step_by(stride);
        shown.map(|(idx, point)| pos2(inside.left() + step * idx as f32, y(point[which]))).collect()
    };
    ui.painter().add(Shape::line(line(0), Stroke::new(1.5, theme::TEXT_FAINT)));
    ui.painter().add(Shape::line(line(1), Stroke::new(2.0, theme::ACCENT)));
    // The lines fall: the lower left is free.
    let corner = inside.left_bottom();
    let held_out = ui.painter().text(corner, Align2::LEFT_BOTTOM, "held out", font.clone(), theme::ACCENT);
    let beside = pos2(held_out.right() + 10.0, corner.y);
    ui.painter().text(beside, Align2::LEFT_BOTTOM, "learned", font, theme::TEXT_DIM);
}

/// Lowest and highest value that is drawn; `None` if there is no line yet.
fn scale(points: &[[f32; 2]]) -> Option<[f32; 2]> {
    let warm_up = (WARM_UP * points.len() as f32) as usize;
    let values = points.iter().skip(warm_up).flatten().copied().filter(|value| value.is_finite());
    let (low, high) = values
        .fold((f32::INFINITY, f32::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)));
    (1 < points.len() && low < high).then_some([low, high])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scale_leaves_out_the_first_fall_and_what_is_no_number() {
        let mut points = vec![[900.0, 900.0]; 2];
        points.extend((0..18).map(|idx| [10.0 - 0.1 * idx as f32, f32::NAN]));
        assert_eq!(scale(&points), Some([8.3, 10.0]));
        assert_eq!(scale(&[[1.0, 2.0]]), None);
        assert_eq!(scale(&[]), None);
    }
}
