//! What is known of a window outside it: its size, whether it is open, and how to have it drawn again.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use egui::Vec2;

use super::schedule::Schedule;

/// The smallest size that a panel is made for, in points: logical pixels, whatever the screen's scale.
pub const MIN_SIZE_POINTS: Vec2 = Vec2::new(640.0, 400.0);

/// What a window and those outside it share. Never used by the audio thread: it locks.
///
/// ```
/// use mynah_plugin::window::{MIN_SIZE_POINTS, WindowState};
///
/// let state = WindowState::new(egui::vec2(900.0, 100.0));
/// assert_eq!(state.size_points(), egui::vec2(900.0, MIN_SIZE_POINTS.y));
/// assert!(!state.is_open());
/// state.repaint(); // Nothing to draw yet, and no harm done.
/// ```
#[derive(Default)]
pub struct WindowState {
    size: Mutex<Size>,
    is_open: AtomicBool,
    /// False while a host keeps the window but does not show it.
    pub(super) is_shown: AtomicBool,
    /// Whether something in the window has the keyboard.
    pub(super) wants_keys: AtomicBool,
    /// Keys from the host that the window has not seen yet.
    pub(super) host_keys: Mutex<Vec<egui::Event>>,
    pub(super) schedule: Schedule,
}

#[derive(Clone, Copy, Debug)]
struct Size {
    points: Vec2,
    /// Physical pixels in a point; 1 before a window has opened.
    scale: f32,
}

impl Default for Size {
    fn default() -> Self {
        Self { points: MIN_SIZE_POINTS, scale: 1.0 }
    }
}

impl WindowState {
    /// The state of a window that will open at this size, or at the smallest if that is smaller.
    pub fn new(size_points: Vec2) -> Self {
        let state = Self::default();
        state.set_size_points(size_points);
        state
    }

    /// The size the window has, or had when it was last open, in points. To be kept with a session.
    pub fn size_points(&self) -> Vec2 {
        self.size().points
    }

    /// The size at which the window opens next, as from a session; a window that is open keeps its own.
    pub fn set_size_points(&self, size_points: Vec2) {
        if !self.is_open() {
            self.size().points = at_least_min(size_points);
        }
    }

    /// Whether there is a window.
    pub fn is_open(&self) -> bool {
        self.is_open.load(Ordering::Acquire)
    }

    /// Has the window drawn again soon, if there is one.
    pub fn repaint(&self) {
        if self.is_open() {
            self.schedule.request(Duration::ZERO);
        }
    }

    /// Physical pixels in a point, of the window that is or was last open.
    pub(super) fn scale(&self) -> f32 {
        self.size().scale
    }

    pub(super) fn set_open(&self, is_open: bool) {
        self.is_open.store(is_open, Ordering::Release);
    }

    /// The window has this size now. A size that is not one, of a window made tiny by its host, is not kept.
    pub(super) fn set_window_size(&self, points: Vec2, scale: f32) {
        let mut size = self.size();
        if points.is_finite() && 1.0 <= points.min_elem() {
            size.points = points;
        }
        if scale.is_finite() && 0.0 < scale {
            size.scale = scale;
        }
    }

    pub(super) fn host_keys(&self) -> MutexGuard<'_, Vec<egui::Event>> {
        self.host_keys.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn size(&self) -> MutexGuard<'_, Size> {
        self.size.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for WindowState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WindowState").field("size", &*self.size()).field("is_open", &self.is_open).finish()
    }
}

/// A size no smaller than [`MIN_SIZE_POINTS`] and no larger than a window can be; NaN gives the smallest.
pub(super) fn at_least_min(size_points: Vec2) -> Vec2 {
    // X11 counts a window's pixels in 16 bits; at a scale of 2 that is this many points.
    const MAX_POINTS: f32 = 16_000.0;
    let side =
        |points: f32, min: f32| if points < min || points.is_nan() { min } else { points.min(MAX_POINTS) };
    Vec2::new(side(size_points.x, MIN_SIZE_POINTS.x), side(size_points.y, MIN_SIZE_POINTS.y))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_size_from_a_session_makes_a_window_unusable() {
        for hostile in [Vec2::ZERO, Vec2::splat(-5.0), Vec2::splat(f32::NAN), Vec2::splat(f32::NEG_INFINITY)]
        {
            assert_eq!(WindowState::new(hostile).size_points(), MIN_SIZE_POINTS, "{hostile}");
        }
        assert!(WindowState::new(Vec2::splat(f32::INFINITY)).size_points().is_finite());
        assert_eq!(WindowState::new(Vec2::new(900.0, 600.0)).size_points(), Vec2::new(900.0, 600.0));
    }

    #[test]
    fn the_size_that_a_window_had_is_remembered() {
        let state = WindowState::new(MIN_SIZE_POINTS);
        state.set_open(true);
        state.set_size_points(Vec2::new(1_000.0, 700.0));
        assert_eq!(state.size_points(), MIN_SIZE_POINTS, "an open window keeps its size");
        state.set_window_size(Vec2::new(800.0, 500.0), 1.5);
        state.set_window_size(Vec2::ZERO, f32::NAN);
        assert_eq!((state.size_points(), state.scale()), (Vec2::new(800.0, 500.0), 1.5));
    }
}
