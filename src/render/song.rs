//! A standard MIDI file (MIDI 1.0 specification, RP-001) as events in seconds.
//!
//! The parser reads damaged files as far as it can, in silence; here each track has to come to its end mark, so that
//! a file that was cut short is told from one that is short.

use super::{MAX_HOURS, RenderError};
use crate::engine::{EventKind, Expression, NoteAddress, NoteOn};
use midly::{Format, MetaMessage, MidiMessage, Smf, Timing, TrackEvent, TrackEventKind};
use std::collections::VecDeque;

/// Time of a beat until the file says otherwise, microseconds: 120 beats a minute.
const DEFAULT_TEMPO: u32 = 500_000;

/// Microseconds in a second.
const MICROSECONDS: f64 = 1e6;

/// An event at its time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TimedEvent {
    /// From the beginning of the song.
    pub seconds: f64,
    /// What happens.
    pub kind: EventKind,
}

/// What a MIDI file plays.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Song {
    /// In the order of their times.
    pub events: Vec<TimedEvent>,
    /// To the latest end mark.
    pub seconds: f64,
}

impl Song {
    /// Reads a standard MIDI file.
    pub fn parse(smf: &[u8]) -> Result<Self, RenderError> {
        let not_midi = |err: midly::Error| RenderError::NotMidi { reason: err.to_string() };
        if has_impossible_rate(smf) {
            return Err(RenderError::NotMidi { reason: "invalid smpte fps".to_owned() });
        }
        let (header, tracks) = midly::parse(smf).map_err(not_midi)?;
        let num_promised = tracks.size_hint().0;
        let tracks = tracks.collect_tracks().map_err(not_midi)?;
        let smf = Smf { header, tracks };
        let num_tracks = smf.tracks.len().max(num_promised);
        for track_idx in 0..num_tracks {
            let end = smf.tracks.get(track_idx).and_then(|track| track.last());
            if !end.is_some_and(|event| event.kind == TrackEventKind::Meta(MetaMessage::EndOfTrack)) {
                return Err(RenderError::CutShort { track: track_idx + 1, num_tracks });
            }
        }
        let mut reader = Reader::new(ticks_from_timing(smf.header.timing)?);
        match smf.header.format {
            Format::SingleTrack | Format::Parallel => reader.read_together(&smf.tracks)?,
            // Tracks of format 2 are songs of their own: one after another.
            Format::Sequential => {
                for track in &smf.tracks {
                    reader.read_together(core::slice::from_ref(track))?;
                }
            }
        }
        let song = reader.song;
        if !song.events.iter().any(|timed| matches!(timed.kind, EventKind::NoteOn(_))) {
            return Err(RenderError::NoNotes);
        }
        Ok(song)
    }
}

/// Does a header ask for −128 frames a second? midly 0.5.3 overflows when it negates that.
fn has_impossible_rate(smf: &[u8]) -> bool {
    // Four letters, four bytes of length, two of format, two of the number of tracks, and then the rate.
    const HEADER_BYTES: usize = 13;
    smf.windows(HEADER_BYTES).any(|window| window.starts_with(b"MThd") && window[HEADER_BYTES - 1] == 0x80)
}

/// How long ticks last.
#[derive(Clone, Copy, Debug)]
enum Ticks {
    /// So many a beat, whose time is the tempo.
    PerBeat(f64),
    /// So many a second, whatever the tempo.
    PerSecond(f64),
}

fn ticks_from_timing(timing: Timing) -> Result<Ticks, RenderError> {
    let (ticks, rate) = match timing {
        Timing::Metrical(ticks) => (Ticks::PerBeat(f64::from(ticks.as_int())), f64::from(ticks.as_int())),
        Timing::Timecode(fps, subframes) => {
            // "30 drop" is 30000 / 1001 frames a second.
            let fps = if fps.as_int() == 29 { 30_000.0 / 1_001.0 } else { f64::from(fps.as_int()) };
            let rate = fps * f64::from(subframes);
            (Ticks::PerSecond(rate), rate)
        }
    };
    if rate > 0.0 { Ok(ticks) } else { Err(RenderError::NoTicks) }
}

struct Reader {
    ticks: Ticks,
    song: Song,
    /// Names of the notes that are down, by channel and key: the first down is the first up.
    open_notes: Vec<VecDeque<i32>>,
    next_note_id: i32,
}

impl Reader {
    fn new(ticks: Ticks) -> Self {
        Self { ticks, song: Song::default(), open_notes: vec![VecDeque::new(); 16 * 128], next_note_id: 0 }
    }

