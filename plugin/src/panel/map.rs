//! The sound map: what was learned as points, the voices among them, and a place to draw them to.

use egui::{
    Align2, Color32, CursorIcon, EventFilter, Id, Key, Mesh, PointerButton, Pos2, Rect, Response, Role, Sense,
};
use egui::{Shape, Stroke, Ui, WidgetInfo, pos2, vec2};
use mynah::engine::ParamId;
use mynah::model::Model;

use super::cloud::{Cloud, Colouring, loudness, pitch, place_from_position, position_from_place};
use super::desk::Desk;
use super::pitch_name::name_from_midi;
use super::theme;
use super::trails::Trails;
use crate::session::Playing;

/// Steer of a drag that begins while the sound goes its own way.
const FIRST_STEER: f32 = 0.7;

/// How far an arrow key moves the place, and with Shift.
const STEP: f32 = 0.05;
const FINE_STEP: f32 = 0.01;

/// How near a point is to be told of, as a share of the map.
const NEAR_POINT: f32 = 0.05;

/// The map, and what it remembers from one picture to the next.
#[derive(Debug, Default)]
pub(super) struct Map {
    cloud: Cloud,
    trails: Trails,
    colouring: Colouring,
}

impl Map {
    /// Does something move that should be drawn again soon?
    pub(super) fn is_moving(&self) -> bool {
        self.trails.is_moving()
    }

    /// Shows the map of what plays.
    pub(super) fn show(&mut self, ui: &mut Ui, desk: &mut Desk, playing: &Playing, rect: Rect) {
        theme::well(ui.painter(), rect);
        let inside = rect.shrink2(vec2(26.0, 26.0));
        let response = ui.interact(rect, Id::unique("sound map"), Sense::click_and_drag());
        steer(ui, desk, &response, inside);
        if let Some(meters) = desk.session.meters() {
            let now = ui.input(|input| input.time);
            self.trails.follow(meters.positions(), now);
        }

        let whole = ui.clip_rect();
        ui.set_clip_rect(rect.shrink(1.0));
        ground(ui, inside);
        let range = self.cloud.paint(ui, &playing.model, inside, self.colouring);
        target(ui, desk, &response, inside);
        self.trails.paint(ui, inside);
        ui.set_clip_rect(whole);
        tell(ui, desk, &response, &playing.model, rect, inside);
        self.legend(ui, rect, range);

        if response.has_focus() {
            theme::focus_ring(ui.painter(), rect.shrink(2.0), theme::ROUND - 2);
        }
        let values = [ParamId::SteerX, ParamId::SteerY, ParamId::Steer].map(|id| desk.value(id));
        response.widget_info(|| WidgetInfo {
            current_text_value: Some(format!(
                "x {:.2}, y {:.2}, steer {:.2}",
                values[0], values[1], values[2]
            )),
            ..WidgetInfo::labeled(Role::Canvas, true, "Sound map: drag or arrow keys steer, Delete lets go")
        });
        response.on_hover_cursor(CursorIcon::Crosshair);
    }

    /// What the colours say, and the other thing that they can say.
    fn legend(&mut self, ui: &mut Ui, rect: Rect, range: [f32; 2]) {
        let (name, ends) = match self.colouring {
            Colouring::Pitch => ("Pitch", range.map(name_from_midi)),
            Colouring::Loudness => ("Loudness", range.map(|db| format!("{db:.0} dB"))),
        };
        let area = Rect::from_min_size(pos2(rect.right() - 236.0, rect.top() + 6.0), vec2(228.0, 22.0));
        let response = ui.interact(area, Id::unique("colouring"), Sense::click());
        if response.clicked() {
            self.colouring = match self.colouring {
                Colouring::Pitch => Colouring::Loudness,
                Colouring::Loudness => Colouring::Pitch,
            };
        }
        response.widget_info(|| WidgetInfo::labeled(Role::Button, true, format!("Colours show: {name}")));
        let colour = if response.hovered() { theme::ACCENT } else { theme::TEXT_DIM };
        let (y, font) = (area.center().y, theme::font(theme::SIZE_SMALL));
        let painter = ui.painter();
        let high =
            painter.text(pos2(area.right() - 4.0, y), Align2::RIGHT_CENTER, &ends[1], font.clone(), colour);
        let bar = Rect::from_min_max(pos2(high.left() - 76.0, y - 2.0), pos2(high.left() - 6.0, y + 2.0));
        painter.add(Shape::mesh(ramp(bar)));
        let low =
            painter.text(pos2(bar.left() - 6.0, y), Align2::RIGHT_CENTER, &ends[0], font.clone(), colour);
        painter.text(pos2(low.left() - 10.0, y), Align2::RIGHT_CENTER, name, font, colour);
        if response.has_focus() {
            theme::focus_ring(painter, area, theme::ROUND_SMALL);
        }
        response.on_hover_text("colour the points by pitch or by loudness");
    }
}

/// Moves the place as the player does.
fn steer(ui: &Ui, desk: &mut Desk, response: &Response, inside: Rect) {
    let ids = [ParamId::SteerX, ParamId::SteerY, ParamId::Steer];
    if response.drag_started_by(PointerButton::Primary) {
        desk.begin(&ids);
        if desk.value(ParamId::Steer) <= 0.0 {
            desk.set(ParamId::Steer, FIRST_STEER);
        }
    }
    if response.dragged_by(PointerButton::Primary)
        && let Some(place) = response.interact_pointer_pos()
    {
        let [x, y] = position_from_place(inside, place);
        desk.set(ParamId::SteerX, x);
        desk.set(ParamId::SteerY, y);
    }
    if response.drag_stopped() {
        desk.end();
    }
    if response.double_clicked() {
        desk.set(ParamId::Steer, 0.0);
    } else if response.clicked() {
        response.request_focus();
    }
    keys(ui, desk, response);
}

