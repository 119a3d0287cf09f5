//! Does the audio thread keep its promises for an hour? `random_play [HOURS] [RATE_HZ]`: simulated play, one hour at 48 kHz
//! where not given.
//!
//! Random notes, controllers, automation of every parameter, resets, tunings and models come at random block lengths,
//! while another thread learns and its snapshots are loaded. The heap is guarded in every block, and every sample is
//! finite and at most full scale. At the end, silence is timed against sound: with denormals, tails would cost more.
//! Exits with 1 where a promise is broken.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "it talks to a person at a terminal")]

#[path = "../support/guard.rs"]
mod guard;

use guard::touches;
use mynah::engine::event::{EventKind, NoteOn};
use mynah::engine::param::{NUM_PARAMS, TABLE};
use mynah::engine::{Engine, EngineConfig, EngineHandle, Event, Expression, NoteAddress, PreparedModel};
use mynah::learn::{LearnConfig, LearnControl, Progress, Request, learn};
use mynah::model::Model;
use mynah::model::builtin::FACTORY;
use mynah::model::random::uniform;
use mynah::tuning::Tuning;
use mynah::units::SampleRate;
use rand_core::{Rng as _, SeedableRng as _};
use rand_pcg::Pcg64Mcg;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

/// Longest block, samples.
const MOST_SAMPLES: usize = 2_048;
/// Most that a second of tail may cost, of a second of the note before it.
const MOST_TAIL_COST: f64 = 1.2;

fn main() -> ExitCode {
    let arguments: Vec<f64> = std::env::args().skip(1).filter_map(|word| word.parse().ok()).collect();
    let hours = arguments.first().copied().unwrap_or(1.0);
    let sample_rate = SampleRate(arguments.get(1).map_or(48_000.0, |rate_hz| *rate_hz as f32));
    let control = LearnControl::new();
    let (told, snapshots) = mpsc::channel();
    let kept = std::thread::scope(|scope| {
        let control = &control;
        scope.spawn(move || learn_again(&told, control));
        let kept = play(hours, sample_rate, &snapshots);
        control.ask(Request::GiveUp);
        kept
    });
    let cost = tail_cost(sample_rate);
    println!("a second of tail costs {cost:.2} of a second of sound");
    if kept && cost <= MOST_TAIL_COST {
        return ExitCode::SUCCESS;
    }
    eprintln!("a promise is broken: see the lines above");
    ExitCode::FAILURE
}

/// Learns the built-in violin over and over, and passes snapshots and models on.
fn learn_again(told: &mpsc::Sender<Arc<Model>>, control: &LearnControl) {
    for seed in 0.. {
        let config = LearnConfig {
            paths: vec![PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("assets/corpus/violin")],
            name: "Played while it is learned".into(),
            author: String::new(),
            licence: String::new(),
            seed,
            threads: 1,
            max_minutes: 2.0,
        };
        let mut observe = |progress: Progress| {
            if let Progress::Snapshot(model) = progress {
                let _ = told.send(model);
            }
        };
        match learn(&config, &mut observe, control) {
            Ok(learned) => drop(told.send(Arc::new(learned.model))),
            Err(_) => return,
        }
    }
}

