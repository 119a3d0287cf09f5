//! The tune that the demo plays: a round for four voices over a descending bass, in D minor, A2 to E4.
//!
//! Each voice sings four phrases, one after another and each a phrase later than the voice before; all end together on
//! D major. `cargo xtask tune` writes the file; a test holds the committed file to this source.

use anyhow::{Context as _, Result};
use midly::num::{u4, u7, u15, u24, u28};
use midly::{Format, Header, MetaMessage, MidiMessage, Smf, Timing, Track, TrackEvent, TrackEventKind};

use crate::workspace;

/// The committed file, relative to the root.
pub(crate) const PATH: &str = "assets/tunes/round.mid";

const TICKS_PER_BEAT: u32 = 480;
const BEATS_PER_PHRASE: u32 = 8;
const NUM_VOICES: u32 = 4;
/// Phrases sounding from the first entry to the last chord.
const NUM_PHRASES: u32 = 6;
const FINAL_BEATS: u32 = 5;
/// 112 beats a minute.
const MICROS_PER_BEAT: u32 = 60_000_000 / 112;
/// 84 beats a minute, for the last chord.
const FINAL_MICROS_PER_BEAT: u32 = 60_000_000 / 84;

/// A note: MIDI key and length in half beats.
type Note = (u8, u32);

/// The round. Every phrase fits every other: Dm, C, B♭, A, two beats each.
const PHRASES: [&[Note]; 4] = [
    &[(50, 4), (48, 4), (46, 4), (45, 4)],
    &[(57, 2), (57, 2), (60, 3), (60, 1), (62, 2), (58, 2), (61, 4)],
    &[(62, 3), (62, 1), (64, 3), (62, 1), (58, 1), (60, 1), (62, 2), (64, 2), (57, 2)],
    &[(53, 4), (52, 2), (55, 2), (53, 2), (50, 2), (52, 2), (55, 2)],
];

/// Where each voice comes to rest, a step or none from its last note: D major.
const FINAL_KEYS: [u8; NUM_VOICES as usize] = [62, 50, 54, 57];

/// Writes the file.
pub(crate) fn run() -> Result<()> {
    let path = workspace::root()?.join(PATH);
    let folder = path.parent().context("the tune has no folder")?;
    std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    std::fs::write(&path, bytes()?).with_context(|| format!("cannot write {}", path.display()))?;
    println!("{PATH}");
    Ok(())
}

/// The standard MIDI file: a track for the tempo, then one for each voice, on a channel of its own.
fn bytes() -> Result<Vec<u8>> {
    let mut smf = Smf::new(Header {
        format: Format::Parallel,
        timing: Timing::Metrical(u15::new(TICKS_PER_BEAT as u16)),
    });
    smf.tracks.push(tempo_track());
    smf.tracks.extend((0..NUM_VOICES).map(voice_track));
    let mut bytes = Vec::new();
    smf.write_std(&mut bytes).context("cannot write the tune")?;
    Ok(bytes)
}

fn tempo_track() -> Track<'static> {
    let tempo = |micros| TrackEventKind::Meta(MetaMessage::Tempo(u24::new(micros)));
    let mut track = Timeline::default();
    track.put(0, TrackEventKind::Meta(MetaMessage::TrackName(b"Round in D minor")));
    track.put(0, TrackEventKind::Meta(MetaMessage::TimeSignature(4, 2, 24, 8)));
    track.put(0, tempo(MICROS_PER_BEAT));
    track.put(NUM_PHRASES * BEATS_PER_PHRASE * TICKS_PER_BEAT, tempo(FINAL_MICROS_PER_BEAT));
    track.end()
}

/// Voice 0 begins; each other enters a phrase after the one before it.
fn voice_track(voice: u32) -> Track<'static> {
    let channel = u4::new(voice as u8);
    let midi = |message| TrackEventKind::Midi { channel, message };
    let mut track = Timeline::default();
    for phrase in voice..NUM_PHRASES {
        let mut half_beat = phrase * BEATS_PER_PHRASE * 2;
        let notes = PHRASES[((phrase - voice) % NUM_VOICES) as usize];
        for (idx, &(key, length)) in notes.iter().enumerate() {
            let on = half_beat * TICKS_PER_BEAT / 2;
            let sounding = length * TICKS_PER_BEAT / 2;
            let key = u7::new(key);
            // The round grows to its end; the first note of a phrase leads.
            let vel = u7::new(60 + 6 * phrase as u8 + if idx == 0 { 8 } else { 0 });
            track.put(on, midi(MidiMessage::NoteOn { key, vel }));
            // A breath before the next note.
            track.put(on + sounding - sounding / 16, midi(MidiMessage::NoteOff { key, vel: u7::new(64) }));
            half_beat += length;
        }
    }
    let on = NUM_PHRASES * BEATS_PER_PHRASE * TICKS_PER_BEAT;
    let key = u7::new(FINAL_KEYS[voice as usize]);
    track.put(on, midi(MidiMessage::NoteOn { key, vel: u7::new(92) }));
    track.put(on + (FINAL_BEATS - 1) * TICKS_PER_BEAT, midi(MidiMessage::NoteOff { key, vel: u7::new(40) }));
    track.end()
}

/// Events by absolute tick, in order, turned into the differences that the file holds.
#[derive(Default)]
struct Timeline {
    track: Track<'static>,
    last_tick: u32,
}

impl Timeline {
    fn put(&mut self, tick: u32, kind: TrackEventKind<'static>) {
        self.track.push(TrackEvent { delta: u28::new(tick - self.last_tick), kind });
        self.last_tick = tick;
    }

    fn end(mut self) -> Track<'static> {
        let tick = (NUM_PHRASES * BEATS_PER_PHRASE + FINAL_BEATS) * TICKS_PER_BEAT;
        self.put(tick, TrackEventKind::Meta(MetaMessage::EndOfTrack));
        self.track
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn committed_tune_is_what_this_source_writes() {
        let committed = std::fs::read(workspace::root().unwrap().join(PATH)).unwrap();
        assert!(committed == bytes().unwrap(), "run `cargo xtask tune`");
    }

    #[test]
    fn phrases_are_of_one_length_and_in_range() {
        for phrase in PHRASES {
            assert_eq!(phrase.iter().map(|note| note.1).sum::<u32>(), 2 * BEATS_PER_PHRASE);
            assert!(phrase.iter().all(|note| (45..=64).contains(&note.0)), "{phrase:?} leaves A2 to E4");
        }
    }

    #[test]
    fn tune_lasts_between_20_and_30_seconds() {
        let micros = NUM_PHRASES * BEATS_PER_PHRASE * MICROS_PER_BEAT + FINAL_BEATS * FINAL_MICROS_PER_BEAT;
        assert!((20_000_000..=30_000_000).contains(&micros), "{micros} µs");
    }
}
