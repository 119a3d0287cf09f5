//! Audio files: finding them in folders, reading them to one channel at one rate, writing WAV.
//!
//! WAV is read through hound, and what hound refuses of it (A-law, RF64, 64-bit float), FLAC, AIFF, OGG Vorbis and
//! MP3 through symphonia. Nothing a header says is believed: files are decoded in pieces, and what is kept is bounded
//! by what was decoded. A file that is cut short gives what is there. A constant offset is left as it is; removing it
//! is up to analysis.

mod decode;
mod embed;
mod growing;
mod mix;
mod resample;
mod scan;
mod wav;
mod write;

#[cfg(test)]
mod tests;

pub use embed::wav_bytes;
pub use growing::GrowingWav;
pub use scan::{Refusal, Scan, scan, scan_while};
pub use write::{WavFormat, write_wav};

use crate::whole_file::WholeFileError;
use core::ops::RangeInclusive;
use std::fs::File;
use std::io::{self, Read as _, Seek as _};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

/// Shortest recording that is of use, seconds: an onset and a few analysis windows.
pub const MIN_SECONDS: f64 = 0.1;

/// Longest recording that is read, seconds: four hours, so that nobody's archive fills the memory.
pub const MAX_SECONDS: f64 = 4.0 * 3600.0;

/// Most samples of one recording after resampling: 2 GiB of memory.
pub const MAX_SAMPLES: usize = 1 << 29;

/// Lowest peak that is not silence, dB of full scale.
pub const MIN_PEAK_DB: f32 = -70.0;

/// Highest peak that can be sound, dB of full scale; float files scaled to 16-bit integers reach 90.
pub const MAX_PEAK_DB: f32 = 120.0;

/// Lowest sample rate that is read, Hz.
pub const MIN_RATE_HZ: u32 = 4_000;

/// Highest sample rate that is read, Hz.
pub const MAX_RATE_HZ: u32 = 768_000;

/// Most channels that are read: seventh-order ambisonics.
pub const MAX_CHANNELS: usize = 64;

/// Sound of one file, mixed down to one channel.
#[derive(Clone, Debug, PartialEq)]
pub struct Recording {
    /// Mean of the channels, 1 is full scale, all finite. Shape `[samples]`.
    pub samples: Vec<f32>,
    /// Samples per second.
    pub sample_rate: u32,
    /// Samples per second in the file.
    pub source_rate: u32,
    /// Channels in the file.
    pub num_channels: usize,
}

