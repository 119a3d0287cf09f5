//! Recall: which real frames followed states like this one, found within a bound that the audio thread can pay.
//!
//! The nearest-neighbour language model (U. Khandelwal et al. 2020, arXiv 1911.00172, eq. 2) over frames: a softmax of
//! squared distances between states,
//!
//! ```text
//! w_j ∝ exp(−|q − k_j|² / 2 b²)
//! ```
//!
//! where `q` is the state now and `k_j` those that came before the frames remembered. Looked at are what follows the
//! frames last recalled, their neighbours, and one cell of a coarse index.

use super::leaps::Leaps;
use super::memory::{FLAG_END, FLAG_GATE, FLAG_STRUCK, KEY_DIM, MAX_CELLS, Memory, NEIGHBOURS};
use super::network::HIDDEN;
use super::onset::{self, Wanted};
use crate::dsp::maths::{self, ROWS};

/// Frames that are weighed against each other.
pub const MOST_RECALLED: usize = 16;
/// Frames whose distances are taken together.
const BATCH: usize = 32;
/// Frames of one cell that are looked at.
const MOST_OF_CELL: usize = 128;
/// Frames for which a recording is followed before leaps grow likelier.
const FOLLOWED_FREELY: u32 = 40;
/// Logarithm of weight that following loses with each frame more.
const FOLLOWING_COST: f32 = 0.25;
/// Frames of a recording that are followed at most, a second less a few, and the logarithm of weight lost by the next: it
/// is taken only where there is no other. A take is new, however well a long recording would go on; but what rings on
/// after its gate may ring out, if no other rings like it.
const FOLLOWED_AT_MOST: u32 = 97;
const TOO_LONG_COST: f32 = 1e3;
/// Logarithm of weight lost by frames whose gate is not the player's: taken only where there are no others.
const GATE_COST: f32 = 1e4;
/// Logarithm of weight lost, once the key is up, by a leap to what is louder by a standard deviation: what was released does
/// not come up again.
const RISE_COST: f32 = 20.0;
/// Frames that are searched for the release of the event that sounds.
const MOST_TO_RELEASE: usize = 3_000;
/// Logarithm of weight lost by frames that would stutter.
const STUTTER_COST: f32 = 12.0;
/// Frames around the one last played that are no leap but a stutter.
pub(super) const STUTTER_FRAMES: usize = 12;

/// Frames recalled, with logarithms of their weights.
#[derive(Clone, Debug)]
pub struct Recall {
    /// Indices into the memory.
    pub frames: [u16; MOST_RECALLED],
    /// Logarithms of weights, up to a constant.
    pub logs: [f32; MOST_RECALLED],
    /// How many there are.
    pub num: usize,
    /// The frame last played from memory.
    pub at: Option<u16>,
    /// Frames for which the recording was followed.
    pub followed: u32,
    /// Where the last leaps led.
    leaps: Leaps,
}

impl Default for Recall {
    fn default() -> Self {
        Self {
            frames: [0; MOST_RECALLED],
            logs: [0.0; MOST_RECALLED],
            num: 0,
            at: None,
            followed: 0,
            leaps: Leaps::default(),
        }
    }
}

impl Recall {
    /// Looks for frames that followed states like `h`, with the gate as the player has it. Where timbre is steered, `wanted`,
    /// at most 0, is added to the logarithm of each frame's weight, and the frames `also` are looked at: those that follow like
    /// states need not be near the place that is steered to.
    pub fn search(
        &mut self,
        memory: &Memory,
        h: &[f32; HIDDEN],
        gate: bool,
        also: &[u16],
        wanted: &dyn Fn(usize) -> f32,
    ) {
        let mut query = [0.0_f32; KEY_DIM];
        memory.projection.affine(&[0.0; KEY_DIM], h, &mut query);
        // All in one list: what is offered together is weighed faster.
        let mut near = [0_u16; MOST_RECALLED * (1 + NEIGHBOURS) + 1];
        let mut num_near = 0;
        for next in self.frames[..self.num].iter().filter_map(|frame| memory.following(*frame)) {
            let neighbours = memory.neighbours.as_chunks::<NEIGHBOURS>().0.get(usize::from(next));
            for frame in core::iter::once(&next).chain(neighbours.into_iter().flatten()) {
                near[num_near] = *frame;
                num_near += 1;
            }
        }
        let mut best = Best::new(memory, query, gate, self, wanted);
        if let Some(release) = best.release {
            near[num_near] = release;
            num_near += 1;
        }
        best.offer(&near[..num_near]);
        best.offer(also);
        let cells = memory.cells.as_chunks::<KEY_DIM>().0;
        let cell = nearest_cell(&cells[..cells.len().min(MAX_CELLS)], &query);
        if let (Some(&start), Some(&end)) = (memory.cell_starts.get(cell), memory.cell_starts.get(cell + 1)) {
            let frames = &memory.cell_frames[usize::from(start)..usize::from(end)];
            best.offer(&frames[..frames.len().min(MOST_OF_CELL)]);
        }
        (self.frames, self.logs, self.num) = (best.frames, best.logs, best.num);
    }

