//! Where the voices are on the map, and where they have just been.

use std::collections::VecDeque;

use egui::{Color32, Mesh, Pos2, Rect, Shape, Ui};

use super::cloud::{glow, place_from_position};
use super::theme;

/// Places of a trail, and the time between them, seconds: a trail lasts a second.
const NUM_PLACES: usize = 25;
const PLACE_SECONDS: f64 = 0.04;

/// Share of its way to a new position that a dot goes in the time between two places: frames leap, dots glide.
const GLIDE: f32 = 0.45;

/// The voices that sound, and those that fade.
#[derive(Debug, Default)]
pub(super) struct Trails {
    /// By number of the voice.
    voices: Vec<Trail>,
    moved_at: f64,
}

#[derive(Debug, Default)]
struct Trail {
    /// Positions on the map, newest first.
    places: VecDeque<[f32; 2]>,
    sounds: bool,
}

impl Trails {
    /// Takes the positions of the voices that sound now.
    pub(super) fn follow(&mut self, positions: impl Iterator<Item = (usize, [f32; 2])>, now: f64) {
        if now < self.moved_at + PLACE_SECONDS && self.moved_at <= now {
            return;
        }
        self.moved_at = now;
        self.voices.iter_mut().for_each(|trail| trail.sounds = false);
        for (voice_idx, position) in positions {
            if self.voices.len() <= voice_idx {
                self.voices.resize_with(voice_idx + 1, Trail::default);
            }
            self.voices[voice_idx].go(position);
        }
        for trail in self.voices.iter_mut().filter(|trail| !trail.sounds) {
            trail.places.pop_back();
        }
    }

    /// Is there anything to see?
    pub(super) fn is_moving(&self) -> bool {
        self.voices.iter().any(|trail| !trail.places.is_empty())
    }

    /// Draws them over the map.
    pub(super) fn paint(&self, ui: &Ui, rect: Rect) {
        let mut mesh = Mesh::default();
        for trail in self.voices.iter().filter(|trail| !trail.places.is_empty()) {
            trail.add_to(&mut mesh, rect);
        }
        ui.painter().add(Shape::mesh(mesh));
        for trail in self.voices.iter().filter(|trail| trail.sounds) {
            if let Some(&position) = trail.places.front() {
                let place = place_from_position(rect, position);
                ui.painter().circle_filled(place, 5.0, theme::ACCENT);
                ui.painter().circle_filled(place, 2.2, theme::TEXT);
            }
        }
    }
}

impl Trail {
    fn go(&mut self, to: [f32; 2]) {
        if !self.sounds && self.places.len() < NUM_PLACES {
            // A voice that had ended and begins again does so where it is, not where the last note of it was.
            let is_new = self.places.front().is_none_or(|from| 0.5 < (from[0] - to[0]).abs());
            if is_new {
                self.places.clear();
            }
        }
        self.sounds = true;
        let from = self.places.front().copied().unwrap_or(to);
        self.places.push_front([0, 1].map(|axis| from[axis] + GLIDE * (to[axis] - from[axis])));
        self.places.truncate(NUM_PLACES);
    }

    /// A ribbon that gets thinner and fainter, and a light at its head.
    fn add_to(&self, mesh: &mut Mesh, rect: Rect) {
        let places: [Pos2; NUM_PLACES] = core::array::from_fn(|idx| {
            let position = self.places.get(idx).or(self.places.back()).copied().unwrap_or_default();
            place_from_position(rect, position)
        });
        let num = self.places.len();
        let first = mesh.vertices.len() as u32;
        for idx in 0..num {
            let age = idx as f32 / NUM_PLACES as f32;
            let ahead = places[idx.saturating_sub(1)] - places[(idx + 1).min(num - 1)];
            let aside = if ahead == egui::Vec2::ZERO { ahead } else { ahead.normalized().rot90() };
            let strength = (1.0 - age) * (1.0 - age);
            let colour = theme::ACCENT.gamma_multiply(0.75 * strength);
            let width = 1.0 + 3.0 * (1.0 - age);
            // Three vertices across: the middle in colour, the edges clear.
            mesh.colored_vertex(places[idx] - width * aside, Color32::TRANSPARENT);
            mesh.colored_vertex(places[idx], colour);
            mesh.colored_vertex(places[idx] + width * aside, Color32::TRANSPARENT);
        }
        for idx in 1..num as u32 {
            let (here, next) = (first + 3 * (idx - 1), first + 3 * idx);
            for side in [0, 1] {
                mesh.add_triangle(here + side, here + side + 1, next + side);
                mesh.add_triangle(here + side + 1, next + side + 1, next + side);
            }
        }
        if self.sounds {
            glow(mesh, places[0], 20.0, theme::ACCENT.gamma_multiply(0.35));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trail_is_bounded_and_fades_after_its_voice_ended() {
        let mut trails = Trails::default();
        let mut now = 0.0;
        for step in 0..100 {
            now += PLACE_SECONDS;
            trails.follow([(7, [0.01 * step as f32, 0.0])].into_iter(), now);
        }
        assert_eq!(trails.voices[7].places.len(), NUM_PLACES);
        assert!(trails.is_moving(), "a voice sounds");
        for _ in 0..NUM_PLACES {
            assert!(trails.is_moving(), "its trail is seen for a while");
            now += PLACE_SECONDS;
            trails.follow(core::iter::empty(), now);
        }
        assert!(!trails.is_moving(), "all is at rest");
    }

    #[test]
    fn frames_drawn_faster_than_places_make_no_longer_trail() {
        let mut trails = Trails::default();
        for step in 0..100 {
            trails.follow([(0, [0.0, 0.0])].into_iter(), 1.0 + 0.001 * f64::from(step));
        }
        assert!(trails.voices[0].places.len() <= 3, "{}", trails.voices[0].places.len());
    }
}
