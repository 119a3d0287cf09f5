//! WAV in memory, to be put into a page.

/// Bytes of a WAV file of one channel of 16 bits, ready for any player. What is beyond full scale is clipped, what is
/// not a number is 0.
pub fn wav_bytes(samples: &[f32], sample_rate: u32) -> Vec<u8> {
    /// Bytes of a sample.
    const SAMPLE_BYTES: u32 = 2;
    /// Bytes of the header after its first eight.
    const HEADER_BYTES: u32 = 36;
    // Pages hold seconds; what would not fit the header is cut.
    let num_samples = samples.len().min(((u32::MAX - HEADER_BYTES) / SAMPLE_BYTES) as usize);
    let data_bytes = num_samples as u32 * SAMPLE_BYTES;
    let mut bytes = Vec::with_capacity(data_bytes as usize + HEADER_BYTES as usize + 8);
    bytes.extend_from_slice(b"RIFF");
    bytes.extend_from_slice(&(HEADER_BYTES + data_bytes).to_le_bytes());
    bytes.extend_from_slice(b"WAVEfmt ");
    // Length of the format, then: integers, one channel.
    bytes.extend_from_slice(&[16, 0, 0, 0, 1, 0, 1, 0]);
    bytes.extend_from_slice(&sample_rate.to_le_bytes());
    bytes.extend_from_slice(&sample_rate.wrapping_mul(SAMPLE_BYTES).to_le_bytes());
    // Bytes of a frame, bits of a sample.
    bytes.extend_from_slice(&[2, 0, 16, 0]);
    bytes.extend_from_slice(b"data");
    bytes.extend_from_slice(&data_bytes.to_le_bytes());
    for sample in &samples[..num_samples] {
        // The cast clips, and takes NaN to 0.
        let integer = (sample * 32_767.0).round() as i16;
        bytes.extend_from_slice(&integer.to_le_bytes());
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hound_reads_what_is_embedded() {
        let bytes = wav_bytes(&[0.0, 1.0, -1.0, 2.0, f32::NAN], 32_000);
        let mut reader = hound::WavReader::new(std::io::Cursor::new(bytes)).unwrap();
        assert_eq!((reader.spec().sample_rate, reader.spec().channels), (32_000, 1));
        let samples: Vec<i16> = reader.samples().map(Result::unwrap).collect();
        assert_eq!(samples, [0, 32_767, -32_767, 32_767, 0]);
    }
}
