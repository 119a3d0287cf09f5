//! A picture that lasts: the window's own is undefined after each one shown, so nothing can be added to it.

use std::sync::Arc;

use egui_glow::glow::{self, HasContext as _};

/// A picture of a window's size, kept by OpenGL from one frame to the next. Its methods are for when the window's
/// context is current.
pub(super) struct Canvas {
    gl: Arc<glow::Context>,
    framebuffer: glow::Framebuffer,
    colours: glow::Renderbuffer,
    pub(super) size_pixels: [u32; 2],
}

#[expect(
    unsafe_code,
    reason = "OpenGL is called by pointers; the context is current, as the type's doc says"
)]
impl Canvas {
    /// None where OpenGL has no such thing, or no room for it.
    pub(super) fn new(gl: Arc<glow::Context>, size_pixels: [u32; 2]) -> Option<Self> {
        let [width, height] = size_pixels.map(|pixels| i32::try_from(pixels).unwrap_or(i32::MAX));
        // SAFETY: no pointers are passed.
        unsafe {
            let framebuffer = gl.create_framebuffer().ok()?;
            let Ok(colours) = gl.create_renderbuffer() else {
                gl.delete_framebuffer(framebuffer);
                return None;
            };
            let canvas = Self { gl, framebuffer, colours, size_pixels };
            let gl = &canvas.gl;
            gl.bind_renderbuffer(glow::RENDERBUFFER, Some(colours));
            gl.renderbuffer_storage(glow::RENDERBUFFER, glow::RGBA8, width, height);
            gl.bind_renderbuffer(glow::RENDERBUFFER, None);
            gl.bind_framebuffer(glow::FRAMEBUFFER, Some(framebuffer));
            let (place, kind) = (glow::COLOR_ATTACHMENT0, glow::RENDERBUFFER);
            gl.framebuffer_renderbuffer(glow::FRAMEBUFFER, place, kind, Some(colours));
            let is_whole = gl.check_framebuffer_status(glow::FRAMEBUFFER) == glow::FRAMEBUFFER_COMPLETE;
            gl.bind_framebuffer(glow::FRAMEBUFFER, None);
            if is_whole {
                return Some(canvas);
            }
            canvas.destroy();
            None
        }
    }

    /// What is drawn from now on is drawn here, until [`show`](Self::show).
    pub(super) fn begin(&self) {
        // SAFETY: no pointers are passed.
        unsafe { self.gl.bind_framebuffer(glow::FRAMEBUFFER, Some(self.framebuffer)) };
    }

    /// Copies the picture to the window, which drawing goes to from now on.
    pub(super) fn show(&self) {
        let [width, height] = self.size_pixels.map(|pixels| i32::try_from(pixels).unwrap_or(i32::MAX));
        // SAFETY: no pointers are passed.
        unsafe {
            self.gl.bind_framebuffer(glow::READ_FRAMEBUFFER, Some(self.framebuffer));
            self.gl.bind_framebuffer(glow::DRAW_FRAMEBUFFER, None);
            // Colours are copied as they are.
            self.gl.disable(glow::FRAMEBUFFER_SRGB);
            self.gl.disable(glow::SCISSOR_TEST);
            let (bits, filter) = (glow::COLOR_BUFFER_BIT, glow::NEAREST);
            self.gl.blit_framebuffer(0, 0, width, height, 0, 0, width, height, bits, filter);
            self.gl.bind_framebuffer(glow::FRAMEBUFFER, None);
        }
    }

    /// Frees it. It is not freed by dropping it: that may be when there is no context to free it in.
    pub(super) fn destroy(self) {
        // SAFETY: both were made by this context.
        unsafe {
            self.gl.delete_framebuffer(self.framebuffer);
            self.gl.delete_renderbuffer(self.colours);
        }
    }
}
