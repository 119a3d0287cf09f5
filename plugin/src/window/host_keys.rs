//! Keys that the panel does not want go to the host.
//!
//! On macOS a handler says of each key whether it was wanted, and that is all. On Windows keys go to the window that
//! has the keyboard, and the window takes it only when something in it wants keys. On X11 keys go as well to any window
//! under the pointer that has asked for keys, and baseview asks for its windows: the host's space bar would stop
//! working whenever the pointer is over the panel. So here the asking is undone while no key is wanted, and the
//! keyboard is given back to the host's window afterwards.

use baseview::WindowContext;

/// The way of a window inside a host's to hand keys on.
pub(super) struct HostKeys {
    #[cfg(target_os = "linux")]
    x11: Option<x11::Keys>,
}

impl HostKeys {
    pub(super) fn new(window: &WindowContext) -> Self {
        #[cfg(not(target_os = "linux"))]
        let _ = window;
        Self {
            #[cfg(target_os = "linux")]
            x11: x11::Keys::new(window),
        }
    }

    /// From now on keys are wanted, or are not and go to the host. A display that refuses leaves it as it was.
    pub(super) fn set_wanted(&self, are_wanted: bool) {
        #[cfg(not(target_os = "linux"))]
        let _ = are_wanted;
        #[cfg(target_os = "linux")]
        if let Some(x11) = &self.x11 {
            let _ = x11.set_wanted(are_wanted);
        }
    }
}

#[cfg(target_os = "linux")]
mod x11 {
    use baseview::{PlatformHandle, WindowContext};
    use raw_window_handle::{HasDisplayHandle, HasWindowHandle, RawDisplayHandle, RawWindowHandle};
    use x11rb::CURRENT_TIME;
    use x11rb::connection::Connection;
    use x11rb::errors::ReplyError;
    use x11rb::protocol::xproto::{ChangeWindowAttributesAux, ConnectionExt, EventMask, InputFocus, Window};
    use x11rb::xcb_ffi::XCBConnection;

    /// baseview's window, through baseview's connection: a window's events are asked for by each connection apart.
    pub(super) struct Keys {
        // Dropped before the handle that keeps what it points to.
        connection: XCBConnection,
        window: Window,
        _handle: PlatformHandle,
    }

    impl Keys {
        pub(super) fn new(window: &WindowContext) -> Option<Self> {
            let handle = window.platform_handle();
            let RawDisplayHandle::Xcb(display) = handle.display_handle().ok()?.as_raw() else { return None };
            let RawWindowHandle::Xcb(xcb) = handle.window_handle().ok()?.as_raw() else { return None };
            let pointer = display.connection?.as_ptr();
            // SAFETY: baseview's connection lives as long as any handle to it, and one is kept beside this for longer.
            #[expect(unsafe_code, reason = "baseview hands out its connection as a pointer")]
            let connection = unsafe { XCBConnection::from_raw_xcb_connection(pointer, false) }.ok()?;
            Some(Self { connection, window: xcb.window.get(), _handle: handle })
        }

        pub(super) fn set_wanted(&self, are_wanted: bool) -> Result<(), ReplyError> {
            let keys = EventMask::KEY_PRESS | EventMask::KEY_RELEASE;
            let asked = self.connection.get_window_attributes(self.window)?.reply()?.your_event_mask;
            let mask = if are_wanted { asked | keys } else { asked.remove(keys) };
            let change = ChangeWindowAttributesAux::new().event_mask(mask);
            self.connection.change_window_attributes(self.window, &change)?;
            if !are_wanted && self.connection.get_input_focus()?.reply()?.focus == self.window {
                let tree = self.connection.query_tree(self.window)?.reply()?;
                if tree.parent != tree.root {
                    self.connection.set_input_focus(InputFocus::PARENT, tree.parent, CURRENT_TIME)?;
                }
            }
            self.connection.flush()?;
            Ok(())
        }
    }
}
