//! The engine's parameters as a host knows them: one table, in `mynah::engine::param`, makes both.

use std::collections::BTreeMap;
use std::sync::Arc;

use mynah::engine::param::{Group, NUM_PARAMS, Scale, TABLE};
use mynah::engine::{ParamId, ParamSpec};
use nice_plug::prelude::{BoolParam, FloatParam, FloatRange, IntParam, IntRange, Param, ParamPtr, Params};

use crate::session::{Session, fields_from_session, restore};

/// Parameters that a host may modulate for a single note: those that a voice reads anew at each frame.
const MODULATED: [ParamId; 10] = [
    ParamId::Chance,
    ParamId::Memory,
    ParamId::OwnPitch,
    ParamId::OwnLoudness,
    ParamId::Pace,
    ParamId::Formant,
    ParamId::Breath,
    ParamId::Steer,
    ParamId::SteerX,
    ParamId::SteerY,
];

/// Skew of knobs of time: half of the way is a quarter of the range.
const TIME_SKEW: f32 = 0.5;

/// All parameters, in the order of their ids.
#[derive(Debug)]
pub(crate) struct HostParams {
    /// Invariant: [`NUM_PARAMS`], in the order of the table, never moved once a host has their addresses.
    knobs: Box<[Knob]>,
    /// What a host keeps beside the parameters comes from here and goes there.
    session: Arc<Session>,
}

/// A parameter, in the form that a host shows best.
#[derive(Debug)]
enum Knob {
    Smooth(FloatParam),
    Stepped(IntParam),
    Switch(BoolParam),
}

impl HostParams {
    /// Parameters at their defaults.
    pub(crate) fn new(session: Arc<Session>) -> Self {
        Self { knobs: TABLE.iter().map(Knob::new).collect(), session }
    }

    /// The value that a player has set, without the host's modulation, in its own unit.
    pub(crate) fn value(&self, id: ParamId) -> f32 {
        self.knobs[id as usize].unmodulated_value()
    }

    /// The parameter as the host knows it, and a value of it in the host's 0 to 1.
    pub(crate) fn normalized(&self, id: ParamId, value: f32) -> (ParamPtr, f32) {
        let knob = &self.knobs[id as usize];
        (knob.pointer(), knob.normalized(id.spec().clamped(value)))
    }

    /// The values that a host has set, with its modulation, in their own units. Audio thread.
    pub(crate) fn values(&self) -> impl Iterator<Item = (ParamId, f32)> + '_ {
        TABLE.iter().zip(&self.knobs).map(|(spec, knob)| (spec.id, knob.value()))
    }

    /// The change of a parameter, in its own unit, that an offset of the host's 0 to 1 means. Audio thread.
    pub(crate) fn modulation(&self, number: u32, normalized_offset: f32) -> Option<(ParamId, f32)> {
        let idx = number as usize;
        let Some(Knob::Smooth(param)) = self.knobs.get(idx) else { return None };
        let amount = param.preview_modulated(normalized_offset) - param.unmodulated_plain_value();
        Some((TABLE[idx].id, amount))
    }
}

impl Knob {
    fn new(spec: &'static ParamSpec) -> Self {
        let (min, max) = (spec.min, spec.max);
        let whole = |value: f32| value.round() as i32;
        match spec.scale {
            Scale::Linear | Scale::Time => {
                let range = match spec.scale {
                    Scale::Time => FloatRange::Skewed { min, max, factor: TIME_SKEW },
                    _ => FloatRange::Linear { min, max },
                };
                let param = FloatParam::new(spec.name, spec.default, range)
                    .with_value_to_string(Arc::new(|value| spec.text(value)))
                    .with_string_to_value(Arc::new(|text| spec.value_from_text(text)));
                let modulated = MODULATED.contains(&spec.id);
                Self::Smooth(if modulated { param.with_poly_modulation_id(spec.id as u32) } else { param })
            }
            Scale::Whole | Scale::Choice(_) => {
                let range = IntRange::Linear { min: whole(min), max: whole(max) };
                Self::Stepped(
                    IntParam::new(spec.name, whole(spec.default), range)
                        .with_value_to_string(Arc::new(|value| spec.text(value as f32)))
                        .with_string_to_value(Arc::new(move |text| spec.value_from_text(text).map(whole))),
                )
            }
            Scale::Switch => Self::Switch(
                BoolParam::new(spec.name, 0.5 <= spec.default)
                    .with_value_to_string(Arc::new(|on| spec.text(f32::from(u8::from(on)))))
                    .with_string_to_value(Arc::new(|text| {
                        spec.value_from_text(text).map(|value| 0.5 <= value)
                    })),
            ),
        }
    }

