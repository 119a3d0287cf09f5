//! Harmonics: complex amplitudes at multiples of a pitch that moves, from one window of sound.
//!
//! G. Degottex, Y. Stylianou (2013), "Analysis and synthesis of speech using an adaptive full-band harmonic model",
//! IEEE TASLP 21(10): the basis functions follow the pitch inside the window,
//!
//! ```text
//! a_k = 2 / Σ w(t) · Σ w(t) x(t) e^(−2πi k φ(t)),   φ(t) = f t + s t² / 2
//! where f is the pitch at the centre, s its slope, w a Hann window of a whole number of periods
//! ```
//!
//! With a Hann window of `p` periods every other harmonic falls on a zero of the window's transform, so this
//! projection is the least-squares solution but for terms below the window's side lobes, and no matrix is solved.
//! Where it stops working: pitches that bend within a window, two pitches at once.

use core::f64::consts::{PI, TAU};

/// The pitch inside a window.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LocalPitch {
    /// Pitch at the centre, cycles per sample.
    pub f: f64,
    /// Slope, cycles per sample².
    pub slope: f64,
}

/// Which multiples of the pitch are measured.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Grid {
    /// First multiple: 1 for harmonics, 0.5 for the places between them.
    pub first: f32,
    /// How many, one pitch apart.
    pub num: usize,
    /// Periods that the window holds.
    pub periods: usize,
}

/// Scratch space and the result of a projection.
#[derive(Clone, Debug, Default)]
pub struct Projector {
    /// Real parts of the amplitudes, by multiple.
    pub re: Vec<f32>,
    /// Imaginary parts of the amplitudes, by multiple.
    pub im: Vec<f32>,
    /// `Σ w² / (Σ w)²`: power that white noise of unit power leaves in `|Σ w x e|² / (Σ w)²`.
    pub noise_gain: f32,
    sums: Vec<([f32; LANES], [f32; LANES])>,
    lanes: Vec<Lane>,
}

/// Samples that a pass of the inner loop takes together.
const LANES: usize = 16;

#[derive(Clone, Copy, Debug)]
struct Lane {
    p_re: [f32; LANES],
    p_im: [f32; LANES],
    z_re: [f32; LANES],
    z_im: [f32; LANES],
}

/// Shape of the window.
#[derive(Clone, Copy, PartialEq)]
enum Window {
    Hann,
    /// Derivative of the Hann window by time, per sample.
    HannSlope,
}

impl Projector {
    /// Measures the amplitudes on `grid` in `samples` around `centre` (in samples; outside is silence).
    pub fn project(&mut self, samples: &[f32], centre: f64, pitch: LocalPitch, grid: Grid) {
        self.project_window(samples, centre, pitch, grid, Window::Hann);
    }

    fn project_window(
        &mut self,
        samples: &[f32],
        centre: f64,
        pitch: LocalPitch,
        grid: Grid,
        window: Window,
    ) {
        let half = 0.5 * grid.periods as f64 / pitch.f;
        let first = (centre - half).ceil() as i64;
        let last = (centre + half).floor() as i64;
        let (mut sum_w, mut sum_w2) = (0.0_f64, 0.0_f64);
        self.lanes.clear();
        let zero = Lane { p_re: [0.0; LANES], p_im: [0.0; LANES], z_re: [1.0; LANES], z_im: [0.0; LANES] };
        for (i, n) in (first..=last).enumerate() {
            let t = n as f64 - centre;
            let hann = 0.5 + 0.5 * (PI * t / half).cos();
            sum_w += hann;
            sum_w2 += hann * hann;
            let w = match window {
                Window::Hann => hann,
                Window::HannSlope => -0.5 * PI / half * (PI * t / half).sin(),
            };
            let x = usize::try_from(n).ok().and_then(|n| samples.get(n)).copied().unwrap_or(0.0);
            let phase = pitch.f * t + 0.5 * pitch.slope * t * t;
            let (z_im, z_re) = (-TAU * phase).sin_cos();
            let (p_im, p_re) = (-TAU * phase * f64::from(grid.first)).sin_cos();
            if i % LANES == 0 {
                self.lanes.push(zero);
            }
            if let Some(lane) = self.lanes.last_mut() {
                let wx = w as f32 * x;
                (lane.p_re[i % LANES], lane.p_im[i % LANES]) = (wx * p_re as f32, wx * p_im as f32);
                (lane.z_re[i % LANES], lane.z_im[i % LANES]) = (z_re as f32, z_im as f32);
            }
        }
        self.sums.clear();
        self.sums.resize(grid.num, ([0.0; LANES], [0.0; LANES]));
        accumulate(&mut self.lanes, &mut self.sums);
        let scale = (2.0 / sum_w) as f32;
        self.re.clear();
        self.im.clear();
        self.re.extend(self.sums.iter().map(|(re, _)| scale * re.iter().sum::<f32>()));
        self.im.extend(self.sums.iter().map(|(_, im)| scale * im.iter().sum::<f32>()));
        self.noise_gain = (sum_w2 / (sum_w * sum_w)) as f32;
    }

