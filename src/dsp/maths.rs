//! Elementary functions from + − × ÷ alone: the same bits on every machine, and plain enough to be vectorised.
//!
//! The audio thread uses these and never the system's mathematics library, whose last digit differs between systems.
//! Comparisons and bit casts are exact everywhere; nothing here is contracted into a fused multiply-add.

/// Lanes of a vector loop. Sums run in this many partial sums, whatever the processor.
pub const LANES: usize = 8;

/// Adding and subtracting this rounds a number below 2^22 to the nearest integer.
const ROUNDER: f32 = 12_582_912.0;

/// The whole number nearest to `x`, below 4 million in magnitude. Without the call that a processor older than SSE4.1 needs.
#[inline(always)]
pub fn rounded(x: f32) -> f32 {
    (x + ROUNDER) - ROUNDER
}

/// `e^x`, relative error below 3e-7 for −87 ≤ x ≤ 88, clamped outside.
#[inline(always)]
pub fn exp(x: f32) -> f32 {
    const LN2_HIGH: f32 = 0.693_359_375;
    const LN2_LOW: f32 = -2.121_944_4e-4;
    let x = x.clamp(-87.0, 88.0);
    let shifted = x * core::f32::consts::LOG2_E + ROUNDER;
    let n = shifted - ROUNDER;
    let r = (x - n * LN2_HIGH) - n * LN2_LOW;
    let p = 1.0 / 5040.0;
    let p = p * r + 1.0 / 720.0;
    let p = p * r + 1.0 / 120.0;
    let p = p * r + 1.0 / 24.0;
    let p = p * r + 1.0 / 6.0;
    let p = p * r + 0.5;
    let p = p * r + 1.0;
    let p = p * r + 1.0;
    // The low bits of `shifted` are n: moved to the exponent they multiply by 2^n.
    let scale = f32::from_bits((shifted.to_bits() << 23).wrapping_add(0x3f80_0000));
    p * scale
}

/// Natural logarithm of a positive normal number, absolute error below 2e-7 near 1; at most that of the smallest
/// normal number for anything below it.
#[inline(always)]
pub fn ln(x: f32) -> f32 {
    const SQRT_HALF_BITS: u32 = 0x3f35_04f3;
    let bits = x.max(f32::MIN_POSITIVE).to_bits().wrapping_sub(SQRT_HALF_BITS);
    let exponent = ((bits as i32) >> 23) as f32;
    let mantissa = f32::from_bits((bits & 0x007f_ffff).wrapping_add(SQRT_HALF_BITS));
    let s = (mantissa - 1.0) / (mantissa + 1.0);
    let s2 = s * s;
    let p = 2.0 / 9.0;
    let p = p * s2 + 2.0 / 7.0;
    let p = p * s2 + 2.0 / 5.0;
    let p = p * s2 + 2.0 / 3.0;
    exponent * core::f32::consts::LN_2 + (s * 2.0 + s * s2 * p)
}

/// A number from 0 to 4 million as a whole number next to it and what it is beyond that, 0 to 1. A cast would look for
/// NaN and overflow first.
#[inline(always)]
pub fn whole_and_rest(x: f32) -> (u32, f32) {
    // Half-way between two whole numbers either is next.
    let shifted = (x - 0.5).clamp(0.0, 4_194_303.0) + ROUNDER;
    // The low bits are the whole number.
    (shifted.to_bits() & 0x003f_ffff, x - (shifted - ROUNDER))
}

/// Sine of a phase in cycles, absolute error below 2e-6 for |x| < 1000.
#[inline(always)]
pub fn sin_cycles(x: f32) -> f32 {
    let r = x - rounded(x);
    let folded = if r > 0.25 {
        0.5 - r
    } else if r < -0.25 {
        -0.5 - r
    } else {
        r
    };
    let a = folded * core::f32::consts::TAU;
    let a2 = a * a;
    let p = -1.0 / 39_916_800.0;
    let p = p * a2 + 1.0 / 362_880.0;
    let p = p * a2 - 1.0 / 5040.0;
    let p = p * a2 + 1.0 / 120.0;
    let p = p * a2 - 1.0 / 6.0;
    a + a * a2 * p
}

/// Cosine of a phase in cycles, absolute error below 2e-6 for |x| < 1000.
#[inline(always)]
pub fn cos_cycles(x: f32) -> f32 {
    let r = x - rounded(x);
    sin_cycles(r + 0.25)
}

/// Logistic function `1 / (1 + e^−x)`.
#[inline(always)]
pub fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + exp(-x))
}

/// Hyperbolic tangent, absolute error below 3e-7.
#[inline(always)]
pub fn tanh(x: f32) -> f32 {
    1.0 - 2.0 / (exp(2.0 * x) + 1.0)
}

/// Linear amplitude of a level: `10^(dB / 20)`.
#[inline(always)]
pub fn gain_from_db(db: f32) -> f32 {
    exp(db * (core::f32::consts::LN_10 / 20.0))
}

/// Power of a level: `10^(dB / 10)`.
#[inline(always)]
pub fn power_from_db(db: f32) -> f32 {
    exp(db * (core::f32::consts::LN_10 / 10.0))
}

