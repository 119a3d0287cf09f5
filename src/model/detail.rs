//! Detail: what a remembered frame has beyond what the network knows of it.
//!
//! The codec's numbers are few, since each must be predicted; memory predicts nothing and can keep more. A remembered
//! frame keeps what the codec left out of it, and how the frame half-way to it (5 ms before) differs from the middle
//! between it and the frame before. Both together are coded by principal components, half a byte each: as many as leave a
//! memory of few frames no larger than a full one.

use super::codec::{self, Codec, FRAME_VALUES, set_values, values_from_frame};
use crate::dsp::maths;
use crate::dsp::packed_matrix::PackedMatrix;
use crate::vocoder::frame::Frame;
use crate::vocoder::moment::Moment;
use crate::vocoder::shape::interpolated;

/// Components that a frame's detail is coded by where memory is full, half a byte each.
pub const LEAST_COMPONENTS: usize = 96;
/// Most components, where frames are few: nearly all [`DETAIL_VALUES`].
pub const MOST_COMPONENTS: usize = 224;

/// Values that detail stands for: what the codec left out of a frame, then how the frame half-way differs from the
/// middle: its values, its loudness in dB and its pitch in octaves.
pub const DETAIL_VALUES: usize = 2 * FRAME_VALUES + 2;

/// Places of loudness and pitch half-way.
const LOUDNESS: usize = 2 * FRAME_VALUES;
const PITCH: usize = LOUDNESS + 1;

/// What half a byte stands for, standard deviations: the quantiser of least squared error for a Laplacian (J. Max 1960,
/// *Quantizing for minimum distortion*; levels for it in N. S. Jayant & P. Noll 1984, *Digital Coding of Waveforms*).
const LEVELS: [f32; 16] = [
    -4.432, -3.017, -2.178, -1.578, -1.111, -0.729, -0.405, -0.124, 0.124, 0.405, 0.729, 1.111, 1.578, 2.178,
    3.017, 4.432,
];

/// Furthest that the pitch half-way lies from the middle.
const MOST_OCTAVES: f32 = 0.5;

/// Weight of an error of loudness, which is one of all points of the envelope.
const LOUDNESS_IMPORTANCE: f64 = 5.0;
/// Weight of an error of pitch, by octave: a semitone counts as much as 25 dB at one point. Copies of speech without
/// pitch half-way lose 0.07 in PESQ and 0.08 in DistillMOS.
const PITCH_IMPORTANCE: f64 = 300.0;

/// A frame half-way.
#[derive(Clone, Copy, Debug)]
pub struct HalfWay {
    /// Its timbre, with pitch and loudness of the middle.
    pub middle: Frame,
    /// What its loudness differs from the middle by, dB.
    pub loudness_db: f32,
    /// What its pitch differs from the middle by, octaves.
    pub octaves: f32,
}

impl HalfWay {
    /// The frame as it was heard.
    pub fn frame(&self) -> Frame {
        let mut frame = self.middle;
        frame.loudness_db += self.loudness_db;
        frame.pitch_hz *= maths::exp2(self.octaves.clamp(-MOST_OCTAVES, MOST_OCTAVES));
        frame
    }
}

/// How details are decoded.
///
/// Invariant: as many components in both matrices.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DetailCodec {
    /// Components, in standard deviations, to the values of a frame and of the one half-way.
    /// Shape `[2 · FRAME_VALUES][components]`.
    timbre: PackedMatrix<TOGETHER>,
    /// Components to loudness and pitch half-way. Shape `[2][components]`.
    gesture: PackedMatrix<2>,
    num_components: usize,
}

/// Values that are decoded together.
const TOGETHER: usize = 16;
const _: () = assert!(FRAME_VALUES.is_multiple_of(TOGETHER), "a frame is whole groups");

impl DetailCodec {
    /// From what each component stands for in standard deviations. Shape `[components][DETAIL_VALUES]`,
    /// [`LEAST_COMPONENTS`] to [`MOST_COMPONENTS`] and an even number of them, or none.
    pub fn from_components(components: &[f32]) -> Self {
        let num_components = components.len() / DETAIL_VALUES;
        let row = |idx: usize| components[idx..].iter().step_by(DETAIL_VALUES).copied();
        let mut rows: Vec<f32> = Vec::with_capacity(components.len());
        if 0 < num_components {
            rows.extend((0..DETAIL_VALUES).flat_map(row));
        }
        let (timbre, gesture) = rows.split_at(LOUDNESS * num_components);
        Self {
            timbre: PackedMatrix::from_rows(timbre, num_components),
            gesture: PackedMatrix::from_rows(gesture, num_components),
            num_components,
        }
    }

    /// What each component stands for. Shape `[components][DETAIL_VALUES]`.
    pub fn components(&self) -> Vec<f32> {
        let mut rows = self.timbre.to_rows(self.num_components);
        rows.extend(self.gesture.to_rows(self.num_components));
        let num = self.num_components;
        (0..num).flat_map(|component| rows[component..].iter().step_by(num).copied()).collect()
    }

    /// How many components there are.
    pub fn num_components(&self) -> usize {
        self.num_components
    }

    /// Bytes of a frame's detail.
    pub fn num_bytes(&self) -> usize {
        self.num_components / 2
    }

    /// Adds to a frame as the codec gives it what `code` says was left out. Audio thread.
    pub fn restore(&self, code: &[u8], frame: &mut Frame) {
        let levels = self.levels(code);
        let mut values = [0.0_f32; FRAME_VALUES];
        self.timbre.affine_from(0, &values_from_frame(frame), levels.of_all(), &mut values);
        set_values(frame, &values);
    }

