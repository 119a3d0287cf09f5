//! Matrix products of learning, row-major, on the `gemm` crate.

/// A matrix in a slice, perhaps to be read as its transpose.
#[derive(Clone, Copy, Debug)]
pub(crate) struct View<'a> {
    data: &'a [f32],
    rows: usize,
    cols: usize,
    row_stride: isize,
    col_stride: isize,
}

impl<'a> View<'a> {
    /// `data` as `[rows][cols]`.
    pub(crate) fn new(data: &'a [f32], rows: usize, cols: usize) -> Self {
        assert!(rows * cols <= data.len(), "matrix of {rows} × {cols} in {} numbers", data.len());
        Self { data, rows, cols, row_stride: cols as isize, col_stride: 1 }
    }

    /// The transpose, without moving anything.
    pub(crate) fn t(self) -> Self {
        Self {
            data: self.data,
            rows: self.cols,
            cols: self.rows,
            row_stride: self.col_stride,
            col_stride: self.row_stride,
        }
    }
}

/// `out = keep · out + a · b`, `out` row-major `[a.rows][b.cols]`.
pub(crate) fn multiply(a: View<'_>, b: View<'_>, keep: f32, out: &mut [f32]) {
    assert!(a.cols == b.rows, "inner lengths {} and {}", a.cols, b.rows);
    assert!(a.rows * b.cols <= out.len(), "result of {} × {} in {} numbers", a.rows, b.cols, out.len());
    #[expect(unsafe_code, reason = "the matrix product takes pointers")]
    // SAFETY: views hold rows · cols numbers (asserted where they are made), strides are those of a dense matrix or
    // its transpose, inner lengths agree and the result fits (asserted above); `out` is borrowed for writing alone.
    unsafe {
        gemm::gemm(
            a.rows,
            b.cols,
            a.cols,
            out.as_mut_ptr(),
            1,
            b.cols as isize,
            keep != 0.0,
            a.data.as_ptr(),
            a.col_stride,
            a.row_stride,
            b.data.as_ptr(),
            b.col_stride,
            b.row_stride,
            keep,
            1.0,
            false,
            false,
            false,
            gemm::Parallelism::None,
        );
    }
}

/// Writes the transpose of `matrix`, `[rows][cols]`, in blocks that stay in the cache.
pub(crate) fn transpose(matrix: &[f32], cols: usize, out: &mut Vec<f32>) {
    const SIDE: usize = 16;
    let rows = matrix.len() / cols;
    out.resize(matrix.len(), 0.0);
    for first in (0..rows).step_by(SIDE) {
        for col in 0..cols {
            for row in first..rows.min(first + SIDE) {
                out[col * rows + row] = matrix[row * cols + col];
            }
        }
    }
}

/// Adds `bias` to each row of `out`.
pub(crate) fn add_rows(out: &mut [f32], bias: &[f32]) {
    for row in out.chunks_exact_mut(bias.len()) {
        for (value, bias) in row.iter_mut().zip(bias) {
            *value += bias;
        }
    }
}

/// `sums += Σ rows`.
pub(crate) fn sum_rows(rows: &[f32], sums: &mut [f32]) {
    for row in rows.chunks_exact(sums.len()) {
        for (sum, value) in sums.iter_mut().zip(row) {
            *sum += value;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_with_transposes_agree_with_hand_checked_values() {
        let a = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
        let b = [1.0, 0.0, 0.0, 1.0, 1.0, 1.0];
        let mut out = [1.0; 4];
        multiply(View::new(&a, 2, 3), View::new(&b, 3, 2), 1.0, &mut out);
        assert_eq!(out, [5.0, 6.0, 11.0, 12.0]);
        let mut out = [0.0; 9];
        multiply(View::new(&a, 2, 3).t(), View::new(&b, 3, 2).t(), 0.0, &mut out);
        assert_eq!(out, [1.0, 4.0, 5.0, 2.0, 5.0, 7.0, 3.0, 6.0, 9.0]);
    }

    #[test]
    fn a_transpose_has_each_number_in_its_place() {
        let (rows, cols) = (37, 5);
        let matrix: Vec<f32> = (0..rows * cols).map(|idx| idx as f32).collect();
        let mut out = vec![7.0; 3];
        transpose(&matrix, cols, &mut out);
        for (idx, value) in out.iter().enumerate() {
            assert_eq!(*value, ((idx % rows) * cols + idx / rows) as f32, "place {idx}");
        }
    }
}
