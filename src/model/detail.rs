//! Detail: what a remembered frame has beyond what the network knows of it.
//!
//! The codec's numbers are few, since each must be predicted; memory predicts nothing and can keep more. A remembered
//! frame keeps what the codec left out of it, and how the frame half-way to it (5 ms before) differs from the middle
//! between it and the frame before. Both together are coded by principal components, half a byte each: as many as leave a
//! memory of few frames no larger than a full one.

use super::codec::{self, Codec, FRAME_VALUES, set_values, values_from_frame};
use crate::dsp::maths;
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
#[derive(Clone, Debug, PartialEq)]
pub struct DetailCodec {
    /// Components, in standard deviations, to values. Shape `[components][DETAIL_VALUES]`, [`LEAST_COMPONENTS`] to
    /// [`MOST_COMPONENTS`] and an even number of them.
    pub decode: Vec<f32>,
}

impl DetailCodec {
    /// Bytes of a frame's detail.
    pub fn num_bytes(&self) -> usize {
        self.decode.len() / DETAIL_VALUES / 2
    }

    /// Adds to a frame as the codec gives it what `code` says was left out. Audio thread.
    pub fn restore(&self, code: &[u8], frame: &mut Frame) {
        let mut values = values_from_frame(frame);
        add(&self.decode, code, 0, &mut values);
        set_values(frame, &values);
    }

    /// The frame half-way from `before` to `frame`, both restored, of which `code` is the latter's. Audio thread.
    pub fn half_way(&self, code: &[u8], before: &Frame, frame: &Frame) -> HalfWay {
        let mut middle = interpolated(before, frame, 0.5);
        let mut values = values_from_frame(&middle);
        add(&self.decode, code, FRAME_VALUES, &mut values);
        set_values(&mut middle, &values);
        let mut gesture = [0.0; 2];
        add(&self.decode, code, LOUDNESS, &mut gesture);
        HalfWay { middle, loudness_db: gesture[0], octaves: gesture[1] }
    }

    /// What encodes: the inverse of decoding where rows are orthogonal once [weighted](importance), as they are learned.
    /// Shape `[components][DETAIL_VALUES]`.
    pub fn encoder(&self) -> Vec<f32> {
        let weights: Vec<f64> = (0..DETAIL_VALUES).map(|idx| importance(idx) * importance(idx)).collect();
        let mut rows = Vec::with_capacity(self.decode.len());
        for row in self.decode.chunks_exact(DETAIL_VALUES) {
            let weighted = || row.iter().zip(&weights).map(|(value, weight)| f64::from(*value) * weight);
            let length: f64 = weighted().zip(row).map(|(weighted, value)| weighted * f64::from(*value)).sum();
            rows.extend(weighted().map(|weighted| (weighted / length.max(1e-9)) as f32));
        }
        rows
    }
}

/// Adds the decoded values from the `first` on. Shape of `decode`: `[components][DETAIL_VALUES]`.
///
/// A few values at a time, all components of those: their sums stay in registers.
#[multiversion::multiversion(targets("x86_64+avx2", "x86_64+avx"))]
fn add(decode: &[f32], code: &[u8], first: usize, values: &mut [f32]) {
    const TOGETHER: usize = 56;
    let mut rows = [[0.0_f32; 2]; MOST_COMPONENTS / 2];
    for (levels, byte) in rows.iter_mut().zip(code) {
        *levels = [byte & 15, byte >> 4].map(|component| LEVELS[usize::from(component)]);
    }
    let rows = || rows.iter().zip(decode.chunks_exact(2 * DETAIL_VALUES)).take(code.len());
    let mut at = first;
    let (together, rest) = values.as_chunks_mut::<TOGETHER>();
    for values in together {
        let mut sums = *values;
        for ([low_level, high_level], rows) in rows() {
            let (low, high) = rows.split_at(DETAIL_VALUES);
            let (low, high) = (&low[at..at + TOGETHER], &high[at..at + TOGETHER]);
            for idx in 0..TOGETHER {
                sums[idx] = (sums[idx] + low_level * low[idx]) + high_level * high[idx];
            }
        }
        *values = sums;
        at += TOGETHER;
    }
    for ([low_level, high_level], rows) in rows() {
        let (low, high) = rows.split_at(DETAIL_VALUES);
        for ((value, low), high) in rest.iter_mut().zip(&low[at..]).zip(&high[at..]) {
            *value = (*value + low_level * low) + high_level * high;
        }
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
