//! A voice: a take, the key that asked for it, and what the player does to it while it sounds.

use super::channel::{Played, bounded};
use super::context::Context;
use super::event::{Expression, NoteOn};
use super::expressions::Expressions;
use super::param::{NUM_PARAMS, ParamId};
use super::take::{HOPS_PER_SECOND, Take, TakeControls, TakeStart};
use crate::dsp::envelope::Envelope;
use crate::dsp::ramp::Ramp;
use crate::model::{Controls, Start, Steer};
use crate::tuning::PITCH_RANGE;
use crate::units::{SampleRate, db_from_gain, hz_from_midi, ratio_from_semitones};
use crate::vocoder::synthesis::SynthesisTables;
use std::sync::Arc;

/// Velocity at which a note is as loud as it was learned.
const NOMINAL_VELOCITY: f32 = 100.0 / 127.0;
/// Time in which gain and place in the stereo field follow what asks for them, seconds.
const SMOOTHING_SECONDS: f32 = 0.005;
/// Time in which a voice that was choked, stolen or ended falls silent, seconds.
pub(super) const FADE_SECONDS: f32 = 0.004;
/// Full pressure adds this, dB.
const PRESSURE_DB: f32 = 6.0;
/// Full pressure turns the spectrum by this, dB an octave.
const PRESSURE_TILT_DB: f32 = 1.5;
/// Full brightness turns the spectrum by this, dB an octave.
const BRIGHTNESS_TILT_DB: f32 = 4.0;
/// Rate of vibrato.
const VIBRATO_HZ: f32 = 5.5;
/// Vibrato at full modulation to either side, semitones.
const VIBRATO_SEMITONES: f32 = 0.5;
/// Largest gain of a note from all that can ask for one.
const MAX_GAIN: f32 = 16.0;

/// What a voice is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    Free,
    /// The key is down.
    Held,
    /// The key is up, the pedal is down.
    Sustained,
    Released,
    /// On its way out within milliseconds; no longer counted.
    Fading,
}

/// How a voice begins.
#[derive(Clone, Copy, Debug)]
pub(super) struct VoiceStart {
    pub on: NoteOn,
    /// Does a key give the pitch? If not, this is a free run.
    pub keyed: bool,
    /// Which note since the last reset.
    pub ordinal: u64,
    pub seed: u64,
    pub noise_seed: u64,
    pub stagger: u64,
    /// Time until it sounds, in a choir.
    pub delay_samples: u32,
    /// −1 to 1, in a choir.
    pub pan: f32,
    /// Linear, in a choir.
    pub gain: f32,
    /// Semitones from the key where a glide begins.
    pub glide_semitones: f32,
    /// Rising time where it takes over from another model; otherwise that of the parameter.
    pub attack_samples: Option<u32>,
}

/// One voice of the pool.
#[derive(Debug)]
pub(super) struct Voice {
    pub phase: Phase,
    pub start: VoiceStart,
    /// Pitch of its key in the tuning, in MIDI keys.
    key_pitch: f32,
    /// Is the end of its note yet to be told?
    pub untold: bool,
    /// Which of the two models it plays.
    pub model_idx: usize,
    /// What it wrote last, left and right.
    pub last: [f32; 2],
    take: Take,
    envelope: Envelope,
    gains: [Ramp; 2],
    /// Has a chunk been made? Gains jump to where they begin.
    begun: bool,
    delay_samples: u32,
    /// A release asked for that is as late as the voice was.
    release_in_samples: u32,
    glide_semitones: f32,
    glide_step: f32,
    vibrato_phase: f32,
    velocity_db: f32,
    expressions: Expressions,
    /// Polyphonic modulation, in the units of the parameters. Shape `[NUM_PARAMS]`.
    modulation: [f32; NUM_PARAMS],
}

