//! The models and presets that a player can choose from: those that come with Mynah, and the player's own.
//!
//! The player's are in the platform's folder for data, `Mynah/models` and `Mynah/presets`; the environment variable
//! `MYNAH_DATA` names another folder.

mod preset;
mod scala;

use std::path::{Path, PathBuf};

use mynah::model::builtin::FACTORY;
use mynah::whole_file::{WholeFileError, write_whole};

pub use scala::{SCALA_ENDINGS, ScalaError, is_scala, tuning_from_files};

pub use preset::{FACTORY_PRESETS, ModelRef, Preset, PresetError};

/// Ending of a model's file.
pub const MODEL_ENDING: &str = "mynah";

/// Ending of a preset's file.
pub const PRESET_ENDING: &str = "mynahpreset";

/// Environment variable that names another folder for the player's models and presets.
const FOLDER_VARIABLE: &str = "MYNAH_DATA";

/// Most files that are listed of a folder.
const MAX_LISTED: usize = 10_000;

/// Something to choose.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// Model or preset.
    pub kind: Kind,
    /// Where it is.
    pub place: Place,
    /// Name shown to players.
    pub name: String,
}

/// What an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A model.
    Model,
    /// A model and the values of all parameters.
    Preset,
}

/// Where an entry is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// It comes with Mynah: its index among the factory's.
    Factory(usize),
    /// A file of the player's.
    File(PathBuf),
}

/// The player's folder. Nothing is made before something is saved.
#[derive(Clone, Debug)]
pub struct Library {
    folder: Option<PathBuf>,
}

impl Default for Library {
    fn default() -> Self {
        let named = std::env::var_os(FOLDER_VARIABLE).filter(|value| !value.is_empty()).map(PathBuf::from);
        let folder = named.or_else(|| Some(directories::BaseDirs::new()?.data_dir().join("Mynah")));
        Self { folder }
    }
}

/// Why something was not saved.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LibraryError {
    /// The system names no folder for data.
    #[error("the system names no folder for your data; set {FOLDER_VARIABLE} to one")]
    NoFolder,
    /// The folder cannot be made.
    #[error("cannot make the folder {}: {source}", folder.display())]
    Folder {
        /// Which.
        folder: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file cannot be written.
    #[error(transparent)]
    Write(#[from] WholeFileError),
}

impl Library {
    /// A library in a folder of its own.
    pub fn in_folder(folder: impl Into<PathBuf>) -> Self {
        Self { folder: Some(folder.into()) }
    }

    /// All entries: models, then presets; the factory's first, then the player's by name.
    pub fn entries(&self) -> Vec<Entry> {
        let factory = |kind, idx, name: &str| Entry { kind, place: Place::Factory(idx), name: name.into() };
        let mut entries: Vec<Entry> = FACTORY
            .iter()
            .enumerate()
            .map(|(idx, model)| factory(Kind::Model, idx, &capitalised(model.key)))
            .collect();
        entries.extend(self.files(Kind::Model));
        entries.extend(
            FACTORY_PRESETS.iter().enumerate().filter_map(|(idx, text)| {
                Some(factory(Kind::Preset, idx, &Preset::from_text(text).ok()?.name))
            }),
        );
        entries.extend(self.files(Kind::Preset));
        entries
    }

    /// Saves a model under a name; one of that name is kept, and the new one gets a number.
    pub fn save_model(&self, name: &str, bytes: &[u8]) -> Result<PathBuf, LibraryError> {
        self.save(Kind::Model, name, bytes)
    }

    /// Saves a preset under its name; one of that name is kept, and the new one gets a number.
    pub fn save_preset(&self, preset: &Preset) -> Result<PathBuf, LibraryError> {
        self.save(Kind::Preset, &preset.name, preset.text().as_bytes())
    }

    /// Where a model of a preset is.
    pub fn model_path(&self, file_name: &str) -> Option<PathBuf> {
        // A preset is a file from anywhere: it may name a file of this folder, and no other.
        let is_bare = Path::new(file_name).file_name() == Some(file_name.as_ref());
        let path = self.folder.as_ref()?.join("models").join(file_name);
        (is_bare && path.is_file()).then_some(path)
    }

    fn folder_of(&self, kind: Kind) -> Option<PathBuf> {
        let name = match kind {
            Kind::Model => "models",
            Kind::Preset => "presets",
        };
        Some(self.folder.as_ref()?.join(name))
    }

    /// The player's files, by name. A folder that is not there has none.
    fn files(&self, kind: Kind) -> Vec<Entry> {
        let Some(listed) = self.folder_of(kind).and_then(|folder| std::fs::read_dir(folder).ok()) else {
            return Vec::new();
        };
        let ending = ending(kind);
        let mut entries: Vec<Entry> = listed
            .take(MAX_LISTED)
            .filter_map(|entry| Some(entry.ok()?.path()))
            .filter(|path| path.extension().is_some_and(|found| found == ending))
            .map(|path| Entry {
                kind,
                name: path.file_stem().unwrap_or_default().to_string_lossy().into_owned(),
                place: Place::File(path),
            })
            .collect();
        entries.sort_by_cached_key(|entry| entry.name.to_lowercase());
        entries
    }

    fn save(&self, kind: Kind, name: &str, bytes: &[u8]) -> Result<PathBuf, LibraryError> {
        let folder = self.folder_of(kind).ok_or(LibraryError::NoFolder)?;
        std::fs::create_dir_all(&folder)
            .map_err(|source| LibraryError::Folder { folder: folder.clone(), source })?;
        let name = file_name_from_name(name);
        let path = (1..)
            .map(|number| match number {
                1 => folder.join(format!("{name}.{}", ending(kind))),
                number => folder.join(format!("{name} {number}.{}", ending(kind))),
            })
            .find(|path| !path.exists())
            .ok_or(LibraryError::NoFolder)?;
        write_whole(&path, bytes)?;
        Ok(path)
    }
}

fn ending(kind: Kind) -> &'static str {
    match kind {
        Kind::Model => MODEL_ENDING,
        Kind::Preset => PRESET_ENDING,
    }
}

