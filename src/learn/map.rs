//! The sound map: some real frames laid out so that like sounds are near.
//!
//! L. van der Maaten, G. Hinton (2008), "Visualizing data using t-SNE", JMLR 9, eq. 1, 4 and 5, exact, begun from the
//! two first principal components (the first two timbre numbers), so that one model always gives one map.

use crate::model::Memory;
use crate::model::map::{MAX_POINTS, SoundMap};
use crate::model::memory::FLAG_GATE;
use crate::model::network::{GESTURE_DIM, VECTOR_DIM};

/// Effective number of neighbours.
const PERPLEXITY: f64 = 20.0;
const ROUNDS: usize = 250;
/// Rounds during which attractions are exaggerated, and by how much.
const EXAGGERATED: (usize, f64) = (80, 6.0);
const RATE: f64 = 60.0;

/// Lays out up to [`MAX_POINTS`] frames of the memory, the louder half, evenly spread in time; `None` soon
/// after `wanted` says no.
pub(crate) fn lay_out(memory: &Memory, wanted: &dyn Fn() -> bool) -> Option<SoundMap> {
    let mut levels: Vec<f32> = memory.frames.chunks_exact(VECTOR_DIM).map(|frame| frame[1]).collect();
    levels.sort_by(f32::total_cmp);
    let median = levels.get(levels.len() / 3).copied().unwrap_or(0.0);
    let loud: Vec<usize> = (0..memory.num_frames())
        .filter(|&idx| median <= memory.frames[idx * VECTOR_DIM + 1] && memory.flags[idx] & FLAG_GATE != 0)
        .collect();
    let num = loud.len().min(MAX_POINTS);
    let chosen: Vec<usize> = (0..num).map(|idx| loud[idx * loud.len() / num]).collect();
    let frames: Vec<f32> = chosen
        .iter()
        .flat_map(|idx| memory.frames[idx * VECTOR_DIM..(idx + 1) * VECTOR_DIM].to_vec())
        .collect();
    Some(SoundMap {
        positions: embed(&frames, num, wanted)?,
        frames,
        memory_frames: chosen.iter().map(|idx| *idx as u16).collect(),
    })
}

fn embed(frames: &[f32], num: usize, wanted: &dyn Fn() -> bool) -> Option<Vec<f32>> {
    let timbre = |idx: usize| &frames[idx * VECTOR_DIM + GESTURE_DIM..(idx + 1) * VECTOR_DIM];
    let mut distances = vec![0.0_f64; num * num];
    for i in 0..num {
        for j in 0..num {
            distances[i * num + j] =
                timbre(i).iter().zip(timbre(j)).map(|(a, b)| f64::from((a - b) * (a - b))).sum();
        }
    }
    let attraction = affinities(&distances, num);
    let mut y: Vec<[f64; 2]> =
        (0..num).map(|idx| [0.01 * f64::from(timbre(idx)[0]), 0.01 * f64::from(timbre(idx)[1])]).collect();
    let mut speed = vec![[0.0_f64; 2]; num];
    let mut kernel = vec![0.0_f64; num * num];
    for round in 0..ROUNDS {
        if !wanted() {
            return None;
        }
        let mut total = 1e-12;
        for i in 0..num {
            for j in 0..num {
                let (dx, dy) = (y[i][0] - y[j][0], y[i][1] - y[j][1]);
                kernel[i * num + j] = if i == j { 0.0 } else { 1.0 / (1.0 + dx * dx + dy * dy) };
                total += kernel[i * num + j];
            }
        }
        let exaggeration = if round < EXAGGERATED.0 { EXAGGERATED.1 } else { 1.0 };
        let momentum = if round < EXAGGERATED.0 { 0.5 } else { 0.8 };
        for i in 0..num {
            let mut slope = [0.0_f64; 2];
            for j in 0..num {
                let q = kernel[i * num + j];
                let force = 4.0 * (exaggeration * attraction[i * num + j] - q / total) * q;
                slope[0] += force * (y[i][0] - y[j][0]);
                slope[1] += force * (y[i][1] - y[j][1]);
            }
            for axis in 0..2 {
                speed[i][axis] = momentum * speed[i][axis] - RATE * slope[axis];
            }
        }
        for (y, speed) in y.iter_mut().zip(&speed) {
            y[0] += speed[0].clamp(-2.0, 2.0);
            y[1] += speed[1].clamp(-2.0, 2.0);
        }
    }
    Some(fit_square(&y))
}

/// Symmetric affinities with the wanted perplexity (eq. 1, binary search for each point's width).
fn affinities(distances: &[f64], num: usize) -> Vec<f64> {
    let mut p = vec![0.0_f64; num * num];
    let wanted = PERPLEXITY.min((num as f64 / 3.0).max(1.0)).ln();
    for i in 0..num {
        let (mut low, mut high, mut precision) = (0.0_f64, f64::INFINITY, 1.0_f64);
        for _ in 0..50 {
            let mut sum = 1e-300;
            let mut weighted = 0.0;
            for j in (0..num).filter(|&j| j != i) {
                let weight = (-precision * distances[i * num + j]).exp();
                p[i * num + j] = weight;
                sum += weight;
                weighted += weight * distances[i * num + j];
            }
            let entropy = sum.ln() + precision * weighted / sum;
            for value in &mut p[i * num..(i + 1) * num] {
                *value /= sum;
            }
            if entropy > wanted {
                low = precision;
                precision = if high.is_finite() { 0.5 * (low + high) } else { 2.0 * precision };
            } else {
                high = precision;
                precision = 0.5 * (low + high);
            }
        }
    }
    let mut symmetric = vec![0.0; num * num];
    for i in 0..num {
        for j in 0..num {
            symmetric[i * num + j] = (p[i * num + j] + p[j * num + i]) / (2.0 * num as f64);
        }
    }
    symmetric
}

/// Moves and scales to −1 to 1 in both directions.
fn fit_square(y: &[[f64; 2]]) -> Vec<f32> {
    let range = |axis: usize| {
        y.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), point| {
            (low.min(point[axis]), high.max(point[axis]))
        })
    };
    let ranges = [range(0), range(1)];
    y.iter()
        .flat_map(|point| {
            [0, 1].map(|axis| {
                let (low, high) = ranges[axis];
                let span = (high - low).max(1e-9);
                let position = 2.0 * (point[axis] - low) / span - 1.0;
                if position.is_finite() { position as f32 } else { 0.0 }
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_kinds_of_sound_lie_apart() {
        let num = 60;
        let mut frames = vec![0.0_f32; num * VECTOR_DIM];
        for idx in 0..num {
            let side = if idx % 2 == 0 { 3.0 } else { -3.0 };
            for d in GESTURE_DIM..VECTOR_DIM {
                frames[idx * VECTOR_DIM + d] = side * ((d as f32).sin()) + ((idx * d) as f32 * 0.7).sin();
            }
        }
        let positions = embed(&frames, num, &|| true).unwrap();
        let place = |idx: usize| [positions[2 * idx], positions[2 * idx + 1]];
        let distance = |a: [f32; 2], b: [f32; 2]| (a[0] - b[0]).hypot(a[1] - b[1]);
        let right = (0..num)
            .filter(|&idx| {
                let nearest = (0..num).filter(|&other| other != idx).min_by(|&a, &b| {
                    distance(place(idx), place(a)).total_cmp(&distance(place(idx), place(b)))
                });
                nearest.is_some_and(|nearest| nearest % 2 == idx % 2)
            })
            .count();
        assert!(right == num, "{right} of {num} have their like nearest");
    }
}
