//! Tests of the report as a whole, on a stand-in model and recordings made here.

use super::*;
use crate::audio_file::{WavFormat, write_wav};
use crate::fixture;
use crate::model::card::CurvePoint;
use std::path::Path;

/// A recording of a few tones that swell and fade, with some noise.
fn tones(seed: u32, seconds: f32) -> Vec<f32> {
    let mut noise = seed.wrapping_mul(2_654_435_761).wrapping_add(1);
    let mut phase = 0.0_f32;
    (0..(seconds * RATE_HZ as f32) as usize)
        .map(|n| {
            let t = n as f32 / RATE_HZ as f32;
            noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let note = (t * 2.0 + seed as f32) as u32 * 7 % 12;
            let hz = 180.0 * 2.0_f32.powf(note as f32 / 12.0) * (1.0 + 0.01 * (34.0 * t).sin());
            phase = (phase + hz / RATE_HZ as f32).fract();
            let level = (core::f32::consts::PI * (2.0 * t).fract()).sin();
            let tone: f32 =
                (1..20).map(|k| (core::f32::consts::TAU * phase * k as f32).sin() / (k * k) as f32).sum();
            let hiss = (noise >> 8) as f32 / (1_u32 << 24) as f32 - 0.5;
            0.3 * level * (tone + 0.1 * hiss)
        })
        .collect()
}

fn recording(folder: &Path, name: &str, seed: u32, held_out: bool) -> UsedFile {
    let seconds = 3.0 + seed as f32;
    let path = folder.join(format!("{seed}.wav"));
    write_wav(&path, &[&tones(seed, seconds)], RATE_HZ, WavFormat::Int24).unwrap();
    UsedFile { path, name: name.to_owned(), seconds, held_out }
}

/// Keeps the page where `MYNAH_KEEP_REPORT` says, for a person to look at.
fn sample_report() -> Report {
    let folder = tempfile::tempdir().unwrap();
    let mut model = (*fixture::model(1)).clone();
    model.card.name = "Robin & <b>friends</b>".to_owned();
    model.card.learning.curve = (1..60)
        .map(|n| {
            let fall = 8.0 * (-(n as f32) / 12.0).exp();
            CurvePoint { step: 50 * n, learning: 7.4 + fall, held_out: 8.1 + fall + 0.0002 * (n * n) as f32 }
        })
        .collect();
    model.card.learning.held_out = 8.4;
    let names = ["a\"onload=\"x.wav", "low notes.wav", "<script>alert(1)</script>.wav", "room 2, take 3.wav"];
    let mut files: Vec<UsedFile> = names
        .iter()
        .zip(0..)
        .map(|(name, seed)| recording(folder.path(), name, seed, seed % 2 == 0))
        .collect();
    files.extend(
        (4..20).map(|seed| recording(folder.path(), &format!("take {seed}.wav"), seed % 5, seed == 7)),
    );
    let refused = [Refusal {
        name: "<img src=x>.wav".to_owned(),
        reason: "0.0 s, too short: at least 0.1 s".to_owned(),
    }];
    let generated: Vec<Vec<f32>> = (0..3).map(|seed| tones(seed + 9, 12.0)).collect();
    let report = report(&ReportConfig {
        model: &model,
        seconds: 184.0,
        model_file: "robin.mynah",
        files: &files,
        refused: &refused,
        generated: &generated,
        generated_how: "free run, Chance 0.80, Memory 1.00",
    });
    if let Some(path) = std::env::var_os("MYNAH_KEEP_REPORT") {
        std::fs::write(path, &report.html).unwrap();
    }
    report
}

#[test]
fn a_report_is_complete_in_itself_and_escapes_every_name() {
    let Report { html, distances } = sample_report();
    for part in ["learning curve", "sound map", "spectrogram", "not used", "model card"] {
        assert!(html.to_lowercase().contains(part), "{part} is missing");
    }
    assert_eq!(html.matches("<audio controls").count(), 6);
    assert_eq!(html.matches("data:audio/wav;base64,UklGR").count(), 6);
    assert_eq!(html.matches("data:image/png;base64,iVBOR").count(), 6);
    for injected in ["<script", "<img", "onload=\"x", "<b>friends"] {
        assert!(!html.contains(injected), "{injected}");
    }
    assert!(!html.contains("http://") && !html.contains("https://"), "a report loads nothing");
    let distances = distances.unwrap();
    assert!(distances.half_to_half.is_finite() && distances.generated_to_held_out.is_finite());
}

#[test]
fn a_report_of_nothing_is_a_page_still() {
    let model = fixture::model(1);
    let gone =
        [UsedFile { path: "gone.wav".into(), name: "gone.wav".to_owned(), seconds: 1.0, held_out: false }];
    let report = report(&ReportConfig {
        model: &model,
        seconds: 184.0,
        model_file: "a.mynah",
        files: &gone,
        refused: &[],
        generated: &[],
        generated_how: "",
    });
    assert_eq!(report.distances, None);
    assert!(report.html.ends_with("</html>\n"));
}

#[test]
fn what_is_measured_is_bounded_and_spread() {
    assert_eq!(evenly(&[0, 1, 2, 3, 4, 5, 6, 7], 4), [0, 2, 4, 6]);
    assert_eq!(evenly(&[1, 2], 4), [1, 2]);
    assert!(evenly::<u8>(&[], 4).is_empty());
}
