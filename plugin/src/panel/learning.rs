//! Learning as a player sees it: over the map, beside which everything can be played on.

use egui::{
    Align, Label, Layout, ProgressBar, Rect, RichText, ScrollArea, Sense, TextEdit, Ui, UiBuilder, vec2,
};

use super::button::Button;
use super::card::duration;
use super::curve::curve;
use super::desk::Desk;
use super::theme;
use crate::session::{Learning, LearningPhase};

/// Height of the sheet, and with a list of refused files.
const HEIGHT: f32 = 148.0;
const HEIGHT_WITH_REFUSED: f32 = 216.0;

/// Width from which the curve has a place beside the text.
const WIDE: f32 = 470.0;

/// Width of the curve.
const CURVE: f32 = 220.0;

/// What the player has typed and asked for.
#[derive(Debug, Default)]
pub(super) struct LearningSheet {
    /// Name under which what was learned is to be saved; `None` before it is done.
    name: Option<String>,
    /// The player wants none of it: given up as soon as the learner has ended, for which nobody waits here.
    is_unwanted: bool,
}

impl LearningSheet {
    /// Shows how learning stands over a part of the panel, if there is any.
    pub(super) fn show(&mut self, ui: &mut Ui, desk: &mut Desk, learning: &Learning, over: Rect) {
        if learning.phase == LearningPhase::Idle {
            *self = Self::default();
            return;
        }
        if learning.phase.is_busy() && learning.phase != LearningPhase::Stopping {
            // One that goes on has not been given up, nor named: what was asked for was of one before.
            *self = Self::default();
        }
        if self.is_unwanted && !learning.phase.is_busy() {
            desk.session.cancel_learning();
            *self = Self::default();
            return;
        }
        let has_refused = !learning.refused.is_empty();
        let is_wide = WIDE <= over.width();
        let height = match (is_wide, has_refused) {
            (false, _) => over.height(),
            (true, false) => HEIGHT,
            (true, true) => HEIGHT_WITH_REFUSED,
        };
        let over = over.shrink(theme::NEAR);
        let rect = over.with_min_y((over.bottom() - height).max(over.top()));
        // What lies under the sheet is not pressed through it.
        ui.interact(rect, egui::Id::unique("learning sheet"), Sense::CLICK | Sense::DRAG);
        theme::ground(ui.painter(), rect);
        let inside = rect.shrink(theme::PAD);
        let has_curve = !matches!(learning.phase, LearningPhase::Failed(_));
        let beside = if is_wide && has_curve { CURVE + theme::GAP } else { 0.0 };
        let text = inside.with_max_x(inside.right() - beside);
        let builder = UiBuilder::new().max_rect(text).layout(Layout::top_down(Align::Min));
        let used = ui.scope_builder(builder, |ui| {
            ui.set_clip_rect(ui.clip_rect().intersect(rect));
            self.text(ui, desk, learning);
            ui.min_rect().bottom()
        });
        let plot = match is_wide {
            true => inside.with_min_x(inside.right() - CURVE),
            false => inside.with_min_y(used.inner + theme::GAP),
        };
        if has_curve && 50.0 < plot.height() {
            curve(ui, &learning.curve, plot);
        }
    }

    fn text(&mut self, ui: &mut Ui, desk: &mut Desk, learning: &Learning) {
        match &learning.phase {
            LearningPhase::Idle => {}
            LearningPhase::Analysing { done, total } => {
                let share = if *total == 0 { 0.0 } else { *done as f32 / *total as f32 };
                let text = match total {
                    0 => "looking for recordings".to_owned(),
                    total => format!("listening: file {} of {total}", (done + 1).min(*total)),
                };
                self.under_way(ui, desk, learning, share, &text);
            }
            LearningPhase::Preparing => {
                self.under_way(ui, desk, learning, 1.0, "finding what the recordings have in common");
            }
            LearningPhase::Finishing => {
                self.under_way(ui, desk, learning, 1.0, "laying out the memory and the map");
            }
            LearningPhase::Fitting { share, seconds_left } => {
                heading(ui, &format!("Learning {}", learning.name));
                bar(ui, *share);
                let mut text = format!("about {} left", duration(*seconds_left));
                if let Some([_, held_out]) = learning.curve.last().filter(|point| point[1].is_finite()) {
                    text.push_str(&format!("   ·   {held_out:.2} nats a frame held out"));
                }
                said(ui, &text);
                said(ui, &heard(learning.num_snapshots));
                self.buttons(ui, desk, learning);
            }
            LearningPhase::Stopping => {
                heading(ui, &format!("Learning {}", learning.name));
                bar(ui, 1.0);
                said(
                    ui,
                    if self.is_unwanted { "giving up what was learned" } else { "keeping the best so far" },
                );
            }
            LearningPhase::Finished { held_out, seconds } => {
                heading(ui, &format!("Learned {}", learning.name));
                let text = format!("in {}   ·   {held_out:.2} nats a frame held out", duration(*seconds));
                said(ui, &text);
                self.keep(ui, desk, learning);
                refused(ui, &learning.refused);
            }
            LearningPhase::Failed(reason) => {
                heading(ui, &format!("Could not learn {}", learning.name));
                let reason = RichText::new(reason).color(theme::ERROR).size(theme::SIZE_LABEL);
                ScrollArea::vertical().max_height((ui.available_height() - 40.0).max(30.0)).show(ui, |ui| {
                    ui.add(Label::new(reason).wrap());
                });
                if ui.add(Button::text("Close")).clicked() {
                    desk.session.cancel_learning();
                }
                refused(ui, &learning.refused);
            }
        }
    }

