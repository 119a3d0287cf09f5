//! A take: one run through the model made audible, on a timeline of its own.
//!
//! Every hop of 5 ms it reads the model at a place that moves on by half of the pace, shapes the frame, and gives it to
//! the synthesiser. Sound is made a chunk at a time and read from the chunk, so that the same samples come however the
//! reader cuts its blocks.

use crate::model::{Controls, Generator, Model, Start};
use crate::units::SampleRate;
use crate::vocoder::frame::Frame;
use crate::vocoder::shape::{Shape, apply_breath, interpolated};
use crate::vocoder::synthesis::{SynthesisTables, Synthesizer};
use std::sync::Arc;

/// Samples made at a time: short, as controls are read when one begins.
const CHUNK_SAMPLES: usize = 16;

/// Hops in a second: two for each frame of the model.
pub(super) const HOPS_PER_SECOND: f32 = 200.0;

/// Shares of a hop by which first hops differ: takes that begin together step in different blocks ever after.
const NUM_STAGGERS: u64 = 8;

/// How a take begins.
#[derive(Clone, Copy, Debug)]
pub(super) struct TakeStart {
    /// What the model is told.
    pub model: Start,
    /// Chooses the synthesiser's noise; independent of the seed, so that at Chance 0 the seed changes nothing.
    pub noise_seed: u64,
    /// The first hop is shorter by `stagger mod 8` sixteenths.
    pub stagger: u64,
}

/// What the player holds during a hop.
#[derive(Clone, Copy, Debug)]
pub(super) struct TakeControls {
    /// What the model is told.
    pub model: Controls,
    /// Model frames in 10 ms, 0 to 4.
    pub pace: f32,
    /// Ratio by which all pitches of a free run are moved; 1 where a key is held.
    pub transposition: f32,
    /// Ratio by which formants are moved.
    pub formant_ratio: f32,
    /// 0 to 1; 0.5 is as learned.
    pub breath: f32,
    /// Brightness.
    pub tilt_db_per_octave: f32,
}

/// The state of a take.
#[derive(Debug)]
pub(super) struct Take {
    generator: Generator,
    synthesizer: Synthesizer,
    shape: Shape,
    hops: HopClock,
    /// The last two frames of the model and the one half-way, as if pitch and gain held were 1 and 0 dB: what is held can
    /// change between the model's steps, which a slow pace sets far apart.
    before: Frame,
    half_way: Frame,
    last: Frame,
    /// Place from `before` (0) to `last` (1); `None` until the first hop.
    place: Option<f32>,
    chunk: [f32; CHUNK_SAMPLES],
    /// Samples of the chunk read and made.
    read_samples: usize,
    made_samples: usize,
}

impl Take {
    pub(super) fn new(tables: Arc<SynthesisTables>, sample_rate: SampleRate) -> Self {
        let silence = Frame { pitch_hz: 1.0, loudness_db: -120.0, envelope_db: [0.0; 80], noise: [0.0; 32] };
        Self {
            generator: Generator::new(),
            synthesizer: Synthesizer::new(tables),
            shape: Shape::new(),
            hops: HopClock::new(sample_rate),
            before: silence,
            half_way: silence,
            last: silence,
            place: None,
            chunk: [0.0; CHUNK_SAMPLES],
            read_samples: 0,
            made_samples: 0,
        }
    }

    pub(super) fn start(&mut self, model: &Model, start: &TakeStart) {
        self.generator.start(model, &start.model);
        self.synthesizer.reset(start.noise_seed);
        self.hops.restart(start.stagger);
        self.place = None;
        (self.read_samples, self.made_samples) = (0, 0);
    }

    /// Samples of the chunk not yet read; when there are none, a chunk is to be made.
    pub(super) fn unread(&self) -> &[f32] {
        &self.chunk[self.read_samples..self.made_samples]
    }

    /// The first `num_samples` unread are read.
    pub(super) fn advance(&mut self, num_samples: usize) {
        self.read_samples += num_samples;
        debug_assert!(self.read_samples <= self.made_samples, "only what was made is read");
    }

    /// Is a hop to begin before the next chunk?
    pub(super) fn needs_hop(&self) -> bool {
        self.synthesizer.samples_left() == 0
    }

    /// Has the take ended by itself?
    pub(super) fn has_ended(&self) -> bool {
        self.generator.ended()
    }

