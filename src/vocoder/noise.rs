//! The noise of one voice, mixed from the bands of its sample rate.
//!
//! Gains move linearly over a hop, as harmonics do. Now and then the place in the tables leaps; the two places then
//! overlap at constant power.

use super::frame::NUM_BANDS;
use super::noise_bands::NoiseBands;
use super::synthesis::PIECE;
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
#[multiversion::multiversion(targets("x86_64+avx2", "x86_64+avx"))]
fn add(bands: &NoiseBands, grains: [&Grain; 2], position: usize, hop_len: f32, out: &mut [f32]) {
    let [fading, rising] = grains;
    let (mut heard, mut num_heard) = ([0; NUM_BANDS], 0);
    for band_idx in 0..bands.num_bands.min(NUM_BANDS) {
        if LEAST_NOISE_GAIN <= fading.gains[band_idx] || LEAST_NOISE_GAIN <= rising.gains[band_idx] {
            heard[num_heard] = band_idx;
            num_heard += 1;
        }
    }
    let heard = &heard[..num_heard];
    let (mut old, mut new) = ([0.0_f32; PIECE], [0.0_f32; PIECE]);
    let (old, new) = (&mut old[..out.len()], &mut new[..out.len()]);
    let place = |grain: &Grain| grain.start + grain.played;
    if place(fading) == place(rising) {
        let gains = |band_idx: usize| [fading.gains[band_idx], rising.gains[band_idx]];
        add_bands(bands, heard, place(rising), gains, [old, new]);
        for (lane, out) in out.iter_mut().enumerate() {
            let u = (position + lane) as f32 / hop_len;
            *out += old[lane] + u * (new[lane] - old[lane]);
        }
    } else {
        add_bands(bands, heard, place(fading), |band_idx| [fading.gains[band_idx]], [old]);
        add_bands(bands, heard, place(rising), |band_idx| [rising.gains[band_idx]], [new]);
        for (lane, out) in out.iter_mut().enumerate() {
            let quarter = 0.25 * ((position + lane) as f32 / hop_len);
            let rise = maths::sin_cycles(quarter);
            let fall = maths::cos_cycles(quarter);
            *out += fall * old[lane] + rise * new[lane];
        }
    }
}

/// Adds the bands `heard` from a place of their tables on to one or two sums, to each with gains of its own. Four at a
/// time: a sum is read and written once for all, and a table is read once for both.
#[inline(always)]
fn add_bands<const NUM: usize>(
    bands: &NoiseBands,
    heard: &[usize],
    place: usize,
    gains: impl Fn(usize) -> [f32; NUM],
    mut sums: [&mut [f32]; NUM],
) {
    let (fours, rest) = heard.as_chunks::<4>();
    for four in fours {
        let samples = four.map(|band_idx| bands.grain(band_idx, place));
        add_some(&mut sums, samples, four.map(&gains));
    }
    for &band_idx in rest {
        add_some(&mut sums, [bands.grain(band_idx, place)], [gains(band_idx)]);
    }
}

#[inline(always)]
fn add_some<const NUM: usize, const SOME: usize>(
    sums: &mut [&mut [f32]; NUM],
    samples: [&[f32]; SOME],
    gains: [[f32; NUM]; SOME],
) {
    let len = sums[0].len();
    let samples = samples.map(|samples| &samples[..len]);
    for (sum_idx, sum) in sums.iter_mut().enumerate() {
        for (lane, sum) in sum[..len].iter_mut().enumerate() {
            for (samples, gains) in samples.iter().zip(&gains) {
                *sum += gains[sum_idx] * samples[lane];
            }
        }
    }
}
