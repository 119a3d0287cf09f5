//! MIDI of JACK: one port that others connect to, and the ports that it can be connected to.

use std::time::{Duration, Instant};

use jack::{
    AsyncClient, Client, ClientOptions, Control, Frames, MidiIn, Port, PortFlags, PortSpec as _,
    ProcessHandler, ProcessScope,
};

use super::intake::Door;

/// What the names of JACK's ports begin with, among those of the system.
pub(in crate::app) const PREFIX: &str = "JACK: ";

/// The client that listens, as long as it lives.
pub(in crate::app) struct JackPorts {
    client: AsyncClient<(), Listener>,
    /// Full name of the port.
    port: String,
}

impl JackPorts {
    /// Opens the port; why not, if not. `door` is for it alone.
    pub(in crate::app) fn open(door: Door) -> Result<Self, String> {
        jack::set_logger(jack::LoggerType::None);
        let text = |error: jack::Error| error.to_string();
        let (client, _) = Client::new("Mynah", ClientOptions::NO_START_SERVER).map_err(text)?;
        let port = client.register_port("midi_in", MidiIn::default()).map_err(text)?;
        let name = port.name().map_err(text)?;
        let client = client.activate_async((), Listener { port, door }).map_err(text)?;
        Ok(Self { client, port: name })
    }

    /// Listens to the wanted ports that are there; `is_wanted` is told the name, and whether it is a device's rather
    /// than another program's. A connection that someone else made stays.
    pub(in crate::app) fn listen(&self, is_wanted: impl Fn(&str, bool) -> bool) -> Heard {
        let client = self.client.as_client();
        let there = |flags| client.ports(None, Some(MidiIn::default().jack_port_type()), flags);
        let of_devices = there(PortFlags::IS_OUTPUT | PortFlags::IS_PHYSICAL);
        let Some(own) = client.port_by_name(&self.port) else { return Heard::default() };
        let mut heard = Heard::default();
        for port in there(PortFlags::IS_OUTPUT) {
            let name = format!("{PREFIX}{port}");
            // One that cannot be connected is not among those heard: the panel shows it so.
            let is_heard = own.is_connected_to(&port).unwrap_or(false)
                || is_wanted(&name, of_devices.contains(&port))
                    && client.connect_ports_by_name(&port, &self.port).is_ok();
            if is_heard {
                heard.heard.push(name.clone());
            }
            heard.there.push(name);
        }
        heard
    }

    /// Listens no longer to a port.
    pub(in crate::app) fn leave(&self, name: &str) {
        if let Some(port) = name.strip_prefix(PREFIX) {
            // If it has gone, so has the connection.
            let _ = self.client.as_client().disconnect_ports_by_name(port, &self.port);
        }
    }
}

/// Names of ports.
#[derive(Default)]
pub(in crate::app) struct Heard {
    /// Those that are there.
    pub(in crate::app) there: Vec<String>,
    /// Those that are listened to.
    pub(in crate::app) heard: Vec<String>,
}

struct Listener {
    port: Port<MidiIn>,
    door: Door,
}

impl ProcessHandler for Listener {
    /// JACK's real-time thread.
    fn process(&mut self, client: &Client, scope: &ProcessScope) -> Control {
        let now = Instant::now();
        let (block, rate_hz) = (scope.n_frames(), client.sample_rate());
        for message in self.port.iter(scope) {
            // A sample of this block stands for the same sample of the block before, when it came.
            let age = duration(block.saturating_sub(message.time), rate_hz);
            self.door.push_message_at_once(now.checked_sub(age).unwrap_or(now), message.bytes);
        }
        Control::Continue
    }
}

fn duration(num_samples: Frames, rate_hz: Frames) -> Duration {
    Duration::from_secs_f32(num_samples as f32 / rate_hz.max(1) as f32)
}
