//! Analysis: audio to frames.
//!
//! Pitch is tracked, refined in the harmonic fit, and measured against it are the levels of harmonics and, half-way
//! between them, of noise (the places where a window of an even number of periods has its zeros). The share of noise
//! is continuous and by band; there is no voiced/unvoiced switch but the pitch that the grid of measurement takes.
//! Last, frames are corrected by listening to their copy.

use super::beneath;
use super::correction::{CORRECTED_RATES, correct_while};
use super::envelope::{fit, interpolate, point_position};
use super::frame::{Frame, NOTHING_DB, NUM_BANDS, NUM_NOISE_BANDS, SILENCE_DB, TOP_HZ, band_hz};
use super::harmonics::{Grid, LocalPitch, Projector, Window};
use super::noise_share::{self, Harmonics};
use super::pitch::{PitchPoint, track_while};
use super::shared_tables::SharedTables;
use super::whistle::is_whistle;
use crate::dsp::maths::cos_cycles;
use crate::units::db_from_power;

/// A frame and what is known of it beyond what is played.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Analysed {
    /// What is learned and played.
    pub frame: Frame,
    /// Whether a pitch was found here; elsewhere the frame's is interpolated.
    pub voiced: bool,
}

/// Pitch of the grid of measurement where there is none.
const UNPITCHED_HZ: f64 = 100.0;
/// Pitch that a frame states where a recording has none at all.
const NO_PITCH_HZ: f32 = 150.0;
/// Periods of a window in which harmonics are measured.
pub(super) const HARMONIC_PERIODS: usize = 3;
/// Such a window for whistles, of which a few periods are too short to tell a tone from what sounds around it. For
/// everything above 600 Hz it brought nothing (`tests/evaluate/README.md`).
const WHISTLE_WINDOW: f64 = 0.005;
/// Window of loudness; longer where two periods are.
const LOUDNESS_WINDOW: f64 = 0.010;
/// Highest measured frequency, of the sample rate: above it, anti-aliasing filters have their slope.
const USED_BAND: f64 = 0.47;
/// Level of what cannot be measured, relative to the frame, dB per Hz.
const FLOOR_DB: f64 = -100.0;
/// Octaves by which the pitch may leave the track while it is refined.
const MOST_REFINEMENT: f64 = 0.06;

/// Analyses recordings, with what they share made once. Threads may share it too.
#[derive(Debug, Default)]
pub struct Analyser {
    tables: SharedTables,
}

/// Analyses one recording: see [`Analyser::analyse`].
pub fn analyse(samples: &[f32], sample_rate: f64, hop_seconds: f64) -> Vec<Analysed> {
    Analyser::default().analyse(samples, sample_rate, hop_seconds)
}

impl Analyser {
    /// Analyses mono `samples` at the instants `n · hop_seconds`, the last at or after the end.
    pub fn analyse(&self, samples: &[f32], sample_rate: f64, hop_seconds: f64) -> Vec<Analysed> {
        self.analyse_while(samples, sample_rate, hop_seconds, &|| true).unwrap_or_default()
    }

    /// As [`analyse`](Self::analyse); `None` soon after `wanted` says no: a recording may last for hours.
    pub fn analyse_while(
        &self,
        samples: &[f32],
        sample_rate: f64,
        hop_seconds: f64,
        wanted: &dyn Fn() -> bool,
    ) -> Option<Vec<Analysed>> {
        let (samples, mut frames) = measure(samples, sample_rate, hop_seconds, wanted)?;
        if CORRECTED_RATES.contains(&sample_rate) {
            correct_while(&samples, &self.tables.of(sample_rate as f32), hop_seconds, &mut frames, wanted);
        }
        wanted().then_some(frames)
    }
}

/// The samples without DC, and their frames before they are corrected.
fn measure(
    samples: &[f32],
    sample_rate: f64,
    hop_seconds: f64,
    wanted: &dyn Fn() -> bool,
) -> Option<(Vec<f32>, Vec<Analysed>)> {
    let num_frames = (samples.len() as f64 / sample_rate / hop_seconds).ceil() as usize + 1;
    let samples = remove_dc(samples, sample_rate, wanted)?;
    let contour = Contour::track_while(&samples, sample_rate, hop_seconds, num_frames, wanted)?;
    let mut analyser = FrameAnalyser { samples: &samples, sample_rate, projector: Projector::default() };
    let frames = (0..num_frames)
        .map(|idx| {
            let voiced = contour.voiced[idx];
            wanted().then(|| Analysed { frame: analyser.frame(&contour, idx), voiced })
        })
        .collect::<Option<Vec<_>>>()?;
    Some((samples, frames))
}

