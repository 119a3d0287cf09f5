//! The plugin: an engine between a host's events and its buffers.

use std::sync::Arc;

use mynah::engine::param::NUM_PARAMS;
use mynah::engine::{Engine, EngineConfig, Event, EventKind, MAX_VOICES, PreparedModel};
use mynah::units::SampleRate;
use nice_plug::prelude::{
    ActivateContext, AsyncExecutor, AudioIOLayout, AuxiliaryBuffers, Buffer, BufferConfig, ClapFeature,
    ClapPlugin, MidiConfig, Params, Plugin, PolyModulationConfig, ProcessContext, ProcessStatus,
    TaskExecutor, Vst3Plugin, Vst3SubCategory, new_nonzero_u32,
};

use crate::editor::{HostedPanel, editor};
use crate::notes::{event_from_host, host_from_ended};
use crate::params::HostParams;
use crate::session::{AudioEnd, Session};
use crate::window::Editor;

/// Sample rates that the engine plays at, all that clap-validator and Steinberg's validator ask for (the highest is
/// 1,234,567.8 Hz); a host beyond them is refused.
const SAMPLE_RATES: std::ops::RangeInclusive<f32> = 1_000.0..=1_536_000.0;

/// Events that are handed to the engine at a time; a block with more is played in pieces.
const MAX_EVENTS: usize = 512;

/// The instrument as a host sees it.
#[derive(Debug)]
pub struct Mynah {
    params: Arc<HostParams>,
    session: Arc<Session>,
    audio_end: AudioEnd,
    /// None until a host says at which sample rate it plays.
    engine: Option<Engine>,
    /// The values that the engine has; NaN before it has any. Shape `[NUM_PARAMS]`.
    sent: [f32; NUM_PARAMS],
    /// Invariant: capacity is [`MAX_EVENTS`], so that a push within it allocates nothing.
    events: Vec<Event>,
    /// What the engine was made for; 0 before there is one.
    sample_rate_hz: f32,
    /// The right channel, where the host wants one channel alone. Its length is the longest block.
    right: Vec<f32>,
}

impl Default for Mynah {
    fn default() -> Self {
        let (session, audio_end) = Session::new();
        Self {
            params: Arc::new(HostParams::new(Arc::clone(&session))),
            session,
            audio_end,
            engine: None,
            sent: [f32::NAN; NUM_PARAMS],
            events: Vec::with_capacity(MAX_EVENTS),
            sample_rate_hz: 0.0,
            right: Vec::new(),
        }
    }
}

impl Plugin for Mynah {
    const NAME: &'static str = "Mynah";
    const VENDOR: &'static str = "Mynah";
    const URL: &'static str = "";
    const EMAIL: &'static str = "";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");

    const AUDIO_IO_LAYOUTS: &'static [AudioIOLayout] = &[
        AudioIOLayout { main_output_channels: Some(new_nonzero_u32(2)), ..AudioIOLayout::const_default() },
        AudioIOLayout { main_output_channels: Some(new_nonzero_u32(1)), ..AudioIOLayout::const_default() },
    ];
    const MIDI_INPUT: MidiConfig = MidiConfig::MidiCCs;
    const SAMPLE_ACCURATE_AUTOMATION: bool = true;

    type Editor = Editor<HostedPanel>;
    type SysExMessage = ();
    /// There is one: to tend the session.
    type BackgroundTask = ();

    fn task_executor(&mut self) -> TaskExecutor<Self> {
        let session = Arc::clone(&self.session);
        Box::new(move |()| session.tend())
    }

    fn params(&self) -> Arc<dyn Params> {
        Arc::clone(&self.params) as Arc<dyn Params>
    }

    fn editor(&mut self, _executor: AsyncExecutor<Self>) -> Option<Self::Editor> {
        Some(editor(&self.session, &self.params))
    }

    fn activate(
        &mut self,
        _layout: &AudioIOLayout,
        config: &BufferConfig,
        context: &mut impl ActivateContext<Self>,
    ) -> bool {
        if !SAMPLE_RATES.contains(&config.sample_rate) {
            return false;
        }
        if self.engine.is_none() || self.sample_rate_hz != config.sample_rate {
            let sample_rate = SampleRate(config.sample_rate);
            let prepared = PreparedModel::new(self.session.playing().model, sample_rate);
            let (engine, handle) = Engine::new(EngineConfig { sample_rate, seed: 0 }, prepared);
            self.engine = Some(engine);
            self.session.attach(handle);
            self.sent = [f32::NAN; NUM_PARAMS];
            self.sample_rate_hz = config.sample_rate;
        } else if let Some(engine) = &mut self.engine {
            // Takes what was sent while no audio ran, so that there is room for what came after it.
            engine.reset();
            engine.process(&[], &mut [], &mut []);
        }
        self.session.tend();
        self.right.resize(config.max_buffer_size as usize, 0.0);
        context.set_current_voice_capacity(MAX_VOICES as u32);
        true
    }

    fn reset(&mut self) {
        self.events.clear();
        self.gather_params();
        if let Some(engine) = &mut self.engine {
            // Values that a session has just set are there from the first sample on, without a ramp.
            engine.process(&self.events, &mut [], &mut []);
            engine.reset();
        }
    }

    fn process(
        &mut self,
        buffer: &mut Buffer<'_>,
        _aux: &mut AuxiliaryBuffers<'_>,
        context: &mut impl ProcessContext<Self>,
    ) -> ProcessStatus {
        let timer = self.audio_end.begin_block();
        if self.audio_end.wants_tending() {
            // Rare: many models were loaded while no audio ran, and there was no room for the last.
            context.execute_background(());
        }
        let mut right_alone = core::mem::take(&mut self.right);
        let status = match buffer.as_slice() {
            [left, right] => self.play(left, right, context),
            [mono] => {
                // A host that keeps to its longest block has all of it played.
                let num_samples = mono.len().min(right_alone.len());
                let right = &mut right_alone[..num_samples];
                mono[num_samples..].fill(0.0);
                let status = self.play(&mut mono[..num_samples], right, context);
                mono.iter_mut().zip(right).for_each(|(mono, right)| *mono = 0.5 * (*mono + *right));
                status
            }
            _ => ProcessStatus::Error("the output has neither one channel nor two"),
        };
        self.right = right_alone;
        if let [left, rest @ ..] = buffer.as_slice() {
            let right = rest.first().unwrap_or(left);
            self.audio_end.end_block(timer, left, right, self.sample_rate_hz);
        }
        status
    }
}

