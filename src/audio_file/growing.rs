//! A WAV file that grows while it is recorded: playable up to the last checkpoint even if everything stops, and kept
//! as far as it came if the disk fills up.

use super::write::{HEADER_BYTES, int24_from_sample};
use super::{AudioFileError, check_channels, check_rate};
use crate::whole_file::{WholeFileError, check_writable};
use hound::{SampleFormat, WavSpec, WavWriter};
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, BufWriter, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

/// Bytes of a sample.
const SAMPLE_BYTES: u64 = 3;

/// Bytes that are written at a time.
const BUFFER_BYTES: usize = 1 << 16;

/// A recording that goes on, 24 bit. It is written beside its place, as `NAME.wav.part`, and renamed when it is finished.
pub struct GrowingWav {
    part: Part,
    writer: WavWriter<BufWriter<File>>,
    is_cut: bool,
}

impl core::fmt::Debug for GrowingWav {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("GrowingWav").field("part", &self.part).finish_non_exhaustive()
    }
}

#[derive(Debug)]
struct Part {
    path: PathBuf,
    target: PathBuf,
    num_channels: u64,
    /// Bytes before the first sample.
    header_bytes: u64,
    num_samples: u64,
}

impl GrowingWav {
    /// Begins a file; nothing is at `target` until it is finished.
    pub fn create(target: &Path, num_channels: usize, sample_rate: u32) -> Result<Self, AudioFileError> {
        check_rate(sample_rate)?;
        check_channels(num_channels)?;
        check_writable(target)?;
        let target = fs::canonicalize(target).unwrap_or_else(|_| target.to_owned());
        if target.exists() && !target.is_file() {
            // A device must not be replaced.
            return Err(WholeFileError::Denied(target).into());
        }
        let (path, file) = new_part(&target).map_err(|error| WholeFileError::new(&target, error))?;
        let spec = WavSpec {
            channels: num_channels as u16,
            sample_rate,
            bits_per_sample: 8 * SAMPLE_BYTES as u16,
            sample_format: SampleFormat::Int,
        };
        let mut part =
            Part { path, target, num_channels: num_channels as u64, header_bytes: 0, num_samples: 0 };
        let begun = WavWriter::new(BufWriter::with_capacity(BUFFER_BYTES, file), spec)
            .and_then(|mut writer| writer.flush().map(|()| writer));
        let writer = begun.map_err(|error| part.error(error))?;
        part.header_bytes = part.num_bytes().map_err(|error| part.error(error.into()))?;
        Ok(Self { part, writer, is_cut: false })
    }

    /// Where it grows until it is finished.
    pub fn part_path(&self) -> &Path {
        &self.part.path
    }

    /// Appends samples, the channels of a sample one after another. After an error what was written before can still
    /// be finished; nothing more can be written.
    pub fn write(&mut self, interleaved: &[f32]) -> Result<(), AudioFileError> {
        let num_bytes = (self.part.num_samples + interleaved.len() as u64) * SAMPLE_BYTES;
        if u64::from(u32::MAX) < num_bytes + HEADER_BYTES {
            return Err(AudioFileError::TooMuchForWav { num_bytes });
        }
        for &sample in interleaved {
            if let Err(error) = self.writer.write_sample(int24_from_sample(sample)) {
                self.is_cut = true;
                return Err(self.part.error(error));
            }
        }
        self.part.num_samples += interleaved.len() as u64;
        Ok(())
    }

    /// Brings everything so far to the disk, with a header that says so.
    pub fn checkpoint(&mut self) -> Result<(), AudioFileError> {
        self.writer.flush().map_err(|error| {
            self.is_cut = true;
            self.part.error(error)
        })
    }

    /// Ends the file and gives it its name. After an error of [`write`](Self::write) it holds what came to the disk.
    pub fn finish(self) -> Result<PathBuf, AudioFileError> {
        let Self { part, writer, mut is_cut } = self;
        if is_cut {
            drop(writer);
        } else if writer.finalize().is_err() {
            is_cut = true;
        }
        let finished = if is_cut { part.mend() } else { Ok(()) };
        finished
            .and_then(|()| File::open(&part.path)?.sync_all())
            .and_then(|()| fs::rename(&part.path, &part.target))
            .map_err(|error| WholeFileError::new(&part.path, error))?;
        Ok(part.target)
    }
}

