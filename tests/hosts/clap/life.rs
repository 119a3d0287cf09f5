//! Instances from their creation to their end: rates, layouts, many at once, many after each other.

use std::time::{Duration, Instant};

use clack_extensions::audio_ports::PluginAudioPorts;
use clack_extensions::latency::PluginLatency;
use clack_extensions::note_ports::PluginNotePorts;
use clack_extensions::voice_info::PluginVoiceInfo;
use clack_host::events::io::EventBuffer;
use mynah::engine::MAX_VOICES;

use crate::host::{Act, Instance, SAMPLE_RATE_HZ, Sound, push};
use crate::process::{answer, ask};

const KEY: u16 = 57;

const RATES_HZ: [f64; 8] = [8_000.0, 11_025.0, 22_050.0, 44_100.0, 48_000.0, 88_200.0, 96_000.0, 192_000.0];

/// Many times what an instance takes, from its creation to its first sound, when nothing else runs.
const LONGEST: Duration = Duration::from_millis(1_000);

/// Growth of memory that is no leak over [`NUM_CYCLES`]: a leaked model alone would be several times that.
const MAX_GROWTH_KIB: i64 = 20 << 10;

/// Most memory for one more instance.
const MAX_INSTANCE_KIB: i64 = 60 << 10;

const NUM_CYCLES: usize = 100;

fn note(instance: &mut Instance, num_samples: usize) -> Sound {
    instance.play(num_samples, 512, &[(10, Act::On(KEY))])
}

#[test]
fn a_host_is_told_the_truth_of_ports_voices_and_latency() {
    let mut instance = Instance::active();
    let (audio, notes): (PluginAudioPorts, PluginNotePorts) = (instance.extension(), instance.extension());
    let (latency, voices): (PluginLatency, PluginVoiceInfo) = (instance.extension(), instance.extension());
    let handle = instance.plugin().plugin_handle();
    assert_eq!([true, false].map(|is_input| audio.count(&handle, is_input)), [0, 1]);
    assert_eq!(notes.count(&handle, true), 1);
    assert_eq!(latency.get(&handle), 0);
    assert_eq!(voices.get(&handle).unwrap().voice_count as usize, MAX_VOICES);
}

#[test]
fn every_rate_and_layout_sounds() {
    for rate_hz in RATES_HZ {
        let num_samples = (0.2 * rate_hz) as usize;
        let [mono, stereo] = [1, 2].map(|num_channels| {
            let mut instance = Instance::new();
            instance.select_channels(num_channels);
            instance.activate(rate_hz);
            let sound = note(&mut instance, num_samples);
            assert_eq!(sound.channels.len(), num_channels);
            assert!((0.003..=1.0).contains(&sound.peak_from(0)), "{rate_hz} Hz, {num_channels} channels");
            sound
        });
        let mean =
            stereo.channels[0].iter().zip(&stereo.channels[1]).map(|(left, right)| 0.5 * (left + right));
        assert!(mean.eq(mono.channels[0].iter().copied()), "{rate_hz} Hz: mono is the mean of stereo");
    }
}

#[test]
fn two_instances_do_not_hear_each_other() {
    let alone = note(&mut Instance::active(), 9_600);
    let (mut one, mut other) = (Instance::active(), Instance::active());
    let mut sounds =
        [Sound::default(), Sound::default()].map(|sound| Sound { channels: vec![Vec::new(); 2], ..sound });
    for block_idx in 0..20 {
        for (instance, sound, key) in [(&mut one, 0, KEY), (&mut other, 1, KEY + 5)] {
            let mut events = EventBuffer::new();
            if block_idx == 0 {
                push(&mut events, 10, Act::On(key));
            }
            instance.play_block(480, &events, &mut sounds[sound]);
        }
    }
    assert_eq!(sounds[0].first_difference(&alone), None);
    assert!(sounds[1].first_difference(&alone).is_some_and(|at| 10 <= at), "another key sounds different");
}

#[test]
fn an_instance_that_was_active_at_another_rate_is_as_new() {
    let expected = note(&mut Instance::active(), 9_600);
    let mut instance = Instance::active();
    for rate_hz in [SAMPLE_RATE_HZ, 192_000.0, 8_000.0, SAMPLE_RATE_HZ] {
        note(&mut instance, 4_800);
        instance.deactivate();
        instance.activate(rate_hz);
    }
    assert_eq!(note(&mut instance, 9_600).first_difference(&expected), None);
    instance.reset();
    assert_eq!(note(&mut instance, 9_600).first_difference(&expected), None, "and so it is after a reset");
}

#[test]
fn blocks_of_no_samples_change_nothing() {
    let expected = note(&mut Instance::active(), 4_800);
    let mut instance = Instance::active();
    let mut sound = Sound { channels: vec![Vec::new(); 2], ended: Vec::new() };
    for block_idx in 0..10 {
        instance.play_block(0, &EventBuffer::new(), &mut sound);
        let mut events = EventBuffer::new();
        if block_idx == 0 {
            push(&mut events, 10, Act::On(KEY));
        }
        instance.play_block(480, &events, &mut sound);
    }
    assert_eq!(sound.first_difference(&expected), None);
}

#[test]
fn a_hundred_instances_come_quickly_and_leave_nothing() {
    const SELF: &str = "life::a_hundred_instances_come_quickly_and_leave_nothing";
    // In a process of its own, whose memory no other test moves.
    let measure = |_| {
        let cycle = || {
            let start = Instant::now();
            let mut instance = Instance::active();
            let sound = note(&mut instance, 480);
            assert!(0.0 < sound.peak_from(0), "the note is heard");
            start.elapsed()
        };
        let first = cycle();
        (0..10).for_each(|_| _ = cycle());
        let before = resident_kib();
        let slowest = (0..NUM_CYCLES).map(|_| cycle()).max().unwrap();
        let growth = resident_kib() - before;
        let kept: Vec<Instance> = (0..4)
            .map(|_| {
                let mut instance = Instance::active();
                note(&mut instance, 480);
                instance
            })
            .collect();
        let each = (resident_kib() - before) / kept.len() as i64;
        assert!(first.max(slowest) < LONGEST, "first {first:?}, slowest of the others {slowest:?}");
        assert!(growth < MAX_GROWTH_KIB, "{NUM_CYCLES} instances left {growth} KiB");
        assert!(each < MAX_INSTANCE_KIB, "one more instance has {each} KiB");
        format!("first {first:?}, slowest {slowest:?}, grown {growth} KiB, {each} KiB each").into_bytes()
    };
    if !answer(measure) {
        println!("{}", String::from_utf8_lossy(&ask(SELF, b"")));
    }
}

/// Memory of this process that is in use, KiB; 0 where that cannot be asked.
fn resident_kib() -> i64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.trim().strip_suffix(" kB")?.parse().ok()).unwrap_or(0)
}
