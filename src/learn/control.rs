//! What is asked of a learning that goes on, from any thread.

use core::sync::atomic::{AtomicU8, Ordering::Relaxed};

/// What is asked of a learning; each outdoes those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Request {
    /// Go on to the end of the plan.
    GoOn,
    /// End soon, with the best so far: the model is still built, which takes its seconds.
    Finish,
    /// End at once, with nothing.
    GiveUp,
}

/// Asks a learning to end. A request is never taken back.
///
/// ```
/// use mynah::learn::{LearnControl, Request};
/// let control = LearnControl::new();
/// control.ask(Request::GiveUp);
/// control.ask(Request::Finish);
/// assert_eq!(control.request(), Request::GiveUp);
/// ```
#[derive(Debug, Default)]
pub struct LearnControl(AtomicU8);

impl LearnControl {
    /// Nothing is asked yet but to go on.
    pub const fn new() -> Self {
        Self(AtomicU8::new(Request::GoOn as u8))
    }

    /// Asks; returns what was asked before.
    pub fn ask(&self, request: Request) -> Request {
        from_number(self.0.fetch_max(request as u8, Relaxed))
    }

    /// What is asked by now.
    pub fn request(&self) -> Request {
        from_number(self.0.load(Relaxed))
    }

    /// Is the result still wanted?
    pub(super) fn is_wanted(&self) -> bool {
        self.request() < Request::GiveUp
    }
}

fn from_number(number: u8) -> Request {
    match number {
        0 => Request::GoOn,
        1 => Request::Finish,
        _ => Request::GiveUp,
    }
}
