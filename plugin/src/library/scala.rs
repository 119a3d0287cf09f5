//! Tunings from files of Scala: a scale (`.scl`), a keyboard mapping (`.kbm`), or both.

use std::path::{Path, PathBuf};

use mynah::tuning::{MAX_BYTES, Tuning, TuningError, text_from_bytes};
use mynah::whole_file::printable_name;

/// Endings of the files.
pub const SCALA_ENDINGS: [&str; 2] = ["scl", "kbm"];

/// The scale under a mapping that comes alone and finds none.
const EQUAL_SCALE: &str =
    "Equal temperament\n12\n100.\n200.\n300.\n400.\n500.\n600.\n700.\n800.\n900.\n1000.\n1100.\n2/1\n";

/// Why files make no tuning.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ScalaError {
    /// It cannot be read.
    #[error("{name}: {source}")]
    Read {
        /// Its name.
        name: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// It is larger than any.
    #[error("{name}: {num_bytes} bytes, a scale or a mapping has at most {MAX_BYTES}")]
    TooLarge {
        /// Its name.
        name: String,
        /// Its length.
        num_bytes: u64,
    },
    /// It is not of its format.
    #[error("{names}: {source}")]
    Format {
        /// Names of the files.
        names: String,
        /// What is wrong.
        source: TuningError,
    },
}

/// Is it a scale or a mapping, by its ending?
pub fn is_scala(path: &Path) -> bool {
    has_ending(path, SCALA_ENDINGS[0]) || has_ending(path, SCALA_ENDINGS[1])
}

/// The tuning of a scale, of a mapping, or of both; a mapping alone goes with the scale that is in use.
pub fn tuning_from_files(paths: &[PathBuf], in_use: &Tuning) -> Result<Tuning, ScalaError> {
    let text = |ending| paths.iter().find(|path| has_ending(path, ending)).map(|path| read(path)).transpose();
    let (scl, kbm) = (text(SCALA_ENDINGS[0])?, text(SCALA_ENDINGS[1])?);
    let scl = scl.as_deref().or(in_use.scl()).unwrap_or(EQUAL_SCALE);
    Tuning::from_scala(scl, kbm.as_deref()).map_err(|source| {
        let names: Vec<String> = paths.iter().map(|path| printable_name(path)).collect();
        ScalaError::Format { names: names.join(", "), source }
    })
}

fn has_ending(path: &Path, ending: &str) -> bool {
    path.extension().is_some_and(|found| found.eq_ignore_ascii_case(ending))
}

fn read(path: &Path) -> Result<String, ScalaError> {
    let failed = |source| ScalaError::Read { name: printable_name(path), source };
    let num_bytes = std::fs::metadata(path).map_err(failed)?.len();
    if MAX_BYTES as u64 <= num_bytes {
        return Err(ScalaError::TooLarge { name: printable_name(path), num_bytes });
    }
    Ok(text_from_bytes(&std::fs::read(path).map_err(failed)?).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIFTHS: &str = "Fifths\n1\n3/2\n";
    /// Key 69 is the first step, at 220 Hz.
    const LOW: &str = "0\n0\n127\n69\n69\n220.\n0\n";

    #[track_caller]
    fn check(files: &[(&str, &str)], in_use: &Tuning, expected: Result<f32, &str>) {
        let folder = tempfile::tempdir().unwrap();
        let paths: Vec<PathBuf> = files
            .iter()
            .map(|(name, text)| {
                let path = folder.path().join(name);
                std::fs::write(&path, text).unwrap();
                path
            })
            .collect();
        match (tuning_from_files(&paths, in_use), expected) {
            (Ok(tuning), Ok(pitch)) => {
                let got = tuning.pitches().of(69).unwrap();
                assert!((got - pitch).abs() < 1e-3, "{got}, expected {pitch}");
            }
            (Err(error), Err(part)) => assert!(error.to_string().contains(part), "{error}"),
            (got, expected) => panic!("{got:?}, expected {expected:?}"),
        }
    }

    #[test]
    fn a_scale_a_mapping_or_both_make_a_tuning() {
        let equal = Tuning::equal();
        let fifths = Tuning::from_scala(FIFTHS, None).unwrap();
        // Nine fifths of 7.01955 semitones above key 60.
        check(&[("a.scl", FIFTHS)], &equal, Ok(60.0 + 9.0 * 7.019_55));
        check(&[("a.KBM", LOW)], &equal, Ok(57.0));
        check(&[("a.kbm", LOW), ("b.SCL", FIFTHS)], &equal, Ok(57.0));
        check(&[("a.kbm", LOW)], &fifths, Ok(57.0));
    }

    #[test]
    fn files_that_make_none_are_named() {
        check(&[("bad.scl", "nonsense")], &Tuning::equal(), Err("bad.scl"));
        check(&[("long.scl", &" ".repeat(MAX_BYTES))], &Tuning::equal(), Err("at most"));
    }
}
