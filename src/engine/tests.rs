//! What the engine does with notes: claims that hold for any model that sounds.

use super::*;
use crate::fixture::model;
use crate::units::SampleRate;
use event::{EventKind::*, NoteAddress};
use param::{MODE_LEGATO, MODE_MONO};

mod pitch;

const RATE: SampleRate = SampleRate(48_000.0);

struct Player {
    engine: Engine,
    handle: EngineHandle,
}

impl Player {
    fn new(params: &[(ParamId, f32)]) -> Self {
        let prepared = PreparedModel::new(model(1), RATE);
        let (mut engine, handle) = Engine::new(EngineConfig { sample_rate: RATE, seed: 0 }, prepared);
        handle.meters().look(true);
        let events: Vec<Event> = params.iter().map(|&(id, value)| at(0, Param { id, value })).collect();
        engine.process(&events, &mut [], &mut []);
        Self { engine, handle }
    }

    fn play(&mut self, events: &[Event], num_samples: usize) -> [Vec<f32>; 2] {
        let [mut left, mut right] = [vec![f32::NAN; num_samples], vec![f32::NAN; num_samples]];
        self.engine.process(events, &mut left, &mut right);
        [left, right]
    }

    fn num_voices(&self) -> usize {
        self.handle.meters().num_voices()
    }
}

fn at(offset_samples: u32, kind: EventKind) -> Event {
    Event { offset_samples, kind }
}

fn on(offset_samples: u32, key: u8) -> Event {
    at(offset_samples, NoteOn(event::NoteOn { channel: 0, key, note_id: None, velocity: 0.8 }))
}

fn off(offset_samples: u32, key: u8) -> Event {
    at(offset_samples, NoteOff(NoteAddress::of_key(0, key)))
}

fn control(offset_samples: u32, controller: u8, value: f32) -> Event {
    at(offset_samples, Control { channel: 0, controller, value })
}

fn power(samples: &[f32]) -> f32 {
    samples.iter().map(|sample| sample * sample).sum::<f32>() / samples.len() as f32
}

fn largest_step(samples: &[f32]) -> f32 {
    samples.windows(2).map(|pair| (pair[1] - pair[0]).abs()).fold(0.0, f32::max)
}

#[test]
fn both_sides_can_be_sent_to_their_threads() {
    fn check<T: Send>() {}
    check::<Engine>();
    check::<EngineHandle>();
}

#[test]
fn a_note_begins_at_its_sample() {
    let [left, right] = Player::new(&[]).play(&[on(1_001, 69)], 4_800);
    assert!(left[..1_001].iter().all(|&sample| sample == 0.0), "silent before");
    assert!(left[1_001..1_101].iter().any(|&sample| sample != 0.0), "sounds after");
    assert_eq!(left, right, "in the middle");
}

#[test]
fn a_released_note_ends_and_frees_its_voice() {
    let mut player = Player::new(&[(ParamId::Release, 0.1)]);
    player.play(&[on(0, 69), off(9_600, 69)], 9_600);
    assert_eq!(player.num_voices(), 1);
    let [left, _] = player.play(&[], 9_600);
    assert!(left[4_800..].iter().all(|&sample| sample == 0.0), "silent after the release time");
    assert!(player.engine.is_silent() && player.num_voices() == 0, "the voice is free");
}

#[test]
fn the_pedal_holds_a_note_until_it_comes_up() {
    let mut player = Player::new(&[(ParamId::Release, 0.01)]);
    player.play(&[control(0, 64, 1.0), on(0, 69), off(10, 69)], 4_800);
    assert_eq!(player.num_voices(), 1);
    player.play(&[control(0, 64, 0.0)], 4_800);
    assert_eq!(player.num_voices(), 0);
}

#[test]
fn no_more_voices_sound_than_are_allowed() {
    let mut player = Player::new(&[(ParamId::Voices, 4.0)]);
    let chord: Vec<Event> = (40..90).map(|key| on(u32::from(key), key)).collect();
    player.play(&chord, 4_800);
    assert_eq!(player.num_voices(), 4);
    for key in 86..90 {
        assert!(player.handle.meters().key_sounds(key), "the latest keys sound: {key}");
    }
}

