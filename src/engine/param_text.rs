//! Values of parameters as text and back. Not for the audio thread: text is allocated.

use super::param::{ParamSpec, Scale};

impl ParamSpec {
    /// A value as players read it: `0.80`, `-6.0 dB`, `250 ms`, `legato`.
    pub fn text(&self, value: f32) -> String {
        let value = self.clamped(value);
        let number = match self.scale {
            Scale::Choice(names) => return names[value as usize].to_owned(),
            Scale::Switch => return if value >= 0.5 { "on" } else { "off" }.to_owned(),
            Scale::Time if value < 1.0 => return format!("{:.0} ms", value * 1_000.0),
            Scale::Whole => format!("{value:.0}"),
            // Decibels and cents are read to a tenth; all else to a hundredth.
            Scale::Linear if self.max - self.min > 50.0 => format!("{value:.1}"),
            Scale::Time | Scale::Linear => format!("{value:.2}"),
        };
        if self.unit.is_empty() { number } else { format!("{number} {}", self.unit) }
    }

    /// The value that a text means, clamped; the unit may be left out. `None` if it means none.
    pub fn value_from_text(&self, text: &str) -> Option<f32> {
        let text = text.trim().to_lowercase().replace('−', "-");
        match self.scale {
            Scale::Choice(names) => {
                if let Some(idx) = names.iter().position(|name| *name == text) {
                    return Some(idx as f32);
                }
            }
            Scale::Switch => match text.as_str() {
                "on" | "yes" | "true" => return Some(1.0),
                "off" | "no" | "false" => return Some(0.0),
                _ => {}
            },
            Scale::Time => {
                if let Some(ms) = text.strip_suffix("ms") {
                    return self.parsed(ms).map(|ms| self.clamped(ms / 1_000.0));
                }
            }
            Scale::Linear | Scale::Whole => {}
        }
        let number = text.strip_suffix(&self.unit.to_lowercase()).unwrap_or(&text);
        self.parsed(number).map(|value| self.clamped(value))
    }

    fn parsed(&self, text: &str) -> Option<f32> {
        text.trim().parse::<f32>().ok().filter(|value| value.is_finite())
    }
}

#[cfg(test)]
mod tests {
    use super::super::param::{ParamId, TABLE};

    #[track_caller]
    fn check(id: ParamId, text: &str, expected: Option<f32>) {
        assert_eq!(id.spec().value_from_text(text), expected, "{text}");
    }

    #[test]
    fn text_parses_back_to_the_text() {
        for spec in &TABLE {
            for step in 0..=100 {
                let value = spec.min + (spec.max - spec.min) * step as f32 / 100.0;
                let text = spec.text(value);
                let parsed = spec.value_from_text(&text).unwrap();
                assert_eq!(spec.text(parsed), text, "{} at {value}", spec.key);
            }
        }
    }

    #[test]
    fn units_may_be_written_or_left_out() {
        check(ParamId::Release, "250 ms", Some(0.25));
        check(ParamId::Release, "2s", Some(2.0));
        check(ParamId::Release, "2", Some(2.0));
        check(ParamId::Output, "−6 dB", Some(-6.0));
        check(ParamId::Formant, "+3 st", Some(3.0));
        check(ParamId::Mode, "Legato", Some(2.0));
        check(ParamId::Mode, "1", Some(1.0));
        check(ParamId::SameTake, "on", Some(1.0));
    }

    #[test]
    fn values_out_of_range_are_clamped_and_nonsense_is_none() {
        check(ParamId::Chance, "17", Some(1.5));
        check(ParamId::Chance, "much", None);
        check(ParamId::Chance, "nan", None);
        check(ParamId::Chance, "", None);
        check(ParamId::Output, "-inf dB", None);
    }
}
