//! What happens at a sample: notes, expressions, controllers, parameters.

use super::param::ParamId;

/// Something that happens at a sample of a block.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Event {
    /// Sample of the block, from 0. Events of a block come in this order; later than the block means at its end.
    pub offset_samples: u32,
    /// What happens.
    pub kind: EventKind,
}

/// What happens. Channels are 0 to 15; values out of range are clamped, NaN is passed over.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum EventKind {
    /// A key goes down.
    NoteOn(NoteOn),
    /// A key comes up.
    NoteOff(NoteAddress),
    /// Notes end at once, within a few milliseconds.
    Choke(NoteAddress),
    /// An expression of sounding notes changes.
    Express {
        /// Which notes.
        note: NoteAddress,
        /// Which expression.
        expression: Expression,
        /// Its new value.
        value: f32,
    },
    /// A parameter of sounding notes is offset from its value (CLAP's polyphonic modulation).
    Modulate {
        /// Which notes.
        note: NoteAddress,
        /// Which parameter.
        id: ParamId,
        /// Added to the parameter, in its own unit.
        amount: f32,
    },
    /// Pitch bend of a channel, −1 to 1, scaled by its bend range.
    Bend {
        /// Channel, 0 to 15.
        channel: u8,
        /// −1 to 1.
        value: f32,
    },
    /// Pressure of a channel, 0 to 1.
    Pressure {
        /// Channel, 0 to 15.
        channel: u8,
        /// 0 to 1.
        value: f32,
    },
    /// A MIDI controller; those that Mynah does not know are passed over.
    Control {
        /// Channel, 0 to 15.
        channel: u8,
        /// Controller number, 0 to 127.
        controller: u8,
        /// 0 to 1.
        value: f32,
    },
    /// A parameter takes a value.
    Param {
        /// Which parameter.
        id: ParamId,
        /// Its value, in its own unit.
        value: f32,
    },
    /// A free run begins: the model plays by itself, no key held.
    FreeRunOn,
    /// Free runs are released.
    FreeRunOff,
}

/// A key that goes down.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NoteOn {
    /// Channel, 0 to 15.
    pub channel: u8,
    /// MIDI key, 0 to 127.
    pub key: u8,
    /// The host's name for the note, if it has one.
    pub note_id: Option<i32>,
    /// 0 to 1.
    pub velocity: f32,
}

/// Which notes an event means: those that agree in everything named.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NoteAddress {
    /// Channel, 0 to 15, or every one.
    pub channel: Option<u8>,
    /// MIDI key, or every one.
    pub key: Option<u8>,
    /// The host's name for the note, or every one.
    pub note_id: Option<i32>,
}

impl NoteAddress {
    /// Notes of a key of a channel.
    pub fn of_key(channel: u8, key: u8) -> Self {
        Self { channel: Some(channel), key: Some(key), note_id: None }
    }

    /// Notes of a channel.
    pub fn of_channel(channel: u8) -> Self {
        Self { channel: Some(channel), key: None, note_id: None }
    }

    /// Does it mean this note?
    pub fn means(&self, note: &NoteOn) -> bool {
        // A note without a name of its own answers to any: the host that gave none names none.
        self.channel.is_none_or(|channel| channel == note.channel)
            && self.key.is_none_or(|key| key == note.key)
            && (self.note_id.is_none() || note.note_id.is_none() || self.note_id == note.note_id)
    }
}

/// What can be expressed for a single note.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expression {
    /// Semitones from the key, −120 to 120.
    Tune,
    /// 0 to 1: louder and brighter.
    Pressure,
    /// 0 (dark) through 0.5 (as learned) to 1 (bright).
    Brightness,
    /// Linear gain, 0 to 4.
    Volume,
    /// −1 (left) to 1 (right).
    Pan,
}

impl Expression {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Tune, Self::Pressure, Self::Brightness, Self::Volume, Self::Pan];
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(address: NoteAddress, expected: bool) {
        let note = NoteOn { channel: 1, key: 60, note_id: Some(7), velocity: 1.0 };
        assert_eq!(address.means(&note), expected, "{address:?}");
    }

    #[test]
    fn an_address_means_the_notes_that_agree_in_everything_named() {
        check(NoteAddress::default(), true);
        check(NoteAddress::of_key(1, 60), true);
        check(NoteAddress::of_key(1, 61), false);
        check(NoteAddress::of_channel(0), false);
        check(NoteAddress { note_id: Some(7), ..NoteAddress::default() }, true);
        check(NoteAddress { note_id: Some(8), ..NoteAddress::of_key(1, 60) }, false);
    }
}
