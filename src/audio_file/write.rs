//! Writing WAV.

use super::{AudioFileError, check_channels, check_rate};
use crate::whole_file::write_whole_with;
use hound::{SampleFormat, WavSpec, WavWriter};
use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::path::Path;

/// Form of the samples in a WAV file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WavFormat {
    /// Integers of 24 bits; what is beyond full scale is clipped, what is not a number is 0.
    #[default]
    Int24,
    /// Floating point of 32 bits, as it comes.
    Float32,
}

/// Bytes of a WAV file besides its samples, rounded up.
pub(super) const HEADER_BYTES: u64 = 128;

/// Writes a WAV file, whole or not at all. Shape of `channels`: `[channels][samples]`.
pub fn write_wav(
    path: &Path,
    channels: &[&[f32]],
    sample_rate: u32,
    format: WavFormat,
) -> Result<(), AudioFileError> {
    check_rate(sample_rate)?;
    check_channels(channels.len())?;
    let num_samples = channels.first().map_or(0, |first| first.len());
    if let Some(other) = channels.iter().find(|channel| channel.len() != num_samples) {
        return Err(AudioFileError::UnequalChannels { first: num_samples, other: other.len() });
    }
    let (bits_per_sample, sample_format) = match format {
        WavFormat::Int24 => (24, SampleFormat::Int),
        WavFormat::Float32 => (32, SampleFormat::Float),
    };
    let num_bytes = num_samples as u64 * channels.len() as u64 * u64::from(bits_per_sample / 8);
    if u64::from(u32::MAX) < num_bytes + HEADER_BYTES {
        return Err(AudioFileError::TooMuchForWav { num_bytes });
    }
    let spec = WavSpec { channels: channels.len() as u16, sample_rate, bits_per_sample, sample_format };
    write_whole_with(path, |file| {
        write_samples(file, channels, spec).map_err(|error| match error {
            hound::Error::IoError(error) => error,
            error => io::Error::other(error),
        })
    })?;
    Ok(())
}

fn write_samples(file: &mut File, channels: &[&[f32]], spec: WavSpec) -> hound::Result<()> {
    let mut buffered = BufWriter::new(file);
    let mut writer = WavWriter::new(&mut buffered, spec)?;
    for index in 0..channels.first().map_or(0, |first| first.len()) {
        for channel in channels {
            let sample = channel[index];
            match spec.sample_format {
                SampleFormat::Float => writer.write_sample(sample)?,
                SampleFormat::Int => writer.write_sample(int24_from_sample(sample))?,
            }
        }
    }
    writer.finalize()?;
    buffered.flush()?;
    Ok(())
}

/// Integer of 24 bits, clipped; 0 for what is not a number.
pub(super) fn int24_from_sample(sample: f32) -> i32 {
    /// Steps in full scale 1.
    const SCALE: f32 = 8_388_608.0;
    let steps = sample * SCALE;
    // The cast cuts what is beyond whole numbers, and takes NaN to 0; both ends of the clamp are whole numbers of f32. To round
    // would be a call on processors without SSE4.1.
    (steps + 0.5_f32.copysign(steps)).clamp(-SCALE, SCALE - 1.0) as i32
}

#[cfg(test)]
mod tests {
    use super::super::{ANY_RATE, read};
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.wav");
        let left: Vec<f32> = (0..9_600).map(|index| (index as f32 * 0.1).sin()).collect();
        // Half a step of 24 bits, and the clip at the top.
        for (format, tolerance) in [(WavFormat::Int24, 1.3e-7), (WavFormat::Float32, 0.0)] {
            write_wav(&path, &[&left, &left], 24_000, format).unwrap();
            let recording = read(&path, ANY_RATE).unwrap();
            assert_eq!((recording.source_rate, recording.num_channels), (24_000, 2));
            assert_eq!(recording.samples.len(), left.len());
            for (got, expected) in recording.samples.iter().zip(&left) {
                assert!((got - expected).abs() <= tolerance, "{got}, expected {expected}");
            }
        }
    }

    #[test]
    fn beyond_full_scale_is_clipped_and_not_a_number_is_nought() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.wav");
        write_wav(&path, &[&[2.0, -2.0, f32::NAN, f32::INFINITY]], 48_000, WavFormat::Int24).unwrap();
        let mut reader = hound::WavReader::open(&path).unwrap();
        let samples: Vec<_> = reader.samples::<i32>().map(Result::unwrap).collect();
        assert_eq!(samples, [8_388_607, -8_388_608, 0, 8_388_607]);
    }

    #[test]
    fn bad_requests_are_errors_and_leave_no_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.wav");
        let one: &[f32] = &[0.0];
        assert!(write_wav(&path, &[], 48_000, WavFormat::Int24).is_err());
        assert!(write_wav(&path, &[one], 0, WavFormat::Int24).is_err());
        assert!(write_wav(&path, &[one, &[]], 48_000, WavFormat::Int24).is_err());
        assert!(!path.exists());
        let error = write_wav(&folder.path().join("no/a.wav"), &[one], 48_000, WavFormat::Int24).unwrap_err();
        assert!(error.to_string().contains("does not exist"), "{error}");
    }
}
