//! What is remembered between runs: a small JSON file in the platform's folder for settings, `Mynah/app.json`.
//!
//! The environment variable `MYNAH_CONFIG` names another folder. Version 1 has the fields of [`Settings`]. A field that
//! cannot be read has its default, whatever the others say; so has every field of a file that cannot be read. Fields
//! that this version does not know are kept as they are, so that a newer Mynah finds them again.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use mynah::engine::ParamId;
use mynah::tuning::Tuning;
use mynah::whole_file::{WholeFileError, write_whole};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize};

use super::values::Values;

/// Version of the format.
const VERSION: u32 = 1;

/// Most bytes of the file.
const MAX_BYTES: u64 = 1 << 20;

/// Environment variable that names another folder.
const FOLDER_VARIABLE: &str = "MYNAH_CONFIG";

/// Most bytes of a scale and a mapping that are remembered.
const MAX_TUNING_BYTES: usize = 100_000;

/// What is remembered.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Settings {
    /// Version of the format.
    #[serde(default, rename = "mynah_app", deserialize_with = "lenient")]
    pub(super) version: u32,
    /// Name of the output device; `None` is the system's.
    #[serde(default, deserialize_with = "lenient")]
    pub(super) device: Option<String>,
    /// Sample rate, Hz; `None` is the device's.
    #[serde(default, deserialize_with = "lenient")]
    pub(super) rate_hz: Option<u32>,
    /// Length of a block, samples; `None` is the device's.
    #[serde(default, deserialize_with = "lenient")]
    pub(super) buffer: Option<u32>,
    /// Names of the MIDI inputs that are listened to; `None` is all.
    #[serde(default, deserialize_with = "lenient")]
    pub(super) midi: Option<Vec<String>>,
    /// Size of the window, points.
    #[serde(default, deserialize_with = "lenient")]
    pub(super) window: Option<[f32; 2]>,
    /// What played last.
    #[serde(default, deserialize_with = "lenient")]
    pub(super) model: Option<LastModel>,
    /// Texts of the scale and of the mapping of keys that it plays in, if not in equal temperament.
    #[serde(default, deserialize_with = "lenient")]
    pub(super) tuning: Option<[Option<String>; 2]>,
    /// Values of parameters in their own units, by their keys.
    #[serde(default, deserialize_with = "lenient")]
    pub(super) params: BTreeMap<String, f32>,
    /// What a newer version wrote.
    #[serde(flatten)]
    unknown: serde_json::Map<String, serde_json::Value>,
}

/// Where the model that played last is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum LastModel {
    /// It comes with Mynah; its key.
    Factory(String),
    /// A file of the player's.
    File(PathBuf),
    /// It was learned and never saved: a file beside the settings has it.
    Unsaved(PathBuf),
}

/// Takes what can be read, and the default else.
fn lenient<'a, D: Deserializer<'a>, T: DeserializeOwned + Default>(from: D) -> Result<T, D::Error> {
    let value = serde_json::Value::deserialize(from)?;
    Ok(serde_json::from_value(value).unwrap_or_default())
}

impl Settings {
    /// Reads the file; defaults if there is none, or it cannot be read.
    pub(super) fn load(place: &Place) -> Self {
        let Some(path) = place.file() else { return Self::default() };
        let is_small = std::fs::metadata(&path).is_ok_and(|file| file.len() <= MAX_BYTES);
        let text = if is_small { std::fs::read_to_string(&path).unwrap_or_default() } else { String::new() };
        serde_json::from_str(&text).unwrap_or_default()
    }

    /// Writes the file, whole; the folder is made if need be.
    pub(super) fn save(&self, place: &Place) -> Result<(), WholeFileError> {
        let Some(path) = place.file() else { return Ok(()) };
        // If it cannot be made, writing into it says so.
        let _ = path.parent().map(std::fs::create_dir_all);
        let newest = self.version.max(VERSION);
        // Maps of text to numbers can always be written.
        let text =
            serde_json::to_string_pretty(&Self { version: newest, ..self.clone() }).unwrap_or_default();
        write_whole(&path, text.as_bytes())
    }

    /// The tuning that is remembered; `None` for equal temperament, and for what cannot be read.
    pub(super) fn tuning(&self) -> Option<Tuning> {
        let [scl, kbm] = self.tuning.as_ref()?;
        Tuning::from_scala(scl.as_deref()?, kbm.as_deref()).ok()
    }

    /// Remembers a tuning, unless its texts are longer than settings should be.
    pub(super) fn take_tuning(&mut self, tuning: &Tuning) {
        let texts = [tuning.scl(), tuning.kbm()].map(|text| text.map(str::to_owned));
        let num_bytes: usize = texts.iter().flatten().map(String::len).sum();
        self.tuning = (texts[0].is_some() && num_bytes < MAX_TUNING_BYTES).then_some(texts);
    }

