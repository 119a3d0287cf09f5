//! A device that plays to nobody, as fast as a real one would: `--backend null`, for tests and recordings on machines
//! without sound.
//!
//! It is a device of cpal like any other, so that all that plays on it plays as on a sound card. It is never listed or
//! opened unless it is asked for.

use core::fmt;
use core::iter::{Empty, Once, empty, once};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use cpal::traits::{DeviceTrait, StreamTrait};
use cpal::{
    BufferSize, Data, Device, DeviceDescription, DeviceDescriptionBuilder, DeviceId, Error, ErrorKind,
    FrameCount, HostId, InputCallbackInfo, OutputCallbackInfo, OutputStreamTimestamp, SampleFormat,
    StreamConfig, StreamInstant, SupportedBufferSize, SupportedStreamConfig, SupportedStreamConfigRange,
};

/// cpal's place for hosts that are not its own.
pub(super) const HOST: HostId = HostId::Custom;

/// Its name as a backend, and as a device.
pub(super) const BACKEND: &str = "null";
pub(super) const NAME: &str = "Null output";

/// Its number of channels.
const NUM_CHANNELS: u16 = 2;

/// Its sample rate, Hz, and length of block, samples, if nothing else is wished.
const RATE_HZ: u32 = 48_000;
const BLOCK_SAMPLES: u32 = 512;

/// Longest time between two looks for whether it has been told to play.
const PAUSE: Duration = Duration::from_millis(5);

/// The device, for cpal.
pub(super) fn device() -> Device {
    cpal::platform::CustomDevice::from_device(Null).into()
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Null;

impl fmt::Display for Null {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(NAME)
    }
}

const BUFFERS: SupportedBufferSize = SupportedBufferSize::Range { min: 16, max: 8_192 };

impl DeviceTrait for Null {
    type SupportedInputConfigs = Empty<SupportedStreamConfigRange>;
    type SupportedOutputConfigs = Once<SupportedStreamConfigRange>;
    type Stream = NullStream;

    fn description(&self) -> Result<DeviceDescription, Error> {
        Ok(DeviceDescriptionBuilder::new(NAME).build())
    }

    fn id(&self) -> Result<DeviceId, Error> {
        Ok(DeviceId::new(HOST, BACKEND))
    }

    fn supported_input_configs(&self) -> Result<Self::SupportedInputConfigs, Error> {
        Ok(empty())
    }

    fn supported_output_configs(&self) -> Result<Self::SupportedOutputConfigs, Error> {
        Ok(once(SupportedStreamConfigRange::new(NUM_CHANNELS, 8_000, 192_000, BUFFERS, SampleFormat::F32)))
    }

    fn default_input_config(&self) -> Result<SupportedStreamConfig, Error> {
        Err(Error::new(ErrorKind::UnsupportedConfig))
    }

    fn default_output_config(&self) -> Result<SupportedStreamConfig, Error> {
        Ok(SupportedStreamConfig::new(NUM_CHANNELS, RATE_HZ, BUFFERS, SampleFormat::F32))
    }

    fn build_input_stream_raw<D, E>(
        &self,
        _: StreamConfig,
        _: SampleFormat,
        _: D,
        _: E,
        _: Option<Duration>,
    ) -> Result<Self::Stream, Error>
    where
        D: FnMut(&Data, &InputCallbackInfo) + Send + 'static,
        E: FnMut(Error) + Send + 'static,
    {
        Err(Error::new(ErrorKind::UnsupportedConfig))
    }

    fn build_output_stream_raw<D, E>(
        &self,
        config: StreamConfig,
        format: SampleFormat,
        play: D,
        tell: E,
        _: Option<Duration>,
    ) -> Result<Self::Stream, Error>
    where
        D: FnMut(&mut Data, &OutputCallbackInfo) + Send + 'static,
        E: FnMut(Error) + Send + 'static,
    {
        if format != SampleFormat::F32 || config.sample_rate == 0 || config.channels == 0 {
            return Err(Error::new(ErrorKind::UnsupportedConfig));
        }
        let block_samples = match config.buffer_size {
            BufferSize::Fixed(samples) => samples.max(1),
            BufferSize::Default => BLOCK_SAMPLES,
        };
        let switches = Arc::new(Switches::default());
        let (switches_too, begun) = (Arc::clone(&switches), Instant::now());
        let thread = std::thread::Builder::new()
            .name("mynah-null".into())
            .spawn(move || run(&switches_too, begun, config, block_samples, play, tell))
            .map_err(|_| Error::new(ErrorKind::DeviceNotAvailable))?;
        Ok(NullStream { switches, begun, block_samples, thread: Some(thread) })
    }
}

