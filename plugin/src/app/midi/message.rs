//! A MIDI message as an event of the engine (MIDI 1.0 specification).

use mynah::engine::{EventKind, Expression, NoteAddress, NoteOn};

/// The middle of the 14 bits of a pitch bend.
const BEND_CENTRE: i16 = 8_192;

/// What a message means to the instrument; `None` if nothing, or if it is no whole message.
pub(super) fn event_from_message(bytes: &[u8]) -> Option<EventKind> {
    let (&status, data) = bytes.split_first()?;
    let channel = status & 0x0f;
    let seven_bits = |idx: usize| data.get(idx).copied().filter(|byte| *byte < 128);
    let first = seven_bits(0)?;
    let unit = |byte: u8| f32::from(byte) / 127.0;
    Some(match status >> 4 {
        0x8 => note_off(channel, first),
        0x9 => match seven_bits(1)? {
            0 => note_off(channel, first),
            velocity => {
                EventKind::NoteOn(NoteOn { channel, key: first, note_id: None, velocity: unit(velocity) })
            }
        },
        0xa => EventKind::Express {
            note: NoteAddress::of_key(channel, first),
            expression: Expression::Pressure,
            value: unit(seven_bits(1)?),
        },
        0xb => EventKind::Control { channel, controller: first, value: unit(seven_bits(1)?) },
        0xd => EventKind::Pressure { channel, value: unit(first) },
        0xe => {
            let bend = i16::from(first) | i16::from(seven_bits(1)?) << 7;
            EventKind::Bend { channel, value: f32::from(bend - BEND_CENTRE) / f32::from(BEND_CENTRE) }
        }
        // Programs, and what the system sends: clocks, exclusive messages.
        _ => return None,
    })
}

fn note_off(channel: u8, key: u8) -> EventKind {
    EventKind::NoteOff(NoteAddress::of_key(channel, key))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(bytes: &[u8], expected: Option<EventKind>) {
        assert_eq!(event_from_message(bytes), expected, "{bytes:x?}");
    }

    #[test]
    fn notes_go_on_and_off() {
        let on = NoteOn { channel: 2, key: 60, note_id: None, velocity: 1.0 };
        check(&[0x92, 60, 127], Some(EventKind::NoteOn(on)));
        check(&[0x92, 60, 0], Some(EventKind::NoteOff(NoteAddress::of_key(2, 60))));
        check(&[0x82, 60, 64], Some(EventKind::NoteOff(NoteAddress::of_key(2, 60))));
        check(&[0x8f, 127, 0], Some(EventKind::NoteOff(NoteAddress::of_key(15, 127))));
    }

    #[test]
    fn controllers_pressure_and_bend_have_their_ranges() {
        check(&[0xb0, 64, 127], Some(EventKind::Control { channel: 0, controller: 64, value: 1.0 }));
        check(&[0xd3, 0], Some(EventKind::Pressure { channel: 3, value: 0.0 }));
        let (note, expression) = (NoteAddress::of_key(0, 60), Expression::Pressure);
        check(&[0xa0, 60, 127], Some(EventKind::Express { note, expression, value: 1.0 }));
        check(&[0xe0, 0, 64], Some(EventKind::Bend { channel: 0, value: 0.0 }));
        check(&[0xe0, 0, 0], Some(EventKind::Bend { channel: 0, value: -1.0 }));
        check(&[0xe0, 127, 127], Some(EventKind::Bend { channel: 0, value: 8_191.0 / 8_192.0 }));
    }

    #[test]
    fn what_is_cut_short_damaged_or_for_others_is_passed_over() {
        for bytes in [
            &[][..],
            &[0x90],
            &[0x90, 60],
            &[0x90, 200, 1],
            &[0x90, 60, 200],
            &[60, 1, 2],
            &[0xc0, 5],
            &[0xf8],
            &[0xf0, 1, 2, 0xf7],
        ] {
            check(bytes, None);
        }
    }

    #[test]
    fn any_three_bytes_are_taken() {
        for status in 0..=255 {
            for data in [[0, 0], [127, 127], [255, 255]] {
                let _ = event_from_message(&[status, data[0], data[1]]);
            }
        }
    }
}