/// What is wrong with an audio file. Reading's messages do not name the file: [`Refusal`] does.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AudioFileError {
    /// The system does not open it.
    #[error("cannot be opened: {0}")]
    Open(#[source] io::Error),
    /// The system stops reading it.
    #[error("cannot be read: {0}; copy it again")]
    Read(#[source] io::Error),
    /// Something else under an audio file's name.
    #[error("not an audio file that Mynah reads: convert it to WAV, FLAC, AIFF, OGG Vorbis or MP3")]
    NotAudio,
    /// An audio file in a form that no decoder knows, or damaged at the root.
    #[error("cannot be decoded: {reason}; convert it to 16-bit WAV or copy it again")]
    Undecodable {
        /// What the decoder says.
        reason: String,
    },
    /// Most of it does not decode.
    #[error("damaged: {num_damaged} of {num_packets} packets cannot be decoded; copy it again")]
    Damaged {
        /// Packets that failed.
        num_damaged: u64,
        /// Packets in all.
        num_packets: u64,
    },
    /// No samples.
    #[error("empty: it holds no samples; record or export it again")]
    Empty,
    /// Shorter than [`MIN_SECONDS`].
    #[error("{:.1} s, too short: at least {MIN_SECONDS} s", floor_tenth(*.seconds))]
    TooShort {
        /// Its length.
        seconds: f64,
    },
    /// Longer than is read.
    #[error("more than {max_seconds:.0} s, too long: cut it into shorter files")]
    TooLong {
        /// The bound.
        max_seconds: f64,
    },
    /// Peak below [`MIN_PEAK_DB`].
    #[error("silent: its peak is {peak_db:.0} dBFS, at least {MIN_PEAK_DB} is needed; record it louder")]
    Silent {
        /// Its peak.
        peak_db: f32,
    },
    /// Channels of opposite sign.
    #[error("its channels cancel each other out: invert one of them or keep one alone")]
    ChannelsCancel,
    /// Peak above [`MAX_PEAK_DB`].
    #[error("its peak is {peak_db:.0} dBFS, at most {MAX_PEAK_DB} can be sound; export it again")]
    TooLoud {
        /// Its peak.
        peak_db: f32,
    },
    /// Not a number, or infinite.
    #[error("the sample at {seconds:.3} s is not a finite number; export it again")]
    NotFinite {
        /// Where it is.
        seconds: f64,
    },
    /// Outside [`MIN_RATE_HZ`] to [`MAX_RATE_HZ`].
    #[error("sample rate of {rate_hz} Hz, must be {MIN_RATE_HZ} to {MAX_RATE_HZ}; convert it to 48000")]
    SampleRate {
        /// The rate.
        rate_hz: u32,
    },
    /// None, or more than [`MAX_CHANNELS`].
    #[error("{num_channels} channels, must be 1 to {MAX_CHANNELS}; mix it down to fewer")]
    Channels {
        /// Their number.
        num_channels: usize,
    },
    /// Channels to write differ in length.
    #[error("channels of {first} and {other} samples cannot be written to one file; make them equal")]
    UnequalChannels {
        /// Samples of the first channel.
        first: usize,
        /// Samples of another.
        other: usize,
    },
    /// WAV ends at 4 GiB.
    #[error("{num_bytes} bytes of sound, more than the 4 GiB of a WAV file; render less or at a lower rate")]
    TooMuchForWav {
        /// Bytes of sound.
        num_bytes: u64,
    },
    /// Whoever asked for it wants it no more.
    #[error("not read: nobody waits for it any more")]
    Unwanted,
    /// The file could not be put in its place.
    #[error(transparent)]
    Write(#[from] WholeFileError),
}

/// Rounded down to tenths, so that what is just too short does not read as long enough.
fn floor_tenth(seconds: f64) -> f64 {
    (seconds * 10.0).floor() / 10.0
}

/// Rates that leave every recording as it is.
pub const ANY_RATE: RangeInclusive<u32> = MIN_RATE_HZ..=MAX_RATE_HZ;

/// Reads an audio file, mixes it down, and resamples it to the nearest of `rates_hz` if its own is none of them.
///
/// The result is `round(samples · target / source)` long and not delayed.
pub fn read(path: &Path, rates_hz: RangeInclusive<u32>) -> Result<Recording, AudioFileError> {
    Reading { rates_hz, taken: None, wanted: &|| true }.read(path)
}

/// As [`read`], for recordings too long to be held whole, given up soon after `wanted` says no.
///
/// As soon as there are `taken.seconds` of samples, `taken.take` is given them all, with their rate, and leaves what it
/// does not want yet. What it left at the end is in the result. Whether a file is refused as a whole is known only then.
pub fn read_in_parts(
    path: &Path,
    rates_hz: RangeInclusive<u32>,
    taken: Taken<'_>,
    wanted: &dyn Fn() -> bool,
) -> Result<Recording, AudioFileError> {
    Reading { rates_hz, taken: Some(taken), wanted }.read(path)
}

/// How a long recording is taken in parts.
#[derive(Clone, Copy)]
pub struct Taken<'a> {
    /// Sound after which it is taken.
    pub seconds: f64,
    /// Takes from the beginning of the samples, at a rate in Hz.
    pub take: &'a dyn Fn(&mut Vec<f32>, u32),
}

/// How a file is read.
struct Reading<'a> {
    /// Rates that stay as they are.
    rates_hz: RangeInclusive<u32>,
    /// Who takes samples before the end.
    taken: Option<Taken<'a>>,
    /// Does anybody still wait for it?
    wanted: &'a dyn Fn() -> bool,
}

