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
    heard: Heard,
}

/// What is heard of the two grains in a hop.
#[derive(Debug)]
struct Heard {
    /// From the first to the last band that is.
    bands: Range<usize>,
    /// Gains of both grains by step of a band's samples.
    gains: [[f32; 2]; NUM_BANDS],
}

impl Noise {
    pub(super) fn new() -> Self {
        let grain = Grain { gains: [0.0; NUM_BANDS], start: 0, played: 0 };
        Self {
            rng: rand_pcg::Pcg32::seed_from_u64(0),
            fading: grain,
            rising: grain,
            hops_read_on: 0,
            heard: Heard { bands: 0..0, gains: [[0.0; 2]; NUM_BANDS] },
        }
    }

    /// Silence, as new; `seed` chooses the places.
    pub(super) fn reset(&mut self, seed: u64) {
        self.rng = rand_pcg::Pcg32::seed_from_u64(seed);
        self.rising.gains = [0.0; NUM_BANDS];
        self.rising.played = 0;
        self.hops_read_on = HOPS_READ_ON;
    }

    /// Begins a hop at whose end these gains hold.
    pub(super) fn begin_hop(&mut self, bands: &NoiseBands, gains: &[f32; NUM_BANDS]) {
        self.fading = self.rising;
        let last_place = bands.period - 1;
        if self.hops_read_on < HOPS_READ_ON {
            self.hops_read_on += 1;
            self.fading.start = (self.fading.start + self.fading.played) & last_place;
            self.fading.played = 0;
            self.rising.start = self.fading.start;
        } else {
            self.hops_read_on = 0;
            // To whole chunks: hops of whole chunks, as at 48 kHz, then lie in no more of them than they must.
            self.rising.start = (self.rng.next_u32() as usize) & last_place & !(CHUNK - 1);
        }
        self.rising.played = 0;
        self.rising.gains = *gains;
        self.heard.set(bands, [&self.fading.gains, gains]);
    }

    /// Adds to `out` the samples of a hop of `hop_len` that are next; `out` may be longer, in whole lanes.
    pub(super) fn add(&mut self, bands: &NoiseBands, samples: Range<usize>, hop_len: f32, out: &mut [f32]) {
        if !self.heard.bands.is_empty() {
            let places = [&self.fading, &self.rising].map(|grain| grain.start + grain.played);
            let hop = HopPart { position: samples.start, len: hop_len };
            add(bands, &self.heard, places, &hop, out);
        }
        self.rising.played += samples.len();
        self.fading.played += samples.len();
    }
}

impl Heard {
    fn set(&mut self, bands: &NoiseBands, gains: [&[f32; NUM_BANDS]; 2]) {
        let num_bands = bands.num_bands.min(NUM_BANDS);
        let is_heard = |idx: &usize| gains.iter().any(|gains| LEAST_NOISE_GAIN <= gains[*idx]);
        let first = (0..num_bands).find(is_heard).unwrap_or(num_bands);
        let end = (first..num_bands).rfind(is_heard).map_or(first, |last| last + 1);
        self.bands = first..end;
        for (idx, out) in self.gains.iter_mut().enumerate() {
            *out = gains.map(|gains| gains[idx] * bands.scales[idx]);
        }
    }
}

/// Where in a hop a piece of it begins.
struct HopPart {
    position: usize,
    /// Samples of the whole hop.
    len: f32,
}

/// Adds at most [`PIECE`](super::synthesis::PIECE) samples of noise, read from two places: the first fading, the other rising.
#[multiversion::multiversion(targets("x86_64+avx512f+avx512vl+avx2", "x86_64+avx2", "x86_64+avx"))]
fn add(bands: &NoiseBands, heard: &Heard, [fading, rising]: [usize; 2], hop: &HopPart, out: &mut [f32]) {
    if fading == rising {
        let [old, new] = sums(bands, heard, fading..fading + out.len(), |gains| gains);
        let both = samples_from(&old, fading).zip(samples_from(&new, rising));
        for (lane, (out, (old, new))) in out.iter_mut().zip(both).enumerate() {
            let u = (hop.position + lane) as f32 / hop.len;
            *out += old + u * (new - old);
        }
    } else {
        let [old] = sums(bands, heard, fading..fading + out.len(), |[fading, _]| [fading]);
        let [new] = sums(bands, heard, rising..rising + out.len(), |[_, rising]| [rising]);
        let both = samples_from(&old, fading).zip(samples_from(&new, rising));
        for (lane, (out, (old, new))) in out.iter_mut().zip(both).enumerate() {
            let quarter = 0.25 * ((hop.position + lane) as f32 / hop.len);
            *out += maths::cos_cycles(quarter) * old + maths::sin_cycles(quarter) * new;
        }
    }
}

/// Samples by chunk.
type Sum = [[f32; CHUNK]; MOST_CHUNKS];

/// Sums of the bands that are heard, `NUM` of them with as many gains, from the beginning of the chunk in which `samples`
/// begin to the end of that in which they end. What is read is read once and in the order in which it stands.
#[inline(always)]
fn sums<const NUM: usize>(
    bands: &NoiseBands,
    heard: &Heard,
    samples: Range<usize>,
    gains: impl Fn([f32; 2]) -> [f32; NUM],
) -> [Sum; NUM] {
    let mut sums = [[[0.0_f32; CHUNK]; MOST_CHUNKS]; NUM];
    let chunks = samples.start / CHUNK..samples.end.div_ceil(CHUNK);
    for (idx, chunk_idx) in chunks.take(MOST_CHUNKS).enumerate() {
        let by_band =
            bands.chunk(chunk_idx)[heard.bands.clone()].iter().zip(&heard.gains[heard.bands.clone()]);
        let mut of_chunk = [[0.0_f32; CHUNK]; NUM];
        for (samples, both) in by_band {
            let samples = samples.map(f32::from);
            for (sum, gain) in of_chunk.iter_mut().zip(gains(*both)) {
                for lane in 0..CHUNK {
                    sum[lane] += gain * samples[lane];
                }
            }
        }
        for (sum, of_chunk) in sums.iter_mut().zip(of_chunk) {
            sum[idx] = of_chunk;
        }
    }
    sums
}

/// Samples of a sum from `place` on.
#[inline(always)]
fn samples_from(sum: &Sum, place: usize) -> impl Iterator<Item = &f32> {
    sum.as_flattened()[place % CHUNK..].iter()
}
