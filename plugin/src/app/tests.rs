//! The player as a device calls it: blocks of any length, no touch of the heap.

#[path = "../../../tests/support/guard.rs"]
mod guard;

use std::sync::Arc;
use std::time::{Duration, Instant};

use mynah::engine::{EventKind, NoteAddress, NoteOn, ParamId};

use guard::touches;

use super::counts::Counts;
use super::midi::intake::{Door, intake};
use super::player::{Player, PlayerConfig};
use super::recorder::{Recorder, recorder};
use super::samples::Fill as _;
use super::values::Values;
use crate::session::{Playing, Session};

/// A player, and everything that reaches it from outside.
struct Stage {
    player: Player,
    session: Arc<Session>,
    values: Arc<Values>,
    counts: Arc<Counts>,
    recorder: Recorder,
    doors: [Door; 2],
}

fn stage(num_channels: usize) -> Stage {
    let (session, audio_end) = Session::new();
    let (values, counts) = (Arc::new(Values::default()), Arc::new(Counts::default()));
    let (recorder, tap) = recorder(Arc::clone(&session));
    let (doors, intake) = intake();
    let (values_too, counts_too) = (Arc::clone(&values), Arc::clone(&counts));
    let config = PlayerConfig { audio_end, intake, tap, values: values_too, counts: counts_too };
    let mut player = Player::new(config);
    player.prepare(&session, 48_000, num_channels);
    Stage { player, session, values, counts, recorder, doors }
}

fn on(key: u8) -> EventKind {
    EventKind::NoteOn(NoteOn { channel: 0, key, note_id: None, velocity: 0.8 })
}

fn is_silent(samples: &[f32]) -> bool {
    samples.iter().all(|sample| *sample == 0.0)
}

#[test]
fn no_block_touches_the_heap_whatever_comes() {
    let mut stage = stage(2);
    stage.session.look(true);
    let folder = tempfile::tempdir().unwrap();
    stage.recorder.start(&folder.path().join("a.wav"), 48_000).unwrap();
    let mut samples = vec![0.0_f32; 2 * 5_000];
    for block_idx in 0..40_usize {
        let now = Instant::now();
        // More than a block has room for, from every side.
        for event_idx in 0..block_idx * 40 {
            let key = (event_idx % 100) as u8;
            stage.doors[event_idx % 2].push(now, on(key));
            stage.doors[event_idx % 2].push(now, EventKind::NoteOff(NoteAddress::of_key(0, key)));
            stage.session.send(on(key));
        }
        stage.values.set(ParamId::Chance, block_idx as f32 / 40.0);
        if block_idx % 10 == 5 {
            stage.session.play(Playing::default_model());
        }
        // One sample, a few, a piece, a piece and one, many, and none.
        let num_samples = [1, 7, 1_024, 1_025, 5_000, 0][block_idx % 6];
        let player = &mut stage.player;
        let num_touches = touches(|| player.fill(&mut samples[..2 * num_samples]));
        assert_eq!(num_touches, 0, "block {block_idx} of {num_samples}");
        assert!(samples.iter().all(|sample| sample.is_finite() && sample.abs() <= 1.0), "block {block_idx}");
        stage.session.tend();
    }
    let mut whole = vec![0_i16; 2 * 64];
    let player = &mut stage.player;
    assert_eq!(touches(|| player.fill(&mut whole)), 0);
    stage.recorder.stop().unwrap().unwrap();
}

#[test]
fn keys_of_every_kind_sound_and_what_is_heard_is_recorded() {
    let folder = tempfile::tempdir().unwrap();
    for way in 0..3 {
        let mut stage = stage(2);
        let path = folder.path().join(format!("{way}.wav"));
        stage.recorder.start(&path, 48_000).unwrap();
        let mut samples = vec![f32::NAN; 2 * 24_000];
        stage.player.fill(&mut samples);
        assert!(is_silent(&samples), "way {way}");
        match way {
            0 => stage.doors[0].push(Instant::now(), on(60)),
            1 => stage.doors[1].push(Instant::now(), on(60)),
            _ => stage.session.send(on(60)),
        }
        stage.player.fill(&mut samples);
        assert!(!is_silent(&samples), "way {way}");
        let path = stage.recorder.stop().unwrap().unwrap();
        let recorded = mynah::audio_file::read(&path, mynah::audio_file::ANY_RATE).unwrap().samples;
        assert_eq!(recorded.len(), 48_000);
        for (recorded, heard) in recorded[24_000..].iter().zip(samples.chunks(2)) {
            // A step of 24 bits.
            assert!((recorded - 0.5 * (heard[0] + heard[1])).abs() < 1.2e-7, "way {way}");
        }
    }
}

#[test]
fn an_event_is_played_at_its_sample_in_whichever_piece_that_is() {
    let mut stage = stage(1);
    let mut samples = vec![0.0_f32; 4_000];
    stage.player.fill(&mut samples);
    // Half a block ago; a block waits 10 ms at most, which is 480 samples.
    stage.doors[0].push(Instant::now() - Duration::from_millis(2), on(60));
    stage.player.fill(&mut samples);
    let first = samples.iter().position(|sample| *sample != 0.0).unwrap();
    assert!((300..500).contains(&first), "{first}");
}

#[test]
fn what_came_while_nobody_played_is_not_played_and_held_keys_are_let_go() {
    let mut stage = stage(2);
    let mut samples = vec![0.0_f32; 2 * 9_600];
    stage.doors[0].push(Instant::now(), on(60));
    stage.player.fill(&mut samples);
    assert!(!is_silent(&samples));
    stage.doors[0].push(Instant::now(), on(62));
    stage.session.send(on(64));
    stage.player.prepare(&stage.session, 48_000, 2);
    stage.player.fill(&mut samples);
    assert!(is_silent(&samples));
    // Another rate is another engine, with the same values.
    stage.values.set(ParamId::Voices, 3.0);
    stage.player.prepare(&stage.session, 96_000, 6);
    let mut six = vec![1.0_f32; 6 * 2_000];
    stage.doors[0].push(Instant::now(), on(60));
    stage.player.fill(&mut six);
    assert!(six.chunks(6).all(|frame| is_silent(&frame[2..])));
    assert_eq!(stage.counts.num_samples.load(std::sync::atomic::Ordering::Relaxed), 2_000);
}
