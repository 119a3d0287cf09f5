//! What is expressed for a single note.

use super::channel::bounded;
use super::event::Expression;

/// Expressions of a note.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Expressions {
    /// −120 to 120.
    pub tune_semitones: f32,
    /// 0 to 1.
    pub pressure: f32,
    /// −0.5 (dark) to 0.5 (bright).
    pub brightness: f32,
    /// Linear gain, 0 to 4.
    pub volume: f32,
    /// −1 to 1.
    pub pan: f32,
}

impl Expressions {
    /// Nothing is expressed.
    pub(super) const NONE: Self =
        Self { tune_semitones: 0.0, pressure: 0.0, brightness: 0.0, volume: 1.0, pan: 0.0 };

    pub(super) fn set(&mut self, expression: Expression, value: f32) {
        // NaN means nothing: what was expressed stays.
        if value.is_nan() {
            return;
        }
        match expression {
            Expression::Tune => self.tune_semitones = bounded(value, -120.0, 120.0),
            Expression::Pressure => self.pressure = bounded(value, 0.0, 1.0),
            Expression::Brightness => self.brightness = bounded(value, 0.0, 1.0) - 0.5,
            Expression::Volume => self.volume = bounded(value, 0.0, 4.0),
            Expression::Pan => self.pan = bounded(value, -1.0, 1.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_clamped_and_nan_is_passed_over() {
        let mut expressions = Expressions::NONE;
        expressions.set(Expression::Volume, 9.0);
        expressions.set(Expression::Volume, f32::NAN);
        expressions.set(Expression::Brightness, f32::NEG_INFINITY);
        assert_eq!(expressions, Expressions { volume: 4.0, brightness: -0.5, ..Expressions::NONE });
    }
}