    /// Place on the sound map.
    pub(super) fn map_position(&self, model: &Model) -> [f32; 2] {
        self.generator.map_position(model)
    }

    pub(super) fn begin_hop(&mut self, model: &Model, controls: &TakeControls) {
        let place = match self.place {
            None => {
                self.step(model, &controls.model);
                (self.before, self.half_way) = (self.last, self.last);
                1.0
            }
            Some(place) => {
                let mut place = place + 0.5 * controls.pace;
                if place <= 1.0 {
                    // The load of two hops is shared between both.
                    self.generator.prepare(model);
                }
                while place > 1.0 {
                    self.step(model, &controls.model);
                    place -= 1.0;
                }
                place
            }
        };
        self.place = Some(place);
        let mut frame = if place <= 0.5 {
            interpolated(&self.before, &self.half_way, 2.0 * place)
        } else {
            interpolated(&self.half_way, &self.last, 2.0 * place - 1.0)
        };
        frame.pitch_hz *= controls.model.pitch_hz.unwrap_or(1.0) * controls.transposition;
        frame.loudness_db += controls.model.gain_db;
        self.shape.move_formants(controls.formant_ratio);
        self.shape.apply_formants(&mut frame);
        self.shape.apply_tilt(&mut frame, controls.tilt_db_per_octave);
        apply_breath(&mut frame, controls.breath);
        self.synthesizer.begin_hop(&frame, self.hops.next_samples());
    }

    /// Makes the next chunk; it never crosses a hop. Is it finite?
    pub(super) fn make_chunk(&mut self) -> bool {
        self.made_samples = self.synthesizer.samples_left().min(CHUNK_SAMPLES);
        self.read_samples = 0;
        let chunk = &mut self.chunk[..self.made_samples];
        self.synthesizer.process(chunk);
        chunk.iter().all(|sample| sample.is_finite())
    }

    fn step(&mut self, model: &Model, controls: &Controls) {
        self.before = self.last;
        self.last = self.generator.step(model, controls);
        self.last.pitch_hz /= controls.pitch_hz.unwrap_or(1.0);
        self.last.loudness_db -= controls.gain_db;
        self.half_way = self.generator.half_way(model, controls, &self.before, &self.last);
    }
}

/// The lengths of hops: the first lasts 10 ms, or less by its stagger, and ends at the boundary where the third begins;
/// boundary `n` is at sample `floor(n · fs / 200)`.
#[derive(Clone, Debug)]
struct HopClock {
    sample_rate: f64,
    hop_idx: u64,
    stagger: u64,
}

impl HopClock {
    fn new(sample_rate: SampleRate) -> Self {
        Self { sample_rate: f64::from(sample_rate.0), hop_idx: 0, stagger: 0 }
    }

    fn restart(&mut self, stagger: u64) {
        self.hop_idx = 0;
        self.stagger = stagger % NUM_STAGGERS;
    }

    fn next_samples(&mut self) -> usize {
        let boundary =
            |hop_idx: u64| (hop_idx as f64 * self.sample_rate / f64::from(HOPS_PER_SECOND)) as usize;
        if self.hop_idx == 0 {
            self.hop_idx = 2;
            let num_samples = boundary(2);
            // At most half of it, so that an attack is never more than 5 ms early.
            return num_samples - num_samples * self.stagger as usize / (2 * NUM_STAGGERS as usize);
        }
        self.hop_idx += 1;
        boundary(self.hop_idx) - boundary(self.hop_idx - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(sample_rate: f32, stagger: u64, expected: [usize; 4]) {
        let mut hops = HopClock::new(SampleRate(sample_rate));
        hops.restart(stagger);
        assert_eq!([(); 4].map(|()| hops.next_samples()), expected, "{sample_rate} Hz, stagger {stagger}");
    }

    #[test]
    fn hops_last_5_ms_on_average_whatever_the_rate_and_the_first_two_of_them() {
        check(48_000.0, 0, [480, 240, 240, 240]);
        check(11_025.0, 0, [110, 55, 55, 55]);
        check(22_050.0, 0, [220, 110, 111, 110]);
    }

    #[test]
    fn only_the_first_hop_is_staggered() {
        check(48_000.0, 1, [450, 240, 240, 240]);
        check(48_000.0, 7, [270, 240, 240, 240]);
        check(48_000.0, 8, [480, 240, 240, 240]);
    }
}