impl Part {
    fn error(&self, error: hound::Error) -> AudioFileError {
        let error = match error {
            hound::Error::IoError(error) => error,
            error => io::Error::other(error),
        };
        WholeFileError::new(&self.target, error).into()
    }

    fn num_bytes(&self) -> io::Result<u64> {
        Ok(fs::metadata(&self.path)?.len())
    }

    /// Makes the header say how much is there: it takes no room that the file does not have.
    fn mend(&self) -> io::Result<()> {
        let frame_bytes = self.num_channels * SAMPLE_BYTES;
        let data_bytes = self.num_bytes()?.saturating_sub(self.header_bytes) / frame_bytes * frame_bytes;
        let file_bytes = self.header_bytes + data_bytes;
        let mut file = File::options().write(true).open(&self.path)?;
        file.set_len(file_bytes)?;
        // RIFF: four letters, then the number of bytes after it. The number of bytes of samples stands right before
        // them. Neither is over 4 GiB: nothing longer was written.
        file.seek(SeekFrom::Start(4))?;
        file.write_all(&((file_bytes - 8) as u32).to_le_bytes())?;
        file.seek(SeekFrom::Start(self.header_bytes - 4))?;
        file.write_all(&(data_bytes as u32).to_le_bytes())
    }
}

/// A new file beside `target`; one that an earlier run left there stays.
fn new_part(target: &Path) -> io::Result<(PathBuf, File)> {
    let mut number = 1;
    loop {
        let mut name = OsString::from(target);
        name.push(if number == 1 { ".part".into() } else { format!(".{number}.part") });
        match File::options().write(true).create_new(true).open(&name) {
            Ok(file) => return Ok((name.into(), file)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => number += 1,
            Err(error) => return Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::read;
    use super::*;

    fn ramp() -> Vec<f32> {
        (0..19_200).map(|index| index as f32 / 20_000.0).collect()
    }

    #[test]
    fn a_file_has_its_name_once_it_is_whole_and_is_readable_before() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("take.wav");
        let mut wav = GrowingWav::create(&target, 2, 48_000).unwrap();
        wav.write(&ramp()).unwrap();
        wav.checkpoint().unwrap();
        assert!(!target.exists());
        let recording = hound::WavReader::open(wav.part_path()).unwrap();
        assert_eq!(recording.duration(), 9_600);
        wav.write(&ramp()).unwrap();
        assert_eq!(wav.finish().unwrap(), fs::canonicalize(&target).unwrap());
        let recording = read(&target, crate::audio_file::ANY_RATE).unwrap();
        assert_eq!((recording.num_channels, recording.samples.len()), (2, 19_200));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_file_that_was_cut_holds_whole_frames_and_says_how_many() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("take.wav");
        let mut wav = GrowingWav::create(&target, 2, 48_000).unwrap();
        wav.write(&ramp()).unwrap();
        wav.checkpoint().unwrap();
        // As a full disk does it: some bytes of the next samples are there, and no header tells of them.
        let mut file = File::options().append(true).open(wav.part_path()).unwrap();
        file.write_all(&[1; 16]).unwrap();
        wav.is_cut = true;
        let path = wav.finish().unwrap();
        let mut reader = hound::WavReader::open(path).unwrap();
        assert_eq!(reader.duration(), 9_602);
        assert!(reader.samples::<i32>().all(|sample| sample.is_ok()));
    }

    #[test]
    fn what_an_earlier_run_left_and_what_is_no_file_stay() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("take.wav");
        let first = GrowingWav::create(&target, 1, 48_000).unwrap();
        let second = GrowingWav::create(&target, 1, 48_000).unwrap();
        assert_ne!(first.part_path(), second.part_path());
        assert!(GrowingWav::create(folder.path(), 1, 48_000).is_err());
        let error = GrowingWav::create(&folder.path().join("no/a.wav"), 1, 48_000).unwrap_err();
        assert!(error.to_string().contains("does not exist"), "{error}");
        #[cfg(unix)]
        assert!(GrowingWav::create(Path::new("/dev/null"), 1, 48_000).is_err());
    }
}
