//! Keys and modifiers: baseview's and a host's names for them, in egui's.

use keyboard_types::{Code, Key, KeyState, KeyboardEvent, Modifiers, NamedKey};
use nice_plug::prelude::{Modifiers as HostModifiers, VirtualKeyCode};

/// What the clipboard is asked for by keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ClipboardKey {
    Copy,
    Cut,
    Paste,
}

/// The key by what it means on this layout, or, if egui has no name for that, by where it is.
pub(super) fn egui_from_key(event: &KeyboardEvent) -> Option<egui::Key> {
    let by_meaning = match &event.key {
        Key::Character(text) => egui::Key::from_name(text),
        Key::Named(named) => egui::Key::from_name(&named.to_string()),
    };
    by_meaning.or_else(|| egui_from_code(event.code))
}

/// The key by where it is: both worlds name places as the W3C does.
pub(super) fn egui_from_code(code: Code) -> Option<egui::Key> {
    egui::Key::from_name(&code.to_string())
}

/// On macOS, commands are given with ⌘; elsewhere with Ctrl.
pub(super) fn egui_from_modifiers(modifiers: Modifiers) -> egui::Modifiers {
    let is_mac = cfg!(target_os = "macos");
    let ctrl = modifiers.contains(Modifiers::CONTROL);
    let mac_cmd = is_mac && modifiers.contains(Modifiers::META);
    egui::Modifiers {
        alt: modifiers.contains(Modifiers::ALT),
        ctrl,
        shift: modifiers.contains(Modifiers::SHIFT),
        mac_cmd,
        command: if is_mac { mac_cmd } else { ctrl },
    }
}

/// The modifiers once the event is over: it tells those of just before.
pub(super) fn modifiers_after(event: &KeyboardEvent) -> Modifiers {
    let changed = match event.key {
        Key::Named(NamedKey::Shift) => Modifiers::SHIFT,
        Key::Named(NamedKey::Control) => Modifiers::CONTROL,
        Key::Named(NamedKey::Alt) => Modifiers::ALT,
        Key::Named(NamedKey::Meta) => Modifiers::META,
        _ => return event.modifiers,
    };
    match event.state {
        KeyState::Down => event.modifiers | changed,
        KeyState::Up => event.modifiers - changed,
    }
}

/// What the clipboard is asked for, if the event asks. By meaning, so that it is the key with the right letter on any
/// layout; and the old Windows and Linux ways with Insert and Delete.
pub(super) fn clipboard_key(key: Option<egui::Key>, modifiers: egui::Modifiers) -> Option<ClipboardKey> {
    let is_mac = cfg!(target_os = "macos");
    match key? {
        egui::Key::Copy => Some(ClipboardKey::Copy),
        egui::Key::Cut => Some(ClipboardKey::Cut),
        egui::Key::Paste => Some(ClipboardKey::Paste),
        egui::Key::C if modifiers.command => Some(ClipboardKey::Copy),
        egui::Key::X if modifiers.command => Some(ClipboardKey::Cut),
        egui::Key::V if modifiers.command => Some(ClipboardKey::Paste),
        egui::Key::Insert if !is_mac && modifiers.ctrl => Some(ClipboardKey::Copy),
        egui::Key::Delete if !is_mac && modifiers.shift => Some(ClipboardKey::Cut),
        egui::Key::Insert if !is_mac && modifiers.shift => Some(ClipboardKey::Paste),
        _ => None,
    }
}

/// The text that a key press types, if any.
pub(super) fn typed_text(key: &Key, modifiers: egui::Modifiers) -> Option<&str> {
    let Key::Character(text) = key else { return None };
    // AltGr is Ctrl and Alt together on Windows, and types.
    let is_alt_gr = cfg!(target_os = "windows") && modifiers.ctrl && modifiers.alt;
    let is_command = modifiers.command || modifiers.ctrl || modifiers.mac_cmd;
    let is_typed = !text.is_empty() && !text.chars().any(char::is_control) && (is_alt_gr || !is_command);
    is_typed.then_some(text)
}