/// Plays; whether all promises were kept.
fn play(hours: f64, sample_rate: SampleRate, snapshots: &mpsc::Receiver<Arc<Model>>) -> bool {
    let Some(models) = FACTORY.iter().map(|factory| factory.model()).collect::<Option<Vec<_>>>() else {
        eprintln!("a factory model does not load");
        return false;
    };
    let mut tunings = vec![Tuning::equal()];
    tunings.extend(Tuning::from_scala("Odd\n2\n0.5\n1200.\n", Some("2\n0\n127\n60\n60\n440\n2\n0\nx\n")));
    let prepared = PreparedModel::new(Arc::clone(&models[0]), sample_rate);
    let (mut engine, mut handle) = Engine::new(EngineConfig { sample_rate, seed: 0 }, prepared);
    handle.meters().look(true);
    let mut rng = Pcg64Mcg::seed_from_u64(1);
    let [mut left, mut right] = [vec![f32::NAN; MOST_SAMPLES], vec![f32::NAN; MOST_SAMPLES]];
    let most = (hours * 3_600.0 * f64::from(sample_rate.0)) as u64;
    let (mut at, mut num_blocks, mut num_events, mut num_swaps, mut num_snapshots) =
        (0_u64, 0_u64, 0_u64, 0, 0);
    let mut peak = 0.0_f32;
    let started = Instant::now();
    while at < most {
        let num_samples = 1 + (uniform(&mut rng) * MOST_SAMPLES as f32) as usize % MOST_SAMPLES;
        if let Ok(model) = snapshots.try_recv() {
            handle.load(model);
            num_snapshots += 1;
        } else if uniform(&mut rng) < 0.01 {
            swap(&mut handle, &models, &tunings, &mut rng);
            num_swaps += 1;
        }
        let mut events: Vec<Event> = (0..rng.next_u32() % 6).map(|_| event(&mut rng, num_samples)).collect();
        events.sort_by_key(|event| event.offset_samples);
        num_events += events.len() as u64;
        let is_reset = uniform(&mut rng) < 1e-4;
        let (left, right) = (&mut left[..num_samples], &mut right[..num_samples]);
        let num_touches = touches(|| {
            if is_reset {
                engine.reset();
            }
            engine.process(&events, left, right);
        });
        peak = left.iter().chain(right.iter()).fold(peak, |peak, sample| {
            if sample.is_finite() { peak.max(sample.abs()) } else { f32::INFINITY }
        });
        if num_touches != 0 || 1.0 < peak {
            eprintln!("block {num_blocks}: the heap touched {num_touches} times, peak {peak}: {events:?}");
            return false;
        }
        handle.tend();
        let minutes = |at: u64| at / (60.0 * sample_rate.0) as u64;
        if minutes(at) < minutes(at + num_samples as u64) {
            println!("minute {}: no touch of the heap, peak {peak:.3}", minutes(at + num_samples as u64));
        }
        at += num_samples as u64;
        num_blocks += 1;
    }
    println!(
        "{hours} hours at {} Hz in {:.0} s: {num_blocks} blocks, {num_events} events, {num_swaps} swaps, {num_snapshots} \
         models learned meanwhile; no touch of the heap, peak {peak:.3}",
        sample_rate.0,
        started.elapsed().as_secs_f64()
    );
    true
}

fn swap(handle: &mut EngineHandle, models: &[Arc<Model>], tunings: &[Tuning], rng: &mut Pcg64Mcg) {
    let idx = rng.next_u32() as usize;
    // The only other owner of this model is its ring: were the engine to drop it, it would be freed there.
    handle.load(Arc::new((*models[idx % models.len()]).clone()));
    handle.tune(tunings[idx / 2 % tunings.len()].pitches());
}

fn event(rng: &mut Pcg64Mcg, num_samples: usize) -> Event {
    let offset_samples = rng.next_u32() % num_samples as u32;
    let (channel, key) = ((rng.next_u32() % 16) as u8, (rng.next_u32() % 128) as u8);
    let note = NoteAddress::of_key(channel, key);
    let value = 2.0 * uniform(rng) - 0.5;
    let spec = &TABLE[rng.next_u32() as usize % NUM_PARAMS];
    let kind = match rng.next_u32() % 12 {
        0..=2 => EventKind::NoteOn(NoteOn { channel, key, note_id: None, velocity: value }),
        3 => EventKind::NoteOff(note),
        4 => EventKind::NoteOff(NoteAddress { channel: None, key: None, note_id: None }),
        5 => {
            let expression = Expression::ALL[usize::from(key) % Expression::ALL.len()];
            EventKind::Express { note, expression, value }
        }
        6 => EventKind::Modulate { note, id: spec.id, amount: value },
        7 => EventKind::Bend { channel, value },
        8 => EventKind::Control { channel, controller: key, value },
        9 if key < 8 => EventKind::FreeRunOn,
        9 => EventKind::FreeRunOff,
        _ => EventKind::Param { id: spec.id, value: spec.min + (spec.max - spec.min) * uniform(rng) },
    };
    Event { offset_samples, kind }
}

/// Cost of a second after the release of a note, of that of a second of the note: the least of some, since others use
/// the processor too.
fn tail_cost(sample_rate: SampleRate) -> f64 {
    const NUM_TRIES: usize = 20;
    let second = sample_rate.0 as usize;
    let [mut left, mut right] = [vec![0.0; second], vec![0.0; second]];
    let mut least = [Duration::MAX; 2];
    for _ in 0..NUM_TRIES {
        let Some(model) = FACTORY[0].model() else { return f64::INFINITY };
        let prepared = PreparedModel::new(model, sample_rate);
        let (mut engine, _handle) = Engine::new(EngineConfig { sample_rate, seed: 0 }, prepared);
        let on = NoteOn { channel: 0, key: 57, note_id: None, velocity: 0.8 };
        let note = [EventKind::NoteOn(on), EventKind::NoteOff(NoteAddress::of_key(0, 57))];
        for (kind, least) in note.into_iter().zip(&mut least) {
            let started = Instant::now();
            engine.process(&[Event { offset_samples: 0, kind }], &mut left, &mut right);
            *least = (*least).min(started.elapsed());
        }
    }
    least[1].as_secs_f64() / least[0].as_secs_f64()
}
