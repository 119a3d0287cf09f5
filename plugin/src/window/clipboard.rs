//! The system's clipboard, opened when it is first needed; without one, copying and pasting do nothing.

/// Text in and out of the clipboard.
#[derive(Default)]
pub(super) struct Clipboard {
    system: Option<arboard::Clipboard>,
}

impl Clipboard {
    /// The text in the clipboard; None if there is none, or no clipboard.
    pub(super) fn text(&mut self) -> Option<String> {
        let text = self.system()?.get_text().ok()?;
        // Text fields are given lines as the rest of egui counts them.
        (!text.is_empty()).then(|| text.replace("\r\n", "\n"))
    }

    /// Puts text into the clipboard, if there is one.
    pub(super) fn set_text(&mut self, text: String) {
        if let Some(system) = self.system() {
            // A clipboard that refuses is as good as none: the player can copy again.
            let _ = system.set_text(text);
        }
    }

    fn system(&mut self) -> Option<&mut arboard::Clipboard> {
        if self.system.is_none() {
            self.system = arboard::Clipboard::new().ok();
        }
        self.system.as_mut()
    }
}