    /// Adds `more(frame)` to the logarithm of each weight.
    pub fn weigh(&mut self, mut more: impl FnMut(usize) -> f32) {
        for (log, frame) in self.logs[..self.num].iter_mut().zip(&self.frames) {
            *log += more(usize::from(*frame));
        }
    }

    /// Remembers that `frame` was played.
    pub fn play(&mut self, memory: &Memory, frame: u16) {
        let follows = self.at.and_then(|at| memory.following(at)) == Some(frame);
        self.followed = if follows { self.followed + 1 } else { 0 };
        if !follows {
            self.leaps.push(frame);
        }
        self.at = Some(frame);
    }

    /// Puts all onsets near what is wanted at hand, the likeliest first; `None` takes any. Returns whether there are any.
    pub fn onsets(&mut self, memory: &Memory, near: Option<Wanted>, jitter: &mut dyn FnMut() -> f32) -> bool {
        *self = Self::default();
        for frame in memory.onsets.frames().iter().copied() {
            let log = match &near {
                Some(wanted) => onset::nearness(memory, usize::from(frame), wanted),
                // A random order: the first sixteen of it are kept.
                None => jitter(),
            };
            insert(&mut self.frames, &mut self.logs, &mut self.num, frame, log);
        }
        if near.is_none() {
            self.logs[..self.num].fill(0.0);
        }
        0 < self.num
    }
}

/// The frame at which the event that `at` belongs to is released; `None` if it is or never was.
fn release_after(memory: &Memory, at: u16) -> Option<u16> {
    let at = usize::from(at);
    if memory.flags.get(at)? & FLAG_GATE == 0 {
        return None;
    }
    for frame in at..at + MOST_TO_RELEASE {
        let flags = memory.flags.get(frame)?;
        if flags & FLAG_GATE == 0 {
            return u16::try_from(frame).ok();
        }
        if flags & FLAG_END != 0 {
            return None;
        }
    }
    None
}

/// The likeliest frames so far.
struct Best<'a> {
    memory: &'a Memory,
    query: [f32; KEY_DIM],
    /// Logarithm of weight by squared distance.
    scale: f32,
    gate: bool,
    at: Option<u16>,
    followed: u32,
    leaps: Leaps,
    /// The release of the event that sounds, once the key is up.
    release: Option<u16>,
    wanted: &'a dyn Fn(usize) -> f32,
    frames: [u16; MOST_RECALLED],
    logs: [f32; MOST_RECALLED],
    num: usize,
}

impl<'a> Best<'a> {
    fn new(
        memory: &'a Memory,
        query: [f32; KEY_DIM],
        gate: bool,
        played: &Recall,
        wanted: &'a dyn Fn(usize) -> f32,
    ) -> Self {
        Self {
            memory,
            query,
            scale: -0.5 / (memory.width * memory.width),
            gate,
            at: played.at,
            followed: played.followed,
            leaps: played.leaps,
            release: played.at.filter(|_| !gate).and_then(|at| release_after(memory, at)),
            wanted,
            // No memory holds so many frames.
            frames: [u16::MAX; MOST_RECALLED],
            logs: [f32::MIN; MOST_RECALLED],
            num: 0,
        }
    }

    /// Weighs frames against those that there are. Frames beyond the memory are passed over.
    fn offer(&mut self, frames: &[u16]) {
        let (keys, _) = self.memory.keys.as_chunks::<KEY_DIM>();
        let mut distances = [0.0_f32; BATCH];
        for frames in frames.chunks(BATCH) {
            squared_distances(keys, &self.query, frames, &mut distances);
            // All that else counts only takes away: most frames need not be looked at any further. Which is seen for all
            // at once, with no branch to be guessed wrong.
            let least = self.least();
            let (mut hopeful, mut num_hopeful) = ([0_u8; BATCH], 0);
            for (idx, distance) in (0..).zip(&distances[..frames.len()]) {
                hopeful[num_hopeful] = idx;
                num_hopeful += usize::from(least < self.scale * distance);
            }
            for idx in hopeful[..num_hopeful].iter().map(|idx| usize::from(*idx)) {
                self.weigh(frames[idx], distances[idx]);
            }
        }
    }

