//! The keyboard mapping: which key plays which degree of a scale, and the frequency of one of them.

use super::lines::{Fault, Lines, Text, TuningError, first_word, shown};
use super::scl::Scale;
use super::{KeyPitches, MAX_NOTES, NUM_KEYS, PITCH_RANGE, pitch_from_hz};

/// The last MIDI key.
const LAST_KEY: u8 = NUM_KEYS as u8 - 1;
/// The key that is the beginning of the scale without a mapping.
const MIDDLE_KEY: u8 = 60;
/// Furthest degree that a key may play.
const MAX_DEGREE: i32 = 10_000;
/// Reference frequencies that make sense, Hz.
const REFERENCE_HZ: core::ops::RangeInclusive<f64> = 0.1..=100_000.0;

/// Which key plays which degree.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Mapping {
    /// Degrees of the keys from `middle` on, which repeat; none: each key is a degree.
    degrees: Vec<Option<i32>>,
    first: u8,
    last: u8,
    middle: u8,
    reference: u8,
    /// Where the reference key stands in the text.
    reference_line: usize,
    /// Pitch of the reference key, in MIDI keys.
    reference_pitch: f64,
    /// Degree by whose interval the map repeats; 0 is the last of the scale.
    octave: i32,
}

impl Mapping {
    /// Each key a degree, as far as there are keys.
    pub(super) fn linear() -> Self {
        Self {
            degrees: Vec::new(),
            first: 0,
            last: LAST_KEY,
            middle: MIDDLE_KEY,
            reference: MIDDLE_KEY,
            reference_line: 1,
            reference_pitch: f64::from(MIDDLE_KEY),
            octave: 0,
        }
    }

    pub(super) fn parse(content: &str) -> Result<Self, TuningError> {
        let mut lines = Lines::new(Text::Mapping, content)?;
        let num_keys = lines.next_whole("the size of the map", 0..=MAX_NOTES as i32)? as usize;
        let count_line = lines.line;
        let first = key(&mut lines, "the first MIDI key")?;
        let last = key(&mut lines, "the last MIDI key")?;
        if last < first {
            return Err(lines.fault(Fault::NoKeys { first, last }));
        }
        let middle = key(&mut lines, "the middle MIDI key")?;
        let reference = key(&mut lines, "the reference MIDI key")?;
        let reference_line = lines.line;
        let reference_hz = lines.next_number("the reference frequency in Hz", REFERENCE_HZ)?;
        let octave = lines.next_whole("the degree of the formal octave", 0..=MAX_DEGREE)?;
        let mut degrees = Vec::with_capacity(num_keys);
        while let Some(entry) = lines.next_filled() {
            let degree = degree(entry);
            // Other text may follow the map; one entry more is a slip that would move all.
            match degree {
                Some(_) if degrees.len() == num_keys && 0 < num_keys => {
                    return Err(lines.fault(Fault::TooMany { announced: num_keys, count_line }));
                }
                _ if degrees.len() == num_keys => break,
                Some(degree) => degrees.push(degree),
                None => return Err(lines.fault(Fault::NotDegree { found: shown(first_word(entry)) })),
            }
        }
        // Unmapped keys at the end may be left out.
        degrees.resize(num_keys, None);
        let reference_pitch = pitch_from_hz(reference_hz);
        Ok(Self { degrees, first, last, middle, reference, reference_line, reference_pitch, octave })
    }

    /// The pitches that keys have with a scale.
    pub(super) fn pitches(&self, scale: &Scale) -> Result<KeyPitches, TuningError> {
        let reference_cents = self.cents(scale, self.reference).ok_or(TuningError::Malformed {
            text: Text::Mapping,
            line: self.reference_line,
            fault: Fault::UnmappedReference { key: self.reference },
        })?;
        let pitch = |key: u8| {
            let cents = self.cents(scale, key).filter(|_| (self.first..=self.last).contains(&key))?;
            let pitch = (self.reference_pitch + (cents - reference_cents) / 100.0) as f32;
            (PITCH_RANGE[0]..=PITCH_RANGE[1]).contains(&pitch).then_some(pitch)
        };
        Ok(KeyPitches { pitches: core::array::from_fn(|key| pitch(key as u8)) })
    }

    /// Interval of a key from degree 0 at the middle key.
    fn cents(&self, scale: &Scale, key: u8) -> Option<f64> {
        let steps = i32::from(key) - i32::from(self.middle);
        let num_keys = self.degrees.len() as i32;
        if num_keys == 0 {
            return Some(scale.cents(steps));
        }
        let degree = self.degrees[steps.rem_euclid(num_keys) as usize]?;
        let octave = if self.octave == 0 { scale.period() } else { scale.cents(self.octave) };
        Some(scale.cents(degree) + f64::from(steps.div_euclid(num_keys)) * octave)
    }
}

fn key(lines: &mut Lines<'_>, wanted: &'static str) -> Result<u8, TuningError> {
    lines.next_whole(wanted, 0..=i32::from(LAST_KEY)).map(|key| key as u8)
}

/// An entry of the map: a degree, or none for `x`.
fn degree(entry: &str) -> Option<Option<i32>> {
    let word = first_word(entry);
    if word.eq_ignore_ascii_case("x") {
        return Some(None);
    }
    let number: i32 = word.parse().ok()?;
    (-MAX_DEGREE..=MAX_DEGREE).contains(&number).then_some(Some(number))
}