#[derive(Debug, Default)]
struct Switches {
    plays: AtomicBool,
    ends: AtomicBool,
}

/// Asks for blocks when they are due, until told to end.
fn run(
    switches: &Switches,
    begun: Instant,
    config: StreamConfig,
    block_samples: u32,
    mut play: impl FnMut(&mut Data, &OutputCallbackInfo),
    mut tell: impl FnMut(Error),
) {
    let mut samples = vec![0.0_f32; block_samples as usize * usize::from(config.channels)];
    let length = Duration::from_secs_f64(f64::from(block_samples) / f64::from(config.sample_rate));
    let mut due = Instant::now();
    while !switches.ends.load(Relaxed) {
        let early = due.saturating_duration_since(Instant::now());
        if !switches.plays.load(Relaxed) {
            std::thread::sleep(PAUSE);
            due = Instant::now();
            continue;
        }
        std::thread::sleep(early);
        let at = instant_since(begun);
        let info = OutputCallbackInfo::new(OutputStreamTimestamp { callback: at, playback: at });
        #[expect(unsafe_code, reason = "cpal's data has no other constructor")]
        // SAFETY: the samples are f32, as many as there are, and outlive `data`, which nothing else aliases.
        let mut data =
            unsafe { Data::from_parts(samples.as_mut_ptr().cast(), samples.len(), SampleFormat::F32) };
        play(&mut data, &info);
        due += length;
        // A card would have played silence.
        if length < Instant::now().saturating_duration_since(due) {
            tell(Error::new(ErrorKind::Xrun));
            due = Instant::now();
        }
    }
}

fn instant_since(begun: Instant) -> StreamInstant {
    let elapsed = begun.elapsed();
    StreamInstant::new(elapsed.as_secs(), elapsed.subsec_nanos())
}

struct NullStream {
    switches: Arc<Switches>,
    begun: Instant,
    block_samples: FrameCount,
    /// `None` once it is being dropped.
    thread: Option<JoinHandle<()>>,
}

impl StreamTrait for NullStream {
    fn play(&self) -> Result<(), Error> {
        self.switches.plays.store(true, Relaxed);
        Ok(())
    }

    fn pause(&self) -> Result<(), Error> {
        self.switches.plays.store(false, Relaxed);
        Ok(())
    }

    fn now(&self) -> StreamInstant {
        instant_since(self.begun)
    }

    fn buffer_size(&self) -> Result<FrameCount, Error> {
        Ok(self.block_samples)
    }
}

impl Drop for NullStream {
    fn drop(&mut self) {
        self.switches.ends.store(true, Relaxed);
        if let Some(thread) = self.thread.take() {
            // What it played with is dropped on it, before it ends.
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicU64;

    #[test]
    fn blocks_come_at_the_pace_of_the_clock_and_end_with_the_stream() {
        let num_samples = Arc::new(AtomicU64::new(0));
        let num_samples_too = Arc::clone(&num_samples);
        let config = StreamConfig { channels: 2, sample_rate: 48_000, buffer_size: BufferSize::Fixed(480) };
        let count = move |data: &mut Data, _: &OutputCallbackInfo| {
            num_samples_too.fetch_add(data.len() as u64 / 2, Relaxed);
        };
        let stream =
            device().build_output_stream_raw(config, SampleFormat::F32, count, |_| {}, None).unwrap();
        let begun = Instant::now();
        stream.play().unwrap();
        std::thread::sleep(Duration::from_millis(200));
        drop(stream);
        let most = begun.elapsed().as_secs_f64() * 48_000.0 + 2.0 * 480.0;
        let given = num_samples.load(Relaxed);
        // A busy machine may be late; none is ever early.
        assert!(0 < given && (given as f64) <= most, "{given} of at most {most}");
        std::thread::sleep(Duration::from_millis(30));
        assert_eq!(num_samples.load(Relaxed), given);
    }
}
