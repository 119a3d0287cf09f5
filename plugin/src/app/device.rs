//! Output devices: which there are, and how one is to be played.

use core::ops::RangeInclusive;
use std::str::FromStr as _;

use cpal::traits::{DeviceTrait as _, HostTrait as _};
use cpal::{
    BufferSize, Device, HostId, SampleFormat, StreamConfig, SupportedBufferSize, SupportedStreamConfigRange,
};

use super::null;
use super::samples::{is_playable, rank};

/// Sample rates that the engine plays at, Hz.
const RATES_HZ: RangeInclusive<u32> = 8_000..=192_000;

/// Sample rates that are offered, Hz, where a device has a range of them.
const COMMON_RATES_HZ: [u32; 11] =
    [8_000, 11_025, 16_000, 22_050, 32_000, 44_100, 48_000, 88_200, 96_000, 176_400, 192_000];

/// Lengths of block that are offered, samples.
const COMMON_BUFFERS: [u32; 8] = [32, 64, 128, 256, 512, 1_024, 2_048, 4_096];

/// An output device.
#[derive(Clone)]
pub(super) struct Found {
    /// Name shown to players, unlike any other.
    pub(super) name: String,
    /// What the system calls it.
    pub(super) id: String,
    pub(super) host: HostId,
    pub(super) device: Device,
    /// Is it the one that its host plays on if nothing is chosen?
    pub(super) is_default: bool,
}

/// Name of the client that plays, among those of JACK.
#[cfg(target_os = "linux")]
const JACK_CLIENT: &str = "Mynah";

/// A host by its name; the error names those that there are.
pub(super) fn host_from_name(name: &str) -> Result<HostId, String> {
    if name.eq_ignore_ascii_case(null::BACKEND) {
        return Ok(null::HOST);
    }
    HostId::from_str(name).ok().filter(|host| *host != null::HOST).ok_or_else(|| {
        let names: Vec<String> = cpal::available_hosts().iter().map(ToString::to_string).collect();
        format!("there is no backend {name} here; choose one of {}, {}", names.join(", "), null::BACKEND)
    })
}

/// A host by the name that it is asked for by.
pub(super) fn name_from_host(host: HostId) -> String {
    if host == null::HOST { null::BACKEND.into() } else { host.to_string() }
}

/// Output devices of a host, or of all, in the order in which they are tried: the default of the default host first.
pub(super) fn devices(host: Option<HostId>) -> Vec<Found> {
    hush();
    let default = cpal::default_host().id();
    let mut hosts = host.map_or_else(cpal::available_hosts, |host| vec![host]);
    hosts.sort_by_key(|id| *id != default);
    let mut found: Vec<Found> = hosts.into_iter().flat_map(devices_of).collect();
    found.sort_by_key(|found| (found.host != default, !found.is_default));
    tell_apart(&mut found, default);
    found
}

fn devices_of(id: HostId) -> Vec<Found> {
    if id == null::HOST {
        return vec![found(id, null::device(), true)];
    }
    #[cfg(target_os = "linux")]
    if id == HostId::Jack {
        type JackDevice = <cpal::platform::JackHost as cpal::traits::HostTrait>::Device;
        jack::set_logger(jack::LoggerType::None);
        // Under a name of our own; connected to the system's outputs; JACK is not started if it does not run.
        let device = JackDevice::default_output_device(JACK_CLIENT, true, false);
        return device.into_iter().map(|device| found(id, device.into(), true)).collect();
    }
    let Ok(host) = cpal::host_from_id(id) else { return Vec::new() };
    let default = host.default_output_device();
    let default_id = default.as_ref().and_then(|device| device.id().ok());
    let mut listed: Vec<Device> = host.output_devices().map(Iterator::collect).unwrap_or_default();
    listed.retain(|device| device.id().is_ok_and(|id| sounds(id.id())));
    let is_default = |device: &Device| default_id.is_some() && device.id().ok() == default_id;
    let missing = default.filter(|_| !listed.iter().any(is_default));
    let listed = missing.into_iter().chain(listed);
    listed.map(|device| (is_default(&device), device)).map(|(is, device)| found(id, device, is)).collect()
}

/// Is it more than a way to convert or to discard sound? ALSA lists those as devices too, and JACK's, which has a host
/// of its own.
fn sounds(id: &str) -> bool {
    const SILENT: [&str; 10] = [
        "null",
        "jack",
        "lavrate",
        "samplerate",
        "speexrate",
        "speex",
        "upmix",
        "vdownmix",
        "oss",
        "usbstream",
    ];
    let kind = id.split(':').next().unwrap_or_default();
    !cfg!(target_os = "linux") || !SILENT.contains(&kind)
}

