//! What runs in the callback of the device: events in, sound out, for blocks of any length.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Instant;

use cpal::{FromSample, SizedSample};
use mynah::engine::param::NUM_PARAMS;
use mynah::engine::{Engine, EngineConfig, Event, EventKind, PreparedModel};
use mynah::units::SampleRate;

use super::counts::Counts;
use super::midi::intake::{BlockStart, Intake};
use super::pace::Pace;
use super::recorder::Tap;
use super::samples::{Fill, spread};
use super::values::Values;
use crate::session::{AudioEnd, Session};

/// Samples that are computed at a time; a longer block is played in pieces.
const PIECE_SAMPLES: usize = 1_024;

/// Events of one block that come by MIDI; those beyond are played in the next.
const MAX_MIDI_EVENTS: usize = 512;

/// Events of one piece: all of MIDI's, all keys of the screen that may wait, and a change of every parameter.
const MAX_EVENTS: usize = MAX_MIDI_EVENTS + 256 + NUM_PARAMS;

/// The instrument in the callback of a device. It lives as long as the application and goes from device to device.
pub(super) struct Player {
    /// None until there is a sample rate.
    engine: Option<Engine>,
    audio_end: AudioEnd,
    intake: Intake,
    tap: Tap,
    values: Arc<Values>,
    counts: Arc<Counts>,
    /// The values that the engine has; NaN before it has any. Shape `[NUM_PARAMS]`.
    sent: [f32; NUM_PARAMS],
    /// Events of the block, by their samples. Invariant: capacity is [`MAX_MIDI_EVENTS`].
    midi: Vec<Event>,
    /// Events of the piece. Invariant: capacity is [`MAX_EVENTS`].
    events: Vec<Event>,
    /// Left and right. Invariant: [`PIECE_SAMPLES`] each.
    channels: [Vec<f32>; 2],
    rate_hz: f32,
    num_channels: usize,
    /// For a device that does not tell of gaps.
    pace: Option<Pace>,
}

/// What a player is made of.
pub(super) struct PlayerConfig {
    pub(super) audio_end: AudioEnd,
    pub(super) intake: Intake,
    pub(super) tap: Tap,
    pub(super) values: Arc<Values>,
    pub(super) counts: Arc<Counts>,
}

impl Player {
    /// A player that has yet to be prepared.
    pub(super) fn new(config: PlayerConfig) -> Self {
        let PlayerConfig { audio_end, intake, tap, values, counts } = config;
        Self {
            engine: None,
            audio_end,
            intake,
            tap,
            values,
            counts,
            sent: [f32::NAN; NUM_PARAMS],
            midi: Vec::with_capacity(MAX_MIDI_EVENTS),
            events: Vec::with_capacity(MAX_EVENTS),
            channels: [vec![0.0; PIECE_SAMPLES], vec![0.0; PIECE_SAMPLES]],
            rate_hz: 0.0,
            num_channels: 2,
            pace: None,
        }
    }

    /// Gets ready for a device, in silence. Not on the audio thread.
    pub(super) fn prepare(&mut self, session: &Session, rate_hz: u32, num_channels: usize) {
        self.pace = None;
        self.num_channels = num_channels.max(1);
        if self.engine.is_none() || self.rate_hz != rate_hz as f32 {
            self.rate_hz = rate_hz as f32;
            let sample_rate = SampleRate(self.rate_hz);
            let prepared = PreparedModel::new(session.playing().model, sample_rate);
            let (engine, handle) = Engine::new(EngineConfig { sample_rate, seed: 0 }, prepared);
            self.engine = Some(engine);
            self.sent = [f32::NAN; NUM_PARAMS];
            session.attach(handle);
        }
        // Keys that came while nobody played are not played now, nor are those held that may have come up meanwhile.
        self.intake.clear();
        self.audio_end.gather(&mut self.events);
        self.events.clear();
        self.gather_params();
        if let Some(engine) = &mut self.engine {
            engine.process(&self.events, &mut [], &mut []);
            engine.reset();
        }
        self.counts.clear();
    }

    /// Watches the clock for gaps, for a device that tells of none. Not on the audio thread.
    pub(super) fn watch_pace(&mut self) {
        self.pace = Some(Pace::new(f64::from(self.rate_hz)));
    }

    /// Adds an event for each parameter that has changed.
    fn gather_params(&mut self) {
        for ((id, value), sent) in self.values.iter().zip(&mut self.sent) {
            if *sent != value {
                *sent = value;
                self.events.push(Event { offset_samples: 0, kind: EventKind::Param { id, value } });
            }
        }
    }

    /// Plays a piece of the block, from sample `start` of it, into `channels`.
    fn play_piece(&mut self, start: usize, num_samples: usize) {
        let timer = self.audio_end.begin_block();
        self.events.clear();
        self.gather_params();
        let end = start + num_samples;
        let num_due = self.midi.iter().take_while(|event| (event.offset_samples as usize) < end).count();
        for event in self.midi.drain(..num_due) {
            let offset_samples = (event.offset_samples as usize).saturating_sub(start) as u32;
            self.events.push(Event { offset_samples, ..event });
        }
        // Keys of the screen come last, for what was gathered before has its room for sure. They are played at the start
        // of the piece, or with the last event of MIDI in it.
        self.audio_end.gather(&mut self.events);
        let [left, right] = &mut self.channels;
        let (left, right) = (&mut left[..num_samples], &mut right[..num_samples]);
        match &mut self.engine {
            Some(engine) => engine.process(&self.events, left, right),
            None => {
                left.fill(0.0);
                right.fill(0.0);
            }
        }
        self.audio_end.end_block(timer, left, right, self.rate_hz);
        self.tap.push(left, right);
    }
}

impl Fill for Player {
    /// Plays a block. Audio thread: no allocation, no lock, no panic.
    fn fill<T: SizedSample + FromSample<f32>>(&mut self, samples: &mut [T]) {
        let begun = Instant::now();
        let num_channels = self.num_channels;
        let num_samples = samples.len() / num_channels;
        self.midi.clear();
        let block = BlockStart { at: begun, num_samples, rate_hz: self.rate_hz };
        self.intake.gather(block, &mut self.midi);
        let mut start = 0;
        for piece in samples.chunks_mut(PIECE_SAMPLES * num_channels) {
            let piece_samples = piece.len() / num_channels;
            self.play_piece(start, piece_samples);
            let [left, right] = &self.channels;
            spread(&left[..piece_samples], &right[..piece_samples], num_channels, piece);
            start += piece_samples;
        }
        if let Some(pace) = &mut self.pace {
            self.counts.num_gaps.fetch_add(pace.block(begun, num_samples), Relaxed);
        }
        self.counts.block(num_samples, begun.elapsed(), self.rate_hz);
    }
}
