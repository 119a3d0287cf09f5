//! What a learned model does, on the models that come with Mynah.

use mynah::model::builtin::FACTORY;
use mynah::model::memory::{FLAG_END, FLAG_GATE, FLAG_START, FLAG_STRUCK};
use mynah::model::network::{GESTURE_DIM, VECTOR_DIM};
use mynah::model::{Controls, Generator, Model, Start, Steer};
use mynah::vocoder::frame::Frame;
use std::collections::BTreeSet;

fn factory(key: &str) -> Model {
    let model =
        FACTORY.iter().find(|factory| factory.key == key).map(|factory| Model::from_bytes(factory.bytes));
    match model {
        Some(Ok(model)) => model,
        other => panic!("no factory model {key}: {other:?}"),
    }
}

fn held(pitch_hz: Option<f32>) -> Controls {
    Controls { pitch_hz, ..Controls::default() }
}

/// Whitened frames of a take.
fn take(model: &Model, controls: &Controls, seed: u64, num_frames: usize) -> Vec<Frame> {
    let mut generator = Generator::new();
    generator.start(model, &Start { pitch_hz: controls.pitch_hz, velocity: 0.8, seed });
    (0..num_frames).map(|_| generator.step(model, controls)).collect()
}

#[test]
fn at_chance_0_every_seed_gives_the_same_take_and_it_still_moves_after_30_s() {
    for memory in [0.0, 1.0] {
        let model = factory("voice");
        let controls = Controls { chance: 0.0, memory, ..held(None) };
        let frames = take(&model, &controls, 1, 3_600);
        assert!(frames == take(&model, &controls, 2, 3_600), "memory {memory}");
        let late = &frames[3_000..];
        assert!(late.iter().any(|frame| *frame != late[0]), "memory {memory}: stands still after 30 s");
    }
}

#[test]
fn at_chance_1_seeds_differ() {
    let model = factory("voice");
    for memory in [0.0, 1.0] {
        let controls = Controls { chance: 1.0, memory, ..held(None) };
        assert!(take(&model, &controls, 1, 200) != take(&model, &controls, 2, 200), "memory {memory}");
    }
}

#[test]
fn a_held_key_neither_ends_nor_falls_silent() {
    let model = factory("violin");
    // A key between recorded ones, and one an octave above the highest.
    for pitch_hz in [233.0, 4_100.0] {
        let frames = take(&model, &held(Some(pitch_hz)), 3, 1_500);
        for second in frames[50..].chunks(100) {
            let loudest = second.iter().map(|frame| frame.loudness_db).fold(f32::MIN, f32::max);
            assert!(loudest > -45.0, "{pitch_hz} Hz: falls to {loudest} dB");
        }
    }
}

#[test]
fn a_held_key_does_not_come_to_the_same_few_frames_over_and_over() {
    const SECONDS_2: usize = 200;
    for key in ["violin", "voice"] {
        let model = factory(key);
        let [low, high] = model.card.corpus.pitch_range_hz;
        let semitones = (12.0 * (high / low).log2()) as i32;
        for semitone in (0..=semitones).step_by(2) {
            let pitch_hz = Some(low * 2.0_f32.powf(semitone as f32 / 12.0));
            let mut generator = Generator::new();
            generator.start(&model, &Start { pitch_hz, velocity: 0.8, seed: 1 });
            let frames: Vec<Option<u16>> = (0..3 * SECONDS_2)
                .map(|_| {
                    generator.step(&model, &held(pitch_hz));
                    generator.remembered_frame()
                })
                .collect();
            let last: BTreeSet<_> = frames[2 * SECONDS_2..].iter().collect();
            assert!(40 <= last.len(), "{key}, {pitch_hz:?} Hz: {} frames in 2 s", last.len());
        }
    }
}

#[test]
fn a_held_key_is_in_tune_from_imagined_to_remembered() {
    let model = factory("voice");
    for memory in [0.0, 0.5, 1.0] {
        let frames = take(&model, &Controls { memory, ..held(Some(196.0)) }, 4, 400);
        let mut cents: Vec<f32> =
            frames.iter().map(|frame| 1_200.0 * (frame.pitch_hz / 196.0).log2()).collect();
        cents.sort_by(f32::total_cmp);
        assert!(cents[200].abs() < 5.0, "memory {memory}: median {} cents", cents[200]);
        assert!(
            cents.iter().all(|cents| cents.abs() <= 10.0),
            "memory {memory}: within the limit of 10 cents"
        );
    }
}