    /// Power of multiple `idx` of the grid: half the squared amplitude.
    pub fn power(&self, idx: usize) -> f32 {
        0.5 * (self.re[idx] * self.re[idx] + self.im[idx] * self.im[idx])
    }

    /// A better pitch from the instantaneous frequencies of the lowest `num` harmonics (F. Auger, P. Flandrin 1995,
    /// "Improving the readability of time-frequency … by the reassignment method", eq. 23):
    ///
    /// ```text
    /// ω̂ = ω − Im(X_dw / X_w)
    /// ```
    ///
    /// averaged over harmonics by amplitude² · k. Moves at most 4 %.
    pub fn refine(&mut self, samples: &[f32], centre: f64, pitch: LocalPitch, grid: Grid) -> LocalPitch {
        const MOST: f64 = 0.04;
        self.project_window(samples, centre, pitch, grid, Window::HannSlope);
        let (slope_re, slope_im) = (self.re.clone(), self.im.clone());
        self.project_window(samples, centre, pitch, grid, Window::Hann);
        let (mut sum, mut weights) = (0.0_f64, 1e-20_f64);
        for idx in 0..grid.num {
            let (re, im) = (f64::from(self.re[idx]), f64::from(self.im[idx]));
            let power = re * re + im * im + 1e-20;
            let ratio_im = (f64::from(slope_im[idx]) * re - f64::from(slope_re[idx]) * im) / power;
            let multiple = f64::from(grid.first) + idx as f64;
            let weight = power * multiple;
            sum += weight * (-ratio_im / TAU / multiple);
            weights += weight;
        }
        let most = MOST * pitch.f;
        LocalPitch { f: pitch.f + (sum / weights).clamp(-most, most), slope: pitch.slope }
    }
}

/// `sums[k] += p_k` over all lanes, `p_(k+1) = p_k · z`.
#[multiversion::multiversion(targets("x86_64+avx512f", "x86_64+avx2+fma", "x86_64+avx2"))]
fn accumulate(lanes: &mut [Lane], sums: &mut [([f32; LANES], [f32; LANES])]) {
    for lane in lanes {
        let Lane { mut p_re, mut p_im, z_re, z_im } = *lane;
        for (sum_re, sum_im) in sums.iter_mut() {
            for l in 0..LANES {
                sum_re[l] += p_re[l];
                sum_im[l] += p_im[l];
                let re = p_re[l] * z_re[l] - p_im[l] * z_im[l];
                p_im[l] = p_re[l] * z_im[l] + p_im[l] * z_re[l];
                p_re[l] = re;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chirp(f: f64, slope: f64, centre: f64) -> Vec<f32> {
        (0..2_000)
            .map(|n| {
                let t = f64::from(n) - centre;
                let phase = TAU * (f * t + 0.5 * slope * t * t);
                (0.5 * phase.cos() + 0.25 * (3.0 * phase + 1.0).cos()) as f32
            })
            .collect()
    }

    #[test]
    fn amplitudes_and_phases_of_a_gliding_tone_are_found() {
        let pitch = LocalPitch { f: 0.0131, slope: 2e-6 };
        let samples = chirp(pitch.f, pitch.slope, 1_000.3);
        let mut projector = Projector::default();
        projector.project(&samples, 1_000.3, pitch, Grid { first: 1.0, num: 8, periods: 3 });
        let expected = [0.5, 0.0, 0.25];
        for (idx, expected) in expected.iter().enumerate() {
            let amplitude = (2.0 * projector.power(idx)).sqrt();
            assert!((amplitude - expected).abs() < 2e-3, "harmonic {}: {amplitude}", idx + 1);
        }
        assert!((projector.im[2].atan2(projector.re[2]) - 1.0).abs() < 0.02, "phase of the third");
        projector.project(&samples, 1_000.3, pitch, Grid { first: 0.5, num: 8, periods: 4 });
        for idx in 0..8 {
            assert!(projector.power(idx) < 1e-5, "nothing between the harmonics, at {idx}");
        }
    }

    #[test]
    fn refinement_finds_the_pitch_within_a_cent() {
        let truth = LocalPitch { f: 0.02, slope: 0.0 };
        let samples = chirp(truth.f, 0.0, 900.0);
        let mut projector = Projector::default();
        let mut pitch = LocalPitch { f: truth.f * 1.015, slope: 0.0 };
        for _ in 0..3 {
            pitch = projector.refine(&samples, 900.0, pitch, Grid { first: 1.0, num: 4, periods: 3 });
        }
        let cents = 1_200.0 * (pitch.f / truth.f).log2();
        assert!(cents.abs() < 1.0, "{cents} cents off");
    }
}
