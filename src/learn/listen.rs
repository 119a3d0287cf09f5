//! One recording to frames: in pieces, so that an hour takes no more memory than a minute, and for as long as there is
//! time.

use crate::audio_file::{self, AudioFileError, Taken};
use crate::vocoder::analysis::Analyser;
use crate::vocoder::frame::HOP_SECONDS;
use crate::vocoder::moment::Moment;
use rayon::prelude::*;
use std::cell::RefCell;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Instant;

/// Highest rate that is analysed; faster recordings are reduced to it.
const MAX_RATE_HZ: u32 = 48_000;
/// Length of a piece, seconds: whole, so that frames lie at the same instants whatever the rate. What is not longer is
/// analysed as one.
const PIECE_SECONDS: usize = 60;
/// Sound on either side of a piece that is analysed with it and not kept, seconds: pitch is a path, and filters ring.
const CONTEXT_SECONDS: usize = 1;
/// Frames of [`CONTEXT_SECONDS`].
const CONTEXT_FRAMES: usize = frames(CONTEXT_SECONDS);
/// Sound that is listened to even if there is no time for it: without any, nothing is learned.
const LEAST_FRAMES: usize = frames(60);

/// Sound that is listened to at most, four hours: what is heard is kept until it is learned, 0.5 GB an hour.
const MOST_FRAMES: usize = frames(4 * 3_600);

/// Frames in whole seconds.
const fn frames(seconds: usize) -> usize {
    seconds * (1.0 / HOP_SECONDS) as usize
}

/// For how long recordings are listened to.
pub(crate) struct Patience<'a> {
    /// Is the result still wanted?
    pub(crate) wanted: &'a (dyn Fn() -> bool + Sync),
    /// When to end, with what there is by then.
    pub(crate) deadline: Instant,
    /// Frames of all recordings so far.
    pub(crate) num_frames: AtomicUsize,
}

impl Patience<'_> {
    /// Is it time to end with what there is?
    pub(crate) fn is_over(&self) -> bool {
        let num_frames = self.num_frames.load(Relaxed);
        let is_late = || self.deadline <= Instant::now();
        MOST_FRAMES <= num_frames || (LEAST_FRAMES <= num_frames && is_late())
    }

    fn goes_on(&self) -> bool {
        (self.wanted)() && !self.is_over()
    }
}

/// What was heard of a recording.
pub(crate) struct Heard {
    /// One every [`HOP_SECONDS`].
    pub(crate) frames: Vec<Moment>,
    /// Is it all of it?
    pub(crate) is_whole: bool,
}

/// Listens to recordings, up to `lanes` pieces of each at once.
pub(crate) struct Listener<'a> {
    pub(crate) patience: &'a Patience<'a>,
    pub(crate) analyser: &'a Analyser,
    pub(crate) lanes: usize,
}

impl Listener<'_> {
    /// Reads and analyses a recording, as far as patience goes.
    ///
    /// # Errors
    ///
    /// As for [`audio_file::read`]; and [`AudioFileError::Unwanted`] where it is given up, or nothing was heard in time.
    pub(crate) fn hear(&self, path: &Path) -> Result<Heard, AudioFileError> {
        let heard = RefCell::new(Heard { frames: Vec::new(), is_whole: true });
        let take = |samples: &mut Vec<f32>, rate_hz| {
            self.analyse(samples, rate_hz, Part::Middle, &mut heard.borrow_mut())
        };
        let taken = Taken { seconds: (self.lanes * PIECE_SECONDS + 2 * CONTEXT_SECONDS) as f64, take: &take };
        let wanted = || heard.borrow().is_whole && self.patience.goes_on();
        let read = audio_file::read_in_parts(path, 0..=MAX_RATE_HZ, taken, &wanted);
        let mut heard = heard.into_inner();
        match read {
            Ok(mut rest) => self.analyse(&mut rest.samples, rest.sample_rate, Part::Last, &mut heard),
            Err(AudioFileError::Unwanted) if (self.patience.wanted)() => heard.is_whole = false,
            Err(error) => return Err(error),
        }
        if heard.frames.is_empty() { Err(AudioFileError::Unwanted) } else { Ok(heard) }
    }

    /// Analyses as many pieces as there are, and leaves their end as context for what follows.
    fn analyse(&self, samples: &mut Vec<f32>, rate_hz: u32, part: Part, heard: &mut Heard) {
        let samples_of = |seconds: usize| seconds * rate_hz as usize;
        let (piece, context) = (samples_of(PIECE_SECONDS), samples_of(CONTEXT_SECONDS));
        // The first piece has nothing before it.
        let (lead, lead_frames) = if heard.frames.is_empty() { (0, 0) } else { (context, CONTEXT_FRAMES) };
        let num_pieces = samples.len().saturating_sub(lead + context) / piece;
        let bounds = |idx: usize| {
            let begin = (lead + idx * piece).saturating_sub(context);
            let skipped = if idx == 0 { lead_frames } else { CONTEXT_FRAMES };
            (begin, skipped)
        };
        let middle = (0..num_pieces).map(|idx| {
            let (begin, skipped) = bounds(idx);
            Piece {
                samples: &samples[begin..lead + (idx + 1) * piece + context],
                skipped,
                kept: frames(PIECE_SECONDS),
            }
        });
        let last = (part == Part::Last).then(|| {
            let (begin, skipped) = bounds(num_pieces);
            Piece { samples: &samples[begin..], skipped, kept: usize::MAX }
        });
        let pieces: Vec<Piece<'_>> = middle.chain(last).collect();
        let analyse = |piece: &Piece<'_>| self.analyse_piece(piece, rate_hz);
        let analysed: Vec<Option<Vec<Moment>>> = if self.lanes == 1 {
            pieces.iter().map(analyse).collect()
        } else {
            pieces.par_iter().map(analyse).collect()
        };
        for frames in analysed {
            // What comes after a gap would be at the wrong time.
            heard.is_whole &= frames.is_some();
            if heard.is_whole {
                heard.frames.extend(frames.unwrap_or_default());
            }
        }
        samples.drain(..bounds(num_pieces).0);
    }

    /// The frames of a piece without its context, `None` where it was given up.
    fn analyse_piece(&self, piece: &Piece<'_>, rate_hz: u32) -> Option<Vec<Moment>> {
        let goes_on = || self.patience.goes_on();
        let mut frames = self.analyser.moments_while(piece.samples, f64::from(rate_hz), &goes_on)?;
        frames.drain(..piece.skipped.min(frames.len()));
        frames.truncate(piece.kept);
        self.patience.num_frames.fetch_add(frames.len(), Relaxed);
        Some(frames)
    }
}

