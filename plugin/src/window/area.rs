//! Parts of a window, in pixels: gathered from many small places into a few rectangles.

use egui::{Rect, pos2};

/// Side of the squares that a window is divided into, pixels.
const TILE_PIXELS: u32 = 16;

/// Two rectangles become one if that draws no more than so many pixels for nothing. By software a rectangle costs about
/// 50 µs beyond its pixels, and a pixel about 17 ns.
const WORTH_PIXELS: u32 = 3_000;

/// Pixels of a window from `min` up to but without `max`, from the upper left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct PixelRect {
    pub(super) min: [u32; 2],
    pub(super) max: [u32; 2],
}

impl PixelRect {
    /// The same in points.
    pub(super) fn points(self, scale: f32) -> Rect {
        let [min, max] = [self.min, self.max].map(|[x, y]| pos2(x as f32 / scale, y as f32 / scale));
        Rect { min, max }
    }

    fn union(self, other: Self) -> Self {
        let each = |axis: usize| (self.min[axis].min(other.min[axis]), self.max[axis].max(other.max[axis]));
        let [(left, right), (top, bottom)] = [each(0), each(1)];
        Self { min: [left, top], max: [right, bottom] }
    }

    fn num_pixels(self) -> u32 {
        (self.max[0] - self.min[0]) * (self.max[1] - self.min[1])
    }
}

/// Marked squares of a window.
pub(super) struct Area {
    size_pixels: [u32; 2],
    num_columns: usize,
    /// Shape `[rows][num_columns]`.
    tiles: Vec<bool>,
}

impl Area {
    /// Nothing of a window of this size.
    pub(super) fn new(size_pixels: [u32; 2]) -> Self {
        let [num_columns, num_rows] = size_pixels.map(|pixels| pixels.div_ceil(TILE_PIXELS) as usize);
        Self { size_pixels, num_columns, tiles: vec![false; num_columns * num_rows] }
    }

    /// Adds a rectangle, in points.
    pub(super) fn mark(&mut self, rect: Rect, scale: f32) {
        if !rect.is_positive() {
            return;
        }
        let size = TILE_PIXELS as f32;
        // Rounds down and stops at 0.
        let first = [rect.left(), rect.top()].map(|side| (side * scale / size) as usize);
        let end = [rect.right(), rect.bottom()].map(|side| (side * scale / size).ceil() as usize);
        let columns = first[0].min(self.num_columns)..end[0].min(self.num_columns);
        let rows = self.tiles.chunks_exact_mut(self.num_columns.max(1));
        for row in rows.take(end[1]).skip(first[1]) {
            row[columns.clone()].fill(true);
        }
    }

    /// Rectangles that cover it: few, and with little else in them.
    pub(super) fn rects(&self) -> Vec<PixelRect> {
        let mut rects: Vec<PixelRect> = Vec::new();
        for (row_idx, row) in self.tiles.chunks_exact(self.num_columns.max(1)).enumerate() {
            let mut column_idx = 0;
            for run in row.chunk_by(|a, b| a == b) {
                if run[0] {
                    join(&mut rects, self.rect(column_idx, column_idx + run.len(), row_idx));
                }
                column_idx += run.len();
            }
        }
        rects
    }

    /// A run of tiles of a row.
    fn rect(&self, first: usize, end: usize, row_idx: usize) -> PixelRect {
        let pixels = |tile: usize, axis: usize| (tile as u32 * TILE_PIXELS).min(self.size_pixels[axis]);
        PixelRect {
            min: [pixels(first, 0), pixels(row_idx, 1)],
            max: [pixels(end, 0), pixels(row_idx + 1, 1)],
        }
    }
}

/// Adds a rectangle to others, as one with each that is near enough.
fn join(rects: &mut Vec<PixelRect>, mut rect: PixelRect) {
    let is_near = |a: PixelRect, b: PixelRect| {
        a.union(b).num_pixels() <= a.num_pixels() + b.num_pixels() + WORTH_PIXELS
    };
    while let Some(idx) = rects.iter().position(|&other| is_near(other, rect)) {
        rect = rect.union(rects.swap_remove(idx));
    }
    rects.push(rect);
}

#[cfg(test)]
mod tests {
    use egui::{Pos2, Vec2};

    use super::*;

    fn covers(rects: &[PixelRect], [x, y]: [u32; 2]) -> bool {
        rects
            .iter()
            .any(|rect| (rect.min[0]..rect.max[0]).contains(&x) && (rect.min[1]..rect.max[1]).contains(&y))
    }

    #[test]
    fn every_pixel_that_is_marked_is_covered_at_every_scale() {
        for scale in [1.0, 1.25, 1.5, 2.0] {
            let mut area = Area::new([1_001, 643]);
            let marked: Vec<Rect> = (0..40)
                .map(|idx| {
                    let place = pos2((idx * 137 % 700) as f32 + 0.3, (idx * 61 % 430) as f32 + 0.7);
                    Rect::from_min_size(place, Vec2::new(3.0 + idx as f32, 2.0))
                })
                .collect();
            marked.iter().for_each(|&rect| area.mark(rect, scale));
            let rects = area.rects();
            for rect in marked {
                let max = rect.max * scale;
                for corner in [rect.min * scale, Pos2::new(max.x - 0.01, max.y - 0.01)] {
                    let pixel = [corner.x as u32, corner.y as u32];
                    let is_inside = pixel[0] < 1_001 && pixel[1] < 643;
                    assert!(!is_inside || covers(&rects, pixel), "{pixel:?} at {scale} in {rects:?}");
                }
            }
        }
    }

    #[test]
    fn near_places_become_one_and_far_ones_do_not() {
        let mut area = Area::new([1_000, 640]);
        for place in [pos2(100.0, 100.0), pos2(130.0, 110.0), pos2(900.0, 600.0)] {
            area.mark(Rect::from_min_size(place, Vec2::splat(10.0)), 1.0);
        }
        let rects = area.rects();
        assert_eq!(rects.len(), 2, "{rects:?}");
        assert!(!covers(&rects, [500, 300]), "{rects:?}");
    }

    #[test]
    fn what_is_outside_or_nowhere_marks_nothing_and_everything_marks_all() {
        let mut area = Area::new([100, 70]);
        for rect in [
            Rect::NOTHING,
            Rect::NAN,
            Rect::from_min_size(pos2(200.0, 200.0), Vec2::splat(5.0)),
            Rect::from_min_size(pos2(-20.0, -20.0), Vec2::splat(5.0)),
        ] {
            area.mark(rect, 1.0);
            assert!(area.rects().is_empty(), "{rect}");
        }
        area.mark(Rect::EVERYTHING, 1.0);
        assert_eq!(area.rects(), [PixelRect { min: [0, 0], max: [100, 70] }]);
        assert!(Area::new([0, 0]).rects().is_empty());
    }
}
