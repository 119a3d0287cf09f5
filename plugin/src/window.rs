//! Windows: egui in a window of baseview's, drawn by OpenGL, inside a host's or on its own.
//!
//! There are crates that do this (nice-plug-egui on egui-baseview); with them files that are dropped on the window never
//! reach egui, and dropping a folder of recordings is how one begins with Mynah.
//!
//! Reading order: what is shared with the outside (`state`), the host's side (`editor`), the inside (`handler`), what the
//! player does (`input`, `keys`, `host_keys`, `clipboard`, `cursor`), when a frame is drawn (`schedule`), what
//! of it (`picture`, `area`) and how (`graphics`, `canvas`).

mod area;
mod canvas;
mod clipboard;
mod cursor;
mod editor;
mod graphics;
mod handler;
mod host_keys;
mod input;
mod keys;
mod picture;
mod schedule;
mod state;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};

use baseview::dpi::LogicalSize;
use baseview::{Window, WindowSettings};
use nice_plug::context::gui::GuiContext;

pub use editor::{Editor, Handle};
pub use state::{MIN_SIZE_POINTS, WindowState};

use handler::{Handler, HandlerConfig, Keys};

/// What is drawn in a window. All methods are called on the window's thread, which on Linux is not the main thread.
///
/// A panic in any of them ends nothing but the panel: from then on the window says so, until it is opened again.
pub trait WindowApp: Send + 'static {
    /// A host opens the window; parameters are set with this. Called before [`opened`](Self::opened), and not at all by
    /// [`run`].
    fn hosted(&mut self, context: GuiContext) {
        let _ = context;
    }

    /// The window has opened: fonts and style are set here. It may open again after it has closed, with a new context.
    fn opened(&mut self, context: &egui::Context);

    /// Draws a frame of the interface. Files over the window and files dropped on it are in
    /// `ui.ctx().input(|i| …)` as `i.raw.hovered_files` and `i.raw.dropped_files`; a new size for the window can be
    /// asked for with [`egui::ViewportCommand::InnerSize`].
    ///
    /// It is called when something has happened, and otherwise only if it asks to be, with
    /// [`egui::Context::request_repaint_after`].
    fn ui(&mut self, ui: &mut egui::Ui);

    /// The window was resized, in points (logical pixels at the window's scale).
    fn resized(&mut self, size_points: egui::Vec2);

    /// The window has closed.
    fn closed(&mut self);
}

/// How a window that stands alone opens.
#[derive(Debug)]
pub struct WindowConfig {
    /// What the window is called.
    pub title: String,
    /// Its size, and how others have it drawn again.
    pub state: Arc<WindowState>,
}

/// Why there is no window.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WindowError {
    /// The window came without OpenGL.
    #[error("the window has no OpenGL context; OpenGL 3.2 is needed")]
    NoGraphics,
    /// OpenGL is there and does not do.
    #[error("cannot draw with OpenGL: {0}; a newer graphics driver may help")]
    Graphics(String),
    /// The window system refused.
    #[error("the window system refused: {0}")]
    System(String),
    /// A host's scale that is none.
    #[error("a window cannot be scaled by {0}; the scale must be above 0")]
    Scale(f64),
    /// A mistake in Mynah or below it, kept from ending the process.
    #[error("the window ended by an error inside it; please report it")]
    Panicked,
}

impl From<baseview::Error> for WindowError {
    fn from(error: baseview::Error) -> Self {
        Self::System(error.to_string())
    }
}

/// Opens a window and returns when it is closed. For an application: the process must be its own, not a host's.
pub fn run<A: WindowApp>(app: A, config: WindowConfig) -> Result<(), WindowError> {
    // SAFETY: this is called by an application alone, which has no host and no other kind of windows.
    #[expect(unsafe_code, reason = "on Windows, sharp pixels are a setting of the process")]
    unsafe {
        baseview::assume_standalone_in_process();
    }
    let settings = window_settings(&config.title, &config.state);
    let config = HandlerConfig {
        app: Arc::new(Mutex::new(app)),
        state: config.state,
        gui_context: None,
        keys: Keys::Own,
    };
    run_until_closed(Window::create(settings, |window| Handler::new(window, config))?)
}

/// A window's thread that panicked is an error and no more.
fn run_until_closed(window: Window) -> Result<(), WindowError> {
    Ok(catch_unwind(AssertUnwindSafe(|| window.run_until_closed())).map_err(|_| WindowError::Panicked)??)
}

/// The settings that windows of both kinds have.
fn window_settings(title: &str, state: &WindowState) -> WindowSettings {
    let logical = |points: egui::Vec2| LogicalSize::new(f64::from(points.x), f64::from(points.y));
    WindowSettings::new()
        .with_title(title)
        .with_size(logical(state.size_points()))
        .with_min_size(baseview::dpi::Size::from(logical(MIN_SIZE_POINTS)))
        .with_gl_config(graphics::gl_config())
}
