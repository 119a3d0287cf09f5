//! Ctrl-C and other requests to end.

use anyhow::anyhow;
use std::process;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

/// Exit code after Ctrl-C, as shells know it: 128 and the number of the signal.
const INTERRUPTED: i32 = 130;

/// Held while a file is written: even who asks twice to end leaves no half-written one behind.
static WRITING: Mutex<()> = Mutex::new(());

/// Ends at once when asked to, but not within [`writing`].
pub(super) fn end_when_asked() -> anyhow::Result<()> {
    static ENDING: AtomicBool = AtomicBool::new(true);
    cancel_when_asked(&ENDING)
}

/// Sets `cancel` when asked to end; at once when asked again, but not within [`writing`].
pub(super) fn cancel_when_asked(cancel: &'static AtomicBool) -> anyhow::Result<()> {
    ctrlc::set_handler(move || {
        if cancel.swap(true, Ordering::Relaxed) {
            let _written = WRITING.lock().unwrap_or_else(PoisonError::into_inner);
            process::exit(INTERRUPTED);
        }
    })
    .map_err(|error| anyhow!("the system gives no way to hear Ctrl-C: {error}"))
}

/// Runs what writes a file, whole even if asked to end.
pub(super) fn writing<T>(write: impl FnOnce() -> T) -> T {
    let _writing = WRITING.lock().unwrap_or_else(PoisonError::into_inner);
    write()
}