/// Keeps ALSA from writing to the terminal, on this thread, that a device is not there: what matters of it is told.
pub(super) fn hush() {
    // What it says is dropped the next time.
    #[cfg(target_os = "linux")]
    let _ = alsa::Output::local_error_handler();
}

fn found(host: HostId, device: Device, is_default: bool) -> Found {
    let id = device.id().map(|id| id.id().to_owned()).unwrap_or_default();
    let name = device.description().map_or_else(|_| id.clone(), |description| description.name().to_owned());
    Found { name, id, host, device, is_default }
}

/// Gives each a name of its own: of a host that is not the default, its name first; where several share a name (of
/// ALSA, the ways to one card), what the system calls it last.
fn tell_apart(found: &mut [Found], default: HostId) {
    for device in found.iter_mut().filter(|device| ![default, null::HOST].contains(&device.host)) {
        device.name = match device.name.strip_prefix(device.host.name()) {
            Some(_) => device.name.clone(),
            None => format!("{}: {}", device.host.name(), device.name),
        };
    }
    let names: Vec<String> = found.iter().map(|device| device.name.clone()).collect();
    for device in found.iter_mut() {
        if 1 < names.iter().filter(|name| **name == device.name).count() {
            device.name = format!("{} [{}]", device.name, device.id);
        }
    }
}

/// The device that a name means: its own, the system's, or part of its own.
pub(super) fn find<'a>(found: &'a [Found], name: &str) -> Option<&'a Found> {
    let part = name.to_lowercase();
    found
        .iter()
        .find(|device| device.name == name)
        .or_else(|| found.iter().find(|device| device.id == name))
        .or_else(|| found.iter().find(|device| device.name.to_lowercase().contains(&part)))
}

/// What a player wants of a device; `None` is what the device prefers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Wish {
    /// Sample rate, Hz.
    pub(super) rate_hz: Option<u32>,
    /// Length of a block, samples.
    pub(super) buffer: Option<u32>,
}

/// How a device is played, and how else it could be.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Plan {
    pub(super) config: StreamConfig,
    pub(super) format: SampleFormat,
    /// Sample rates to choose from, Hz.
    pub(super) rates_hz: Vec<u32>,
    /// Lengths of block to choose from, samples.
    pub(super) buffers: Vec<u32>,
}

impl Plan {
    /// Length of a block that is asked for, samples.
    pub(super) fn buffer(&self) -> Option<u32> {
        match self.config.buffer_size {
            BufferSize::Fixed(samples) => Some(samples),
            BufferSize::Default => None,
        }
    }
}

/// As near to the wish as the device comes; why not at all, if not at all.
pub(super) fn plan(found: &Found, wish: Wish) -> Result<Plan, String> {
    let default_hz = found.device.default_output_config().ok().map(|config| config.sample_rate());
    let ranges = found.device.supported_output_configs().map_err(|error| error.to_string())?;
    let ranges: Vec<SupportedStreamConfigRange> = ranges.collect();
    plan_from_ranges(&ranges, default_hz, wish)
        .ok_or_else(|| "it has no sample rate from 8 to 192 kHz, or no format, that can be played".into())
}

fn plan_from_ranges(
    ranges: &[SupportedStreamConfigRange],
    default_hz: Option<u32>,
    wish: Wish,
) -> Option<Plan> {
    let is_usable = |range: &&SupportedStreamConfigRange| {
        is_playable(range.sample_format())
            && 0 < range.channels()
            && range.min_sample_rate() <= *RATES_HZ.end()
            && *RATES_HZ.start() <= range.max_sample_rate()
    };
    let usable: Vec<_> = ranges.iter().filter(is_usable).collect();
    let has = |rate_hz: &u32| {
        RATES_HZ.contains(rate_hz) && usable.iter().any(|range| range.contains_rate(*rate_hz))
    };
    let highest = || usable.iter().map(|range| range.max_sample_rate().min(*RATES_HZ.end())).max();
    let preferred = [wish.rate_hz, default_hz, Some(48_000), Some(44_100)];
    let rate_hz = preferred.into_iter().flatten().find(has).or_else(highest)?;
    // Two channels, else as few as there are beyond two, else one.
    let channels_rank = |num: u16| if num == 1 { u16::MAX } else { num };
    let range = usable
        .iter()
        .filter(|range| range.contains_rate(rate_hz))
        .min_by_key(|range| (channels_rank(range.channels()), rank(range.sample_format())))?;
    let takes = |samples: &u32| match range.buffer_size() {
        SupportedBufferSize::Range { min, max } => (*min..=*max).contains(samples),
        SupportedBufferSize::Unknown => true,
    };
    let mut buffers: Vec<u32> = COMMON_BUFFERS.into_iter().filter(takes).collect();
    if let SupportedBufferSize::Range { min, max } = range.buffer_size()
        && min == max
    {
        buffers = vec![*min];
    }
    let config = StreamConfig {
        channels: range.channels(),
        sample_rate: rate_hz,
        buffer_size: wish.buffer.filter(takes).map_or(BufferSize::Default, BufferSize::Fixed),
    };
    let mut rates_hz: Vec<u32> = COMMON_RATES_HZ.into_iter().chain([rate_hz]).filter(has).collect();
    rates_hz.sort_unstable();
    rates_hz.dedup();
    Some(Plan { config, format: range.sample_format(), rates_hz, buffers })
}

