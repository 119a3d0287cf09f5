//! The engine itself: a block of events in, a block of sound out.

use super::channel::{Channels, ControlEffect};
use super::context::Context;
use super::event::{Event, EventKind, NoteOn};
use super::handle::{EngineHandle, Handover, handover};
use super::meters::Meters;
use super::param::{ParamId, Params};
use super::prepared::PreparedModel;
use super::voice::Phase;
use super::voices::{Voices, notes_of};
use super::workers::Workers;
use crate::dsp::denormals::FlushDenormals;
use crate::dsp::limiter::Limiter;
use crate::dsp::ramp::Ramp;
use crate::tuning::KeyPitches;
use crate::units::{SampleRate, gain_from_db};
use std::sync::Arc;

/// Time in which the output level follows its parameter, seconds.
const OUTPUT_SECONDS: f32 = 0.01;

/// What an engine is made for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EngineConfig {
    /// 1,000 to 1,536,000.
    pub sample_rate: SampleRate,
    /// Added to the parameter Take: seed 7 with take 0 is seed 0 with take 7.
    pub seed: u64,
}

/// A model that is played: events in, sound out. The same events give the same samples, however they are cut into
/// blocks.
///
/// ```
/// # use mynah::engine::{Engine, EngineConfig, Event, EventKind, NoteOn, PreparedModel};
/// # use mynah::model::Model;
/// # use mynah::units::SampleRate;
/// fn first_ten_milliseconds(model: std::sync::Arc<Model>) -> [Vec<f32>; 2] {
///     let sample_rate = SampleRate(48_000.0);
///     let prepared = PreparedModel::new(model, sample_rate);
///     let (mut engine, _handle) = Engine::new(EngineConfig { sample_rate, seed: 0 }, prepared);
///     let on = NoteOn { channel: 0, key: 60, note_id: None, velocity: 0.8 };
///     let [mut left, mut right] = [vec![0.0; 480], vec![0.0; 480]];
///     engine.process(&[Event { offset_samples: 0, kind: EventKind::NoteOn(on) }], &mut left, &mut right);
///     [left, right]
/// }
/// ```
#[derive(Debug)]
pub struct Engine {
    context: Context,
    voices: Voices,
    /// Linear gain.
    output: Ramp,
    limiter: Limiter,
    handover: Handover,
    meters: Arc<Meters>,
}

impl Engine {
    /// An engine and the handle that is kept away from the audio thread. Allocates all that it will ever need.
    ///
    /// `prepared` is to be prepared for the same sample rate.
    pub fn new(config: EngineConfig, prepared: PreparedModel) -> (Self, EngineHandle) {
        debug_assert!(
            prepared.tables.sample_rate == config.sample_rate.0,
            "the model is prepared for the engine's sample rate"
        );
        let meters = Arc::new(Meters::new());
        let (handle, handover) = handover(Arc::clone(&prepared.tables), Arc::clone(&meters));
        let params = Params::new();
        let output = Ramp::new(gain_from_db(params.get(ParamId::Output)));
        let context = Context {
            params,
            channels: Channels::new(),
            tuning: KeyPitches::equal(),
            sample_rate: config.sample_rate,
            seed: config.seed,
            models: [None, None],
            current: 0,
        };
        let voices = Voices::new(&prepared, &context);
        let context = Context { models: [Some(prepared), None], ..context };
        let limiter = Limiter::new(config.sample_rate.0);
        (Self { context, voices, output, limiter, handover, meters }, handle)
    }

    /// As new, but for the model, the tuning and the parameters: the same events from here give the same samples. Audio thread.
    pub fn reset(&mut self) {
        self.voices.reset();
        self.context.channels = Channels::new();
        self.output = Ramp::new(gain_from_db(self.context.params.get(ParamId::Output)));
        self.limiter.reset();
    }

    /// Plays a block. Writes every sample of both channels, which have one length; events are in the order of their
    /// offsets. Audio thread: no allocation, no lock, no panic.
    pub fn process(&mut self, events: &[Event], left: &mut [f32], right: &mut [f32]) {
        self.process_by(events, left, right, Voices::render);
    }

    /// [`Engine::process`] with voices rendered side by side: the same samples. Off-line only: allocates, and waits for
    /// the workers. Worth the while for blocks of some thousand samples.
    pub fn process_with(
        &mut self,
        workers: &impl Workers,
        events: &[Event],
        left: &mut [f32],
        right: &mut [f32],
    ) {
        self.process_by(events, left, right, |voices, context, left, right| {
            voices.render_with(workers, context, left, right);
        });
    }

