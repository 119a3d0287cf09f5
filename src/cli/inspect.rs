//! `mynah inspect`: the card of a model, its hash checked.

use super::{exit_codes, tell};
use crate::model::Model;
use crate::units::midi_from_hz;
use serde_json::json;
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;
use std::path::PathBuf;

/// Show what a model was learned from, how well, by whom, under which licence.
///
/// The hash in the file is checked against its content.
#[derive(Debug, clap::Args)]
#[command(after_help = concat!(
    "Example:\n",
    "  mynah inspect voice.mynah\n",
    "  mynah inspect voice.mynah --json | jq .card.learning.held_out\n\n",
    exit_codes!()
))]
pub(super) struct Args {
    /// The model, a .mynah file.
    model: PathBuf,
    /// Answer in JSON.
    #[arg(long)]
    json: bool,
}

impl Args {
    pub(super) fn run(self) -> anyhow::Result<()> {
        // Loading checks the hash: what comes back is what was written.
        let model = Model::load(&self.model)?;
        let bytes = std::fs::read(&self.model)?;
        let sha256 = hex(&Sha256::digest(&bytes));
        if self.json {
            tell::answer_json(&json!({
                "file": tell::path_text(&self.model),
                "bytes": bytes.len(),
                "file_sha256": sha256,
                "hash_fits": true,
                "memory_frames": model.memory.num_frames(),
                "map_points": model.map.memory_frames.len(),
                "card": model.card,
            }));
        } else {
            tell::answer(&text(&model, bytes.len(), &sha256));
        }
        Ok(())
    }
}

fn text(model: &Model, num_bytes: usize, sha256: &str) -> String {
    let (card, corpus, learning) = (&model.card, &model.card.corpus, &model.card.learning);
    let mut text = String::new();
    let mut line = |name: &str, value: String| {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{name:<12} {value}");
    };
    let given = |text: &str| if text.is_empty() { "not stated".to_owned() } else { text.to_owned() };
    line("name", given(&card.name));
    line("author", given(&card.author));
    line("licence", given(&card.licence));
    line("learned from", format!("{} files, {:.1} s of sound", corpus.num_files, corpus.seconds));
    let [low, high] = corpus.pitch_range_hz;
    if 0.0 < low && low <= high {
        line("pitch", format!("{low:.0} to {high:.0} Hz ({} to {})", note_name(low), note_name(high)));
    }
    line("pitched", format!("{:.0} % of the time", 100.0 * corpus.voiced_share));
    let [soft, loud] = corpus.loudness_range_db;
    line("loudness", format!("{soft:.0} to {loud:.0} dBFS"));
    let steps = learning.curve.last().map_or(0, |point| point.step);
    line("learning", format!("{steps} steps, seed {}, {} threads", learning.seed, learning.threads));
    line("held out", format!("{:.3} nats a frame", learning.held_out));
    let memory_seconds = model.memory.num_frames() as f64 * crate::vocoder::frame::HOP_SECONDS;
    line("memory", format!("{} frames, {memory_seconds:.0} s", model.memory.num_frames()));
    line("sound map", format!("{} points", model.map.memory_frames.len()));
    line("file", format!("{:.2} MB, sha256 {sha256}", num_bytes as f64 / 1e6));
    text.push_str("hash         fits the content");
    text
}

/// The note nearest to a frequency above 0, as `A4`.
fn note_name(hz: f32) -> String {
    const NAMES: [&str; 12] = ["C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B"];
    let key = midi_from_hz(hz).round() as i32;
    format!("{}{}", NAMES[key.rem_euclid(12) as usize], key.div_euclid(12) - 1)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_are_named_as_players_do() {
        assert_eq!(note_name(440.0), "A4");
        assert_eq!(note_name(261.6), "C4");
        assert_eq!(note_name(8.2), "C-1");
        assert_eq!(note_name(60.0), "B1");
    }

    #[test]
    fn a_card_reads_as_a_page() {
        let text = text(&crate::fixture::model(1), 123_456, "00ff");
        assert!(text.contains("220 to 880 Hz (A3 to A5)"), "{text}");
        assert!(text.contains("not stated"), "{text}");
    }
}
