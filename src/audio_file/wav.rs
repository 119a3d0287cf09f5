//! WAV through hound.

use super::mix::Mix;
use super::{AudioFileError, Reading, Recording};
use hound::{SampleFormat, WavReader};
use std::fs::File;
use std::io::{self, BufReader, Read, Seek as _};

/// Samples of each channel that are decoded at a time.
const PIECE_SAMPLES: usize = 4_096;

/// Reads a WAV file from its beginning; `None` where hound refuses its form.
pub(super) fn read(file: &File, reading: &Reading<'_>) -> Result<Option<Recording>, AudioFileError> {
    let mut file = BufReader::new(file);
    let Ok(mut reader) = WavReader::new(&mut file) else { return Ok(None) };
    let spec = reader.spec();
    let mut mix = Mix::new(spec.sample_rate, usize::from(spec.channels), reading)?;
    let decoded = match (spec.sample_format, spec.bits_per_sample) {
        (SampleFormat::Float, _) => push_all(reader.samples::<f32>(), &mut mix)?,
        (SampleFormat::Int, 24) => {
            let num_samples = reader.len() as usize;
            return read_24_bit(file, num_samples, mix);
        }
        (SampleFormat::Int, bits) => {
            let scale = integer_scale(bits);
            push_all(
                reader.samples::<i32>().map(|sample| sample.map(|sample| sample as f32 * scale)),
                &mut mix,
            )?
        }
    };
    if decoded { mix.finish().map(Some) } else { Ok(None) }
}

/// Factor from integers of so many bits to full scale 1.
fn integer_scale(bits: u16) -> f32 {
    (-f32::from(bits.saturating_sub(1))).exp2()
}

/// Mixes all samples, up to where the file is cut short. False where hound does not know their form.
fn push_all(
    samples: impl Iterator<Item = hound::Result<f32>>,
    mix: &mut Mix<'_>,
) -> Result<bool, AudioFileError> {
    let num_piece = PIECE_SAMPLES * mix.num_channels();
    let mut piece = Vec::with_capacity(num_piece);
    for sample in samples {
        match sample {
            Ok(sample) => piece.push(sample),
            // Only errors of the system carry its number: this is not the end of the file.
            Err(hound::Error::IoError(error)) if error.raw_os_error().is_some() => {
                return Err(AudioFileError::Read(error));
            }
            Err(hound::Error::IoError(_)) => break,
            Err(_) => return Ok(false),
        }
        if piece.len() == num_piece {
            mix.push(&piece)?;
            piece.clear();
        }
    }
    mix.push(&piece)?;
    Ok(true)
}

/// 24 bits come in three bytes or in four. In four, hound takes the lower three, and the standard (Microsoft,
/// WAVEFORMATEXTENSIBLE) says the upper three: files of both kinds exist, and the lowest bytes tell them apart.
fn read_24_bit(
    mut file: BufReader<&File>,
    num_samples: usize,
    mut mix: Mix<'_>,
) -> Result<Option<Recording>, AudioFileError> {
    let data_start = file.stream_position().map_err(AudioFileError::Read)?;
    file.rewind().map_err(AudioFileError::Read)?;
    let Ok(mut reader) = WavReader::new(&mut file) else { return Ok(None) };
    let first = reader.samples::<i32>().next();
    if !matches!(first, Some(Ok(_))) {
        return mix.finish().map(Some);
    }
    let bytes_per_sample = file.stream_position().map_err(AudioFileError::Read)? - data_start;
    file.seek(io::SeekFrom::Start(data_start)).map_err(AudioFileError::Read)?;
    let num_piece = PIECE_SAMPLES * mix.num_channels();
    let mut num_left = num_samples;
    let mut upper = None;
    let mut bytes = Vec::new();
    while 0 < num_left {
        let num_bytes = num_piece.min(num_left) as u64 * bytes_per_sample;
        bytes.clear();
        (&mut file).take(num_bytes).read_to_end(&mut bytes).map_err(AudioFileError::Read)?;
        let words = || bytes.chunks_exact(bytes_per_sample as usize);
        let piece: Vec<f32> = if bytes_per_sample == 3 {
            words().map(|word| f32_from_24_bits([word[0], word[1], word[2]])).collect()
        } else {
            if upper.is_none() && bytes.iter().any(|byte| *byte != 0) {
                upper = Some(words().all(|word| word[0] == 0));
            }
            let first = usize::from(upper == Some(true));
            words().map(|word| f32_from_24_bits([word[first], word[first + 1], word[first + 2]])).collect()
        };
        if piece.is_empty() {
            break;
        }
        mix.push(&piece)?;
        num_left -= piece.len().min(num_left);
    }
    mix.finish().map(Some)
}

/// Little-endian bytes to full scale 1.
fn f32_from_24_bits(bytes: [u8; 3]) -> f32 {
    let [low, middle, high] = bytes;
    // In the upper three bytes of 32 bits, the sign is in its place.
    i32::from_le_bytes([0, low, middle, high]) as f32 * integer_scale(32)
}
