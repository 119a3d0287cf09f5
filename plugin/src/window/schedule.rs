//! When the next frame is due: frames are drawn on demand, never for a frame's sake.
//!
//! A window system calls for frames more often than one is wanted: for every timer that was ever started, and on some
//! X servers 66 times a second. Were each of them drawn, and each asked for the next one, a panel that wants 30 frames
//! a second would draw as fast as the screen. So a frame is drawn only when it is due, and the rest are let pass.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use baseview::WindowWaker;

/// A frame that is called for so little early is drawn, and calls are ordered so much early: the systems' timers are no
/// better, and on X11 a call comes with the screen's next frame. Ordered on time, a meter that wants a frame every 33 ms
/// had one every 50 on a screen of 60 Hz.
const SLACK: Duration = Duration::from_millis(8);

/// What to do when the window system calls for a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Draw it: it is due.
    Draw,
    /// Nothing is due before this much time has passed; ask to be called again then.
    CallAgain(Duration),
    /// Nothing is due, or a call is under way.
    Rest,
}

/// The time of the next frame. Any thread but the audio thread may ask for one.
#[derive(Default)]
pub(super) struct Schedule {
    due: Mutex<Due>,
    caller: Mutex<Caller>,
}

/// Who calls for frames, while there is a window.
#[derive(Default)]
struct Caller {
    waker: Option<WindowWaker>,
    shortest_pause: Duration,
}

#[derive(Clone, Copy, Default)]
struct Due {
    at: Option<Instant>,
    /// Whether [`Step::CallAgain`] was given for this time.
    is_called: bool,
}

impl Schedule {
    /// There is a window: whom to wake, and the shortest pause before a frame that need not come at once.
    pub(super) fn open(&self, waker: WindowWaker, shortest_pause: Duration) {
        *self.caller() = Caller { waker: Some(waker), shortest_pause };
        *self.due() = Due::default();
    }

    /// The window is closed.
    pub(super) fn close(&self) {
        *self.caller() = Caller::default();
        *self.due() = Due::default();
    }

    /// Asks for a frame after `delay`, and sees to it that the window system calls for it. What follows something that
    /// the player did has no delay; what moves by itself has one, and may have to wait longer.
    pub(super) fn request(&self, delay: Duration) {
        let caller = self.caller();
        let delay = if delay.is_zero() { delay } else { delay.max(caller.shortest_pause) };
        if self.earliest(Instant::now(), delay)
            && let Some(waker) = &caller.waker
        {
            waker.request_redraw_after(delay.saturating_sub(SLACK));
        }
    }

    /// Asks for a frame at once, of a caller who sees to it that the window system calls for it.
    pub(super) fn request_now(&self) {
        self.earliest(Instant::now(), Duration::ZERO);
    }

    /// The window system calls for a frame.
    pub(super) fn step(&self, now: Instant) -> Step {
        let mut due = self.due();
        let Some(at) = due.at else { return Step::Rest };
        let wait = at.saturating_duration_since(now);
        if wait <= SLACK {
            *due = Due::default();
            Step::Draw
        } else if due.is_called {
            Step::Rest
        } else {
            due.is_called = true;
            Step::CallAgain(wait - SLACK)
        }
    }

    /// Whether this is earlier than what was due so far. A delay beyond all time is never due.
    fn earliest(&self, now: Instant, delay: Duration) -> bool {
        let Some(at) = now.checked_add(delay) else { return false };
        let mut due = self.due();
        if due.at.is_some_and(|earlier| earlier <= at) {
            return false;
        }
        *due = Due { at: Some(at), is_called: false };
        true
    }

    fn due(&self) -> MutexGuard<'_, Due> {
        self.due.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn caller(&self) -> MutexGuard<'_, Caller> {
        self.caller.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const METER: Duration = Duration::from_millis(33);

    #[test]
    fn a_call_that_nobody_asked_for_draws_nothing() {
        assert_eq!(Schedule::default().step(Instant::now()), Step::Rest);
    }

    #[test]
    fn a_frame_is_drawn_when_it_is_due_and_once() {
        let schedule = Schedule::default();
        let now = Instant::now();
        schedule.earliest(now, METER);
        let early = schedule.step(now);
        assert_eq!(early, Step::CallAgain(METER - SLACK), "33 ms early");
        assert_eq!(schedule.step(now), Step::Rest, "the call is under way");
        assert_eq!(schedule.step(now + METER), Step::Draw, "due");
        assert_eq!(schedule.step(now + METER), Step::Rest, "drawn");
    }

    #[test]
    fn the_earliest_request_counts() {
        let schedule = Schedule::default();
        let now = Instant::now();
        assert!(schedule.earliest(now, METER), "the first");
        assert!(!schedule.earliest(now, 2 * METER), "later than the first");
        assert!(schedule.earliest(now, Duration::ZERO), "earlier than the first");
        assert_eq!(schedule.step(now), Step::Draw);
    }

    #[test]
    fn what_moves_by_itself_waits_where_drawing_is_dear_and_what_the_player_does_never() {
        let schedule = Schedule::default();
        schedule.caller().shortest_pause = 2 * METER;
        let now = Instant::now();
        schedule.request(METER);
        assert!(matches!(schedule.step(now + METER), Step::CallAgain(_)), "it moves by itself");
        schedule.request(Duration::ZERO);
        assert_eq!(schedule.step(now + METER), Step::Draw, "the player did something");
    }

    #[test]
    fn never_is_never_due() {
        let schedule = Schedule::default();
        assert!(!schedule.earliest(Instant::now(), Duration::MAX));
    }

    #[test]
    fn thirty_frames_a_second_stay_thirty_whatever_the_window_system_calls() {
        let schedule = Schedule::default();
        let start = Instant::now();
        schedule.earliest(start, Duration::ZERO);
        let mut num_frames = 0;
        for ms in 0..1_000 {
            let now = start + Duration::from_millis(ms);
            if schedule.step(now) == Step::Draw {
                num_frames += 1;
                schedule.earliest(now, METER);
            }
        }
        // Each may be drawn [`SLACK`] early: 25 to 33 ms apart.
        assert!((30..=40).contains(&num_frames), "{num_frames} frames");
    }
}
