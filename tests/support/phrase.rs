//! A phrase that uses everything that has a time, and the engine playing it.

use super::support::model;
use mynah::engine::event::{EventKind, NoteOn};
use mynah::engine::{Engine, EngineConfig, Event, Expression, NoteAddress, ParamId, PreparedModel};
use mynah::units::SampleRate;

/// Length of the phrase.
pub(crate) const NUM_SAMPLES: usize = 48_000;

/// A phrase that uses everything that has a time: events at odd samples, chords, controllers, automation, choir, pedal.
pub(crate) fn phrase() -> Vec<Event> {
    let at = |offset_samples, kind| Event { offset_samples, kind };
    let on = |at_samples, channel, key| {
        at(at_samples, EventKind::NoteOn(NoteOn { channel, key, note_id: Some(key.into()), velocity: 0.7 }))
    };
    let off =
        |at_samples, channel, key| at(at_samples, EventKind::NoteOff(NoteAddress::of_key(channel, key)));
    let control =
        |at_samples, controller, value| at(at_samples, EventKind::Control { channel: 0, controller, value });
    let param = |at_samples, id, value| at(at_samples, EventKind::Param { id, value });
    let note = NoteAddress::of_key(0, 64);
    let mut events = vec![
        param(0, ParamId::Chance, 1.0),
        param(0, ParamId::OwnPitch, 0.5),
        param(0, ParamId::Spread, 1.0),
        on(3, 0, 60),
        on(3, 0, 64),
        on(3, 1, 67),
        control(1_000, 1, 0.5),
        at(2_345, EventKind::Express { note, expression: Expression::Tune, value: 0.3 }),
        at(2_345, EventKind::Express { note, expression: Expression::Pan, value: -0.6 }),
        at(3_001, EventKind::Modulate { note, id: ParamId::Formant, amount: 3.0 }),
        at(4_097, EventKind::Bend { channel: 0, value: -0.5 }),
        control(5_000, 64, 1.0),
        off(5_500, 0, 60),
        param(6_001, ParamId::Pace, 0.37),
        param(6_001, ParamId::Breath, 0.8),
        param(9_001, ParamId::Pace, 3.1),
        param(9_002, ParamId::Choir, 5.0),
        param(9_002, ParamId::Voices, 9.0),
        on(9_003, 0, 55),
        on(9_500, 2, 50),
        on(9_501, 2, 52),
        param(12_000, ParamId::Pace, 1.0),
        param(12_000, ParamId::Output, 12.0),
        control(20_000, 64, 0.0),
        at(21_111, EventKind::Choke(NoteAddress::of_channel(2))),
        param(22_000, ParamId::Mode, 2.0),
        param(22_000, ParamId::Glide, 0.2),
        param(22_000, ParamId::Choir, 1.0),
        on(22_001, 0, 70),
        on(25_003, 0, 74),
        off(28_007, 0, 74),
        off(31_013, 0, 70),
        at(33_000, EventKind::FreeRunOn),
        at(40_000, EventKind::FreeRunOff),
    ];
    events.extend((0..100).map(|idx| param(34_000 + 13 * idx, ParamId::Formant, idx as f32 / 10.0 - 5.0)));
    events.sort_by_key(|event| event.offset_samples);
    events
}

/// Plays the phrase in blocks of a length, over samples of `marker`.
pub(crate) fn played(sample_rate: f32, block_samples: usize, marker: f32) -> [Vec<f32>; 2] {
    let sample_rate = SampleRate(sample_rate);
    let config = EngineConfig { sample_rate, seed: 11 };
    let (mut engine, _handle) = Engine::new(config, PreparedModel::new(model(1), sample_rate));
    let [mut left, mut right] = [vec![marker; NUM_SAMPLES], vec![marker; NUM_SAMPLES]];
    let phrase = phrase();
    let mut events = phrase.iter().peekable();
    let blocks = left.chunks_mut(block_samples).zip(right.chunks_mut(block_samples));
    for (block_idx, (left, right)) in blocks.enumerate() {
        let begin = block_idx * block_samples;
        let mut block_events = Vec::new();
        while let Some(event) = events.next_if(|event| (event.offset_samples as usize) < begin + left.len()) {
            let offset_samples = event.offset_samples - begin as u32;
            block_events.push(Event { offset_samples, kind: event.kind });
        }
        engine.process(&block_events, left, right);
    }
    [left, right]
}
