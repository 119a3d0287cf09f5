//! The memory of a fitted network: its states over real events, projected, with neighbours and a coarse index.

use super::dataset::{Sequence, frames_in, plain_batch};
use super::eigen::symmetric_eigen;
use super::network::Pass;
use crate::dsp::maths::squared_distance;
use crate::dsp::packed_matrix::PackedMatrix;
use crate::model::Memory;
use crate::model::memory::{
    FLAG_END, FLAG_GATE, FLAG_START, FLAG_STRUCK, KEY_DIM, MAX_CELLS, MAX_FRAMES, NEIGHBOURS, Onsets,
};
use crate::model::network::{HIDDEN, VECTOR_DIM};
use rayon::prelude::*;

/// Spread of a recalled frame, whitened units. Wide ones lose the coherence of what was recorded.
const SPREAD: f32 = 0.02;
/// Width of the kernel as a share of the median distance between neighbours.
const WIDTH_SHARE: f32 = 0.12;
/// Frames for a cell of the index.
const FRAMES_PER_CELL: usize = 48;
/// Cells that neighbours are looked for in.
const CELLS_SEARCHED: usize = 4;
/// Frames of one event nearer than this are the same moment.
const SAME_MOMENT: usize = 15;
/// Most states that the projection is learned from.
const MOST_STATES: usize = 4_000;
/// Rounds of k-means.
const ROUNDS: usize = 5;

/// Builds the memory from events of `sequences`, spread evenly, as many as it holds; `None` soon after `wanted` says no.
pub(crate) fn remember(
    sequences: &[Sequence],
    weights: &[f32],
    wanted: &(dyn Fn() -> bool + Sync),
) -> Option<Memory> {
    let chosen = choose(sequences);
    let states: Vec<Vec<f32>> = chosen
        .par_iter()
        .map_init(Pass::default, |pass, sequence| {
            if !wanted() {
                return None;
            }
            pass.carry.clear();
            pass.run_states(weights, &plain_batch(sequence));
            Some(pass.states[..sequence.vectors.len() * HIDDEN].to_vec())
        })
        .collect::<Option<_>>()?;
    let states = states.concat();
    let num_frames = states.len() / HIDDEN;
    let projection = project(&states, wanted)?;
    let keys: Vec<f32> = states
        .par_chunks_exact(HIDDEN)
        .flat_map_iter(|h| {
            projection
                .chunks_exact(HIDDEN)
                .map(|row| row.iter().zip(h).map(|(a, b)| a * b).sum::<f32>())
                .collect::<Vec<f32>>()
        })
        .collect();
    let mut frames = Vec::with_capacity(num_frames * VECTOR_DIM);
    let mut details = Vec::with_capacity(chosen.iter().map(|sequence| sequence.details.len()).sum());
    let mut flags = Vec::with_capacity(num_frames);
    let mut events = Vec::with_capacity(num_frames);
    for (event_idx, sequence) in chosen.iter().enumerate() {
        details.extend_from_slice(&sequence.details);
        for (idx, vector) in sequence.vectors.iter().enumerate() {
            frames.extend_from_slice(vector);
            let mut flag = if idx < sequence.gate_frames { FLAG_GATE } else { 0 };
            if sequence.gate_frames == sequence.vectors.len() {
                flag |= FLAG_STRUCK;
            }
            if idx == 0 {
                flag |= FLAG_START;
            }
            if idx + 1 == sequence.vectors.len() {
                flag |= FLAG_END;
            }
            flags.push(flag);
            events.push(event_idx);
        }
    }
    let cells = cluster(&keys, (num_frames / FRAMES_PER_CELL).clamp(1, MAX_CELLS), wanted)?;
    let members = members(&keys, &cells);
    let (neighbours, distances) = neighbours(&keys, &cells, &members, &events, wanted)?;
    let mut cell_starts = vec![0_u16];
    let mut cell_frames = Vec::with_capacity(num_frames);
    for cell in &members {
        cell_frames.extend_from_slice(cell);
        cell_starts.push(cell_frames.len() as u16);
    }
    let width = (WIDTH_SHARE * median(distances)).max(1e-3);
    Some(Memory {
        projection: PackedMatrix::from_rows(&projection, HIDDEN),
        keys,
        frames,
        details,
        onsets: Onsets::of(&flags),
        flags,
        neighbours,
        cells,
        cell_starts,
        cell_frames,
        width,
        spread: SPREAD,
    })
}

/// Every n-th event, so that they fit.
fn choose(sequences: &[Sequence]) -> Vec<&Sequence> {
    let total = frames_in(sequences);
    let stride = total.div_ceil(MAX_FRAMES).max(1);
    let mut left = MAX_FRAMES;
    let mut chosen: Vec<usize> = Vec::new();
    for offset in 0..stride {
        for idx in (offset..sequences.len()).step_by(stride) {
            let length = sequences[idx].vectors.len();
            if length <= left {
                left -= length;
                chosen.push(idx);
            }
        }
    }
    chosen.sort_unstable();
    chosen.into_iter().map(|idx| &sequences[idx]).collect()
}

