//! An instance of the CLAP in a host: its parameters, its state, and the blocks that it plays.

use std::ffi::CString;
use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use clack_extensions::audio_ports_config::{AudioPortsConfigBuffer, PluginAudioPortsConfig};
use clack_extensions::params::{ParamInfoBuffer, PluginParams};
use clack_extensions::state::PluginState;
use clack_host::events::event_types::{
    NoteChokeEvent, NoteEndEvent, NoteExpressionEvent, NoteExpressionType, NoteOffEvent, NoteOnEvent,
    ParamModEvent, ParamValueEvent,
};
use clack_host::events::io::EventBuffer;
use clack_host::extensions::{Extension, PluginExtensionSide};
use clack_host::prelude::*;

pub(crate) const SAMPLE_RATE_HZ: f64 = 48_000.0;

/// Longest block that an instance is activated for, samples.
pub(crate) const MAX_BLOCK_SAMPLES: usize = 8_192;

/// What output buffers hold before they are played over: a sample that is not written is seen.
const MARKER: f32 = 9.0;

/// Something that happens at a sample. A note is called by its key.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Act {
    On(u16),
    Off(u16),
    ChokeAll,
    /// A parameter takes a value of the host's.
    Param(ClapId, f64),
    /// A parameter of a note is offset by a value of the host's.
    Modulate(u16, ClapId, f64),
    /// A note is tuned, semitones.
    Tune(u16, f64),
}

/// A parameter as the host is told of it.
#[derive(Clone, Debug)]
pub(crate) struct Param {
    pub(crate) id: ClapId,
    pub(crate) name: String,
    pub(crate) min: f64,
    pub(crate) max: f64,
    pub(crate) default: f64,
}

/// What was played.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Sound {
    /// Shape [channels][samples].
    pub(crate) channels: Vec<Vec<f32>>,
    /// Keys of the notes that the host was told have ended.
    pub(crate) ended: Vec<u16>,
}

/// An instance.
pub(crate) struct Instance {
    plugin: PluginInstance<()>,
    audio: Option<StartedPluginAudioProcessor<()>>,
    num_channels: usize,
    /// What the plugin said after the last block.
    pub(crate) status: ProcessStatus,
}

impl Sound {
    /// Loudest sample of any channel from `start` on.
    pub(crate) fn peak_from(&self, start: usize) -> f32 {
        self.channels.iter().flat_map(|channel| &channel[start..]).fold(0.0, |peak, x| peak.max(x.abs()))
    }

    /// First sample in which two sounds of one length differ.
    pub(crate) fn first_difference(&self, other: &Self) -> Option<usize> {
        let differing =
            |(a, b): (&Vec<f32>, &Vec<f32>)| a.iter().zip(b).position(|(a, b)| a.to_bits() != b.to_bits());
        self.channels.iter().zip(&other.channels).filter_map(differing).min()
    }

    /// All samples, channel by channel, as bytes.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        self.channels.iter().flatten().flat_map(|sample| sample.to_le_bytes()).collect()
    }
}

impl Instance {
    /// Loads the library, if this process has not yet, and makes an instance that is not active.
    #[expect(unsafe_code, reason = "a library is trusted to be what it says")]
    pub(crate) fn new() -> Self {
        // SAFETY: we made the library; whether it keeps to the rules of CLAP is what is tested.
        let entry = unsafe { PluginEntry::load(library()) }.unwrap();
        let factory = entry.get_plugin_factory().unwrap();
        let id = factory.plugin_descriptor(0).unwrap().id().unwrap().to_owned();
        let info = HostInfo::new("Mynah's tests", "Mynah", "", "1").unwrap();
        let plugin = PluginInstance::new(|_| (), |_| (), &entry, &id, &info).unwrap();
        Self { plugin, audio: None, num_channels: 2, status: ProcessStatus::Sleep }
    }

    /// A new instance, active at 48 kHz.
    pub(crate) fn active() -> Self {
        let mut instance = Self::new();
        instance.activate(SAMPLE_RATE_HZ);
        instance
    }

