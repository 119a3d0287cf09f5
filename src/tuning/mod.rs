//! A tuning: which pitch each key has, by default equal temperament, otherwise from the two text formats of Scala.
//!
//! A scale file (`.scl`) names the steps of a scale, a keyboard mapping (`.kbm`) the keys that play them. Both are read
//! after their published descriptions (M. Op de Coul, Huygens-Fokker foundation: "Scala scale file format", and
//! "Keyboard mappings" in the help of Scala). A published reader, the crate `tune` 0.37, was tried: it refuses scales
//! with an empty description, and text after the last pitch.
//!
//! Where the descriptions leave a choice: keys outside the range of a mapping are unmapped, as are keys whose pitch is
//! out of [`PITCH_RANGE`]; a formal octave of 0 is the last step of the scale; blank lines are passed over but for the
//! description. The pitch of a mapped key is that of its degree, and of the formal octave for each repetition of the
//! map.

mod kbm;
mod lines;
mod scl;
#[cfg(test)]
mod tests;

use crate::units::CONCERT_A_HZ;
use kbm::Mapping;
pub use lines::{Fault, Text, TuningError};
use scl::Scale;
use std::borrow::Cow;

/// Number of MIDI keys.
pub const NUM_KEYS: usize = 128;

/// Lowest and highest pitch that is played, in MIDI keys: 4 Hz and 42 kHz.
pub const PITCH_RANGE: [f32; 2] = [-12.0, 148.0];

/// Longest text that is read, bytes.
pub const MAX_BYTES: usize = 1 << 20;

/// Most notes of a scale, and most keys of a map.
pub const MAX_NOTES: usize = 1_024;

/// The pitches of all keys: what the engine needs of a tuning, small enough to be copied.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct KeyPitches {
    /// Pitch of each key in MIDI keys, 69 for 440 Hz; `None` if the key does not sound.
    ///
    /// Invariant: all within [`PITCH_RANGE`].
    pitches: [Option<f32>; NUM_KEYS],
}

impl KeyPitches {
    /// Twelve equal steps to the octave, key 69 at 440 Hz.
    pub fn equal() -> Self {
        Self { pitches: core::array::from_fn(|key| Some(key as f32)) }
    }

    /// Pitch of a key in MIDI keys, with its fraction; `None` if the key does not sound.
    pub fn of(&self, key: u8) -> Option<f32> {
        self.pitches.get(usize::from(key)).copied().flatten()
    }
}

/// A tuning with the texts that it came from, so that a session can save them.
///
/// ```
/// use mynah::tuning::Tuning;
///
/// let just = Tuning::from_scala("Just triad\n3\n5/4\n3/2\n2/1\n", None)?;
/// assert_eq!(just.name(), "Just triad");
/// let fifth = just.pitches().of(62).zip(just.pitches().of(60)).map(|(high, low)| high - low);
/// assert!(fifth.is_some_and(|semitones| (semitones - 7.019_55).abs() < 1e-5));
/// # Ok::<(), mynah::tuning::TuningError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Tuning {
    name: String,
    pitches: KeyPitches,
    scl: Option<String>,
    kbm: Option<String>,
}

impl Tuning {
    /// Twelve equal steps to the octave, key 69 at 440 Hz.
    pub fn equal() -> Self {
        Self { name: "Equal temperament".to_owned(), pitches: KeyPitches::equal(), scl: None, kbm: None }
    }

    /// Reads the text of a scale file and of a keyboard mapping. Without one, each key is a step of the scale, and key 60
    /// is its beginning, at the pitch that it has in equal temperament.
    ///
    /// # Errors
    ///
    /// When a text is not of its format: [`TuningError`] names the line and what to do.
    pub fn from_scala(scl: &str, kbm: Option<&str>) -> Result<Self, TuningError> {
        let scale = Scale::parse(scl)?;
        let mapping = kbm.map_or_else(|| Ok(Mapping::linear()), Mapping::parse)?;
        let pitches = mapping.pitches(&scale)?;
        let (scl, kbm) = (Some(scl.to_owned()), kbm.map(str::to_owned));
        Ok(Self { name: scale.name, pitches, scl, kbm })
    }

    /// Its name for people, in one line.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The pitches of all keys.
    pub fn pitches(&self) -> &KeyPitches {
        &self.pitches
    }

    /// The text of the scale file, if it came from one.
    pub fn scl(&self) -> Option<&str> {
        self.scl.as_deref()
    }

    /// The text of the keyboard mapping, if it came with one.
    pub fn kbm(&self) -> Option<&str> {
        self.kbm.as_deref()
    }
}

impl Default for Tuning {
    fn default() -> Self {
        Self::equal()
    }
}

/// The text of a file: UTF-8, or else ISO 8859-1, in which the archive of Scala's scales is written.
pub fn text_from_bytes(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => Cow::Owned(bytes.iter().copied().map(char::from).collect()),
    }
}

/// Pitch in MIDI keys of a frequency, in full precision: 440 Hz is 69 to the last bit.
fn pitch_from_hz(hz: f64) -> f64 {
    69.0 + 12.0 * libm::log2(hz / f64::from(CONCERT_A_HZ))
}
