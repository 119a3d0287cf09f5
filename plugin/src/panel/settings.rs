//! Tuning; and in the application devices: what plays, at which rate, in which blocks, which MIDI inputs are heard.

use egui::{ComboBox, RichText, ScrollArea, Ui, vec2};

use super::button::Button;
use super::desk::Desk;
use super::dialog::Dialog;
use super::overlay::sheet;
use super::rig::{Rig, RigState};
use super::theme;
use super::tuning::tuning;

/// How old what is shown may be, seconds.
const LOOK_SECONDS: f64 = 0.25;

/// Width of the names of lines.
const NAME: f32 = 110.0;

/// The rig as it was seen last.
#[derive(Debug, Default)]
pub(super) struct Settings {
    seen: Option<(f64, RigState)>,
}

impl Settings {
    /// How the rig stands; looked at now and then.
    pub(super) fn state(&mut self, rig: &dyn Rig, now: f64) -> &RigState {
        let is_old = self.seen.as_ref().is_none_or(|(at, _)| now < *at || at + LOOK_SECONDS <= now);
        if is_old {
            self.look_again();
        }
        &self.seen.get_or_insert_with(|| (now, rig.state())).1
    }

    /// What was seen may have changed.
    pub(super) fn look_again(&mut self) {
        self.seen = None;
    }

    /// Shows the tuning and, in the application, the devices; true once it is to be closed.
    pub(super) fn show(
        &mut self,
        ui: &Ui,
        desk: &Desk,
        dialog: &mut Dialog,
        rig: Option<&mut (dyn Rig + '_)>,
    ) -> bool {
        let now = ui.input(|input| input.time);
        let rig = rig.map(|rig| (self.state(rig, now).clone(), rig));
        let mut acts = false;
        let height = if rig.is_some() { 460.0 } else { 170.0 };
        let closes = sheet(ui, "Settings", vec2(520.0, height), |ui| {
            ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
                line(ui, "Tuning", |ui| tuning(ui, desk, dialog));
                if let Some((state, rig)) = rig {
                    ui.add_space(theme::GAP);
                    acts = devices(ui, rig, &state);
                }
            });
        });
        if acts {
            self.look_again();
        }
        closes
    }
}

/// All of the rig; true if the player changed it.
fn devices(ui: &mut Ui, rig: &mut dyn Rig, state: &RigState) -> bool {
    let mut acts = device(ui, rig, state);
    acts |= rate_and_buffer(ui, rig, state);
    acts |= midi(ui, rig, state);
    ui.add_space(theme::GAP);
    line(ui, "Late blocks", |ui| {
        let colour = if state.num_late == 0 { theme::TEXT } else { theme::ERROR };
        ui.label(RichText::new(state.num_late.to_string()).color(colour));
    });
    ui.add_space(theme::GAP);
    if ui.add(Button::text("Look again for devices")).clicked() {
        rig.refresh();
        acts = true;
    }
    acts
}

fn line(ui: &mut Ui, name: &str, content: impl FnOnce(&mut Ui)) {
    ui.horizontal(|ui| {
        let (rect, _) = ui.allocate_exact_size(vec2(NAME, theme::ROW), egui::Sense::hover());
        let font = theme::font(theme::SIZE_LABEL);
        ui.painter().text(rect.left_center(), egui::Align2::LEFT_CENTER, name, font, theme::TEXT_DIM);
        content(ui);
    });
}

/// A list to choose from; the index of what was chosen.
fn pick(ui: &mut Ui, name: &str, shown: &str, options: &[String]) -> Option<usize> {
    let mut picked = None;
    let list = ComboBox::from_id_salt(name)
        .selected_text(shown)
        .width((ui.available_width() - 8.0).min(320.0))
        .truncate();
    let response = list.show_ui(ui, |ui| {
        for (idx, option) in options.iter().enumerate() {
            if ui.selectable_label(option == shown, option).clicked() {
                picked = Some(idx);
            }
        }
    });
    response.response.accessible_name(name);
    picked
}

fn device(ui: &mut Ui, rig: &mut dyn Rig, state: &RigState) -> bool {
    let mut acts = false;
    line(ui, "Output", |ui| {
        let shown = state.device.as_deref().unwrap_or("nothing plays");
        if let Some(name) = pick(ui, "Output", shown, &state.devices).and_then(|idx| state.devices.get(idx)) {
            rig.choose_device(name);
            acts = true;
        }
    });
    acts
}

fn rate_and_buffer(ui: &mut Ui, rig: &mut dyn Rig, state: &RigState) -> bool {
    let mut acts = false;
    let rate = |hz: u32| format!("{hz} Hz");
    line(ui, "Sample rate", |ui| {
        let options: Vec<String> = state.rates_hz.iter().copied().map(rate).collect();
        if let Some(&hz) =
            pick(ui, "Sample rate", &rate(state.rate_hz), &options).and_then(|idx| state.rates_hz.get(idx))
        {
            rig.choose_rate(hz);
            acts = true;
        }
    });
    line(ui, "Block", |ui| {
        let choices: Vec<Option<u32>> =
            core::iter::once(None).chain(state.buffers.iter().copied().map(Some)).collect();
        let text = |samples: Option<u32>| match samples {
            None => "as the device prefers".to_owned(),
            Some(samples) if 0 < state.rate_hz => {
                format!("{samples} samples, {:.1} ms", 1e3 * samples as f32 / state.rate_hz as f32)
            }
            Some(samples) => format!("{samples} samples"),
        };
        let options: Vec<String> = choices.iter().copied().map(text).collect();
        if let Some(&samples) =
            pick(ui, "Block", &text(state.buffer), &options).and_then(|idx| choices.get(idx))
        {
            rig.choose_buffer(samples);
            acts = true;
        }
    });
    acts
}

fn midi(ui: &mut Ui, rig: &mut dyn Rig, state: &RigState) -> bool {
    let mut acts = false;
    ui.add_space(theme::GAP);
    line(ui, "MIDI", |ui| {
        ui.vertical(|ui| {
            if state.midi_inputs.is_empty() {
                ui.label(RichText::new("no input found").color(theme::TEXT_FAINT));
            }
            for name in &state.midi_inputs {
                let mut is_heard = state.midi_chosen.contains(name);
                if ui.checkbox(&mut is_heard, name).changed() {
                    rig.listen(name, is_heard);
                    acts = true;
                }
            }
        });
    });
    acts
}
