//! One take: the state of a voice that runs through the model, frame by frame.
//!
//! The network hears its own take: the pitch that it would have had. The sound is at the pitch played, moved by what
//! the take does around it. So a phrase stays coherent in keys that were never recorded.

use super::free_run::FreeRun;
use super::imagination::{Imagination, MOST_DRAWN};
use super::leaving::Leaving;
use super::melody::{self, Melody};
use super::mixture::{self, Pull};
use super::network::{
    GESTURE_COMPONENTS, GESTURE_DIM, GESTURE_OUT, INPUT, INPUT_FIRST, INPUT_GATE, INPUT_SHIFT, State,
    VECTOR_DIM,
};
use super::onset::{self, Wanted};
use super::recall::{MOST_RECALLED, Recall};
use super::{Model, random};
use crate::dsp::maths;
use crate::vocoder::frame::Frame;
use crate::vocoder::shape::interpolated;
use rand_core::SeedableRng as _;

/// How a take begins.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Start {
    /// Pitch of the key, Hz; `None` in a free run.
    pub pitch_hz: Option<f32>,
    /// Velocity, 0 to 1.
    pub velocity: f32,
    /// Seed of all chance in this take.
    pub seed: u64,
}

/// A place on the sound map that timbre is drawn to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Steer {
    /// Position on the map, −1 to 1.
    pub x: f32,
    /// Position on the map, −1 to 1.
    pub y: f32,
    /// 0 (none) to 1.
    pub strength: f32,
}

/// What the player holds while the take runs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Controls {
    /// Is the key down? Ignored in a free run.
    pub gate: bool,
    /// Pitch of the key with bend, Hz; `None` in a free run.
    pub pitch_hz: Option<f32>,
    /// Level added to the model's own, dB (velocity, pressure and expression at work).
    pub gain_db: f32,
    /// 0 (strict tuning) to 1 (the learned melody, transposed to the key).
    pub own_pitch: f32,
    /// 0 (steady) to 1 (the learned dynamics).
    pub own_loudness: f32,
    /// 0 (imagined) to 1 (remembered).
    pub memory: f32,
    /// 0 (deterministic), 1 (the learned distribution), to 1.5.
    pub chance: f32,
    /// Where timbre is drawn to, if anywhere.
    pub steer: Option<Steer>,
}

impl Default for Controls {
    /// A key held at no pitch of its own, strictly in tune, with the learned dynamics, mostly as varied as learned.
    fn default() -> Self {
        Self {
            gate: true,
            pitch_hz: None,
            gain_db: 0.0,
            own_pitch: 0.0,
            own_loudness: 1.0,
            memory: 1.0,
            chance: 0.8,
            steer: None,
        }
    }
}

/// Level of a frame that says nothing, dB.
const SILENT_DB: f32 = -120.0;
/// Level below which a released take has ended, dB.
const ENDED_DB: f32 = -75.0;
/// Interval between a remembered frame and the key at which its weight falls by half a neper.
const KEY_SEMITONES: f32 = 5.0;
/// Share of the way back to the key that an imagined pitch goes each frame, at strict tuning.
const PULL_TO_KEY: f32 = 0.1;
/// Variance of steering at full strength, whitened units squared.
const STEER_VARIANCE: f32 = 0.15;
/// Furthest that learning transposes, semitones.
const AUGMENTED_SEMITONES: f32 = 7.0;
/// Furthest that the network is told, standard deviations.
const MOST_TOLD: f32 = 5.0;

/// State of one take. Holds no model: the caller passes the same one to each call.
#[derive(Clone, Debug)]
pub struct Generator {
    state: State,
    rng: rand_pcg::Pcg64Mcg,
    /// What the network heard last. Shape `[VECTOR_DIM]`.
    heard: [f32; VECTOR_DIM],
    first: bool,
    recall: Recall,
    leaving: Option<Leaving>,
    melody: Melody,
    free: Option<FreeRun>,
    velocity: f32,
    ended: bool,
}

