//! What the player does: baseview's events gathered for egui's next frame.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use baseview::dpi::PhysicalPosition;
use baseview::{DropData, MouseButton, MouseEvent, ScrollDelta, WindowSize};
use egui::{Pos2, Rect, Vec2};
use keyboard_types::{KeyState, KeyboardEvent};

use super::keys::{
    ClipboardKey, clipboard_key, egui_from_code, egui_from_key, egui_from_modifiers, modifiers_after,
    typed_text,
};

/// Events since the last frame, and what has to be remembered between them.
pub(super) struct Input {
    raw: egui::RawInput,
    /// Where the pointer was last seen. Kept when it leaves, so that a button let go outside is let go.
    pointer: Pos2,
    modifiers: egui::Modifiers,
    opened: Instant,
}

impl Input {
    pub(super) fn new(max_texture_side: usize) -> Self {
        Self {
            raw: egui::RawInput { max_texture_side: Some(max_texture_side), ..egui::RawInput::default() },
            pointer: Pos2::ZERO,
            modifiers: egui::Modifiers::NONE,
            opened: Instant::now(),
        }
    }

    /// The input of a frame of a window of this size. Dropped files are in one frame and no other.
    pub(super) fn take(&mut self, size: WindowSize) -> egui::RawInput {
        let max_texture_side = self.raw.max_texture_side;
        let screen = Rect::from_min_size(Pos2::ZERO, points_from_size(size));
        self.raw.screen_rect = Some(screen);
        self.raw.time = Some(self.opened.elapsed().as_secs_f64());
        let focused = self.raw.focused;
        if let Some(viewport) = self.raw.viewports.get_mut(&egui::ViewportId::ROOT) {
            viewport.native_pixels_per_point = Some(size.scale_factor as f32);
            viewport.inner_rect = Some(screen);
            viewport.focused = Some(focused);
        }
        let taken = self.raw.take();
        self.raw.max_texture_side = max_texture_side;
        taken
    }

    /// Files that were dropped, for a window that cannot take them in its next frame.
    pub(super) fn forget_drag(&mut self) {
        self.raw.hovered_files.clear();
        self.raw.dropped_files.clear();
    }

    /// The window gains or loses the keyboard.
    pub(super) fn focus(&mut self, focused: bool) {
        self.raw.focused = focused;
        self.raw.events.push(egui::Event::WindowFocused(focused));
    }

    /// Events that came another way.
    pub(super) fn extend(&mut self, events: impl IntoIterator<Item = egui::Event>) {
        self.raw.events.extend(events);
    }

    /// A key is pressed or let go. `paste` reads the clipboard.
    pub(super) fn key(&mut self, event: &KeyboardEvent, paste: impl FnOnce() -> Option<String>) {
        self.modifiers(egui_from_modifiers(modifiers_after(event)));
        let modifiers = self.modifiers;
        let pressed = event.state == KeyState::Down;
        let key = egui_from_key(event);
        if pressed && let Some(asked) = clipboard_key(key, modifiers) {
            match asked {
                ClipboardKey::Copy => self.raw.events.push(egui::Event::Copy),
                ClipboardKey::Cut => self.raw.events.push(egui::Event::Cut),
                ClipboardKey::Paste => self.raw.events.extend(paste().map(egui::Event::Paste)),
            }
            return;
        }
        if let Some(key) = key {
            let physical_key = egui_from_code(event.code);
            self.raw.events.push(egui::Event::Key {
                key,
                physical_key,
                pressed,
                repeat: event.repeat,
                modifiers,
            });
        }
        if pressed && let Some(text) = typed_text(&event.key, modifiers) {
            self.raw.events.push(egui::Event::Text(text.to_owned()));
        }
    }

    /// The modifiers of a key that is not otherwise for this window.
    pub(super) fn modifiers_of(&mut self, event: &KeyboardEvent) {
        self.modifiers(egui_from_modifiers(modifiers_after(event)));
    }

