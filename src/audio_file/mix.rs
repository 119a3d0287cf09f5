//! Decoded pieces to one recording: mixed down, checked, resampled, bounded.

use super::resample::Resample;
use super::{AudioFileError, MAX_PEAK_DB, MAX_SAMPLES, MAX_SECONDS, MIN_PEAK_DB, MIN_SECONDS, Recording};
use super::{Reading, check_channels, check_rate};
use crate::units::{db_from_gain, gain_from_db};

/// A recording as it grows.
pub(super) struct Mix<'a> {
    reading: &'a Reading<'a>,
    recording: Recording,
    resample: Option<Resample>,
    /// Samples of each channel so far, at the source's rate.
    num_samples: u64,
    max_seconds: f64,
    /// Samples of the recording that were taken out already.
    num_taken: u64,
    /// Highest magnitude in any channel.
    channel_peak: f32,
    /// Highest magnitude of the mix.
    mix_peak: f32,
    /// One piece of the mix. Shape `[samples]`.
    piece: Vec<f32>,
}

impl<'a> Mix<'a> {
    pub(super) fn new(
        source_rate: u32,
        num_channels: usize,
        reading: &'a Reading<'a>,
    ) -> Result<Self, AudioFileError> {
        check_rate(source_rate)?;
        check_channels(num_channels)?;
        let rates_hz = &reading.rates_hz;
        let sample_rate = source_rate.max(*rates_hz.start()).min(*rates_hz.end());
        check_rate(sample_rate)?;
        let resample =
            (sample_rate != source_rate).then(|| Resample::new(source_rate, sample_rate)).transpose()?;
        Ok(Self {
            reading,
            recording: Recording { samples: Vec::new(), sample_rate, source_rate, num_channels },
            resample,
            num_samples: 0,
            max_seconds: MAX_SECONDS.min(MAX_SAMPLES as f64 / f64::from(sample_rate)),
            num_taken: 0,
            channel_peak: 0.0,
            mix_peak: 0.0,
            piece: Vec::new(),
        })
    }

    pub(super) fn num_channels(&self) -> usize {
        self.recording.num_channels
    }

    pub(super) fn source_rate(&self) -> u32 {
        self.recording.source_rate
    }

    /// Samples of each channel so far, at the source's rate.
    pub(super) fn num_samples(&self) -> u64 {
        self.num_samples
    }

    /// Takes a piece in. Shape `[samples][channels]`; a last incomplete sample is dropped.
    pub(super) fn push(&mut self, interleaved: &[f32]) -> Result<(), AudioFileError> {
        if !(self.reading.wanted)() {
            return Err(AudioFileError::Unwanted);
        }
        let num_channels = self.recording.num_channels;
        let rate_hz = f64::from(self.recording.source_rate);
        let max_gain = gain_from_db(MAX_PEAK_DB);
        self.piece.clear();
        for channels in interleaved.chunks_exact(num_channels) {
            let seconds = self.num_samples as f64 / rate_hz;
            if self.max_seconds < seconds {
                return Err(AudioFileError::TooLong { max_seconds: self.max_seconds });
            }
            for sample in channels {
                if !sample.is_finite() {
                    return Err(AudioFileError::NotFinite { seconds });
                }
                self.channel_peak = self.channel_peak.max(sample.abs());
            }
            if max_gain < self.channel_peak {
                return Err(AudioFileError::TooLoud { peak_db: db_from_gain(self.channel_peak) });
            }
            let mean = channels.iter().sum::<f32>() / num_channels as f32;
            self.mix_peak = self.mix_peak.max(mean.abs());
            self.piece.push(mean);
            self.num_samples += 1;
        }
        match &mut self.resample {
            Some(resample) => resample.push(&self.piece, &mut self.recording.samples)?,
            None => self.recording.samples.extend_from_slice(&self.piece),
        }
        self.hand_over();
        Ok(())
    }

    /// Lets go of what is taken in parts.
    fn hand_over(&mut self) {
        let Recording { samples, sample_rate, .. } = &mut self.recording;
        let Some(taken) = &self.reading.taken else { return };
        if taken.seconds * f64::from(*sample_rate) <= samples.len() as f64 {
            let num_before = samples.len();
            (taken.take)(samples, *sample_rate);
            self.num_taken += (num_before - samples.len().min(num_before)) as u64;
        }
    }

    pub(super) fn finish(mut self) -> Result<Recording, AudioFileError> {
        let seconds = self.num_samples as f64 / f64::from(self.recording.source_rate);
        if self.num_samples == 0 {
            return Err(AudioFileError::Empty);
        }
        if seconds < MIN_SECONDS {
            return Err(AudioFileError::TooShort { seconds });
        }
        let min_gain = gain_from_db(MIN_PEAK_DB);
        if self.channel_peak < min_gain {
            return Err(AudioFileError::Silent { peak_db: db_from_gain(self.channel_peak) });
        }
        if self.mix_peak < min_gain {
            return Err(AudioFileError::ChannelsCancel);
        }
        if let Some(resample) = self.resample.take() {
            resample.finish(self.num_samples, self.num_taken, &mut self.recording.samples)?;
        }
        self.recording.samples.shrink_to_fit();
        Ok(self.recording)
    }
}
