//! What a window shows, and what of it the next picture changes.
//!
//! Shapes are compared in their order. Where no shape changed that reaches there, a pixel is made of the same shapes in
//! the same order as before, so it has the same colour. Few shapes change while voices sound: dots and trails on the
//! map, levels, the wave. Without a graphics card, drawing nothing else is most of what a window can save.

use egui::epaint::ClippedShape;
use egui::{Color32, Mesh, Rect, Shape};

use super::area::{Area, PixelRect};

/// How far a shape may reach beyond its bounds as egui counts them: lines have pointed corners, in points, and edges are
/// smoothed, in pixels.
const POINTED_POINTS: f32 = 1.0;
const SMOOTHED_PIXELS: f32 = 2.0;

/// How many shapes further two pictures are searched for one that both have.
const MAX_SKIPPED: usize = 24;

/// A picture, as far as it decides what is seen.
pub(super) struct Picture {
    shapes: Vec<ClippedShape>,
    /// Where each shape is seen at most, in points.
    bounds: Vec<Rect>,
    pub(super) size_pixels: [u32; 2],
    /// Pixels in a point.
    pub(super) scale: f32,
    pub(super) background: Color32,
}

impl Picture {
    /// A picture of egui's shapes, in a window of this many pixels, with `scale` pixels a point.
    pub(super) fn new(
        shapes: Vec<ClippedShape>,
        size_pixels: [u32; 2],
        scale: f32,
        background: Color32,
    ) -> Self {
        let margin = POINTED_POINTS + SMOOTHED_PIXELS / scale;
        let bounds = shapes.iter().map(|shape| bounds_of(shape, margin)).collect();
        Self { shapes, bounds, size_pixels, scale, background }
    }

    /// All of it.
    pub(super) fn whole(&self) -> PixelRect {
        PixelRect { min: [0, 0], max: self.size_pixels }
    }

    /// Where this differs from what was there before; all of it if nothing is known of that.
    pub(super) fn changes_since(&self, before: Option<&Self>) -> Vec<PixelRect> {
        let Some(before) = before.filter(|before| {
            (before.size_pixels, before.scale, before.background)
                == (self.size_pixels, self.scale, self.background)
        }) else {
            return vec![self.whole()];
        };
        let mut area = Area::new(self.size_pixels);
        let [gone, come] = differing(&before.shapes, &self.shapes);
        gone.into_iter().for_each(|idx| before.mark(idx, &mut area));
        come.into_iter().for_each(|idx| self.mark(idx, &mut area));
        area.rects()
    }

    /// The shapes that are seen in a part of the picture, in their order.
    pub(super) fn shapes_in(&self, part: PixelRect) -> Vec<ClippedShape> {
        let part = part.points(self.scale);
        let seen = self.shapes.iter().zip(&self.bounds).filter(|(_, bounds)| bounds.intersects(part));
        seen.map(|(shape, _)| shape.clone()).collect()
    }

    /// Marks where a shape is seen.
    fn mark(&self, idx: usize, area: &mut Area) {
        let (clipped, bounds) = (&self.shapes[idx], self.bounds[idx]);
        match &clipped.shape {
            Shape::Mesh(mesh) => {
                let margin = POINTED_POINTS + SMOOTHED_PIXELS / self.scale;
                for triangle in triangles(mesh) {
                    let seen = (clipped.transform_after_tessellation * triangle).expand(margin);
                    area.mark(seen.intersect(bounds), self.scale);
                }
            }
            _ => area.mark(bounds, self.scale),
        }
    }
}

/// Where a shape is seen at most.
fn bounds_of(clipped: &ClippedShape, margin: f32) -> Rect {
    let bounds = clipped.shape.visual_bounding_rect();
    if bounds.is_negative() {
        return Rect::NOTHING;
    }
    (clipped.transform_after_tessellation * bounds).expand(margin).intersect(clipped.clip_rect)
}

/// The bounds of each triangle: a mesh of many small parts, as trails are, reaches far and covers little.
fn triangles(mesh: &Mesh) -> impl Iterator<Item = Rect> + '_ {
    mesh.indices.chunks_exact(3).map(|corners| {
        let places = corners.iter().filter_map(|&corner| mesh.vertices.get(corner as usize));
        places.fold(Rect::NOTHING, |mut bounds, vertex| {
            bounds.extend_with(vertex.pos);
            bounds
        })
    })
}

/// The shapes of each picture that the other has not, or not in the same order: without them both are the same.
fn differing(before: &[ClippedShape], now: &[ClippedShape]) -> [Vec<usize>; 2] {
    let (mut gone, mut come) = (Vec::new(), Vec::new());
    let (mut old, mut new) = (0, 0);
    while old < before.len() && new < now.len() {
        let (skipped_old, skipped_new) = next_common(&before[old..], &now[new..]).unwrap_or((1, 1));
        gone.extend(old..old + skipped_old);
        come.extend(new..new + skipped_new);
        old += skipped_old;
        new += skipped_new;
        if before.get(old).is_some_and(|shape| now.get(new) == Some(shape)) {
            old += 1;
            new += 1;
        }
    }
    gone.extend(old..before.len());
    come.extend(new..now.len());
    [gone, come]
}