    /// Reads tracks that sound together and begin where the song so far ends.
    fn read_together(&mut self, tracks: &[Vec<TrackEvent<'_>>]) -> Result<(), RenderError> {
        let mut events: Vec<(u64, TrackEventKind<'_>)> = Vec::new();
        for track in tracks {
            let mut tick = 0;
            events.extend(track.iter().map(|event| {
                tick += u64::from(event.delta.as_int());
                (tick, event.kind)
            }));
        }
        // Stable: at one tick, tracks in their order, events of a track in theirs.
        events.sort_by_key(|(tick, _)| *tick);

        let (mut seconds, mut last_tick, mut tempo) = (self.song.seconds, 0, DEFAULT_TEMPO);
        for (tick, kind) in events {
            let num_ticks = (tick - last_tick) as f64;
            last_tick = tick;
            seconds += match self.ticks {
                Ticks::PerBeat(rate) => num_ticks * f64::from(tempo) / (rate * MICROSECONDS),
                Ticks::PerSecond(rate) => num_ticks / rate,
            };
            if seconds > MAX_HOURS * 3_600.0 {
                return Err(RenderError::TooLong { hours: seconds / 3_600.0 });
            }
            match kind {
                TrackEventKind::Meta(MetaMessage::Tempo(new_tempo)) => tempo = new_tempo.as_int(),
                TrackEventKind::Midi { channel, message } => {
                    let kind = self.event_from_message(channel.as_int(), message);
                    self.song.events.extend(kind.map(|kind| TimedEvent { seconds, kind }));
                }
                _ => {}
            }
        }
        self.song.seconds = seconds;
        Ok(())
    }

    fn event_from_message(&mut self, channel: u8, message: MidiMessage) -> Option<EventKind> {
        Some(match message {
            MidiMessage::NoteOn { key, vel } if vel.as_int() > 0 => {
                let note_id = self.next_note_id;
                self.next_note_id = note_id.wrapping_add(1);
                self.open(channel, key.as_int()).push_back(note_id);
                EventKind::NoteOn(NoteOn {
                    channel,
                    key: key.as_int(),
                    note_id: Some(note_id),
                    velocity: unit_from(vel.as_int()),
                })
            }
            MidiMessage::NoteOff { key, .. } | MidiMessage::NoteOn { key, .. } => {
                let note_id = self.open(channel, key.as_int()).pop_front()?;
                EventKind::NoteOff(NoteAddress {
                    note_id: Some(note_id),
                    ..NoteAddress::of_key(channel, key.as_int())
                })
            }
            MidiMessage::Aftertouch { key, vel } => EventKind::Express {
                note: NoteAddress::of_key(channel, key.as_int()),
                expression: Expression::Pressure,
                value: unit_from(vel.as_int()),
            },
            MidiMessage::Controller { controller, value } => EventKind::Control {
                channel,
                controller: controller.as_int(),
                value: unit_from(value.as_int()),
            },
            MidiMessage::ChannelAftertouch { vel } => {
                EventKind::Pressure { channel, value: unit_from(vel.as_int()) }
            }
            MidiMessage::PitchBend { bend } => EventKind::Bend { channel, value: bend.as_f32() },
            MidiMessage::ProgramChange { .. } => return None,
        })
    }

    fn open(&mut self, channel: u8, key: u8) -> &mut VecDeque<i32> {
        &mut self.open_notes[usize::from(channel) * 128 + usize::from(key)]
    }
}

/// 0 to 1 from seven bits.
fn unit_from(seven_bits: u8) -> f32 {
    f32::from(seven_bits) / 127.0
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A file of the format, timing and tracks given, by hand.
    fn file(format: u8, timing: [u8; 2], tracks: &[&[u8]]) -> Vec<u8> {
        let mut bytes = b"MThd\0\0\0\x06\0".to_vec();
        bytes.extend([format, 0, tracks.len() as u8, timing[0], timing[1]]);
        for track in tracks {
            bytes.extend(b"MTrk");
            bytes.extend((track.len() as u32).to_be_bytes());
            bytes.extend(*track);
        }
        bytes
    }

    const END: [u8; 4] = [0, 0xff, 0x2f, 0];
    /// 96 ticks a beat.
    const BEATS: [u8; 2] = [0, 96];

    #[track_caller]
    fn note_times(bytes: &[u8]) -> Vec<(f64, u8)> {
        let song = Song::parse(bytes).unwrap();
        let notes = song.events.iter().filter_map(|timed| match timed.kind {
            EventKind::NoteOn(on) => Some((timed.seconds, on.key)),
            _ => None,
        });
        notes.collect()
    }

    #[test]
    fn running_status_is_followed() {
        let track = [&[0, 0x90, 60, 100, 96, 60, 0, 0, 64, 90, 48, 64, 0][..], &END].concat();
        let song = Song::parse(&file(0, BEATS, &[&track])).unwrap();
        let times: Vec<f64> = song.events.iter().map(|timed| timed.seconds).collect();
        assert_eq!(times, [0.0, 0.5, 0.5, 0.75]);
        assert!(
            matches!(song.events[1].kind, EventKind::NoteOff(off) if off.note_id == Some(0)),
            "velocity 0"
        );
    }

    #[test]
    fn a_tempo_change_in_one_track_holds_for_all_of_format_1() {
        // 120 beats a minute for a beat, then 60.
        let tempo = [&[96, 0xff, 0x51, 3, 0x0f, 0x42, 0x40][..], &END].concat();
        let notes = [&[96, 0x90, 60, 100, 96, 62, 100][..], &END].concat();
        assert_eq!(note_times(&file(1, BEATS, &[&tempo, &notes])), [(0.5, 60), (1.5, 62)]);
    }

    #[test]
    fn tracks_of_format_2_come_one_after_another_each_with_its_tempo() {
        let first = [&[0, 0xff, 0x51, 3, 0x0f, 0x42, 0x40, 0, 0x90, 60, 100][..], &[96], &END[1..]].concat();
        let second = [&[96, 0x90, 62, 100][..], &END].concat();
        assert_eq!(note_times(&file(2, BEATS, &[&first, &second])), [(0.0, 60), (1.5, 62)]);
    }

    #[test]
    fn smpte_ticks_pass_whatever_the_tempo() {
        // −25 frames a second, 40 ticks a frame: a tick is a millisecond.
        let track = [&[0, 0xff, 0x51, 3, 0x0f, 0x42, 0x40, 0x87, 0x68, 0x90, 60, 100][..], &END].concat();
        assert_eq!(note_times(&file(0, [0xe7, 40], &[&track])), [(1.0, 60)]);
    }

    #[test]
    fn of_notes_on_one_key_the_first_down_is_the_first_up() {
        let track = [&[0, 0x90, 60, 100, 10, 60, 90, 10, 60, 0, 10, 60, 0, 5, 60, 0][..], &END].concat();
        let song = Song::parse(&file(0, BEATS, &[&track])).unwrap();
        let offs = song.events.iter().filter_map(|timed| match timed.kind {
            EventKind::NoteOff(off) => off.note_id,
            _ => None,
        });
        assert_eq!(offs.collect::<Vec<_>>(), [0, 1]);
    }

    #[track_caller]
    fn check_error(bytes: &[u8], expected: &str) {
        let message = Song::parse(bytes).unwrap_err().to_string();
        assert!(message.contains(expected), "{message}");
    }

    #[test]
    fn what_cannot_be_played_says_why() {
        let note = [&[0, 0x90, 60, 100][..], &END].concat();
        check_error(b"", "not a standard MIDI file");
        check_error(b"RIFF\xff\xff\xff\xffWAVEfmt ", "not a standard MIDI file");
        check_error(&file(7, BEATS, &[&note]), "not a standard MIDI file");
        check_error(&file(0, [0, 0], &[&note]), "0 ticks");
        check_error(&file(0, [0xe7, 0], &[&note]), "0 ticks");
        check_error(&file(0, BEATS, &[&END]), "no note");
        check_error(&file(0, BEATS, &[]), "no note");
        check_error(&file(0, BEATS, &[&note[..4]]), "track 1 of 1 is cut short");
        let months = [&[0, 0xff, 0x51, 3, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f][..], &note[1..]].concat();
        check_error(&file(0, BEATS, &[&months]), "hours, at most 4");
    }

    #[test]
    fn every_cut_of_a_file_is_an_error_and_no_damage_is_a_panic() {
        let track = [&[0, 0x90, 60, 100, 96, 60, 0, 0, 0xb0, 64, 127, 0, 0xe0, 0, 64][..], &END].concat();
        let whole = file(1, BEATS, &[&track, &track]);
        assert!(Song::parse(&whole).is_ok(), "the whole file");
        // The very last byte only says that the end mark is empty: without it nothing is lost.
        for len in 0..whole.len() - 1 {
            assert!(Song::parse(&whole[..len]).is_err(), "cut after {len} bytes");
        }
        let mut wrapped = b"RIFF\0\0\0\0RMIDdata".to_vec();
        wrapped.extend((whole.len() as u32).to_le_bytes());
        wrapped.extend(&whole);
        wrapped[4] = (wrapped.len() - 8) as u8;
        assert_eq!(Song::parse(&wrapped).unwrap(), Song::parse(&whole).unwrap());
        for file in [whole, wrapped] {
            for idx in 0..file.len() {
                for byte in 0..=255 {
                    let mut damaged = file.clone();
                    damaged[idx] = byte;
                    let _ = Song::parse(&damaged);
                }
            }
        }
    }
}
