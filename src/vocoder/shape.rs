//! What a player bends in a frame: formants, breath and brightness.

use super::frame::{Frame, NUM_BANDS, NUM_NOISE_BANDS, TOP_HZ, band_hz, noise_band_hz};
use crate::units::mel_from_hz;

/// Frequency that brightness turns the spectrum about.
const PIVOT_HZ: f64 = 1_000.0;

/// Lowest frequency that brightness tells from those below it, so that 0 Hz has a finite level.
const LOWEST_TILTED_HZ: f64 = 60.0;

/// Formants moved by a ratio, and the spectrum turned: tables that a voice keeps.
#[derive(Clone, Debug)]
pub struct Shape {
    /// Invariant: the tables below are those of this ratio.
    formant_ratio: f32,
    envelope_from: [Point; NUM_BANDS],
    noise_from: [Point; NUM_NOISE_BANDS],
    /// Octaves above the pivot. Shape `[NUM_BANDS]`.
    octaves: [f32; NUM_BANDS],
    /// Level that keeps the power of a moved spectrum, dB.
    compensation_db: f32,
}

/// A place between two neighbouring points.
#[derive(Clone, Copy, Debug, Default)]
struct Point {
    idx: usize,
    fraction: f32,
}

impl Shape {
    /// Leaves frames as they are.
    pub fn new() -> Self {
        let octaves =
            core::array::from_fn(|idx| libm::log2(band_hz(idx).max(LOWEST_TILTED_HZ) / PIVOT_HZ) as f32);
        Self {
            formant_ratio: 1.0,
            envelope_from: core::array::from_fn(|idx| point_at(band_hz(idx), NUM_BANDS)),
            noise_from: core::array::from_fn(|idx| point_at(noise_band_hz(idx), NUM_NOISE_BANDS)),
            octaves,
            compensation_db: 0.0,
        }
    }

    /// Moves formants by `ratio` from now on (2 is an octave up). Makes tables: call when it changes.
    pub fn move_formants(&mut self, ratio: f32) {
        if ratio == self.formant_ratio || !(ratio > 0.0 && ratio.is_finite()) {
            return;
        }
        self.formant_ratio = ratio;
        let ratio = f64::from(ratio);
        self.envelope_from = core::array::from_fn(|idx| point_at(band_hz(idx) / ratio, NUM_BANDS));
        self.noise_from = core::array::from_fn(|idx| point_at(noise_band_hz(idx) / ratio, NUM_NOISE_BANDS));
        // A density stretched to `ratio` times its width holds `ratio` times the power.
        self.compensation_db = (-10.0 * libm::log10(ratio)) as f32;
    }

    /// The frame with formants moved, its pitch and loudness kept.
    pub fn apply_formants(&self, frame: &mut Frame) {
        if self.formant_ratio == 1.0 {
            return;
        }
        let (envelope_db, noise) = (frame.envelope_db, frame.noise);
        for (value, point) in frame.envelope_db.iter_mut().zip(&self.envelope_from) {
            *value = between(&envelope_db, *point) + self.compensation_db;
        }
        for (value, point) in frame.noise.iter_mut().zip(&self.noise_from) {
            *value = between(&noise, *point);
        }
    }

    /// The frame brighter or darker by `db_per_octave` about 1 kHz.
    pub fn apply_tilt(&self, frame: &mut Frame, db_per_octave: f32) {
        if db_per_octave == 0.0 {
            return;
        }
        for (value, octaves) in frame.envelope_db.iter_mut().zip(&self.octaves) {
            *value += db_per_octave * octaves;
        }
    }
}

impl Default for Shape {
    fn default() -> Self {
        Self::new()
    }
}

/// The frame with noise for harmonics: `breath` 0 has none, 0.5 is as learned, 1 is a whisper.
pub fn apply_breath(frame: &mut Frame, breath: f32) {
    if breath == 0.5 {
        return;
    }
    for share in &mut frame.noise {
        *share = if breath < 0.5 {
            *share * (2.0 * breath)
        } else {
            *share + (1.0 - *share) * (2.0 * breath - 1.0).min(1.0)
        };
    }
}

