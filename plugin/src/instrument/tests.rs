//! The plugin as a host drives it, without a host.

#[path = "../../tests/support/host.rs"]
mod host;

use super::*;
use host::{Host, SAMPLE_RATE_HZ, activate, lend};
use nice_plug::midi::{Channel, Key, VoiceID};
use nice_plug::prelude::NoteEvent;

/// Longest block, samples.
const MAX_BLOCK_SAMPLES: usize = 48_000;

fn activated() -> Mynah {
    let mut instrument = Mynah::default();
    assert!(activate(&mut instrument, SAMPLE_RATE_HZ, MAX_BLOCK_SAMPLES), "48 kHz is played");
    instrument
}

/// Plays a block over a marker; returns both channels and what the host was told.
fn play(
    instrument: &mut Mynah,
    num_samples: usize,
    events: impl IntoIterator<Item = NoteEvent<()>>,
) -> ([Vec<f32>; 2], Vec<NoteEvent<()>>) {
    let mut channels = [vec![9.0; num_samples], vec![-9.0; num_samples]];
    let mut host = Host::new(events);
    lend(&mut channels, |buffer, aux| {
        let status = instrument.process(buffer, aux, &mut host);
        assert!(!matches!(status, ProcessStatus::Error(_)), "{status:?}");
    });
    (channels, host.told)
}

fn note_on(timing: u32, key: u8) -> NoteEvent<()> {
    let (voice_id, channel, key) = (VoiceID::ID(i32::from(key)), Channel::Number(0), Key::Number(key));
    NoteEvent::NoteOn { timing, voice_id, channel, key, velocity: 0.8 }
}

fn choke_all(timing: u32) -> NoteEvent<()> {
    NoteEvent::Choke { timing, voice_id: VoiceID::Wildcard, channel: Channel::Wildcard, key: Key::Wildcard }
}

fn peak(samples: &[f32]) -> f32 {
    samples.iter().fold(0.0, |peak, sample| peak.max(sample.abs()))
}

#[test]
fn a_note_sounds_from_its_sample_on_and_silence_before() {
    let ([left, right], _) = play(&mut activated(), 24_000, [note_on(1_000, 57)]);
    for channel in [&left, &right] {
        assert_eq!(peak(&channel[..1_000]), 0.0);
        assert!(0.003 < peak(&channel[1_000..]), "the note is heard");
    }
}

#[test]
fn more_events_than_fit_at_a_time_are_all_played() {
    let bends =
        |num: u32| (0..num).map(|idx| NoteEvent::MidiPitchBend { timing: idx, channel: 3, value: 0.5 });
    let ([few, _], _) = play(&mut activated(), 9_600, [note_on(1_500, 57)]);
    let ([many, _], _) = play(&mut activated(), 9_600, bends(1_400).chain([note_on(1_500, 57)]));
    assert!(few == many, "events of another channel change nothing, and the note is not lost");
}

#[test]
fn the_host_is_told_of_notes_that_end() {
    let mut instrument = activated();
    play(&mut instrument, 4_800, [note_on(0, 57)]);
    let (_, told) = play(&mut instrument, 48_000, [choke_all(0)]);
    let ended = matches!(told[..], [NoteEvent::VoiceTerminated { voice_id: VoiceID::ID(57), .. }]);
    assert!(ended, "{told:?}");
    let ([left, _], told) = play(&mut instrument, 480, []);
    assert!(told.is_empty() && peak(&left) == 0.0, "silence follows");
}

#[test]
fn reset_takes_the_same_again() {
    let mut instrument = activated();
    let (first, _) = play(&mut instrument, 4_800, [note_on(10, 57)]);
    instrument.reset();
    let (second, _) = play(&mut instrument, 4_800, [note_on(10, 57)]);
    assert!(first == second, "the same notes after a reset give the same samples");
}

#[test]
fn sample_rates_out_of_range_are_refused() {
    for (sample_rate, expected) in [(1_000.0, true), (1_536_000.0, true), (900.0, false), (f32::NAN, false)] {
        assert_eq!(
            activate(&mut Mynah::default(), sample_rate, MAX_BLOCK_SAMPLES),
            expected,
            "{sample_rate} Hz"
        );
    }
}
