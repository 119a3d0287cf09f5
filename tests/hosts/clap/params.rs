//! Parameters as a host sees and turns them.

use mynah::engine::param::TABLE;

use crate::host::{Act, Instance, Sound};

const KEY: u16 = 57;

fn note_turned(name: &str, text: &str) -> Sound {
    let mut instance = Instance::active();
    let turned = instance.turned(name, text);
    instance.play(9_600, 480, &[(0, turned), (0, Act::On(KEY))])
}

#[test]
fn a_host_sees_every_parameter_at_its_default() {
    let mut instance = Instance::new();
    let params = instance.params();
    let names: Vec<&str> = params.iter().map(|param| param.name.as_str()).collect();
    assert_eq!(names, TABLE.map(|spec| spec.name));
    for (param, spec) in params.iter().zip(&TABLE) {
        assert!((param.min..=param.max).contains(&param.default), "{param:?}");
        assert_eq!(instance.value(param.id), param.default, "{}", param.name);
        assert_eq!(instance.text_from_value(param.id, param.default), spec.text(spec.default));
    }
}

#[test]
fn text_of_every_parameter_parses_back() {
    let mut instance = Instance::new();
    for param in instance.params() {
        for step in 0..=8 {
            let value = param.min + (param.max - param.min) * f64::from(step) / 8.0;
            let text = instance.text_from_value(param.id, value);
            let parsed = instance.value_from_text(param.id, &text).unwrap();
            assert_eq!(instance.text_from_value(param.id, parsed), text, "{} at {value}", param.name);
        }
        assert_eq!(instance.value_from_text(param.id, "no such value"), None, "{}", param.name);
    }
}

#[test]
fn parameters_are_turned_with_and_without_audio() {
    let mut instance = Instance::new();
    let Act::Param(formant, value) = instance.turned("Formant", "6 st") else { panic!("a parameter") };
    instance.flush(&[Act::Param(formant, value)]);
    assert_eq!(instance.value(formant), value);
    instance.activate(48_000.0);
    let sound = instance.play(9_600, 480, &[(0, Act::On(KEY))]);
    assert_eq!(sound.first_difference(&note_turned("Formant", "6 st")), None);
    instance.play(480, 480, &[(100, Act::Param(formant, 0.5))]);
    assert_eq!(instance.value(formant), 0.5);
}

#[test]
fn knobs_of_the_model_change_the_sound() {
    let plain = Instance::active().play(9_600, 480, &[(0, Act::On(KEY))]);
    for (name, text) in [("Chance", "0"), ("Memory", "0"), ("Formant", "6 st"), ("Breath", "1")] {
        let turned = note_turned(name, text);
        assert!(0.003 < turned.peak_from(0), "{name}: the note is heard");
        assert!(turned.first_difference(&plain).is_some(), "{name} changes nothing");
    }
}

#[test]
fn values_out_of_range_are_survived() {
    let mut instance = Instance::active();
    let values = [-1e30, -1.0, 2.0, 1e30, f64::NAN, f64::INFINITY];
    let acts: Vec<_> = instance
        .params()
        .into_iter()
        .flat_map(|param| values.map(|value| (0, Act::Param(param.id, value))))
        .chain([(1, Act::On(KEY))])
        .collect();
    let sound = instance.play(9_600, 480, &acts);
    assert!(sound.channels.iter().flatten().all(|sample| sample.abs() <= 1.0), "finite and limited");
    for param in instance.params() {
        let value = instance.value(param.id);
        assert!((param.min..=param.max).contains(&value), "{} is {value}", param.name);
    }
}
