//! A host of the plugin's own kind, without a format between them.

use std::cell::Cell;
use std::collections::VecDeque;

use nice_plug::context::process::SendEventError;
use nice_plug::prelude::{
    ActivateContext, AuxiliaryBuffers, Buffer, BufferConfig, NoteEvent, Plugin, PluginApi, ProcessContext,
    ProcessMode, Transport,
};

use super::Mynah;

pub(crate) const SAMPLE_RATE_HZ: f32 = 48_000.0;

/// Events that a block can have either way without touching the heap.
const MAX_EVENTS: usize = 64;

/// A host's side of a block.
pub(crate) struct Host {
    /// What the plugin has not taken yet.
    pub(crate) events: VecDeque<NoteEvent<()>>,
    /// What the plugin told, at most [`MAX_EVENTS`].
    pub(crate) told: Vec<NoteEvent<()>>,
    transport: Transport,
    /// The plugin asks for its background task.
    pub(crate) asked: Cell<bool>,
}

impl Host {
    pub(crate) fn new(events: impl IntoIterator<Item = NoteEvent<()>>) -> Self {
        let mut host = Self {
            events: VecDeque::with_capacity(MAX_EVENTS),
            told: Vec::with_capacity(MAX_EVENTS),
            transport: Transport::new(SAMPLE_RATE_HZ),
            asked: Cell::new(false),
        };
        host.events.extend(events);
        host
    }
}

impl ActivateContext<Mynah> for Host {
    fn plugin_api(&self) -> PluginApi {
        PluginApi::Clap
    }

    fn execute(&self, (): ()) {}

    fn set_latency_samples(&self, _samples: u32) {}

    fn set_current_voice_capacity(&self, _capacity: u32) {}
}

impl ProcessContext<Mynah> for Host {
    fn plugin_api(&self) -> PluginApi {
        PluginApi::Clap
    }

    fn execute_background(&self, (): ()) {
        self.asked.set(true);
    }

    fn execute_gui(&self, (): ()) {}

    fn transport(&self) -> &Transport {
        &self.transport
    }

    fn next_event(&mut self) -> Option<NoteEvent<()>> {
        self.events.pop_front()
    }

    fn try_send_event(&mut self, event: NoteEvent<()>) -> Result<(), (NoteEvent<()>, SendEventError)> {
        if self.told.len() == MAX_EVENTS {
            return Err((event, SendEventError::HostBufferFull));
        }
        self.told.push(event);
        Ok(())
    }

    fn set_latency_samples(&self, _samples: u32) {}

    fn request_restart(&self) {}

    fn set_current_voice_capacity(&self, _capacity: u32) {}
}

/// Gets an instrument ready to play; false if it refuses.
pub(crate) fn activate(instrument: &mut Mynah, sample_rate: f32, max_block_samples: usize) -> bool {
    let config = BufferConfig {
        sample_rate,
        min_buffer_size: None,
        max_buffer_size: max_block_samples as u32,
        process_mode: ProcessMode::Realtime,
    };
    let activated = instrument.activate(&Mynah::AUDIO_IO_LAYOUTS[0], &config, &mut Host::new([]));
    instrument.reset();
    activated
}

/// Lends channels of one length as the plugin is given them.
#[expect(unsafe_code, reason = "nice-plug's buffers are filled so")]
pub(crate) fn lend(
    channels: &mut [Vec<f32>; 2],
    act: impl FnOnce(&mut Buffer<'_>, &mut AuxiliaryBuffers<'_>),
) {
    let num_samples = channels[0].len();
    let mut buffer = Buffer::default();
    // SAFETY: `channels` have `num_samples` each and outlive the buffer.
    unsafe {
        buffer.set_slices(num_samples, |slices| {
            *slices = channels.iter_mut().map(|channel| &mut channel[..]).collect();
        });
    }
    act(&mut buffer, &mut AuxiliaryBuffers { inputs: &mut [], outputs: &mut [] });
}
