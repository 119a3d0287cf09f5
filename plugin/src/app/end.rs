//! The end of a run: whoever wants it asks, and whoever waits for it hears.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Exit code after a second Ctrl-C, as shells know it: 128 and the number of the signal.
const INTERRUPTED: i32 = 130;

/// What comes so soon after the first request is the same one: `timeout` and other wrappers send it to the command and
/// again to all of its group.
const SAME_REQUEST: Duration = Duration::from_millis(300);

/// A request to end that all who share it see.
#[derive(Clone, Debug, Default)]
pub(super) struct End(Arc<(Mutex<bool>, Condvar)>);

impl End {
    /// Asks for the end.
    pub(super) fn ask(&self) {
        let (asked, heard) = &*self.0;
        *asked.lock().unwrap_or_else(PoisonError::into_inner) = true;
        heard.notify_all();
    }

    /// Was the end asked for?
    pub(super) fn is_asked(&self) -> bool {
        *self.0.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until it is asked for, at most so long. Was it?
    pub(super) fn wait(&self, longest: Duration) -> bool {
        let (asked, heard) = &*self.0;
        let guard = asked.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = heard.wait_timeout_while(guard, longest, |asked| !*asked);
        *waited.unwrap_or_else(PoisonError::into_inner).0
    }

    /// Asks for the end on Ctrl-C and when the system wants it; at once when told again.
    pub(super) fn ask_on_signals(&self) -> anyhow::Result<()> {
        let end = self.clone();
        let mut first_asked = None;
        let handler = move || {
            let is_again = SAME_REQUEST < first_asked.get_or_insert_with(Instant::now).elapsed();
            if is_again && end.is_asked() {
                // A recording stays as it is, playable up to its last checkpoint.
                std::process::exit(INTERRUPTED);
            }
            end.ask();
        };
        ctrlc::set_handler(handler)
            .map_err(|error| anyhow::anyhow!("the system gives no way to hear Ctrl-C: {error}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_waits_hears_the_end_and_waits_no_longer_than_told() {
        let end = End::default();
        assert!(!end.wait(Duration::from_millis(1)) && !end.is_asked());
        let other = end.clone();
        let waits = std::thread::spawn(move || other.wait(Duration::from_secs(60)));
        end.ask();
        assert!(waits.join().unwrap() && end.wait(Duration::ZERO));
    }
}
