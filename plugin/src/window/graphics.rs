//! Drawing: egui's shapes through OpenGL into a window of baseview's.

use std::sync::Arc;
use std::time::Duration;

use baseview::gl::{GlConfig, GlContext};
use baseview::{WindowContext, WindowSize};
use egui_glow::glow::{self, HasContext as _};

use super::WindowError;
use super::area::PixelRect;
use super::canvas::Canvas;
use super::picture::Picture;

/// An OpenGL context of 8 bits a colour, and nothing that flat shapes do not need.
pub(super) fn gl_config() -> GlConfig {
    GlConfig { depth_bits: 0, stencil_bits: 0, ..GlConfig::default() }
}

/// Parts of the names that software gives itself as a renderer: Mesa's two, Chrome's, Apple's, Microsoft's.
const SOFTWARE_NAMES: [&str; 5] =
    ["llvmpipe", "softpipe", "swiftshader", "software", "microsoft basic render"];

/// Time between two pictures of what moves by itself where the processor draws them: drawn a little early, as they are,
/// they are 15 a second: eight voices on the map cost 12 to 13 % of a core at 20.
const SOFTWARE_PAUSE: Duration = Duration::from_millis(74);

/// A window's OpenGL context and what egui keeps in it.
pub(super) struct Graphics {
    context: GlContext,
    painter: egui_glow::Painter,
    /// Whether the processor draws.
    is_software: bool,
    /// Has what the window shows, as far as `shown` tells.
    canvas: Option<Canvas>,
    /// What the window shows; `None` if that is not known.
    shown: Option<Picture>,
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
        let is_software = is_software(painter.gl());
        drop(current);
        Ok(Self { context, painter, is_software, canvas: None, shown: None })
    }

    /// The shortest pause before a picture of something that moves by itself: as asked for with a graphics card, and
    /// 15 a second without.
    pub(super) fn shortest_pause(&self) -> Duration {
        if self.is_software { SOFTWARE_PAUSE } else { Duration::ZERO }
    }

    pub(super) fn max_texture_side(&self) -> usize {
        self.painter.max_texture_side()
    }

    /// The window may have lost its picture: the next frame is drawn whatever it is.
    pub(super) fn forget(&mut self) {
        self.shown = None;
    }

    /// Draws what of a frame has changed and shows it. A panel at rest costs no drawing, and one that plays little, which
    /// without a graphics card is most of its cost.
    pub(super) fn paint(
        &mut self,
        egui: &egui::Context,
        size: WindowSize,
        output: &mut egui::FullOutput,
    ) -> Result<(), WindowError> {
        let size_pixels = [size.physical.width, size.physical.height];
        let background = egui.global_style().visuals.panel_fill;
        let shapes = std::mem::take(&mut output.shapes);
        let picture = Picture::new(shapes, size_pixels, output.pixels_per_point, background);
        let textures = std::mem::take(&mut output.textures_delta);
        let before = self.shown.take().filter(|_| only_adds_letters(&textures));
        let changes = picture.changes_since(before.as_ref());
        if !changes.is_empty() || !textures.is_empty() {
            self.draw(egui, &picture, changes, textures)?;
        }
        self.shown = Some(picture);
        Ok(())
    }

    fn draw(
        &mut self,
        egui: &egui::Context,
        picture: &Picture,
        mut changes: Vec<PixelRect>,
        mut textures: egui::TexturesDelta,
    ) -> Result<(), WindowError> {
        let current = match Current::new(&self.context) {
            Ok(current) => current,
            Err(error) => {
                // egui holds it a bug if they are forgotten silently.
                textures.clear();
                return Err(error);
            }
        };
        if self.canvas.as_ref().is_none_or(|canvas| canvas.size_pixels != picture.size_pixels) {
            if let Some(canvas) = self.canvas.take() {
                canvas.destroy();
            }
            self.canvas = Canvas::new(Arc::clone(self.painter.gl()), picture.size_pixels);
            changes = vec![picture.whole()];
        }
        match &self.canvas {
            Some(canvas) => canvas.begin(),
            // Straight to the window, of which nothing is left from before.
            None => changes = vec![picture.whole()],
        }
        for (id, delta) in
            textures.set.drain().flat_map(|(id, deltas)| deltas.into_iter().map(move |delta| (id, delta)))
        {
            self.painter.set_texture(id, &delta);
        }
        for part in changes {
            draw_part(&mut self.painter, egui, picture, part);
        }
        for id in textures.free.drain() {
            self.painter.free_texture(id);
        }
        if let Some(canvas) = &self.canvas {
            canvas.show();
        }
        self.context.swap_buffers().map_err(|error| WindowError::Graphics(error.to_string()))?;
        drop(current);
        Ok(())
    }
}

/// Draws a part of a picture.
fn draw_part(painter: &mut egui_glow::Painter, egui: &egui::Context, picture: &Picture, part: PixelRect) {
    clear(painter.gl(), picture, part);
    let mut shapes = egui.tessellate(picture.shapes_in(part), picture.scale);
    let seen = part.points(picture.scale);
    shapes.iter_mut().for_each(|shape| shape.clip_rect = shape.clip_rect.intersect(seen));
    painter.paint_primitives(picture.size_pixels, picture.scale, &shapes);
}

/// Whether OpenGL is software, by the name that it gives itself.
fn is_software(gl: &glow::Context) -> bool {
    // SAFETY: the name is copied, and the context is current while graphics are made.
    #[expect(unsafe_code, reason = "OpenGL is called by pointers")]
    let name = unsafe { gl.get_parameter_string(glow::RENDERER) }.to_lowercase();
    SOFTWARE_NAMES.iter().any(|software| name.contains(software))
}

/// Whether all shapes look as before with these textures: letters were added to those that there were.
fn only_adds_letters(textures: &egui::TexturesDelta) -> bool {
    let letters = egui::TextureId::default();
    textures.free.is_empty()
        && textures
            .set
            .iter()
            .all(|(id, deltas)| *id == letters && deltas.iter().all(|delta| !delta.is_whole()))
}

/// Fills a part of a picture with its ground.
fn clear(gl: &glow::Context, picture: &Picture, part: PixelRect) {
    let [width, height] = [0, 1].map(|axis| (part.max[axis] - part.min[axis]) as i32);
    // OpenGL counts from below.
    let bottom = (picture.size_pixels[1] - part.max[1]) as i32;
    let [red, green, blue, alpha] = picture.background.to_normalized_gamma_f32();
    // SAFETY: no pointers are passed, and the context is current wherever something is drawn.
    #[expect(unsafe_code, reason = "OpenGL is called by pointers")]
    unsafe {
        gl.disable(glow::FRAMEBUFFER_SRGB);
        gl.enable(glow::SCISSOR_TEST);
        gl.scissor(part.min[0] as i32, bottom, width, height);
        gl.clear_color(red, green, blue, alpha);
        gl.clear(glow::COLOR_BUFFER_BIT);
    }
}

impl Drop for Graphics {
    fn drop(&mut self) {
        // Without its context nothing can be freed, and nothing has to be: it goes with the context.
        if let Ok(_current) = Current::new(&self.context) {
            if let Some(canvas) = self.canvas.take() {
                canvas.destroy();
            }
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
