//! All cores at work on the voices of a block.

use crate::engine::Workers;
use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

/// The threads that the process shares.
#[derive(Clone, Copy, Debug)]
pub(super) struct AllCores;

impl Workers for AllCores {
    fn num(&self) -> usize {
        rayon::current_num_threads()
    }

    fn drive<T: Send>(&self, items: &mut [T], step: impl Fn(&mut T) -> bool + Sync) {
        let num_threads = rayon::current_num_threads().min(items.len());
        let waiting: Mutex<VecDeque<&mut T>> = Mutex::new(items.iter_mut().collect());
        // A step that panics holds no lock.
        let waiting = || waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let work = || {
            loop {
                // In a statement of its own: the lock is let go before the step.
                let next = waiting().pop_front();
                let Some(item) = next else { return };
                if step(item) {
                    waiting().push_back(item);
                }
            }
        };
        rayon::scope(|scope| {
            for _ in 1..num_threads {
                scope.spawn(|_| work());
            }
            work();
        });
    }
}