fn keys(ui: &Ui, desk: &mut Desk, response: &Response) {
    let filter = EventFilter { horizontal_arrows: true, vertical_arrows: true, ..EventFilter::default() };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, filter));
    if !response.has_focus() {
        return;
    }
    let presses = |key| ui.input(|input| input.num_presses(key)) as f32;
    if 0.0 < presses(Key::Delete) + presses(Key::Backspace) {
        desk.set(ParamId::Steer, 0.0);
    }
    let step = if ui.input(|input| input.modifiers.shift) { FINE_STEP } else { STEP };
    let right = step * (presses(Key::ArrowRight) - presses(Key::ArrowLeft));
    let up = step * (presses(Key::ArrowUp) - presses(Key::ArrowDown));
    if right != 0.0 || up != 0.0 {
        let steer = desk.value(ParamId::Steer);
        let moves = [
            (ParamId::SteerX, desk.value(ParamId::SteerX) + right),
            (ParamId::SteerY, desk.value(ParamId::SteerY) + up),
            (ParamId::Steer, if steer <= 0.0 { FIRST_STEER } else { steer }),
        ];
        desk.nudge(&moves, ui.input(|input| input.time));
    }
}

/// Faint lines through the middle, and a light behind the points.
fn ground(ui: &Ui, inside: Rect) {
    let mut mesh = Mesh::default();
    super::cloud::glow(
        &mut mesh,
        inside.center(),
        0.62 * inside.size().max_elem(),
        Color32::from_rgb(24, 30, 42),
    );
    ui.painter().add(Shape::mesh(mesh));
    let line = Stroke::new(theme::THIN, theme::TRACK.gamma_multiply(0.35));
    for share in [0.0, 0.25, 0.5, 0.75, 1.0] {
        ui.painter().hline(inside.x_range(), inside.top() + share * inside.height(), line);
        ui.painter().vline(inside.left() + share * inside.width(), inside.y_range(), line);
    }
}

/// The place that the sound is drawn to: the stronger, the fuller its ring.
fn target(ui: &Ui, desk: &Desk, response: &Response, inside: Rect) {
    let painter = ui.painter();
    let steer = desk.value(ParamId::Steer);
    if steer <= 0.0 {
        if let Some(place) = response.hover_pos().filter(|_| !response.dragged()) {
            painter.circle_stroke(place, 13.0, Stroke::new(theme::THIN, theme::TEXT_FAINT));
        }
        return;
    }
    let place = place_from_position(inside, [desk.value(ParamId::SteerX), desk.value(ParamId::SteerY)]);
    let faint = Stroke::new(theme::THIN, theme::ACCENT.gamma_multiply(0.25));
    painter.hline(inside.x_range(), place.y, faint);
    painter.vline(place.x, inside.y_range(), faint);
    painter.circle_filled(place, 14.0, theme::ACCENT.gamma_multiply(0.18 * steer));
    painter.circle_stroke(place, 14.0, Stroke::new(1.0 + 1.5 * steer, theme::ACCENT));
}

/// What is at the pointer, or what can be done.
fn tell(ui: &Ui, desk: &Desk, response: &Response, model: &Model, rect: Rect, inside: Rect) {
    let near = response.hover_pos().and_then(|place| point_near(model, inside, place));
    let text = match near {
        Some(idx) => format!("{}   {:.0} dB", name_from_midi(pitch(model, idx)), loudness(model, idx)),
        None if 0.0 < desk.value(ParamId::Steer) => "double-click to let go".to_owned(),
        None => "drag to steer the sound".to_owned(),
    };
    let place = rect.left_bottom() + vec2(theme::PAD, -8.0);
    let font = theme::font(theme::SIZE_SMALL);
    ui.painter().text(place, Align2::LEFT_BOTTOM, text, font.clone(), theme::TEXT_FAINT);
    let place = rect.left_top() + vec2(theme::PAD, 17.0);
    ui.painter().text(place, Align2::LEFT_CENTER, "SOUND MAP", font, theme::TEXT_FAINT);
}

fn point_near(model: &Model, inside: Rect, place: Pos2) -> Option<usize> {
    let [x, y] = position_from_place(inside, place);
    let idx = model.map.nearest(x, y)?;
    let position = model.map.positions.get(2 * idx..2 * idx + 2)?;
    let distance = (position[0] - x).hypot(position[1] - y);
    (distance < NEAR_POINT).then_some(idx)
}

/// The colours of the map, from left to right.
fn ramp(rect: Rect) -> Mesh {
    const NUM: u32 = 12;
    let mut mesh = Mesh::default();
    for idx in 0..=NUM {
        let share = idx as f32 / NUM as f32;
        let x = rect.left() + share * rect.width();
        mesh.colored_vertex(pos2(x, rect.top()), theme::ramp(share));
        mesh.colored_vertex(pos2(x, rect.bottom()), theme::ramp(share));
    }
    for idx in 0..NUM {
        mesh.add_triangle(2 * idx, 2 * idx + 1, 2 * idx + 2);
        mesh.add_triangle(2 * idx + 1, 2 * idx + 2, 2 * idx + 3);
    }
    mesh
}