impl Mynah {
    /// What it holds away from the audio thread.
    pub fn session(&self) -> &Arc<Session> {
        &self.session
    }

    /// Plays a block.
    fn play(
        &mut self,
        left: &mut [f32],
        right: &mut [f32],
        context: &mut impl ProcessContext<Self>,
    ) -> ProcessStatus {
        self.events.clear();
        self.gather_params();
        self.audio_end.gather(&mut self.events);
        let num_samples = left.len();
        let mut played_samples = 0;
        loop {
            let is_last = self.gather_events(context, played_samples);
            let Some(engine) = &mut self.engine else {
                return ProcessStatus::Error("not activated");
            };
            let last = self.events.last().map_or(0, |event| event.offset_samples as usize);
            let end = if is_last { num_samples } else { (played_samples + last).min(num_samples) };
            engine.process(&self.events, &mut left[played_samples..end], &mut right[played_samples..end]);
            for note in engine.ended_notes() {
                // A host that does not want to know, or has no more room, loses nothing that is heard.
                let _ = context.try_send_event(host_from_ended(note, end.saturating_sub(1) as u32));
            }
            played_samples = end;
            self.events.clear();
            if is_last {
                break;
            }
        }
        match &self.engine {
            Some(engine) if !engine.is_silent() => ProcessStatus::KeepAlive,
            _ => ProcessStatus::Normal,
        }
    }

    /// Adds an event for each parameter that has changed.
    fn gather_params(&mut self) {
        for ((id, value), sent) in self.params.values().zip(&mut self.sent) {
            if *sent != value {
                *sent = value;
                self.events.push(Event { offset_samples: 0, kind: EventKind::Param { id, value } });
            }
        }
    }

    /// Adds the host's events until there are no more, which is true, or no more room. Offsets count from
    /// `origin_samples`.
    fn gather_events(&mut self, context: &mut impl ProcessContext<Self>, origin_samples: usize) -> bool {
        while self.events.len() < MAX_EVENTS {
            let Some(event) = context.next_event() else { return true };
            if let Some(kind) = event_from_host(&event, &self.params) {
                let offset_samples = event.timing().saturating_sub(origin_samples as u32);
                self.events.push(Event { offset_samples, kind });
            }
        }
        false
    }
}

impl ClapPlugin for Mynah {
    const CLAP_ID: &'static str = "mynah.instrument";
    const CLAP_DESCRIPTION: Option<&'static str> =
        Some("Learns a model of sound from recordings and plays it");
    const CLAP_MANUAL_URL: Option<&'static str> = None;
    const CLAP_SUPPORT_URL: Option<&'static str> = None;
    const CLAP_FEATURES: &'static [ClapFeature] =
        &[ClapFeature::Instrument, ClapFeature::Synthesizer, ClapFeature::Stereo];
    const CLAP_POLY_MODULATION_CONFIG: Option<PolyModulationConfig> = Some(PolyModulationConfig {
        max_voice_capacity: MAX_VOICES as u32,
        supports_overlapping_voices: true,
    });
}

impl Vst3Plugin for Mynah {
    const VST3_CLASS_ID: [u8; 16] = *b"MynahInstrument1";
    const VST3_SUBCATEGORIES: &'static [Vst3SubCategory] =
        &[Vst3SubCategory::Instrument, Vst3SubCategory::Synth];
}

#[cfg(test)]
mod tests;