    fn process_by(
        &mut self,
        events: &[Event],
        left: &mut [f32],
        right: &mut [f32],
        add_voices: impl Fn(&mut Voices, &Context, &mut [f32], &mut [f32]),
    ) {
        debug_assert!(left.len() == right.len(), "channels have one length");
        let _flush = FlushDenormals::new();
        let num_samples = left.len().min(right.len());
        let (left, right) = (&mut left[..num_samples], &mut right[..num_samples]);
        self.voices.begin_block();
        if let Some(tuning) = self.handover.take_tuning() {
            self.context.tuning = tuning;
            self.voices.retune(&self.context);
        }
        self.exchange_models();
        let mut at = 0;
        for event in events {
            let end = (event.offset_samples as usize).clamp(at, num_samples);
            self.render(&mut left[at..end], &mut right[at..end], &add_voices);
            at = end;
            self.apply(&event.kind);
        }
        self.render(&mut left[at..], &mut right[at..], &add_voices);
        self.voices.end_block();
        if self.meters.is_looked_at() {
            self.show(left, right);
        }
    }

    /// Is every sample from here silent, if no note comes? Audio thread.
    pub fn is_silent(&self) -> bool {
        self.voices.are_silent()
    }

    /// Notes whose last voice fell silent in the block played last, for hosts that want to know. Audio thread.
    pub fn ended_notes(&self) -> &[NoteOn] {
        self.voices.ended()
    }

    /// The values of the parameters. Audio thread.
    pub fn params(&self) -> &Params {
        &self.context.params
    }

    fn render(
        &mut self,
        left: &mut [f32],
        right: &mut [f32],
        add_voices: &impl Fn(&mut Voices, &Context, &mut [f32], &mut [f32]),
    ) {
        left.fill(0.0);
        right.fill(0.0);
        add_voices(&mut self.voices, &self.context, left, right);
        match self.output.resting() {
            Some(1.0) => {}
            _ => {
                for (left, right) in left.iter_mut().zip(right.iter_mut()) {
                    let gain = self.output.advance();
                    *left *= gain;
                    *right *= gain;
                }
            }
        }
        self.limiter.process(left, right);
    }

    fn apply(&mut self, event: &EventKind) {
        let (context, voices) = (&mut self.context, &mut self.voices);
        match *event {
            EventKind::NoteOn(on) => voices.note_on(context, on),
            EventKind::NoteOff(address) => voices.note_off(context, address),
            EventKind::Choke(address) => voices.choke(context, address),
            EventKind::Express { note, expression, value } => voices.express(note, expression, value),
            EventKind::Modulate { note, id, amount } => voices.modulate(note, id, amount),
            EventKind::Bend { channel, value } => context.channels.bend(channel, value),
            EventKind::Pressure { channel, value } => context.channels.press(channel, value),
            EventKind::Control { channel, controller, value } => {
                match context.channels.control(channel, controller, value) {
                    ControlEffect::None => {}
                    ControlEffect::PedalUp => voices.pedal_up(context),
                    ControlEffect::AllSoundOff => voices.choke(context, notes_of(channel, context)),
                    ControlEffect::AllNotesOff => voices.note_off(context, notes_of(channel, context)),
                }
            }
            EventKind::Param { id, value } => {
                context.params.set(id, value);
                if id == ParamId::Output {
                    let gain = gain_from_db(context.params.get(id));
                    if voices.are_silent() {
                        // A session that opens while audio runs is there from its first note on.
                        self.output = Ramp::new(gain);
                    } else {
                        self.output.aim(gain, context.samples(OUTPUT_SECONDS));
                    }
                }
            }
            EventKind::FreeRunOn => voices.begin_free_run(context),
            EventKind::FreeRunOff => voices.end_free_runs(context),
        }
    }

    /// Takes a model that has come, and sends away one that no voice plays any more.
    fn exchange_models(&mut self) {
        let other = 1 - self.context.current;
        if self.context.models[other].is_some() {
            if self.voices.play(other) {
                return;
            }
            if let Some(old) = self.context.models[other].take() {
                self.handover.give_back(old);
            }
        }
        if let Some(prepared) = self.handover.take_newest() {
            let old = self.context.current;
            self.context.models[other] = Some(prepared);
            self.context.current = other;
            self.voices.cross_over(&self.context, old);
        }
    }

    fn show(&self, left: &[f32], right: &[f32]) {
        self.meters.show_peak(0, left);
        self.meters.show_peak(1, right);
        let (mut num_voices, mut keys) = (0, [0_u64; 2]);
        for (voice_idx, voice) in self.voices.iter().enumerate() {
            let active = voice.is_active();
            let position = if active { voice.map_position(&self.context) } else { None };
            self.meters.show_position(voice_idx, position);
            num_voices += usize::from(active);
            let key = voice.start.on.key;
            if matches!(voice.phase, Phase::Held | Phase::Sustained) && key < 128 {
                keys[usize::from(key / 64)] |= 1 << (key % 64);
            }
        }
        self.meters.show_voices(num_voices, keys);
    }
}
