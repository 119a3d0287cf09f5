//! What the application says on the terminal: answers on standard output, notes on standard error.

use std::io::{self, Write};

/// Writes an answer, and a line end, to standard output.
pub(super) fn answer(text: &str) {
    write(io::stdout().lock(), text);
}

/// Writes a note or an error, and a line end, to standard error.
pub(super) fn note(text: &str) {
    write(io::stderr().lock(), text);
}

fn write(mut stream: impl Write, text: &str) {
    // Names of devices and files can hold anything, even commands to the terminal.
    let is_plain = |c: char| !c.is_control() || c == '\n';
    let text: String =
        text.chars().map(|c| if is_plain(c) { c } else { char::REPLACEMENT_CHARACTER }).collect();
    // A reader that has gone wants no more, and there is nobody to tell.
    let _ = writeln!(stream, "{text}");
}
