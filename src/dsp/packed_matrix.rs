//! Matrices that are multiplied by one vector at a time: the network's.

/// A matrix, laid out as such a product reads it: one number after another from first to last.
///
/// `ROWS` rows stand together, one column of them after the other: a product has a sum for each that does not wait for the
/// others and needs no sum across lanes. On an AMD EPYC 576 rows by 192 take 3.9 µs where they are in its second cache and
/// 4.6 where they are not; row by row, eight at a time, they took 4.8 and 6.5.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PackedMatrix<const ROWS: usize> {
    /// Shape `[rows / ROWS][cols][ROWS]`.
    values: Vec<f32>,
}

impl<const ROWS: usize> PackedMatrix<ROWS> {
    /// A matrix from its rows, one after another, of `num_cols` each. Their number is a multiple of `ROWS`; what is over
    /// is left out.
    pub fn from_rows(rows: &[f32], num_cols: usize) -> Self {
        let group_len = (ROWS * num_cols).max(1);
        let mut values = vec![0.0; rows.len() / group_len * group_len];
        for (group, rows) in values.chunks_exact_mut(group_len).zip(rows.chunks_exact(group_len)) {
            for (row, numbers) in rows.chunks_exact(num_cols.max(1)).enumerate() {
                for (column, number) in group.as_chunks_mut::<ROWS>().0.iter_mut().zip(numbers) {
                    column[row] = *number;
                }
            }
        }
        Self { values }
    }

    /// Its rows, one after another, of `num_cols` each.
    pub fn to_rows(&self, num_cols: usize) -> Vec<f32> {
        let groups = self.values.chunks_exact((ROWS * num_cols).max(1));
        groups
            .flat_map(|group| (0..ROWS).flat_map(move |row| group[row..].iter().step_by(ROWS).copied()))
            .collect()
    }

    /// Its numbers, in the order in which they stand.
    pub fn numbers_mut(&mut self) -> &mut [f32] {
        &mut self.values
    }

    /// `out[row] = bias[row] + Σ matrix[row][col] · x[col]`. Audio thread.
    pub fn affine(&self, bias: &[f32], x: &[f32], out: &mut [f32]) {
        debug_assert!(self.values.len() == x.len() * out.len(), "the matrix is [out][x]");
        self.affine_from(0, bias, x, out);
    }

    /// The same for the rows from `first_row` on, a multiple of `ROWS`. Audio thread.
    pub fn affine_from(&self, first_row: usize, bias: &[f32], x: &[f32], out: &mut [f32]) {
        let (columns, _) = self.values.as_chunks::<ROWS>();
        affine(&columns[first_row / ROWS * x.len()..], bias, x, out);
    }
}

/// Products of as many columns as `x` has numbers, for each `ROWS` numbers of `out`.
#[multiversion::multiversion(targets("x86_64+avx2", "x86_64+avx"))]
fn affine<const ROWS: usize>(columns: &[[f32; ROWS]], bias: &[f32], x: &[f32], out: &mut [f32]) {
    let (out, _) = out.as_chunks_mut::<ROWS>();
    let (bias, _) = bias.as_chunks::<ROWS>();
    for ((columns, bias), out) in columns.chunks_exact(x.len().max(1)).zip(bias).zip(out) {
        // Even and odd columns: twice as many sums that do not wait for each other.
        let (mut even, mut odd) = ([0.0_f32; ROWS], [0.0_f32; ROWS]);
        let (pairs, rest) = columns.as_chunks::<2>();
        for ([a, b], [x, y]) in pairs.iter().zip(x.as_chunks().0) {
            for row in 0..ROWS {
                even[row] += a[row] * x;
                odd[row] += b[row] * y;
            }
        }
        for (column, x) in rest.iter().zip(x.last()) {
            for row in 0..ROWS {
                even[row] += column[row] * x;
            }
        }
        for row in 0..ROWS {
            out[row] = bias[row] + (even[row] + odd[row]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(num_rows: usize, num_cols: usize) -> Vec<f32> {
        (0..num_rows * num_cols).map(|i| (i as f32 * 0.37).sin()).collect()
    }

    #[test]
    fn products_agree_with_the_plain_sum() {
        for num_cols in [1, 2, 7, 40] {
            let rows = rows(24, num_cols);
            let bias: Vec<f32> = (0..24).map(|i| (i as f32).cos()).collect();
            let x: Vec<f32> = (0..num_cols).map(|i| (i as f32 * 0.11).cos()).collect();
            let matrix = PackedMatrix::<8>::from_rows(&rows, num_cols);
            let mut out = [0.0_f32; 24];
            matrix.affine(&bias, &x, &mut out);
            for (row, out) in out.iter().enumerate() {
                let terms = rows[row * num_cols..].iter().zip(&x).map(|(a, b)| f64::from(*a) * f64::from(*b));
                let plain = f64::from(bias[row]) + terms.sum::<f64>();
                assert!((f64::from(*out) - plain).abs() < 1e-5, "row {row} of {num_cols}: {out}, {plain}");
            }
            let mut part = [0.0_f32; 8];
            matrix.affine_from(8, &bias[8..16], &x, &mut part);
            assert_eq!(part, out[8..16], "the rows from the ninth on, {num_cols} columns");
        }
    }

    #[test]
    fn rows_come_back_as_they_were() {
        let rows = rows(24, 5);
        assert_eq!(PackedMatrix::<12>::from_rows(&rows, 5).to_rows(5), rows);
        assert!(PackedMatrix::<12>::from_rows(&[], 5).to_rows(5).is_empty(), "no rows");
    }
}
