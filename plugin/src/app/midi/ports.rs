//! The system's MIDI inputs.

use std::collections::BTreeMap;

use midir::{Ignore, MidiInput, MidiInputConnection};

use super::intake::Door;
use super::{lasting_name, told_apart};

/// Name of the instrument among other clients.
const CLIENT: &str = "Mynah";

/// The inputs that are there, and those that are listened to.
pub(in crate::app) struct Ports {
    door: Door,
    /// What lists them; `None` where the system has no MIDI.
    lister: Option<MidiInput>,
    connections: BTreeMap<String, MidiInputConnection<()>>,
}

impl Ports {
    pub(in crate::app) fn new(door: Door) -> Self {
        Self { door, lister: MidiInput::new(CLIENT).ok(), connections: BTreeMap::new() }
    }

    fn there(&self) -> Vec<(String, midir::MidiInputPort)> {
        let Some(lister) = &self.lister else { return Vec::new() };
        let named = lister.ports().into_iter().filter_map(|port| Some((lister.port_name(&port).ok()?, port)));
        let (names, ports): (Vec<String>, Vec<_>) =
            named.filter(|(name, _)| !name.starts_with(CLIENT)).unzip();
        let names = told_apart(names.iter().map(|name| lasting_name(name).to_owned()));
        names.into_iter().zip(ports).collect()
    }

    /// Looks again whether the system has MIDI at all.
    pub(in crate::app) fn refresh(&mut self) {
        if self.lister.is_none() {
            self.lister = MidiInput::new(CLIENT).ok();
        }
    }

    /// Listens to those that are there and wanted, and to no others. Returns the names of those that are there, and
    /// why any cannot be listened to.
    pub(in crate::app) fn listen(
        &mut self,
        is_wanted: impl Fn(&str) -> bool,
    ) -> (Vec<String>, Option<String>) {
        let there = self.there();
        let names: Vec<String> = there.iter().map(|(name, _)| name.clone()).collect();
        // One that was pulled out and put back is another port under the same name.
        self.connections.retain(|name, _| names.contains(name) && is_wanted(name));
        let mut refused = None;
        for (name, port) in there {
            if is_wanted(&name) && !self.connections.contains_key(&name) {
                match connect(&port, &self.door) {
                    Ok(connection) => drop(self.connections.insert(name, connection)),
                    Err(reason) => refused = Some(format!("cannot listen to {name}: {reason}")),
                }
            }
        }
        (names, refused)
    }

    /// Names of those that are listened to.
    pub(in crate::app) fn heard(&self) -> impl Iterator<Item = &String> {
        self.connections.keys()
    }
}

fn connect(port: &midir::MidiInputPort, door: &Door) -> Result<MidiInputConnection<()>, String> {
    let mut input = MidiInput::new(CLIENT).map_err(|error| error.to_string())?;
    // Clocks and exclusive messages mean nothing here.
    input.ignore(Ignore::All);
    let door = door.clone();
    input
        .connect(port, "in", move |_, bytes, ()| door.push_message(bytes), ())
        .map_err(|error| error.to_string())
}