/// The frame a `fraction` of the way from `from` to `to`, value by value.
pub fn interpolated(from: &Frame, to: &Frame, fraction: f32) -> Frame {
    if fraction >= 1.0 {
        return *to;
    }
    let mix = |from: f32, to: f32| from + (to - from) * fraction;
    Frame {
        pitch_hz: mix(from.pitch_hz, to.pitch_hz),
        loudness_db: mix(from.loudness_db, to.loudness_db),
        envelope_db: core::array::from_fn(|idx| mix(from.envelope_db[idx], to.envelope_db[idx])),
        noise: core::array::from_fn(|idx| mix(from.noise[idx], to.noise[idx])),
    }
}

fn point_at(hz: f64, num_points: usize) -> Point {
    let last = num_points - 1;
    let position = mel_from_hz(hz) / mel_from_hz(TOP_HZ) * last as f64;
    let idx = (position as usize).min(last - 1);
    // Above the highest point the spectrum goes on level.
    Point { idx, fraction: (position - idx as f64).min(1.0) as f32 }
}

fn between(values: &[f32], point: Point) -> f32 {
    let (low, high) = (values[point.idx], values[point.idx + 1]);
    low + (high - low) * point.fraction
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peaked(band_idx: usize) -> Frame {
        let mut frame =
            Frame { pitch_hz: 200.0, loudness_db: -20.0, envelope_db: [-60.0; NUM_BANDS], noise: [0.4; 32] };
        frame.envelope_db[band_idx] = -10.0;
        frame
    }

    fn peak_hz(frame: &Frame) -> f64 {
        let peak = (0..NUM_BANDS).max_by(|&a, &b| frame.envelope_db[a].total_cmp(&frame.envelope_db[b]));
        band_hz(peak.unwrap())
    }

    #[test]
    fn formants_move_by_the_ratio_and_back() {
        let step = band_hz(41) / band_hz(40);
        for ratio in [0.5_f32, 0.8, 1.25, 2.0] {
            let mut shape = Shape::new();
            shape.move_formants(ratio);
            let mut frame = peaked(40);
            shape.apply_formants(&mut frame);
            let got = peak_hz(&frame) / band_hz(40);
            assert!((got / f64::from(ratio)).ln().abs() < step.ln(), "{got}, expected {ratio}");
            assert_eq!((frame.pitch_hz, frame.loudness_db), (200.0, -20.0));
        }
    }

    #[test]
    fn no_shape_leaves_the_frame_to_the_bit() {
        let (mut shape, mut frame) = (Shape::new(), peaked(10));
        shape.move_formants(1.0);
        shape.apply_formants(&mut frame);
        shape.apply_tilt(&mut frame, 0.0);
        apply_breath(&mut frame, 0.5);
        assert_eq!(frame, peaked(10));
    }

    #[test]
    fn breath_goes_from_harmonics_alone_to_a_whisper() {
        for (breath, expected) in [(0.0, 0.0), (0.25, 0.2), (0.5, 0.4), (0.75, 0.7), (1.0, 1.0)] {
            let mut frame = peaked(0);
            apply_breath(&mut frame, breath);
            assert!((frame.noise[7] - expected).abs() < 1e-6, "{breath}: {}", frame.noise[7]);
        }
    }

    #[test]
    fn hostile_ratios_leave_every_value_finite() {
        let mut shape = Shape::new();
        for ratio in [0.0, -1.0, f32::NAN, f32::INFINITY, 1e-6, 1e6] {
            shape.move_formants(ratio);
            let mut frame = peaked(40);
            shape.apply_formants(&mut frame);
            shape.apply_tilt(&mut frame, 3.0);
            assert!(frame.envelope_db.iter().all(|value| value.is_finite()), "{ratio}");
        }
    }

    #[test]
    fn interpolation_meets_both_ends() {
        let (from, to) = (peaked(3), peaked(60));
        assert_eq!(interpolated(&from, &to, 0.0), from);
        assert_eq!(interpolated(&from, &to, 1.0), to);
    }
}