#[cfg(test)]
mod tests {
    use super::*;
    use SampleFormat::{DsdU8, F32, I16, I32};

    fn range(channels: u16, rates_hz: [u32; 2], format: SampleFormat) -> SupportedStreamConfigRange {
        let buffer = SupportedBufferSize::Range { min: 64, max: 1_024 };
        SupportedStreamConfigRange::new(channels, rates_hz[0], rates_hz[1], buffer, format)
    }

    fn wish(rate_hz: u32, buffer: u32) -> Wish {
        Wish { rate_hz: Some(rate_hz), buffer: Some(buffer) }
    }

    #[track_caller]
    fn check(ranges: &[SupportedStreamConfigRange], wish: Wish, expected: Option<(u16, u32, SampleFormat)>) {
        let plan = plan_from_ranges(ranges, None, wish);
        let got = plan.map(|plan| (plan.config.channels, plan.config.sample_rate, plan.format));
        assert_eq!(got, expected, "{ranges:?}");
    }

    #[test]
    fn two_channels_of_the_best_format_are_preferred() {
        let ranges = [
            range(1, [8_000, 96_000], F32),
            range(6, [8_000, 96_000], F32),
            range(2, [8_000, 96_000], I16),
            range(2, [8_000, 96_000], I32),
        ];
        check(&ranges, Wish::default(), Some((2, 48_000, I32)));
        check(&ranges[..3], Wish::default(), Some((2, 48_000, I16)));
        check(&ranges[..2], Wish::default(), Some((6, 48_000, F32)));
        check(&ranges[..1], Wish::default(), Some((1, 48_000, F32)));
    }

    #[test]
    fn a_wish_that_a_device_cannot_grant_falls_back() {
        let ranges = [range(2, [44_100, 44_100], F32), range(2, [96_000, 400_000], F32)];
        check(&ranges, wish(96_000, 64), Some((2, 96_000, F32)));
        check(&ranges, wish(48_000, 64), Some((2, 44_100, F32)));
        check(&ranges, wish(400_000, 64), Some((2, 44_100, F32)));
        check(&[range(2, [7_000, 9_000], F32)], Wish::default(), Some((2, 9_000, F32)));
        check(&[range(2, [150_000, 400_000], F32)], Wish::default(), Some((2, 192_000, F32)));
        let buffer = |samples| plan_from_ranges(&ranges, None, wish(44_100, samples)).unwrap().buffer();
        assert_eq!([buffer(64), buffer(100), buffer(32), buffer(4_096)], [Some(64), Some(100), None, None]);
    }

    #[test]
    fn what_the_engine_cannot_play_is_refused() {
        check(&[], Wish::default(), None);
        check(&[range(2, [48_000, 48_000], DsdU8)], Wish::default(), None);
        check(&[range(2, [384_000, 768_000], F32)], Wish::default(), None);
        check(&[range(0, [48_000, 48_000], F32)], Wish::default(), None);
    }

    #[test]
    fn the_rate_of_the_system_comes_before_the_common_ones_and_both_are_offered() {
        let plan =
            plan_from_ranges(&[range(2, [40_000, 50_000], F32)], Some(47_000), Wish::default()).unwrap();
        assert_eq!(plan.config.sample_rate, 47_000);
        assert_eq!(plan.rates_hz, [44_100, 47_000, 48_000]);
        assert_eq!(plan.buffers, [64, 128, 256, 512, 1_024]);
        assert_eq!(plan.buffer(), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn what_only_converts_or_discards_sound_is_no_device() {
        for id in ["default", "pulse", "pipewire", "hw:CARD=PCH,DEV=0", "sysdefault:CARD=null"] {
            assert!(sounds(id), "{id}");
        }
        for id in ["null", "speexrate", "usbstream:CARD=PCH", "upmix"] {
            assert!(!sounds(id), "{id}");
        }
    }
}