impl Generator {
    /// A generator that has not started.
    pub fn new() -> Self {
        Self {
            state: State::new(),
            rng: rand_pcg::Pcg64Mcg::seed_from_u64(0),
            heard: [0.0; VECTOR_DIM],
            first: true,
            recall: Recall::default(),
            leaving: None,
            melody: Melody::default(),
            free: None,
            velocity: 0.0,
            ended: false,
        }
    }

    /// Begins a take. Audio thread: neither allocates nor fails.
    pub fn start(&mut self, model: &Model, start: &Start) {
        self.rng = rand_pcg::Pcg64Mcg::seed_from_u64(start.seed);
        self.velocity = start.velocity.clamp(0.0, 1.0);
        self.free = start.pitch_hz.is_none().then(FreeRun::new);
        self.ended = false;
        self.begin_event();
        self.melody = Melody::new(start.pitch_hz.map(|hz| model.codec.whitened_pitch(hz)));
    }

    fn begin_event(&mut self) {
        self.state = State::new();
        self.heard = [0.0; VECTOR_DIM];
        self.first = true;
        self.recall = Recall::default();
        self.leaving = None;
    }

    /// The next frame, 10 ms after the last. Audio thread: neither allocates nor fails.
    pub fn step(&mut self, model: &Model, controls: &Controls) -> Frame {
        let chance = controls.chance.clamp(0.0, 1.5);
        // At Chance 0 the result is the same for every seed.
        if chance <= 0.0 {
            self.rng = rand_pcg::Pcg64Mcg::seed_from_u64(0);
        }
        let gate = match &mut self.free {
            None => controls.gate,
            Some(free) => match free.step(model, &self.recall, self.heard[1], chance, &mut self.rng) {
                super::free_run::Stage::Gate(gate) => gate,
                super::free_run::Stage::Silent => return silent_frame(model),
                super::free_run::Stage::Onset => {
                    self.begin_event();
                    true
                }
            },
        };
        let mut input = [0.0_f32; INPUT];
        input[..VECTOR_DIM].copy_from_slice(&self.heard);
        input[INPUT_GATE] = if gate { 1.0 } else { 0.0 };
        input[INPUT_FIRST] = if self.first { 1.0 } else { 0.0 };
        for value in &mut input[..VECTOR_DIM] {
            *value = value.clamp(-MOST_TOLD, MOST_TOLD);
        }
        let key = controls.pitch_hz.map(|hz| model.codec.whitened_pitch(hz));
        input[INPUT_SHIFT] =
            key.map_or(0.0, |key| told_pitch(model, key, AUGMENTED_SEMITONES) - told_pitch(model, key, 0.0));
        model.network.step(&mut self.state, &input);

        let target = controls.steer.filter(|steer| 0.0 < steer.strength).and_then(|steer| {
            let point = model.map.nearest(steer.x, steer.y)?;
            Some((point, STEER_VARIANCE / steer.strength.clamp(0.01, 1.0)))
        });
        let remembers = if chance <= 0.0 {
            0.5 <= controls.memory
        } else {
            random::uniform(&mut self.rng) < controls.memory
        };
        let remembered = remembers && self.remember(model, controls, gate, key, target, chance);
        if !remembered {
            self.imagine(model, controls, key, target, chance);
        }
        self.first = false;
        self.sound(model, controls, gate)
    }

    /// Does what it can of the next step, which is then the same but sooner done; with the model of that step. Audio thread.
    pub fn prepare(&mut self, model: &Model) {
        model.network.prepare(&mut self.state);
    }

