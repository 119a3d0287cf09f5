//! The page of the report, put together. Every name on it is escaped, and it may load nothing from anywhere.

use super::chart::{curve, sound_map, spectrogram};
use super::colour::rank;
use super::excerpt::Excerpt;
use super::{Distances, ReportConfig};
use crate::model::Model;
use std::fmt::Write as _;

/// Recordings that are listed before the rest is folded away.
const NUM_LISTED: usize = 12;

/// The page.
pub(super) fn page(
    config: &ReportConfig<'_>,
    real: &[Excerpt],
    generated: &[Excerpt],
    distances: Option<&Distances>,
) -> String {
    let name = match config.model.card.name.as_str() {
        "" => config.model_file,
        name => name,
    };
    let mut html = format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; media-src data:; \
         style-src 'unsafe-inline'\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>{name}: what Mynah learned</title>\
         <style>{}</style></head><body><main>\n<header><h1>{name}</h1>",
        include_str!("page.css"),
        name = escaped(name)
    );
    push_figures(&mut html, config.model, config.seconds);
    html.push_str("</header>\n");
    push_excerpts(&mut html, config, real, generated);
    push_distances(&mut html, config, distances);
    push_charts(&mut html, config.model);
    push_recordings(&mut html, config);
    push_card(&mut html, config);
    html.push_str(
        "<footer>Made by Mynah. This page is complete in itself: it loads nothing from anywhere.</footer>\n</main></body></html>\n",
    );
    html
}

/// Text as HTML shows it, in content and in attributes.
pub(super) fn escaped(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            c => html.push(c),
        }
    }
    html
}

/// The four numbers to see first.
fn push_figures(html: &mut String, model: &Model, seconds: f32) {
    let (corpus, learning) = (&model.card.corpus, &model.card.learning);
    let figures = [
        (duration(corpus.seconds), format!("of sound in {}", counted(corpus.num_files as usize, "file"))),
        (duration(seconds), "of learning".to_owned()),
        (format!("{:.2}", learning.held_out), "nats a frame, held out".to_owned()),
        (format!("{:.0} %", 100.0 * corpus.voiced_share), "of it has a pitch".to_owned()),
    ];
    html.push_str("<div class=\"figures\">");
    for (figure, what) in figures {
        let _ = write!(html, "<div><b>{figure}</b><span>{what}</span></div>");
    }
    html.push_str("</div>");
}

fn push_excerpts(html: &mut String, config: &ReportConfig<'_>, real: &[Excerpt], generated: &[Excerpt]) {
    let _ = write!(
        html,
        "<section><h2>Listen</h2><p class=\"about\">Recordings{}, beside new material: {}. Each picture is scaled to \
         its own peak; lower frequencies have more room, as in hearing.</p><div class=\"two\">",
        if config.files.iter().any(|file| file.held_out) { " that were held out from learning" } else { "" },
        escaped(config.generated_how)
    );
    let span_seconds = real.iter().chain(generated).fold(0.5_f32, |span, excerpt| span.max(excerpt.seconds));
    for (heading, excerpts) in [("Recorded", real), ("Generated", generated)] {
        let _ = write!(html, "<div class=\"card\"><h3>{heading}</h3>");
        if excerpts.is_empty() {
            html.push_str("<p class=\"soft\">None: the recordings are no longer where they were.</p>");
        }
        for excerpt in excerpts {
            let title = escaped(&excerpt.title);
            let _ = write!(
                html,
                "<figure><figcaption><b>{title}</b><span>{:.1} s</span></figcaption>{}\
                 <audio controls preload=\"metadata\" aria-label=\"{title}\" src=\"{}\"></audio></figure>",
                excerpt.seconds,
                spectrogram(excerpt, span_seconds),
                excerpt.sound
            );
        }
        html.push_str("</div>");
    }
    html.push_str("</div></section>\n");
}

fn push_distances(html: &mut String, config: &ReportConfig<'_>, distances: Option<&Distances>) {
    html.push_str("<section><h2>How close it is</h2>");
    let Some(distances) = distances else {
        html.push_str("<p class=\"about\">There is too little sound to measure a distance.</p></section>\n");
        return;
    };
    html.push_str(
        "<p class=\"about\">How far apart two sets of short-time spectra are: 0 where no one could tell them apart. \
         The lower bar is how far the recordings are from themselves. It hears the sound of moments, not their \
         order.</p><div class=\"card bars\">",
    );
    // Parts of files that are held out are not known here.
    let is_split_by_file = config.files.iter().any(|file| file.held_out);
    let generated_to =
        if is_split_by_file { "Generated to held-out recordings" } else { "Generated to the recordings" };
    let largest = distances.generated_to_held_out.max(distances.half_to_half).max(1e-6);
    for (what, distance, colour) in [
        (generated_to, distances.generated_to_held_out, "--learned"),
        ("One half of the recordings to the other", distances.half_to_half, "--real"),
    ] {
        let share = 100.0 * (distance / largest).max(0.0);
        let figure = format!("{distance:.4}").replace('-', "−");
        let _ = write!(
            html,
            "<div class=\"bar\">{what} <b>{figure}</b><i style=\"--share:{share:.1}%;--colour:var({colour})\"></i></div>"
        );
    }
    html.push_str(
        "</div><p class=\"about\"><small>Unbiased squared maximum mean discrepancy (Gretton et al. 2012), Gaussian \
         kernel, median width, log-mel spectra of 48 ms; estimates of no distance scatter around 0.</small></p></section>\n",
    );
}

