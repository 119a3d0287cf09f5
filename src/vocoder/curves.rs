//! Curves through points one apart, linear between them.

use crate::dsp::maths;

/// Curves by piece: value and slope of each stand side by side, so that a place is read at once. The last piece is flat.
pub(super) type Pieces<const CURVES: usize, const POINTS: usize> = [[[f32; 2]; CURVES]; POINTS];

/// The pieces of curves through these points.
pub(super) fn pieces<const CURVES: usize, const POINTS: usize>(
    curves: [&[f32; POINTS]; CURVES],
) -> Pieces<CURVES, POINTS> {
    core::array::from_fn(|idx| {
        let next = (idx + 1).min(POINTS - 1);
        curves.map(|points| [points[idx], points[next] - points[idx]])
    })
}

/// Values of the curves at places among their points; beyond the last they stay. Shape `[CURVES][PLACES]`.
///
/// What can be is done in lanes, and what is found at a place is loaded at once, for all curves: gathering values from
/// eight places at once took four times as long.
#[inline(always)]
pub(super) fn read<const CURVES: usize, const POINTS: usize, const PLACES: usize>(
    pieces: &Pieces<CURVES, POINTS>,
    at: &[f32; PLACES],
) -> [[f32; PLACES]; CURVES] {
    let (mut idxs, mut fractions) = ([0_u32; PLACES], [0.0_f32; PLACES]);
    for place in 0..PLACES {
        (idxs[place], fractions[place]) = maths::whole_and_rest(at[place]);
    }
    let found = idxs.map(|idx| pieces[(idx as usize).min(POINTS - 1)]);
    let mut values = [[0.0_f32; PLACES]; CURVES];
    for (curve, values) in values.iter_mut().enumerate() {
        for place in 0..PLACES {
            let [value, slope] = found[place][curve];
            values[place] = value + fractions[place] * slope;
        }
    }
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn curves_are_met_at_their_points_and_linear_between() {
        let curves = pieces([&[1.0, 3.0, 2.0], &[0.0, -4.0, 8.0]]);
        let at = [0.0, 0.75, 1.0, 1.5, 2.0, 7.0];
        let [first, second] = read(&curves, &at);
        assert_eq!(first, [1.0, 2.5, 3.0, 2.5, 2.0, 2.0], "at {at:?}");
        assert_eq!(second, [0.0, -3.0, -4.0, 2.0, 8.0, 8.0], "at {at:?}");
    }
}