    /// Draws the next frame from memory; `false` if there is nothing to draw from.
    fn remember(
        &mut self,
        model: &Model,
        controls: &Controls,
        gate: bool,
        key: Option<f32>,
        target: Option<(usize, f32)>,
        chance: f32,
    ) -> bool {
        let memory = &model.memory;
        let semitone = 1.0 / 12.0 / model.codec.pitch_std;
        // The Gaussian around each frame times that around the target.
        let steer = |frame: usize| {
            let Some((point, variance)) = target else { return 0.0 };
            let wanted = &model.map.frames[point * VECTOR_DIM..(point + 1) * VECTOR_DIM];
            let own = &memory.frames[frame * VECTOR_DIM..(frame + 1) * VECTOR_DIM];
            let off: f32 =
                own[GESTURE_DIM..].iter().zip(&wanted[GESTURE_DIM..]).map(|(a, b)| (a - b) * (a - b)).sum();
            -0.5 * off / (memory.spread * memory.spread + variance)
        };
        if self.first {
            let near = key.map(|pitch| {
                let [low, high] = model.card.corpus.loudness_range_db;
                let level = low + (high - low) * (0.4 + 0.6 * self.velocity);
                let level = (level - model.codec.loudness_mean) / model.codec.loudness_std;
                Wanted { pitch, level, semitone, db: 1.0 / model.codec.loudness_std }
            });
            let rng = &mut self.rng;
            if !self.recall.onsets(memory, near, &mut || random::uniform(rng)) {
                return false;
            }
            self.recall.weigh(steer);
        } else {
            let also: &[u16] = if target.is_some() { &model.map.memory_frames } else { &[] };
            self.recall.search(memory, self.state.numbers(), gate, also, &steer);
            if let Some(key) = key {
                let strict = 1.0 - controls.own_pitch.clamp(0.0, 1.0);
                self.recall.weigh(|frame| {
                    let off = (memory.frames[frame * VECTOR_DIM] - key) / (KEY_SEMITONES * semitone);
                    -0.5 * strict * (off * off).min(16.0)
                });
            }
        }
        if self.recall.num == 0 {
            return false;
        }
        let chosen =
            mixture::pick(&self.recall.logs[..self.recall.num.min(MOST_RECALLED)], chance, &mut self.rng);
        let mut frame = self.recall.frames[chosen];
        if self.first && key.is_some() {
            frame = onset::answering_frame(memory, frame, 1.0 / model.codec.loudness_std);
        }
        let left = Leaving::of(memory, &self.recall);
        self.recall.play(memory, frame);
        self.leaving = if 0 < self.recall.followed {
            self.leaving.and_then(|leaving| leaving.next(memory))
        } else {
            // An onset is to be heard.
            left.filter(|_| !memory.is_start(frame))
        };
        self.heard = *memory.vector(frame);
        if chance > 0.0 {
            let mut noise = [0.0_f32; VECTOR_DIM];
            random::fill_gaussians(&mut self.rng, &mut noise);
            memory.scatter(&mut self.heard, &noise, chance, model.codec.pitch_std);
        }
        if self.first {
            self.melody.anchor(onset::event_gesture(memory, usize::from(frame))[0]);
        }
        true
    }

    /// Draws the next frame from the network's mixtures.
    fn imagine(
        &mut self,
        model: &Model,
        controls: &Controls,
        key: Option<f32>,
        target: Option<(usize, f32)>,
        chance: f32,
    ) {
        self.recall.at = None;
        self.recall.followed = 0;
        self.leaving = None;
        let mut raw = [0.0_f32; GESTURE_OUT];
        model.network.gesture_head(&self.state, &mut raw);
        let used = GESTURE_COMPONENTS * (1 + 2 * GESTURE_DIM);
        let mut gesture = [0.0_f32; GESTURE_DIM];
        mixture::draw(&raw[..used], &self.heard[..GESTURE_DIM], None, chance, &mut self.rng, &mut gesture);
        if let Some(key) = key {
            // The key holds the pitch; how it moves around it is the model's.
            let told = told_pitch(model, key, AUGMENTED_SEMITONES);
            let own = controls.own_pitch.clamp(0.0, 1.0);
            let pull = if self.first { 1.0 } else { PULL_TO_KEY * (1.0 - own) };
            gesture[0] += pull * (told - gesture[0]);
            if self.first {
                self.melody.anchor(told);
            }
        }
        let pull = target.map(|(point, variance)| Pull {
            target: &model.map.frames[point * VECTOR_DIM + GESTURE_DIM..(point + 1) * VECTOR_DIM],
            variance,
        });
        let (network, state, before) = (&model.network, &self.state, &self.heard[GESTURE_DIM..]);
        let timbre = Imagination { network, state, gesture, before, pull, chance }.timbre(&mut self.rng);
        self.heard[GESTURE_DIM..].copy_from_slice(&timbre);
        self.heard[..GESTURE_DIM].copy_from_slice(&gesture);
        for value in &mut self.heard {
            *value = value.clamp(-MOST_DRAWN, MOST_DRAWN);
        }
    }

