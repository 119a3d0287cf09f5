//! Notes and automation at their samples, in blocks of every length.

use clack_host::prelude::ProcessStatus;

use crate::host::{Act, Instance, SAMPLE_RATE_HZ, Sound};

const KEY: u16 = 57;

/// Beginning of the note, of what happens to it, and its end, samples: on no boundary of any block that is tried.
const ON: usize = 1_234;
const TURNED: usize = 7_001;
const OFF: usize = 13_331;

/// Two hops of 10 ms at 48 kHz: what is turned for the next frame is heard within them.
const HOPS: usize = 960;

/// Plays a note, and an act at [`TURNED`].
fn note_with(act: Option<Act>) -> Sound {
    let acts = [Some((ON, Act::On(KEY))), act.map(|act| (TURNED, act)), Some((OFF, Act::Off(KEY)))];
    let acts: Vec<_> = acts.into_iter().flatten().collect();
    Instance::active().play(16_384, 512, &acts)
}

/// The act is heard from its sample on, within `latest` samples, and not before.
#[track_caller]
fn check_heard_from_its_sample(act: Act, latest: usize) {
    let first = note_with(None).first_difference(&note_with(Some(act)));
    assert!(first.is_some_and(|at| (TURNED..=TURNED + latest).contains(&at)), "{act:?}: {first:?}");
}

#[test]
fn a_note_is_silent_before_its_sample_and_sounds_from_it() {
    let sound = note_with(None);
    for channel in &sound.channels {
        let first = channel.iter().position(|sample| *sample != 0.0).unwrap();
        // The attack begins at nought: a few samples may still round to it.
        assert!((ON..ON + 48).contains(&first), "the first sample that sounds is {first}");
    }
    assert!(0.003 < sound.peak_from(ON), "the note is heard");
}

#[test]
fn every_block_length_gives_the_same_samples() {
    let play = |block_samples| {
        let mut instance = Instance::active();
        let formant = instance.turned("Formant", "4 st");
        let output = instance.turned("Output", "-12 dB");
        let Act::Param(breath, _) = instance.turned("Breath", "1") else { panic!("a parameter") };
        let acts = [
            (ON, Act::On(KEY)),
            (ON, Act::On(KEY + 7)),
            (5_000, Act::Tune(KEY, 0.5)),
            (5_000, Act::Modulate(KEY + 7, breath, 0.2)),
            (TURNED, output),
            (TURNED, formant),
            (9_999, Act::On(KEY + 12)),
            (OFF, Act::Off(KEY)),
            (15_000, Act::ChokeAll),
        ];
        instance.play(16_384, block_samples, &acts)
    };
    let expected = play(512);
    assert!(0.003 < expected.peak_from(ON), "the notes are heard");
    for block_samples in [1, 7, 64, 480, 4_096, 8_192] {
        let sound = play(block_samples);
        assert_eq!(sound.first_difference(&expected), None, "blocks of {block_samples}");
        assert_eq!(sound.ended, expected.ended, "blocks of {block_samples}");
    }
}

#[test]
fn automation_is_heard_from_its_sample_and_not_before() {
    let mut instance = Instance::new();
    check_heard_from_its_sample(instance.turned("Output", "-12 dB"), 2);
    check_heard_from_its_sample(instance.turned("Formant", "6 st"), HOPS);
}

#[test]
fn modulation_and_tuning_of_a_note_are_heard_from_their_sample() {
    let Act::Param(formant, _) = Instance::new().turned("Formant", "0 st") else { panic!("a parameter") };
    check_heard_from_its_sample(Act::Modulate(KEY, formant, 0.25), HOPS);
    check_heard_from_its_sample(Act::Tune(KEY, 1.0), HOPS);
    let others = note_with(Some(Act::Modulate(KEY + 1, formant, 0.25)));
    assert_eq!(others.first_difference(&note_with(None)), None, "another note's modulation changes nothing");
}

#[test]
fn a_released_note_ends_in_silence_and_the_host_may_rest() {
    let mut instance = Instance::active();
    instance.play(OFF, 512, &[(ON, Act::On(KEY))]);
    assert_eq!(instance.status, ProcessStatus::Continue, "a note that is held is played");
    assert!(tail(&mut instance).is_infinite(), "a tail until the note has ended");
    let sound = instance.play(4 * SAMPLE_RATE_HZ as usize, 512, &[(0, Act::Off(KEY))]);
    assert_eq!(sound.ended, [KEY]);
    assert_eq!(sound.peak_from(3 * SAMPLE_RATE_HZ as usize), 0.0);
    assert_eq!(instance.status, ProcessStatus::ContinueIfNotQuiet);
    assert!(tail(&mut instance).is_finite(), "no tail is left");
}

fn tail(instance: &mut Instance) -> clack_extensions::tail::TailLength {
    let tail: clack_extensions::tail::PluginTail = instance.extension();
    tail.get(&instance.audio().plugin_handle())
}
