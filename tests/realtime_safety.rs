//! The audio thread neither allocates nor frees, whatever is played, turned or loaded: the allocator is the judge.

#[path = "support/guard.rs"]
mod guard;
mod support;

use guard::touches;
use mynah::engine::event::{EventKind, NoteOn};
use mynah::engine::param::{NUM_PARAMS, TABLE};
use mynah::engine::{Engine, EngineConfig, Event, Expression, NoteAddress, PreparedModel};
use mynah::tuning::Tuning;
use mynah::units::SampleRate;
use proptest::prelude::*;
use support::model;

fn address() -> impl Strategy<Value = NoteAddress> {
    let parts = (prop::option::of(0..16_u8), prop::option::of(0..128_u8), prop::option::of(0..8_i32));
    parts.prop_map(|(channel, key, note_id)| NoteAddress { channel, key, note_id })
}

fn kind() -> impl Strategy<Value = EventKind> {
    let value = prop_oneof![8 => -2.0..2.0_f32, 1 => any::<f32>()];
    let channel = 0..16_u8;
    prop_oneof![
        8 => (channel.clone(), 0..128_u8, prop::option::of(0..8_i32), value.clone())
            .prop_map(|(channel, key, note_id, velocity)| EventKind::NoteOn(NoteOn { channel, key, note_id, velocity })),
        4 => address().prop_map(EventKind::NoteOff),
        1 => address().prop_map(EventKind::Choke),
        3 => (address(), 0..Expression::ALL.len(), value.clone())
            .prop_map(|(note, which, value)| EventKind::Express { note, expression: Expression::ALL[which], value }),
        2 => (address(), 0..NUM_PARAMS, value.clone())
            .prop_map(|(note, id, amount)| EventKind::Modulate { note, id: TABLE[id].id, amount }),
        2 => (channel.clone(), value.clone()).prop_map(|(channel, value)| EventKind::Bend { channel, value }),
        2 => (channel.clone(), value.clone()).prop_map(|(channel, value)| EventKind::Pressure { channel, value }),
        4 => (channel, 0..128_u8, value.clone())
            .prop_map(|(channel, controller, value)| EventKind::Control { channel, controller, value }),
        8 => (0..NUM_PARAMS, 0.0..1.0_f32).prop_map(|(id, share)| {
            let spec = &TABLE[id];
            EventKind::Param { id: spec.id, value: spec.min + (spec.max - spec.min) * share }
        }),
        1 => Just(EventKind::FreeRunOn),
        1 => Just(EventKind::FreeRunOff),
    ]
}

/// Events of one block, its length, and whether a model and a tuning come before it.
fn block() -> impl Strategy<Value = (Vec<Event>, usize, bool)> {
    let events = prop::collection::vec((0..1_200_u32, kind()), 0..12).prop_map(|mut events| {
        events.sort_by_key(|(offset_samples, _)| *offset_samples);
        events.into_iter().map(|(offset_samples, kind)| Event { offset_samples, kind }).collect()
    });
    (events, 0..1_024_usize, prop::bool::weighted(0.2))
}

fn check(blocks: &[(Vec<Event>, usize, bool)]) {
    let sample_rate = SampleRate(48_000.0);
    let models = [model(1), model(2)];
    let prepared = PreparedModel::new(models[0].clone(), sample_rate);
    let (mut engine, mut handle) = Engine::new(EngineConfig { sample_rate, seed: 0 }, prepared);
    handle.meters().look(true);
    // Half of the keys have no pitch in the second.
    let odd = Tuning::from_scala("Odd\n2\n0.5\n1200.\n", Some("2\n0\n127\n60\n60\n440\n2\n0\nx\n"));
    let Ok(odd) = odd else { panic!("{odd:?}") };
    let tunings = [Tuning::equal(), odd];
    let [mut left, mut right] = [vec![f32::NAN; 1_024], vec![f32::NAN; 1_024]];
    for (block_idx, (events, num_samples, swap)) in blocks.iter().enumerate() {
        if *swap {
            // The only other owner of a model is its ring: were the engine to drop one, it would be freed there.
            handle.tune(tunings[block_idx % 2].pitches());
            handle.load(std::sync::Arc::new((*models[block_idx % 2]).clone()));
        }
        let (left, right) = (&mut left[..*num_samples], &mut right[..*num_samples]);
        let num_touches = touches(|| engine.process(events, left, right));
        assert_eq!(num_touches, 0, "block {block_idx} of {num_samples} samples: {events:?}");
        for sample in left.iter().chain(right.iter()) {
            assert!(sample.is_finite() && sample.abs() <= 1.0, "block {block_idx}: {sample}");
        }
        handle.tend();
    }
    let num_touches = touches(|| engine.reset());
    assert_eq!(num_touches, 0, "reset");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_block_touches_the_heap(blocks in prop::collection::vec(block(), 1..24)) {
        check(&blocks);
    }
}

#[test]
fn the_guard_sees_an_allocation_and_a_free() {
    let mut kept = Vec::new();
    assert_eq!(touches(|| kept = vec![0_u8; 8]), 1);
    assert_eq!(touches(|| drop(std::mem::take(&mut kept))), 1);
}

#[test]
fn a_flood_of_notes_and_models_touches_no_heap() {
    let on = |idx: u32| {
        let on = NoteOn { channel: (idx % 16) as u8, key: (idx % 128) as u8, note_id: None, velocity: 1.0 };
        Event { offset_samples: idx / 8, kind: EventKind::NoteOn(on) }
    };
    let flood: Vec<Event> = (0..2_000).map(on).collect();
    let blocks: Vec<_> = (0..8).map(|_| (flood.clone(), 512, true)).collect();
    check(&blocks);
}
