//! What the command line says: answers on standard output, notes on standard error.
//!
//! Both are written without `println!`, which panics when a reader such as `head` has gone. Names of files and
//! models can hold anything, even commands to the terminal: control characters are replaced here, once for all.

use std::borrow::Cow;
use std::io::{self, Write};
use std::path::Path;

/// Writes an answer, and a line end, to standard output.
pub(super) fn answer(text: &str) {
    write(io::stdout().lock(), text);
}

/// Writes an answer for a machine to standard output.
pub(super) fn answer_json(value: &serde_json::Value) {
    answer(&format!("{value:#}"));
}

/// Writes a script of our own making, byte for byte, to standard output.
pub(super) fn script(bytes: &[u8]) {
    let _ = io::stdout().lock().write_all(bytes);
}

/// Writes a note or an error, and a line end, to standard error.
pub(super) fn note(text: &str) {
    write(io::stderr().lock(), text);
}

/// A path in an answer for a machine: a name that is not Unicode has no other form in JSON.
pub(super) fn path_text(path: &Path) -> Cow<'_, str> {
    path.to_string_lossy()
}

/// Text without control characters but the line end.
pub(super) fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() && c != '\n' { char::REPLACEMENT_CHARACTER } else { c }).collect()
}

fn write(mut stream: impl Write, text: &str) {
    // A reader that has gone wants no more, and there is nobody to tell.
    let _ = writeln!(stream, "{}", printable(text));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_to_the_terminal_are_taken_out() {
        assert_eq!(printable("a\x1b[31mb\u{9b}c\nd"), "a\u{fffd}[31mb\u{fffd}c\nd");
    }
}
