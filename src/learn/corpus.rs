//! The corpus: recordings to events of frames, split by file into what is learned and what is held out.
//!
//! An event is a stretch of sound between silences. It begins at its onset, from nothing: a key that is pressed has no
//! past either. Its gate is on until the last fast fall of its level, which is what follows a key's release.

use super::LearnError;
use crate::audio_file::{self, AudioFileError, Refusal};
use crate::vocoder::analysis::{Analysed, Analyser};
use crate::vocoder::frame::HOP_SECONDS;
use crate::whole_file::printable_name;
use rayon::prelude::*;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

/// Highest rate that is analysed; faster recordings are reduced to it.
const MAX_RATE_HZ: u32 = 48_000;
/// Level below the loud parts of a file (95th percentile) at which sound counts as silence, dB.
const EVENT_RANGE_DB: f32 = 40.0;
/// Level below which sound is silence, whatever the file, dB.
const QUIETEST_DB: f32 = -70.0;
/// Silence that ends an event, frames.
const GAP_FRAMES: usize = 20;
/// Shortest event, frames.
pub const SHORTEST_EVENT: usize = 10;
/// Longest event, frames: longer ones are cut.
const LONGEST_EVENT: usize = 3_000;
/// Fall of level that belongs to a release, dB a frame.
const RELEASE_FALL_DB: f32 = 0.6;
/// Longest release, frames.
const LONGEST_RELEASE: usize = 40;
/// Least sound to learn from.
pub const LEAST_SECONDS: f32 = 2.0;
/// Files below which parts of files are held out instead of whole ones.
const FEW_FILES: usize = 5;
/// One file in so many is held out.
const HELD_OUT_EVERY: usize = 10;

/// A stretch of sound.
#[derive(Clone, Debug)]
pub struct Event {
    /// What was measured. At least [`SHORTEST_EVENT`] frames.
    pub frames: Vec<Analysed>,
    /// Frames during which the key would be down.
    pub gate_frames: usize,
    /// Index into the corpus' files.
    pub file_idx: usize,
    /// Is it held out from learning?
    pub held_out: bool,
}

/// A recording that was used.
#[derive(Clone, Debug, PartialEq)]
pub struct UsedFile {
    /// Where it is.
    pub path: PathBuf,
    /// Name for people.
    pub name: String,
    /// Sound in events, seconds.
    pub seconds: f32,
    /// Held out from learning (by file; `false` for all where parts of files are held out).
    pub held_out: bool,
}

/// All events, and what became of each file.
#[derive(Clone, Debug, Default)]
pub struct Corpus {
    /// Events in the order of files and time.
    pub events: Vec<Event>,
    /// Files used.
    pub files: Vec<UsedFile>,
    /// Files not used, with reasons.
    pub refused: Vec<Refusal>,
    /// Silences between events of one file, seconds.
    pub pauses: Vec<f32>,
}

/// Events and pauses of one file.
struct FileEvents {
    events: Vec<(Vec<Analysed>, usize)>,
    pauses: Vec<f32>,
}

impl Corpus {
    /// Reads and analyses all files, on all threads of the current pool. `told` hears `(done, total)`.
    ///
    /// # Errors
    ///
    /// When less than [`LEAST_SECONDS`] of sound are left, or `wanted` said no.
    pub fn read(
        paths: &[PathBuf],
        told: &(dyn Fn(usize, usize) + Sync),
        wanted: &(dyn Fn() -> bool + Sync),
    ) -> Result<Self, LearnError> {
        let scan = audio_file::scan_while(paths, &wanted);
        let total = scan.files.len();
        let done = AtomicUsize::new(0);
        let analyser = Analyser::default();
        let read: Vec<Result<FileEvents, Refusal>> = scan
            .files
            .par_iter()
            .map(|path| {
                let events = read_file(path, &analyser, &wanted);
                told(done.fetch_add(1, Ordering::Relaxed) + 1, total);
                events
            })
            .collect();
        if !wanted() {
            return Err(LearnError::Cancelled);
        }
        let mut corpus = Self { refused: scan.refused, ..Self::default() };
        for (path, result) in scan.files.into_iter().zip(read) {
            match result {
                Ok(file) => corpus.add(path, file),
                Err(refusal) => corpus.refused.push(refusal),
            }
        }
        let seconds = corpus.files.iter().fold(0.0, |sum, file| sum + file.seconds);
        if seconds < LEAST_SECONDS {
            return Err(LearnError::too_little(paths, seconds, &corpus.refused));
        }
        corpus.hold_out();
        Ok(corpus)
    }

    fn add(&mut self, path: PathBuf, file: FileEvents) {
        let file_idx = self.files.len();
        let num_frames: usize = file.events.iter().map(|(frames, _)| frames.len()).sum();
        let seconds = num_frames as f32 * HOP_SECONDS as f32;
        let name = printable_name(&path);
        self.files.push(UsedFile { path, name, seconds, held_out: false });
        self.pauses.extend(file.pauses);
        self.events.extend(file.events.into_iter().map(|(frames, gate_frames)| Event {
            frames,
            gate_frames,
            file_idx,
            held_out: false,
        }));
    }

    /// Holds out every tenth file, at least one; with few files, the last tenth of each file's events or time.
    fn hold_out(&mut self) {
        if self.files.len() < FEW_FILES {
            self.hold_out_parts();
            return;
        }
        // The files stand in the order of their names: every tenth of them, from the middle of the first ten.
        for (idx, file) in self.files.iter_mut().enumerate() {
            file.held_out = idx % HELD_OUT_EVERY == HELD_OUT_EVERY.min(FEW_FILES) / 2;
        }
        for event in &mut self.events {
            event.held_out = self.files[event.file_idx].held_out;
        }
    }

