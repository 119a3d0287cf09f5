//! What a host sends, in the engine's words.

use mynah::engine::{EventKind, Expression, NoteAddress, NoteOn};
use nice_plug::midi::{Channel, Key, VoiceID};
use nice_plug::prelude::NoteEvent;

use crate::params::HostParams;

/// The engine's event for a host's; `None` for what the engine does not know. Audio thread.
///
/// Values of parameters come another way. A vibrato or an expression of a single note has no counterpart.
pub(crate) fn event_from_host(event: &NoteEvent<()>, params: &HostParams) -> Option<EventKind> {
    let express = |note, expression, value| Some(EventKind::Express { note, expression, value });
    match *event {
        NoteEvent::NoteOn { voice_id, channel, key, velocity, .. } => Some(EventKind::NoteOn(NoteOn {
            channel: channel.number().unwrap_or(0),
            key: key.number()?,
            note_id: voice_id.id(),
            velocity,
        })),
        NoteEvent::NoteOff { voice_id, channel, key, .. } => {
            Some(EventKind::NoteOff(address(voice_id, channel, key)))
        }
        NoteEvent::Choke { voice_id, channel, key, .. } => {
            Some(EventKind::Choke(address(voice_id, channel, key)))
        }
        NoteEvent::PolyPressure { voice_id, channel, key, pressure, .. } => {
            express(address(voice_id, channel, key), Expression::Pressure, pressure)
        }
        NoteEvent::PolyVolume { voice_id, channel, key, gain, .. } => {
            express(address(voice_id, channel, key), Expression::Volume, gain)
        }
        NoteEvent::PolyPan { voice_id, channel, key, pan, .. } => {
            express(address(voice_id, channel, key), Expression::Pan, pan)
        }
        NoteEvent::PolyTuning { voice_id, channel, key, tuning, .. } => {
            express(address(voice_id, channel, key), Expression::Tune, tuning)
        }
        NoteEvent::PolyBrightness { voice_id, channel, key, brightness, .. } => {
            express(address(voice_id, channel, key), Expression::Brightness, brightness)
        }
        NoteEvent::PolyModulation { voice_id, poly_modulation_id, normalized_offset, .. } => {
            let (id, amount) = params.modulation(poly_modulation_id, normalized_offset)?;
            let note = NoteAddress { note_id: Some(voice_id), ..NoteAddress::default() };
            Some(EventKind::Modulate { note, id, amount })
        }
        NoteEvent::MidiPitchBend { channel, value, .. } => {
            Some(EventKind::Bend { channel, value: 2.0 * value - 1.0 })
        }
        NoteEvent::MidiChannelPressure { channel, pressure, .. } => {
            Some(EventKind::Pressure { channel, value: pressure })
        }
        NoteEvent::MidiCC { channel, cc, value, .. } => {
            Some(EventKind::Control { channel, controller: cc, value })
        }
        _ => None,
    }
}

/// What a host is told of a note that has ended, so that it can let go of what it keeps for it. Audio thread.
pub(crate) fn host_from_ended(note: &NoteOn, timing: u32) -> NoteEvent<()> {
    NoteEvent::VoiceTerminated {
        timing,
        voice_id: note.note_id.map_or(VoiceID::Wildcard, VoiceID::ID),
        channel: Channel::Number(note.channel),
        key: Key::Number(note.key),
    }
}

fn address(voice_id: VoiceID, channel: Channel, key: Key) -> NoteAddress {
    NoteAddress { channel: channel.number(), key: key.number(), note_id: voice_id.id() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::Session;
    use mynah::engine::ParamId;

    const VOICE: VoiceID = VoiceID::ID(7);
    const CHANNEL: Channel = Channel::Number(2);
    const KEY: Key = Key::Number(60);
    const NOTE: NoteAddress = NoteAddress { channel: Some(2), key: Some(60), note_id: Some(7) };

    #[track_caller]
    fn check(event: NoteEvent<()>, expected: Option<EventKind>) {
        assert_eq!(event_from_host(&event, &HostParams::new(Session::new().0)), expected, "{event:?}");
    }

    #[test]
    fn notes_keep_their_address() {
        let on = NoteOn { channel: 2, key: 60, note_id: Some(7), velocity: 0.5 };
        let (timing, voice_id, channel, key) = (3, VOICE, CHANNEL, KEY);
        check(
            NoteEvent::NoteOn { timing, voice_id, channel, key, velocity: 0.5 },
            Some(EventKind::NoteOn(on)),
        );
        check(
            NoteEvent::NoteOff { timing, voice_id, channel, key, velocity: 0.0 },
            Some(EventKind::NoteOff(NOTE)),
        );
        check(NoteEvent::Choke { timing, voice_id, channel, key }, Some(EventKind::Choke(NOTE)));
        let ended = NoteEvent::VoiceTerminated { timing, voice_id, channel, key };
        assert_eq!(host_from_ended(&on, timing), ended);
        check(ended, None);
    }

    #[test]
    fn wildcards_mean_every_note() {
        let (voice_id, channel, key) = (VoiceID::Wildcard, Channel::Wildcard, Key::Wildcard);
        let everything = NoteAddress::default();
        check(NoteEvent::Choke { timing: 0, voice_id, channel, key }, Some(EventKind::Choke(everything)));
        check(NoteEvent::NoteOn { timing: 0, voice_id, channel, key, velocity: 1.0 }, None);
    }

    #[test]
    fn expressions_keep_their_unit() {
        let (timing, voice_id, channel, key) = (0, VOICE, CHANNEL, KEY);
        let express = |expression, value| Some(EventKind::Express { note: NOTE, expression, value });
        check(
            NoteEvent::PolyTuning { timing, voice_id, channel, key, tuning: -0.5 },
            express(Expression::Tune, -0.5),
        );
        check(
            NoteEvent::PolyVolume { timing, voice_id, channel, key, gain: 2.0 },
            express(Expression::Volume, 2.0),
        );
        check(
            NoteEvent::PolyPan { timing, voice_id, channel, key, pan: -1.0 },
            express(Expression::Pan, -1.0),
        );
        let brightness = NoteEvent::PolyBrightness { timing, voice_id, channel, key, brightness: 0.7 };
        check(brightness, express(Expression::Brightness, 0.7));
        let pressure = NoteEvent::PolyPressure { timing, voice_id, channel, key, pressure: 0.3 };
        check(pressure, express(Expression::Pressure, 0.3));
    }

    #[test]
    fn controllers_and_modulation_are_scaled() {
        let (timing, channel) = (0, 5);
        let bend = |value| NoteEvent::MidiPitchBend { timing, channel, value };
        check(bend(0.5), Some(EventKind::Bend { channel, value: 0.0 }));
        check(bend(0.0), Some(EventKind::Bend { channel, value: -1.0 }));
        let control = EventKind::Control { channel, controller: 64, value: 1.0 };
        check(NoteEvent::MidiCC { timing, channel, cc: 64, value: 1.0 }, Some(control));
        let pressure = EventKind::Pressure { channel, value: 0.25 };
        check(NoteEvent::MidiChannelPressure { timing, channel, pressure: 0.25 }, Some(pressure));
        let poly_modulation_id = ParamId::Formant as u32;
        let modulation =
            NoteEvent::PolyModulation { timing, voice_id: 7, poly_modulation_id, normalized_offset: -0.5 };
        let note = NoteAddress { note_id: Some(7), ..NoteAddress::default() };
        check(modulation, Some(EventKind::Modulate { note, id: ParamId::Formant, amount: -12.0 }));
    }
}
