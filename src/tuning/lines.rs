//! Lines of a text without its comments, and what is wrong with one.

use super::{MAX_BYTES, MAX_NOTES};
use core::ops::RangeInclusive;

/// Characters of a line that a message shows.
const MOST_SHOWN: usize = 40;

/// Which of the two texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Text {
    /// The scale, a `.scl` file.
    Scale,
    /// The keyboard mapping, a `.kbm` file.
    Mapping,
}

impl core::fmt::Display for Text {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::Scale => "scale",
            Self::Mapping => "keyboard mapping",
        })
    }
}

/// Why a tuning cannot be read.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum TuningError {
    /// Larger than any real one.
    #[error("the {text} has {num_bytes} bytes, at most {MAX_BYTES} are read; give another file")]
    TooLarge {
        /// Which text.
        text: Text,
        /// Its length.
        num_bytes: usize,
    },
    /// A line is not what its place in the format asks for.
    #[error("line {line} of the {text}: {fault}")]
    Malformed {
        /// Which text.
        text: Text,
        /// Number of the line, from 1.
        line: usize,
        /// What is wrong with it.
        fault: Fault,
    },
}

impl TuningError {
    /// The text that it is about.
    pub fn text(&self) -> Text {
        match self {
            Self::TooLarge { text, .. } | Self::Malformed { text, .. } => *text,
        }
    }
}

/// What is wrong with a line, and what to do about it.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// The text ends too soon.
    #[error("the file ends before {wanted}; add what is missing")]
    Ends {
        /// What should have come.
        wanted: &'static str,
    },
    /// No number, or one out of range.
    #[error("{found:?} is not {wanted}; write a number from {min} to {max}")]
    NotNumber {
        /// The beginning of what stands there.
        found: String,
        /// What should stand there.
        wanted: &'static str,
        /// Least that it may be.
        min: f64,
        /// Most that it may be.
        max: f64,
    },
    /// Not a pitch.
    #[error("{found:?} is not a pitch; write a ratio such as 3/2, or cents with a dot such as 701.955")]
    NotPitch {
        /// The beginning of what stands there.
        found: String,
    },
    /// A ratio that is no interval.
    #[error("{found:?} is a ratio of 0 or less, which is no interval; both its numbers must be above 0")]
    NotPositive {
        /// The beginning of what stands there.
        found: String,
    },
    /// A pitch beyond all hearing.
    #[error("{found:?} is more than 100 octaves; write a smaller interval")]
    TooWide {
        /// The beginning of what stands there.
        found: String,
    },
    /// Not an entry of a map.
    #[error("{found:?} is neither a degree of the scale nor x; write a whole number, or x for no note")]
    NotDegree {
        /// The beginning of what stands there.
        found: String,
    },
    /// More lines than were announced.
    #[error(
        "this is one more than the {announced} that line {count_line} announces; correct the number there"
    )]
    TooMany {
        /// The number announced.
        announced: usize,
        /// Where it stands.
        count_line: usize,
    },
    /// More notes than are read.
    #[error("{announced} notes, at most {MAX_NOTES} are read; give a smaller scale")]
    TooManyNotes {
        /// The number announced.
        announced: u64,
    },
    /// The range of keys is empty.
    #[error("the last key {last} is below the first, {first}; exchange them")]
    NoKeys {
        /// First key.
        first: u8,
        /// Last key.
        last: u8,
    },
    /// The pitch of all is given by a key that has none.
    #[error(
        "the reference key {key} is not mapped, so no key has a pitch; name one that the map gives a degree"
    )]
    UnmappedReference {
        /// The reference key.
        key: u8,
    },
}

/// The lines of a text that are no comments.
pub(super) struct Lines<'a> {
    text: Text,
    rest: Box<dyn Iterator<Item = (usize, &'a str)> + 'a>,
    /// Number of the line that was read last, from 1.
    pub(super) line: usize,
}

impl<'a> Lines<'a> {
    pub(super) fn new(text: Text, content: &'a str) -> Result<Self, TuningError> {
        if MAX_BYTES < content.len() {
            return Err(TuningError::TooLarge { text, num_bytes: content.len() });
        }
        // A mark of byte order that some editors write is no part of the first line.
        let content = content.strip_prefix('\u{feff}').unwrap_or(content);
        // Lines end with LF, CR LF, or, in files from the last century, CR.
        let lines = content.lines().flat_map(|line| line.split('\r'));
        let rest =
            lines.enumerate().map(|(idx, line)| (idx + 1, line)).filter(|(_, line)| !line.starts_with('!'));
        Ok(Self { text, rest: Box::new(rest), line: 1 })
    }

    /// The next line, even if it is blank.
    pub(super) fn next_line(&mut self, wanted: &'static str) -> Result<&'a str, TuningError> {
        match self.rest.next() {
            Some((line, content)) => {
                self.line = line;
                Ok(content.trim())
            }
            None => Err(self.fault(Fault::Ends { wanted })),
        }
    }

    /// The next line that is not blank, if there is one. Here an indented comment can be nothing else.
    pub(super) fn next_filled(&mut self) -> Option<&'a str> {
        loop {
            let content = self.next_line("").ok()?;
            if !content.is_empty() && !content.starts_with('!') {
                return Some(content);
            }
        }
    }

    /// The next line that is not blank.
    pub(super) fn next_value(&mut self, wanted: &'static str) -> Result<&'a str, TuningError> {
        self.next_filled().ok_or_else(|| self.fault(Fault::Ends { wanted }))
    }

    /// A whole number at the beginning of the next line that is not blank.
    pub(super) fn next_whole(
        &mut self,
        wanted: &'static str,
        range: RangeInclusive<i32>,
    ) -> Result<i32, TuningError> {
        let found = first_word(self.next_value(wanted)?);
        let number = found.parse().ok().filter(|number| range.contains(number));
        number
            .ok_or_else(|| self.not_number(found, wanted, f64::from(*range.start()), f64::from(*range.end())))
    }

    /// A number at the beginning of the next line that is not blank.
    pub(super) fn next_number(
        &mut self,
        wanted: &'static str,
        range: RangeInclusive<f64>,
    ) -> Result<f64, TuningError> {
        let found = first_word(self.next_value(wanted)?);
        let number = found.parse().ok().filter(|number| range.contains(number));
        number.ok_or_else(|| self.not_number(found, wanted, *range.start(), *range.end()))
    }

    fn not_number(&self, found: &str, wanted: &'static str, min: f64, max: f64) -> TuningError {
        self.fault(Fault::NotNumber { found: shown(found), wanted, min, max })
    }

    /// The line that was read last is wrong.
    pub(super) fn fault(&self, fault: Fault) -> TuningError {
        TuningError::Malformed { text: self.text, line: self.line, fault }
    }
}

pub(super) fn first_word(content: &str) -> &str {
    content.split_whitespace().next().unwrap_or("")
}

/// As much of a line as a message can show.
pub(super) fn shown(content: &str) -> String {
    content.chars().take(MOST_SHOWN).collect()
}
