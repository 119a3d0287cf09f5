//! Tables of synthesis for those who meet many recordings: one for each sample rate, shared among threads.

use super::synthesis::SynthesisTables;
use std::sync::{Arc, Mutex, PoisonError};

/// Sample rates whose tables are kept; a corpus of more makes them again for each file of the others.
const MOST_KEPT: usize = 8;

/// Tables that were made so far. Waits where another thread makes them: not for the audio thread.
#[derive(Debug, Default)]
pub struct SharedTables(Mutex<Vec<Arc<SynthesisTables>>>);

impl SharedTables {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// The tables for a sample rate of 8,000 to 192,000.
    pub fn of(&self, sample_rate: f32) -> Arc<SynthesisTables> {
        // A thread that panicked while it made tables has put none in.
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(tables) = kept.iter().find(|tables| tables.sample_rate == sample_rate) {
            return Arc::clone(tables);
        }
        let tables = Arc::new(SynthesisTables::new(sample_rate));
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
    fn a_rate_has_one_table_whoever_asks() {
        let shared = SharedTables::new();
        let first = shared.of(8_000.0);
        assert!(Arc::ptr_eq(&first, &shared.of(8_000.0)), "the same");
        assert_eq!(shared.of(16_000.0).sample_rate, 16_000.0);
        assert!(Arc::ptr_eq(&first, &shared.of(8_000.0)), "still the same");
    }
}
