//! The keyboard on the screen: what was learned is marked, what sounds is lit, the mouse plays.

use egui::{
    Align2, CornerRadius, EventFilter, Id, Key, Pos2, Rect, Role, Sense, Stroke, Ui, WidgetInfo, pos2, vec2,
};
use mynah::engine::Meters;
use mynah::model::Model;
use mynah::units::midi_from_hz;

use super::button::Button;
use super::desk::Desk;
use super::icon::Icon;
use super::pitch_name::{is_black, name_from_midi};
use super::theme;

/// Width that a white key should have, points.
const WHITE_POINTS: f32 = 23.0;

/// Width and height of a black key, as shares of a white one.
const BLACK_WIDTH: f32 = 0.62;
const BLACK_HEIGHT: f32 = 0.62;

/// Velocity of a key that is played by the computer's keyboard.
pub(super) const PLAIN_VELOCITY: f32 = 0.8;

/// Softest velocity of the mouse, at the top of a key; at the bottom it is 1.
const SOFTEST: f32 = 0.25;

/// White keys of an octave.
const WHITES: usize = 7;

/// The keyboard, and what is held on it.
#[derive(Debug, Default)]
pub(super) struct Keyboard {
    /// Octaves that the player moved it by.
    octaves: i32,
    /// The key that the mouse holds.
    held: Option<u8>,
    /// The key that Space holds.
    spaced: Option<u8>,
    /// The key that the arrow keys are at.
    at: Option<u8>,
}

/// The keys that are shown.
#[derive(Clone, Copy, Debug)]
struct Range {
    rect: Rect,
    /// A C.
    lowest: i32,
    num_whites: usize,
}

impl Keyboard {
    /// Shows the keyboard for a model, and plays what is pressed.
    pub(super) fn show(&mut self, ui: &mut Ui, desk: &Desk, model: &Model, rect: Rect) {
        theme::ground(ui.painter(), rect);
        let inside = rect.shrink(theme::NEAR);
        let keys = inside.with_min_x(inside.left() + 30.0);
        self.octave_buttons(ui, inside.with_max_x(keys.left() - 4.0));
        let learned = learned_keys(model);
        let range = self.range(keys, learned);
        let response = ui.interact(keys, Id::unique("keyboard"), Sense::drag());
        self.mouse(desk, &response, range);
        self.arrows(ui, desk, &response, range);
        let meters = desk.session.meters();
        paint(ui, range, learned, meters.as_deref(), [self.held, self.spaced]);
        if response.has_focus() {
            theme::focus_ring(ui.painter(), keys, theme::ROUND_SMALL);
            if let Some(rect) = self.at.and_then(|key| range.key_rect(key)) {
                theme::focus_ring(ui.painter(), rect.shrink(3.0), 3);
            }
        }
        let at = self.at.map(|key| name_from_midi(f32::from(key)));
        response.widget_info(|| WidgetInfo {
            current_text_value: at.clone(),
            ..WidgetInfo::labeled(Role::Group, true, "Keyboard: arrow keys choose, Space plays")
        });
    }

    /// Lets go of what is held.
    pub(super) fn release(&mut self, desk: &Desk) {
        for key in [self.held.take(), self.spaced.take()].into_iter().flatten() {
            desk.release(key);
        }
    }

    /// The C that the computer's keyboard begins at.
    pub(super) fn middle_c(&self) -> i32 {
        60 + 12 * self.octaves
    }

    /// Moves it by octaves.
    pub(super) fn shift(&mut self, octaves: i32) {
        self.octaves = (self.octaves + octaves).clamp(-5, 5);
    }

    fn octave_buttons(&mut self, ui: &mut Ui, rect: Rect) {
        let half = rect.with_max_y(rect.center().y);
        let place = |rect: Rect| Rect::from_center_size(rect.center(), vec2(rect.width(), theme::ROW));
        let up = Button::icon(Icon::Next, "Octave up");
        if ui.place(place(half), up).on_hover_text("octave up").clicked() {
            self.shift(1);
        }
        let down = Button::icon(Icon::Previous, "Octave down");
        if ui
            .place(place(half.translate(vec2(0.0, half.height()))), down)
            .on_hover_text("octave down")
            .clicked()
        {
            self.shift(-1);
        }
    }

