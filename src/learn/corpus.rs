//! The corpus: recordings to events of frames, split by file into what is learned and what is held out.
//!
//! An event is a stretch of sound between silences. It begins at its onset, from nothing: a key that is pressed has no
//! past either. Its gate is on until the last fast fall of its level, which is what follows a key's release.

use super::LearnError;
use super::listen::{Listener, Patience};
use crate::audio_file::{self, AudioFileError, Refusal};
use crate::vocoder::analysis::Analyser;
use crate::vocoder::frame::HOP_SECONDS;
use crate::vocoder::moment::Moment;
use crate::whole_file::printable_name;
use core::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

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
    pub frames: Vec<Moment>,
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
    events: Vec<(Vec<Moment>, usize)>,
    pauses: Vec<f32>,
    /// Where listening ended, if not at the end.
    cut_after_seconds: Option<f32>,
}

/// Why nothing of a file is used.
enum Unused {
    Refused(Refusal),
    /// The time was up, or enough was heard.
    Unheard,
}

impl Corpus {
    /// Reads and analyses all files, on all threads of the current pool, as far as patience goes. `told` hears
    /// `(done, total)`.
    ///
    /// # Errors
    ///
    /// When less than [`LEAST_SECONDS`] of sound are left, or it is wanted no more.
    pub(super) fn read(
        paths: &[PathBuf],
        told: &(dyn Fn(usize, usize) + Sync),
        patience: &Patience<'_>,
    ) -> Result<Self, LearnError> {
        let scan = audio_file::scan_while(paths, patience.wanted);
        let total = scan.files.len();
        let (next, done) = (AtomicUsize::new(0), AtomicUsize::new(0));
        // Few long files are shared out in pieces, many as they are.
        let threads = rayon::current_num_threads();
        let lanes = if total < threads { threads } else { 1 };
        let listener = Listener { patience, analyser: &Analyser::default(), lanes };
        let order = spread(total);
        let read = rayon::broadcast(|_| {
            let mut own = Vec::new();
            while let Some(&idx) = order.get(next.fetch_add(1, Ordering::Relaxed)) {
                own.push((idx, read_file(&scan.files[idx], &listener)));
                told(done.fetch_add(1, Ordering::Relaxed) + 1, total);
            }
            own
        });
        if !(patience.wanted)() {
            return Err(LearnError::Cancelled);
        }
        let mut read: Vec<_> = read.into_iter().flatten().collect();
        read.sort_by_key(|(idx, _)| *idx);
        let mut corpus = Self { refused: scan.refused, ..Self::default() };
        let mut unheard = Vec::new();
        for (path, (_, result)) in scan.files.into_iter().zip(read) {
            match result {
                Ok(file) => corpus.add(path, file),
                Err(Unused::Refused(refusal)) => corpus.refused.push(refusal),
                Err(Unused::Unheard) => unheard.push(path),
            }
        }
        corpus.refused.extend(refusal_of(&unheard));
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
        if let Some(seconds) = file.cut_after_seconds {
            let reason = format!(
                "all but its first {seconds:.0} s: the time was up, or four hours heard; allow more time, or cut it"
            );
            self.refused.push(Refusal::new(&path, reason));
        }
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

/// Indices in an order in which any first part of them is spread evenly over all: should the time be up, what was
/// heard stands for the rest. By reversed bits (J. G. van der Corput 1935).
fn spread(num: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..num).collect();
    order.sort_by_key(|idx| idx.reverse_bits());
    order
}

/// One refusal for all files that there was no time for: there may be thousands.
fn refusal_of(unheard: &[PathBuf]) -> Option<Refusal> {
    let reason = "the time was up, or four hours heard; allow more time, or learn from fewer files";
    let (first, rest) = unheard.split_first()?;
    let mut refusal = Refusal::new(first, reason);
    if !rest.is_empty() {
        refusal.name.push_str(&format!(" and {} more", rest.len()));
    }
    Some(refusal)
}

fn read_file(path: &Path, listener: &Listener<'_>) -> Result<FileEvents, Unused> {
    if listener.patience.is_over() {
        return Err(Unused::Unheard);
    }
    let heard = listener.hear(path).map_err(|error| match error {
        AudioFileError::Unwanted => Unused::Unheard,
        error => Unused::Refused(Refusal::new(path, error)),
    })?;
    let cut_after_seconds = (!heard.is_whole).then_some(heard.frames.len() as f32 * HOP_SECONDS as f32);
    let found = find_events(heard.frames);
    if found.events.is_empty() {
        let reason = "no event of at least 0.1 s stands out of its silence; record closer";
        return Err(Unused::Refused(Refusal::new(path, reason)));
    }
    Ok(FileEvents { cut_after_seconds, ..found })
}

/// Cuts a recording at its silences.
fn find_events(mut frames: Vec<Moment>) -> FileEvents {
    let mut levels: Vec<f32> = frames.iter().map(|frame| frame.frame.loudness_db).collect();
    levels.sort_by(f32::total_cmp);
    let loud = levels.get(levels.len() * 95 / 100).copied().unwrap_or(QUIETEST_DB);
    let threshold = (loud - EVENT_RANGE_DB).max(QUIETEST_DB);
    let mut found: Vec<Range<usize>> = Vec::new();
    let mut idx = 0;
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
        if SHORTEST_EVENT <= end - start {
            found.push(start..end);
        }
    }
    let pause = |pair: &[Range<usize>]| (pair[1].start - pair[0].end) as f32 * HOP_SECONDS as f32;
    let pauses = found.windows(2).map(pause).collect();
    // From the end, so that the frames of an hour are never there twice.
    let mut events: Vec<(Vec<Moment>, usize)> = Vec::with_capacity(found.len());
    for range in found.iter().rev() {
        frames.truncate(range.end);
        let event = frames.split_off(range.start);
        frames.shrink_to_fit();
        let gate_frames = gate_frames(&event);
        events.push((event, gate_frames));
    }
    events.reverse();
    FileEvents { events, pauses, cut_after_seconds: None }
}

/// Frames before the last fast fall of the level.
fn gate_frames(event: &[Moment]) -> usize {
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

    fn at(loudness_db: f32) -> Moment {
        let frame = Frame {
            pitch_hz: 200.0,
            loudness_db,
            envelope_db: [-30.0; NUM_BANDS],
            noise: [0.0; NUM_NOISE_BANDS],
        };
        Moment { frame, half_way: frame, voiced: true }
    }

    fn recording() -> Vec<Moment> {
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
        let found = find_events(recording());
        let lengths: Vec<usize> = found.events.iter().map(|(frames, _)| frames.len()).collect();
        assert_eq!(lengths, [60, 30]);
        assert!((found.pauses[0] - 0.4).abs() < 1e-6 && found.pauses.len() == 1, "{:?}", found.pauses);
        assert_eq!(found.events[0].0[0].frame.loudness_db, -20.0);
    }

    #[test]
    fn the_gate_ends_where_the_level_falls_for_good() {
        let found = find_events(recording());
        let gate = found.events[0].1;
        assert!((49..=54).contains(&gate), "{gate}");
        assert_eq!(found.events[1].1, 30);
    }
}
