//! Noise in bands, made once for a sample rate: what shaped noise is mixed from.
//!
//! Each band is noise whose power density is a triangle around one envelope point; the triangles add up to 1, so
//! gains that follow an envelope give noise with that envelope, linear in power between the points (cf. A. Barahona-Ríos,
//! T. Collins 2023, "NoiseBandNet", arXiv 2307.08007). A voice leaps to random places, so nothing loops.

use super::envelope::point_position;
use super::frame::{HOP_SECONDS, NUM_BANDS, band_hz};
use crate::dsp::fourier::{Direction, Fourier};
use crate::dsp::maths;
use rand_core::Rng as _;
use rand_core::SeedableRng as _;

/// Least length of a table, up to the rate (437 kHz) at which it is longest: 21 MB for all bands.
const SECONDS: f64 = 0.3;
const LONGEST_PERIOD: usize = 1 << 17;

/// Samples of a band that stand together: the widest vector.
pub(super) const CHUNK: usize = 16;

/// Chunks that a piece of sound lies in at most.
pub(super) const MOST_CHUNKS: usize = super::synthesis::PIECE / CHUNK + 1;

/// Greatest sample of a band.
const PEAK: f32 = i16::MAX as f32;

/// The tables of all bands below the Nyquist frequency.
#[derive(Debug)]
pub struct NoiseBands {
    /// Bands that there are at this rate.
    pub num_bands: usize,
    /// Length of the cycle, a power of two.
    pub period: usize,
    /// Longest hop, samples.
    pub longest_hop: usize,
    /// The cycle, and as much of it again as is read on from its end: a hop, and another while it fades. All bands of
    /// some samples stand together, as they are read: from a table for each band, noise took 27 % of rendering instead
    /// of 16, since a processor cannot read ahead in eighty places at once. Shape `[chunks][num_bands]`.
    ///
    /// Whole numbers, each band at its own scale, 85 dB above what rounds them: tables in single precision, twice as
    /// long, push the network out of the cache.
    samples: Vec<[i16; CHUNK]>,
    /// What one step of a band's samples stands for.
    pub(super) scales: [f32; NUM_BANDS],
}

impl NoiseBands {
    /// Tables for a rate. Slow (several milliseconds): not on the audio thread.
    pub fn new(sample_rate: f64) -> Self {
        let period = ((SECONDS * sample_rate) as usize).next_power_of_two().min(LONGEST_PERIOD);
        let longest_hop = (HOP_SECONDS * sample_rate).ceil() as usize + 32;
        let nyquist = 0.5 * sample_rate;
        let num_bands = (0..NUM_BANDS).filter(|&idx| band_hz(idx) < nyquist).count();
        let num_chunks = (period + 2 * longest_hop).div_ceil(CHUNK) + MOST_CHUNKS;
        let mut samples = vec![[0_i16; CHUNK]; num_chunks * num_bands];
        let mut scales = [0.0_f32; NUM_BANDS];
        // A fixed seed: the tables are the same in every instance.
        let mut rng = rand_pcg::Pcg32::seed_from_u64(0x006d_796e_6168);
        let fourier = Fourier::new(period);
        // Single precision: far finer than the whole numbers that are kept.
        let (mut re, mut im) = (vec![0.0_f32; period], vec![0.0_f32; period]);
        for pair in 0..num_bands.div_ceil(2) {
            re.fill(0.0);
            im.fill(0.0);
            // Two real signals in one transform: the second as the imaginary part.
            for (band_idx, first) in [(2 * pair, true), (2 * pair + 1, false)] {
                if num_bands <= band_idx {
                    continue;
                }
                add_band(band_idx, sample_rate, first, &mut rng, &mut re, &mut im);
            }
            fourier.transform(&mut re, &mut im, Direction::Inverse);
            for (band_idx, signal) in [(2 * pair, &re), (2 * pair + 1, &im)] {
                if num_bands <= band_idx {
                    continue;
                }
                let peak = signal.iter().fold(f32::MIN_POSITIVE, |peak, value| peak.max(value.abs()));
                scales[band_idx] = peak / PEAK;
                let cycle = signal.as_chunks::<CHUNK>().0.iter().cycle();
                for (bands, chunk) in samples.chunks_exact_mut(num_bands).zip(cycle) {
                    bands[band_idx] = chunk.map(|sample| maths::rounded(PEAK / peak * sample) as i16);
                }
            }
        }
        Self { num_bands, period, longest_hop, samples, scales }
    }

    /// The bands of [`CHUNK`] samples. Shape `[num_bands]`.
    #[inline(always)]
    pub(super) fn chunk(&self, chunk_idx: usize) -> &[[i16; CHUNK]] {
        &self.samples[chunk_idx * self.num_bands..][..self.num_bands]
    }
}

/// Adds the spectrum of one band with random phases: one-sided density 1 per Hz at its centre.
fn add_band(
    band_idx: usize,
    sample_rate: f64,
    real: bool,
    rng: &mut rand_pcg::Pcg32,
    re: &mut [f32],
    im: &mut [f32],
) {
    let period = re.len();
    let bin_hz = sample_rate / period as f64;
    let first = (band_hz(band_idx.saturating_sub(1)) / bin_hz) as usize;
    let last = (band_hz(band_idx + 1) / bin_hz) as usize + 1;
    for bin in first.max(1)..(last + 1).min(period / 2) {
        let position = point_position(bin as f64 * bin_hz, NUM_BANDS);
        let height = (1.0 - (position - band_idx as f64).abs()).max(0.0);
        if height <= 0.0 {
            continue;
        }
        // A cosine of amplitude a has power a²/2 = density · bin width.
        let amplitude = 0.5 * libm::sqrt(2.0 * height * bin_hz);
        let phase = core::f64::consts::TAU * f64::from(rng.next_u32()) / 4_294_967_296.0;
        let (x, y) = ((amplitude * libm::cos(phase)) as f32, (amplitude * libm::sin(phase)) as f32);
        let mirror = period - bin;
        if real {
            re[bin] += x;
            im[bin] += y;
            re[mirror] += x;
            im[mirror] -= y;
        } else {
            re[bin] -= y;
            im[bin] += x;
            re[mirror] += y;
            im[mirror] += x;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_bands_at_equal_gain_have_the_power_of_white_noise() {
        let rate = 16_000.0;
        let bands = NoiseBands::new(rate);
        let mut power = 0.0_f64;
        for i in 0..bands.period {
            let by_band = bands.chunk(i / CHUNK).iter().zip(&bands.scales);
            let sum: f32 = by_band.map(|(samples, scale)| scale * f32::from(samples[i % CHUNK])).sum();
            power += f64::from(sum).powi(2) / bands.period as f64;
        }
        // Density 1 per Hz up to the last band below Nyquist, half-way down the triangle after it.
        let expected = 0.5 * (band_hz(bands.num_bands - 1) + band_hz(bands.num_bands).min(rate / 2.0));
        assert!((power / expected - 1.0).abs() < 0.05, "power {power}, expected {expected}");
    }
}