    /// The frame that sounds: what the network heard, at the pitch and level that are played.
    fn sound(&mut self, model: &Model, controls: &Controls, gate: bool) -> Frame {
        let mut frame = detailed(model, &self.heard, self.recall.at);
        let mut pitch = self.heard[0];
        if let Some(leaving) = self.leaving {
            let (at, share) = (leaving.frame(), leaving.share());
            let vector = model.memory.vector(at);
            frame = interpolated(&frame, &detailed(model, vector, Some(at)), share);
            pitch += share * (vector[0] - pitch);
        }
        let octave = 1.0 / model.codec.pitch_std;
        let (movement, level_db) = self.melody.step(pitch, octave, frame.loudness_db, controls, gate);
        if let Some(hz) = controls.pitch_hz {
            frame.pitch_hz = hz * maths::exp2(movement);
        }
        frame.loudness_db = level_db + controls.gain_db;
        let rung_out = self.recall.at.is_some_and(|at| model.memory.has_rung_out(at));
        if self.free.is_none() && (rung_out || !gate && frame.loudness_db < ENDED_DB) {
            self.ended = true;
        }
        frame
    }

    /// The frame half-way from the frame before to the last one, both as [`step`](Self::step) gave them or moved alike in
    /// pitch and level. Audio thread.
    pub fn half_way(&self, model: &Model, controls: &Controls, before: &Frame, last: &Frame) -> Frame {
        let middle = interpolated(before, last, 0.5);
        // Where a recording is left for another, neither knows what was half-way.
        let follows = self.recall.at.filter(|_| 0 < self.recall.followed);
        let Some(detail) = follows.and_then(|at| model.memory.detail(at)) else { return middle };
        let mut half_way = model.detail.half_way(detail, before, last);
        half_way.loudness_db *= controls.own_loudness.clamp(0.0, 1.0);
        if controls.pitch_hz.is_some() {
            half_way.octaves = melody::movement(half_way.octaves, half_way.octaves, controls);
        }
        half_way.frame()
    }

    /// Has the take ended by itself (rung out, or released and faded below hearing)?
    pub fn ended(&self) -> bool {
        self.ended
    }

    /// The frame of memory that sounded last, if the last frame was remembered.
    pub fn remembered_frame(&self) -> Option<u16> {
        self.recall.at
    }

    /// The last frame, whitened, as the network will hear it: at the pitch that it would have had.
    pub fn heard(&self) -> &[f32; VECTOR_DIM] {
        &self.heard
    }

    /// Position on the sound map, −1 to 1, of the last frame.
    pub fn map_position(&self, model: &Model) -> [f32; 2] {
        model.map.position(&self.heard)
    }
}

impl Default for Generator {
    fn default() -> Self {
        Self::new()
    }
}

/// The frame of a vector, with the detail of the remembered frame that it is, if it is.
fn detailed(model: &Model, vector: &[f32; VECTOR_DIM], at: Option<u16>) -> Frame {
    let mut frame = model.codec.frame_from_vector(vector);
    if let Some(detail) = at.and_then(|at| model.memory.detail(at)) {
        model.detail.restore(detail, &mut frame);
    }
    frame
}

/// The key as the network is told it: within what was recorded and `beyond` semitones more.
fn told_pitch(model: &Model, key: f32, beyond: f32) -> f32 {
    let margin = beyond / 12.0 / model.codec.pitch_std;
    let [low, high] = model.card.corpus.pitch_range_hz.map(|hz| model.codec.whitened_pitch(hz.max(1.0)));
    key.max(low - margin).min(high.max(low) + margin)
}

fn silent_frame(model: &Model) -> Frame {
    let mut frame = model.codec.frame_from_vector(&[0.0; VECTOR_DIM]);
    frame.loudness_db = SILENT_DB;
    frame
}
