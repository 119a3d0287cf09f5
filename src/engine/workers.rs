//! Voices rendered side by side, off-line: whoever owns threads lends them to the engine, which knows none.

/// Does independent pieces of work, in any order and at the same time if it can.
pub trait Workers {
    /// Calls `act` with each item once, and returns when all are done.
    fn for_each<T: Send>(&self, items: &mut [T], act: impl Fn(&mut T) + Sync);
}