    fn value(&self) -> f32 {
        match self {
            Self::Smooth(param) => param.value(),
            Self::Stepped(param) => param.value() as f32,
            Self::Switch(param) => f32::from(u8::from(param.value())),
        }
    }

    fn unmodulated_value(&self) -> f32 {
        match self {
            Self::Smooth(param) => param.unmodulated_plain_value(),
            Self::Stepped(param) => param.unmodulated_plain_value() as f32,
            Self::Switch(param) => f32::from(u8::from(param.unmodulated_plain_value())),
        }
    }

    fn normalized(&self, value: f32) -> f32 {
        match self {
            Self::Smooth(param) => param.preview_normalized(value),
            Self::Stepped(param) => param.preview_normalized(value.round() as i32),
            Self::Switch(param) => param.preview_normalized(0.5 <= value),
        }
    }

    fn pointer(&self) -> ParamPtr {
        match self {
            Self::Smooth(param) => param.as_ptr(),
            Self::Stepped(param) => param.as_ptr(),
            Self::Switch(param) => param.as_ptr(),
        }
    }
}

#[expect(unsafe_code, reason = "the trait is: a host keeps the addresses of parameters")]
// SAFETY: the parameters are in a box that is never changed, and the host keeps the `Arc` that owns it.
unsafe impl Params for HostParams {
    fn param_map(&self) -> Vec<(String, ParamPtr, String)> {
        debug_assert!(self.knobs.len() == NUM_PARAMS, "a knob for each parameter");
        let knobs = TABLE.iter().zip(&self.knobs);
        knobs
            .map(|(spec, knob)| (spec.key.to_owned(), knob.pointer(), group_name(spec.group).to_owned()))
            .collect()
    }

    fn serialize_fields(&self) -> BTreeMap<String, String> {
        fields_from_session(&self.session)
    }

    fn deserialize_fields(&self, fields: &BTreeMap<String, String>) {
        restore(&self.session, fields);
    }
}

fn group_name(group: Group) -> &'static str {
    match group {
        Group::Take => "Take",
        Group::Shape => "Shape",
        Group::Voice => "Voice",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    /// Ids in the order of their numbers. Sessions and automation refer to them: this list only ever grows.
    const IDS: [&str; NUM_PARAMS] = [
        "chance",
        "memory",
        "own-pitch",
        "own-loudness",
        "pace",
        "formant",
        "breath",
        "steer",
        "steer-x",
        "steer-y",
        "attack",
        "release",
        "voices",
        "mode",
        "glide",
        "choir",
        "spread",
        "bend-range",
        "tune",
        "take",
        "same-take",
        "velocity",
        "mpe",
        "output",
    ];

    /// The number that CLAP and VST3 hosts know an id by, as nice-plug makes it.
    fn host_number(id: &str) -> u32 {
        id.bytes().fold(0_u32, |hash, byte| hash.wrapping_mul(31).wrapping_add(u32::from(byte))) & !(1 << 31)
    }

    #[test]
    fn ids_are_for_ever_and_their_numbers_differ() {
        let params = HostParams::new(Session::new().0);
        let ids: Vec<String> = params.param_map().into_iter().map(|(id, _, _)| id).collect();
        assert_eq!(ids, IDS);
        let numbers: BTreeSet<u32> = ids.iter().map(|id| host_number(id)).collect();
        assert_eq!(numbers.len(), NUM_PARAMS);
    }

    #[test]
    fn a_new_instrument_has_the_defaults_of_the_engine() {
        for (id, value) in HostParams::new(Session::new().0).values() {
            assert_eq!(value, id.spec().default, "{}", id.spec().key);
        }
    }

    #[test]
    #[expect(unsafe_code, reason = "a host reaches parameters through pointers")]
    fn text_of_every_parameter_parses_back() {
        let params = HostParams::new(Session::new().0);
        for (id, pointer, _) in params.param_map() {
            for step in 0..=20 {
                let normalized = step as f32 / 20.0;
                // SAFETY: `params` is alive.
                unsafe {
                    let text = pointer.normalized_value_to_string(normalized, true);
                    let parsed = pointer.string_to_normalized_value(&text);
                    let again = parsed.map(|value| pointer.normalized_value_to_string(value, true));
                    assert_eq!(again, Some(text), "{id} at {normalized}");
                }
            }
        }
    }

    #[test]
    fn modulation_is_in_the_unit_of_the_parameter() {
        let params = HostParams::new(Session::new().0);
        assert_eq!(params.modulation(ParamId::Formant as u32, 0.25), Some((ParamId::Formant, 6.0)));
        assert_eq!(params.modulation(ParamId::Voices as u32, 0.25), None);
        assert_eq!(params.modulation(999, 0.25), None);
    }
}