/// Removes DC and what lies far below hearing: one pole at 15 Hz.
fn remove_dc(samples: &[f32], sample_rate: f64, wanted: &dyn Fn() -> bool) -> Option<Vec<f32>> {
    /// Samples between looks at whether anybody still waits.
    const LOOK_EVERY: usize = 1 << 20;
    const CORNER_HZ: f64 = 15.0;
    let pole = 1.0 - core::f64::consts::TAU * CORNER_HZ / sample_rate;
    let mut before = samples.first().map_or(0.0, |x| f64::from(*x));
    let mut state = 0.0_f64;
    let mut moved = Vec::with_capacity(samples.len());
    for piece in samples.chunks(LOOK_EVERY) {
        if !wanted() {
            return None;
        }
        moved.extend(piece.iter().map(|&x| {
            state = pole * state + f64::from(x) - before;
            before = f64::from(x);
            state as f32
        }));
    }
    Some(moved)
}

/// Pitch over a recording, defined everywhere.
#[derive(Clone, Debug, Default)]
pub struct Contour {
    /// Whether a pitch was found. Shape `[frames]`.
    pub voiced: Vec<bool>,
    /// Pitch, Hz; between voiced stretches linear in octaves. Shape `[frames]`.
    pub hz: Vec<f32>,
    hop_samples: f64,
    sample_rate: f64,
}

impl Contour {
    /// Tracks the pitch at the instants `n · hop_seconds`.
    pub fn track(samples: &[f32], sample_rate: f64, hop_seconds: f64, num_frames: usize) -> Self {
        Self::track_while(samples, sample_rate, hop_seconds, num_frames, &|| true).unwrap_or_default()
    }

    /// As [`track`](Self::track); `None` soon after `wanted` says no.
    fn track_while(
        samples: &[f32],
        sample_rate: f64,
        hop_seconds: f64,
        num_frames: usize,
        wanted: &dyn Fn() -> bool,
    ) -> Option<Self> {
        let points = track_while(samples, sample_rate, hop_seconds, num_frames, wanted)?;
        Some(Self {
            voiced: points.iter().map(|point| point.hz.is_some()).collect(),
            hz: fill(&points),
            hop_samples: hop_seconds * sample_rate,
            sample_rate,
        })
    }

    /// Pitch and slope at a frame, from the track around it; a fixed grid where there is no pitch.
    fn local(&self, idx: usize) -> LocalPitch {
        /// Steeper movement between frames is a jump, not a glide: ratio a hop.
        const MOST_GLIDE: f32 = 1.12;
        if !self.voiced[idx] {
            return unpitched(self.sample_rate);
        }
        let own = self.hz[idx];
        let near = |other: usize| -> f32 {
            let voiced = self.voiced.get(other).copied().unwrap_or(false);
            let hz = self.hz.get(other).copied().unwrap_or(own);
            if voiced && (1.0 / MOST_GLIDE..MOST_GLIDE).contains(&(hz / own)) { hz } else { own }
        };
        let slope_hz = f64::from(near(idx + 1) - near(idx.wrapping_sub(1)));
        LocalPitch {
            f: f64::from(own) / self.sample_rate,
            slope: slope_hz / self.sample_rate / (2.0 * self.hop_samples),
        }
    }

    /// Pitch and slope at a frame, refined in the harmonic fit.
    pub fn refined(&self, samples: &[f32], projector: &mut Projector, idx: usize) -> LocalPitch {
        let start = self.local(idx);
        if !self.voiced[idx] {
            return start;
        }
        let mut pitch = start;
        for num in [3, 6, 10] {
            let num = num.min((USED_BAND / pitch.f) as usize).max(1);
            let periods = harmonic_periods(pitch.f * self.sample_rate);
            let grid = Grid { first: 1.0, num, periods, window: Window::HannSquared };
            pitch = projector.refine(samples, idx as f64 * self.hop_samples, pitch, grid);
            if (pitch.f / start.f).log2().abs() > MOST_REFINEMENT {
                return start;
            }
        }
        pitch
    }
}

/// Periods of a window in which the harmonics of a pitch are measured.
fn harmonic_periods(f0_hz: f64) -> usize {
    if is_whistle(f0_hz) { (WHISTLE_WINDOW * f0_hz).round() as usize } else { HARMONIC_PERIODS }
}

