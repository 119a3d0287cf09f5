//! A parameter in its place: its name, the control that fits it, its value.

use egui::{Rect, Response, Ui, pos2, vec2};
use mynah::engine::ParamId;
use mynah::engine::param::Scale;

use super::button::Button;
use super::choice::choice;
use super::desk::Desk;
use super::icon::Icon;
use super::knob::{knob, wants_typing};
use super::number::number;
use super::switch::switch;
use super::theme;
use super::value::value;

/// Height of the line of a name and of a value.
const LINE: f32 = 16.0;

/// Smallest and largest knob.
const DIAMETERS: [f32; 2] = [30.0, 70.0];

/// Shows a parameter in a rectangle.
pub(super) fn control(ui: &mut Ui, desk: &mut Desk, id: ParamId, cell: Rect) {
    let spec = id.spec();
    // The take has two columns; its name is in line with the names beside it.
    let column = if id == ParamId::Take { 0.5 * cell.width() } else { cell.width() };
    let room = (cell.height() - 2.0 * LINE - theme::PAD).min(column - 18.0);
    let diameter = room.clamp(DIAMETERS[0], DIAMETERS[1]);
    let height = diameter + 2.0 * LINE + 4.0;
    let cell = Rect::from_center_size(cell.center(), vec2(cell.width(), height));
    name(ui, spec.name, cell, diameter);
    let below = cell.with_min_y(cell.bottom() - LINE);
    let body = Rect::from_min_max(pos2(cell.left(), cell.top() + LINE), pos2(cell.right(), below.top()));
    let whole = body.with_max_y(cell.bottom());
    let response = match spec.scale {
        Scale::Linear | Scale::Time => {
            let square = Rect::from_center_size(body.center(), vec2(diameter, diameter));
            let response = knob(ui, desk, spec, square);
            let type_now = wants_typing(ui, &response);
            value(ui, desk, spec, below.shrink2(vec2(6.0, 0.0)), type_now);
            response
        }
        Scale::Whole if id == ParamId::Take => take(ui, desk, body),
        Scale::Whole => number(ui, desk, spec, body),
        Scale::Switch => switch(ui, desk, spec, body),
        Scale::Choice(names) => choice(ui, desk, spec, names, whole),
    };
    response.on_hover_text(spec.hint);
}

/// The name, above the control: larger over larger knobs, smaller where it would not fit.
fn name(ui: &Ui, name: &str, cell: Rect, diameter: f32) {
    let size = (theme::SIZE_LABEL + (diameter - 44.0) / 16.0).max(theme::SIZE_LABEL);
    let layout = |size: f32| ui.painter().layout_no_wrap(name.to_owned(), theme::font(size), theme::TEXT_DIM);
    let mut galley = layout(size);
    if cell.width() - 4.0 < galley.size().x {
        galley = layout(theme::SIZE_SMALL);
    }
    let corner = pos2(cell.center().x - 0.5 * galley.size().x, cell.top() + 0.5 * (LINE - galley.size().y));
    ui.painter().galley(corner, galley, theme::TEXT_DIM);
}

/// The number of the take, and dice that throw another.
fn take(ui: &mut Ui, desk: &mut Desk, rect: Rect) -> Response {
    let spec = ParamId::Take.spec();
    let dice = 34.0;
    let both = Rect::from_center_size(rect.center(), vec2(rect.width().min(140.0), rect.height()));
    let response = number(ui, desk, spec, both.with_max_x(both.right() - dice));
    let middle = pos2(both.right() - 0.5 * dice - 2.0, both.center().y);
    let place = Rect::from_center_size(middle, vec2(28.0, theme::ROW));
    if ui.place(place, Button::icon(Icon::Dice, "Another take")).on_hover_text("another take").clicked() {
        let take = another(desk.value(ParamId::Take), ui.input(|input| input.time));
        desk.set(ParamId::Take, take);
    }
    response
}

/// Another take than this one. Which one says the time of the throw: nothing that is heard hangs on it but the number.
fn another(take: f32, time: f64) -> f32 {
    let count = ParamId::Take.spec().max as u64 + 1;
    // Knuth's multiplicative hash of the microseconds; at least 1 further, at most once round.
    let thrown = ((time * 1e6) as u64 ^ take as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
    ((take as u64 + 1 + thrown % (count - 1)) % count) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dice_throw_another_take_that_is_allowed() {
        for step in 0..1_000 {
            let take = (step * 10) as f32;
            let thrown = another(take, f64::from(step) * 0.37);
            assert!(
                thrown != take && ParamId::Take.spec().clamped(thrown) == thrown,
                "{thrown} after {take}"
            );
        }
    }
}
