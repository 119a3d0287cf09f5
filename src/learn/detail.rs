//! The detail codec of a corpus: weighted principal components of what the frame codec leaves out.

use super::corpus::Event;
use super::eigen::symmetric_eigen;
use super::whiten::weights;
use crate::model::codec::Codec;
use crate::model::detail::{
    DETAIL_VALUES, DetailCodec, LEAST_COMPONENTS, MOST_COMPONENTS, details, importance,
};
use crate::model::memory::MAX_FRAMES;
use crate::vocoder::moment::Moment;

/// Most frames that it is learned from, spread evenly.
const MOST_FRAMES: usize = 20_000;
/// Least standard deviation of a component: a corpus of one tone has no more.
const LEAST_DEVIATION: f64 = 0.02;

/// Learns the detail codec from the events that are not held out; `None` soon after `wanted` says no.
pub(crate) fn learn_detail(
    events: &[Event],
    codec: &Codec,
    wanted: &dyn Fn() -> bool,
) -> Option<DetailCodec> {
    let learned: Vec<&Event> = events.iter().filter(|event| !event.held_out).collect();
    let moments: Vec<&Moment> = learned.iter().flat_map(|event| &event.frames).collect();
    let weights = weights(&moments);
    let stride = moments.len().div_ceil(MOST_FRAMES).max(1);
    let importance: Vec<f64> = (0..DETAIL_VALUES).map(importance).collect();
    let mut covariance = vec![0.0_f64; DETAIL_VALUES * DETAIL_VALUES];
    let total: f64 = weights.iter().step_by(stride).sum::<f64>().max(1e-9);
    let all = learned.iter().flat_map(|event| details(&event.frames, codec)).zip(&weights);
    for (detail, weight) in all.step_by(stride) {
        if !wanted() {
            return None;
        }
        let scaled: Vec<f64> = detail.iter().zip(&importance).map(|(v, i)| f64::from(*v) * i).collect();
        for (row, out) in scaled.iter().zip(covariance.chunks_exact_mut(DETAIL_VALUES)) {
            let share = weight / total * row;
            for (out, value) in out.iter_mut().zip(&scaled) {
                *out += share * value;
            }
        }
    }
    let (values, vectors) = symmetric_eigen(&covariance, DETAIL_VALUES);
    let num_components = num_components(moments.len());
    let mut components = Vec::with_capacity(num_components * DETAIL_VALUES);
    for (variance, vector) in values.iter().zip(&vectors).take(num_components) {
        let deviation = variance.max(0.0).sqrt().max(LEAST_DEVIATION);
        components.extend(vector.iter().zip(&importance).map(|(v, i)| (v / i * deviation) as f32));
    }
    Some(DetailCodec::from_components(&components))
}

/// Components of detail for as many frames: all that fit into the bytes that the detail of a full memory takes, in
/// whole bytes.
fn num_components(num_frames: usize) -> usize {
    let fitting = MAX_FRAMES * LEAST_COMPONENTS / num_frames.max(1);
    (fitting / 2 * 2).clamp(LEAST_COMPONENTS, MOST_COMPONENTS)
}

#[cfg(test)]
mod tests {
    use super::super::whiten::learn_codec;
    use super::*;
    use crate::model::codec::values_from_frame;
    use crate::model::detail::encode_all;
    use crate::vocoder::frame::{Frame, NUM_BANDS};
    use crate::vocoder::shape::interpolated;

    /// A formant that moves and bands that each flicker at a rate of their own, a pitch that wavers and a level that beats: more
    /// than 32 numbers hold, and no frame half-way is the middle.
    fn frame(at: f32) -> Frame {
        let formant = 30.0 + 12.0 * (0.31 * at).sin();
        let bump = |idx: usize| 25.0 * (-0.02 * (idx as f32 - formant).powi(2)).exp();
        Frame {
            pitch_hz: 200.0 * (0.02 * (2.9 * at).sin()).exp2(),
            loudness_db: -20.0 + 3.0 * (2.3 * at).cos(),
            envelope_db: core::array::from_fn(|idx| {
                -40.0 + bump(idx) + 4.0 * ((0.3 + 0.02 * idx as f32) * at + (idx * idx) as f32).sin()
            }),
            noise: core::array::from_fn(|idx| 0.4 + 0.3 * (1.1 * at + 0.2 * idx as f32).sin()),
        }
    }

    #[test]
    fn details_bring_back_what_the_codec_left_out_and_the_frame_half_way() {
        let moments: Vec<Moment> = (0..400)
            .map(|idx| {
                let at = idx as f32;
                Moment { frame: frame(at), half_way: frame(at - 0.5), voiced: true }
            })
            .collect();
        let event = Event { frames: moments, gate_frames: 390, file_idx: 0, held_out: false };
        let moments = &event.frames;
        let codec = learn_codec(core::slice::from_ref(&event), &|| true).unwrap();
        let detail = learn_detail(core::slice::from_ref(&event), &codec, &|| true).unwrap();
        let codes = encode_all(moments, &codec, &detail.encoder(), &|| true).unwrap();
        let off = |a: &Frame, b: &Frame| -> f32 {
            let values = values_from_frame(a).into_iter().zip(values_from_frame(b));
            values.take(NUM_BANDS).map(|(a, b)| (a - b) * (a - b)).sum::<f32>()
        };
        let (mut coded_off, mut restored_off, mut middle_off, mut half_way_off) = (0.0, 0.0, 0.0, 0.0);
        let mut before = moments[0].frame;
        for (moment, code) in moments.iter().zip(codes.chunks_exact(detail.num_bytes())).skip(1) {
            let coded = codec.frame_from_vector(&codec.vector_from_frame(&moment.frame));
            let mut restored = coded;
            detail.restore(code, &mut restored);
            let half_way = detail.half_way(code, &before, &restored);
            coded_off += off(&coded, &moment.frame);
            restored_off += off(&restored, &moment.frame);
            middle_off += off(&interpolated(&before, &restored, 0.5), &moment.half_way);
            half_way_off += off(&half_way.frame(), &moment.half_way);
            let pitch = (half_way.frame().pitch_hz / moment.half_way.pitch_hz).log2();
            assert!(pitch.abs() < 0.01, "pitch half-way off by {pitch} octaves");
            assert!(
                (half_way.frame().loudness_db - moment.half_way.loudness_db).abs() < 1.0,
                "level half-way"
            );
            before = restored;
        }
        assert!(
            restored_off < 0.1 * coded_off,
            "squared error {restored_off}, of the codec alone {coded_off}"
        );
        assert!(half_way_off < 0.25 * middle_off, "squared error {half_way_off}, of the middle {middle_off}");
    }
}