impl Reading<'_> {
    fn read(&self, path: &Path) -> Result<Recording, AudioFileError> {
        // Symphonia panics on some damaged files (0.6.1: AIFF with thousands of channels, in builds that check for
        // overflow). One file must not end an hour of learning; the state inside is dropped, so nothing broken is seen.
        catch_unwind(AssertUnwindSafe(|| read_guarded(path, self))).unwrap_or_else(|_| {
            Err(AudioFileError::Undecodable { reason: "its structure breaks the decoder".to_owned() })
        })
    }
}

fn read_guarded(path: &Path, reading: &Reading<'_>) -> Result<Recording, AudioFileError> {
    // Before it is opened: opening a pipe waits for its writer.
    let metadata = path.metadata().map_err(AudioFileError::Open)?;
    if !metadata.is_file() {
        return Err(AudioFileError::NotAudio);
    }
    let mut file = File::open(path).map_err(AudioFileError::Open)?;
    if metadata.len() == 0 {
        return Err(AudioFileError::Empty);
    }
    let mut head = Vec::with_capacity(HEAD_BYTES);
    (&file).take(HEAD_BYTES as u64).read_to_end(&mut head).map_err(AudioFileError::Read)?;
    file.rewind().map_err(AudioFileError::Read)?;
    let kind = Kind::of(&head, path).ok_or(AudioFileError::NotAudio)?;
    if kind == Kind::Wav
        && let Some(recording) = wav::read(&file, reading)?
    {
        return Ok(recording);
    }
    file.rewind().map_err(AudioFileError::Read)?;
    decode::read(file, &kind, reading)
}

/// Bytes that tell the kind of a file: as far as the data length of RF64.
const HEAD_BYTES: usize = 36;

/// Kind of a file by its first bytes: names lie.
#[derive(Debug, PartialEq)]
enum Kind {
    Wav,
    /// WAV of more than 4 GiB (EBU Tech 3306), with the bytes of its data.
    Rf64 {
        data_bytes: u64,
    },
    /// FLAC, AIFF, OGG or MP3: symphonia sees which.
    Other,
}

impl Kind {
    fn of(head: &[u8], path: &Path) -> Option<Self> {
        let at = |start: usize, marker: &[u8]| head.get(start..).is_some_and(|rest| rest.starts_with(marker));
        if at(0, b"RIFF") && at(8, b"WAVE") {
            return Some(Self::Wav);
        }
        if at(0, b"RF64") && at(8, b"WAVE") && at(12, b"ds64") {
            let data_bytes = head.get(28..36)?.try_into().ok()?;
            return Some(Self::Rf64 { data_bytes: u64::from_le_bytes(data_bytes) });
        }
        let known = at(0, b"fLaC")
            || at(0, b"OggS")
            || at(0, b"ID3")
            || (at(0, b"FORM") && (at(8, b"AIFF") || at(8, b"AIFC")))
            // The 11 set bits that open a frame of MPEG audio, and layer III.
            || (at(0, &[0xff]) && head.get(1).is_some_and(|byte| byte & 0b1110_0110 == 0b1110_0010));
        // Symphonia finds a stray frame of MP3 in many a picture or text, so only files named so may begin otherwise.
        let named_mp3 = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("mp3"));
        (known || named_mp3).then_some(Self::Other)
    }
}

fn check_rate(rate_hz: u32) -> Result<(), AudioFileError> {
    if (MIN_RATE_HZ..=MAX_RATE_HZ).contains(&rate_hz) {
        Ok(())
    } else {
        Err(AudioFileError::SampleRate { rate_hz })
    }
}

fn check_channels(num_channels: usize) -> Result<(), AudioFileError> {
    if (1..=MAX_CHANNELS).contains(&num_channels) {
        Ok(())
    } else {
        Err(AudioFileError::Channels { num_channels })
    }
}
