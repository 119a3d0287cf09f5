//! The corpus: recordings to events of frames, split by file into what is learned and what is held out.

use super::LearnError;
use super::events::{Found, SHORTEST_EVENT, find_events};
use super::listen::{Listener, Patience};
use crate::audio_file::{self, AudioFileError, Refusal};
use crate::vocoder::analysis::Analyser;
use crate::vocoder::frame::HOP_SECONDS;
use crate::vocoder::moment::Moment;
use crate::whole_file::printable_name;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

/// Least sound to learn from.
pub const LEAST_SECONDS: f32 = 2.0;
/// Files below which parts of files are held out instead of whole ones.
const FEW_FILES: usize = 5;
/// One file in so many is held out.
const HELD_OUT_EVERY: usize = 10;

/// A stretch of sound.
#[derive(Clone, Debug)]
pub struct Event {
    /// What was measured, at least 0.1 s.
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

/// What is used of one file.
struct FileEvents {
    found: Found,
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
        let Found { events, pauses } = file.found;
        let num_frames: usize = events.iter().map(|(frames, _)| frames.len()).sum();
        let seconds = num_frames as f32 * HOP_SECONDS as f32;
        let name = printable_name(&path);
        if let Some(seconds) = file.cut_after_seconds {
            let reason = format!(
                "all but its first {seconds:.0} s: the time was up, or four hours heard; allow more time, or cut it"
            );
            self.refused.push(Refusal::new(&path, reason));
        }
        self.files.push(UsedFile { path, name, seconds, held_out: false });
        self.pauses.extend(pauses);
        self.events.extend(events.into_iter().map(|(frames, gate_frames)| Event {
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
            // What is cut off does not ring out.
            event.gate_frames = event.gate_frames.min(cut - 1);
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
    Ok(FileEvents { found, cut_after_seconds })
}