fn push_charts(html: &mut String, model: &Model) {
    html.push_str(
        "<section><h2>What was learned</h2><div class=\"two\"><div class=\"card\"><h3>Learning curve</h3>",
    );
    match curve(&model.card.learning.curve) {
        Some(svg) => {
            html.push_str(&svg);
            html.push_str(
                "<div class=\"legend\"><span><i style=\"background:var(--learned)\"></i>learned</span>\
                 <span><i style=\"background:var(--held)\"></i>held out</span>\
                 <span>nats a frame by step, lower is better; the ring is what was kept</span></div>",
            );
        }
        None => html.push_str("<p class=\"soft\">Learning ended before there was a curve.</p>"),
    }
    html.push_str("</div><div class=\"card\"><h3>Sound map</h3>");
    match sound_map(&model.map, &model.codec) {
        Some((svg, [low, high])) => {
            let stops: Vec<String> = (0..=6).map(|stop| rank(stop as f32 / 6.0).hex()).collect();
            let _ = write!(
                html,
                "{svg}<div class=\"legend\"><span>{low:.0} Hz</span><span class=\"ramp\" \
                 style=\"background:linear-gradient(90deg,{})\"></span><span>{high:.0} Hz</span></div>\
                 <div class=\"legend\"><span>Moments that sound alike lie close together.</span></div>",
                stops.join(",")
            );
        }
        None => html.push_str("<p class=\"soft\">This model has no map.</p>"),
    }
    html.push_str("</div></div></section>\n");
}

fn push_recordings(html: &mut String, config: &ReportConfig<'_>) {
    let _ = write!(
        html,
        "<section><h2>Recordings</h2><p class=\"about\">{} used, {} not.</p><div class=\"card\">",
        counted(config.files.len(), "file"),
        config.refused.len()
    );
    let used: Vec<String> = config
        .files
        .iter()
        .map(|file| {
            let part = if file.held_out { "<span class=\"held-out\">held out</span>" } else { "learned" };
            format!(
                "<tr><td>{}</td><td>{part}</td><td class=\"number\">{:.1} s</td></tr>",
                escaped(&file.name),
                file.seconds
            )
        })
        .collect();
    push_table(html, "used", &used);
    html.push_str("</div>");
    if !config.refused.is_empty() {
        html.push_str("<h2>Not used</h2><div class=\"card\">");
        let refused: Vec<String> = config
            .refused
            .iter()
            .map(|refusal| {
                let [name, reason] = [&refusal.name, &refusal.reason].map(|text| escaped(text));
                format!("<tr><td>{name}</td><td>{reason}</td></tr>")
            })
            .collect();
        push_table(html, "not used", &refused);
        html.push_str("</div>");
    }
    html.push_str("</section>\n");
}

/// Rows, those beyond the first few folded away.
fn push_table(html: &mut String, what: &str, rows: &[String]) {
    let (listed, folded) = rows.split_at(rows.len().min(NUM_LISTED));
    let _ = write!(html, "<table>{}</table>", listed.concat());
    if !folded.is_empty() {
        let num = folded.len();
        let _ = write!(
            html,
            "<details><summary>{num} more {what}</summary><table>{}</table></details>",
            folded.concat()
        );
    }
}

fn push_card(html: &mut String, config: &ReportConfig<'_>) {
    let card = &config.model.card;
    let stated = |text: &str| if text.is_empty() { "not stated".to_owned() } else { escaped(text) };
    let [low, high] = card.corpus.pitch_range_hz;
    let [soft, loud] = card.corpus.loudness_range_db;
    let rows = [
        ("File", escaped(config.model_file)),
        ("Name", stated(&card.name)),
        ("Author", stated(&card.author)),
        ("Licence", stated(&card.licence)),
        ("Pitch", format!("{low:.0} to {high:.0} Hz (5th to 95th percentile)")),
        ("Loudness", format!("{soft:.0} to {loud:.0} dBFS (5th to 95th percentile)")),
        (
            "Memory",
            format!(
                "{} frames, {}",
                config.model.memory.num_frames(),
                duration(config.model.memory.num_frames() as f32 * crate::vocoder::frame::HOP_SECONDS as f32)
            ),
        ),
        (
            "Learning",
            format!("seed {}, {}", card.learning.seed, counted(card.learning.threads as usize, "thread")),
        ),
    ];
    html.push_str("<section><h2>Model card</h2><div class=\"card\"><table>");
    for (name, value) in rows {
        let _ = write!(html, "<tr><th>{name}</th><td>{value}</td></tr>");
    }
    html.push_str("</table></div></section>\n");
}

/// `1 file`, `2 files`.
fn counted(num: usize, noun: &str) -> String {
    format!("{num} {noun}{}", if num == 1 { "" } else { "s" })
}

/// `42 s`, `3 min 05 s`.
fn duration(seconds: f32) -> String {
    let whole = seconds.max(0.0).round() as u64;
    if whole < 60 { format!("{whole} s") } else { format!("{} min {:02} s", whole / 60, whole % 60) }
}
