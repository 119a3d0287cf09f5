//! A learning that is given up ends at once, whatever it does: whoever waits for it is a window, or a host that removes
//! the instrument.
#![expect(clippy::unwrap_used, reason = "clippy exempts test functions, not what they share")]

use mynah::learn::{LearnConfig, LearnControl, LearnError, Progress, Request, learn};
use std::path::PathBuf;
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// Processor time that it may take, on both its threads: what it takes where nothing else runs is half a second on the
/// clock. The clock itself says little where others work.
const LONGEST_WORK: Duration = Duration::from_secs(1);

/// Time after which it waits for something that does not come.
const LONGEST: Duration = Duration::from_secs(20);

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

/// How long something took: by the clock, and on processors.
#[derive(Debug)]
struct Took {
    clock: Duration,
    work: Duration,
}

/// Processor time of this process so far, all threads; 0 where that cannot be asked. This binary has one test, so that
/// nothing else is in it.
fn work() -> Duration {
    // The system counts in hundredths of a second.
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit(") ").next().unwrap_or_default().split(' ').skip(11).take(2);
    Duration::from_millis(10 * fields.filter_map(|field| field.parse::<u64>().ok()).sum::<u64>())
}

/// Gives up so long after a progress of the wanted kind, and returns what it took to end, or that it was done.
fn ending(after: fn(&Progress) -> bool, delay: Duration) -> Option<Took> {
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
            (Instant::now(), work(), learned)
        });
        wait.recv().unwrap();
        std::thread::sleep(delay);
        let (asked, worked) = (Instant::now(), work());
        control.ask(Request::GiveUp);
        let (ended, work, learned) = learner.join().unwrap();
        match learned {
            Ok(_) => None,
            Err(LearnError::Cancelled) => {
                let (clock, work) = (ended.saturating_duration_since(asked), work.saturating_sub(worked));
                Some(Took { clock, work })
            }
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
            let is_prompt = took.work < LONGEST_WORK && took.clock < LONGEST;
            assert!(is_prompt, "{delay_ms} ms on: ended only after {took:?}");
            slowest = slowest.max(took.work);
        }
    }
    println!("slowest {slowest:?} on processors");
}