/// Principal components of the states. Shape `[KEY_DIM][HIDDEN]`.
fn project(states: &[f32], wanted: &dyn Fn() -> bool) -> Option<Vec<f32>> {
    let num = states.len() / HIDDEN;
    let stride = num.div_ceil(MOST_STATES).max(1);
    let sample: Vec<&[f32]> = states.chunks_exact(HIDDEN).step_by(stride).collect();
    let mut mean = vec![0.0_f64; HIDDEN];
    for h in &sample {
        for (mean, value) in mean.iter_mut().zip(*h) {
            *mean += f64::from(*value) / sample.len() as f64;
        }
    }
    let mut covariance = vec![0.0_f64; HIDDEN * HIDDEN];
    for h in &sample {
        if !wanted() {
            return None;
        }
        let centred: Vec<f64> = h.iter().zip(&mean).map(|(value, mean)| f64::from(*value) - mean).collect();
        for (row, out) in covariance.chunks_exact_mut(HIDDEN).enumerate() {
            for (out, value) in out.iter_mut().zip(&centred) {
                *out += centred[row] * value;
            }
        }
    }
    let (_, vectors) = symmetric_eigen(&covariance, HIDDEN);
    let rows = vectors.iter().take(KEY_DIM).flat_map(|vector| vector.iter().map(|value| *value as f32));
    Some(rows.collect())
}

/// Index of the centre nearest to a key.
fn nearest(key: &[f32], centres: &[f32]) -> usize {
    let distances = centres.chunks_exact(KEY_DIM).map(|centre| squared_distance(key, centre));
    distances.enumerate().min_by(|a, b| a.1.total_cmp(&b.1)).map_or(0, |(idx, _)| idx)
}

/// K-means (S. P. Lloyd 1982), from evenly spaced frames.
fn cluster(keys: &[f32], num_cells: usize, wanted: &dyn Fn() -> bool) -> Option<Vec<f32>> {
    let num = keys.len() / KEY_DIM;
    let mut centres: Vec<f32> = (0..num_cells)
        .flat_map(|cell| {
            let frame = cell * num / num_cells;
            keys[frame * KEY_DIM..(frame + 1) * KEY_DIM].to_vec()
        })
        .collect();
    for _ in 0..ROUNDS {
        if !wanted() {
            return None;
        }
        let assigned: Vec<usize> = keys.par_chunks_exact(KEY_DIM).map(|key| nearest(key, &centres)).collect();
        let mut sums = vec![0.0_f64; centres.len()];
        let mut counts = vec![0_usize; num_cells];
        for (key, cell) in keys.chunks_exact(KEY_DIM).zip(&assigned) {
            counts[*cell] += 1;
            for (sum, value) in sums[cell * KEY_DIM..].iter_mut().zip(key) {
                *sum += f64::from(*value);
            }
        }
        for (cell, count) in counts.iter().enumerate().filter(|(_, count)| 0 < **count) {
            for d in cell * KEY_DIM..(cell + 1) * KEY_DIM {
                centres[d] = (sums[d] / *count as f64) as f32;
            }
        }
    }
    Some(centres)
}

/// Frames of each cell.
fn members(keys: &[f32], centres: &[f32]) -> Vec<Vec<u16>> {
    let assigned: Vec<usize> = keys.par_chunks_exact(KEY_DIM).map(|key| nearest(key, centres)).collect();
    let mut members = vec![Vec::new(); centres.len() / KEY_DIM];
    for (frame, cell) in assigned.iter().enumerate() {
        members[*cell].push(frame as u16);
    }
    members
}

/// Nearest frames of other moments, by the nearest cells; and the distances of the last of them.
fn neighbours(
    keys: &[f32],
    centres: &[f32],
    members: &[Vec<u16>],
    events: &[usize],
    wanted: &(dyn Fn() -> bool + Sync),
) -> Option<(Vec<u16>, Vec<f32>)> {
    let found: Vec<([u16; NEIGHBOURS], f32)> = keys
        .par_chunks_exact(KEY_DIM)
        .enumerate()
        .map(|(frame, key)| {
            if !wanted() {
                return None;
            }
            let mut by_cell: Vec<(f32, usize)> = centres
                .chunks_exact(KEY_DIM)
                .enumerate()
                .map(|(cell, centre)| (squared_distance(key, centre), cell))
                .collect();
            by_cell.sort_by(|a, b| a.0.total_cmp(&b.0));
            let mut near: Vec<(f32, u16)> = by_cell
                .iter()
                .take(CELLS_SEARCHED)
                .flat_map(|(_, cell)| &members[*cell])
                .filter(|&&other| {
                    let other = usize::from(other);
                    events[other] != events[frame] || SAME_MOMENT <= other.abs_diff(frame)
                })
                .map(|&other| {
                    let at = usize::from(other) * KEY_DIM;
                    (squared_distance(key, &keys[at..at + KEY_DIM]), other)
                })
                .collect();
            near.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
            // Where a corpus is too small for neighbours, the frame stands for itself.
            let neighbours =
                core::array::from_fn(|idx| near.get(idx).map_or(frame as u16, |(_, other)| *other));
            let last = near.get(NEIGHBOURS - 1).or(near.last()).map_or(0.0, |(distance, _)| distance.sqrt());
            Some((neighbours, last))
        })
        .collect::<Option<_>>()?;
    let distances = found.iter().map(|(_, distance)| *distance).filter(|distance| *distance > 0.0).collect();
    Some((found.iter().flat_map(|(neighbours, _)| *neighbours).collect(), distances))
}

fn median(mut values: Vec<f32>) -> f32 {
    values.sort_by(f32::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(1.0)
}