    /// Cuts the last tenth of long events off and holds it out; where there are many events, every tenth instead.
    fn hold_out_parts(&mut self) {
        if self.events.len() >= HELD_OUT_EVERY {
            for (idx, event) in self.events.iter_mut().enumerate() {
                event.held_out = idx % HELD_OUT_EVERY == HELD_OUT_EVERY / 2;
            }
            return;
        }
        let mut parts = Vec::new();
        for event in &mut self.events {
            let cut = event.frames.len() - event.frames.len() / HELD_OUT_EVERY;
            if event.frames.len() - cut < SHORTEST_EVENT {
                continue;
            }
            let frames = event.frames.split_off(cut);
            let gate_frames = event.gate_frames.saturating_sub(cut).min(frames.len());
            event.gate_frames = event.gate_frames.min(cut);
            parts.push(Event { frames, gate_frames, file_idx: event.file_idx, held_out: true });
        }
        self.events.extend(parts);
    }
}

fn read_file(path: &Path, analyser: &Analyser, wanted: &dyn Fn() -> bool) -> Result<FileEvents, Refusal> {
    let refusal = |error| Refusal::new(path, error);
    let recording = audio_file::read_while(path, 0..=MAX_RATE_HZ, wanted).map_err(refusal)?;
    let rate_hz = f64::from(recording.sample_rate);
    let frames = analyser.analyse_while(&recording.samples, rate_hz, HOP_SECONDS, wanted);
    let frames = frames.ok_or_else(|| refusal(AudioFileError::Unwanted))?;
    let found = find_events(&frames);
    if found.events.is_empty() {
        return Err(Refusal::new(
            path,
            "no event of at least 0.1 s stands out of its silence; record closer",
        ));
    }
    Ok(found)
}

/// Cuts a recording at its silences.
fn find_events(frames: &[Analysed]) -> FileEvents {
    let mut levels: Vec<f32> = frames.iter().map(|frame| frame.frame.loudness_db).collect();
    levels.sort_by(f32::total_cmp);
    let loud = levels.get(levels.len() * 95 / 100).copied().unwrap_or(QUIETEST_DB);
    let threshold = (loud - EVENT_RANGE_DB).max(QUIETEST_DB);
    let mut found = FileEvents { events: Vec::new(), pauses: Vec::new() };
    let mut idx = 0;
    let mut last_end: Option<usize> = None;
    while idx < frames.len() {
        if frames[idx].frame.loudness_db < threshold {
            idx += 1;
            continue;
        }
        let start = idx;
        let mut end = start + 1;
        let mut quiet = 0;
        while idx < frames.len() && quiet < GAP_FRAMES && idx - start < LONGEST_EVENT {
            if frames[idx].frame.loudness_db < threshold {
                quiet += 1;
            } else {
                quiet = 0;
                end = idx + 1;
            }
            idx += 1;
        }
        if end - start < SHORTEST_EVENT {
            continue;
        }
        if let Some(last_end) = last_end {
            found.pauses.push((start - last_end) as f32 * HOP_SECONDS as f32);
        }
        last_end = Some(end);
        let event = frames[start..end].to_vec();
        let gate_frames = gate_frames(&event);
        found.events.push((event, gate_frames));
    }
    found
}

/// Frames before the last fast fall of the level.
fn gate_frames(event: &[Analysed]) -> usize {
    let level = |idx: usize| event[idx].frame.loudness_db;
    let mut gate = event.len();
    let earliest = event.len().saturating_sub(LONGEST_RELEASE).max(SHORTEST_EVENT / 2);
    while earliest < gate {
        let before = gate.saturating_sub(5);
        let fall = (level(before) - level(gate - 1)) / (gate - 1 - before).max(1) as f32;
        if fall < RELEASE_FALL_DB {
            break;
        }
        gate -= 1;
    }
    gate
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vocoder::frame::{Frame, NUM_BANDS, NUM_NOISE_BANDS};

    fn at(loudness_db: f32) -> Analysed {
        let frame = Frame {
            pitch_hz: 200.0,
            loudness_db,
            envelope_db: [-30.0; NUM_BANDS],
            noise: [0.0; NUM_NOISE_BANDS],
        };
        Analysed { frame, voiced: true }
    }

    fn recording() -> Vec<Analysed> {
        let mut frames = vec![at(-90.0); 30];
        frames.extend(vec![at(-20.0); 50]);
        frames.extend((0..10).map(|i| at(-20.0 - 3.0 * i as f32)));
        frames.extend(vec![at(-90.0); 40]);
        frames.extend(vec![at(-25.0); 30]);
        frames.extend(vec![at(-90.0); 5]);
        frames
    }

    #[test]
    fn events_begin_at_their_onset_and_end_before_silence() {
        let found = find_events(&recording());
        let lengths: Vec<usize> = found.events.iter().map(|(frames, _)| frames.len()).collect();
        assert_eq!(lengths, [60, 30]);
        assert!((found.pauses[0] - 0.4).abs() < 1e-6 && found.pauses.len() == 1, "{:?}", found.pauses);
        assert_eq!(found.events[0].0[0].frame.loudness_db, -20.0);
    }

    #[test]
    fn the_gate_ends_where_the_level_falls_for_good() {
        let found = find_events(&recording());
        let gate = found.events[0].1;
        assert!((49..=54).contains(&gate), "{gate}");
        assert_eq!(found.events[1].1, 30);
    }
}
