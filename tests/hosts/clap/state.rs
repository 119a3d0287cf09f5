//! What a host saves and opens again: the parameters and the whole model.

use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use mynah::model::builtin::FACTORY;

use crate::host::{Act, Instance, Sound};
use crate::process::{answer, ask};

const KEY: u16 = 69;

/// Many times what saving or opening a state takes when nothing else runs.
const LONGEST: Duration = Duration::from_millis(400);

fn take(instance: &mut Instance) -> Sound {
    instance.play(24_000, 480, &[(100, Act::On(KEY)), (12_000, Act::Off(KEY))])
}

/// A state as a host keeps it: its length, and JSON.
pub(crate) fn state(json: &str) -> Vec<u8> {
    [&(json.len() as u64).to_le_bytes(), json.as_bytes()].concat()
}

/// A state with the violin in it and some parameters turned.
fn violin() -> Vec<u8> {
    let bytes = FACTORY.iter().find(|factory| factory.key == "violin").unwrap().bytes;
    let model = BASE64_STANDARD.encode(bytes);
    state(&format!(
        r#"{{"version":"0.1.0","params":{{"formant":{{"f32":3.0}},"output":{{"f32":-9.0}},"take":{{"i32":7}}}},
        "fields":{{"version":"1","model":"{model}"}}}}"#
    ))
}

#[test]
fn a_state_opened_in_another_process_gives_the_same_samples() {
    const SELF: &str = "state::a_state_opened_in_another_process_gives_the_same_samples";
    let opened_before_activation = |state: Vec<u8>| {
        let mut instance = Instance::new();
        assert!(instance.load(&state), "the state is taken");
        instance.activate(48_000.0);
        take(&mut instance).to_bytes()
    };
    if answer(opened_before_activation) {
        return;
    }
    let mut instance = Instance::new();
    assert!(instance.load(&violin()), "the state is taken");
    instance.activate(48_000.0);
    let saved = instance.save();
    let sound = take(&mut instance);
    assert!(0.003 < sound.peak_from(0), "the note is heard");
    assert!(sound != take(&mut Instance::active()), "another model sounds different");
    assert!(sound.to_bytes() == ask(SELF, &saved), "another process plays the same samples");
    assert!(instance.save() == saved, "playing changes nothing that is saved");
}

#[test]
fn a_state_opened_while_audio_runs_gives_the_same_samples() {
    let mut before = Instance::new();
    assert!(before.load(&violin()), "the state is taken");
    before.activate(48_000.0);
    let expected = take(&mut before);
    let mut instance = Instance::active();
    instance.play(4_800, 480, &[]);
    assert!(instance.load(&violin()), "the state is taken");
    assert_eq!(take(&mut instance).first_difference(&expected), None);
    assert!(instance.load(&violin()), "and again, over a note that has just been played");
    instance.reset();
    assert_eq!(take(&mut instance).first_difference(&expected), None);
}

#[test]
fn the_last_of_many_states_is_what_plays() {
    let mut before = Instance::new();
    assert!(before.load(&violin()), "the state is taken");
    before.activate(48_000.0);
    let expected = take(&mut before);
    let voice = state(r#"{"version":"0.1.0","params":{},"fields":{}}"#);
    let browse = |instance: &mut Instance| {
        let states = [&violin(), &voice, &voice, &violin()];
        assert!(states.iter().all(|state| instance.load(state)), "the states are taken");
    };
    let mut instance = Instance::active();
    take(&mut instance);
    instance.deactivate();
    browse(&mut instance);
    instance.activate(48_000.0);
    assert_eq!(take(&mut instance).first_difference(&expected), None, "opened while not active");
    browse(&mut instance);
    instance.reset();
    // The audio thread takes what came first, and then, some blocks later, what came last.
    let settled = (0..100).any(|_| {
        std::thread::sleep(Duration::from_millis(20));
        instance.play(480, 480, &[]);
        instance.reset();
        take(&mut instance).first_difference(&expected).is_none()
    });
    assert!(settled, "opened while active, without a block between");
}

#[test]
fn a_state_of_parameters_alone_plays_the_built_in_voice() {
    let mut instance = Instance::new();
    assert!(instance.load(&violin()), "the state is taken");
    let old = state(r#"{"version":"0.0.1","params":{"formant":{"f32":0.0},"gone":{"i32":3}},"fields":{}}"#);
    assert!(instance.load(&old), "an old state is taken");
    instance.flush(&[]);
    let defaults = Instance::new().params();
    let acts: Vec<Act> = defaults.iter().map(|param| Act::Param(param.id, param.default)).collect();
    instance.flush(&acts);
    instance.activate(48_000.0);
    assert_eq!(take(&mut instance).first_difference(&take(&mut Instance::active())), None);
}

#[test]
fn a_damaged_state_is_refused_or_replaced_and_the_instrument_plays() {
    let whole = violin();
    let json = String::from_utf8(whole[8..].to_vec()).unwrap();
    let damaged_model = json.replacen("AAAA", "BAD!", 1);
    let lying = |num_bytes: u64| [&num_bytes.to_le_bytes(), json.as_bytes()].concat();
    let refused = [
        Vec::new(),
        vec![1, 2, 3],
        state(""),
        state("{}"),
        state("null"),
        state(r#"{"version":1,"params":[],"fields":0}"#),
        whole[..whole.len() / 2].to_vec(),
        lying(u64::MAX),
        lying(1 << 40),
        lying(10),
    ];
    let taken = [
        state(&damaged_model),
        state(r#"{"version":"9.9.9","params":{},"fields":{"version":"9","model":"AAAA"}}"#),
        state(r#"{"version":"0.1.0","params":{"chance":{"f32":1e38},"mode":{"i32":-9}},"fields":{}}"#),
        state(
            r#"{"version":"0.1.0","params":{"chance":{"i32":1},"mode":{"f32":0.5}},"fields":{"window":"x"}}"#,
        ),
    ];
    let cases = refused.iter().map(|state| (state, false)).chain(taken.iter().map(|state| (state, true)));
    let mut instance = Instance::active();
    for (idx, (state, expected)) in cases.enumerate() {
        assert_eq!(instance.load(state), expected, "state {idx}");
        let sound = take(&mut instance);
        assert!((0.003..=1.0).contains(&sound.peak_from(0)), "state {idx}: the note is heard");
    }
    for param in instance.params() {
        let value = instance.value(param.id);
        assert!((param.min..=param.max).contains(&value), "{} is {value}", param.name);
    }
}

#[test]
fn saving_and_opening_are_quick() {
    let mut instance = Instance::active();
    for factory in FACTORY {
        let model = BASE64_STANDARD.encode(factory.bytes);
        let state = state(&format!(r#"{{"version":"0.1.0","params":{{}},"fields":{{"model":"{model}"}}}}"#));
        let start = Instant::now();
        assert!(instance.load(&state), "the state is taken");
        let opened = start.elapsed();
        let start = Instant::now();
        let num_bytes = instance.save().len();
        let saved = start.elapsed();
        println!("{}: opened in {opened:?}, saved in {saved:?}, {num_bytes} bytes", factory.key);
        assert!(opened.max(saved) < LONGEST, "opened in {opened:?}, saved in {saved:?}");
    }
}
