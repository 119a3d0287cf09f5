//! Speed of learning: analysis, in seconds of sound a second, and the fit, by the step of its optimiser.

use criterion::{Criterion, Throughput};
use mynah::audio_file::read;
use mynah::learn::{LearnConfig, LearnControl, Progress, Request, learn};
use mynah::vocoder::analysis::Analyser;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

const SPEECH: &str = "assets/corpus/speech/check-number-dial-again.flac";
const VIOLIN: &str = "assets/corpus/violin";

fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// A second from the middle of a recording, on one core.
fn analysis(criterion: &mut Criterion) {
    let recording = read(&path(SPEECH), 8_000..=192_000);
    let Ok(recording) = recording else { panic!("{SPEECH} can be read") };
    let second = recording.sample_rate as usize;
    let begin = (recording.samples.len() - second) / 2;
    let sound = &recording.samples[begin..begin + second];
    let analyser = Analyser::default();
    let mut group = criterion.benchmark_group("analysis");
    group.throughput(Throughput::Elements(second as u64));
    group.bench_function("1 s of speech", |bencher| {
        bencher.iter(|| black_box(analyser.moments_while(sound, f64::from(recording.sample_rate), &|| true)));
    });
    group.finish();
}

/// Steps of the optimiser on one thread, with their share of the looks at what is held out.
fn fit(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("fit");
    group.sample_size(10);
    group.bench_function("a step", |bencher| bencher.iter_custom(time_of_steps));
    group.finish();
}

/// Time that `num_steps` take: learns for at least so many after the first look, then gives up.
fn time_of_steps(num_steps: u64) -> Duration {
    let config = LearnConfig {
        paths: vec![path(VIOLIN)],
        name: "bench".to_owned(),
        author: String::new(),
        licence: String::new(),
        seed: 1,
        threads: 1,
        max_minutes: 60.0,
    };
    let control = LearnControl::new();
    let mut first: Option<(u32, Instant)> = None;
    let mut a_step = Duration::ZERO;
    // It ends with nothing, as it is asked to.
    let _given_up = learn(
        &config,
        &mut |progress| {
            let Progress::Fitting { step, .. } = progress else { return };
            let (first_step, begun) = *first.get_or_insert_with(|| (step, Instant::now()));
            if first_step < step {
                a_step = begun.elapsed() / (step - first_step);
                if num_steps <= u64::from(step - first_step) {
                    control.ask(Request::GiveUp);
                }
            }
        },
        &control,
    );
    a_step.mul_f64(num_steps as f64)
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    analysis(&mut criterion);
    fit(&mut criterion);
    criterion.final_summary();
}
