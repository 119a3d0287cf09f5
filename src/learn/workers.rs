//! The threads of a learning: none is left when it has ended, since a host may unload the library right after.

use super::LearnError;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

/// A pool of threads. Dropped, it waits until the last of them has ended; rayon's own does not wait.
#[derive(Debug)]
pub(crate) struct Workers {
    /// Gone only while it is dropped.
    pool: Option<rayon::ThreadPool>,
    threads: Arc<Mutex<Vec<JoinHandle<()>>>>,
}

impl Workers {
    /// So many threads.
    pub(crate) fn new(threads: usize) -> Result<Self, LearnError> {
        // From here on dropping it waits for those that were started, even if others could not be.
        let mut workers = Self { pool: None, threads: Arc::default() };
        let started = Arc::clone(&workers.threads);
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .spawn_handler(move |thread| {
                let builder = std::thread::Builder::new().name(format!("mynah-learn-{}", thread.index()));
                let handle = builder.spawn(|| thread.run())?;
                started.lock().unwrap_or_else(PoisonError::into_inner).push(handle);
                Ok(())
            })
            .build()
            .map_err(|error| LearnError::Threads { threads, reason: error.to_string() })?;
        workers.pool = Some(pool);
        Ok(workers)
    }

    /// Threads that there are.
    pub(crate) fn num_threads(&self) -> usize {
        self.pool.as_ref().map_or(1, rayon::ThreadPool::current_num_threads)
    }

    /// Runs on the pool's threads.
    pub(crate) fn install<R: Send>(&self, run: impl FnOnce() -> R + Send) -> R {
        match &self.pool {
            Some(pool) => pool.install(run),
            None => run(),
        }
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        drop(self.pool.take());
        for thread in self.threads.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
            // One that panicked has ended as well.
            let _ = thread.join();
        }
    }
}