    pub(crate) fn activate(&mut self, sample_rate_hz: f64) {
        let configuration = PluginAudioConfiguration {
            sample_rate: sample_rate_hz,
            min_frames_count: 1,
            max_frames_count: MAX_BLOCK_SAMPLES as u32,
        };
        let audio = self.plugin.activate(|_, _| (), configuration).unwrap();
        self.audio = Some(audio.start_processing().unwrap());
    }

    pub(crate) fn deactivate(&mut self) {
        let audio = self.audio.take().unwrap();
        self.plugin.deactivate(audio.stop_processing());
    }

    pub(crate) fn reset(&mut self) {
        self.audio.as_mut().unwrap().reset();
    }

    /// Chooses the layout of so many channels. Not while active.
    pub(crate) fn select_channels(&mut self, num_channels: usize) {
        let ports: PluginAudioPortsConfig = self.extension();
        let handle = self.plugin.plugin_handle();
        let layout = (0..ports.count(&handle)).find_map(|idx| {
            let mut buffer = AudioPortsConfigBuffer::new();
            let layout = ports.get(&handle, idx, &mut buffer)?;
            (layout.main_output?.channel_count as usize == num_channels).then_some(layout.id)
        });
        ports.select(&handle, layout.unwrap()).unwrap();
        self.num_channels = num_channels;
    }

    pub(crate) fn params(&mut self) -> Vec<Param> {
        let params: PluginParams = self.extension();
        let handle = self.plugin.plugin_handle();
        let param = |idx| {
            let mut buffer = ParamInfoBuffer::new();
            let info = params.get_info(&handle, idx, &mut buffer).unwrap();
            Param {
                id: info.id,
                name: String::from_utf8(info.name.to_vec()).unwrap(),
                min: info.min_value,
                max: info.max_value,
                default: info.default_value,
            }
        };
        (0..params.count(&handle)).map(param).collect()
    }

    /// Act that gives the parameter of a name the value that a text means.
    pub(crate) fn turned(&mut self, name: &str, text: &str) -> Act {
        let id = self.params().into_iter().find(|param| param.name == name).unwrap().id;
        Act::Param(id, self.value_from_text(id, text).unwrap())
    }

    pub(crate) fn value(&mut self, id: ClapId) -> f64 {
        let params: PluginParams = self.extension();
        params.get_value(&self.plugin.plugin_handle(), id).unwrap()
    }

    pub(crate) fn text_from_value(&mut self, id: ClapId, value: f64) -> String {
        let params: PluginParams = self.extension();
        let mut buffer = [0; 128];
        let text = params.value_to_text(&self.plugin.plugin_handle(), id, value, &mut buffer).unwrap();
        String::from_utf8(text.to_vec()).unwrap()
    }

    pub(crate) fn value_from_text(&mut self, id: ClapId, text: &str) -> Option<f64> {
        let params: PluginParams = self.extension();
        params.text_to_value(&self.plugin.plugin_handle(), id, &CString::new(text).unwrap())
    }

    /// Turns parameters while no audio runs.
    pub(crate) fn flush(&mut self, acts: &[Act]) {
        let params: PluginParams = self.extension();
        let mut events = EventBuffer::new();
        acts.iter().for_each(|act| push(&mut events, 0, *act));
        let mut told = EventBuffer::new();
        let mut handle = self.plugin.inactive_plugin_handle().unwrap();
        params.flush(&mut handle, &events.as_input(), &mut told.as_output());
    }

    pub(crate) fn save(&mut self) -> Vec<u8> {
        let state: PluginState = self.extension();
        let mut bytes = Vec::new();
        state.save(&self.plugin.plugin_handle(), &mut bytes).unwrap();
        bytes
    }

    /// Loads a state; false if the plugin refuses it.
    pub(crate) fn load(&mut self, bytes: &[u8]) -> bool {
        let state: PluginState = self.extension();
        state.load(&self.plugin.plugin_handle(), &mut Cursor::new(bytes)).is_ok()
    }

    /// Plays `num_samples` in blocks of `block_samples`; acts come in the order of their samples.
    pub(crate) fn play(&mut self, num_samples: usize, block_samples: usize, acts: &[(usize, Act)]) -> Sound {
        let mut sound = Sound { channels: vec![Vec::new(); self.num_channels], ended: Vec::new() };
        let mut start = 0;
        while start < num_samples {
            let end = (start + block_samples).min(num_samples);
            let mut events = EventBuffer::new();
            for (at, act) in acts.iter().filter(|(at, _)| (start..end).contains(at)) {
                push(&mut events, (at - start) as u32, *act);
            }
            self.play_block(end - start, &events, &mut sound);
            start = end;
        }
        sound
    }

