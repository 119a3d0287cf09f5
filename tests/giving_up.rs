//! A learning that is given up ends at once, whatever it does: whoever waits for it is a window, or a host that removes
//! the instrument.
#![expect(clippy::unwrap_used, reason = "clippy exempts test functions, not what they share")]

use mynah::learn::{LearnConfig, LearnControl, LearnError, Progress, Request, learn};
use std::path::PathBuf;
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// Many times what it takes when nothing else runs (half a second): other tests run beside this one.
const LONGEST: Duration = Duration::from_secs(3);

/// Four files, and so little time that fitting ends at its first look: what comes after it is soon reached.
fn config() -> LearnConfig {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("assets/corpus/violin");
    let mut paths: Vec<PathBuf> =
        folder.read_dir().unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_file()).collect();
    paths.sort();
    paths.truncate(4);
    LearnConfig {
        paths,
        name: "Given up".into(),
        author: String::new(),
        licence: String::new(),
        seed: 1,
        threads: 2,
        max_minutes: 1e-3,
    }
}

/// Gives up so long after a progress of the wanted kind, and returns how long it took to end, or that it was done.
fn ending(after: fn(&Progress) -> bool, delay: Duration) -> Option<Duration> {
    let control = LearnControl::new();
    let (reached, wait) = mpsc::channel();
    std::thread::scope(|scope| {
        let control = &control;
        let learner = scope.spawn(move || {
            let observe = &mut |progress: Progress| {
                if after(&progress) {
                    let _ = reached.send(());
                }
            };
            let learned = learn(&config(), observe, control);
            (Instant::now(), learned)
        });
        wait.recv().unwrap();
        std::thread::sleep(delay);
        let asked = Instant::now();
        control.ask(Request::GiveUp);
        let (ended, learned) = learner.join().unwrap();
        match learned {
            Ok(_) => None,
            Err(LearnError::Cancelled) => Some(ended.saturating_duration_since(asked)),
            Err(error) => panic!("{error}"),
        }
    })
}

#[test]
fn a_learning_that_is_given_up_ends_at_once_whatever_it_does() {
    let analysing: fn(&Progress) -> bool = |progress| matches!(progress, Progress::Analysing { .. });
    let fitting: fn(&Progress) -> bool = |progress| matches!(progress, Progress::Fitting { .. });
    let mut slowest = Duration::ZERO;
    let moments = [0, 100, 1_000].map(|delay_ms| (analysing, delay_ms));
    // The look that is told is the last: after it come memory, map and calibration.
    let ends = [0, 30, 100, 300, 1_000].map(|delay_ms| (fitting, delay_ms));
    for (after, delay_ms) in moments.into_iter().chain(ends) {
        if let Some(took) = ending(after, Duration::from_millis(delay_ms)) {
            println!("{delay_ms} ms on: ended within {took:?}");
            assert!(took < LONGEST, "{delay_ms} ms on: ended only after {took:?}");
            slowest = slowest.max(took);
        }
    }
    println!("slowest {slowest:?}");
}
