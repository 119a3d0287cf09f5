//! Speed at three depths: the network's step, one voice, the engine with eight voices in blocks of 64; and what an
//! instance costs that only waits: silence, a model read, an engine made.

use criterion::{Criterion, Throughput};
use mynah::engine::{Engine, EngineConfig, Event, EventKind, NoteOn, PreparedModel};
use mynah::model::builtin::{FACTORY, builtin};
use mynah::model::{Controls, Generator, Model, Start};
use mynah::units::SampleRate;
use mynah::vocoder::synthesis::{SynthesisTables, Synthesizer};
use std::hint::black_box;
use std::sync::Arc;

const RATE: f32 = 48_000.0;
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
    let mut synthesizer = Synthesizer::new(Arc::new(SynthesisTables::new(RATE)));
    let mut out = [0.0_f32; HOP];
    let mut group = criterion.benchmark_group("voice");
    group.throughput(Throughput::Elements(HOP as u64));
    group.bench_function("10 ms at 110 Hz", |bencher| {
        bencher.iter(|| {
            let frame = generator.step(&model, &controls());
            synthesizer.begin_hop(&frame, HOP);
            synthesizer.process(black_box(&mut out));
        });
    });
    group.finish();
}

fn engine(criterion: &mut Criterion) {
    let prepared = PreparedModel::new(builtin(), SampleRate(RATE));
    let config = EngineConfig { sample_rate: SampleRate(RATE), seed: 1 };
    let (mut engine, _handle) = Engine::new(config, prepared);
    let (mut left, mut right) = ([0.0_f32; BLOCK], [0.0_f32; BLOCK]);
    let notes: Vec<Event> = (0..8_u8)
        .map(|idx| Event {
            offset_samples: 0,
            kind: EventKind::NoteOn(NoteOn { channel: 0, key: 48 + 3 * idx, note_id: None, velocity: 0.8 }),
        })
        .collect();
    engine.process(&notes, &mut left, &mut right);
    let mut group = criterion.benchmark_group("engine");
    group.throughput(Throughput::Elements(BLOCK as u64));
    group.bench_function("8 voices, block of 64", |bencher| {
        bencher.iter(|| engine.process(&[], black_box(&mut left), black_box(&mut right)));
    });
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

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    step(&mut criterion);
    voice(&mut criterion);
    engine(&mut criterion);
    silence(&mut criterion);
    instance(&mut criterion);
    criterion.final_summary();
}