    /// The pointer does something; `scale` is physical pixels in a point.
    pub(super) fn mouse(&mut self, event: &MouseEvent, scale: f64) {
        match event {
            MouseEvent::CursorMoved { position, modifiers } => {
                self.modifiers(egui_from_modifiers(*modifiers));
                self.pointer_at(*position, scale);
            }
            MouseEvent::ButtonPressed { button, modifiers } => {
                self.modifiers(egui_from_modifiers(*modifiers));
                self.button(*button, true);
            }
            MouseEvent::ButtonReleased { button, modifiers } => {
                self.modifiers(egui_from_modifiers(*modifiers));
                self.button(*button, false);
            }
            MouseEvent::WheelScrolled { delta, modifiers } => {
                self.modifiers(egui_from_modifiers(*modifiers));
                let (unit, delta) = wheel(*delta);
                self.raw.events.push(egui::Event::MouseWheel {
                    unit,
                    delta,
                    phase: egui::TouchPhase::Move,
                    source: egui::MouseWheelSource::Unknown,
                    modifiers: self.modifiers,
                });
            }
            MouseEvent::CursorLeft => self.raw.events.push(egui::Event::PointerGone),
            MouseEvent::DragEntered { position, data, .. } | MouseEvent::DragMoved { position, data, .. } => {
                self.pointer_at(*position, scale);
                self.raw.hovered_files = hovered(data);
            }
            MouseEvent::DragLeft => {
                self.raw.hovered_files.clear();
                self.raw.events.push(egui::Event::PointerGone);
            }
            MouseEvent::DragDropped { position, data, .. } => {
                self.pointer_at(*position, scale);
                self.raw.hovered_files.clear();
                self.raw.dropped_files.extend(dropped(data));
            }
            _ => {}
        }
    }

    fn pointer_at(&mut self, position: PhysicalPosition<f64>, scale: f64) {
        self.pointer = Pos2::new((position.x / scale) as f32, (position.y / scale) as f32);
        self.raw.events.push(egui::Event::PointerMoved(self.pointer));
    }

    fn button(&mut self, button: MouseButton, pressed: bool) {
        let Some(button) = egui_from_button(button) else { return };
        self.raw.events.push(egui::Event::PointerButton {
            pos: self.pointer,
            button,
            pressed,
            modifiers: self.modifiers,
        });
    }

    fn modifiers(&mut self, modifiers: egui::Modifiers) {
        if self.modifiers != modifiers {
            self.modifiers = modifiers;
            self.raw.events.push(egui::Event::ModifiersChanged(modifiers));
        }
    }
}

/// The size in points. From the pixels, so that a pixel of egui's is one of the screen's at every scale.
pub(super) fn points_from_size(size: WindowSize) -> Vec2 {
    let scale = size.scale_factor as f32;
    Vec2::new(size.physical.width as f32, size.physical.height as f32) / scale
}

/// Whether a drag carries what a window can take: files.
pub(super) fn carries_files(event: &MouseEvent) -> bool {
    match event {
        MouseEvent::DragEntered { data, .. }
        | MouseEvent::DragMoved { data, .. }
        | MouseEvent::DragDropped { data, .. } => !files(data).is_empty(),
        _ => false,
    }
}

fn files(data: &DropData) -> &[PathBuf] {
    match data {
        DropData::Files(paths) => paths,
        _ => &[],
    }
}

fn hovered(data: &DropData) -> Vec<egui::HoveredFile> {
    let hovered =
        |path: &PathBuf| egui::HoveredFile { path: Some(path.clone()), ..egui::HoveredFile::default() };
    files(data).iter().map(hovered).collect()
}

fn dropped(data: &DropData) -> Vec<egui::DroppedFileHandle> {
    let dropped = |path: &PathBuf| Arc::new(Dropped(path.clone())) as egui::DroppedFileHandle;
    files(data).iter().map(dropped).collect()
}

/// A file or a folder that was dropped on the window.
#[derive(Debug)]
struct Dropped(PathBuf);

impl egui::DroppedFile for Dropped {
    fn path(&self) -> &Path {
        &self.0
    }

    fn bytes(&self) -> Result<Vec<u8>, String> {
        std::fs::read(&self.0).map_err(|error| format!("cannot read {}: {error}", self.0.display()))
    }
}

fn egui_from_button(button: MouseButton) -> Option<egui::PointerButton> {
    match button {
        MouseButton::Left => Some(egui::PointerButton::Primary),
        MouseButton::Right => Some(egui::PointerButton::Secondary),
        MouseButton::Middle => Some(egui::PointerButton::Middle),
        MouseButton::Back => Some(egui::PointerButton::Extra1),
        MouseButton::Forward => Some(egui::PointerButton::Extra2),
        _ => None,
    }
}

/// How far the content moves. egui counts to the right and down, as macOS does; X11 and Windows count to the right
/// what moves the content to the left. What baseview calls pixels is points: macOS alone has it.
fn wheel(delta: ScrollDelta) -> (egui::MouseWheelUnit, Vec2) {
    let (unit, x, y) = match delta {
        ScrollDelta::Lines { x, y } => (egui::MouseWheelUnit::Line, x, y),
        ScrollDelta::Pixels { x, y } => (egui::MouseWheelUnit::Point, x, y),
    };
    (unit, Vec2::new(if cfg!(target_os = "macos") { x } else { -x }, y))
}

#[cfg(test)]
mod tests;