/// The grid of measurement where there is no pitch.
pub(super) fn unpitched(sample_rate: f64) -> LocalPitch {
    LocalPitch { f: UNPITCHED_HZ / sample_rate, slope: 0.0 }
}

/// The pitch everywhere: between voiced stretches linear in octaves.
fn fill(points: &[PitchPoint]) -> Vec<f32> {
    let known: Vec<(usize, f32)> =
        points.iter().enumerate().filter_map(|(idx, point)| Some((idx, point.hz?))).collect();
    let mut contour = vec![NO_PITCH_HZ; points.len()];
    let (Some(first), Some(last)) = (known.first(), known.last()) else { return contour };
    contour[..first.0].fill(first.1);
    contour[last.0..].fill(last.1);
    for pair in known.windows(2) {
        let ((from, from_hz), (to, to_hz)) = (pair[0], pair[1]);
        for (idx, value) in contour[from..to].iter_mut().enumerate() {
            *value = from_hz * (to_hz / from_hz).powf(idx as f32 / (to - from) as f32);
        }
    }
    contour
}

struct FrameAnalyser<'a> {
    samples: &'a [f32],
    sample_rate: f64,
    projector: Projector,
}

impl FrameAnalyser<'_> {
    fn frame(&mut self, contour: &Contour, idx: usize) -> Frame {
        let centre = idx as f64 * contour.hop_samples;
        let pitch = contour.refined(self.samples, &mut self.projector, idx);
        let loudness_db = self.loudness(centre, pitch.f).max(SILENCE_DB);
        let pitch_hz =
            if contour.voiced[idx] { (pitch.f * self.sample_rate) as f32 } else { contour.hz[idx] };
        let mut frame = Frame {
            pitch_hz,
            loudness_db,
            envelope_db: [FLOOR_DB as f32; NUM_BANDS],
            noise: [1.0; NUM_NOISE_BANDS],
        };
        if loudness_db > SILENCE_DB {
            self.measure(centre, pitch, &mut frame);
        }
        normalise(&mut frame, self.sample_rate);
        frame
    }

    /// Mean power around `centre` in a Hann window, dB.
    fn loudness(&self, centre: f64, f: f64) -> f32 {
        let half = (0.5 * LOUDNESS_WINDOW * self.sample_rate).max(1.0 / f);
        let (mut sum, mut weights) = (0.0, 1e-12);
        for n in (centre - half).ceil() as i64..=(centre + half).floor() as i64 {
            let w = 0.5 + 0.5 * cos_cycles((0.5 * (n as f64 - centre) / half) as f32);
            let x = usize::try_from(n).ok().and_then(|n| self.samples.get(n)).copied().unwrap_or(0.0);
            sum += f64::from(w * x * x);
            weights += f64::from(w);
        }
        db_from_power((sum / weights) as f32 + 1e-12)
    }

    /// Envelope and noise shares.
    fn measure(&mut self, centre: f64, pitch: LocalPitch, frame: &mut Frame) {
        let top = USED_BAND.min(TOP_HZ / self.sample_rate);
        let num = ((top / pitch.f) as usize).max(1);
        let f0_hz = pitch.f * self.sample_rate;
        let periods = harmonic_periods(f0_hz);
        let harmonics = Grid { first: 1.0, num, periods, window: Window::HannSquared };
        self.projector.project(self.samples, centre, pitch, harmonics);
        let harmonic_gain = self.projector.noise_gain;
        let power: Vec<f32> = (0..num).map(|idx| self.projector.power(idx)).collect();
        let between =
            Grid { first: 0.5, num: num + 1, periods: noise_share::periods(f0_hz), window: Window::Hann };
        self.projector.project(self.samples, centre, pitch, between);
        // Of noise with density S (one-sided, per cycle per sample), a window leaves S · noise_gain in the power of
        // one multiple; the density over one harmonic spacing is S · f.
        let density: Vec<f32> = (0..=num)
            .map(|idx| self.projector.power(idx) / self.projector.noise_gain * pitch.f as f32)
            .collect();
        let leak = harmonic_gain / pitch.f as f32;
        // A strong harmonic whose level changes leaks into the places beside it, less into the farther one: the
        // smaller of two is taken (of two exponentially distributed powers, half the mean).
        let noise: Vec<f32> = (0..num).map(|k| 2.0 * density[k].min(density[k + 1])).collect();
        let rest = (1.0 - leak).max(0.0);
        let total: Vec<f32> = power.iter().zip(&noise).map(|(power, noise)| power + rest * noise).collect();
        let positions: Vec<f64> =
            (0..num).map(|k| point_position(f0_hz * (k + 1) as f64, NUM_NOISE_BANDS)).collect();
        frame.noise =
            noise_share::shares(&Harmonics { noise: &noise, total: &total, positions: &positions, f0_hz });
        // What is there in all, given the share: power = total · (1 − share) + leak · share · total.
        let total: Vec<f32> = power
            .iter()
            .zip(&positions)
            .map(|(power, position)| power / (1.0 - rest * interpolate(&frame.noise, *position)))
            .collect();
        let beneath = if is_whistle(f0_hz) {
            beneath::fill(&mut frame.noise, f0_hz);
            beneath::densities(&mut self.projector, self.samples, centre, pitch, self.sample_rate)
        } else {
            Vec::new()
        };
        let measured = self.levels(&total, f0_hz, frame, &beneath);
        let mean = measured.iter().map(|(_, level, _)| level).sum::<f64>() / measured.len().max(1) as f64;
        frame.envelope_db = fit(&measured, mean);
    }

    /// Levels of power density, dB per Hz, at the harmonics and beneath them, and the floor above what was measured.
    fn levels(
        &self,
        total: &[f32],
        f0_hz: f64,
        frame: &Frame,
        beneath: &[(f64, f32)],
    ) -> Vec<(f64, f64, f64)> {
        let loudness = f64::from(frame.loudness_db);
        let level_of_density = |density: f64| (10.0 * (density + 1e-20).log10()).max(loudness + FLOOR_DB);
        let level = |power: f32| level_of_density(f64::from(power) / f0_hz);
        let mut measured = Vec::with_capacity(total.len() + NUM_BANDS);
        for (k, own) in total.iter().enumerate() {
            let hz = f0_hz * (k + 1) as f64;
            // The mean of exponentially distributed powers in dB lies 2.5 dB below that of their mean: adding that to
            // noise was tried and cost copies of speech 0.06 in PESQ.
            measured.push((point_position(hz, NUM_BANDS), level(*own), 1.0));
        }
        // Below the lowest harmonic nothing is heard, but minimum phase listens: flat.
        if let Some(&(_, lowest, _)) = measured.first() {
            if let Some(&(_, density)) = beneath.first() {
                let places =
                    beneath.iter().map(|(at, density)| (*at, level_of_density(f64::from(*density)), 1.0));
                measured.extend(places);
                measured.push((0.0, level_of_density(f64::from(density)), 0.3));
                measured.push((point_position(beneath::TONE_FROM * f0_hz, NUM_BANDS), lowest, 0.3));
            } else {
                measured.push((0.0, lowest, 0.3));
                measured.push((point_position(0.5 * f0_hz, NUM_BANDS), lowest, 0.3));
            }
        }
        for band_idx in 0..NUM_BANDS {
            if is_unmeasured(band_idx, self.sample_rate) {
                measured.push((band_idx as f64, loudness + FLOOR_DB, 1.0));
            }
        }
        measured
    }
}