/// A name that every system takes for a file.
fn file_name_from_name(name: &str) -> String {
    const MOST_CHARS: usize = 80;
    let allowed = |c: char| !c.is_control() && !r#"/\:*?"<>|"#.contains(c);
    let name: String = name.chars().filter(|&c| allowed(c)).take(MOST_CHARS).collect();
    match name.trim().trim_matches('.') {
        "" => "Unnamed".into(),
        name => name.into(),
    }
}

fn capitalised(key: &str) -> String {
    let mut chars = key.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_taken_gets_a_number_and_nothing_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let library = Library::in_folder(folder.path().join("new"));
        let first = library.save_model("Aunt/May?", b"1").unwrap();
        let second = library.save_model("Aunt/May?", b"2").unwrap();
        assert_eq!(first.file_name().unwrap(), "AuntMay.mynah");
        assert_eq!(second.file_name().unwrap(), "AuntMay 2.mynah");
        assert_eq!(std::fs::read(first).unwrap(), b"1");
        let names: Vec<String> = library.entries().into_iter().map(|entry| entry.name).collect();
        assert!(names.contains(&"AuntMay 2".into()), "{names:?}");
    }

    #[test]
    fn a_library_without_a_folder_has_what_comes_with_mynah() {
        let entries = Library::in_folder("/nowhere/at/all").entries();
        let num = |kind| entries.iter().filter(|entry| entry.kind == kind).count();
        assert_eq!((num(Kind::Model), num(Kind::Preset)), (FACTORY.len(), FACTORY_PRESETS.len()));
    }

    #[test]
    fn a_preset_names_no_file_outside_its_folder() {
        let folder = tempfile::tempdir().unwrap();
        let library = Library::in_folder(folder.path());
        std::fs::write(folder.path().join("secret.mynah"), "x").unwrap();
        library.save_model("mine", b"x").unwrap();
        assert!(library.model_path("mine.mynah").is_some());
        for name in ["../secret.mynah", "..", "", "/etc/passwd", "missing.mynah"] {
            assert_eq!(library.model_path(name), None, "{name}");
        }
    }

    #[test]
    fn every_name_becomes_a_file_name() {
        for (name, expected) in [("  ", "Unnamed"), ("..", "Unnamed"), ("a\u{7}b", "ab"), ("Grüße", "Grüße")]
        {
            assert_eq!(file_name_from_name(name), expected);
        }
    }
}
