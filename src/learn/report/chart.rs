//! Drawings of the report, as SVG: the learning curve, the sound map, a spectrogram with its axes.

use super::colour::rank;
use super::excerpt::Excerpt;
use super::page::escaped;
use super::spectrogram::TOP_HZ;
use crate::model::card::CurvePoint;
use crate::model::network::VECTOR_DIM;
use crate::model::{Codec, SoundMap};
use crate::units::mel_from_hz;
use core::ops::Range;
use std::fmt::Write as _;

/// Width of every drawing, in its own units.
const WIDTH: f32 = 480.0;
/// Height of a spectrogram.
const SPECTROGRAM_HEIGHT: f32 = 230.0;
/// Height of the curve: with its legend, that of the map beside it.
const CURVE_HEIGHT: f32 = 470.0;
/// Room for labels at the left and the bottom.
const LEFT: f32 = 52.0;
const BOTTOM: f32 = 26.0;
/// Room at the other sides.
const EDGE: f32 = 8.0;

/// A straight map from values to a stretch of the drawing.
struct Axis {
    values: Range<f32>,
    places: Range<f32>,
}

impl Axis {
    fn across(values: Range<f32>) -> Self {
        Self { values, places: LEFT..WIDTH - EDGE }
    }

    fn up(values: Range<f32>, height: f32) -> Self {
        Self { values, places: height - BOTTOM..EDGE }
    }

    fn place(&self, value: f32) -> f32 {
        let span = (self.values.end - self.values.start).max(f32::MIN_POSITIVE);
        let share = (value - self.values.start) / span;
        self.places.start + (self.places.end - self.places.start) * share
    }

    /// Four to ten round values within.
    fn ticks(&self) -> Vec<f32> {
        let span = self.values.end - self.values.start;
        let decade = libm::powf(10.0, libm::floorf(libm::log10f(span.max(1e-6))));
        let step = [0.1, 0.2, 0.5, 1.0].map(|share| share * decade);
        let step = step.into_iter().find(|step| span / step <= 8.0).unwrap_or(decade);
        let first = (self.values.start / step).ceil() as i64;
        let last = (self.values.end / step).floor() as i64;
        (first..=last).map(|n| n as f32 * step).collect()
    }
}

/// The learning curve; `None` with fewer than two points.
pub(super) fn curve(points: &[CurvePoint]) -> Option<String> {
    let finite = |point: &&CurvePoint| point.learning.is_finite() && point.held_out.is_finite();
    let points: Vec<&CurvePoint> = points.iter().filter(finite).collect();
    let [first, .., last] = points[..] else { return None };
    let mut values: Vec<f32> = points.iter().flat_map(|point| [point.learning, point.held_out]).collect();
    values.sort_by(f32::total_cmp);
    let lowest = values[0];
    // The first steps fall from far above: what comes after should fill the drawing.
    let highest = values[(values.len() - 1) * 9 / 10].max(lowest + 0.1);
    let margin = 0.05 * (highest - lowest);
    let x = Axis::across(first.step as f32..(last.step as f32).max(first.step as f32 + 1.0));
    let y = Axis::up(lowest - margin..highest + margin, CURVE_HEIGHT);
    let best = points.iter().min_by(|a, b| a.held_out.total_cmp(&b.held_out))?;
    let line = |value: fn(&CurvePoint) -> f32| -> String {
        let place = |point: &&CurvePoint| {
            format!("{:.1},{:.1}", x.place(point.step as f32), y.place(value(point)).max(-CURVE_HEIGHT))
        };
        points.iter().map(place).collect::<Vec<_>>().join(" ")
    };
    let mut svg = opened("Learning curve", CURVE_HEIGHT);
    axes(&mut svg, &x, &y);
    let plot = format!(
        "<clipPath id=\"plot\"><rect x=\"{LEFT}\" y=\"{EDGE}\" width=\"{}\" height=\"{}\"/></clipPath>",
        WIDTH - EDGE - LEFT,
        CURVE_HEIGHT - BOTTOM - EDGE
    );
    let _ = write!(
        svg,
        "{plot}<g clip-path=\"url(#plot)\"><polyline class=\"line learned\" points=\"{}\"/>\
         <polyline class=\"line held\" points=\"{}\"/></g>\
         <circle class=\"best\" cx=\"{:.1}\" cy=\"{:.1}\" r=\"4.5\"><title>best: {:.3} nats a frame, step {}</title></circle></svg>",
        line(|point| point.learning),
        line(|point| point.held_out),
        x.place(best.step as f32),
        y.place(best.held_out),
        best.held_out,
        best.step,
    );
    Some(svg)
}

