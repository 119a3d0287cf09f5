//! A preset: a model, and the values of all parameters. A small JSON file.

use std::collections::BTreeMap;
use std::path::Path;

use mynah::engine::ParamId;
use mynah::engine::param::TABLE;
use serde::{Deserialize, Serialize};

/// Version of the format. A reader takes any up to its own, and ignores keys that it does not know.
const VERSION: u32 = 1;

/// Most bytes of a preset's file.
const MAX_BYTES: u64 = 64 << 10;

/// The presets that come with Mynah, in the order of the browser.
pub const FACTORY_PRESETS: [&str; 10] = [
    include_str!("../../../assets/presets/speaker.json"),
    include_str!("../../../assets/presets/chorus.json"),
    include_str!("../../../assets/presets/whispers.json"),
    include_str!("../../../assets/presets/held-vowel.json"),
    include_str!("../../../assets/presets/little-folk.json"),
    include_str!("../../../assets/presets/talking-drum.json"),
    include_str!("../../../assets/presets/soloist.json"),
    include_str!("../../../assets/presets/section.json"),
    include_str!("../../../assets/presets/bowed-air.json"),
    include_str!("../../../assets/presets/slow-strings.json"),
];

/// A model, and values of parameters; those that are not named have their defaults.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Preset {
    /// Version of the format.
    #[serde(rename = "mynah_preset")]
    pub version: u32,
    /// Name shown to players.
    pub name: String,
    /// The model.
    pub model: ModelRef,
    /// Values in their own units, by the keys of parameters.
    pub params: BTreeMap<String, f32>,
}

/// Which model a preset plays.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ModelRef {
    /// One that comes with Mynah, by its key.
    Factory(String),
    /// A file among the player's models, by its name with the ending.
    File(String),
}

/// Why a preset cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PresetError {
    /// It cannot be read.
    #[error("it cannot be read: {0}")]
    Read(#[from] std::io::Error),
    /// It is larger than any preset.
    #[error("it has {num_bytes} bytes, a preset has at most {MAX_BYTES}")]
    TooLarge {
        /// Its length.
        num_bytes: u64,
    },
    /// It is not a preset.
    #[error("it is not a preset of Mynah ({0})")]
    NotPreset(#[from] serde_json::Error),
    /// It was made by a later Mynah.
    #[error("it is of format {version}, this Mynah reads up to {VERSION}; get a newer Mynah")]
    Newer {
        /// Its version.
        version: u32,
    },
}

impl Preset {
    /// A preset of values.
    pub fn new(name: &str, model: ModelRef, value: impl Fn(ParamId) -> f32) -> Self {
        let params = TABLE.iter().map(|spec| (spec.key.to_owned(), value(spec.id))).collect();
        Self { version: VERSION, name: name.to_owned(), model, params }
    }

    /// Reads its text.
    pub fn from_text(text: &str) -> Result<Self, PresetError> {
        let preset: Self = serde_json::from_str(text)?;
        if VERSION < preset.version {
            return Err(PresetError::Newer { version: preset.version });
        }
        Ok(preset)
    }

    /// Reads its file.
    pub fn from_file(path: &Path) -> Result<Self, PresetError> {
        let num_bytes = std::fs::metadata(path)?.len();
        if MAX_BYTES < num_bytes {
            return Err(PresetError::TooLarge { num_bytes });
        }
        Self::from_text(&std::fs::read_to_string(path)?)
    }

    /// Its text, for a file.
    pub fn text(&self) -> String {
        // Maps of text to numbers can always be written.
        serde_json::to_string_pretty(self).unwrap_or_default()
    }

    /// The value of each parameter, allowed and finite: the default where the preset names none.
    pub fn values(&self) -> impl Iterator<Item = (ParamId, f32)> + '_ {
        TABLE.iter().map(|spec| {
            let value = self.params.get(spec.key).copied().unwrap_or(spec.default);
            (spec.id, spec.clamped(value))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mynah::model::builtin::FACTORY;
    use std::collections::BTreeSet;

    #[test]
    fn every_factory_preset_names_a_factory_model_and_known_parameters() {
        let mut names = BTreeSet::new();
        for text in FACTORY_PRESETS {
            let preset = Preset::from_text(text).unwrap();
            let ModelRef::Factory(key) = &preset.model else { panic!("{}: a factory model", preset.name) };
            assert!(FACTORY.iter().any(|model| model.key == key), "{}: {key}", preset.name);
            for (key, value) in &preset.params {
                let spec = ParamId::from_key(key).unwrap_or_else(|| panic!("{key}")).spec();
                assert_eq!(spec.clamped(*value), *value, "{}: {key}", preset.name);
            }
            assert!(names.insert(preset.name.clone()), "{} twice", preset.name);
        }
    }

    #[test]
    fn a_preset_reads_back_from_its_text() {
        let model = ModelRef::File("Aunt May.mynah".into());
        let preset = Preset::new("Tea", model, |id| id.spec().max);
        assert_eq!(Preset::from_text(&preset.text()).unwrap(), preset);
        assert!(preset.values().all(|(id, value)| value == id.spec().max));
    }

    #[test]
    fn values_that_are_missing_or_out_of_range_are_made_good() {
        let text = r#"{"mynah_preset": 1, "name": "x", "model": {"factory": "voice"},
                       "params": {"chance": 99, "later": 1}, "colour": "red"}"#;
        let values: Vec<_> = Preset::from_text(text).unwrap().values().collect();
        assert_eq!(values[0], (ParamId::Chance, 1.5));
        assert_eq!(values[1], (ParamId::Memory, ParamId::Memory.spec().default));
    }

    #[test]
    fn what_is_no_preset_says_so() {
        for (text, reason) in [
            ("", "not a preset"),
            ("[1]", "not a preset"),
            (r#"{"mynah_preset": 9, "name": "x", "model": {"factory": "v"}, "params": {}}"#, "newer"),
        ] {
            let error = Preset::from_text(text).unwrap_err().to_string();
            assert!(error.contains(reason), "{error}");
        }
    }
}