/// Makes the envelope relative, its density summing to a power of 1, with nothing above the band of `sample_rate`.
pub fn normalise(frame: &mut Frame, sample_rate: f64) {
    let mut power = 0.0_f64;
    for (band_idx, level) in frame.envelope_db.iter().enumerate() {
        if !is_unmeasured(band_idx, sample_rate) {
            power += 10.0_f64.powf(f64::from(*level) / 10.0) * band_width_hz(band_idx);
        }
    }
    let shift = (10.0 * (power + 1e-30).log10()) as f32;
    for (band_idx, level) in frame.envelope_db.iter_mut().enumerate() {
        // The same in every frame, so that no component of a codec is spent on it.
        *level =
            if is_unmeasured(band_idx, sample_rate) { NOTHING_DB } else { (*level - shift).max(NOTHING_DB) };
    }
}

/// Does envelope point `band_idx` lie above what is measured at a sample rate?
pub(super) fn is_unmeasured(band_idx: usize, sample_rate: f64) -> bool {
    /// A point so little above the highest measured frequency is still told by what lies below it.
    const MARGIN: f64 = 1.03;
    USED_BAND * sample_rate * MARGIN < band_hz(band_idx)
}

/// Width of the band that envelope point `band_idx` stands for, Hz.
pub fn band_width_hz(band_idx: usize) -> f64 {
    let at = |idx: usize| band_hz(idx);
    let below = if band_idx == 0 { at(0) } else { at(band_idx - 1) };
    let above = if band_idx + 1 == NUM_BANDS { at(band_idx) } else { at(band_idx + 1) };
    0.5 * (above - below)
}