/// The sound map and the range of pitch that its colours span, Hz; `None` without points.
pub(super) fn sound_map(map: &SoundMap, codec: &Codec) -> Option<(String, [f32; 2])> {
    /// Height and width of the map: it is square.
    const SIDE: f32 = 480.0;
    /// Points are at most 1 from the middle: they stay whole within this.
    const REACH: f32 = SIDE / 2.0 - 12.0;
    let frames = map.frames.chunks_exact(VECTOR_DIM).filter_map(|vector| vector.try_into().ok());
    let frames: Vec<_> = frames.map(|vector| codec.frame_from_vector(vector)).collect();
    let mut pitches: Vec<f32> = frames.iter().map(|frame| frame.pitch_hz.max(1.0)).collect();
    pitches.sort_by(f32::total_cmp);
    // The rare extremes would leave one colour for all the rest.
    let [low, high] = [pitches.len() / 20, pitches.len().saturating_sub(1 + pitches.len() / 20)]
        .map(|idx| pitches.get(idx).copied());
    let (low, high) = (low?, high?);
    let octaves = libm::log2f(high / low).max(1e-3);
    let mut svg = opened("Sound map", SIDE);
    let _ =
        write!(svg, "<path class=\"grid\" d=\"M{m} 12V{e}M12 {m}H{e}\"/>", m = SIDE / 2.0, e = SIDE - 12.0);
    for (position, frame) in map.positions.chunks_exact(2).zip(&frames) {
        let [x, y] = [position[0], -position[1]].map(|at| SIDE / 2.0 + REACH * at.clamp(-1.0, 1.0));
        let colour = rank(libm::log2f(frame.pitch_hz.max(1.0) / low) / octaves).hex();
        let noise = frame.noise.iter().sum::<f32>() / frame.noise.len() as f32;
        let _ = write!(
            svg,
            "<circle class=\"point\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"5\" fill=\"{colour}\"><title>{:.0} Hz, {:.0} dB, \
             {:.0} % noise</title></circle>",
            frame.pitch_hz,
            frame.loudness_db,
            100.0 * noise
        );
    }
    svg.push_str("</svg>");
    Some((svg, [low, high]))
}

/// A spectrogram with its axes; all of a page span the same time.
pub(super) fn spectrogram(excerpt: &Excerpt, span_seconds: f32) -> String {
    let x = Axis::across(0.0..span_seconds);
    let y = Axis::up(0.0..mel_from_hz(TOP_HZ) as f32, SPECTROGRAM_HEIGHT);
    let mut svg = opened(&format!("Spectrogram of {}", excerpt.title), SPECTROGRAM_HEIGHT);
    let (top, bottom) = (y.places.end, y.places.start);
    let _ = write!(
        svg,
        "<image href=\"{}\" x=\"{LEFT}\" y=\"{top}\" width=\"{:.1}\" height=\"{}\" preserveAspectRatio=\"none\"/>",
        excerpt.picture,
        x.place(excerpt.seconds) - LEFT,
        bottom - top
    );
    for (hz, label) in
        [(250.0, "250"), (500.0, "500"), (1e3, "1k"), (2e3, "2k"), (4e3, "4k"), (8e3, "8k"), (16e3, "16 kHz")]
    {
        let at = y.place(mel_from_hz(hz) as f32);
        let _ = write!(
            svg,
            "<path class=\"tick\" d=\"M{} {at:.1}H{LEFT}\"/><text class=\"label y\" x=\"{}\" y=\"{:.1}\">{label}</text>",
            LEFT - 4.0,
            LEFT - 7.0,
            (at + 4.0).max(EDGE + 9.0)
        );
    }
    labels_below(&mut svg, &x, bottom, " s");
    svg.push_str("</svg>");
    svg
}

fn opened(title: &str, height: f32) -> String {
    format!("<svg viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-label=\"{}\">", escaped(title))
}

/// Labelled axes with a fine grid.
fn axes(svg: &mut String, x: &Axis, y: &Axis) {
    for value in y.ticks() {
        let at = y.place(value);
        let _ = write!(
            svg,
            "<path class=\"grid\" d=\"M{LEFT} {at:.1}H{}\"/><text class=\"label y\" x=\"{}\" y=\"{:.1}\">{}</text>",
            WIDTH - EDGE,
            LEFT - 7.0,
            at + 4.0,
            number(value)
        );
    }
    labels_below(svg, x, y.places.start, "");
}

fn labels_below(svg: &mut String, x: &Axis, bottom: f32, unit: &str) {
    for value in x.ticks() {
        let at = x.place(value);
        // The last label would reach over the edge.
        let anchor = if WIDTH - 30.0 < at { "end" } else { "middle" };
        let _ = write!(
            svg,
            "<path class=\"tick\" d=\"M{at:.1} {}v4\"/><text class=\"label\" text-anchor=\"{anchor}\" x=\"{at:.1}\" \
             y=\"{}\">{}{unit}</text>",
            bottom,
            bottom + BOTTOM - 8.0,
            number(value)
        );
    }
}

/// A round value without the noise of its fraction.
fn number(value: f32) -> String {
    if 1_000.0 <= value.abs() {
        format!("{:.0}", value)
    } else {
        let text = format!("{value:.2}");
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_few() {
        for (values, expected) in [
            (0.0..8.0, vec![0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0]),
            (0.0..1_900.0, vec![0.0, 500.0, 1_000.0, 1_500.0]),
        ] {
            assert_eq!(Axis::across(values).ticks(), expected);
        }
        assert_eq!(number(7.5), "7.5");
        assert_eq!(number(10.0), "10");
        assert_eq!(number(0.0), "0");
    }

    #[test]
    fn a_curve_needs_two_points_that_are_numbers() {
        let point = |step, held_out| CurvePoint { step, learning: 8.0, held_out };
        assert_eq!(curve(&[]), None);
        assert_eq!(curve(&[point(1, 8.0), point(2, f32::NAN)]), None);
        assert!(curve(&[point(1, 8.0), point(2, 7.0)]).unwrap().contains("step 2"));
    }
}
