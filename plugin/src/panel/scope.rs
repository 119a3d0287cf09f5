//! The wave that is heard, standing still as far as it repeats.

use egui::{Align2, Rect, Shape, Stroke, Ui, pos2};

use super::desk::Desk;
use super::theme;

/// Samples that are kept: room to find a place to begin, and to draw.
const KEPT_SAMPLES: usize = 4_096;

/// Samples that are drawn: 20 ms at 48 kHz, two periods of a low voice.
const DRAWN_SAMPLES: usize = 960;

/// Points of the drawn line.
const NUM_POINTS: usize = 240;

/// Height from which there is room for the name.
const LABELLED_HEIGHT: f32 = 96.0;

/// Below this, the wave is a flat line.
const FLOOR: f32 = 1e-4;

/// The last samples.
#[derive(Debug, Default)]
pub(super) struct Scope {
    samples: Vec<f32>,
    /// Highest level of late, which the picture is scaled by.
    peak: f32,
}

impl Scope {
    /// Takes what was played since the last picture.
    pub(super) fn take(&mut self, desk: &Desk) {
        let before = self.samples.len();
        desk.session.drain_scope(&mut self.samples);
        let newest = self.samples[before..].iter().fold(0.0_f32, |peak, sample| peak.max(sample.abs()));
        self.peak = newest.max(0.94 * self.peak);
        let surplus = self.samples.len().saturating_sub(KEPT_SAMPLES);
        self.samples.drain(..surplus);
    }

    /// Is there a wave?
    pub(super) fn is_moving(&self) -> bool {
        FLOOR < self.peak
    }

    /// Draws the wave.
    pub(super) fn show(&self, ui: &Ui, rect: Rect) {
        theme::ground(ui.painter(), rect);
        let mut inside = rect.shrink2(egui::vec2(theme::PAD, theme::NEAR));
        if LABELLED_HEIGHT <= rect.height() {
            let (label, font) =
                (pos2(rect.left() + theme::PAD, rect.top() + 17.0), theme::font(theme::SIZE_SMALL));
            ui.painter().text(label, Align2::LEFT_CENTER, "SCOPE", font, theme::TEXT_FAINT);
            inside = inside.with_min_y(rect.top() + 26.0);
        }
        let middle = inside.center().y;
        let grid = Stroke::new(theme::THIN, theme::EDGE);
        ui.painter().hline(inside.x_range(), middle, grid);
        if !self.is_moving() || self.samples.len() < DRAWN_SAMPLES {
            return;
        }
        let from = self.start();
        let scale = 0.46 * inside.height() / self.peak.max(0.05);
        let points = (0..NUM_POINTS)
            .map(|idx| {
                let share = idx as f32 / (NUM_POINTS - 1) as f32;
                let sample = self.samples[from + (share * (DRAWN_SAMPLES - 1) as f32) as usize];
                let y = middle - scale * sample;
                pos2(inside.left() + share * inside.width(), y.clamp(inside.top(), inside.bottom()))
            })
            .collect();
        ui.painter().add(Shape::line(points, Stroke::new(1.5, theme::ACCENT)));
    }

    /// Where the wave begins: where it rises through 0 most steeply.
    fn start(&self) -> usize {
        let last = self.samples.len() - DRAWN_SAMPLES;
        let rises = |&idx: &usize| self.samples[idx] <= 0.0 && 0.0 < self.samples[idx + 1];
        let steepness = |idx: usize| self.samples[idx + 1] - self.samples[idx];
        let rising = (0..last).filter(rises);
        rising.max_by(|&a, &b| steepness(a).total_cmp(&steepness(b))).unwrap_or(last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wave_begins_where_it_rises_most_steeply() {
        let mut samples: Vec<f32> = (0..KEPT_SAMPLES).map(|idx| (idx as f32 * 0.05).sin()).collect();
        samples[1_000] = -0.9;
        samples[1_001] = 0.9;
        let scope = Scope { samples, peak: 1.0 };
        assert_eq!(scope.start(), 1_000);
    }
}
