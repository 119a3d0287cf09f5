//! Small pictures, drawn with lines: no font has to have them, and they are sharp at every scale.

use core::f32::consts::TAU;

use egui::{Color32, Painter, Pos2, Rect, Shape, Stroke, Vec2, vec2};

/// What a picture says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Icon {
    Previous,
    Next,
    Undo,
    Redo,
    Close,
    Dice,
    Settings,
    Record,
    Stop,
}

impl Icon {
    /// Draws it around the middle of a rectangle.
    pub(super) fn paint(self, painter: &Painter, rect: Rect, colour: Color32) {
        let centre = rect.center();
        let stroke = Stroke::new(1.5, colour);
        // Points are given on a grid of 14 around the middle.
        let at = |x: f32, y: f32| centre + vec2(x, y);
        let line = |points: &[(f32, f32)]| {
            painter.line(points.iter().map(|&(x, y)| at(x, y)).collect(), stroke);
        };
        match self {
            Self::Previous => line(&[(2.0, -4.5), (-2.5, 0.0), (2.0, 4.5)]),
            Self::Next => line(&[(-2.0, -4.5), (2.5, 0.0), (-2.0, 4.5)]),
            Self::Undo => turn(painter, centre, stroke, 1.0),
            Self::Redo => turn(painter, centre, stroke, -1.0),
            Self::Close => {
                line(&[(-4.0, -4.0), (4.0, 4.0)]);
                line(&[(-4.0, 4.0), (4.0, -4.0)]);
            }
            Self::Dice => {
                let side = Rect::from_center_size(centre, Vec2::splat(13.0));
                painter.rect_stroke(side, 3, stroke, egui::StrokeKind::Middle);
                for (x, y) in [(-3.0, -3.0), (3.0, -3.0), (0.0, 0.0), (-3.0, 3.0), (3.0, 3.0)] {
                    painter.circle_filled(at(x, y), 1.2, colour);
                }
            }
            Self::Settings => {
                for (y, knob) in [(-4.0, 2.5), (0.5, -2.5), (5.0, 1.0)] {
                    line(&[(-6.5, y), (6.5, y)]);
                    painter.circle_filled(at(knob, y), 2.3, colour);
                }
            }
            Self::Record => {
                painter.circle_filled(centre, 5.0, colour);
            }
            Self::Stop => {
                painter.rect_filled(Rect::from_center_size(centre, Vec2::splat(9.0)), 2, colour);
            }
        }
    }
}

/// An arrow that turns back (`side` 1) or forth (`side` -1).
fn turn(painter: &Painter, centre: Pos2, stroke: Stroke, side: f32) {
    let at = |x: f32, y: f32| centre + vec2(side * x, y);
    let bow = (0..=12).map(|step| {
        let angle = TAU * (-0.25 + 0.5 * step as f32 / 12.0);
        at(1.5 + 4.0 * angle.cos(), 0.8 + 4.0 * angle.sin())
    });
    let points = core::iter::once(at(-4.5, -3.2)).chain(bow).chain([at(-3.0, 4.8)]).collect();
    painter.add(Shape::line(points, stroke));
    painter.add(Shape::line(vec![at(-1.6, -6.2), at(-4.8, -3.2), at(-1.6, -0.2)], stroke));
}
