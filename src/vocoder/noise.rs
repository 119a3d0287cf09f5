//! The noise of one voice, mixed from the bands of its sample rate.
//!
//! Gains move linearly over a hop, as harmonics do. Now and then the place in the tables leaps; the two places then
//! overlap at constant power.

use super::frame::NUM_BANDS;
use super::noise_bands::{CHUNK, MOST_CHUNKS, NoiseBands};
use crate::dsp::maths;
use core::ops::Range;
use rand_core::{Rng as _, SeedableRng as _};

/// Gain of a noise band (density 1 per Hz) that is not computed below: −140 dB of full scale.
const LEAST_NOISE_GAIN: f32 = 1e-7;

/// Hops for which noise is read on before it leaps to another place, 80 ms at 5 ms a hop: a leap costs as much as a hop
/// without and smears narrow bands, but tables of 0.3 s without leaps would loop.
const HOPS_READ_ON: u32 = 15;

/// Noise of one frame: a gain for each band and a place in the tables.
#[derive(Clone, Copy, Debug)]
struct Grain {
    gains: [f32; NUM_BANDS],
    start: usize,
    /// Samples of it that are played.
    played: usize,
}

/// What a voice reads of the bands.
#[derive(Debug)]
pub(super) struct Noise {
    rng: rand_pcg::Pcg32,
    fading: Grain,
    rising: Grain,
    hops_read_on: u32,
}

impl Noise {
    pub(super) fn new() -> Self {
        let grain = Grain { gains: [0.0; NUM_BANDS], start: 0, played: 0 };
        Self { rng: rand_pcg::Pcg32::seed_from_u64(0), fading: grain, rising: grain, hops_read_on: 0 }
    }

    /// Silence, as new; `seed` chooses the places.
    pub(super) fn reset(&mut self, seed: u64) {
        self.rng = rand_pcg::Pcg32::seed_from_u64(seed);
        self.rising.gains = [0.0; NUM_BANDS];
        self.rising.played = 0;
        self.hops_read_on = HOPS_READ_ON;
    }

    /// Begins a hop: the gains to set, which hold at its end.
    pub(super) fn begin_hop(&mut self, bands: &NoiseBands) -> &mut [f32; NUM_BANDS] {
        self.fading = self.rising;
        let last_place = bands.period - 1;
        if self.hops_read_on < HOPS_READ_ON {
            self.hops_read_on += 1;
            self.fading.start = (self.fading.start + self.fading.played) & last_place;
            self.fading.played = 0;
            self.rising.start = self.fading.start;
        } else {
            self.hops_read_on = 0;
            self.rising.start = (self.rng.next_u32() as usize) & last_place;
        }
        self.rising.played = 0;
        &mut self.rising.gains
    }

    /// Adds to `out` the samples of a hop of `hop_len` that are next; `out` may be longer, in whole lanes.
    pub(super) fn add(&mut self, bands: &NoiseBands, samples: Range<usize>, hop_len: f32, out: &mut [f32]) {
        add(bands, [&self.fading, &self.rising], samples.start, hop_len, out);
        self.rising.played += samples.len();
        self.fading.played += samples.len();
    }
}

/// Adds noise from `position` of the hop on, at most [`PIECE`] samples of it: the first grain fading, the other rising.
#[multiversion::multiversion(targets("x86_64+avx512f+avx512vl+avx2", "x86_64+avx2", "x86_64+avx"))]
fn add(bands: &NoiseBands, grains: [&Grain; 2], position: usize, hop_len: f32, out: &mut [f32]) {
    let [fading, rising] = grains;
    let mut heard = Heard { gains: [[0.0; NUM_BANDS]; 2], bands: 0..0 };
    for band_idx in 0..bands.num_bands.min(NUM_BANDS) {
        let gains = [fading.gains[band_idx], rising.gains[band_idx]];
        if gains.iter().any(|gain| LEAST_NOISE_GAIN <= *gain) {
            (heard.gains[0][band_idx], heard.gains[1][band_idx]) = (gains[0], gains[1]);
            let first = if heard.bands.is_empty() { band_idx } else { heard.bands.start };
            heard.bands = first..band_idx + 1;
        }
    }
    let Heard { gains: [old_gains, new_gains], bands: heard } = &heard;
    if heard.is_empty() {
        return;
    }
    let place = |grain: &Grain| grain.start + grain.played;
    let old = sum(bands, heard, place(fading), old_gains);
    let new = sum(bands, heard, place(rising), new_gains);
    let old = &old.as_flattened()[place(fading) % CHUNK..][..out.len()];
    let new = &new.as_flattened()[place(rising) % CHUNK..][..out.len()];
    let shares = out.iter_mut().zip(old).zip(new).enumerate();
    if place(fading) == place(rising) {
        for (lane, ((out, old), new)) in shares {
            let u = (position + lane) as f32 / hop_len;
            *out += old + u * (new - old);
        }
    } else {
        for (lane, ((out, old), new)) in shares {
            let quarter = 0.25 * ((position + lane) as f32 / hop_len);
            *out += maths::cos_cycles(quarter) * old + maths::sin_cycles(quarter) * new;
        }
    }
}

/// Samples by chunk.
type Sum = [[f32; CHUNK]; MOST_CHUNKS];

/// What is heard of two grains.
struct Heard {
    /// Gains of both; 0 of what is not heard.
    gains: [[f32; NUM_BANDS]; 2],
    /// From the first to the last band that is.
    bands: Range<usize>,
}

/// Sum of the bands `heard`, from the beginning of the chunk that `place` is in: a piece, and the rest of that chunk.
/// Each chunk has a sum of its own that does not wait for the others.
#[inline(always)]
fn sum(bands: &NoiseBands, heard: &Range<usize>, place: usize, gains: &[f32; NUM_BANDS]) -> Sum {
    let num_heard = heard.len();
    // One length, seen once: no place is checked within the loop.
    let chunks = bands.chunks(place / CHUNK).map(|chunk| &chunk[heard.clone()][..num_heard]);
    let gains = &gains[heard.clone()][..num_heard];
    let mut sums = [[0.0_f32; CHUNK]; MOST_CHUNKS];
    for idx in 0..num_heard {
        for (sum, chunk) in sums.iter_mut().zip(&chunks) {
            for lane in 0..CHUNK {
                sum[lane] += gains[idx] * chunk[idx][lane];
            }
        }
    }
    sums
}
