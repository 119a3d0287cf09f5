//! What must hold of a model besides its shapes, so that whoever plays it need not look.

use super::ModelError;
use crate::model::card::Card;
use crate::model::memory::{FLAG_END, FLAG_GATE, FLAG_START, FLAG_STRUCK};
use crate::model::{Memory, Model};

/// Largest magnitude of any number of a model; learned weights stay below a hundred.
pub(super) const MAX_VALUE: f32 = 1e4;

/// Smallest deviation, width or spread: smaller ones make densities that overflow.
const MIN_SPREAD: f32 = 1e-6;

/// Longest text on a card, characters.
const MAX_TEXT_CHARS: usize = 200;

/// Most entries of a list on a card.
const MAX_LIST: usize = 4_096;

pub(super) fn finite(name: &'static str, index: usize, value: f32) -> Result<f32, ModelError> {
    if value.is_finite() {
        return Ok(value);
    }
    Err(ModelError::Value { name, index, value: f64::from(value), bound: "finite".to_owned() })
}

/// Spreads above 0, indices that point at something, known flags.
pub(super) fn structure(model: &Model) -> Result<(), ModelError> {
    for (name, value) in [
        ("codec.pitch_std", model.codec.pitch_std),
        ("codec.loudness_std", model.codec.loudness_std),
        ("memory.width", model.memory.width),
        ("memory.spread", model.memory.spread),
    ] {
        if !(MIN_SPREAD..=MAX_VALUE).contains(&value) {
            let bound = format!("{MIN_SPREAD} to {MAX_VALUE}");
            return Err(ModelError::Value { name, index: 0, value: f64::from(value), bound });
        }
    }
    for (name, value) in
        [("codec.pitch_mean", model.codec.pitch_mean), ("codec.loudness_mean", model.codec.loudness_mean)]
    {
        if MAX_VALUE < value.abs() {
            let bound = format!("at most {MAX_VALUE} in magnitude");
            return Err(ModelError::Value { name, index: 0, value: f64::from(value), bound });
        }
    }
    let num_frames = model.memory.num_frames();
    below("memory.neighbours", &model.memory.neighbours, num_frames)?;
    below("memory.cell_frames", &model.memory.cell_frames, num_frames)?;
    below("map.memory_frames", &model.map.memory_frames, num_frames)?;
    flags(&model.memory.flags)?;
    cell_starts(&model.memory)?;
    for (index, position) in model.map.positions.iter().enumerate() {
        if 1.0 < position.abs() {
            return Err(ModelError::Value {
                name: "map.positions",
                index,
                value: f64::from(*position),
                bound: "-1 to 1".to_owned(),
            });
        }
    }
    Ok(())
}

fn below(name: &'static str, values: &[u16], num_frames: usize) -> Result<(), ModelError> {
    match values.iter().position(|value| num_frames <= usize::from(*value)) {
        None => Ok(()),
        Some(index) => Err(ModelError::Value {
            name,
            index,
            value: f64::from(values[index]),
            bound: format!("below the number of frames, {num_frames}"),
        }),
    }
}

fn flags(flags: &[u8]) -> Result<(), ModelError> {
    const KNOWN: u8 = FLAG_START | FLAG_END | FLAG_GATE | FLAG_STRUCK;
    match flags.iter().position(|flags| flags & !KNOWN != 0) {
        None => Ok(()),
        Some(index) => Err(ModelError::Value {
            name: "memory.flags",
            index,
            value: f64::from(flags[index]),
            bound: format!("at most {KNOWN}"),
        }),
    }
}

/// From 0, ascending, to the number of frames.
fn cell_starts(memory: &Memory) -> Result<(), ModelError> {
    let starts = &memory.cell_starts;
    let num_frames = memory.num_frames();
    let fail = |index: usize, bound: String| {
        let value = f64::from(starts.get(index).copied().unwrap_or(0));
        Err(ModelError::Value { name: "memory.cell_starts", index, value, bound })
    };
    if starts.first().is_some_and(|first| *first != 0) {
        return fail(0, "0".to_owned());
    }
    if let Some(index) = starts.windows(2).position(|pair| pair[1] < pair[0]) {
        return fail(index + 1, format!("at least {}, the one before", starts[index]));
    }
    if starts.last().is_some_and(|last| usize::from(*last) != num_frames) {
        return fail(starts.len() - 1, format!("the number of frames, {num_frames}"));
    }
    Ok(())
}

/// Reads a card. Text is cut and cleaned; lists that are too long are refused.
pub(super) fn card(json: &str) -> Result<Card, ModelError> {
    let mut card: Card = serde_json::from_str(json)
        .map_err(|error| ModelError::NotModel { reason: format!("its card does not read ({error})") })?;
    for (what, num) in [
        ("lengths of events on the card", card.corpus.event_seconds.len()),
        ("lengths of pauses on the card", card.corpus.pause_seconds.len()),
        ("points of the learning curve on the card", card.learning.curve.len()),
    ] {
        if MAX_LIST < num {
            return Err(ModelError::TooMany { what, num, max: MAX_LIST });
        }
    }
    clean(&mut card);
    Ok(card)
}

/// Makes a card fit to keep and to show: short text without control characters, lists within bounds, finite numbers
/// (JSON has no others; they become 0).
pub(super) fn clean(card: &mut Card) {
    for text in [&mut card.name, &mut card.author, &mut card.licence] {
        *text = text.chars().filter(|c| is_shown(*c)).take(MAX_TEXT_CHARS).collect();
    }
    thin(&mut card.corpus.event_seconds);
    thin(&mut card.corpus.pause_seconds);
    thin(&mut card.learning.curve);
    let corpus = &mut card.corpus;
    let learning = &mut card.learning;
    let numbers = [&mut corpus.seconds, &mut corpus.voiced_share, &mut learning.held_out]
        .into_iter()
        .chain(&mut corpus.pitch_range_hz)
        .chain(&mut corpus.loudness_range_db)
        .chain(&mut corpus.event_seconds)
        .chain(&mut corpus.pause_seconds)
        .chain(learning.curve.iter_mut().flat_map(|point| [&mut point.learning, &mut point.held_out]));
    for number in numbers.filter(|number| !number.is_finite()) {
        *number = 0.0;
    }
}

/// Neither control characters nor those that turn the direction of text: both can make a card show what it is not.
fn is_shown(c: char) -> bool {
    !c.is_control()
        && !matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Keeps at most [`MAX_LIST`] entries, evenly spread, the first and the last among them.
fn thin<T: Copy>(list: &mut Vec<T>) {
    let last = list.len().saturating_sub(1);
    if MAX_LIST <= last {
        *list = (0..MAX_LIST).map(|index| list[index * last / (MAX_LIST - 1)]).collect();
    }
}
