//! The output meter: the level of left and right, with a peak that is held for a while.

use egui::{Rect, Role, Sense, Ui, WidgetInfo, pos2, vec2};
use mynah::units::db_from_gain;

use super::theme;

/// Lowest level shown, and highest, dB of full scale.
const RANGE_DB: [f32; 2] = [-54.0, 3.0];

/// How fast a level falls, dB a second.
const FALL_DB: f32 = 36.0;

/// How long a peak is held, seconds.
const HOLD_SECONDS: f64 = 1.2;

/// Levels as they are shown.
#[derive(Debug)]
pub(super) struct Meter {
    /// Left and right, dB.
    levels_db: [f32; 2],
    peaks_db: [f32; 2],
    peaked_at: [f64; 2],
    seen_at: f64,
}

impl Default for Meter {
    fn default() -> Self {
        Self { levels_db: [RANGE_DB[0]; 2], peaks_db: [RANGE_DB[0]; 2], peaked_at: [0.0; 2], seen_at: 0.0 }
    }
}

impl Meter {
    /// Takes the highest levels, linear, since the last call.
    pub(super) fn take(&mut self, peaks: [f32; 2], now: f64) {
        let fall_db = FALL_DB * (now - self.seen_at).clamp(0.0, 1.0) as f32;
        self.seen_at = now;
        for (channel_idx, peak) in peaks.into_iter().enumerate() {
            let peak_db = if 0.0 < peak { db_from_gain(peak) } else { RANGE_DB[0] };
            let fallen = self.levels_db[channel_idx] - fall_db;
            let level_db = peak_db.max(fallen).clamp(RANGE_DB[0], RANGE_DB[1]);
            self.levels_db[channel_idx] = level_db;
            if self.peaks_db[channel_idx] <= level_db {
                self.peaks_db[channel_idx] = level_db;
                self.peaked_at[channel_idx] = now;
            } else if self.peaked_at[channel_idx] + HOLD_SECONDS < now {
                self.peaks_db[channel_idx] = (self.peaks_db[channel_idx] - fall_db).max(level_db);
            }
        }
    }

    /// Is anything above the bottom?
    pub(super) fn is_moving(&self) -> bool {
        self.levels_db.iter().chain(&self.peaks_db).any(|&level_db| RANGE_DB[0] < level_db)
    }

    /// Shows both levels.
    pub(super) fn show(&self, ui: &mut Ui, width: f32) {
        let (rect, response) = ui.allocate_exact_size(vec2(width, theme::ROW), Sense::hover());
        let x = |db: f32| {
            let share = (db - RANGE_DB[0]) / (RANGE_DB[1] - RANGE_DB[0]);
            rect.left() + share.clamp(0.0, 1.0) * rect.width()
        };
        for channel_idx in 0..2 {
            let top = rect.center().y - 6.5 + 7.0 * channel_idx as f32;
            let bar = Rect::from_min_size(pos2(rect.left(), top), vec2(rect.width(), 5.0));
            ui.painter().rect_filled(bar, 2, theme::RAISED);
            let level_db = self.levels_db[channel_idx];
            let end = x(level_db);
            if rect.left() + 1.0 < end {
                ui.painter().rect_filled(bar.with_max_x(end.min(x(-6.0))), 2, theme::TEXT_DIM);
            }
            if -6.0 < level_db {
                ui.painter().rect_filled(bar.with_min_x(x(-6.0)).with_max_x(end), 2, theme::ACCENT);
            }
            if 0.0 <= level_db {
                ui.painter().rect_filled(
                    bar.with_min_x(x(0.0)).with_max_x(end.max(x(0.0) + 2.0)),
                    2,
                    theme::ERROR,
                );
            }
            let peak_db = self.peaks_db[channel_idx];
            if RANGE_DB[0] < peak_db {
                let colour = if 0.0 <= peak_db { theme::ERROR } else { theme::TEXT };
                let line = Rect::from_min_size(pos2(x(peak_db) - 1.0, top), vec2(1.5, 5.0));
                ui.painter().rect_filled(line, 0, colour);
            }
        }
        let peak_db = self.peaks_db[0].max(self.peaks_db[1]);
        let text = if RANGE_DB[0] < peak_db { format!("peak {peak_db:.1} dB") } else { "silent".to_owned() };
        response.widget_info(|| WidgetInfo {
            current_text_value: Some(text.clone()),
            ..WidgetInfo::labeled(Role::Meter, true, "Output level")
        });
        response.on_hover_text(text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_peak_is_held_and_then_falls_to_rest() {
        let mut meter = Meter::default();
        meter.take([0.5, 1.0], 10.0);
        assert!((meter.peaks_db[0] + 6.02).abs() < 0.01 && meter.peaks_db[1].abs() < 0.01, "{meter:?}");
        meter.take([0.0, 0.0], 10.5);
        assert!((meter.levels_db[1] + 18.0).abs() < 0.01 && meter.peaks_db[1].abs() < 0.01, "{meter:?}");
        for step in 0..100 {
            meter.take([0.0, 0.0], 10.5 + 0.1 * f64::from(step));
        }
        assert!(!meter.is_moving(), "{meter:?}");
    }
}
