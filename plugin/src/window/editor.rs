//! The window inside a host's.

use std::error::Error;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};

use baseview::host::{Host, HostCallbacks, HostMainThreadCaller};
use baseview::{HandlerError, Window, WindowSize};
use nice_plug::context::gui::GuiContext;
use nice_plug::editor::dpi::{LogicalSize, NativeSize, Size};
use nice_plug::editor::{
    EditorHandle, HostMethods, Modifiers, ParentWindowHandle, ResizeHint, SpawnedEditor, VirtualKeyCode,
};

use super::handler::{Handler, HandlerConfig, Keys};
use super::keys::egui_from_host_key;
use super::{MIN_SIZE_POINTS, WindowApp, WindowError, WindowState, window_settings};

/// What a host opens: the panel `A` in a window that the host can resize. All methods are called by the host's main
/// thread; nothing here touches the audio thread.
///
/// The panel is the same one however often the host opens and closes its window.
pub struct Editor<A> {
    app: Arc<Mutex<A>>,
    state: Arc<WindowState>,
    title: String,
}

impl<A: WindowApp> Editor<A> {
    /// An editor that shows `app` at the size in `state`. Who else has `app` must not hold its lock while a host opens or
    /// closes the window: that waits for the window's thread, which tells the panel.
    pub fn new(app: Arc<Mutex<A>>, state: Arc<WindowState>, title: impl Into<String>) -> Self {
        Self { app, state, title: title.into() }
    }
}

impl<A> std::fmt::Debug for Editor<A> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Editor")
            .field("title", &self.title)
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}

impl<A: WindowApp> nice_plug::editor::Editor for Editor<A> {
    type Handle = Handle;

    fn spawn(
        &self,
        parent: Option<ParentWindowHandle>,
        wait_for_parent: bool,
        fallback_scale_factor: Option<f64>,
        gui_context: GuiContext,
        host: Option<HostMethods>,
    ) -> Result<SpawnedEditor<Handle>, Box<dyn Error>> {
        let is_hosted = parent.is_some() || wait_for_parent;
        let config = HandlerConfig {
            app: Arc::clone(&self.app),
            state: Arc::clone(&self.state),
            gui_context: Some(gui_context),
            keys: if is_hosted { Keys::Shared } else { Keys::Own },
        };
        let settings = window_settings(&self.title, &self.state)
            .with_wait_for_parent(wait_for_parent)
            .with_fallback_scale_factor(fallback_scale_factor);
        // baseview panics on a parent that is not a window.
        let window = catch_unwind(AssertUnwindSafe(|| {
            let settings = settings.with_parent(parent.as_ref());
            Window::create_with_host(settings, |window| Handler::new(window, config), host.map(host_of))
        }))
        .map_err(|_| WindowError::Panicked)?
        .map_err(WindowError::from)?;
        Ok(SpawnedEditor { handle: Handle { state: Arc::clone(&self.state) }, window })
    }

    fn size(&self) -> NativeSize<u32> {
        let points = self.state.size_points();
        let size = LogicalSize::new(f64::from(points.x), f64::from(points.y));
        NativeSize::from_size(size.into(), f64::from(self.state.scale()))
    }

    fn resize_hint(&self) -> ResizeHint {
        RESIZE_HINT
    }

    #[expect(unsafe_code, reason = "the trait's method is unsafe")]
    unsafe fn assume_standalone_in_process(&self) {
        // SAFETY: the caller promises what baseview asks for.
        unsafe { baseview::assume_standalone_in_process() }
    }
}

const RESIZE_HINT: ResizeHint =
    ResizeHint::RESIZABLE.with_min_logical_size(LogicalSize::new(MIN_SIZE_POINTS.x, MIN_SIZE_POINTS.y));

/// A host's hold on an open window.
#[derive(Debug)]
pub struct Handle {
    state: Arc<WindowState>,
}

impl EditorHandle for Handle {
    type Window = Window;
    type Error = WindowError;

    fn run_until_closed(window: Window) -> Result<(), WindowError> {
        super::run_until_closed(window)
    }

    fn set_parent(&self, parent: ParentWindowHandle, window: &Window) -> Result<(), WindowError> {
        // baseview panics on a parent that is not a window.
        let reparented = catch_unwind(AssertUnwindSafe(|| window.set_parent(&parent)));
        Ok(reparented.map_err(|_| WindowError::Panicked)??)
    }

    fn show(&self, window: &Window) -> Result<(), WindowError> {
        self.state.is_shown.store(true, Ordering::Relaxed);
        window.show()?;
        self.state.repaint();
        Ok(())
    }

    fn hide(&self, window: &Window) -> Result<(), WindowError> {
        self.state.is_shown.store(false, Ordering::Relaxed);
        Ok(window.hide()?)
    }

    fn set_size(&self, new_size: NativeSize<u32>, window: &Window) -> Result<(), WindowError> {
        window.resize(new_size)?;
        self.state.repaint();
        Ok(())
    }

    fn host_main_thread_callback(&self, window: &Window) {
        window.host_main_thread_callback();
    }

    fn adjust_size(&self, new_size: NativeSize<u32>, window: &Window) -> Option<NativeSize<u32>> {
        let size = window.size();
        let current = NativeSize::from_logical_or_physical(size.logical, size.physical);
        // baseview does not tell a host's own scale outside the window's thread.
        Some(RESIZE_HINT.adjust_size(new_size, current, f64::from(self.state.scale())))
    }

    fn set_fallback_scale_factor(&self, scale_factor: f64, window: &Window) -> Result<(), WindowError> {
        if !(scale_factor.is_finite() && 0.0 < scale_factor) {
            return Err(WindowError::Scale(scale_factor));
        }
        Ok(window.suggest_fallback_scale_factor(scale_factor)?)
    }

    fn on_virtual_key_from_host(
        &self,
        key_code: VirtualKeyCode,
        is_down: bool,
        modifiers: Modifiers,
    ) -> bool {
        if !self.state.wants_keys.load(Ordering::Relaxed) {
            return false;
        }
        let Some(events) = egui_from_host_key(key_code, is_down, modifiers) else { return false };
        self.state.host_keys().extend(events);
        self.state.repaint();
        true
    }

    fn state_changed(&self) {
        self.state.repaint();
    }

    fn param_value_changed(&self, _id: &str, _normalized_value: f32) {
        self.state.repaint();
    }

    fn param_modulation_changed(&self, _id: &str, _modulation_offset: f32) {
        self.state.repaint();
    }
}

/// The host's ends of baseview's lines.
fn host_of(methods: HostMethods) -> Host {
    Host::new()
        .with_callbacks(Callbacks(methods.callbacks))
        .with_main_thread(MainThread(methods.main_thread_caller))
}

struct Callbacks(Box<dyn nice_plug::editor::HostCallbacks>);

impl HostCallbacks for Callbacks {
    fn request_resize(&mut self, new_size: WindowSize) -> Result<(), HandlerError> {
        let size = Size::Physical(new_size.physical);
        self.0.request_resize(size, new_size.scale_factor).map_err(HandlerError::from_boxed)
    }

    fn destroyed(&mut self) {
        self.0.destroyed();
    }
}

struct MainThread(Box<dyn nice_plug::editor::HostMainThreadCaller>);

impl HostMainThreadCaller for MainThread {
    fn call_main_thread(&mut self) {
        self.0.call_main_thread();
    }
}
