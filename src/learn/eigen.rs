//! Eigenvectors of a symmetric matrix by Jacobi rotations.
//!
//! G. H. Golub, C. F. Van Loan (2013), *Matrix Computations*, 4th ed., §8.5.3, algorithm 8.5.3 (cyclic by row). Slow
//! and exact; matrices here have at most 200 rows and are decomposed once.

/// Most sweeps over the matrix; ten are plenty for convergence.
const MAX_SWEEPS: usize = 30;

/// Eigenvalues in descending order and their unit eigenvectors as rows. `matrix` is `[n][n]`, symmetric.
pub(crate) fn symmetric_eigen(matrix: &[f64], n: usize) -> (Vec<f64>, Vec<Vec<f64>>) {
    let mut a = matrix.to_vec();
    let mut v = vec![0.0; n * n];
    for i in 0..n {
        v[i * n + i] = 1.0;
    }
    let norm: f64 = a.iter().map(|x| x * x).sum();
    for _ in 0..MAX_SWEEPS {
        let off: f64 =
            (0..n).flat_map(|i| (0..i).map(move |j| (i, j))).map(|(i, j)| a[i * n + j].powi(2)).sum();
        if off <= 1e-24 * norm {
            break;
        }
        for p in 0..n {
            for q in p + 1..n {
                rotate(&mut a, &mut v, n, p, q);
            }
        }
    }
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|&i, &j| a[j * n + j].total_cmp(&a[i * n + i]));
    let values = order.iter().map(|&i| a[i * n + i]).collect();
    let vectors = order.iter().map(|&i| v[i * n..(i + 1) * n].to_vec()).collect();
    (values, vectors)
}

/// Makes entry `(p, q)` zero; `v` gathers the rotations, an eigenvector a row.
fn rotate(a: &mut [f64], v: &mut [f64], n: usize, p: usize, q: usize) {
    let apq = a[p * n + q];
    if apq == 0.0 {
        return;
    }
    let tau = (a[q * n + q] - a[p * n + p]) / (2.0 * apq);
    let t = if tau >= 0.0 {
        1.0 / (tau + (1.0 + tau * tau).sqrt())
    } else {
        -1.0 / (-tau + (1.0 + tau * tau).sqrt())
    };
    let c = 1.0 / (1.0 + t * t).sqrt();
    let s = t * c;
    for k in 0..n {
        let (akp, akq) = (a[k * n + p], a[k * n + q]);
        a[k * n + p] = c * akp - s * akq;
        a[k * n + q] = s * akp + c * akq;
    }
    for k in 0..n {
        let (apk, aqk) = (a[p * n + k], a[q * n + k]);
        a[p * n + k] = c * apk - s * aqk;
        a[q * n + k] = s * apk + c * aqk;
        let (vpk, vqk) = (v[p * n + k], v[q * n + k]);
        v[p * n + k] = c * vpk - s * vqk;
        v[q * n + k] = s * vpk + c * vqk;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vectors_times_values_give_the_matrix_back() {
        let n = 12;
        let mut matrix = vec![0.0; n * n];
        for i in 0..n {
            for j in 0..n {
                matrix[i * n + j] = ((i * j) as f64 * 0.3).cos() + if i == j { 2.0 } else { 0.0 };
            }
        }
        let (values, vectors) = symmetric_eigen(&matrix, n);
        assert!(values.windows(2).all(|pair| pair[1] <= pair[0]), "descending");
        for i in 0..n {
            for j in 0..n {
                let sum: f64 = (0..n).map(|k| values[k] * vectors[k][i] * vectors[k][j]).sum();
                assert!((sum - matrix[i * n + j]).abs() < 1e-9, "entry {i}, {j}");
            }
        }
    }
}