impl Voice {
    pub(super) fn new(tables: Arc<SynthesisTables>, sample_rate: SampleRate) -> Self {
        Self {
            phase: Phase::Free,
            untold: false,
            start: VoiceStart {
                on: NoteOn { channel: 0, key: 0, note_id: None, velocity: 0.0 },
                keyed: true,
                ordinal: 0,
                seed: 0,
                noise_seed: 0,
                stagger: 0,
                delay_samples: 0,
                pan: 0.0,
                gain: 1.0,
                glide_semitones: 0.0,
                attack_samples: None,
            },
            key_pitch: 0.0,
            model_idx: 0,
            last: [0.0; 2],
            take: Take::new(tables, sample_rate),
            envelope: Envelope::new(),
            gains: [Ramp::new(0.0); 2],
            begun: false,
            delay_samples: 0,
            release_in_samples: 0,
            glide_semitones: 0.0,
            glide_step: 0.0,
            vibrato_phase: 0.0,
            velocity_db: 0.0,
            expressions: Expressions::NONE,
            modulation: [0.0; NUM_PARAMS],
        }
    }

    /// Does it count as sounding?
    pub(super) fn is_active(&self) -> bool {
        matches!(self.phase, Phase::Held | Phase::Sustained | Phase::Released)
    }

    pub(super) fn level(&self) -> f32 {
        self.envelope.level()
    }

    pub(super) fn map_position(&self, context: &Context) -> Option<[f32; 2]> {
        let prepared = context.models[self.model_idx].as_ref()?;
        self.begun.then(|| self.take.map_position(&prepared.model))
    }

    pub(super) fn begin(&mut self, context: &Context, start: &VoiceStart) {
        let Some(prepared) = &context.models[context.current] else { return };
        let velocity = bounded(start.on.velocity, 0.0, 1.0);
        // The softest stroke is 1 of 127.
        self.velocity_db = db_from_gain(velocity.max(1.0 / 127.0) / NOMINAL_VELOCITY);
        let response = context.params.get(ParamId::Velocity);
        self.key_pitch = context.tuning.of(start.on.key).unwrap_or(f32::from(start.on.key));
        let model = Start {
            pitch_hz: start.keyed.then(|| hz_from_midi(self.key_pitch)),
            velocity: NOMINAL_VELOCITY + (velocity - NOMINAL_VELOCITY) * response,
            seed: start.seed,
        };
        let take = TakeStart { model, noise_seed: start.noise_seed, stagger: start.stagger };
        self.take.start(&prepared.model, &take);
        self.phase = Phase::Held;
        self.untold = start.keyed;
        self.start = *start;
        self.model_idx = context.current;
        self.last = [0.0; 2];
        let attack = || context.samples(context.params.get(ParamId::Attack));
        self.envelope.start(start.attack_samples.unwrap_or_else(attack));
        self.begun = false;
        self.delay_samples = start.delay_samples;
        self.release_in_samples = 0;
        self.glide_semitones = 0.0;
        self.glide_from(context, start.glide_semitones);
        self.vibrato_phase = 0.0;
        self.expressions = Expressions::NONE;
        self.modulation = [0.0; NUM_PARAMS];
    }

    /// Plays on as `other` is played.
    pub(super) fn copy_expressions(&mut self, other: &Self) {
        self.phase = other.phase;
        self.expressions = other.expressions;
        self.modulation = other.modulation;
    }

    /// Follows a new tuning from the next hop on; a note whose key has no pitch any more is released at the one it has.
    pub(super) fn retune(&mut self, context: &Context) {
        match context.tuning.of(self.start.on.key) {
            Some(pitch) => self.key_pitch = pitch,
            None => self.release(context),
        }
    }

    /// Slides to another key, in legato.
    pub(super) fn slide(&mut self, context: &Context, on: NoteOn) {
        let from = self.key_pitch + self.glide_semitones;
        self.key_pitch = context.tuning.of(on.key).unwrap_or(self.key_pitch);
        self.glide_from(context, from - self.key_pitch);
        self.start.on = on;
    }

