//! Rendering whole files: claims that hold for any model that sounds.

use super::*;
use crate::fixture::model;

/// 480 ticks a beat at 120 beats a minute: two overlapping notes of half a second, with pedal and bend.
fn song() -> Vec<u8> {
    let track: &[u8] = &[
        0, 0x90, 69, 100, 0x81, 0x70, 72, 80, 0, 0xe0, 0, 96, 0x81, 0x70, 0x90, 69, 0, 0, 0xb0, 64, 127, 0,
        0x90, 72, 0, 0x81, 0x70, 0xb0, 64, 0, 0, 0xff, 0x2f, 0,
    ];
    let mut bytes = b"MThd\0\0\0\x06\0\0\0\x01\x01\xe0MTrk\0\0\0".to_vec();
    bytes.push(track.len() as u8);
    bytes.extend(track);
    bytes
}

#[track_caller]
fn rendered(config: &RenderConfig) -> Stereo {
    render_midi(model(1), &song(), config).unwrap()
}

#[test]
fn a_song_sounds_rings_out_and_ends() {
    let stereo = rendered(&RenderConfig::default());
    assert_eq!(stereo.left.len(), stereo.right.len());
    // 0.75 s of song, then the release of 0.2 s.
    assert!((36_000..36_000 + 48_000).contains(&stereo.left.len()), "{}", stereo.left.len());
    assert!(stereo.left[..4_800].iter().any(|&sample| sample != 0.0), "sounds at once");
    assert_eq!(stereo.left.last(), Some(&0.0));
}

#[test]
fn a_seed_gives_the_same_samples_for_every_block_length() {
    let just = crate::tuning::Tuning::from_scala("Just\n3\n5/4\n3/2\n2\n", None).unwrap();
    let config = RenderConfig { chance: 1.0, seed: 5, tuning: *just.pitches(), ..RenderConfig::default() };
    let expected = rendered(&config);
    assert!(expected != rendered(&RenderConfig { chance: 1.0, seed: 5, ..RenderConfig::default() }), "tuned");
    for block_samples in [1, 7, 64, 480, 4_096] {
        assert!(rendered(&RenderConfig { block_samples, ..config.clone() }) == expected, "{block_samples}");
    }
}

#[test]
fn another_seed_is_another_take_unless_chance_is_0() {
    let take = |seed, chance| rendered(&RenderConfig { seed, chance, ..RenderConfig::default() });
    assert!(take(0, 1.0) != take(1, 1.0), "another take");
    assert!(take(0, 0.0) == take(1, 0.0), "the same at Chance 0");
}

#[test]
fn seed_7_is_take_7_of_seed_0() {
    let seed = rendered(&RenderConfig { seed: 7, chance: 1.0, ..RenderConfig::default() });
    let params = vec![(ParamId::Take, 7.0)];
    assert!(rendered(&RenderConfig { params, chance: 1.0, ..RenderConfig::default() }) == seed, "one take");
}

#[test]
fn parameters_hold_from_the_first_sample() {
    let quiet = rendered(&RenderConfig { params: vec![(ParamId::Output, -60.0)], ..RenderConfig::default() });
    let peak = quiet.left.iter().fold(0.0_f32, |peak, sample| peak.max(sample.abs()));
    assert!(0.0 < peak && peak < 2e-3, "{peak}");
}

#[test]
fn notes_left_hanging_end_with_the_song() {
    let mut bytes = song();
    // The first note-off of key 69 becomes one of key 70.
    let at = bytes.windows(3).position(|bytes| bytes == [0x90, 69, 0]).unwrap();
    bytes[at + 1] = 70;
    let stereo = render_midi(model(1), &bytes, &RenderConfig::default()).unwrap();
    assert!(stereo.left.len() < 36_000 + 48_000, "{}", stereo.left.len());
}

#[test]
fn a_free_run_has_its_length_a_quiet_end_and_comes_again() {
    for sample_rate in [1_000.0, 8_000.0, 44_100.0, 192_000.0, 1_536_000.0] {
        let config = FreeRunConfig {
            length: Seconds(0.5),
            chance: 1.0,
            sample_rate: SampleRate(sample_rate),
            ..FreeRunConfig::default()
        };
        let run = free_run(model(1), &config);
        assert_eq!(run.len(), (sample_rate / 2.0) as usize);
        assert!(run.iter().any(|&sample| sample != 0.0), "sounds at {sample_rate} Hz");
        assert!(run[run.len() - 2].abs() < 1e-4, "quiet end");
        assert!(free_run(model(1), &config) == run, "the same again");
    }
}

#[test]
fn free_runs_of_hostile_length_are_empty_or_short() {
    for seconds in [f32::NAN, -1.0, 0.0, 1e-6] {
        let config = FreeRunConfig { length: Seconds(seconds), ..FreeRunConfig::default() };
        assert!(free_run(model(1), &config).is_empty(), "{seconds} s");
    }
}
