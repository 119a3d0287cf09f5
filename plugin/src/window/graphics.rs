//! Drawing: egui's shapes through OpenGL into a window of baseview's.

use std::sync::Arc;

use baseview::gl::{GlConfig, GlContext};
use baseview::{WindowContext, WindowSize};
use egui_glow::glow;

use super::WindowError;

/// An OpenGL context of 8 bits a colour, and nothing that flat shapes do not need.
pub(super) fn gl_config() -> GlConfig {
    GlConfig { depth_bits: 0, stencil_bits: 0, ..GlConfig::default() }
}

/// A window's OpenGL context and what egui keeps in it.
pub(super) struct Graphics {
    context: GlContext,
    painter: egui_glow::Painter,
    /// What the window shows; `None` if that is not known.
    shown: Option<Shown>,
}

/// A picture, as far as it decides what is seen.
#[derive(PartialEq)]
struct Shown {
    shapes: Vec<egui::epaint::ClippedShape>,
    size_pixels: [u32; 2],
    scale: f32,
}

impl Graphics {
    pub(super) fn new(window: &WindowContext) -> Result<Self, WindowError> {
        let context = window.gl_context().ok_or(WindowError::NoGraphics)?;
        let current = Current::new(&context)?;
        // SAFETY: the context is current, and the functions it hands out are its own.
        #[expect(unsafe_code, reason = "OpenGL's functions are found by name")]
        let gl = unsafe { glow::Context::from_loader_function_cstr(|name| context.get_proc_address(name)) };
        let painter = egui_glow::Painter::new(Arc::new(gl), "", None, true)
            .map_err(|error| WindowError::Graphics(error.to_string()))?;
        drop(current);
        Ok(Self { context, painter, shown: None })
    }

    pub(super) fn max_texture_side(&self) -> usize {
        self.painter.max_texture_side()
    }

    /// The window may have lost its picture: the next frame is drawn whatever it is.
    pub(super) fn forget(&mut self) {
        self.shown = None;
    }

    /// Draws a frame and shows it, unless it is what the window shows: a panel at rest costs no drawing, which without
    /// a graphics card is most of its cost.
    pub(super) fn paint(
        &mut self,
        egui: &egui::Context,
        size: WindowSize,
        output: &mut egui::FullOutput,
    ) -> Result<(), WindowError> {
        let size_pixels = [size.physical.width, size.physical.height];
        let scale = output.pixels_per_point;
        let picture = Shown { shapes: output.shapes.clone(), size_pixels, scale };
        if output.textures_delta.is_empty() && self.shown.as_ref() == Some(&picture) {
            return Ok(());
        }
        self.shown = None;
        let current = match Current::new(&self.context) {
            Ok(current) => current,
            Err(error) => {
                // egui holds it a bug if they are forgotten silently.
                output.textures_delta.clear();
                return Err(error);
            }
        };
        let shapes = egui.tessellate(std::mem::take(&mut output.shapes), scale);
        let background = egui.global_style().visuals.panel_fill.to_normalized_gamma_f32();
        self.painter.clear(size_pixels, background);
        self.painter.paint_and_update_textures(size_pixels, scale, &shapes, &mut output.textures_delta);
        self.context.swap_buffers().map_err(|error| WindowError::Graphics(error.to_string()))?;
        drop(current);
        self.shown = Some(picture);
        Ok(())
    }
}

impl Drop for Graphics {
    fn drop(&mut self) {
        // Without its context nothing can be freed, and nothing has to be: it goes with the context.
        if let Ok(_current) = Current::new(&self.context) {
            self.painter.destroy();
        }
    }
}

/// The context is the thread's own as long as this lives; a host's own drawing must not find it afterwards.
struct Current<'a>(&'a GlContext);

impl<'a> Current<'a> {
    fn new(context: &'a GlContext) -> Result<Self, WindowError> {
        // SAFETY: baseview calls its handlers on the window's thread, so the context is never current in two. It is
        // released when this is dropped, before the handler returns.
        #[expect(unsafe_code, reason = "a context that is current is a state of the thread")]
        unsafe { context.make_current() }.map_err(|error| WindowError::Graphics(error.to_string()))?;
        Ok(Self(context))
    }
}

impl Drop for Current<'_> {
    fn drop(&mut self) {
        // SAFETY: as above. A context that cannot be released will not be used again by this thread either.
        #[expect(unsafe_code, reason = "a context that is current is a state of the thread")]
        let _ = unsafe { self.0.make_not_current() };
    }
}