    /// The key is up: the take is told, and falls silent within the release time.
    pub(super) fn release(&mut self, context: &Context) {
        if !matches!(self.phase, Phase::Held | Phase::Sustained) {
            return;
        }
        self.phase = Phase::Released;
        self.release_in_samples = self.start.delay_samples;
        if self.release_in_samples == 0 {
            self.let_go(context);
        }
    }

    /// Falls silent within `num_samples`.
    pub(super) fn fade(&mut self, num_samples: u32) {
        if self.phase == Phase::Free {
            return;
        }
        self.phase = Phase::Fading;
        self.envelope.fade(num_samples);
        // What has not been heard yet need not fade.
        if !self.begun || self.envelope.is_done() {
            self.phase = Phase::Free;
        }
    }

    pub(super) fn express(&mut self, expression: Expression, value: f32) {
        self.expressions.set(expression, value);
    }

    pub(super) fn modulate(&mut self, id: ParamId, amount: f32) {
        self.modulation[id as usize] = if amount.is_finite() { amount } else { 0.0 };
    }

    /// Adds the voice to both channels.
    pub(super) fn render(&mut self, context: &Context, left: &mut [f32], right: &mut [f32]) {
        let mut at = 0;
        while at < left.len() && self.phase != Phase::Free {
            let mut num_samples = left.len() - at;
            if self.release_in_samples > 0 {
                num_samples = num_samples.min(self.release_in_samples as usize);
            }
            if self.delay_samples > 0 {
                num_samples = num_samples.min(self.delay_samples as usize);
                self.delay_samples -= num_samples as u32;
            } else {
                if self.take.unread().is_empty() && !self.make_chunk(context) {
                    self.phase = Phase::Free;
                    return;
                }
                num_samples = num_samples.min(self.take.unread().len());
                let end = at + num_samples;
                self.mix(&mut left[at..end], &mut right[at..end]);
            }
            if self.release_in_samples > 0 {
                self.release_in_samples -= num_samples as u32;
                if self.release_in_samples == 0 {
                    self.let_go(context);
                }
            }
            at += num_samples;
        }
    }

    /// Is there sound to go on with?
    fn make_chunk(&mut self, context: &Context) -> bool {
        if self.take.needs_hop() {
            if self.take.has_ended() {
                self.fade(context.samples(FADE_SECONDS));
            }
            let Some(prepared) = &context.models[self.model_idx] else { return false };
            let controls = self.hop_controls(context);
            self.take.begin_hop(&prepared.model, &controls);
        }
        let finite = self.take.make_chunk();
        let gains = self.stereo_gains(context);
        if self.begun {
            for (ramp, gain) in self.gains.iter_mut().zip(gains) {
                ramp.aim(gain, context.samples(SMOOTHING_SECONDS));
            }
        } else {
            self.gains = gains.map(Ramp::new);
            self.begun = true;
        }
        finite
    }

    fn mix(&mut self, left: &mut [f32], right: &mut [f32]) {
        let chunk = &self.take.unread()[..left.len()];
        let resting = (self.gains[0].resting(), self.gains[1].resting());
        if let (Some(gain_left), Some(gain_right)) = resting
            && self.envelope.is_full()
        {
            for ((left, right), sample) in left.iter_mut().zip(right.iter_mut()).zip(chunk) {
                *left += sample * gain_left;
                *right += sample * gain_right;
            }
            let last = chunk.last().unwrap_or(&0.0);
            self.last = [last * gain_left, last * gain_right];
        } else {
            for ((left, right), sample) in left.iter_mut().zip(right.iter_mut()).zip(chunk) {
                let sample = sample * self.envelope.advance();
                self.last = [sample * self.gains[0].advance(), sample * self.gains[1].advance()];
                *left += self.last[0];
                *right += self.last[1];
            }
        }
        self.take.advance(left.len());
        if self.envelope.is_done() {
            self.phase = Phase::Free;
        }
    }

    fn let_go(&mut self, context: &Context) {
        self.envelope.release(context.samples(self.value(context, ParamId::Release)));
    }

