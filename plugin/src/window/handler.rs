//! What happens inside a window: events gathered, frames drawn, the player's wishes passed on.
//!
//! A window system may call in the middle of a call: a window that resizes itself is told so at once on Windows, and a
//! file dialogue of the system keeps frames coming while it is open. So nothing is borrowed while baseview is called,
//! and the panel is never entered twice.

use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use baseview::dpi::LogicalSize;
use baseview::{
    DamageArea, DropEffect, Event, EventStatus, HandlerError, MouseCursor, MouseEvent, WindowContext,
    WindowEvent, WindowHandler, WindowSize,
};
use keyboard_types::{KeyState, KeyboardEvent};
use nice_plug::context::gui::GuiContext;

use super::clipboard::Clipboard;
use super::cursor::cursor_from_egui;
use super::graphics::Graphics;
use super::host_keys::HostKeys;
use super::input::{Input, carries_files, points_from_size};
use super::schedule::Step;
use super::state::at_least_min;
use super::{WindowApp, WindowError, WindowState};

/// Whose the keys are that nothing in the window wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keys {
    /// The window's: it stands alone.
    Own,
    /// The host's.
    Shared,
}

/// What a [`Handler`] is made of.
pub(super) struct HandlerConfig<A> {
    pub(super) app: Arc<Mutex<A>>,
    pub(super) state: Arc<WindowState>,
    /// None where there is no host.
    pub(super) gui_context: Option<GuiContext>,
    pub(super) keys: Keys,
}

/// An open window.
pub(super) struct Handler<A: WindowApp> {
    window: WindowContext,
    app: Arc<Mutex<A>>,
    state: Arc<WindowState>,
    egui: RefCell<egui::Context>,
    graphics: RefCell<Graphics>,
    input: RefCell<Input>,
    clipboard: RefCell<Clipboard>,
    cursor: Cell<MouseCursor>,
    /// None where all keys are the window's own.
    host_keys: Option<HostKeys>,
    /// What the panel has not been told yet.
    resized_points: Cell<Option<egui::Vec2>>,
    /// The keyboard went elsewhere: whatever had it in the panel has it no longer.
    has_lost_keys: Cell<bool>,
    is_drawing: Cell<bool>,
    /// The panel panicked: it is not entered again.
    has_failed: Cell<bool>,
}

impl<A: WindowApp> Handler<A> {
    /// Called by the window's thread as soon as there is a window; without graphics there is none.
    pub(super) fn new(window: WindowContext, config: HandlerConfig<A>) -> Result<Self, HandlerError> {
        let HandlerConfig { app, state, gui_context, keys } = config;
        let graphics = catch_unwind(AssertUnwindSafe(|| Graphics::new(&window)))
            .map_err(|_| WindowError::Panicked)??;
        let size = window.size();
        state.set_window_size(points_from_size(size), size.scale_factor as f32);
        state.schedule.open(window.waker(), graphics.shortest_pause());
        state.schedule.request_now();
        state.is_shown.store(true, Ordering::Relaxed);
        state.wants_keys.store(false, Ordering::Relaxed);
        state.host_keys().clear();
        state.set_open(true);
        let host_keys = (keys == Keys::Shared).then(|| HostKeys::new(&window));
        if let Some(host_keys) = &host_keys {
            host_keys.set_wanted(false);
        }
        let handler = Self {
            egui: RefCell::new(new_egui(&state)),
            input: RefCell::new(Input::new(graphics.max_texture_side())),
            graphics: RefCell::new(graphics),
            clipboard: RefCell::default(),
            cursor: Cell::new(MouseCursor::Default),
            host_keys,
            resized_points: Cell::new(None),
            has_lost_keys: Cell::new(false),
            is_drawing: Cell::new(false),
            has_failed: Cell::new(false),
            window,
            app,
            state,
        };
        let egui = handler.egui.borrow().clone();
        handler.guard(|app| {
            if let Some(gui_context) = gui_context {
                app.hosted(gui_context);
            }
            app.opened(&egui);
        });
        Ok(handler)
    }

