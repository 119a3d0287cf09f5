//! Small files that are read whole, and what is wrong with those that are not.

use crate::tuning::{self, Text, Tuning, text_from_bytes};
use crate::whole_file::printable_name;
use anyhow::{anyhow, bail};
use std::path::Path;

/// Longest MIDI file that is read, bytes: the longest real ones have a few million.
const MAX_SONG_BYTES: u64 = 64 << 20;

/// A standard MIDI file, not yet looked into.
pub(super) fn read_song(path: &Path) -> anyhow::Result<Vec<u8>> {
    read(path, MAX_SONG_BYTES, "a standard MIDI file")
}

/// A tuning from a Scala scale and, if there is one, a keyboard mapping.
pub(super) fn read_tuning(scl: &Path, kbm: Option<&Path>) -> anyhow::Result<Tuning> {
    let max_bytes = tuning::MAX_BYTES as u64;
    let scale = read(scl, max_bytes, "a Scala scale (.scl)")?;
    let mapping = kbm.map(|path| read(path, max_bytes, "a Scala keyboard mapping (.kbm)")).transpose()?;
    let mapping = mapping.as_deref().map(text_from_bytes);
    Tuning::from_scala(&text_from_bytes(&scale), mapping.as_deref()).map_err(|error| {
        let path = match error.text() {
            Text::Scale => scl,
            Text::Mapping => kbm.unwrap_or(scl),
        };
        anyhow!("{}: {error}", printable_name(path))
    })
}

fn read(path: &Path, max_bytes: u64, what: &str) -> anyhow::Result<Vec<u8>> {
    let name = printable_name(path);
    let metadata = std::fs::metadata(path).map_err(|error| anyhow!("{name}: cannot be opened: {error}"))?;
    if !metadata.is_file() {
        bail!("{name}: not a file; give {what}");
    }
    if max_bytes < metadata.len() {
        bail!("{name}: {} bytes, at most {max_bytes} are {what}; give another", metadata.len());
    }
    std::fs::read(path).map_err(|error| anyhow!("{name}: cannot be read: {error}"))
}
