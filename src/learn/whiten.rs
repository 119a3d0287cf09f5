//! The codec of a corpus: weighted principal components of its frames.
//!
//! I. T. Jolliffe (2002), *Principal Component Analysis*, §14.2 (weighted by variable and by observation). Points of
//! the envelope weigh by how much is heard there, frames by how loud they are.

use super::corpus::Event;
use super::eigen::symmetric_eigen;
use crate::model::codec::{Codec, FRAME_VALUES, TIMBRE_DIM, importance, values_from_frame};
use crate::vocoder::moment::Moment;

/// Level below the loudest frames at which a frame weighs half, dB.
const HALF_WEIGHT_DB: f32 = 35.0;
/// Least standard deviation of a dimension, dB: smaller ones are noise of measurement.
const LEAST_DEVIATION: f64 = 0.3;
/// Least standard deviation of pitch, octaves (a semitone), and of loudness, dB.
const LEAST_PITCH_STD: f32 = 1.0 / 12.0;
const LEAST_LOUDNESS_STD: f32 = 3.0;

/// Learns the codec from the events that are not held out; `None` soon after `wanted` says no.
pub(crate) fn learn_codec(events: &[Event], wanted: &dyn Fn() -> bool) -> Option<Codec> {
    let frames: Vec<_> =
        events.iter().filter(|event| !event.held_out).flat_map(|event| &event.frames).collect();
    let weights = weights(&frames);
    let total: f64 = weights.iter().sum::<f64>().max(1e-9);
    let importance: Vec<f64> = (0..FRAME_VALUES).map(importance).collect();

    let mut mean = vec![0.0_f64; FRAME_VALUES];
    let values: Vec<[f32; FRAME_VALUES]> =
        frames.iter().map(|frame| values_from_frame(&frame.frame)).collect();
    for (values, weight) in values.iter().zip(&weights) {
        for (mean, value) in mean.iter_mut().zip(values) {
            *mean += weight / total * f64::from(*value);
        }
    }
    let mut covariance = vec![0.0_f64; FRAME_VALUES * FRAME_VALUES];
    let mut centred = [0.0_f64; FRAME_VALUES];
    for (values, weight) in values.iter().zip(&weights) {
        if !wanted() {
            return None;
        }
        for idx in 0..FRAME_VALUES {
            centred[idx] = importance[idx] * (f64::from(values[idx]) - mean[idx]);
        }
        for (row, out) in covariance.chunks_exact_mut(FRAME_VALUES).enumerate() {
            let scaled = weight / total * centred[row];
            for (out, value) in out.iter_mut().zip(&centred) {
                *out += scaled * value;
            }
        }
    }
    let (_, vectors) = symmetric_eigen(&covariance, FRAME_VALUES);
    let mut codec = Codec {
        pitch_mean: 0.0,
        pitch_std: 1.0,
        loudness_mean: 0.0,
        loudness_std: 1.0,
        mean: mean.iter().map(|value| *value as f32).collect(),
        encode: vec![0.0; TIMBRE_DIM * FRAME_VALUES],
        decode: vec![0.0; TIMBRE_DIM * FRAME_VALUES],
    };
    let gestures = frames.iter().map(|frame| (frame.frame.pitch_hz.log2(), frame.frame.loudness_db));
    let (pitches, levels): (Vec<f32>, Vec<f32>) = gestures.unzip();
    (codec.pitch_mean, codec.pitch_std) = moments(&pitches, LEAST_PITCH_STD);
    (codec.loudness_mean, codec.loudness_std) = moments(&levels, LEAST_LOUDNESS_STD);
    for (d, vector) in vectors.iter().take(TIMBRE_DIM).enumerate() {
        if !wanted() {
            return None;
        }
        // Mean 0 and variance 1 over all frames alike: what the mixtures see.
        let scores: Vec<f64> = values
            .iter()
            .map(|values| {
                (0..FRAME_VALUES)
                    .map(|idx| vector[idx] * importance[idx] * (f64::from(values[idx]) - mean[idx]))
                    .sum()
            })
            .collect();
        let centre = scores.iter().sum::<f64>() / scores.len().max(1) as f64;
        let variance =
            scores.iter().map(|score| (score - centre).powi(2)).sum::<f64>() / scores.len().max(1) as f64;
        let deviation = variance.sqrt().max(LEAST_DEVIATION);
        for idx in 0..FRAME_VALUES {
            codec.encode[d * FRAME_VALUES + idx] = (vector[idx] * importance[idx] / deviation) as f32;
            codec.decode[d * FRAME_VALUES + idx] = (vector[idx] / importance[idx] * deviation) as f32;
        }
        // The mean frame moves so that the scores have mean 0.
        for idx in 0..FRAME_VALUES {
            codec.mean[idx] += (vector[idx] / importance[idx] * centre) as f32;
        }
    }
    Some(codec)
}

/// How much each frame counts, 0 to 1: by how loud it is.
pub(crate) fn weights(frames: &[&Moment]) -> Vec<f64> {
    let loudest = frames.iter().map(|moment| moment.frame.loudness_db).fold(-90.0, f32::max);
    let weight = |level: f32| 1.0 / (1.0 + f64::from((loudest - HALF_WEIGHT_DB - level) / 4.0).exp());
    frames.iter().map(|moment| weight(moment.frame.loudness_db)).collect()
}

fn moments(values: &[f32], least: f32) -> (f32, f32) {
    let count = values.len().max(1) as f64;
    let mean = values.iter().map(|value| f64::from(*value)).sum::<f64>() / count;
    let variance = values.iter().map(|value| (f64::from(*value) - mean).powi(2)).sum::<f64>() / count;
    (mean as f32, (variance.sqrt() as f32).max(least))
}