    /// Draws what is due. Everything that has to be drawn comes here.
    fn draw_due(&self) -> Result<(), WindowError> {
        if self.is_drawing.get() || !self.state.is_shown.load(Ordering::Relaxed) {
            return Ok(());
        }
        match self.state.schedule.step(Instant::now()) {
            Step::Draw => {}
            Step::CallAgain(wait) => {
                self.window.request_redraw_after(wait);
                return Ok(());
            }
            Step::Rest => return Ok(()),
        }
        let size = self.window.size();
        if size.physical.width == 0 || size.physical.height == 0 {
            return Ok(());
        }
        self.is_drawing.set(true);
        let drawn = self.draw_frame(size);
        self.is_drawing.set(false);
        drawn
    }

    fn draw_frame(&self, size: WindowSize) -> Result<(), WindowError> {
        let mut output = self.run_egui(size);
        let egui = self.egui.borrow().clone();
        let viewport = output.viewport_output.remove(&egui::ViewportId::ROOT);
        self.graphics.borrow_mut().paint(&egui, size, &mut output)?;
        for command in std::mem::take(&mut output.platform_output.commands) {
            if let egui::OutputCommand::CopyText(text) = command {
                self.clipboard.borrow_mut().set_text(text);
            }
        }
        let cursor = cursor_from_egui(output.platform_output.cursor_icon);
        if self.cursor.replace(cursor) != cursor {
            // A pointer that looks wrong is no reason to close the window; nor is what follows.
            let _ = self.window.set_mouse_cursor(cursor);
        }
        self.set_wants_keys(egui.egui_wants_keyboard_input());
        if let Some(viewport) = viewport {
            self.obey(&viewport.commands);
            self.request(viewport.repaint_delay);
        }
        Ok(())
    }

    fn forget_picture(&self) {
        // While a frame is drawn it is borrowed, and another frame follows.
        if let Ok(mut graphics) = self.graphics.try_borrow_mut() {
            graphics.forget();
        }
    }

    /// A frame of the panel's, or, if it has panicked, of an excuse for it.
    fn run_egui(&self, size: WindowSize) -> egui::FullOutput {
        let egui = self.egui.borrow().clone();
        if self.has_lost_keys.take() {
            egui.memory_mut(|memory| {
                if let Some(id) = memory.focused() {
                    memory.surrender_focus(id);
                }
            });
        }
        if let Some(points) = self.resized_points.take() {
            self.guard(|app| app.resized(points));
        }
        let host_keys = std::mem::take(&mut *self.state.host_keys());
        self.input.borrow_mut().extend(host_keys);
        if !self.has_failed.get() {
            let raw = self.input.borrow_mut().take(size);
            let run = catch_unwind(AssertUnwindSafe(|| egui.run_ui(raw, |ui| self.app().ui(ui))));
            if let Ok(output) = run {
                return output;
            }
            self.has_failed.set(true);
            // The old one was left in the middle of a frame.
            self.egui.replace(new_egui(&self.state));
        }
        let egui = self.egui.borrow().clone();
        let raw = self.input.borrow_mut().take(size);
        egui.run_ui(raw, |ui| {
            egui::CentralPanel::default().show(ui, |ui| {
                ui.heading("The panel has stopped because of an error in it.");
                ui.label("The sound goes on. Close the window and open it again to have the panel back.");
            });
        })
    }

    /// What the panel asks of its window.
    fn obey(&self, commands: &[egui::ViewportCommand]) {
        for command in commands {
            let _ = match command {
                egui::ViewportCommand::Close => {
                    self.window.request_close();
                    Ok(())
                }
                egui::ViewportCommand::InnerSize(points) => {
                    let points = at_least_min(*points);
                    self.window.resize(LogicalSize::new(f64::from(points.x), f64::from(points.y)))
                }
                egui::ViewportCommand::Focus => self.window.focus(),
                _ => Ok(()),
            };
        }
    }

    /// The keyboard is taken when something begins to want it, and not again: it may have been taken back since.
    fn set_wants_keys(&self, wants_keys: bool) {
        if self.state.wants_keys.swap(wants_keys, Ordering::Relaxed) == wants_keys {
            return;
        }
        if let Some(host_keys) = &self.host_keys {
            host_keys.set_wanted(wants_keys);
        }
        if wants_keys {
            let _ = self.window.focus();
        }
    }

