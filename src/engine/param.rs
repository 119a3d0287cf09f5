//! The parameters: one table of ids, ranges, defaults and units, for the engine, the plugin and the command line.

/// A parameter. Its number and its key are for ever: sessions and automation refer to them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
#[expect(missing_docs, reason = "the table below says what each is")]
pub enum ParamId {
    Chance = 0,
    Memory = 1,
    OwnPitch = 2,
    OwnLoudness = 3,
    Pace = 4,
    Formant = 5,
    Breath = 6,
    Steer = 7,
    SteerX = 8,
    SteerY = 9,
    Attack = 10,
    Release = 11,
    Voices = 12,
    Mode = 13,
    Glide = 14,
    Choir = 15,
    Spread = 16,
    BendRange = 17,
    Tune = 18,
    Take = 19,
    SameTake = 20,
    Velocity = 21,
    Mpe = 22,
    Output = 23,
}

/// Number of parameters.
pub const NUM_PARAMS: usize = 24;

/// Value of [`ParamId::Mode`]: as many notes as keys.
pub const MODE_POLY: f32 = 0.0;
/// Value of [`ParamId::Mode`]: one note, a new take for each key.
pub const MODE_MONO: f32 = 1.0;
/// Value of [`ParamId::Mode`]: one note, one take for keys that overlap.
pub const MODE_LEGATO: f32 = 2.0;

/// Which part of the panel a parameter is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// What is drawn from the model.
    Take,
    /// How it is coloured.
    Shape,
    /// How it is played.
    Voice,
}

/// How values are spread over a knob and written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Scale {
    /// Evenly.
    Linear,
    /// Seconds, finer near 0.
    Time,
    /// Whole numbers.
    Whole,
    /// 0 is off, 1 is on.
    Switch,
    /// One of these, by index.
    Choice(&'static [&'static str]),
}

/// What is to be known of a parameter.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ParamSpec {
    /// Which one.
    pub id: ParamId,
    /// Name in sessions and on the command line.
    pub key: &'static str,
    /// Name shown to players.
    pub name: &'static str,
    /// Part of the panel.
    pub group: Group,
    /// Lowest value.
    pub min: f32,
    /// Highest value.
    pub max: f32,
    /// Value of a new instrument.
    pub default: f32,
    /// Unit written after values; may be empty.
    pub unit: &'static str,
    /// How values are spread and written.
    pub scale: Scale,
    /// What it does, in a sentence.
    pub hint: &'static str,
}

impl ParamId {
    /// What is to be known of it.
    pub fn spec(self) -> &'static ParamSpec {
        &TABLE[self as usize]
    }

    /// The parameter of a key, such as `own-pitch`.
    pub fn from_key(key: &str) -> Option<Self> {
        TABLE.iter().find(|spec| spec.key == key).map(|spec| spec.id)
    }
}

impl ParamSpec {
    /// The nearest allowed value; NaN becomes the default.
    pub fn clamped(&self, value: f32) -> f32 {
        if value.is_nan() {
            return self.default;
        }
        let value = value.clamp(self.min, self.max);
        match self.scale {
            Scale::Linear | Scale::Time => value,
            Scale::Whole | Scale::Switch | Scale::Choice(_) => value.round(),
        }
    }
}

/// The values of all parameters.
#[derive(Clone, Debug, PartialEq)]
pub struct Params {
    /// Invariant: each within its range. Shape `[NUM_PARAMS]`.
    values: [f32; NUM_PARAMS],
}

impl Params {
    /// The defaults.
    pub fn new() -> Self {
        Self { values: core::array::from_fn(|idx| TABLE[idx].default) }
    }

    /// Value of a parameter, in its own unit.
    pub fn get(&self, id: ParamId) -> f32 {
        self.values[id as usize]
    }

    /// Gives a parameter the nearest allowed value.
    pub fn set(&mut self, id: ParamId, value: f32) {
        self.values[id as usize] = id.spec().clamped(value);
    }

    /// Is a switch on?
    pub fn is_on(&self, id: ParamId) -> bool {
        self.get(id) >= 0.5
    }
}

impl Default for Params {
    fn default() -> Self {
        Self::new()
    }
}

const fn linear(min: f32, max: f32, unit: &'static str) -> (f32, f32, &'static str, Scale) {
    (min, max, unit, Scale::Linear)
}

const fn time(min: f32, max: f32) -> (f32, f32, &'static str, Scale) {
    (min, max, "s", Scale::Time)
}

const fn whole(min: f32, max: f32, unit: &'static str) -> (f32, f32, &'static str, Scale) {
    (min, max, unit, Scale::Whole)
}

