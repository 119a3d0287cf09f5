//! A plain radix-2 Fourier transform in f64 whose bits are the same on every machine.
//!
//! For tables that synthesis reads: rustfft picks its code by processor and takes its sines from the system, so a
//! table made with it would make a take differ between machines. Slower, and never on the audio thread.

/// Transforms `re + i·im` in place: `X[k] = Σ x[n] e^(∓2πi kn/N)`, minus for `inverse` false. No scaling.
///
/// The length is a power of two; anything else is a caller's bug.
pub fn transform(re: &mut [f64], im: &mut [f64], direction: Direction) {
    let n = re.len();
    debug_assert!(n.is_power_of_two() && im.len() == n, "length is a power of two");
    let bits = n.trailing_zeros();
    for i in 0..n {
        let j = i.reverse_bits() >> (usize::BITS - bits.max(1));
        if i < j && 0 < bits {
            re.swap(i, j);
            im.swap(i, j);
        }
    }
    let sign = match direction {
        Direction::Forward => -1.0,
        Direction::Inverse => 1.0,
    };
    let twiddles: Vec<(f64, f64)> = (0..n / 2)
        .map(|k| {
            let angle = core::f64::consts::TAU * k as f64 / n as f64;
            (libm::cos(angle), sign * libm::sin(angle))
        })
        .collect();
    let mut half = 1;
    while half < n {
        let stride = n / (2 * half);
        for start in (0..n).step_by(2 * half) {
            for k in 0..half {
                let (c, s) = twiddles[k * stride];
                let (a, b) = (start + k, start + k + half);
                let (xr, xi) = (re[b] * c - im[b] * s, re[b] * s + im[b] * c);
                (re[b], im[b]) = (re[a] - xr, im[a] - xi);
                (re[a], im[a]) = (re[a] + xr, im[a] + xi);
            }
        }
        half *= 2;
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
        transform(&mut re, &mut im, Direction::Forward);
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
        transform(&mut re, &mut im, Direction::Forward);
        transform(&mut re, &mut im, Direction::Inverse);
        for (after, before) in re.iter().zip(&before) {
            assert!((after / 64.0 - before).abs() < 1e-12, "{after} against {before}");
        }
    }
}
