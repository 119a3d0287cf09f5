//! Tables of synthesis, made once for each sample rate: shared by all instances that play at it, and by threads that
//! meet many recordings.

use super::synthesis::SynthesisTables;
use std::sync::{Arc, Mutex, PoisonError, Weak};

/// Sample rates whose tables are kept; a corpus of more makes them again for each file of the others.
const MOST_KEPT: usize = 8;

/// The tables for a sample rate of 1,000 to 1,536,000: those that someone in this process has, or new ones. They take 5 to
/// 10 ms and 2 MB at 48 kHz, and a session may have a hundred instances. Waits where another thread makes some: not for
/// the audio thread.
pub fn tables_of(sample_rate: f32) -> Arc<SynthesisTables> {
    /// Nobody's: what the last instance lets go is freed.
    static IN_USE: Mutex<Vec<Weak<SynthesisTables>>> = Mutex::new(Vec::new());
    // A thread that panicked while it made tables has put none in.
    let mut in_use = IN_USE.lock().unwrap_or_else(PoisonError::into_inner);
    in_use.retain(|tables| 0 < tables.strong_count());
    let found = in_use.iter().filter_map(Weak::upgrade).find(|tables| tables.sample_rate == sample_rate);
    found.unwrap_or_else(|| {
        let tables = Arc::new(SynthesisTables::new(sample_rate));
        in_use.push(Arc::downgrade(&tables));
        tables
    })
}

/// Tables that were made so far, kept. Waits where another thread makes them: not for the audio thread.
#[derive(Debug, Default)]
pub struct SharedTables(Mutex<Vec<Arc<SynthesisTables>>>);

impl SharedTables {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// The tables for a sample rate of 1,000 to 1,536,000.
    pub fn of(&self, sample_rate: f32) -> Arc<SynthesisTables> {
        // A thread that panicked while it made tables has put none in.
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(tables) = kept.iter().find(|tables| tables.sample_rate == sample_rate) {
            return Arc::clone(tables);
        }
        let tables = tables_of(sample_rate);
        if kept.len() < MOST_KEPT {
            kept.push(Arc::clone(&tables));
        }
        tables
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_shared_while_someone_has_them_and_then_freed() {
        // A rate that no other test has.
        let first = tables_of(9_001.0);
        assert!(Arc::ptr_eq(&first, &tables_of(9_001.0)), "the same");
        let weak = Arc::downgrade(&first);
        drop(first);
        assert!(weak.upgrade().is_none(), "freed");
        assert_eq!(tables_of(9_001.0).sample_rate, 9_001.0);
    }

    #[test]
    fn a_rate_has_one_table_whoever_asks() {
        let shared = SharedTables::new();
        let first = shared.of(8_000.0);
        assert!(Arc::ptr_eq(&first, &shared.of(8_000.0)), "the same");
        assert_eq!(shared.of(16_000.0).sample_rate, 16_000.0);
        assert!(Arc::ptr_eq(&first, &shared.of(8_000.0)), "still the same");
    }
}
