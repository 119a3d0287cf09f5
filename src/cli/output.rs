//! Where answers in files go: names with their ending, checked before long work.

use crate::units::db_from_gain;
use crate::whole_file::{WholeFileError, check_writable};
use std::fs;
use std::path::{Path, PathBuf};

/// A path to write: `.ending` is added where it is missing, and what cannot be written is an error now.
///
/// Devices keep their names, and a folder that stands there is an error rather than a file beside it.
pub(super) fn checked(path: &Path, ending: &str) -> Result<PathBuf, WholeFileError> {
    let path = if is_device_or_folder(path) { path.to_owned() } else { with_ending(path, ending) };
    check_writable(&path)?;
    Ok(path)
}

/// Highest level of all channels, dB of full scale; the lowest that is told is that of the last of 24 bits.
pub(super) fn peak_db(channels: &[&[f32]]) -> f32 {
    /// Amplitude of the last bit of 24.
    const LAST_BIT: f32 = 1.0 / 8_388_608.0;
    let samples = channels.iter().flat_map(|channel| channel.iter());
    db_from_gain(samples.fold(LAST_BIT, |peak, sample| peak.max(sample.abs())))
}

/// The path, with `.ending` added where it is missing. What stands after another dot is part of the name
/// (`dr.smith`).
fn with_ending(path: &Path, ending: &str) -> PathBuf {
    if path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case(ending)) {
        return path.to_owned();
    }
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(ending);
    PathBuf::from(name)
}

fn is_device_or_folder(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|metadata| !metadata.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ending_is_added_where_it_is_missing() {
        for (given, expected) in [
            ("voice", "voice.mynah"),
            ("voice.mynah", "voice.mynah"),
            ("voice.MYNAH", "voice.MYNAH"),
            ("dr.smith", "dr.smith.mynah"),
        ] {
            assert_eq!(with_ending(given.as_ref(), "mynah"), PathBuf::from(expected));
        }
    }

    #[test]
    fn a_folder_is_named_as_one() {
        let folder = tempfile::tempdir().unwrap();
        let error = checked(folder.path(), "mynah").unwrap_err().to_string();
        assert!(error.contains("is a folder"), "{error}");
    }
}
