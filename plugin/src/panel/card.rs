//! The card of a model: what was learned, how well, whose recordings, under which licence.

use egui::{RichText, Ui, vec2};
use mynah::model::Card;
use mynah::units::midi_from_hz;

use super::curve::curve;
use super::overlay::sheet;
use super::pitch_name::name_from_midi;
use super::theme;

/// Width of the names of lines.
const NAME: f32 = 112.0;

/// Shows the card of a model; true once it is to be closed.
pub(super) fn card(ui: &Ui, name: &str, card: &Card) -> bool {
    sheet(ui, name, vec2(560.0, 478.0), |ui| {
        egui::ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
            for (name, text) in lines(card) {
                line(ui, name, &text);
            }
            let points: Vec<[f32; 2]> =
                card.learning.curve.iter().map(|point| [point.learning, point.held_out]).collect();
            if 1 < points.len() {
                ui.add_space(theme::GAP);
                let (rect, _) =
                    ui.allocate_exact_size(vec2(ui.available_width(), 140.0), egui::Sense::hover());
                curve(ui, &points, rect);
            }
        });
    })
}

fn line(ui: &mut Ui, name: &str, text: &str) {
    ui.horizontal_top(|ui| {
        let (rect, _) = ui.allocate_exact_size(vec2(NAME, 20.0), egui::Sense::hover());
        let font = theme::font(theme::SIZE_LABEL);
        let corner = rect.left_top() + vec2(0.0, 2.0);
        ui.painter().text(corner, egui::Align2::LEFT_TOP, name, font, theme::TEXT_FAINT);
        ui.add(egui::Label::new(RichText::new(text).color(theme::TEXT)).wrap());
    });
}

/// What the card says, line by line; what is not known is left out.
fn lines(card: &Card) -> Vec<(&'static str, String)> {
    let (corpus, learning) = (&card.corpus, &card.learning);
    let mut lines = Vec::new();
    if 0 < corpus.num_files {
        let files = if corpus.num_files == 1 { "file" } else { "files" };
        let text = format!("{} of sound in {} {files}", duration(corpus.seconds), corpus.num_files);
        lines.push(("Learned from", text));
    }
    let [low, high] = corpus.pitch_range_hz;
    if 0.0 < low {
        let name = |hz| name_from_midi(midi_from_hz(hz));
        let text = format!("{} to {} ({low:.0} to {high:.0} Hz)", name(low), name(high));
        lines.push(("Pitch", text));
    }
    let [soft, loud] = corpus.loudness_range_db;
    if soft < loud {
        lines.push(("Loudness", format!("{soft:.0} to {loud:.0} dB")));
    }
    if 0 < corpus.num_files {
        lines.push(("With pitch", format!("{:.0} % of the time", 100.0 * corpus.voiced_share)));
    }
    if learning.held_out != 0.0 {
        let text = format!("{:.2} nats a frame on held-out material; lower is better", learning.held_out);
        lines.push(("How well", text));
        lines.push(("Seed", format!("{}, with {} threads", learning.seed, learning.threads)));
    }
    let said = |text: &str| if text.is_empty() { "not said".to_owned() } else { text.to_owned() };
    lines.push(("Made by", said(&card.author)));
    lines.push(("Licence, credit", said(&card.licence)));
    lines
}

/// A length of time as it is said.
pub(super) fn duration(seconds: f32) -> String {
    let seconds = seconds.round().max(0.0) as u32;
    match (seconds / 60, seconds % 60) {
        (0, seconds) => format!("{seconds} s"),
        (minutes, seconds) => format!("{minutes} min {seconds:02} s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mynah::model::builtin::builtin;

    #[test]
    fn a_factory_model_says_all_and_an_empty_card_what_is_not_said() {
        let names = |card: &Card| lines(card).into_iter().map(|(name, _)| name).collect::<Vec<_>>();
        let all = names(&builtin().card);
        for name in ["Learned from", "Pitch", "Loudness", "How well", "Made by", "Licence, credit"] {
            assert!(all.contains(&name), "{name} in {all:?}");
        }
        assert_eq!(names(&Card::default()), ["Made by", "Licence, credit"]);
    }

    #[test]
    fn lengths_of_time_are_said_in_minutes_and_seconds() {
        assert_eq!([0.4, 59.6, 125.0].map(duration), ["0 s", "1 min 00 s", "2 min 05 s"]);
    }
}