#[test]
fn own_pitch_brings_the_learned_melody() {
    let model = factory("voice");
    let range = |own_pitch: f32| {
        let frames = take(&model, &Controls { own_pitch, ..held(Some(196.0)) }, 5, 600);
        let pitches = || frames.iter().map(|frame| frame.pitch_hz);
        12.0 * (pitches().fold(0.0, f32::max) / pitches().fold(f32::MAX, f32::min)).log2()
    };
    assert!(range(0.0) < 0.3, "strict: {} semitones", range(0.0));
    assert!(range(1.0) > 2.0, "own: {} semitones", range(1.0));
}

#[test]
fn a_released_key_fades() {
    let model = factory("violin");
    for seed in 0..20 {
        let down = held(Some(220.0 * 1.1_f32.powi(seed as i32)));
        let mut generator = Generator::new();
        generator.start(&model, &Start { pitch_hz: down.pitch_hz, velocity: 0.8, seed });
        let sounding = (0..100).map(|_| generator.step(&model, &down).loudness_db).fold(f32::MIN, f32::max);
        let up = Controls { gate: false, ..down };
        let after: Vec<f32> = (0..60).map(|_| generator.step(&model, &up).loudness_db).collect();
        assert!(after[59] < sounding - 6.0, "seed {seed}: {sounding} dB held, {} dB 0.6 s after", after[59]);
    }
}

/// How far the mean timbre is from a place on the map, root mean square in standard deviations: free, at a strength of 0.5
/// and at 1.
fn off_target(memory: f32) -> [f32; 3] {
    let model = factory("voice");
    let point = model.map.num_points() / 3;
    let target = &model.map.frames[point * VECTOR_DIM + GESTURE_DIM..(point + 1) * VECTOR_DIM];
    let place = &model.map.positions[2 * point..2 * point + 2];
    [0.0, 0.5, 1.0].map(|strength| {
        let steer = (0.0 < strength).then_some(Steer { x: place[0], y: place[1], strength });
        let frames = take(&model, &Controls { steer, memory, chance: 1.0, ..held(Some(220.0)) }, 7, 600);
        let mut mean = [0.0_f32; VECTOR_DIM];
        for frame in &frames[100..] {
            for (mean, value) in mean.iter_mut().zip(model.codec.vector_from_frame(frame)) {
                *mean += value / 500.0;
            }
        }
        let squares = mean[GESTURE_DIM..].iter().zip(target).map(|(a, b)| (a - b) * (a - b));
        (squares.sum::<f32>() / target.len() as f32).sqrt()
    })
}

#[test]
fn steering_moves_imagined_timbre_to_its_target() {
    let [free, half, full] = off_target(0.0);
    assert!(full < half && half < free, "distances {free}, {half}, {full}");
    assert!(full < 0.5, "distance {full}");
}

#[test]
fn steering_moves_remembered_timbre_to_its_target() {
    let [free, half, full] = off_target(1.0);
    assert!(full < half && half < free, "distances {free}, {half}, {full}");
    assert!(full < 0.5, "distance {full}");
}

#[test]
fn notes_do_not_all_begin_with_the_same_recording() {
    let model = factory("voice");
    let starts = model.memory.flags.iter().filter(|flags| **flags & FLAG_START != 0).count();
    assert!(starts > 20, "{starts} events");
    let mut generator = Generator::new();
    // An octave below anything recorded: all events are far, none may win every time.
    let controls = held(Some(65.0));
    let mut seen: Vec<u16> = (0..20)
        .filter_map(|seed| {
            generator.start(&model, &Start { pitch_hz: controls.pitch_hz, velocity: 0.8, seed });
            generator.step(&model, &controls);
            generator.remembered_frame()
        })
        .collect();
    seen.sort_unstable();
    seen.dedup();
    assert!(seen.len() >= 4, "{} different onsets in 20 notes", seen.len());
}