    /// A learning of which there is nothing to tell but how far it is.
    fn under_way(&mut self, ui: &mut Ui, desk: &Desk, learning: &Learning, share: f32, text: &str) {
        heading(ui, &format!("Learning {}", learning.name));
        bar(ui, share);
        said(ui, text);
        self.buttons(ui, desk, learning);
    }

    fn buttons(&mut self, ui: &mut Ui, desk: &Desk, learning: &Learning) {
        ui.add_space(2.0);
        ui.horizontal(|ui| {
            let has_version = 0 < learning.num_snapshots;
            let stop = Button::text("Stop and keep");
            let stop = if has_version { stop.main() } else { stop };
            if ui.add(stop).on_hover_text("ends now and keeps the best so far").clicked() {
                desk.session.stop_learning();
            }
            if ui.add(Button::text("Cancel")).on_hover_text("plays again what played before").clicked() {
                self.is_unwanted = true;
                desk.session.stop_learning();
            }
        });
    }

    fn keep(&mut self, ui: &mut Ui, desk: &mut Desk, learning: &Learning) {
        let name = self.name.get_or_insert_with(|| learning.name.clone());
        let mut saves = false;
        ui.horizontal(|ui| {
            let width = (ui.available_width() - 74.0).clamp(80.0, 260.0);
            let field = TextEdit::singleline(name)
                .hint_text("Name")
                .align(egui::Align2::LEFT_CENTER)
                .desired_width(width)
                .margin(vec2(8.0, 5.0));
            let response = ui.add(field).accessible_name("Name of the model");
            let entered = response.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter));
            saves = ui.add(Button::text("Save").main()).clicked() || entered;
        });
        ui.horizontal(|ui| {
            if ui.add(Button::text("Keep without saving").quiet()).clicked() {
                desk.session.keep_learned();
            }
            if ui.add(Button::text("Discard").quiet()).clicked() {
                desk.session.cancel_learning();
            }
        });
        if saves && !name.trim().is_empty() {
            desk.save_learned(name.trim());
        }
    }
}

fn heading(ui: &mut Ui, text: &str) {
    ui.add(Label::new(RichText::new(text).size(theme::SIZE_BODY + 1.0).color(theme::TEXT)).truncate());
}

fn said(ui: &mut Ui, text: &str) {
    ui.add(Label::new(RichText::new(text).size(theme::SIZE_LABEL).color(theme::TEXT_DIM)).truncate());
}

fn bar(ui: &mut Ui, share: f32) {
    let bar = ProgressBar::new(share).desired_height(6.0).fill(theme::ACCENT);
    ui.add(bar).accessible_name("Progress");
}

fn heard(num_snapshots: usize) -> String {
    match num_snapshots {
        0 => "what played plays on until there is a first version".to_owned(),
        number => format!("you hear version {number}"),
    }
}

/// Files that could not be used, each with its reason.
fn refused(ui: &mut Ui, refused: &[String]) {
    if refused.is_empty() {
        return;
    }
    let count = refused.len();
    said(ui, &format!("{count} {} not used:", if count == 1 { "file was" } else { "files were" }));
    ScrollArea::vertical().id_salt("refused").max_height(56.0).auto_shrink([false, true]).show(ui, |ui| {
        for reason in refused {
            let text = RichText::new(reason).size(theme::SIZE_SMALL).color(theme::ERROR);
            ui.add(Label::new(text).wrap());
        }
    });
}
