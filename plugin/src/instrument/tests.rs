//! The plugin as a host drives it, without a host.

use super::*;
use nice_plug::context::process::SendEventError;
use nice_plug::midi::{Channel, Key, VoiceID};
use nice_plug::prelude::{NoteEvent, PluginApi, ProcessMode, Transport};
use std::collections::VecDeque;

const SAMPLE_RATE_HZ: f32 = 48_000.0;

/// A host's side of a block.
struct Host {
    events: VecDeque<NoteEvent<()>>,
    told: Vec<NoteEvent<()>>,
    transport: Transport,
}

impl Host {
    fn new(events: impl IntoIterator<Item = NoteEvent<()>>) -> Self {
        let events = events.into_iter().collect();
        Self { events, told: Vec::new(), transport: Transport::new(SAMPLE_RATE_HZ) }
    }
}

impl ActivateContext<Mynah> for Host {
    fn plugin_api(&self) -> PluginApi {
        PluginApi::Clap
    }

    fn execute(&self, (): ()) {}

    fn set_latency_samples(&self, _samples: u32) {}

    fn set_current_voice_capacity(&self, _capacity: u32) {}
}

impl ProcessContext<Mynah> for Host {
    fn plugin_api(&self) -> PluginApi {
        PluginApi::Clap
    }

    fn execute_background(&self, (): ()) {}

    fn execute_gui(&self, (): ()) {}

    fn transport(&self) -> &Transport {
        &self.transport
    }

    fn next_event(&mut self) -> Option<NoteEvent<()>> {
        self.events.pop_front()
    }

    fn try_send_event(&mut self, event: NoteEvent<()>) -> Result<(), (NoteEvent<()>, SendEventError)> {
        self.told.push(event);
        Ok(())
    }

    fn set_latency_samples(&self, _samples: u32) {}

    fn request_restart(&self) {}

    fn set_current_voice_capacity(&self, _capacity: u32) {}
}

fn activate(instrument: &mut Mynah, sample_rate: f32) -> bool {
    let config = BufferConfig {
        sample_rate,
        min_buffer_size: None,
        max_buffer_size: 48_000,
        process_mode: ProcessMode::Realtime,
    };
    let activated = instrument.activate(&Mynah::AUDIO_IO_LAYOUTS[0], &config, &mut Host::new([]));
    instrument.reset();
    activated
}

fn activated() -> Mynah {
    let mut instrument = Mynah::default();
    assert!(activate(&mut instrument, SAMPLE_RATE_HZ), "48 kHz is played");
    instrument
}

/// Plays a block over a marker; returns both channels and what the host was told.
#[expect(unsafe_code, reason = "nice-plug's buffers are filled so")]
fn play(
    instrument: &mut Mynah,
    num_samples: usize,
    events: impl IntoIterator<Item = NoteEvent<()>>,
) -> ([Vec<f32>; 2], Vec<NoteEvent<()>>) {
    let mut channels = [vec![9.0; num_samples], vec![-9.0; num_samples]];
    let mut host = Host::new(events);
    let mut buffer = Buffer::default();
    // SAFETY: `channels` have `num_samples` each and outlive the buffer.
    unsafe {
        buffer.set_slices(num_samples, |slices| *slices = channels.iter_mut().map(|c| &mut c[..]).collect())
    };
    let mut aux = AuxiliaryBuffers { inputs: &mut [], outputs: &mut [] };
    let status = instrument.process(&mut buffer, &mut aux, &mut host);
    assert!(!matches!(status, ProcessStatus::Error(_)), "{status:?}");
    drop(buffer);
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
    for (sample_rate, expected) in [(8_000.0, true), (192_000.0, true), (4_000.0, false), (f32::NAN, false)] {
        assert_eq!(activate(&mut Mynah::default(), sample_rate), expected, "{sample_rate} Hz");
    }
}