/// The events of a key that a host hands over, and None for one that it should keep. Characters never come this way,
/// except the space.
pub(super) fn egui_from_host_key(
    code: VirtualKeyCode,
    pressed: bool,
    modifiers: HostModifiers,
) -> Option<Vec<egui::Event>> {
    let key = match code {
        VirtualKeyCode::Backspace => egui::Key::Backspace,
        VirtualKeyCode::Tab => egui::Key::Tab,
        VirtualKeyCode::Return | VirtualKeyCode::NumpadEnter => egui::Key::Enter,
        VirtualKeyCode::Escape => egui::Key::Escape,
        VirtualKeyCode::Space => egui::Key::Space,
        VirtualKeyCode::End => egui::Key::End,
        VirtualKeyCode::Home => egui::Key::Home,
        VirtualKeyCode::ArrowLeft => egui::Key::ArrowLeft,
        VirtualKeyCode::ArrowUp => egui::Key::ArrowUp,
        VirtualKeyCode::ArrowRight => egui::Key::ArrowRight,
        VirtualKeyCode::ArrowDown => egui::Key::ArrowDown,
        VirtualKeyCode::PageUp => egui::Key::PageUp,
        VirtualKeyCode::PageDown => egui::Key::PageDown,
        VirtualKeyCode::Delete => egui::Key::Delete,
        _ => return None,
    };
    let is_mac = cfg!(target_os = "macos");
    let command = modifiers.contains(HostModifiers::COMMAND);
    let modifiers = egui::Modifiers {
        alt: modifiers.contains(HostModifiers::ALT),
        ctrl: modifiers.contains(HostModifiers::CONTROL) || (!is_mac && command),
        shift: modifiers.contains(HostModifiers::SHIFT),
        mac_cmd: is_mac && command,
        command,
    };
    let mut events = vec![egui::Event::Key { key, physical_key: None, pressed, repeat: false, modifiers }];
    if key == egui::Key::Space && pressed && !modifiers.any() {
        events.push(egui::Event::Text(" ".to_owned()));
    }
    Some(events)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn press(key: Key, code: Code) -> KeyboardEvent {
        KeyboardEvent { state: KeyState::Down, key, code, ..KeyboardEvent::default() }
    }

    #[test]
    fn keys_have_the_same_meaning_on_both_sides() {
        let named = [
            (NamedKey::ArrowLeft, egui::Key::ArrowLeft),
            (NamedKey::Backspace, egui::Key::Backspace),
            (NamedKey::Enter, egui::Key::Enter),
            (NamedKey::Escape, egui::Key::Escape),
            (NamedKey::Tab, egui::Key::Tab),
            (NamedKey::PageDown, egui::Key::PageDown),
            (NamedKey::Delete, egui::Key::Delete),
            (NamedKey::F12, egui::Key::F12),
        ];
        for (from, to) in named {
            assert_eq!(egui_from_key(&press(Key::Named(from), Code::Unidentified)), Some(to), "{from}");
        }
        for (from, to) in
            [("a", egui::Key::A), ("A", egui::Key::A), (" ", egui::Key::Space), ("5", egui::Key::Num5)]
        {
            let event = press(Key::Character(from.to_owned()), Code::Unidentified);
            assert_eq!(egui_from_key(&event), Some(to), "{from:?}");
        }
    }

    #[test]
    fn a_letter_that_egui_does_not_know_is_named_by_its_place() {
        let event = press(Key::Character("ф".to_owned()), Code::KeyA);
        assert_eq!(egui_from_key(&event), Some(egui::Key::A));
        assert_eq!(egui_from_code(Code::Digit7), Some(egui::Key::Num7));
        assert_eq!(egui_from_code(Code::Unidentified), None);
    }

    #[test]
    fn the_letter_counts_for_the_clipboard_and_not_its_place() {
        let command =
            egui_from_modifiers(if cfg!(target_os = "macos") { Modifiers::META } else { Modifiers::CONTROL });
        assert_eq!(clipboard_key(Some(egui::Key::C), command), Some(ClipboardKey::Copy));
        assert_eq!(clipboard_key(Some(egui::Key::X), command), Some(ClipboardKey::Cut));
        assert_eq!(clipboard_key(Some(egui::Key::V), command), Some(ClipboardKey::Paste));
        assert_eq!(clipboard_key(Some(egui::Key::V), egui::Modifiers::NONE), None);
        assert_eq!(clipboard_key(None, command), None);
    }

    #[test]
    fn commands_type_nothing_and_neither_do_control_characters() {
        let key = Key::Character("é".to_owned());
        assert_eq!(typed_text(&key, egui::Modifiers::SHIFT), Some("é"));
        assert_eq!(typed_text(&key, egui::Modifiers { ctrl: true, ..egui::Modifiers::NONE }), None);
        assert_eq!(typed_text(&Key::Character("\u{1}".to_owned()), egui::Modifiers::NONE), None);
        assert_eq!(typed_text(&Key::Character(String::new()), egui::Modifiers::NONE), None);
        assert_eq!(typed_text(&Key::Named(NamedKey::Enter), egui::Modifiers::NONE), None);
    }

    #[test]
    fn a_modifier_counts_from_its_own_press_to_its_own_release() {
        let mut event = press(Key::Named(NamedKey::Shift), Code::ShiftLeft);
        assert_eq!(modifiers_after(&event), Modifiers::SHIFT);
        event.state = KeyState::Up;
        event.modifiers = Modifiers::SHIFT | Modifiers::ALT;
        assert_eq!(modifiers_after(&event), Modifiers::ALT);
    }

    #[test]
    fn a_host_keeps_the_keys_that_no_field_needs() {
        assert_eq!(egui_from_host_key(VirtualKeyCode::F5, true, HostModifiers::empty()), None);
        let space = egui_from_host_key(VirtualKeyCode::Space, true, HostModifiers::empty());
        assert_eq!(space.map(|events| events.len()), Some(2), "the key and its text");
        let left = egui_from_host_key(VirtualKeyCode::ArrowLeft, true, HostModifiers::SHIFT);
        assert!(
            matches!(left.as_deref(), Some([egui::Event::Key { key: egui::Key::ArrowLeft, modifiers, .. }]) if modifiers.shift)
        );
    }
}
