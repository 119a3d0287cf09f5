//! Faults of Mynah itself: a panic becomes an error that a person can report.

use anyhow::anyhow;
use std::panic::{self, AssertUnwindSafe};
use std::sync::{Mutex, PoisonError};

/// What the last panic said and where.
static LAST: Mutex<String> = Mutex::new(String::new());

/// Keeps what panics say instead of printing it, unless `RUST_BACKTRACE` asks for it.
///
/// Readers of damaged files catch panics of their decoders: a person should not see those.
pub(super) fn hush() {
    if std::env::var_os("RUST_BACKTRACE").is_none_or(|value| value == "0") {
        panic::set_hook(Box::new(|info| {
            *LAST.lock().unwrap_or_else(PoisonError::into_inner) = info.to_string();
        }));
    }
}

/// Runs a command; a panic inside, on any thread that is waited for, comes back as an error.
pub(super) fn caught(command: impl FnOnce() -> anyhow::Result<()>) -> anyhow::Result<()> {
    // The command is over either way, so nothing broken is seen.
    panic::catch_unwind(AssertUnwindSafe(command)).unwrap_or_else(|_| {
        let last = LAST.lock().unwrap_or_else(PoisonError::into_inner);
        // In one line, and in the words of an error.
        let what = last.replace("panicked at ", "").replace('\n', " ");
        Err(anyhow!("a fault in Mynah ({what}); please report it with the command that you gave"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_comes_back_as_an_error() {
        let error = caught(|| panic!("the sky fell")).unwrap_err().to_string();
        assert!(error.contains("a fault in Mynah"), "{error}");
        assert!(!error.contains("panicked"), "{error}");
    }
}
