//! Speed at three depths: the network's step, one voice, the engine with up to 64 voices in blocks of 64; and what an
//! instance costs that only waits: silence, a model read, an engine made.
#![expect(clippy::print_stdout, reason = "figures are what a bench is for")]

use criterion::{Criterion, Throughput};
use mynah::engine::{Engine, EngineConfig, Event, EventKind, MAX_VOICES, NoteOn, ParamId, PreparedModel};
use mynah::model::builtin::{FACTORY, builtin};
use mynah::model::{Controls, Generator, Model, Start};
use mynah::units::SampleRate;
use mynah::vocoder::synthesis::{SynthesisTables, Synthesizer};
use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

const RATE: f32 = 48_000.0;
/// Samples of one frame of the model.
const HOP: usize = 480;
const BLOCK: usize = 64;

fn controls() -> Controls {
    Controls { pitch_hz: Some(110.0), ..Controls::default() }
}

fn started() -> Generator {
    let mut generator = Generator::new();
    generator.start(&builtin(), &Start { pitch_hz: Some(110.0), velocity: 0.8, seed: 1 });
    generator
}

fn step(criterion: &mut Criterion) {
    let model = builtin();
    for (name, memory) in [("remembered", 1.0), ("imagined", 0.0)] {
        let mut generator = started();
        let controls = Controls { memory, ..controls() };
        criterion.bench_function(&format!("step/{name}"), |bencher| {
            bencher.iter(|| black_box(generator.step(&model, &controls)));
        });
    }
}

fn voice(criterion: &mut Criterion) {
    let model = builtin();
    let mut generator = started();
    let mut before = generator.step(&model, &controls());
    let mut synthesizer = Synthesizer::new(Arc::new(SynthesisTables::new(RATE)));
    let mut out = [0.0_f32; HOP];
    let mut group = criterion.benchmark_group("voice");
    group.throughput(Throughput::Elements(HOP as u64));
    group.bench_function("10 ms at 110 Hz", |bencher| {
        bencher.iter(|| {
            let frame = generator.step(&model, &controls());
            let half_way = generator.half_way(&model, &controls(), &before, &frame);
            before = frame;
            for (frame, out) in [half_way, frame].iter().zip(out.chunks_exact_mut(HOP / 2)) {
                synthesizer.begin_hop(frame, HOP / 2);
                synthesizer.process(black_box(out));
            }
        });
    });
    group.finish();
}

/// An engine that plays `num_notes` notes at once, each by a choir.
fn playing(num_notes: u8, choir: u8) -> Engine {
    let prepared = PreparedModel::new(builtin(), SampleRate(RATE));
    let config = EngineConfig { sample_rate: SampleRate(RATE), seed: 1 };
    let (mut engine, _handle) = Engine::new(config, prepared);
    let at_once = |kind| Event { offset_samples: 0, kind };
    let param = |id, value| at_once(EventKind::Param { id, value });
    let mut events = vec![param(ParamId::Voices, MAX_VOICES as f32), param(ParamId::Choir, f32::from(choir))];
    events.extend((0..num_notes).map(|idx| {
        at_once(EventKind::NoteOn(NoteOn { channel: 0, key: 32 + idx, note_id: None, velocity: 0.8 }))
    }));
    engine.process(&events, &mut [0.0; BLOCK], &mut [0.0; BLOCK]);
    engine
}

fn engine(criterion: &mut Criterion) {
    let (mut left, mut right) = ([0.0_f32; BLOCK], [0.0_f32; BLOCK]);
    let mut group = criterion.benchmark_group("engine");
    group.throughput(Throughput::Elements(BLOCK as u64));
    for (num_notes, choir) in [(8, 1), (64, 1), (8, 8)] {
        let mut engine = playing(num_notes, choir);
        let name = format!("{num_notes} notes by {choir} voices, block of 64");
        group.bench_function(&name, |bencher| {
            bencher.iter(|| engine.process(&[], black_box(&mut left), black_box(&mut right)));
        });
        let (mean, slowest) = blocks_of(&mut engine);
        let share = 100.0 * RATE / BLOCK as f32;
        println!(
            "{name}: {:.1} % of the time that a block lasts, the slowest {:.1} %, {:.2} times the mean",
            share * mean,
            share * slowest,
            slowest / mean
        );
    }
    group.finish();
}

/// Of a block of 64 samples at 48 kHz, 1 % is 13 µs.
fn silence(criterion: &mut Criterion) {
    let prepared = PreparedModel::new(builtin(), SampleRate(RATE));
    let config = EngineConfig { sample_rate: SampleRate(RATE), seed: 1 };
    let (mut engine, handle) = Engine::new(config, prepared);
    let (mut left, mut right) = ([0.0_f32; BLOCK], [0.0_f32; BLOCK]);
    let mut group = criterion.benchmark_group("silent engine");
    group.throughput(Throughput::Elements(BLOCK as u64));
    for (name, open) in [("block of 64", false), ("block of 64, looked at", true)] {
        handle.meters().look(open);
        group.bench_function(name, |bencher| {
            bencher.iter(|| engine.process(&[], black_box(&mut left), black_box(&mut right)));
        });
    }
    group.finish();
}

fn instance(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("instance");
    group.bench_function("voice read", |bencher| {
        bencher.iter(|| black_box(Model::from_bytes(FACTORY[0].bytes)));
    });
    group.bench_function("tables of 48 kHz made", |bencher| {
        bencher.iter(|| black_box(SynthesisTables::new(RATE)));
    });
    let first = PreparedModel::new(builtin(), SampleRate(RATE));
    let config = EngineConfig { sample_rate: SampleRate(RATE), seed: 1 };
    group.bench_function("another engine", |bencher| {
        bencher.iter(|| Engine::new(config, PreparedModel::new(builtin(), config.sample_rate)));
    });
    drop(first);
    group.finish();
}

/// Mean and longest time that a block takes, seconds. What a block has to do repeats every two hops: each place in
/// that cycle counts with its median, so that what else the machine does is left out.
fn blocks_of(engine: &mut Engine) -> (f32, f32) {
    const CYCLE: usize = 2 * HOP / BLOCK;
    const NUM_CYCLES: usize = 101;
    let (mut left, mut right) = ([0.0_f32; BLOCK], [0.0_f32; BLOCK]);
    let mut times = vec![[0.0_f32; NUM_CYCLES]; CYCLE];
    for cycle in 0..NUM_CYCLES {
        for place in &mut times {
            let begun = Instant::now();
            engine.process(&[], black_box(&mut left), black_box(&mut right));
            place[cycle] = begun.elapsed().as_secs_f32();
        }
    }
    let medians = times.iter_mut().map(|times| {
        times.sort_by(f32::total_cmp);
        times[NUM_CYCLES / 2]
    });
    let (sum, slowest) = medians.fold((0.0, 0.0_f32), |(sum, slowest), time| (sum + time, slowest.max(time)));
    (sum / CYCLE as f32, slowest)
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    step(&mut criterion);
    voice(&mut criterion);
    engine(&mut criterion);
    silence(&mut criterion);
    instance(&mut criterion);
    criterion.final_summary();
}