/// Level of a power: `10 log10 p`.
#[inline(always)]
pub fn db_from_power(power: f32) -> f32 {
    ln(power) * (10.0 / core::f32::consts::LN_10)
}

/// `2^x`.
#[inline(always)]
pub fn exp2(x: f32) -> f32 {
    exp(x * core::f32::consts::LN_2)
}

/// Binary logarithm of a positive number.
#[inline(always)]
pub fn log2(x: f32) -> f32 {
    ln(x) * core::f32::consts::LOG2_E
}

/// Sum of the products of two slices of one length, in [`LANES`] partial sums.
///
/// Lengths that are not a multiple of [`LANES`] are cut to one: callers pad.
#[inline(always)]
pub fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut sums = [0.0_f32; LANES];
    for (a, b) in a.chunks_exact(LANES).zip(b.chunks_exact(LANES)) {
        for lane in 0..LANES {
            sums[lane] += a[lane] * b[lane];
        }
    }
    sum_lanes(&sums)
}

/// Squared distance of two slices of one length, in [`LANES`] partial sums.
///
/// Lengths that are not a multiple of [`LANES`] are cut to one: callers pad.
#[inline(always)]
pub fn squared_distance(a: &[f32], b: &[f32]) -> f32 {
    let mut sums = [0.0_f32; LANES];
    for (a, b) in a.chunks_exact(LANES).zip(b.chunks_exact(LANES)) {
        for lane in 0..LANES {
            let off = a[lane] - b[lane];
            sums[lane] += off * off;
        }
    }
    sum_lanes(&sums)
}

/// Sum over lanes in a fixed order.
#[inline(always)]
pub fn sum_lanes(lanes: &[f32; LANES]) -> f32 {
    ((lanes[0] + lanes[4]) + (lanes[2] + lanes[6])) + ((lanes[1] + lanes[5]) + (lanes[3] + lanes[7]))
}

/// Rows of a matrix that are taken at a time: as many sums, which do not wait for each other, as leave registers free.
pub const ROWS: usize = 8;

/// Squared distances of [`ROWS`] rows from `x`, each that of [`squared_distance`], bit for bit: sooner than one after
/// another. Rows are as long as `x`.
#[inline(always)]
pub fn squared_distances(rows: [&[f32]; ROWS], x: &[f32]) -> [f32; ROWS] {
    let (x, _) = x.as_chunks::<LANES>();
    // One length, seen once: no place is checked within the loop.
    let rows = rows.map(|row| &row.as_chunks::<LANES>().0[..x.len()]);
    let mut sums = [[0.0_f32; LANES]; ROWS];
    for at in 0..x.len() {
        for (sums, row) in sums.iter_mut().zip(&rows) {
            for lane in 0..LANES {
                let off = row[at][lane] - x[at][lane];
                sums[lane] += off * off;
            }
        }
    }
    sums.map(|lanes| sum_lanes(&lanes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(name: &str, fast: f32, exact: f64, tolerance: f64) {
        let error = (f64::from(fast) - exact).abs();
        assert!(error <= tolerance, "{name}: {fast}, expected {exact}");
    }

    #[test]
    fn functions_hold_their_stated_errors() {
        for step in -8_000..=8_000 {
            let x = step as f32 * 0.01;
            let wide = f64::from(x);
            check("exp", exp(x), wide.exp(), wide.exp() * 3e-7);
            check("tanh", tanh(x), wide.tanh(), 3e-7);
            check("sigmoid", sigmoid(x), 1.0 / (1.0 + (-wide).exp()), 3e-7);
            check("sin", sin_cycles(x), (wide * core::f64::consts::TAU).sin(), 2e-6);
            check("cos", cos_cycles(x), (wide * core::f64::consts::TAU).cos(), 2e-6);
            if x > 0.0 {
                check("ln", ln(x), wide.ln(), wide.ln().abs() * 2e-7 + 2e-7);
            }
        }
    }

    #[test]
    fn extremes_stay_finite() {
        for x in [f32::MAX, f32::MIN, 0.0, -0.0, 1e-45] {
            assert!(exp(x).is_finite() && ln(x).is_finite() && tanh(x).is_finite(), "at {x}");
        }
    }

    #[test]
    fn a_number_is_its_whole_part_and_its_rest() {
        for x in (0..4_000).map(|step| step as f32 * 0.037).chain([0.0, 0.5, 1.0, 1.5, 4_000_000.0]) {
            let (whole, rest) = whole_and_rest(x);
            assert!((0.0..=1.0).contains(&rest) && whole as f32 + rest == x, "{x} as {whole} and {rest}");
        }
    }

    #[test]
    fn squared_distance_agrees_with_the_plain_sum() {
        let [a, b]: [Vec<f32>; 2] =
            [0.37, 0.11].map(|step| (0..24).map(|i| (i as f32 * step).sin()).collect());
        let plain: f64 = a.iter().zip(&b).map(|(a, b)| (f64::from(*a) - f64::from(*b)).powi(2)).sum();
        check("squared distance", squared_distance(&a, &b), plain, 1e-5);
    }
}
