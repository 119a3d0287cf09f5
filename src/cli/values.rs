//! Values of arguments: numbers within the ranges of the parameters.

use crate::engine::{ParamId, ParamSpec};
use crate::render::MAX_HOURS;

/// Lowest sample rate that sound is made at, Hz.
pub(super) const MIN_RATE_HZ: u32 = 8_000;
/// Highest sample rate that sound is made at, Hz.
pub(super) const MAX_RATE_HZ: u32 = 192_000;

/// `--chance`.
pub(super) fn chance(text: &str) -> Result<f32, String> {
    param_value(ParamId::Chance.spec(), text)
}

/// `--memory`.
pub(super) fn memory(text: &str) -> Result<f32, String> {
    param_value(ParamId::Memory.spec(), text)
}

/// `--seconds`.
pub(super) fn seconds(text: &str) -> Result<f32, String> {
    let max_seconds = MAX_HOURS * 3_600.0;
    text.parse::<f32>()
        .ok()
        .filter(|seconds| 0.0 < *seconds && f64::from(*seconds) <= max_seconds)
        .ok_or_else(|| format!("must be a number above 0, at most {max_seconds}"))
}

/// `--max-minutes`.
pub(super) fn minutes(text: &str) -> Result<f32, String> {
    /// A day.
    const MAX_MINUTES: f32 = 1_440.0;
    text.parse::<f32>()
        .ok()
        .filter(|minutes| 0.0 < *minutes && *minutes <= MAX_MINUTES)
        .ok_or_else(|| format!("must be a number above 0, at most {MAX_MINUTES}"))
}

/// `--set NAME=VALUE`.
pub(super) fn setting(text: &str) -> Result<(ParamId, f32), String> {
    let (key, value) = text.split_once('=').ok_or("must be NAME=VALUE, such as own-pitch=0.5")?;
    let id = ParamId::from_key(key.trim()).ok_or_else(|| {
        let keys: Vec<&str> = crate::engine::param::TABLE.iter().map(|spec| spec.key).collect();
        format!("there is no parameter {key}; there are {}", keys.join(", "))
    })?;
    Ok((id, param_value(id.spec(), value)?))
}

fn param_value(spec: &ParamSpec, text: &str) -> Result<f32, String> {
    let out_of_range = || {
        let (min, max) = (spec.text(spec.min), spec.text(spec.max));
        format!("{} must be {min} to {max}", spec.key)
    };
    // A bare number beyond the range is more likely a slip than a wish for its end.
    if text.trim().parse::<f32>().is_ok_and(|value| !(spec.min..=spec.max).contains(&value)) {
        return Err(out_of_range());
    }
    spec.value_from_text(text).ok_or_else(out_of_range)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_read_and_slips_are_named() {
        assert_eq!(setting("own-pitch=0.5"), Ok((ParamId::OwnPitch, 0.5)));
        assert_eq!(setting("mode=legato"), Ok((ParamId::Mode, 2.0)));
        for (text, expected) in [
            ("volume=1", "there is no parameter volume"),
            ("chance", "NAME=VALUE"),
            ("chance=2", "chance must be 0.00 to 1.50"),
            ("chance=nan", "chance must be"),
            ("chance=much", "chance must be"),
            ("voices=900", "voices must be 1 to 64"),
        ] {
            let error = setting(text).unwrap_err();
            assert!(error.contains(expected), "{error}");
        }
    }

    #[test]
    fn times_are_above_nought_and_bounded() {
        assert_eq!(seconds("2.5"), Ok(2.5));
        for text in ["0", "-1", "nan", "inf", "14401", "ten"] {
            assert!(seconds(text).is_err(), "{text}");
        }
        assert!(minutes("1441").is_err() && minutes("0.1").is_ok());
    }
}
