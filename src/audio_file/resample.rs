//! Sample-rate conversion in pieces, by Fourier transform: the ratio is exact, whatever the two rates.

use super::AudioFileError;
use rubato::audioadapter_buffers::direct::InterleavedSlice;
use rubato::{Fft, FixedSync, Resampler as _};

/// Shortest block on either side, samples. The filter is as long as the block: at 2,048 it passes 99 % of the band of
/// the lower rate, and what folds back is below the window's 180 dB.
const MIN_BLOCK_SAMPLES: usize = 2_048;

/// A resampler with its delay taken off.
pub(super) struct Resample {
    fft: Fft<f32>,
    source_rate: u32,
    target_rate: u32,
    /// Source samples that do not fill a block yet. Shape `[samples]`, less than `block_samples`.
    pending: Vec<f32>,
    block_samples: usize,
    /// One block of output. Shape `[samples]`.
    block: Vec<f32>,
    /// Samples of delay still to drop.
    delay_samples: usize,
}

impl Resample {
    pub(super) fn new(source_rate: u32, target_rate: u32) -> Result<Self, AudioFileError> {
        let common = greatest_common_divisor(source_rate, target_rate);
        let (source_unit, target_unit) = ((source_rate / common) as usize, (target_rate / common) as usize);
        // An even number of units: half a block, the delay, is then whole on both sides.
        let num_units = MIN_BLOCK_SAMPLES.div_ceil(source_unit.min(target_unit)).next_multiple_of(2);
        let fft =
            Fft::new(source_rate as usize, target_rate as usize, num_units * source_unit, 1, FixedSync::Both)
                .map_err(undecodable)?;
        let block = vec![0.0; fft.output_frames_max()];
        Ok(Self {
            source_rate,
            target_rate,
            pending: Vec::new(),
            block_samples: fft.input_frames_next(),
            block,
            delay_samples: fft.output_delay(),
            fft,
        })
    }

    /// Takes source samples in and appends what is ready.
    pub(super) fn push(&mut self, samples: &[f32], output: &mut Vec<f32>) -> Result<(), AudioFileError> {
        self.pending.extend_from_slice(samples);
        let pending = std::mem::take(&mut self.pending);
        let blocks = pending.chunks_exact(self.block_samples);
        self.pending.extend_from_slice(blocks.remainder());
        for block in blocks {
            self.process(block, output)?;
        }
        Ok(())
    }

    /// Appends the rest: `round(num_samples · target / source)` samples in all, of which `num_taken` are no longer there.
    pub(super) fn finish(
        mut self,
        num_samples: u64,
        num_taken: u64,
        output: &mut Vec<f32>,
    ) -> Result<(), AudioFileError> {
        let (source, target) = (u128::from(self.source_rate), u128::from(self.target_rate));
        let num_output = (u128::from(num_samples) * target + source / 2) / source;
        let num_output = usize::try_from(num_output.saturating_sub(num_taken.into())).map_err(undecodable)?;
        let mut block = std::mem::take(&mut self.pending);
        while output.len() < num_output {
            block.resize(self.block_samples, 0.0);
            self.process(&block, output)?;
            block.clear();
        }
        output.truncate(num_output);
        Ok(())
    }

    fn process(&mut self, block: &[f32], output: &mut Vec<f32>) -> Result<(), AudioFileError> {
        let input = InterleavedSlice::new(block, 1, block.len()).map_err(undecodable)?;
        let num_block = self.block.len();
        let mut ready = InterleavedSlice::new_mut(&mut self.block, 1, num_block).map_err(undecodable)?;
        let (_, num_ready) = self.fft.process_into_buffer(&input, &mut ready, None).map_err(undecodable)?;
        let dropped = self.delay_samples.min(num_ready);
        self.delay_samples -= dropped;
        output.extend_from_slice(&self.block[dropped..num_ready]);
        Ok(())
    }
}

/// Rubato refuses only what cannot come up here; should it, the file is refused and not the folder.
fn undecodable(error: impl std::fmt::Display) -> AudioFileError {
    AudioFileError::Undecodable { reason: format!("its sample rate cannot be converted ({error})") }
}

/// Euclid's algorithm; both above 0.
fn greatest_common_divisor(a: u32, b: u32) -> u32 {
    let (mut a, mut b) = (a, b);
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::TAU;

    /// Largest error of a resampled tone against the tone itself, away from the cut ends.
    #[track_caller]
    fn check(source_rate: u32, target_rate: u32, frequency_hz: f64, tolerance: f32) {
        let tone =
            |rate: u32, index: usize| (TAU * frequency_hz * index as f64 / f64::from(rate)).sin() as f32;
        let num_samples = source_rate as usize / 2 + 1;
        let source: Vec<f32> = (0..num_samples).map(|index| tone(source_rate, index)).collect();
        let mut resample = Resample::new(source_rate, target_rate).unwrap();
        let mut output = Vec::new();
        for piece in source.chunks(777) {
            resample.push(piece, &mut output).unwrap();
        }
        resample.finish(num_samples as u64, 0, &mut output).unwrap();
        let expected =
            (num_samples as f64 * f64::from(target_rate) / f64::from(source_rate)).round() as usize;
        assert_eq!(output.len(), expected, "{source_rate} to {target_rate}");
        let ends = output.len() / 5;
        let error = output.iter().enumerate().skip(ends).take(output.len() - 2 * ends);
        let error = error.map(|(index, got)| (got - tone(target_rate, index)).abs()).fold(0.0, f32::max);
        assert!(error < tolerance, "{source_rate} to {target_rate} at {frequency_hz} Hz: error {error}");
    }

    #[test]
    fn a_tone_comes_out_as_itself_undelayed_at_the_exact_length() {
        // 1e-4 is -80 dB; most are far better, and the ends of half a second of tone are cut.
        for (source_rate, target_rate) in
            [(44_100, 48_000), (48_000, 44_100), (44_100, 24_000), (8_000, 48_000), (192_000, 16_000)]
        {
            check(source_rate, target_rate, 1_000.0, 1e-4);
        }
        check(44_100, 48_000, 18_000.0, 1e-4);
    }

    #[test]
    fn rates_without_a_common_divisor_keep_time_too() {
        // One block is as long as the tone here, so that its cut ends ring further in: 1e-2 is a fifteenth of a sample.
        check(44_101, 48_000, 300.0, 1e-2);
        check(11_025, 4_001, 300.0, 1e-2);
    }

    #[test]
    fn what_lies_above_the_new_band_is_gone() {
        let mut resample = Resample::new(48_000, 16_000).unwrap();
        let source: Vec<f32> =
            (0..24_000).map(|index| (TAU * 10_000.0 * f64::from(index) / 48_000.0).sin() as f32).collect();
        let mut output = Vec::new();
        resample.push(&source, &mut output).unwrap();
        resample.finish(24_000, 0, &mut output).unwrap();
        let peak = output[3_000..5_000].iter().fold(0.0_f32, |peak, sample| peak.max(sample.abs()));
        assert!(peak < 1e-5, "{peak}");
    }
}