    fn on_key(&self, event: &KeyboardEvent) -> EventStatus {
        let is_wanted = self.host_keys.is_none() || self.state.wants_keys.load(Ordering::Relaxed);
        if is_wanted || event.state == KeyState::Up {
            self.input.borrow_mut().key(event, || self.clipboard.borrow_mut().text());
        } else {
            self.input.borrow_mut().modifiers_of(event);
        }
        if is_wanted { EventStatus::Captured } else { EventStatus::Ignored }
    }

    fn on_mouse(&self, event: &MouseEvent) -> EventStatus {
        let is_press = matches!(event, MouseEvent::ButtonPressed { .. });
        if is_press && self.state.wants_keys.load(Ordering::Relaxed) && !self.window.has_focus() {
            let _ = self.window.focus();
        }
        self.input.borrow_mut().mouse(event, self.window.scale_factor());
        if self.has_failed.get() {
            self.input.borrow_mut().forget_drag();
        } else if carries_files(event) {
            return EventStatus::AcceptDrop(DropEffect::Copy);
        }
        match event {
            MouseEvent::DragEntered { .. }
            | MouseEvent::DragMoved { .. }
            | MouseEvent::DragDropped { .. } => EventStatus::Ignored,
            _ => EventStatus::Captured,
        }
    }

    fn on_window(&self, event: &WindowEvent) {
        match event {
            WindowEvent::Focused => {
                self.input.borrow_mut().focus(true);
                // On X11 a window under the pointer is told that it loses the keyboard before it is told that it has it.
                self.has_lost_keys.set(false);
            }
            WindowEvent::Unfocused => {
                self.input.borrow_mut().focus(false);
                self.has_lost_keys.set(self.host_keys.is_some());
            }
            _ => {}
        }
    }

    fn request(&self, delay: Duration) {
        self.state.schedule.request(delay);
    }

    fn redraw(&self) {
        self.state.schedule.request_now();
        self.window.request_redraw();
    }

    /// Does something with the panel; if it panics, it is not entered again.
    fn guard(&self, action: impl FnOnce(&mut A)) {
        if !self.has_failed.get() && catch_unwind(AssertUnwindSafe(|| action(&mut self.app()))).is_err() {
            self.has_failed.set(true);
        }
    }

    fn app(&self) -> MutexGuard<'_, A> {
        self.app.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<A: WindowApp> WindowHandler for Handler<A> {
    fn draw(&self) -> Result<(), HandlerError> {
        // A panic that left here would end the host.
        Ok(catch_unwind(AssertUnwindSafe(|| self.draw_due())).map_err(|_| WindowError::Panicked)??)
    }

    fn damage(&self, _area: DamageArea<'_>) {
        self.forget_picture();
        self.state.schedule.request_now();
    }

    fn resized(&self, new_size: WindowSize) -> Result<(), HandlerError> {
        let points = points_from_size(new_size);
        self.state.set_window_size(points, new_size.scale_factor as f32);
        self.resized_points.set(Some(points));
        self.forget_picture();
        self.redraw();
        Ok(())
    }

    fn on_event(&self, event: Event) -> EventStatus {
        let status = catch_unwind(AssertUnwindSafe(|| match &event {
            Event::Keyboard(event) => self.on_key(event),
            Event::Mouse(event) => self.on_mouse(event),
            Event::Window(event) => {
                self.on_window(event);
                EventStatus::Captured
            }
            _ => EventStatus::Ignored,
        }));
        self.redraw();
        status.unwrap_or(EventStatus::Ignored)
    }
}

impl<A: WindowApp> Drop for Handler<A> {
    fn drop(&mut self) {
        self.state.set_open(false);
        self.state.wants_keys.store(false, Ordering::Relaxed);
        self.state.schedule.close();
        // Told even if it has failed: it can be opened again.
        let _ = catch_unwind(AssertUnwindSafe(|| self.app().closed()));
    }
}

/// A new egui, which asks for frames by `state`.
fn new_egui(state: &Arc<WindowState>) -> egui::Context {
    let egui = egui::Context::default();
    // The scale is the screen's and the host's; keys that change it would surprise in a host.
    egui.options_mut(|options| options.zoom_with_keyboard = false);
    let state = Arc::clone(state);
    egui.set_request_repaint_callback(move |request| state.schedule.request(request.delay));
    egui
}
