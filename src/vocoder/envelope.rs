//! The spectral envelope: points even in mel, fitted to the levels of harmonics wherever those fall.
//!
//! Penalised least squares (P. H. C. Eilers, B. D. Marx 1996, "Flexible smoothing with B-splines and penalties",
//! Statistical Science 11(2), eq. 5, with linear splines):
//!
//! ```text
//! minimise Σ_k w_k (y_k − Σ_b B_b(f_k) e_b)² + λ Σ_b (e_(b−1) − 2 e_b + e_(b+1))²
//! ```
//!
//! where harmonics are denser than points it averages, where they are sparser it bends smoothly between them.

use super::frame::{NUM_BANDS, TOP_HZ};
use crate::units::mel_from_hz;

/// Weight of bending against misfit.
const STIFFNESS: f64 = 0.03;
/// Pull towards a flat line where nothing was measured.
const RIDGE: f64 = 1e-4;
/// Diagonals above the main one.
const BANDWIDTH: usize = 2;

/// Position of a frequency on the scale of `num_points` envelope points.
pub fn point_position(hz: f64, num_points: usize) -> f64 {
    let scale = (num_points - 1) as f64;
    (mel_from_hz(hz.max(0.0)) / mel_from_hz(TOP_HZ) * scale).clamp(0.0, scale)
}

/// Value of a curve of evenly spaced points at `position`, linear between them.
pub fn interpolate(points: &[f32], position: f64) -> f32 {
    let idx = (position as usize).min(points.len() - 2);
    let fraction = (position - idx as f64) as f32;
    points[idx] + fraction * (points[idx + 1] - points[idx])
}

/// Fits the envelope to `(position, level, weight)` triples. Levels in any unit; positions on [`NUM_BANDS`] points.
pub fn fit(measured: &[(f64, f64, f64)], fallback: f64) -> [f32; NUM_BANDS] {
    // Row b holds the entries (b, b) to (b, b + BANDWIDTH) of the symmetric matrix.
    let mut matrix = [[0.0_f64; BANDWIDTH + 1]; NUM_BANDS];
    let mut rhs = [0.0_f64; NUM_BANDS];
    for &(position, level, weight) in measured {
        let idx = (position as usize).min(NUM_BANDS - 2);
        let right = position - idx as f64;
        let left = 1.0 - right;
        matrix[idx][0] += weight * left * left;
        matrix[idx][1] += weight * left * right;
        matrix[idx + 1][0] += weight * right * right;
        rhs[idx] += weight * left * level;
        rhs[idx + 1] += weight * right * level;
    }
    for mid in 1..NUM_BANDS - 1 {
        let bend = [1.0, -2.0, 1.0];
        for row in 0..3 {
            for col in row..3 {
                matrix[mid - 1 + row][col - row] += STIFFNESS * bend[row] * bend[col];
            }
        }
    }
    for (row, value) in matrix.iter_mut().zip(rhs.iter_mut()) {
        row[0] += RIDGE;
        *value += RIDGE * fallback;
    }
    solve(&mut matrix, &mut rhs);
    rhs.map(|value| value as f32)
}

/// Solves a symmetric positive definite band system in place: `L D Lᵀ`, then forward and back substitution.
fn solve(matrix: &mut [[f64; BANDWIDTH + 1]; NUM_BANDS], rhs: &mut [f64; NUM_BANDS]) {
    for col in 0..NUM_BANDS {
        let pivot = matrix[col][0];
        let reach = BANDWIDTH.min(NUM_BANDS - 1 - col);
        for step in 1..=reach {
            let factor = matrix[col][step] / pivot;
            for other in step..=reach {
                matrix[col + step][other - step] -= factor * matrix[col][other];
            }
            rhs[col + step] -= factor * rhs[col];
        }
    }
    for row in (0..NUM_BANDS).rev() {
        let reach = BANDWIDTH.min(NUM_BANDS - 1 - row);
        let known: f64 = (1..=reach).map(|step| matrix[row][step] * rhs[row + step]).sum();
        rhs[row] = (rhs[row] - known) / matrix[row][0];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sparse_harmonics_of_a_smooth_envelope_are_met_and_bridged() {
        let truth = |hz: f64| -20.0 - hz / 400.0 + 6.0 * (hz / 900.0).sin();
        let measured: Vec<_> = (1..40)
            .map(|k| f64::from(k) * 230.0)
            .map(|hz| (point_position(hz, NUM_BANDS), truth(hz), 1.0))
            .collect();
        let envelope = fit(&measured, -40.0);
        for k in 2..36 {
            for hz in [f64::from(k) * 230.0, f64::from(k) * 230.0 + 115.0] {
                let got = interpolate(&envelope, point_position(hz, NUM_BANDS));
                assert!((f64::from(got) - truth(hz)).abs() < 0.8, "{hz} Hz: {got}, {}", truth(hz));
            }
        }
    }

    #[test]
    fn nothing_measured_gives_the_fallback() {
        for value in fit(&[], -70.0) {
            assert!((value + 70.0).abs() < 0.01, "{value}");
        }
    }
}