/// How many shapes come before the next one that both have, nearest first.
fn next_common(before: &[ClippedShape], now: &[ClippedShape]) -> Option<(usize, usize)> {
    (0..=MAX_SKIPPED).find_map(|skipped| {
        let pairs = (0..=skipped).map(|old| (old, skipped - old));
        pairs
            .into_iter()
            .find(|&(old, new)| before.get(old).zip(now.get(new)).is_some_and(|(before, now)| before == now))
    })
}

#[cfg(test)]
mod tests {
    use egui::emath::TSTransform;
    use egui::epaint::CircleShape;
    use egui::{Pos2, Vec2, pos2};

    use super::*;

    const SIZE_PIXELS: [u32; 2] = [640, 400];

    fn dot(x: f32, y: f32) -> ClippedShape {
        ClippedShape {
            clip_rect: Rect::EVERYTHING,
            shape: Shape::Circle(CircleShape::filled(pos2(x, y), 4.0, Color32::WHITE)),
            transform_after_tessellation: TSTransform::IDENTITY,
        }
    }

    fn picture(shapes: Vec<ClippedShape>) -> Picture {
        Picture::new(shapes, SIZE_PIXELS, 1.0, Color32::BLACK)
    }

    #[track_caller]
    fn check(before: Vec<ClippedShape>, now: Vec<ClippedShape>, changed: &[Pos2], same: &[Pos2]) {
        let rects = picture(now).changes_since(Some(&picture(before)));
        let is_changed = |place: Pos2| rects.iter().any(|rect| rect.points(1.0).contains(place));
        for place in changed {
            assert!(is_changed(*place), "{place} is left as it was: {rects:?}");
        }
        for place in same {
            assert!(!is_changed(*place), "{place} is drawn for nothing: {rects:?}");
        }
    }

    #[test]
    fn what_comes_goes_and_moves_is_drawn_again_and_nothing_else() {
        let [a, b, c] = [dot(20.0, 20.0), dot(300.0, 200.0), dot(600.0, 380.0)];
        let [at_a, at_b, at_c] = [pos2(20.0, 20.0), pos2(300.0, 200.0), pos2(600.0, 380.0)];
        check(vec![a.clone(), c.clone()], vec![a.clone(), b.clone(), c.clone()], &[at_b], &[at_a, at_c]);
        check(vec![a.clone(), b.clone(), c.clone()], vec![a.clone(), c.clone()], &[at_b], &[at_a, at_c]);
        check(vec![a.clone(), b.clone()], vec![a.clone(), c.clone()], &[at_b, at_c], &[at_a]);
        check(vec![], vec![c.clone()], &[at_c], &[at_a, at_b]);
        check(vec![a.clone(), b.clone(), c.clone()], vec![a, b, c], &[], &[at_a, at_b, at_c]);
    }

    #[test]
    fn what_comes_to_lie_over_another_is_drawn_again() {
        let (under, over) = (dot(100.0, 100.0), dot(103.0, 100.0));
        let elsewhere = dot(500.0, 300.0);
        check(
            vec![under.clone(), over.clone(), elsewhere.clone()],
            vec![over, under, elsewhere],
            &[pos2(102.0, 100.0)],
            &[pos2(500.0, 300.0)],
        );
    }

    #[test]
    fn many_new_shapes_among_old_ones_leave_nothing_stale() {
        let old: Vec<_> = (0..60).map(|idx| dot(10.0 * idx as f32, 10.0)).collect();
        let mut new = old.clone();
        let come: Vec<_> = (0..3 * MAX_SKIPPED).map(|idx| dot(8.0 * idx as f32, 300.0)).collect();
        new.splice(30..30, come);
        check(old, new, &[pos2(0.0, 300.0), pos2(500.0, 300.0)], &[pos2(10.0, 10.0)]);
    }

    #[test]
    fn another_size_scale_or_ground_is_another_picture() {
        let before = picture(vec![dot(20.0, 20.0)]);
        let shapes = || vec![dot(20.0, 20.0)];
        for now in [
            Picture::new(shapes(), [641, 400], 1.0, Color32::BLACK),
            Picture::new(shapes(), SIZE_PIXELS, 1.5, Color32::BLACK),
            Picture::new(shapes(), SIZE_PIXELS, 1.0, Color32::WHITE),
        ] {
            assert_eq!(now.changes_since(Some(&before)), [now.whole()]);
            assert_eq!(now.changes_since(None), [now.whole()]);
        }
    }

    #[test]
    fn a_part_of_a_picture_has_the_shapes_that_reach_into_it() {
        let picture = picture(vec![dot(20.0, 20.0), dot(300.0, 200.0), dot(24.0, 20.0)]);
        let part = PixelRect { min: [0, 0], max: [64, 64] };
        assert_eq!(picture.shapes_in(part), [dot(20.0, 20.0), dot(24.0, 20.0)]);
    }

    #[test]
    fn a_mesh_of_far_parts_is_drawn_where_they_are() {
        let mesh = |x: f32| {
            let mut mesh = Mesh::default();
            for corner in [pos2(x, 10.0), pos2(600.0, 380.0)] {
                mesh.add_colored_rect(Rect::from_min_size(corner, Vec2::splat(5.0)), Color32::WHITE);
            }
            ClippedShape { shape: Shape::mesh(mesh), ..dot(0.0, 0.0) }
        };
        let changed = [pos2(12.0, 12.0), pos2(42.0, 12.0)];
        check(vec![mesh(10.0)], vec![mesh(40.0)], &changed, &[pos2(300.0, 200.0)]);
    }
}