#[test]
fn ten_thousand_notes_at_once_are_finite_and_end() {
    let mut player = Player::new(&[(ParamId::Voices, 64.0)]);
    let chord: Vec<Event> = (0..10_000).map(|idx| on(idx / 100, (idx % 128) as u8)).collect();
    let [left, _] = player.play(&chord, 960);
    assert!(left.iter().all(|sample| sample.is_finite() && sample.abs() <= 1.0), "limited");
    assert_eq!(player.num_voices(), 64);
    player.play(&[control(0, 120, 0.0)], 960);
    assert!(player.engine.is_silent(), "all sound off");
}

#[test]
fn a_stolen_voice_does_not_click() {
    let alone = Player::new(&[(ParamId::Voices, 1.0)]).play(&[on(0, 69)], 24_000);
    let mut player = Player::new(&[(ParamId::Voices, 1.0)]);
    let stolen = player.play(&[on(0, 69), on(12_345, 69 + 3)], 24_000);
    // What two sounding together may step, and the fade on top.
    let allowed = 2.5 * largest_step(&alone[0][4_800..]);
    let got = largest_step(&stolen[0][12_000..13_000]);
    assert!(got < allowed, "{got}, allowed {allowed}");
}

#[test]
fn choke_silences_within_5_ms() {
    let mut player = Player::new(&[]);
    player.play(&[on(0, 69)], 9_600);
    let [left, _] = player.play(&[at(100, Choke(NoteAddress::default()))], 480);
    assert!(left[..100].iter().any(|&sample| sample != 0.0), "sounds before");
    assert!(left[100 + 240..].iter().all(|&sample| sample == 0.0), "silent after");
}

#[test]
fn mono_plays_one_note_and_returns_to_the_key_still_down() {
    for mode in [MODE_MONO, MODE_LEGATO] {
        let mut player = Player::new(&[(ParamId::Mode, mode)]);
        player.play(&[on(0, 60), on(2_400, 64)], 4_800);
        assert_eq!(player.num_voices(), 1);
        assert!(player.handle.meters().key_sounds(64), "the latest key");
        player.play(&[off(0, 64)], 4_800);
        assert!(player.handle.meters().key_sounds(60), "the key still down");
        player.play(&[off(0, 60)], 24_000);
        assert_eq!(player.num_voices(), 0);
    }
}

#[test]
fn pan_and_volume_move_the_note() {
    let mut player = Player::new(&[]);
    player.play(&[control(0, 10, 1.0), on(0, 69)], 9_600);
    let [left, right] = player.play(&[], 9_600);
    assert!(power(&left) < 1e-9 * power(&right), "hard right");
    player.play(&[control(0, 7, 0.0)], 4_800);
    let [_, right] = player.play(&[], 4_800);
    assert_eq!(power(&right), 0.0);
}

#[test]
fn a_choir_is_several_voices_in_stereo() {
    let mut player = Player::new(&[(ParamId::Choir, 4.0), (ParamId::Spread, 1.0), (ParamId::Chance, 1.0)]);
    player.play(&[on(0, 69)], 4_800);
    assert_eq!(player.num_voices(), 4);
    let [left, right] = player.play(&[], 4_800);
    assert!(left != right, "spread");
    player.play(&[off(0, 69)], 24_000);
    assert_eq!(player.num_voices(), 0);
}

#[test]
fn takes_differ_unless_they_are_to_be_the_same() {
    let second_note = |params: &[(ParamId, f32)]| {
        let mut player = Player::new(params);
        let first = player.play(&[on(0, 69), at(4_800, Choke(NoteAddress::default()))], 9_600);
        let second = player.play(&[on(0, 69), at(4_800, Choke(NoteAddress::default()))], 9_600);
        (first, second)
    };
    let (first, second) = second_note(&[(ParamId::Chance, 1.0)]);
    assert!(first != second, "a new take");
    let (first, second) = second_note(&[(ParamId::Chance, 1.0), (ParamId::SameTake, 1.0)]);
    assert_eq!(first, second);
}

