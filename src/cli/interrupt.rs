//! Ctrl-C and other requests to end.

use crate::learn::{LearnControl, Request};
use anyhow::anyhow;
use std::process;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Exit code after Ctrl-C, as shells know it: 128 and the number of the signal.
const INTERRUPTED: i32 = 130;

/// Held while a file is written: even who asks twice to end leaves no half-written one behind.
static WRITING: Mutex<()> = Mutex::new(());

/// What comes so soon after the first request is the same one: `timeout` and other wrappers send it to the command and
/// again to all of its group.
const SAME_REQUEST: Duration = Duration::from_millis(300);

/// Ends at once when asked to, but not within [`writing`].
pub(super) fn end_when_asked() -> anyhow::Result<()> {
    handle(end)
}

/// Has a learning finish when asked to end; at once when asked again, but not within [`writing`].
pub(super) fn finish_when_asked(control: &'static LearnControl) -> anyhow::Result<()> {
    let mut first_asked = None;
    handle(move || {
        let first_asked = *first_asked.get_or_insert_with(Instant::now);
        if Request::GoOn < control.ask(Request::Finish) && SAME_REQUEST < first_asked.elapsed() {
            end();
        }
    })
}

fn end() {
    let _written = WRITING.lock().unwrap_or_else(PoisonError::into_inner);
    process::exit(INTERRUPTED);
}

fn handle(handler: impl FnMut() + Send + 'static) -> anyhow::Result<()> {
    ctrlc::set_handler(handler).map_err(|error| anyhow!("the system gives no way to hear Ctrl-C: {error}"))
}

/// Runs what writes a file, whole even if asked to end.
pub(super) fn writing<T>(write: impl FnOnce() -> T) -> T {
    let _writing = WRITING.lock().unwrap_or_else(PoisonError::into_inner);
    write()
}
