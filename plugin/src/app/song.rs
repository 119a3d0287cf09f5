//! A MIDI file played live: its events come in by the same door as a keyboard's, when they are due.

use std::path::Path;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use mynah::engine::{EventKind, NoteAddress};
use mynah::render::Song;
use mynah::whole_file::printable_name;

use super::end::End;
use super::midi::intake::Door;

/// Longest MIDI file that is read, bytes: the longest real ones have a few million.
const MAX_BYTES: u64 = 64 << 20;

/// Time before the first event: the device has begun to play.
const LEAD: Duration = Duration::from_millis(200);

/// Time that sounds get to die away before the run ends with the song.
const TAIL: Duration = Duration::from_secs(3);

/// Number of MIDI channels.
const NUM_CHANNELS: u8 = 16;

/// The controller of the sustain pedal.
const PEDAL: u8 = 64;

/// Reads a MIDI file.
pub(super) fn read(path: &Path) -> anyhow::Result<Song> {
    let name = printable_name(path);
    let num_bytes = std::fs::metadata(path).with_context(|| name.clone())?.len();
    if MAX_BYTES < num_bytes {
        bail!("{name}: it has {num_bytes} bytes, at most {MAX_BYTES} are read");
    }
    let bytes = std::fs::read(path).with_context(|| name.clone())?;
    Song::parse(&bytes).with_context(|| name)
}

/// Plays a song on a thread of its own, until its end or `end`; asks for `end` then, if `is_all`.
pub(super) fn play(song: Song, door: Door, end: End, is_all: bool) -> std::io::Result<JoinHandle<()>> {
    std::thread::Builder::new().name("mynah-song".into()).spawn(move || {
        let begin = Instant::now() + LEAD;
        for event in &song.events {
            let due = begin + Duration::from_secs_f64(event.seconds);
            if end.wait(due.saturating_duration_since(Instant::now())) {
                let_go(&door);
                return;
            }
            // Stamped as it was due: what this thread is late is made good by the wait of every event.
            door.push(due, event.kind);
        }
        let finish = begin + Duration::from_secs_f64(song.seconds);
        end.wait(finish.saturating_duration_since(Instant::now()));
        let_go(&door);
        if is_all && !end.wait(TAIL) {
            end.ask();
        }
    })
}

/// Lets go of every key and pedal.
fn let_go(door: &Door) {
    let now = Instant::now();
    for channel in 0..NUM_CHANNELS {
        door.push(now, EventKind::Control { channel, controller: PEDAL, value: 0.0 });
        door.push(now, EventKind::NoteOff(NoteAddress::of_channel(channel)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::midi::intake::{BlockStart, intake};
    use mynah::engine::{Event, NoteOn};
    use mynah::render::TimedEvent;

    #[test]
    fn events_come_spaced_as_in_the_song() {
        let ([door, _], mut intake) = intake();
        let on = |key| EventKind::NoteOn(NoteOn { channel: 0, key, note_id: None, velocity: 1.0 });
        let events =
            vec![TimedEvent { seconds: 0.0, kind: on(60) }, TimedEvent { seconds: 0.002, kind: on(61) }];
        let song = Song { events, seconds: 0.0 };
        let (end, begun) = (End::default(), Instant::now());
        let thread = play(song, door, end.clone(), false).unwrap();
        thread.join().unwrap();
        assert!(!end.is_asked());
        let mut heard: Vec<Event> = Vec::with_capacity(64);
        // Stamped as they were due, whenever this thread came to push them.
        let block = BlockStart { at: begun + LEAD, num_samples: 480, rate_hz: 48_000.0 };
        intake.gather(block, &mut heard);
        let offsets: Vec<u32> = heard.iter().map(|event| event.offset_samples).take(2).collect();
        assert_eq!(heard.len(), 2 + 2 * usize::from(NUM_CHANNELS));
        assert!(offsets[1] - offsets[0] >= 90 || offsets[1] == 479, "{offsets:?}");
    }

    #[test]
    fn what_is_no_midi_file_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.mid");
        assert!(format!("{:#}", read(&path).unwrap_err()).starts_with("a.mid: "));
        std::fs::write(&path, "MThd").unwrap();
        let error = format!("{:#}", read(&path).unwrap_err());
        assert!(error.contains("not a standard MIDI file"), "{error}");
    }
}
