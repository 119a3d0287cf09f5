//! Instances that learn are removed in the middle and loaded again: nothing waits, and nothing stays behind.
#![expect(clippy::unwrap_used, reason = "clippy exempts test functions, not what they share")]

use std::path::PathBuf;
use std::time::{Duration, Instant};

use mynah_plugin::Mynah;
use mynah_plugin::session::{LearnRequest, LearningPhase};

/// Many times what an instance takes to go when nothing else runs: its learner gives way to everything else, and tests
/// run beside others.
const LONGEST: Duration = Duration::from_secs(5);

/// Growth of memory over [`NUM_ROUNDS`] that is no leak: what one learning holds is several times that.
const MAX_GROWTH_KIB: i64 = 60 << 10;

/// Rounds that are measured; the allocator has made its room in those before.
const NUM_ROUNDS: usize = 4;
const NUM_FIRST_ROUNDS: usize = 4;

fn learning() -> Mynah {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../assets/corpus/violin");
    let mut paths: Vec<PathBuf> = folder.read_dir().unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    // Few, so that they soon begin to fit.
    paths.truncate(4);
    let instrument = Mynah::default();
    instrument.session().learn(LearnRequest { paths, name: "Fiddle".into() });
    instrument
}

/// Removes it as a host does; what it learns is not finished.
fn remove(instrument: Mynah) -> Duration {
    let phase = instrument.session().learning().phase;
    assert!(phase.is_busy(), "{phase:?}");
    let started = Instant::now();
    drop(instrument);
    let took = started.elapsed();
    assert!(took < LONGEST, "{phase:?}: removed only after {took:?}");
    took
}

/// Two that learn at once, removed after a while; returns the longer time that one took to go.
fn round(idx: usize) -> Duration {
    let (one, other) = (learning(), learning());
    if idx % 4 == 3 {
        // Once both fit.
        let fits = |instrument: &Mynah| {
            matches!(instrument.session().learning().phase, LearningPhase::Fitting { .. })
        };
        let started = Instant::now();
        while !(fits(&one) && fits(&other)) {
            assert!(started.elapsed() < Duration::from_secs(300), "both begin to fit");
            std::thread::sleep(Duration::from_millis(20));
        }
    } else {
        std::thread::sleep(Duration::from_millis(150 * idx as u64));
    }
    let first = remove(one);
    // Another takes its place, and begins anew while the second still learns.
    let third = learning();
    let again = Instant::now();
    third.session().learn(LearnRequest { paths: Vec::new(), name: "Nothing".into() });
    assert!(again.elapsed() < LONGEST, "a learning over another begins at once");
    drop(third);
    first.max(remove(other))
}

#[test]
fn instances_that_learn_leave_neither_threads_nor_memory() {
    let threads_before = learners();
    let mut slowest = (0..NUM_FIRST_ROUNDS).map(round).max().unwrap();
    let before_kib = resident_kib();
    for idx in 0..NUM_ROUNDS {
        slowest = slowest.max(round(idx));
        assert_eq!(learners(), threads_before, "threads that learn, after round {idx}");
    }
    let growth_kib = resident_kib() - before_kib;
    println!(
        "{NUM_ROUNDS} rounds: slowest removal {slowest:?}, grown {growth_kib} KiB from {before_kib} KiB"
    );
    assert!(growth_kib < MAX_GROWTH_KIB, "{NUM_ROUNDS} rounds left {growth_kib} KiB");
}

/// Threads of this process that learn; 0 where that cannot be asked.
fn learners() -> usize {
    let Ok(tasks) = std::fs::read_dir("/proc/self/task") else { return 0 };
    let name =
        |task: std::fs::DirEntry| std::fs::read_to_string(task.path().join("comm")).unwrap_or_default();
    tasks.filter_map(Result::ok).map(name).filter(|name| name.starts_with("mynah-learn")).count()
}

/// Memory of this process that is in use, KiB; 0 where that cannot be asked.
fn resident_kib() -> i64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.trim().strip_suffix(" kB")?.parse().ok()).unwrap_or(0)
}