    fn weigh(&mut self, frame: u16, squared_distance: f32) {
        let nearness = self.scale * squared_distance;
        // Many are offered twice.
        if self.is_hopeless(nearness) || self.frames.contains(&frame) {
            return;
        }
        let Some(flags) = self.memory.flags.get(usize::from(frame)) else { return };
        let mut log = nearness + (self.wanted)(usize::from(frame));
        let follows = self.at.is_some_and(|at| at.checked_add(1) == Some(frame));
        // What was struck rings on, whatever becomes of the key.
        if (flags & FLAG_GATE != 0) != self.gate && !(follows && flags & FLAG_STRUCK != 0) {
            log -= GATE_COST;
        }
        if let Some(at) = self.at {
            if follows {
                log -= FOLLOWING_COST * self.followed.saturating_sub(FOLLOWED_FREELY) as f32;
                if FOLLOWED_AT_MOST <= self.followed {
                    log -= TOO_LONG_COST;
                }
            } else if !self.is_hopeless(log) {
                if usize::from(frame.abs_diff(at)) < STUTTER_FRAMES {
                    log -= STUTTER_COST;
                }
                if self.gate {
                    log -= self.leaps.cost(frame);
                } else if Some(frame) != self.release {
                    let [now, then] = [at, frame].map(|frame| self.memory.vector(frame)[1]);
                    log -= RISE_COST * (then - now).max(0.0);
                }
            }
        }
        insert(&mut self.frames, &mut self.logs, &mut self.num, frame, log);
    }

    /// What a weight must be above to count.
    fn least(&self) -> f32 {
        if self.num == MOST_RECALLED { self.logs[MOST_RECALLED - 1] } else { f32::NEG_INFINITY }
    }

    /// Are there enough that are likelier?
    fn is_hopeless(&self, log: f32) -> bool {
        log <= self.least()
    }
}

/// Keeps the likeliest in descending order, each frame once.
fn insert(
    frames: &mut [u16; MOST_RECALLED],
    logs: &mut [f32; MOST_RECALLED],
    num: &mut usize,
    frame: u16,
    log: f32,
) {
    if *num == MOST_RECALLED && log <= logs[MOST_RECALLED - 1] {
        return;
    }
    if frames[..*num].contains(&frame) {
        return;
    }
    let mut place = (*num).min(MOST_RECALLED - 1);
    while 0 < place && logs[place - 1] < log {
        frames[place] = frames[place - 1];
        logs[place] = logs[place - 1];
        place -= 1;
    }
    frames[place] = frame;
    logs[place] = log;
    *num = (*num + 1).min(MOST_RECALLED);
}

#[multiversion::multiversion(targets("x86_64+avx2", "x86_64+avx"))]
fn nearest_cell(cells: &[[f32; KEY_DIM]], query: &[f32]) -> usize {
    let mut nearest = (0, f32::INFINITY);
    for (group_idx, group) in cells.chunks(ROWS).enumerate() {
        // Where there are no more cells, the last stands for them.
        let rows = core::array::from_fn(|row| &group[row.min(group.len() - 1)][..]);
        for (row, distance) in maths::squared_distances(rows, query).into_iter().enumerate() {
            if distance < nearest.1 {
                nearest = (group_idx * ROWS + row, distance);
            }
        }
    }
    nearest.0
}

/// Squared distances of the keys of frames from a query; infinite beyond the keys.
#[multiversion::multiversion(targets("x86_64+avx2", "x86_64+avx"))]
fn squared_distances(keys: &[[f32; KEY_DIM]], query: &[f32], frames: &[u16], out: &mut [f32; BATCH]) {
    const NOWHERE: [f32; KEY_DIM] = [f32::INFINITY; KEY_DIM];
    for (frames, out) in frames.chunks(ROWS).zip(out.as_chunks_mut::<ROWS>().0) {
        let rows = core::array::from_fn(|row| {
            let frame = frames[row.min(frames.len() - 1)];
            &keys.get(usize::from(frame)).unwrap_or(&NOWHERE)[..]
        });
        *out = maths::squared_distances(rows, query);
    }
}