    /// Whole octaves around what was learned, or around middle C.
    fn range(&self, rect: Rect, learned: Option<[f32; 2]>) -> Range {
        let num_octaves = ((rect.width() / WHITE_POINTS) as usize / WHITES).clamp(2, 7);
        let middle = learned.map_or(60.0, |[low, high]| 0.5 * (low + high));
        let lowest = ((middle - 6.0 * num_octaves as f32) / 12.0).round() as i32 + self.octaves;
        let lowest = 12 * lowest.clamp(0, 11 - num_octaves as i32);
        Range { rect, lowest, num_whites: WHITES * num_octaves }
    }

    fn mouse(&mut self, desk: &Desk, response: &egui::Response, range: Range) {
        let place = response.interact_pointer_pos().filter(|_| response.is_pointer_button_down_on());
        let under = place.and_then(|place| Some((range.key_at(place)?, place)));
        if self.held == under.map(|(key, _)| key) {
            return;
        }
        if let Some(key) = self.held.take() {
            desk.release(key);
        }
        if let Some((key, place)) = under {
            self.held = Some(key);
            desk.press(key, range.velocity(key, place));
        }
    }

    fn arrows(&mut self, ui: &Ui, desk: &Desk, response: &egui::Response, range: Range) {
        let filter = EventFilter { horizontal_arrows: true, ..EventFilter::default() };
        ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, filter));
        if !response.has_focus() {
            self.release_space(desk);
            return;
        }
        let presses = |key| ui.input(|input| input.num_presses(key)) as i32;
        let last = range.lowest + 12 * (range.num_whites / WHITES) as i32 - 1;
        let at = self.at.map_or(range.lowest + 12, i32::from);
        let at = (at + presses(Key::ArrowRight) - presses(Key::ArrowLeft)).clamp(range.lowest, last.min(127))
            as u8;
        self.at = Some(at);
        if 0 < presses(Key::Space) && self.spaced.is_none() {
            self.spaced = Some(at);
            desk.press(at, PLAIN_VELOCITY);
        }
        if ui.input(|input| input.key_released(Key::Space)) {
            self.release_space(desk);
        }
    }

    fn release_space(&mut self, desk: &Desk) {
        if let Some(key) = self.spaced.take() {
            desk.release(key);
        }
    }
}

impl Range {
    fn white_width(self) -> f32 {
        self.rect.width() / self.num_whites as f32
    }

    /// Place of a key; `None` if it is not shown.
    fn key_rect(self, key: u8) -> Option<Rect> {
        const WHITE_OF: [f32; 12] = [0.0, 1.0, 1.0, 2.0, 2.0, 3.0, 4.0, 4.0, 5.0, 5.0, 6.0, 6.0];
        let from_lowest = i32::from(key) - self.lowest;
        let octave = usize::try_from(from_lowest).ok()? / 12;
        if self.num_whites <= WHITES * octave {
            return None;
        }
        let width = self.white_width();
        let white = (WHITES * octave) as f32 + WHITE_OF[usize::from(key) % 12];
        let left = self.rect.left() + white * width;
        Some(if is_black(key) {
            let black = BLACK_WIDTH * width;
            let size = vec2(black, BLACK_HEIGHT * self.rect.height());
            Rect::from_min_size(pos2(left - 0.5 * black, self.rect.top()), size)
        } else {
            Rect::from_min_size(pos2(left, self.rect.top()), vec2(width, self.rect.height()))
        })
    }

    fn keys(self) -> impl Iterator<Item = u8> {
        let last = (self.lowest + 12 * (self.num_whites / WHITES) as i32 - 1).clamp(0, 127);
        self.lowest.clamp(0, 127) as u8..=last as u8
    }

    fn key_at(self, place: Pos2) -> Option<u8> {
        let hit = |black: bool| {
            let mut keys = self.keys().filter(move |&key| is_black(key) == black);
            keys.find(|&key| self.key_rect(key).is_some_and(|rect| rect.contains(place)))
        };
        hit(true).or_else(|| hit(false))
    }

