//! The points of the sound map, coloured: made once for a model and a place, drawn as one mesh.

use core::f32::consts::TAU;
use std::sync::Arc;

use egui::{Color32, Mesh, Pos2, Rect, Shape, Ui, Vec2, pos2};
use mynah::model::network::VECTOR_DIM;
use mynah::model::{Model, SoundMap};
use mynah::units::midi_from_hz;

use super::theme;

/// What the colour of a point says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Colouring {
    /// Pitch.
    #[default]
    Pitch,
    /// Loudness.
    Loudness,
}

/// Corners of a point: round at the sizes below.
const NUM_CORNERS: u32 = 10;

/// Share of points at either end that have the end's colour: a few strays do not take the colours from all others.
const STRAY_SHARE: f32 = 0.03;

/// Points as they are drawn.
#[derive(Debug, Default)]
pub(super) struct Cloud {
    drawn: Option<Drawn>,
}

#[derive(Debug)]
struct Drawn {
    model: Arc<Model>,
    rect: Rect,
    colouring: Colouring,
    mesh: Arc<Mesh>,
    /// Lowest and highest value that the colours span, in semitones of MIDI or dB.
    range: [f32; 2],
}

impl Cloud {
    /// Draws the points of a model; the range that the colours span, in semitones of MIDI or dB.
    pub(super) fn paint(
        &mut self,
        ui: &Ui,
        model: &Arc<Model>,
        rect: Rect,
        colouring: Colouring,
    ) -> [f32; 2] {
        let is_current = self.drawn.as_ref().is_some_and(|drawn| {
            Arc::ptr_eq(&drawn.model, model) && drawn.rect == rect && drawn.colouring == colouring
        });
        if !is_current {
            self.drawn = Some(draw(model, rect, colouring));
        }
        let Some(drawn) = &self.drawn else { return [0.0, 0.0] };
        ui.painter().add(Shape::Mesh(Arc::clone(&drawn.mesh)));
        drawn.range
    }
}

/// Place on the screen of a position on the map, −1 to 1 with y up.
pub(super) fn place_from_position(rect: Rect, [x, y]: [f32; 2]) -> Pos2 {
    rect.center() + Vec2::new(0.5 * rect.width() * x, -0.5 * rect.height() * y)
}

/// Position on the map of a place on the screen, within the map.
pub(super) fn position_from_place(rect: Rect, place: Pos2) -> [f32; 2] {
    let from_centre = 2.0 * (place - rect.center()) / rect.size();
    [from_centre.x.clamp(-1.0, 1.0), (-from_centre.y).clamp(-1.0, 1.0)]
}

/// Pitch of a point, as a MIDI key with its fraction.
pub(super) fn pitch(model: &Model, point_idx: usize) -> f32 {
    let whitened = model.map.frames.get(point_idx * VECTOR_DIM).copied().unwrap_or(0.0);
    midi_from_hz(model.codec.pitch_hz(whitened))
}

/// Loudness of a point, dB.
pub(super) fn loudness(model: &Model, point_idx: usize) -> f32 {
    let whitened = model.map.frames.get(point_idx * VECTOR_DIM + 1).copied().unwrap_or(0.0);
    model.codec.loudness_mean + model.codec.loudness_std * whitened
}

fn draw(model: &Arc<Model>, rect: Rect, colouring: Colouring) -> Drawn {
    let map: &SoundMap = &model.map;
    let values: Vec<f32> = (0..map.num_points())
        .map(|idx| match colouring {
            Colouring::Pitch => pitch(model, idx),
            Colouring::Loudness => loudness(model, idx),
        })
        .collect();
    let range = range(&values);
    // Larger maps have larger points.
    let radius = (0.0065 * rect.width().min(1.6 * rect.height())).clamp(1.8, 4.5);
    let mut mesh = Mesh::default();
    for (position, value) in map.positions.chunks_exact(2).zip(&values) {
        let colour = theme::ramp((value - range[0]) / (range[1] - range[0]));
        let place = place_from_position(rect, [position[0], position[1]]);
        glow(&mut mesh, place, 4.0 * radius, colour.gamma_multiply(0.10));
        disc(&mut mesh, place, radius, colour.gamma_multiply(0.85));
    }
    Drawn { model: Arc::clone(model), rect, colouring, mesh: Arc::new(mesh), range }
}

/// Range of values without strays; never empty.
fn range(values: &[f32]) -> [f32; 2] {
    let mut sorted = values.to_vec();
    sorted.sort_by(f32::total_cmp);
    let stray = (STRAY_SHARE * sorted.len() as f32) as usize;
    let low = sorted.get(stray).copied().unwrap_or(0.0);
    let high = sorted.iter().rev().nth(stray).copied().unwrap_or(1.0);
    [low, high.max(low + 1e-3)]
}

/// A round light that fades to its edge.
pub(super) fn glow(mesh: &mut Mesh, centre: Pos2, radius: f32, colour: Color32) {
    fan(mesh, centre, [colour, Color32::TRANSPARENT], radius);
}

/// A disc with a soft edge, half a point to either side.
fn disc(mesh: &mut Mesh, centre: Pos2, radius: f32, colour: Color32) {
    fan(mesh, centre, [colour, colour], radius - 0.5);
    let outer = mesh.vertices.len() as u32;
    for corner in 0..NUM_CORNERS {
        mesh.colored_vertex(corner_place(centre, radius + 0.5, corner), Color32::TRANSPARENT);
    }
    let inner = outer - NUM_CORNERS;
    for corner in 0..NUM_CORNERS {
        let next = (corner + 1) % NUM_CORNERS;
        mesh.add_triangle(inner + corner, inner + next, outer + corner);
        mesh.add_triangle(inner + next, outer + next, outer + corner);
    }
}

fn fan(mesh: &mut Mesh, centre: Pos2, [inner, outer]: [Color32; 2], radius: f32) {
    let middle = mesh.vertices.len() as u32;
    mesh.colored_vertex(centre, inner);
    for corner in 0..NUM_CORNERS {
        mesh.colored_vertex(corner_place(centre, radius, corner), outer);
    }
    for corner in 0..NUM_CORNERS {
        let next = (corner + 1) % NUM_CORNERS;
        mesh.add_triangle(middle, middle + 1 + corner, middle + 1 + next);
    }
}

fn corner_place(centre: Pos2, radius: f32, corner: u32) -> Pos2 {
    let angle = TAU * corner as f32 / NUM_CORNERS as f32;
    pos2(centre.x + radius * angle.cos(), centre.y + radius * angle.sin())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_on_the_screen_is_where_its_position_is() {
        let rect = Rect::from_min_max(pos2(10.0, 20.0), pos2(210.0, 120.0));
        for (position, place) in [
            ([0.0, 0.0], pos2(110.0, 70.0)),
            ([-1.0, 1.0], pos2(10.0, 20.0)),
            ([1.0, -0.5], pos2(210.0, 95.0)),
        ] {
            assert_eq!(place_from_position(rect, position), place);
            assert_eq!(position_from_place(rect, place), position);
        }
        assert_eq!(position_from_place(rect, pos2(900.0, -900.0)), [1.0, 1.0]);
    }

    #[test]
    fn colours_span_all_values_but_strays() {
        let mut values: Vec<f32> = (0..100).map(|value| value as f32).collect();
        values.extend([-1e9, 1e9]);
        let [low, high] = range(&values);
        assert!(0.0 <= low && high <= 99.0 && 90.0 < high - low, "{low} to {high}");
        assert!(range(&[]) == [0.0, 1.0] && range(&[3.0])[0] < range(&[3.0])[1], "never empty");
    }
}
