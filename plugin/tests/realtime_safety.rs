//! The plugin's audio thread touches no heap while everything else goes on: models and tunings change, the panel looks,
//! a host automates and saves, and a learning plays what it has learned so far. The allocator is the judge.
#![expect(clippy::unwrap_used, reason = "clippy exempts test functions, not what they share")]

#[path = "../../tests/support/guard.rs"]
mod guard;
#[path = "support/host.rs"]
mod host;

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread::sleep;
use std::time::{Duration, Instant};

use guard::touches;
use host::{Host, SAMPLE_RATE_HZ, activate, lend};
use mynah::engine::{EventKind, event::NoteOn};
use mynah::tuning::Tuning;
use mynah_plugin::Mynah;
use mynah_plugin::session::{LearnRequest, LearningPhase, Playing, Session};
use nice_plug::midi::{Channel, Key, VoiceID};
use nice_plug::prelude::{NoteEvent, Params, Plugin, ProcessStatus};

/// Longest block, samples.
const MAX_BLOCK_SAMPLES: usize = 512;

/// Longest time until a learning has been heard: it takes some 20 s where nothing else runs.
const LONGEST: Duration = Duration::from_secs(300);

fn activated() -> Mynah {
    let mut instrument = Mynah::default();
    assert!(activate(&mut instrument, SAMPLE_RATE_HZ, MAX_BLOCK_SAMPLES), "48 kHz is played");
    instrument
}

fn note(block_idx: usize, timing: u32) -> NoteEvent<()> {
    let key = 40 + (block_idx * 7 % 48) as u8;
    let (voice_id, channel) = (VoiceID::ID(i32::from(key)), Channel::Number((block_idx % 16) as u8));
    if block_idx.is_multiple_of(3) {
        NoteEvent::NoteOn { timing, voice_id, channel, key: Key::Number(key), velocity: 0.8 }
    } else {
        NoteEvent::NoteOff { timing, voice_id, channel, key: Key::Number(key), velocity: 0.0 }
    }
}

/// The audio thread: plays blocks of all lengths until all is `done`; returns their number.
fn play(instrument: &mut Mynah, done: &AtomicBool) -> usize {
    let session = std::sync::Arc::clone(instrument.session());
    let mut host = Host::new([]);
    let mut num_blocks = 0;
    while !done.load(Relaxed) {
        let num_samples = 1 + num_blocks * 37 % MAX_BLOCK_SAMPLES;
        let mut channels = [vec![f32::NAN; num_samples], vec![f32::NAN; num_samples]];
        host.told.clear();
        host.events.extend((0..4).map(|idx| note(num_blocks + idx, (idx * num_samples / 4) as u32)));
        lend(&mut channels, |buffer, aux| {
            let mut status = ProcessStatus::Normal;
            let num_touches = touches(|| status = instrument.process(buffer, aux, &mut host));
            assert_eq!(num_touches, 0, "block {num_blocks} of {num_samples} samples");
            assert!(!matches!(status, ProcessStatus::Error(_)), "{status:?}");
        });
        let bounded = |sample: &f32| sample.is_finite() && sample.abs() <= 1.0;
        assert!(channels.iter().flatten().all(bounded), "block {num_blocks}");
        if host.asked.take() {
            session.tend();
        }
        num_blocks += 1;
        // Learning has two cores at most.
        sleep(Duration::from_millis(2));
    }
    num_blocks
}

/// Another thread: models and tunings come and go.
fn exchange(session: &Session, round: usize, path: &std::path::Path) {
    match round % 4 {
        0 => session.play_file(path),
        1 => session.play(Playing::factory("voice").unwrap()),
        2 => session.tune(Tuning::from_scala("Thirds\n2\n5/4\n2/1\n", None).unwrap()),
        _ => session.tune(Tuning::equal()),
    }
}

/// Another thread: a panel that opens and closes, and a host that saves.
fn look(session: &Session, params: &dyn Params, round: usize) {
    session.look(round % 8 != 7);
    let mut samples = Vec::new();
    session.drain_scope(&mut samples);
    let _ = (session.meters(), session.load_share(), session.learning(), session.notice());
    let on = NoteOn { channel: 0, key: 60 + (round % 12) as u8, note_id: None, velocity: 0.5 };
    session.send(EventKind::NoteOn(on));
    if round.is_multiple_of(32) {
        assert!(params.serialize_fields().contains_key("model"), "a host saves at any time");
    }
}

/// Another thread: parameters move.
#[expect(unsafe_code, reason = "a host reaches parameters through pointers")]
fn automate(params: &dyn Params, round: usize) {
    for (idx, (_, pointer, _)) in params.param_map().into_iter().enumerate() {
        let normalized = ((round * (idx + 3)) % 101) as f32 / 100.0;
        // SAFETY: `params` is alive.
        unsafe { pointer._internal_set_normalized_value(normalized) };
    }
}

/// Repeats until all is done.
fn repeat(done: &AtomicBool, pause_ms: u64, mut act: impl FnMut(usize)) {
    let mut round = 0;
    while !done.load(Relaxed) {
        act(round);
        round += 1;
        sleep(Duration::from_millis(pause_ms));
    }
}

#[test]
fn no_block_touches_the_heap_while_everything_goes_on() {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..");
    let path = root.join("assets/models/violin.mynah");
    let mut instrument = activated();
    let session = std::sync::Arc::clone(instrument.session());
    let params = instrument.params();
    session.learn(LearnRequest { paths: vec![root.join("assets/corpus/violin")], name: "Fiddle".into() });
    let done = AtomicBool::new(false);
    let mut heard = None;
    let num_blocks = std::thread::scope(|scope| {
        let (done, session, params) = (&done, &session, &*params);
        let audio = scope.spawn(|| play(&mut instrument, done));
        scope.spawn(|| repeat(done, 40, |round| exchange(session, round, &path)));
        scope.spawn(|| repeat(done, 16, |round| look(session, params, round)));
        scope.spawn(|| repeat(done, 5, |round| automate(params, round)));
        let started = Instant::now();
        // Until a learning has played its first version, or the audio thread has met a fault.
        while started.elapsed() < LONGEST && !audio.is_finished() {
            let learning = session.learning();
            if 0 < learning.num_snapshots || matches!(learning.phase, LearningPhase::Failed(_)) {
                sleep(Duration::from_millis(500));
                heard = Some(session.learning());
                break;
            }
            sleep(Duration::from_millis(20));
        }
        done.store(true, Relaxed);
        audio.join().unwrap()
    });
    let heard = heard.expect("a learning that goes on is heard");
    assert!(0 < heard.num_snapshots, "{:?}", heard.phase);
    assert!(1_000 < num_blocks, "{num_blocks} blocks");
    // It learns on: its host removes it.
    drop((session, params));
    let removed = Instant::now();
    drop(instrument);
    let took = removed.elapsed();
    println!("{num_blocks} blocks, {} snapshots; removed within {took:?}", heard.num_snapshots);
    // Many times what it takes when nothing else runs.
    assert!(took < Duration::from_secs(5), "an instance that learns is removed within {took:?}");
}
