//! Does anything drift? `long_run [HOURS] [RATE_HZ]`: a note is held for a day of simulated time, 24 hours at 48 kHz where
//! not given.
//!
//! One line an hour: the level and the pitch of the held note, and the memory of the process. The pitch is the median of
//! its autocorrelation over samples spread over the hour, the level the mean power of all of it. In the middle of each
//! hour a second key is struck and released, so that counters of notes go on too. Exits with 1 if an hour is off the
//! first by more than a note may wander by chance, or memory grows.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "it talks to a person at a terminal")]

use mynah::engine::event::{EventKind, NoteOn};
use mynah::engine::{Engine, EngineConfig, Event, NoteAddress, PreparedModel};
use mynah::model::builtin::builtin;
use mynah::units::SampleRate;
use mynah::vocoder::pitch::track;
use std::process::ExitCode;
use std::time::Instant;

/// Key that is held: within what the voice was learned from, and 220 Hz.
const KEY: u8 = 57;
const KEY_HZ: f64 = 220.0;
/// Samples of a block: odd, so that blocks and frames never fall together for long.
const BLOCK_SAMPLES: usize = 1_021;
/// Stretches of an hour in which the pitch is measured, and their length, seconds.
const NUM_LOOKS: usize = 60;
const LOOK_SECONDS: f64 = 1.0;
/// Most that an hour may be off the first: level, dB, and pitch, cents.
const MOST_LEVEL_DB: f64 = 1.0;
const MOST_PITCH_CENTS: f64 = 5.0;
/// Most that memory may grow after the first hour, KiB.
const MOST_GROWTH_KIB: u64 = 1_024;

/// What is measured in an hour.
struct Hour {
    level_db: f64,
    /// From the key's own pitch.
    cents: f64,
    memory_kib: u64,
}

fn main() -> ExitCode {
    let arguments: Vec<f64> = std::env::args().skip(1).filter_map(|word| word.parse().ok()).collect();
    let hours = arguments.first().map_or(24, |hours| *hours as usize);
    let rate_hz = arguments.get(1).copied().unwrap_or(48_000.0);
    let started = Instant::now();
    let mut run = Run::new(rate_hz);
    let mut first: Option<Hour> = None;
    let mut steady = true;
    for idx in 1..=hours {
        let hour = run.hour();
        println!(
            "hour {idx}: {:.2} dBFS, {:+.2} cents, {} KiB; {:.0} s of work",
            hour.level_db,
            hour.cents,
            hour.memory_kib,
            started.elapsed().as_secs_f64()
        );
        let Some(first) = &first else {
            first = Some(hour);
            continue;
        };
        steady &= (hour.level_db - first.level_db).abs() < MOST_LEVEL_DB
            && (hour.cents - first.cents).abs() < MOST_PITCH_CENTS
            && hour.memory_kib <= first.memory_kib + MOST_GROWTH_KIB;
    }
    if steady && 0 < run.num_ended {
        println!("steady for {hours} hours at {rate_hz} Hz");
        return ExitCode::SUCCESS;
    }
    eprintln!("it drifts: see the lines above");
    ExitCode::FAILURE
}

struct Run {
    engine: Engine,
    rate_hz: f64,
    is_held: bool,
    num_ended: usize,
    left: Vec<f32>,
    right: Vec<f32>,
}

impl Run {
    fn new(rate_hz: f64) -> Self {
        let sample_rate = SampleRate(rate_hz as f32);
        let prepared = PreparedModel::new(builtin(), sample_rate);
        let (engine, _handle) = Engine::new(EngineConfig { sample_rate, seed: 0 }, prepared);
        let [left, right] = [vec![0.0; BLOCK_SAMPLES], vec![0.0; BLOCK_SAMPLES]];
        Self { engine, rate_hz, is_held: false, num_ended: 0, left, right }
    }

    fn hour(&mut self) -> Hour {
        let hour_samples = (3_600.0 * self.rate_hz) as usize;
        let (look_samples, every) = ((LOOK_SECONDS * self.rate_hz) as usize, hour_samples / NUM_LOOKS);
        let mut pitches = Vec::new();
        let mut look: Vec<f32> = Vec::with_capacity(look_samples);
        let (mut power, mut at) = (0.0_f64, 0);
        while at < hour_samples {
            let num = BLOCK_SAMPLES.min(hour_samples - at);
            let events = self.events(at, num, hour_samples / 2);
            self.engine.process(&events, &mut self.left[..num], &mut self.right[..num]);
            self.num_ended += self.engine.ended_notes().len();
            power += self.left[..num].iter().map(|sample| f64::from(*sample).powi(2)).sum::<f64>();
            // The end of each stretch between looks: the first begins before the note sounds.
            if every - look_samples <= at % every {
                look.extend_from_slice(&self.left[..num]);
            } else if !look.is_empty() {
                let frames = (LOOK_SECONDS * 100.0) as usize;
                pitches.extend(track(&look, self.rate_hz, 0.01, frames).iter().filter_map(|point| point.hz));
                look.clear();
            }
            at += num;
        }
        pitches.sort_by(f32::total_cmp);
        let median = pitches.get(pitches.len() / 2).map_or(f64::NAN, |hz| f64::from(*hz));
        Hour {
            level_db: 10.0 * (power / hour_samples as f64).log10(),
            cents: 1_200.0 * (median / KEY_HZ).log2(),
            memory_kib: memory_kib(),
        }
    }

    /// The held note at the very beginning; another for a second in the middle of each hour.
    fn events(&mut self, at: usize, num: usize, middle: usize) -> Vec<Event> {
        let on = |key| EventKind::NoteOn(NoteOn { channel: 0, key, note_id: None, velocity: 0.8 });
        let mut events = Vec::new();
        if !self.is_held {
            self.is_held = true;
            events.push(Event { offset_samples: 0, kind: on(KEY) });
        }
        let second = KEY + 7;
        for (when, kind) in [
            (middle, on(second)),
            (middle + self.rate_hz as usize, EventKind::NoteOff(NoteAddress::of_key(0, second))),
        ] {
            if (at..at + num).contains(&when) {
                events.push(Event { offset_samples: (when - at) as u32, kind });
            }
        }
        events
    }
}

/// Memory of this process that is resident, where the system says so in the way of Linux; 0 elsewhere.
fn memory_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.trim().trim_end_matches("kB").trim().parse().ok()).unwrap_or(0)
}
