//! What the application alone has: devices and a recorder. A host keeps these for the plugin.

use std::path::PathBuf;

/// What can be chosen, and what is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RigState {
    /// Names of output devices.
    pub devices: Vec<String>,
    /// The one that plays; `None` while nothing plays.
    pub device: Option<String>,
    /// Sample rates of the device, Hz.
    pub rates_hz: Vec<u32>,
    /// The one in use, Hz.
    pub rate_hz: u32,
    /// Lengths of block that the device takes, samples.
    pub buffers: Vec<u32>,
    /// The one in use, samples; `None` is what the device prefers.
    pub buffer: Option<u32>,
    /// Names of MIDI inputs.
    pub midi_inputs: Vec<String>,
    /// Those that are listened to.
    pub midi_chosen: Vec<String>,
    /// Blocks that came too late since the device was opened.
    pub num_late: u64,
    /// Seconds recorded so far; `None` while nothing is recorded.
    pub recorded_seconds: Option<f32>,
}

/// Devices and a recorder. Called on the thread of the window; nothing here waits for the audio thread.
pub trait Rig: Send {
    /// How it stands.
    fn state(&self) -> RigState;
    /// Looks again for devices.
    fn refresh(&mut self);
    /// Plays on a device; what cannot be opened is told as a notice, and what played plays on.
    fn choose_device(&mut self, name: &str);
    /// Plays at a rate, Hz.
    fn choose_rate(&mut self, rate_hz: u32);
    /// Plays in blocks of a length, samples; `None` is what the device prefers.
    fn choose_buffer(&mut self, samples: Option<u32>);
    /// Listens to a MIDI input, or no longer.
    fn listen(&mut self, name: &str, on: bool);
    /// Begins to record what is heard; the file, or why not.
    fn record(&mut self) -> Result<PathBuf, String>;
    /// Ends recording; the file, whole, or why not. `None` if nothing was recorded.
    fn stop(&mut self) -> Option<Result<PathBuf, String>>;
}
