//! Off-line rendering through the same engine that plays live: a MIDI file, or a free run.

mod all_cores;
mod free_run;
mod song;
#[cfg(test)]
mod tests;

pub use free_run::{FreeRunConfig, free_run};
pub use song::{Song, TimedEvent};

use all_cores::AllCores;

use crate::engine::{
    Engine, EngineConfig, EngineHandle, Event, EventKind, NoteAddress, ParamId, PreparedModel,
};
use crate::model::Model;
use crate::tuning::KeyPitches;
use crate::units::{SampleRate, Seconds};
use std::sync::Arc;

/// Longest song and free run, hours: a slip of a few bytes in a MIDI file can ask for weeks.
pub const MAX_HOURS: f64 = 4.0;

/// After the end of a song the engine is asked whether it is silent each time this has passed, whatever the blocks:
/// so the length of what is rendered does not depend on them.
const TAIL_STEP_SAMPLES: u64 = 512;

/// Number of MIDI channels.
const NUM_CHANNELS: u8 = 16;

/// The controller of the sustain pedal.
const PEDAL: u8 = 64;

/// Why a MIDI file cannot be rendered.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RenderError {
    /// Not a standard MIDI file, or one of a kind that no one writes.
    #[error("not a standard MIDI file ({reason}); export one of format 0, 1 or 2")]
    NotMidi {
        /// What is wrong with it.
        reason: String,
    },
    /// The file ends in the middle of a track.
    #[error(
        "track {track} of {num_tracks} is cut short or damaged: it has no end mark; export the file again"
    )]
    CutShort {
        /// Number of the track, from 1.
        track: usize,
        /// Number of tracks that the file has or says that it has.
        num_tracks: usize,
    },
    /// Time does not pass in it.
    #[error("it has 0 ticks a beat, so time would stand still; export the file again")]
    NoTicks,
    /// Nothing to play.
    #[error("there is no note in it; export a file with notes")]
    NoNotes,
    /// Longer than is sensible.
    #[error("it lasts {hours:.1} hours, at most {MAX_HOURS} are rendered; shorten it")]
    TooLong {
        /// Its length.
        hours: f64,
    },
    /// More memory than there is.
    #[error("{seconds:.0} s of stereo sound do not fit into memory; lower the rate or shorten the song")]
    OutOfMemory {
        /// Length of what was to be rendered.
        seconds: f64,
    },
}

/// How a MIDI file is rendered.
#[derive(Clone, Debug, PartialEq)]
pub struct RenderConfig {
    /// 1,000 to 1,536,000.
    pub sample_rate: SampleRate,
    /// Chooses the take.
    pub seed: u64,
    /// 0 to 1.5.
    pub chance: f32,
    /// Other parameters that differ from their defaults.
    pub params: Vec<(ParamId, f32)>,
    /// Pitches of the keys.
    pub tuning: KeyPitches,
    /// Longest time that notes may ring after the end of the song.
    pub tail: Seconds,
    /// Samples rendered at a time; changes nothing that is heard.
    pub block_samples: usize,
}

impl Default for RenderConfig {
    fn default() -> Self {
        Self {
            sample_rate: SampleRate(48_000.0),
            seed: 0,
            chance: ParamId::Chance.spec().default,
            params: Vec::new(),
            tuning: KeyPitches::equal(),
            tail: Seconds(10.0),
            block_samples: 4_096,
        }
    }
}

/// Two channels of one length.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Stereo {
    /// Samples, −1 to 1.
    pub left: Vec<f32>,
    /// Samples, −1 to 1.
    pub right: Vec<f32>,
}

/// Renders a standard MIDI file whole. See [`Renderer`] for one that need not fit into memory.
///
/// # Errors
///
/// When the file is not one that can be played: [`RenderError`] says why.
pub fn render_midi(model: Arc<Model>, smf: &[u8], config: &RenderConfig) -> Result<Stereo, RenderError> {
    let mut renderer = Renderer::new(model, smf, config)?;
    let mut stereo = Stereo::default();
    let num_samples = renderer.max_samples() as usize;
    for channel in [&mut stereo.left, &mut stereo.right] {
        channel.try_reserve_exact(num_samples).map_err(|_| RenderError::OutOfMemory {
            seconds: num_samples as f64 / f64::from(config.sample_rate.0),
        })?;
    }
    while let Some([left, right]) = renderer.next_block() {
        stereo.left.extend_from_slice(left);
        stereo.right.extend_from_slice(right);
    }
    Ok(stereo)
}