    /// Sets parameters as they are remembered.
    pub(super) fn give_params(&self, values: &Values) {
        for (key, value) in &self.params {
            if let Some(id) = ParamId::from_key(key) {
                values.set(id, *value);
            }
        }
    }

    /// Remembers parameters.
    pub(super) fn take_params(&mut self, values: &Values) {
        for (id, value) in values.iter() {
            self.params.insert(id.spec().key.to_owned(), value);
        }
    }
}

/// The folder that the settings are in, if the system has one.
#[derive(Clone, Debug)]
pub(super) struct Place(Option<PathBuf>);

impl Default for Place {
    fn default() -> Self {
        let named = std::env::var_os(FOLDER_VARIABLE).filter(|value| !value.is_empty()).map(PathBuf::from);
        Self(named.or_else(|| Some(directories::BaseDirs::new()?.config_dir().join("Mynah"))))
    }
}

impl Place {
    #[cfg(test)]
    pub(super) fn in_folder(folder: &Path) -> Self {
        Self(Some(folder.to_owned()))
    }

    pub(super) fn folder(&self) -> Option<&Path> {
        self.0.as_deref()
    }

    fn file(&self) -> Option<PathBuf> {
        Some(self.folder()?.join("app.json"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings() -> Settings {
        let values = Values::default();
        values.set(ParamId::Chance, 0.25);
        let mut settings = Settings {
            version: VERSION,
            device: Some("Grüße 2".into()),
            rate_hz: Some(44_100),
            buffer: Some(128),
            midi: Some(vec!["a".into()]),
            window: Some([800.0, 600.0]),
            model: Some(LastModel::File("Aunt May.mynah".into())),
            ..Settings::default()
        };
        settings.take_params(&values);
        settings
    }

    fn load(text: &str) -> Settings {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("app.json"), text).unwrap();
        Settings::load(&Place::in_folder(folder.path()))
    }

    #[test]
    fn a_tuning_is_remembered_and_one_that_cannot_be_read_is_none() {
        let mut settings = Settings::default();
        let tuning = Tuning::from_scala("Fifths\n1\n3/2\n", None).unwrap();
        settings.take_tuning(&tuning);
        assert_eq!(settings.tuning(), Some(tuning));
        settings.take_tuning(&Tuning::equal());
        assert_eq!((settings.tuning(), settings.tuning.as_ref()), (None, None));
        settings.tuning = Some([Some("no scale".into()), None]);
        assert_eq!(settings.tuning(), None);
    }

    #[test]
    fn what_is_saved_is_loaded_and_its_folder_is_made() {
        let folder = tempfile::tempdir().unwrap();
        let place = Place::in_folder(&folder.path().join("a/b"));
        assert_eq!(Settings::load(&place), Settings::default());
        settings().save(&place).unwrap();
        assert_eq!(Settings::load(&place), settings());
        let values = Values::default();
        Settings::load(&place).give_params(&values);
        assert_eq!(values.get(ParamId::Chance), 0.25);
    }

    #[test]
    fn a_damaged_file_is_a_fresh_start() {
        let text = serde_json::to_string(&settings()).unwrap();
        for damaged in ["", "[]", "{", "null", "\0\0\0", &text[..text.len() / 2], &"[".repeat(100_000)] {
            assert_eq!(load(damaged), Settings::default(), "{:.20}", damaged);
        }
        assert_eq!(load(&format!("{{\"device\": \"{}\"}}", "x".repeat(2 << 20))), Settings::default());
    }

    #[test]
    fn a_damaged_field_takes_no_other_along() {
        let loaded = load(
            r#"{"mynah_app": "one", "device": 5, "rate_hz": -1, "buffer": 64, "midi": "all",
                "window": [1], "model": {"stolen": 1}, "params": {"chance": 0.5, "gone": 1}}"#,
        );
        assert_eq!((loaded.device.as_ref(), loaded.rate_hz, loaded.buffer), (None, None, Some(64)));
        assert_eq!((loaded.midi.as_ref(), loaded.window, loaded.model.as_ref()), (None, None, None));
        let values = Values::default();
        loaded.give_params(&values);
        assert_eq!(values.get(ParamId::Chance), 0.5);
    }

    #[test]
    fn what_a_newer_version_wrote_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let place = Place::in_folder(folder.path());
        std::fs::write(folder.path().join("app.json"), r#"{"mynah_app": 7, "skin": {"hue": 3}}"#).unwrap();
        let mut settings = Settings::load(&place);
        settings.buffer = Some(256);
        settings.save(&place).unwrap();
        let text = std::fs::read_to_string(folder.path().join("app.json")).unwrap();
        let kept: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(
            (&kept["mynah_app"], &kept["skin"]["hue"], &kept["buffer"]),
            (&7.into(), &3.into(), &256.into())
        );
    }
}