/// What of a recording is there.
#[derive(Clone, Copy, PartialEq)]
enum Part {
    Middle,
    Last,
}

/// A stretch of a recording with its context.
struct Piece<'a> {
    samples: &'a [f32],
    /// Frames at the beginning that are the piece's before.
    skipped: usize,
    /// Frames after them that are its own, at most.
    kept: usize,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio_file::{WavFormat, write_wav};
    use std::time::Duration;

    const RATE_HZ: u32 = 8_000;

    /// Notes of 0.7 s that rise and fall, with pauses of 0.3 s.
    fn notes(seconds: usize) -> Vec<f32> {
        let mut phase = 0.0_f64;
        let rate_hz = f64::from(RATE_HZ);
        (0..seconds * RATE_HZ as usize)
            .map(|n| {
                let at = n as f64 / rate_hz;
                let (note, within) = (at.floor(), at.fract());
                phase += (150.0 + 20.0 * (note % 7.0) + 10.0 * within) / rate_hz;
                let level = if within < 0.7 { 0.3 * (within / 0.05).min(1.0) } else { 0.0 };
                let tone: f64 = (1..6)
                    .map(|k| (core::f64::consts::TAU * f64::from(k) * phase).sin() / f64::from(k))
                    .sum();
                (level * tone) as f32
            })
            .collect()
    }

    fn hear(samples: &[f32], lanes: usize, deadline: Duration) -> Result<Heard, AudioFileError> {
        hear_after(0, samples, lanes, deadline)
    }

    /// As [`hear`], with so many frames of other recordings heard before.
    fn hear_after(
        num_frames: usize,
        samples: &[f32],
        lanes: usize,
        deadline: Duration,
    ) -> Result<Heard, AudioFileError> {
        let file = tempfile::Builder::new().suffix(".wav").tempfile().unwrap();
        write_wav(file.path(), &[samples], RATE_HZ, WavFormat::default()).unwrap();
        let patience = Patience {
            wanted: &|| true,
            deadline: Instant::now() + deadline,
            num_frames: AtomicUsize::new(num_frames),
        };
        Listener { patience: &patience, analyser: &Analyser::default(), lanes }.hear(file.path())
    }

    #[test]
    fn a_long_recording_in_pieces_has_the_frames_of_the_whole() {
        let samples = notes(PIECE_SECONDS + 5);
        let whole = Analyser::default().moments_while(&samples, f64::from(RATE_HZ), &|| true).unwrap();
        let heard = hear(&samples, 1, Duration::from_secs(600)).unwrap();
        assert!(heard.is_whole, "to its end");
        assert_eq!(heard.frames.len(), whole.len());
        let far = heard.frames.iter().zip(&whole).filter(|(piece, whole)| {
            let (piece, whole) = (&piece.frame, &whole.frame);
            let is_loud = -40.0 < whole.loudness_db;
            is_loud
                && (1.0 < (piece.loudness_db - whole.loudness_db).abs()
                    || 0.01 < (piece.pitch_hz / whole.pitch_hz).log2().abs())
        });
        // One in a hundred: the noise that copies are corrected with is another.
        let num_far = far.count();
        assert!(num_far * 100 < whole.len(), "{num_far} of {} frames differ", whole.len());
        // How many pieces are analysed at once changes nothing.
        assert!(hear(&samples, 3, Duration::from_secs(600)).unwrap().frames == heard.frames, "lanes");
    }

    #[test]
    fn when_time_is_up_the_first_minute_of_sound_is_there() {
        let heard = hear(&notes(PIECE_SECONDS + 5), 1, Duration::ZERO).unwrap();
        assert_eq!((heard.frames.len(), heard.is_whole), (LEAST_FRAMES, false));
    }

    #[test]
    fn when_enough_is_heard_the_rest_is_left() {
        let samples = notes(PIECE_SECONDS + 5);
        let heard = hear_after(MOST_FRAMES - LEAST_FRAMES, &samples, 1, Duration::from_secs(600)).unwrap();
        assert_eq!((heard.frames.len(), heard.is_whole), (LEAST_FRAMES, false));
    }
}