#[test]
fn a_free_run_follows_recordings_and_leaps_between_them() {
    let model = factory("voice");
    let controls = held(None);
    let mut generator = Generator::new();
    generator.start(&model, &Start { pitch_hz: None, velocity: 0.8, seed: 8 });
    let (mut lengths, mut length, mut before) = (Vec::new(), 0_u32, None);
    for _ in 0..3_000 {
        let frame = generator.step(&model, &controls);
        let at = generator.remembered_frame();
        // What rings on may ring out.
        let held = at.is_some_and(|at| model.memory.flags[usize::from(at)] & FLAG_GATE != 0);
        if frame.loudness_db < -100.0 || !held {
            continue;
        }
        if at.zip(before).is_some_and(|(at, before): (u16, u16)| at == before + 1) {
            length += 1;
        } else {
            lengths.push(length);
            length = 0;
        }
        before = at;
    }
    lengths.sort_unstable();
    let (median, most) = (lengths[lengths.len() / 2], lengths[lengths.len() - 1]);
    assert!((10..100).contains(&median), "follows for a median of {median} frames");
    assert!(most <= 100, "follows one recording for {most} frames, a second is the most");
}

#[test]
fn at_a_leap_the_recording_that_was_left_fades_into_the_one_it_was_left_for() {
    let model = factory("violin");
    let far = |a: &Frame, b: &Frame| -> f32 {
        a.envelope_db.iter().zip(&b.envelope_db).map(|(a, b)| (a - b) * (a - b)).sum()
    };
    // A frame of memory as it was heard.
    let remembered = |at: u16| {
        let mut frame = model.codec.frame_from_vector(model.memory.vector(at));
        model.detail.restore(model.memory.detail(at).unwrap(), &mut frame);
        frame
    };
    let mut generator = Generator::new();
    generator.start(&model, &Start { pitch_hz: None, velocity: 0.8, seed: 8 });
    let (mut num_leaps, mut before, mut follows) = (0, None, 0);
    for _ in 0..6_000 {
        let frame = generator.step(&model, &held(None));
        let at = generator.remembered_frame().filter(|_| -100.0 < frame.loudness_db);
        match before.zip(at) {
            Some((before, at)) if at == before + 1 => {
                follows += 1;
                // The fade is over, but for the spread of memory.
                if follows == 8 {
                    assert!(far(&frame, &remembered(at)) < 50.0, "frame {at} after a leap");
                }
            }
            Some((before, at)) => {
                let ends = model.memory.flags[usize::from(before)] & FLAG_END != 0;
                // A recording that hardly sounded is not missed.
                if !ends && 4 <= follows && !model.memory.is_start(at) {
                    num_leaps += 1;
                    let (left, chosen) = (remembered(before + 1), remembered(at));
                    let nearer = far(&frame, &left) < 0.5 * far(&left, &chosen).max(100.0);
                    assert!(nearer, "from {before} to {at}");
                }
                follows = 0;
            }
            None => follows = 0,
        }
        before = at;
    }
    assert!(10 < num_leaps, "{num_leaps} leaps");
}

/// Frames until a key that is held has ended by itself, of so many.
fn held_until_ended(model: &Model, most: usize) -> usize {
    let mut generator = Generator::new();
    let controls = held(Some(220.0));
    generator.start(model, &Start { pitch_hz: controls.pitch_hz, velocity: 0.8, seed: 1 });
    (0..most)
        .find(|_| {
            generator.step(model, &controls);
            generator.ended()
        })
        .unwrap_or(most)
}

#[test]
fn what_was_struck_rings_out_though_its_key_is_held_and_what_was_held_does_not() {
    let mut model = factory("violin");
    for flags in &mut model.memory.flags {
        *flags &= !FLAG_STRUCK;
    }
    assert_eq!(held_until_ended(&model, 3_000), 3_000, "held for 30 s");
    for (frame, flags) in model.memory.flags.iter_mut().enumerate() {
        // Struck every half a second.
        *flags |= FLAG_STRUCK | FLAG_GATE | if frame % 50 == 49 { FLAG_END } else { 0 };
    }
    assert!(held_until_ended(&model, 200) < 200, "rings out with its recording");
}
