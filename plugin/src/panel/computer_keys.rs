//! The computer's keyboard plays, in the application: A to K are white keys, the row above black ones, Z and X octaves.

use egui::{Context, Event, Key};

use super::desk::Desk;
use super::keyboard::{Keyboard, PLAIN_VELOCITY};

/// Keys from C up, by the semitone.
const KEYS: [Key; 13] =
    [Key::A, Key::W, Key::S, Key::E, Key::D, Key::F, Key::T, Key::G, Key::Y, Key::H, Key::U, Key::J, Key::K];

/// What is held.
#[derive(Debug, Default)]
pub(super) struct ComputerKeys {
    /// The MIDI key that each of [`KEYS`] holds.
    held: [Option<u8>; KEYS.len()],
}

impl ComputerKeys {
    /// Plays what was pressed since the last picture. While text is edited, nothing.
    pub(super) fn play(&mut self, context: &Context, desk: &Desk, keyboard: &mut Keyboard) {
        if context.text_edit_focused() || !context.input(|input| input.focused) {
            self.release(desk);
            return;
        }
        context.input(|input| {
            for event in &input.events {
                if let Event::Key { key, physical_key, pressed, repeat: false, modifiers } = event {
                    // By place: the keys lie like a keyboard on every layout.
                    let key = physical_key.unwrap_or(*key);
                    let is_command = modifiers.command || modifiers.ctrl || modifiers.alt;
                    self.take(key, *pressed && !is_command, desk, keyboard);
                }
            }
        });
    }

    /// Lets go of all.
    pub(super) fn release(&mut self, desk: &Desk) {
        for key in self.held.iter_mut().filter_map(Option::take) {
            desk.release(key);
        }
    }

    fn take(&mut self, key: Key, pressed: bool, desk: &Desk, keyboard: &mut Keyboard) {
        match key {
            Key::Z if pressed => keyboard.shift(-1),
            Key::X if pressed => keyboard.shift(1),
            _ => {}
        }
        let Some(idx) = KEYS.iter().position(|&known| known == key) else { return };
        if let Some(held) = self.held[idx].take() {
            desk.release(held);
        }
        let midi_key = keyboard.middle_c() + idx as i32;
        if pressed && let Ok(midi_key @ 0..=127) = u8::try_from(midi_key) {
            self.held[idx] = Some(midi_key);
            desk.press(midi_key, PLAIN_VELOCITY);
        }
    }
}