/// Renders a standard MIDI file block by block: all tracks, tempo changes, controllers; programs are passed over.
#[derive(Debug)]
pub struct Renderer {
    engine: Engine,
    song: Song,
    next_event: usize,
    at_samples: u64,
    song_samples: u64,
    max_samples: u64,
    sample_rate: f64,
    block_events: Vec<Event>,
    left: Vec<f32>,
    right: Vec<f32>,
}

impl Renderer {
    /// Reads the file and prepares the model.
    ///
    /// # Errors
    ///
    /// When the file is not one that can be played: [`RenderError`] says why.
    pub fn new(model: Arc<Model>, smf: &[u8], config: &RenderConfig) -> Result<Self, RenderError> {
        let song = Song::parse(smf)?;
        let sample_rate = f64::from(config.sample_rate.0);
        let song_samples = samples_from_seconds(song.seconds, sample_rate);
        let tail_samples = samples_from_seconds(f64::from(config.tail.0).max(0.0), sample_rate);
        let engine_config = EngineConfig { sample_rate: config.sample_rate, seed: config.seed };
        let chance = (ParamId::Chance, config.chance);
        let params = core::iter::once(chance).chain(config.params.iter().copied());
        let block_samples = config.block_samples.max(1);
        let (engine, mut handle) = engine_with(model, engine_config, params);
        handle.tune(&config.tuning);
        Ok(Self {
            engine,
            song,
            next_event: 0,
            at_samples: 0,
            song_samples,
            max_samples: song_samples + tail_samples,
            sample_rate,
            block_events: Vec::new(),
            left: vec![0.0; block_samples],
            right: vec![0.0; block_samples],
        })
    }

    /// Samples of each channel that will be rendered, if notes ring as long as they may.
    pub fn max_samples(&self) -> u64 {
        self.max_samples
    }

    /// Share of the song that is done, 0 to 1.
    pub fn progress(&self) -> f64 {
        (self.at_samples as f64 / self.song_samples.max(1) as f64).min(1.0)
    }

    /// The next samples of left and right; `None` when all is silent after the end.
    pub fn next_block(&mut self) -> Option<[&[f32]; 2]> {
        let next_stop = if self.at_samples < self.song_samples {
            self.song_samples
        } else {
            let tail_samples = self.at_samples - self.song_samples;
            let at_step = tail_samples.is_multiple_of(TAIL_STEP_SAMPLES);
            if self.at_samples >= self.max_samples || (at_step && tail_samples > 0 && self.engine.is_silent())
            {
                return None;
            }
            let next_step = (tail_samples / TAIL_STEP_SAMPLES + 1) * TAIL_STEP_SAMPLES;
            (self.song_samples + next_step).min(self.max_samples)
        };
        let num_samples = (next_stop - self.at_samples).min(self.left.len() as u64) as usize;
        self.gather_events(num_samples);
        let (left, right) = (&mut self.left[..num_samples], &mut self.right[..num_samples]);
        self.engine.process_with(&AllCores, &self.block_events, left, right);
        self.at_samples += num_samples as u64;
        Some([&self.left[..num_samples], &self.right[..num_samples]])
    }

    fn gather_events(&mut self, num_samples: usize) {
        self.block_events.clear();
        let end_samples = self.at_samples + num_samples as u64;
        while let Some(timed) = self.song.events.get(self.next_event) {
            let event_samples = samples_from_seconds(timed.seconds, self.sample_rate);
            if event_samples >= end_samples {
                break;
            }
            let offset_samples = event_samples.saturating_sub(self.at_samples) as u32;
            self.block_events.push(Event { offset_samples, kind: timed.kind });
            self.next_event += 1;
        }
        if self.at_samples == self.song_samples {
            // Notes that the file leaves hanging end with it.
            let pedals = (0..NUM_CHANNELS).map(|channel| EventKind::Control {
                channel,
                controller: PEDAL,
                value: 0.0,
            });
            let kinds = pedals.chain([EventKind::NoteOff(NoteAddress::default())]);
            self.block_events.extend(kinds.map(|kind| Event { offset_samples: 0, kind }));
        }
    }
}

fn engine_with(
    model: Arc<Model>,
    config: EngineConfig,
    params: impl Iterator<Item = (ParamId, f32)>,
) -> (Engine, EngineHandle) {
    let (mut engine, handle) = Engine::new(config, PreparedModel::new(model, config.sample_rate));
    let events: Vec<Event> =
        params.map(|(id, value)| Event { offset_samples: 0, kind: EventKind::Param { id, value } }).collect();
    engine.process(&events, &mut [], &mut []);
    // What was set is there from the first sample on, with no ramp to it.
    engine.reset();
    (engine, handle)
}

fn samples_from_seconds(seconds: f64, sample_rate: f64) -> u64 {
    (seconds * sample_rate).round() as u64
}