const SWITCH: (f32, f32, &str, Scale) = (0.0, 1.0, "", Scale::Switch);
const MODES: (f32, f32, &str, Scale) = (0.0, 2.0, "", Scale::Choice(&["poly", "mono", "legato"]));

macro_rules! table {
    ($($id:ident $key:literal $name:literal $group:ident $range:expr, $default:literal, $hint:literal;)*) => {
        /// All parameters, by number.
        pub const TABLE: [ParamSpec; NUM_PARAMS] = [$({
            let (min, max, unit, scale) = $range;
            ParamSpec {
                id: ParamId::$id, key: $key, name: $name, group: Group::$group,
                min, max, default: $default, unit, scale, hint: $hint,
            }
        }),*];
    };
}

#[rustfmt::skip]
table! {
    Chance "chance" "Chance" Take linear(0.0, 1.5, ""), 0.8, "from always the same, through as varied as learned, to more";
    Memory "memory" "Memory" Take linear(0.0, 1.0, ""), 1.0, "from imagined to remembered";
    OwnPitch "own-pitch" "Own pitch" Take linear(0.0, 1.0, ""), 0.0, "from strict tuning to the learned melody";
    OwnLoudness "own-loudness" "Own loudness" Take linear(0.0, 1.0, ""), 1.0, "from steady to the learned dynamics";
    Pace "pace" "Pace" Take linear(0.0, 4.0, "x"), 1.0, "0 freezes, 1 is as learned";
    Formant "formant" "Formant" Shape linear(-12.0, 12.0, "st"), 0.0, "moves the resonances, not the pitch";
    Breath "breath" "Breath" Shape linear(0.0, 1.0, ""), 0.5, "from harmonics alone, through as learned, to a whisper";
    Steer "steer" "Steer" Shape linear(0.0, 1.0, ""), 0.0, "how strongly the sound is drawn to the place on the map";
    SteerX "steer-x" "Steer X" Shape linear(-1.0, 1.0, ""), 0.0, "place on the map, across";
    SteerY "steer-y" "Steer Y" Shape linear(-1.0, 1.0, ""), 0.0, "place on the map, up";
    Attack "attack" "Attack" Voice time(0.0, 2.0), 0.0, "time to full level, added to the sound's own";
    Release "release" "Release" Voice time(0.01, 5.0), 0.2, "time to silence after a key comes up";
    Voices "voices" "Voices" Voice whole(1.0, 64.0, ""), 32.0, "how many may sound at once";
    Mode "mode" "Mode" Voice MODES, 0.0, "many notes, one, or one that slides between keys held";
    Glide "glide" "Glide" Voice time(0.0, 2.0), 0.0, "time to slide to a new key in mono and legato";
    Choir "choir" "Choir" Voice whole(1.0, 8.0, ""), 1.0, "takes that sound together for a key";
    Spread "spread" "Spread" Voice linear(0.0, 1.0, ""), 0.5, "how far a choir stands apart, in space and time";
    BendRange "bend-range" "Bend range" Voice whole(0.0, 48.0, "st"), 2.0, "interval at either end of the pitch wheel";
    Tune "tune" "Tune" Voice linear(-100.0, 100.0, "ct"), 0.0, "tuning of the whole instrument";
    Take "take" "Take" Take whole(0.0, 9999.0, ""), 0.0, "which of the possible takes";
    SameTake "same-take" "Same take" Take SWITCH, 0.0, "every note of a key is the same take";
    Velocity "velocity" "Velocity" Voice linear(0.0, 1.0, ""), 1.0, "how much a harder stroke is louder";
    Mpe "mpe" "MPE" Voice SWITCH, 0.0, "a channel for each note, channel 1 for all";
    Output "output" "Output" Voice linear(-60.0, 12.0, "dB"), -6.0, "level of the instrument";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_the_order_of_ids() {
        for (idx, spec) in TABLE.iter().enumerate() {
            assert_eq!(spec.id as usize, idx, "{}", spec.key);
            assert_eq!(spec.id.spec(), spec);
        }
    }

    #[test]
    fn keys_are_unique_and_found() {
        for spec in &TABLE {
            assert_eq!(ParamId::from_key(spec.key), Some(spec.id));
        }
        assert_eq!(ParamId::from_key("volume"), None);
    }

    #[test]
    fn defaults_are_allowed_values() {
        for spec in &TABLE {
            assert_eq!(spec.clamped(spec.default), spec.default, "{}", spec.key);
        }
    }

    #[test]
    fn values_are_clamped_rounded_and_never_nan() {
        let mut params = Params::new();
        for (value, expected) in [(2.6, 3.0), (900.0, 64.0), (-4.0, 1.0), (f32::NAN, 32.0)] {
            params.set(ParamId::Voices, value);
            assert_eq!(params.get(ParamId::Voices), expected);
        }
    }
}
