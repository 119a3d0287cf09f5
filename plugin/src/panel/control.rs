//! A parameter in its place: its name, the control that fits it, its value.

use egui::{Align2, Rect, Response, Ui, pos2, vec2};
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
const DIAMETERS: [f32; 2] = [30.0, 58.0];

/// Shows a parameter in a rectangle.
pub(super) fn control(ui: &mut Ui, desk: &mut Desk, id: ParamId, cell: Rect) {
    let spec = id.spec();
    let diameter = (cell.height() - 2.0 * LINE - theme::NEAR).clamp(DIAMETERS[0], DIAMETERS[1]);
    let height = diameter + 2.0 * LINE + 4.0;
    let cell = Rect::from_center_size(cell.center(), vec2(cell.width(), height));
    let name = pos2(cell.center().x, cell.top() + 0.5 * LINE);
    ui.painter().text(
        name,
        Align2::CENTER_CENTER,
        spec.name,
        theme::font(theme::SIZE_LABEL),
        theme::TEXT_DIM,
    );
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
        Scale::Whole if id == ParamId::Take => take(ui, desk, whole),
        Scale::Whole => number(ui, desk, spec, body),
        Scale::Switch => switch(ui, desk, spec, body),
        Scale::Choice(names) => choice(ui, desk, spec, names, whole),
    };
    response.on_hover_text(spec.hint);
}

/// The number of the take, and dice that throw another.
fn take(ui: &mut Ui, desk: &mut Desk, rect: Rect) -> Response {
    let spec = ParamId::Take.spec();
    let middle = rect.center().y - 13.0;
    let response = number(ui, desk, spec, Rect::from_center_size(pos2(rect.center().x, middle), rect.size()));
    let place = Rect::from_center_size(pos2(rect.center().x, middle + 28.0), vec2(28.0, theme::ROW));
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
