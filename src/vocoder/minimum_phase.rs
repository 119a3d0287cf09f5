//! Minimum phase from an envelope, as one matrix.
//!
//! A. V. Oppenheim, R. W. Schafer (1989), *Discrete-Time Signal Processing*, §12.3: the phase of a minimum-phase
//! response is the Hilbert transform of its log amplitude, taken through the folded cepstrum:
//!
//! ```text
//! θ(ω) = −2 Σ_(n≥1) c[n] sin(ω n),   c = cepstrum of ln |H|
//! ```
//!
//! which is linear in the log amplitude. The envelope is linear between its points, so the phase at the points is a
//! fixed matrix times their levels: no transform runs while a voice plays.

use super::envelope::point_position;
use super::frame::{NUM_BANDS, band_hz};
use crate::dsp::fourier::{Direction, Fourier};
use crate::dsp::packed_matrix::PackedMatrix;
use std::sync::OnceLock;

/// Frequency that the transform's half length stands for; the envelope goes on flat from 20 kHz.
const NYQUIST_HZ: f64 = 24_000.0;
/// Length of the transform.
const FFT_LEN: usize = 4_096;
const _: () = assert!(NUM_BANDS.is_multiple_of(2), "levels are taken in pairs");

/// Phases for levels. Half of its rows stand together.
pub type PhaseMatrix = PackedMatrix<{ NUM_BANDS / 2 }>;

/// Phase in cycles at each point for 1 dB at each point. Shape `[NUM_BANDS][NUM_BANDS]`, `[phase][level]`.
pub fn phase_matrix() -> &'static PhaseMatrix {
    static MATRIX: OnceLock<PhaseMatrix> = OnceLock::new();
    MATRIX.get_or_init(build)
}

fn build() -> PhaseMatrix {
    let mut matrix = vec![0.0_f32; NUM_BANDS * NUM_BANDS];
    let positions: Vec<f64> = (0..=FFT_LEN / 2)
        .map(|bin| point_position(bin as f64 * 2.0 * NYQUIST_HZ / FFT_LEN as f64, NUM_BANDS))
        .collect();
    let fourier = Fourier::new(FFT_LEN);
    let (mut re, mut im) = (vec![0.0_f64; FFT_LEN], vec![0.0_f64; FFT_LEN]);
    let nepers_per_db = core::f64::consts::LN_10 / 20.0;
    // Two levels in one transform, all real signals: the second as the imaginary part.
    for first_level in (0..NUM_BANDS).step_by(2) {
        for (level_idx, part) in [(first_level, &mut re), (first_level + 1, &mut im)] {
            for (bin, position) in positions.iter().enumerate() {
                let value = nepers_per_db * (1.0 - (position - level_idx as f64).abs()).max(0.0);
                part[bin] = value;
                part[(FFT_LEN - bin) % FFT_LEN] = value;
            }
        }
        fourier.transform(&mut re, &mut im, Direction::Inverse);
        for part in [&mut re, &mut im] {
            part[0] = 0.0;
            part[FFT_LEN / 2] = 0.0;
            for value in &mut part[1..FFT_LEN / 2] {
                *value *= 2.0 / FFT_LEN as f64;
            }
            part[FFT_LEN / 2 + 1..].fill(0.0);
        }
        fourier.transform(&mut re, &mut im, Direction::Forward);
        // Imaginary parts of the two transforms, from what is odd in each part of their sum.
        let odd = |part: &[f64], bin: usize| 0.5 * (part[bin] - part[(FFT_LEN - bin) % FFT_LEN]);
        for phase_idx in 0..NUM_BANDS {
            let bin = band_hz(phase_idx) / (2.0 * NYQUIST_HZ) * FFT_LEN as f64;
            let (low, fraction) = (bin as usize, bin - bin.floor());
            let between = |part: &[f64]| odd(part, low) + fraction * (odd(part, low + 1) - odd(part, low));
            let radians = [between(&im), -between(&re)];
            for (level_idx, radians) in (first_level..).zip(radians) {
                matrix[phase_idx * NUM_BANDS + level_idx] = (radians / core::f64::consts::TAU) as f32;
            }
        }
    }
    PackedMatrix::from_rows(&matrix, NUM_BANDS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_pole_has_the_phase_of_its_closed_form() {
        // H(z) = 1 / (1 − a z⁻¹) at 48 kHz: minimum phase, phase −atan(a sin ω / (1 − a cos ω)).
        let a = 0.6_f64;
        let omega = |hz: f64| core::f64::consts::PI * hz / NYQUIST_HZ;
        let levels: Vec<f64> = (0..NUM_BANDS)
            .map(|idx| {
                let w = omega(band_hz(idx));
                -10.0 * ((1.0 - a * w.cos()).powi(2) + (a * w.sin()).powi(2)).log10()
            })
            .collect();
        let rows = phase_matrix().to_rows(NUM_BANDS);
        for idx in (4..NUM_BANDS - 12).step_by(5) {
            let w = omega(band_hz(idx));
            let exact = -(a * w.sin() / (1.0 - a * w.cos())).atan() / core::f64::consts::TAU;
            let got: f64 = rows[idx * NUM_BANDS..(idx + 1) * NUM_BANDS]
                .iter()
                .zip(&levels)
                .map(|(m, level)| f64::from(*m) * level)
                .sum();
            assert!((got - exact).abs() < 0.012, "{} Hz: {got} cycles, exact {exact}", band_hz(idx));
        }
    }
}