    /// Harder the lower on the key.
    fn velocity(self, key: u8, place: Pos2) -> f32 {
        let Some(rect) = self.key_rect(key) else { return PLAIN_VELOCITY };
        let share = ((place.y - rect.top()) / rect.height()).clamp(0.0, 1.0);
        SOFTEST + (1.0 - SOFTEST) * share
    }
}

/// Lowest and highest key that was learned; `None` for a model without pitch.
fn learned_keys(model: &Model) -> Option<[f32; 2]> {
    let range = model.card.corpus.pitch_range_hz;
    (0.0 < range[0] && range[0] <= range[1]).then(|| range.map(midi_from_hz))
}

fn paint(ui: &Ui, range: Range, learned: Option<[f32; 2]>, meters: Option<&Meters>, held: [Option<u8>; 2]) {
    let is_learned = |key: u8| {
        learned.is_none_or(|[low, high]| low.round() <= f32::from(key) && f32::from(key) <= high.round())
    };
    let sounds = |key: u8| held.contains(&Some(key)) || meters.is_some_and(|meters| meters.key_sounds(key));
    let painter = ui.painter();
    let bottom = CornerRadius { nw: 0, ne: 0, sw: 4, se: 4 };
    for key in range.keys().filter(|&key| !is_black(key)) {
        let Some(rect) = range.key_rect(key) else { continue };
        let fill = if sounds(key) { theme::ACCENT } else { theme::KEYS[usize::from(!is_learned(key))] };
        painter.rect_filled(rect.shrink2(vec2(0.75, 0.0)), bottom, fill);
        if key % 12 == 0 {
            let place = pos2(rect.center().x, rect.bottom() - 4.0);
            let name = name_from_midi(f32::from(key));
            painter.text(place, Align2::CENTER_BOTTOM, name, theme::font(theme::SIZE_SMALL), theme::WELL);
        }
    }
    let black_bottom = CornerRadius { nw: 0, ne: 0, sw: 3, se: 3 };
    for key in range.keys().filter(|&key| is_black(key)) {
        let Some(rect) = range.key_rect(key) else { continue };
        let fill = if sounds(key) { theme::ACCENT } else { theme::KEYS[2 + usize::from(!is_learned(key))] };
        painter.rect(
            rect,
            black_bottom,
            fill,
            Stroke::new(theme::THIN, theme::BACKGROUND),
            egui::StrokeKind::Outside,
        );
    }
    mark(ui, range, learned);
}

/// A line over the keys that were learned.
fn mark(ui: &Ui, range: Range, learned: Option<[f32; 2]>) {
    let Some([low, high]) = learned else { return };
    let shown = |key: f32| range.keys().find(|&shown| key.round() as i32 <= i32::from(shown));
    let (Some(low), high) = (shown(low), shown(high)) else { return };
    let left = range.key_rect(low).map_or(range.rect.left(), |rect| rect.left());
    let right = high.and_then(|high| range.key_rect(high)).map_or(range.rect.right(), |rect| rect.right());
    if left < right {
        let line =
            Rect::from_min_max(pos2(left, range.rect.top() - 3.0), pos2(right, range.rect.top() - 1.0));
        ui.painter().rect_filled(line, 1, theme::ACCENT.gamma_multiply(0.8));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range() -> Range {
        Range { rect: Rect::from_min_size(pos2(0.0, 0.0), vec2(700.0, 100.0)), lowest: 48, num_whites: 14 }
    }

    #[test]
    fn every_key_is_found_at_its_own_place() {
        let range = range();
        assert_eq!(range.keys().count(), 24);
        for key in range.keys() {
            let rect = range.key_rect(key).unwrap();
            assert_eq!(range.key_at(pos2(rect.center().x, rect.bottom() - 1.0)), Some(key));
        }
        assert_eq!(range.key_at(pos2(-5.0, 50.0)), None);
        assert!(range.key_rect(47).is_none() && range.key_rect(72).is_none(), "beyond the ends");
    }

    #[test]
    fn a_stroke_is_harder_the_lower_it_is_on_the_key() {
        let range = range();
        assert_eq!(range.velocity(48, pos2(10.0, 0.0)), SOFTEST);
        assert_eq!(range.velocity(48, pos2(10.0, 100.0)), 1.0);
    }
}