    fn glide_from(&mut self, context: &Context, semitones: f32) {
        let num_hops = (context.params.get(ParamId::Glide) * HOPS_PER_SECOND).round();
        if num_hops < 1.0 {
            (self.glide_semitones, self.glide_step) = (0.0, 0.0);
        } else {
            (self.glide_semitones, self.glide_step) = (semitones, semitones / num_hops);
        }
    }

    /// A parameter with what modulates it for this note.
    fn value(&self, context: &Context, id: ParamId) -> f32 {
        let value = context.params.get(id);
        let amount = self.modulation[id as usize];
        if amount == 0.0 { value } else { id.spec().clamped(value + amount) }
    }

    fn played(&self, context: &Context) -> Played {
        let bend_range = self.value(context, ParamId::BendRange);
        context.channels.played(self.start.on.channel, bend_range, &context.params)
    }

    /// What is held during the hop that begins; moves glide and vibrato on by one.
    fn hop_controls(&mut self, context: &Context) -> TakeControls {
        let value = |id| self.value(context, id);
        let played = self.played(context);
        let pressure = (played.pressure + self.expressions.pressure).min(1.0);
        let bent_semitones = value(ParamId::Tune) / 100.0
            + self.expressions.tune_semitones
            + played.bend_semitones
            + self.glide_semitones
            + VIBRATO_SEMITONES * played.modulation * wave(self.vibrato_phase);
        let pitch = self.key_pitch + bent_semitones;
        let pitch_hz = self.start.keyed.then(|| hz_from_midi(pitch.clamp(PITCH_RANGE[0], PITCH_RANGE[1])));
        let strength = value(ParamId::Steer);
        let steer = Steer { x: value(ParamId::SteerX), y: value(ParamId::SteerY), strength };
        let controls = TakeControls {
            model: Controls {
                gate: matches!(self.phase, Phase::Held | Phase::Sustained) || self.release_in_samples > 0,
                pitch_hz,
                gain_db: self.velocity_db * value(ParamId::Velocity) + PRESSURE_DB * pressure,
                own_pitch: value(ParamId::OwnPitch),
                own_loudness: value(ParamId::OwnLoudness),
                memory: value(ParamId::Memory),
                chance: value(ParamId::Chance),
                steer: (strength > 0.0).then_some(steer),
            },
            pace: value(ParamId::Pace),
            transposition: if self.start.keyed { 1.0 } else { ratio_from_semitones(bent_semitones) },
            formant_ratio: ratio_from_semitones(value(ParamId::Formant)),
            breath: value(ParamId::Breath),
            tilt_db_per_octave: PRESSURE_TILT_DB * pressure
                + 2.0
                    * BRIGHTNESS_TILT_DB
                    * (played.brightness + self.expressions.brightness).clamp(-0.5, 0.5),
        };
        self.vibrato_phase += VIBRATO_HZ / HOPS_PER_SECOND;
        self.vibrato_phase -= if self.vibrato_phase >= 0.5 { 1.0 } else { 0.0 };
        let left = self.glide_semitones - self.glide_step;
        // The sign turns where the last step is done.
        self.glide_semitones = if left * self.glide_step > 0.0 { left } else { 0.0 };
        controls
    }

    /// Linear gain of left and right: equal power, 1 and 1 in the middle.
    fn stereo_gains(&self, context: &Context) -> [f32; 2] {
        let played = self.played(context);
        let gain = (played.gain * self.expressions.volume * self.start.gain).clamp(0.0, MAX_GAIN);
        let pan = (played.pan + self.expressions.pan + self.start.pan).clamp(-1.0, 1.0);
        [gain * (1.0 - pan).sqrt(), gain * (1.0 + pan).sqrt()]
    }
}

/// A wave much like a sine, of period 1, from −0.5 to 0.5: two parabolas.
fn wave(phase: f32) -> f32 {
    8.0 * phase * (1.0 - 2.0 * phase.abs())
}