    /// Plays one block, which may be of no samples at all.
    pub(crate) fn play_block(&mut self, num_samples: usize, events: &EventBuffer, sound: &mut Sound) {
        let mut block = vec![vec![MARKER; num_samples]; self.num_channels];
        let mut ports = AudioPorts::with_capacity(self.num_channels, 1);
        let mut output = ports.with_output_buffers([AudioPortBuffer {
            latency: 0,
            channels: AudioPortBufferType::f32_output_only(block.iter_mut().map(Vec::as_mut_slice)),
        }]);
        let mut told = EventBuffer::new();
        let audio = self.audio.as_mut().unwrap();
        let (input, mut told_output) = (InputAudioBuffers::empty(), told.as_output());
        self.status =
            audio.process(&input, &mut output, &events.as_input(), &mut told_output, None, None).unwrap();
        let ended = told.iter().filter_map(|event| event.as_event::<NoteEndEvent>());
        sound.ended.extend(ended.filter_map(|event| event.key().into_specific()));
        sound.channels.iter_mut().zip(block).for_each(|(channel, block)| channel.extend(block));
    }

    pub(crate) fn extension<E: Extension<ExtensionSide = PluginExtensionSide>>(&mut self) -> E {
        self.plugin.plugin_handle().get_extension().unwrap()
    }

    pub(crate) fn plugin(&mut self) -> &mut PluginInstance<()> {
        &mut self.plugin
    }

    pub(crate) fn audio(&mut self) -> &mut StartedPluginAudioProcessor<()> {
        self.audio.as_mut().unwrap()
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        if self.audio.is_some() {
            self.deactivate();
        }
    }
}

pub(crate) fn push(events: &mut EventBuffer, offset_samples: u32, act: Act) {
    let note = |key: u16| Pckn::new(0_u16, 0_u16, key, u32::from(key));
    match act {
        Act::On(key) => events.push(&NoteOnEvent::new(offset_samples, note(key), 0.8)),
        Act::Off(key) => events.push(&NoteOffEvent::new(offset_samples, note(key), 0.0)),
        Act::ChokeAll => events.push(&NoteChokeEvent::new(offset_samples, Pckn::match_all())),
        Act::Param(id, value) => {
            events.push(&ParamValueEvent::new(offset_samples, id, Pckn::match_all(), value));
        }
        Act::Modulate(key, id, amount) => {
            events.push(&ParamModEvent::new(offset_samples, id, note(key), amount));
        }
        Act::Tune(key, semitones) => {
            let kind = NoteExpressionType::Tuning;
            events.push(&NoteExpressionEvent::new(offset_samples, note(key), kind, semitones));
        }
    }
}

/// The library as it is now: cargo builds none for the tests of another package.
fn library() -> &'static Path {
    static LIBRARY: OnceLock<PathBuf> = OnceLock::new();
    LIBRARY.get_or_init(|| {
        // The whole workspace: what the other tests were built from is shared.
        let mut cargo = Command::new(env!("CARGO"));
        cargo.current_dir(env!("CARGO_MANIFEST_DIR")).args(["build", "--workspace"]);
        cargo.arg("--message-format=json-render-diagnostics").stderr(Stdio::inherit());
        if !cfg!(debug_assertions) {
            cargo.arg("--release");
        }
        let built = cargo.output().unwrap();
        assert!(built.status.success(), "cargo cannot build the plugin: {}", built.status);
        built.stdout.split(|byte| *byte == b'\n').find_map(library_in).unwrap()
    })
}

/// The library that a message of cargo's is about, if it is.
fn library_in(message: &[u8]) -> Option<PathBuf> {
    let message: serde_json::Value = serde_json::from_slice(message).ok()?;
    let is_library = message["target"]["name"].as_str() == Some("mynah_exports");
    message["filenames"][0].as_str().filter(|_| is_library).map(PathBuf::from)
}
