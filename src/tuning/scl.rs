//! The scale: its steps in cents.

use super::MAX_NOTES;
use super::lines::{Fault, Lines, Text, TuningError, first_word, shown};

/// Widest interval of a step from the beginning of the scale, cents: 100 octaves.
const MAX_CENTS: f64 = 120_000.0;

/// Characters of a description that serve as name.
const MOST_OF_NAME: usize = 120;

/// A scale. Its first note, of no interval, is understood.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Scale {
    /// In one line.
    pub name: String,
    /// Intervals of the degrees from 1 on, in any order; the last is that at which the scale repeats. Finite.
    pub cents: Vec<f64>,
}

impl Scale {
    pub(super) fn parse(content: &str) -> Result<Self, TuningError> {
        let mut lines = Lines::new(Text::Scale, content)?;
        let description = lines.next_line("its description (it may be empty)")?;
        const WANTED: &str = "the number of notes";
        let found = first_word(lines.next_value(WANTED)?);
        let announced: u64 = found.parse().map_err(|_| {
            lines.fault(Fault::NotNumber {
                found: shown(found),
                wanted: WANTED,
                min: 0.0,
                max: MAX_NOTES as f64,
            })
        })?;
        if u64::try_from(MAX_NOTES).is_ok_and(|most| most < announced) {
            return Err(lines.fault(Fault::TooManyNotes { announced }));
        }
        let (announced, count_line) = (announced as usize, lines.line);
        let mut cents = Vec::with_capacity(announced);
        for _ in 0..announced {
            let pitch = lines.next_value("all pitches that it announces")?;
            cents.push(cents_from_text(pitch).map_err(|fault| lines.fault(fault))?);
        }
        // Other text may follow. One pitch more is a slip that would move the octave.
        if lines.next_filled().is_some_and(|more| cents_from_text(more).is_ok()) {
            return Err(lines.fault(Fault::TooMany { announced, count_line }));
        }
        let name: String = description.chars().filter(|c| !c.is_control()).take(MOST_OF_NAME).collect();
        let name = if name.is_empty() { format!("{announced}-note scale") } else { name };
        Ok(Self { name, cents })
    }

    /// Interval of any degree from degree 0, cents: the scale repeats at its last step.
    pub(super) fn cents(&self, degree: i32) -> f64 {
        let (Some(period), Ok(num_notes)) = (self.cents.last(), i32::try_from(self.cents.len())) else {
            return 0.0;
        };
        let step = degree.rem_euclid(num_notes) as usize;
        let within = step.checked_sub(1).map_or(0.0, |before| self.cents[before]);
        f64::from(degree.div_euclid(num_notes)) * period + within
    }

    /// The interval at which the scale repeats, cents.
    pub(super) fn period(&self) -> f64 {
        self.cents.last().copied().unwrap_or(0.0)
    }
}

/// A pitch at the beginning of a line: cents if there is a dot, otherwise a ratio or a whole number. What follows it is
/// passed over, unless it makes another number of it (a decimal comma, a second slash).
fn cents_from_text(line: &str) -> Result<f64, Fault> {
    let not_pitch = || Fault::NotPitch { found: shown(line) };
    let length = number_length(line);
    let (number, rest) = line.split_at(length);
    let cents = if number.contains('.') {
        check_end(rest).ok_or_else(not_pitch)?;
        number.parse::<f64>().map_err(|_| not_pitch())?
    } else {
        let upper: f64 = number.parse().map_err(|_| not_pitch())?;
        let after = rest.trim_start();
        let lower = match after.strip_prefix('/') {
            // A slash after a space that no number follows is a remark.
            Some(below) if rest.len() == after.len() || begins_number(below.trim_start()) => {
                let below = below.trim_start();
                let (lower, rest) = below.split_at(number_length(below));
                check_end(rest).filter(|()| !lower.contains('.')).ok_or_else(not_pitch)?;
                lower.parse().map_err(|_| not_pitch())?
            }
            _ => {
                check_end(rest).ok_or_else(not_pitch)?;
                1.0
            }
        };
        if upper <= 0.0 || lower <= 0.0 {
            return Err(Fault::NotPositive { found: shown(line) });
        }
        1_200.0 * (libm::log2(upper) - libm::log2(lower))
    };
    // Numbers of hundreds of digits are infinite, and the difference of two of them is none.
    if cents.abs() <= MAX_CENTS { Ok(cents) } else { Err(Fault::TooWide { found: shown(line) }) }
}

/// Bytes of the number that a text begins with: a sign, digits, a dot, digits.
fn number_length(text: &str) -> usize {
    let digits = |from: usize| text[from..].bytes().take_while(u8::is_ascii_digit).count();
    let sign = usize::from(text.starts_with(['+', '-']));
    let whole = sign + digits(sign);
    if text[whole..].starts_with('.') { whole + 1 + digits(whole + 1) } else { whole }
}

fn begins_number(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit() || c == '-' || c == '+')
}

/// May a number end before this?
fn check_end(rest: &str) -> Option<()> {
    let ends = |c: char| c.is_whitespace() || c.is_alphabetic() || c == '!';
    rest.chars().next().is_none_or(ends).then_some(())
}