    /// The frame half-way from `before` to `frame`, both restored, of which `code` is the latter's. Audio thread.
    pub fn half_way(&self, code: &[u8], before: &Frame, frame: &Frame) -> HalfWay {
        let mut middle = interpolated(before, frame, 0.5);
        let levels = self.levels(code);
        let mut values = [0.0_f32; FRAME_VALUES];
        self.timbre.affine_from(FRAME_VALUES, &values_from_frame(&middle), levels.of_all(), &mut values);
        set_values(&mut middle, &values);
        let mut gesture = [0.0; 2];
        self.gesture.affine_from(0, &[0.0; 2], levels.of_all(), &mut gesture);
        HalfWay { middle, loudness_db: gesture[0], octaves: gesture[1] }
    }

    fn levels(&self, code: &[u8]) -> Levels {
        let mut levels =
            Levels { levels: [0.0; MOST_COMPONENTS], num: self.num_components.min(MOST_COMPONENTS) };
        for (levels, byte) in levels.levels.as_chunks_mut().0.iter_mut().zip(code) {
            *levels = [byte & 15, byte >> 4].map(|component| LEVELS[usize::from(component)]);
        }
        levels
    }

    /// What encodes: the inverse of decoding where rows are orthogonal once [weighted](importance), as they are learned.
    /// Shape `[components][DETAIL_VALUES]`.
    pub fn encoder(&self) -> Vec<f32> {
        let weights: Vec<f64> = (0..DETAIL_VALUES).map(|idx| importance(idx) * importance(idx)).collect();
        let components = self.components();
        let mut rows = Vec::with_capacity(components.len());
        for row in components.chunks_exact(DETAIL_VALUES) {
            let weighted = || row.iter().zip(&weights).map(|(value, weight)| f64::from(*value) * weight);
            let length: f64 = weighted().zip(row).map(|(weighted, value)| weighted * f64::from(*value)).sum();
            rows.extend(weighted().map(|weighted| (weighted / length.max(1e-9)) as f32));
        }
        rows
    }
}

/// What the half bytes of a code stand for, standard deviations; 0 beyond it.
struct Levels {
    levels: [f32; MOST_COMPONENTS],
    num: usize,
}

impl Levels {
    /// Those of all components.
    fn of_all(&self) -> &[f32] {
        &self.levels[..self.num]
    }
}

/// The details of moments that follow each other; `None` soon after `wanted` says no. `encoder` is
/// [`DetailCodec::encoder`]. Shape `[moments][bytes]`.
pub fn encode_all(
    moments: &[Moment],
    codec: &Codec,
    encoder: &[f32],
    wanted: &dyn Fn() -> bool,
) -> Option<Vec<u8>> {
    let component = |row: &[f32], detail: &[f32]| -> u8 {
        let value = product(row, detail);
        LEVELS.windows(2).filter(|pair| 0.5 * (pair[0] + pair[1]) < value).count() as u8
    };
    let mut codes = Vec::with_capacity(moments.len() * (encoder.len() / DETAIL_VALUES / 2));
    for detail in details(moments, codec) {
        if !wanted() {
            return None;
        }
        codes.extend(encoder.chunks_exact(2 * DETAIL_VALUES).map(|rows| {
            let (low, high) = rows.split_at(DETAIL_VALUES);
            component(low, &detail) | component(high, &detail) << 4
        }));
    }
    Some(codes)
}

/// Sum of products, in vectors but for what is left beyond whole lanes.
fn product(a: &[f32], b: &[f32]) -> f32 {
    let whole = a.len() - a.len() % maths::LANES;
    let rest: f32 = a[whole..].iter().zip(&b[whole..]).map(|(a, b)| a * b).sum();
    maths::dot(&a[..whole], &b[..whole]) + rest
}

/// What details stand for. The first moment has nothing half-way.
pub fn details<'a>(
    moments: &'a [Moment],
    codec: &'a Codec,
) -> impl Iterator<Item = [f32; DETAIL_VALUES]> + 'a {
    moments.iter().enumerate().map(|(idx, moment)| {
        let coded = codec.frame_from_vector(&codec.vector_from_frame(&moment.frame));
        match idx.checked_sub(1).map(|before| &moments[before].frame) {
            Some(before) => detail(&moment.frame, &coded, before, &moment.half_way),
            None => detail(&moment.frame, &coded, &moment.frame, &moment.frame),
        }
    })
}

fn detail(frame: &Frame, coded: &Frame, before: &Frame, half_way: &Frame) -> [f32; DETAIL_VALUES] {
    let mut detail = [0.0_f32; DETAIL_VALUES];
    let middle = interpolated(before, frame, 0.5);
    let differences = [(frame, coded), (half_way, &middle)];
    for ((a, b), out) in differences.into_iter().zip(detail.chunks_exact_mut(FRAME_VALUES)) {
        for ((out, a), b) in out.iter_mut().zip(values_from_frame(a)).zip(values_from_frame(b)) {
            *out = a - b;
        }
    }
    detail[LOUDNESS] = half_way.loudness_db - middle.loudness_db;
    detail[PITCH] = (half_way.pitch_hz / middle.pitch_hz).log2().clamp(-MOST_OCTAVES, MOST_OCTAVES);
    detail
}

/// How much an error in a value of detail is heard.
pub fn importance(idx: usize) -> f64 {
    match idx {
        LOUDNESS => LOUDNESS_IMPORTANCE,
        PITCH => PITCH_IMPORTANCE,
        _ => codec::importance(idx % FRAME_VALUES),
    }
}
