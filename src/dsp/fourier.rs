//! A plain radix-2 Fourier transform whose bits are the same on every machine.
//!
//! For tables that synthesis reads: rustfft picks its code by processor and takes its sines from the system, so a
//! table made with it would make a take differ between machines. Slower, and never on the audio thread.

use core::ops::{Add, Mul, Neg, Sub};

/// What is transformed: single or double precision.
pub trait Real:
    Copy + Add<Output = Self> + Sub<Output = Self> + Mul<Output = Self> + Neg<Output = Self>
{
    /// The number next to one in double precision.
    fn nearest(value: f64) -> Self;
}

impl Real for f32 {
    fn nearest(value: f64) -> Self {
        value as Self
    }
}

impl Real for f64 {
    fn nearest(value: f64) -> Self {
        value
    }
}

/// Transforms of one length.
#[derive(Clone, Debug)]
pub struct Fourier<T> {
    /// Cosine and sine of what each pass turns by, pass after pass, so that a pass reads on: shape `[len − 1]` each, 1 of
    /// the first, 2 of the second, 4 of the third.
    cos: Vec<T>,
    sin: Vec<T>,
}

impl<T: Real> Fourier<T> {
    /// For a length that is a power of two; anything else is a caller's bug.
    pub fn new(len: usize) -> Self {
        debug_assert!(len.is_power_of_two(), "length is a power of two");
        let angles: Vec<f64> = (0..len / 2).map(|k| core::f64::consts::TAU * k as f64 / len as f64).collect();
        let passes = (0..len.trailing_zeros()).map(|pass| 1_usize << pass);
        let turns = |function: fn(f64) -> f64| -> Vec<T> {
            let all: Vec<T> = angles.iter().map(|angle| T::nearest(function(*angle))).collect();
            passes
                .clone()
                .flat_map(|half| (0..half).map(move |k| k * (len / (2 * half))))
                .map(|k| all[k])
                .collect()
        };
        Self { cos: turns(libm::cos), sin: turns(libm::sin) }
    }

    /// Transforms `re + i·im` in place: `X[k] = Σ x[n] e^(∓2πi kn/N)`, minus for [`Direction::Forward`]. No scaling.
    ///
    /// Both have the length that this is for; anything else is a caller's bug.
    pub fn transform(&self, re: &mut [T], im: &mut [T], direction: Direction) {
        let len = self.cos.len() + 1;
        debug_assert!(re.len() == len && im.len() == len, "the length is that of the plan");
        let bits = len.trailing_zeros();
        for i in 0..len {
            let j = i.reverse_bits() >> (usize::BITS - bits.max(1));
            if i < j && 0 < bits {
                re.swap(i, j);
                im.swap(i, j);
            }
        }
        let sign = T::nearest(match direction {
            Direction::Forward => -1.0,
            Direction::Inverse => 1.0,
        });
        let mut half = 1;
        while half < len {
            let turns = half - 1..2 * half - 1;
            pass(&self.cos[turns.clone()], &self.sin[turns], sign, re, im);
            half *= 2;
        }
    }
}

/// Joins neighbouring transforms of length `cos.len()` in pairs.
#[multiversion::multiversion(targets("x86_64+avx2", "x86_64+avx"))]
fn pass<T: Real>(cos: &[T], sin: &[T], sign: T, re: &mut [T], im: &mut [T]) {
    let half = cos.len();
    for (re, im) in re.chunks_exact_mut(2 * half).zip(im.chunks_exact_mut(2 * half)) {
        let ((low_re, high_re), (low_im, high_im)) = (re.split_at_mut(half), im.split_at_mut(half));
        let low = low_re.iter_mut().zip(low_im);
        let high = high_re.iter_mut().zip(high_im);
        for (((low_re, low_im), (high_re, high_im)), (cos, sin)) in low.zip(high).zip(cos.iter().zip(sin)) {
            let (cos, sin) = (*cos, sign * *sin);
            let (re, im) = (*high_re * cos - *high_im * sin, *high_re * sin + *high_im * cos);
            (*high_re, *high_im) = (*low_re - re, *low_im - im);
            (*low_re, *low_im) = (*low_re + re, *low_im + im);
        }
    }
}

/// Sign of the exponent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Time to frequency.
    Forward,
    /// Frequency to time.
    Inverse,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn transform_agrees_with_the_sum_that_defines_it() {
        let n = 16;
        let x: Vec<(f64, f64)> = (0..n).map(|i| ((i as f64 * 0.7).sin(), (i as f64 * 1.3).cos())).collect();
        let (mut re, mut im): (Vec<f64>, Vec<f64>) = x.iter().copied().unzip();
        Fourier::new(re.len()).transform(&mut re, &mut im, Direction::Forward);
        for k in 0..n {
            let mut sum = (0.0, 0.0);
            for (i, (r, s)) in x.iter().enumerate() {
                let angle = -core::f64::consts::TAU * (k * i) as f64 / n as f64;
                sum.0 += r * angle.cos() - s * angle.sin();
                sum.1 += r * angle.sin() + s * angle.cos();
            }
            assert!((re[k] - sum.0).abs() < 1e-12 && (im[k] - sum.1).abs() < 1e-12, "bin {k}");
        }
    }

    #[test]
    fn inverse_undoes_forward_but_for_the_length() {
        let mut re: Vec<f64> = (0..64).map(|i| f64::from(i * i % 17)).collect();
        let mut im = vec![0.0; 64];
        let before = re.clone();
        Fourier::new(re.len()).transform(&mut re, &mut im, Direction::Forward);
        Fourier::new(re.len()).transform(&mut re, &mut im, Direction::Inverse);
        for (after, before) in re.iter().zip(&before) {
            assert!((after / 64.0 - before).abs() < 1e-12, "{after} against {before}");
        }
    }
}