#[test]
fn the_seed_changes_nothing_at_chance_0_and_all_at_1() {
    let take = |take: f32, chance: f32| {
        let mut player = Player::new(&[(ParamId::Take, take), (ParamId::Chance, chance)]);
        player.play(&[on(0, 60), on(100, 64)], 24_000)
    };
    assert_eq!(take(0.0, 0.0), take(1.0, 0.0));
    assert!(take(0.0, 1.0) != take(1.0, 1.0), "another take");
    assert_eq!(take(3.0, 1.0), take(3.0, 1.0));
}

#[test]
fn reset_makes_a_take_come_again() {
    let mut player = Player::new(&[(ParamId::Chance, 1.0)]);
    let phrase = [on(0, 60), on(5_000, 64), off(9_000, 60)];
    let first = player.play(&phrase, 24_000);
    player.engine.reset();
    assert_eq!(player.play(&phrase, 24_000), first);
}

#[test]
fn a_new_model_takes_over_without_a_click_and_the_old_one_comes_back() {
    let mut player = Player::new(&[]);
    let old = player.play(&[on(0, 69)], 24_000);
    let next = model(2);
    player.handle.load(next.clone());
    let across = player.play(&[], 4_800);
    let allowed = 2.5 * largest_step(&old[0][4_800..]);
    assert!(largest_step(&across[0]) < allowed, "no click");
    assert!(power(&across[0][2_400..]) > 0.0 && player.num_voices() == 1, "the key goes on");
    player.play(&[], 480);
    player.handle.tend();
    player.play(&[off(0, 69)], 48_000);
    drop(player);
    assert_eq!(std::sync::Arc::strong_count(&next), 1);
}

#[test]
fn of_many_models_the_newest_is_played() {
    let mut player = Player::new(&[]);
    let models: Vec<_> = (0..20).map(model).collect();
    for model in &models {
        player.handle.load(model.clone());
    }
    for _ in 0..10 {
        player.play(&[], 64);
        player.handle.tend();
    }
    assert!(!player.handle.has_waiting(), "all were taken");
    let kept: Vec<usize> = models.iter().map(|model| std::sync::Arc::strong_count(model) - 1).collect();
    assert_eq!((kept[19], kept[..19].iter().sum::<usize>()), (1, 0));
}

#[test]
fn a_free_run_sounds_without_a_key() {
    let mut player = Player::new(&[]);
    let [left, _] = player.play(&[at(0, FreeRunOn)], 48_000);
    assert!(power(&left) > 0.0, "sounds");
    player.play(&[off(0, 69), at(0, FreeRunOff)], 24_000);
    assert!(player.engine.is_silent(), "released");
}

#[test]
fn while_no_one_looks_nothing_is_shown() {
    let mut player = Player::new(&[]);
    player.handle.meters().look(false);
    player.play(&[on(0, 69)], 4_800);
    assert_eq!((player.num_voices(), player.handle.meters().take_peaks()), (0, [0.0; 2]));
}

#[test]
fn the_end_of_a_note_is_told_once_when_its_last_voice_ends() {
    let mut player = Player::new(&[(ParamId::Choir, 3.0), (ParamId::Release, 0.05)]);
    let mut told = Vec::new();
    for events in [&[on(0, 69), on(5, 72)][..], &[off(0, 69)], &[], &[], &[]] {
        player.play(events, 2_400);
        told.extend(player.engine.ended_notes().iter().map(|note| note.key));
    }
    assert_eq!(told, [69]);
}

#[test]
fn output_level_is_there_at_once_while_nothing_sounds() {
    let quiet = [(ParamId::Output, -24.0)];
    let mut before = Player::new(&quiet);
    before.play(&[], 4_800);
    let expected = before.play(&[on(10, 69)], 4_800);
    let mut during = Player::new(&[]);
    during.play(&[], 4_800);
    let sound = during.play(&[at(10, Param { id: ParamId::Output, value: -24.0 }), on(10, 69)], 4_800);
    assert!(sound == expected, "the first note after the change has its level from its first sample on");
}
