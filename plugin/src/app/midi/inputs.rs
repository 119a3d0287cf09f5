//! All MIDI inputs, of the system and of JACK, and which of them the player wants.

use super::intake::Door;
#[cfg(target_os = "linux")]
use super::jack_ports::JackPorts;
use super::ports::Ports;

/// The inputs.
pub(in crate::app) struct Inputs {
    ports: Ports,
    #[cfg(target_os = "linux")]
    jack: Option<JackPorts>,
    #[cfg(target_os = "linux")]
    jack_door: Door,
    /// Names of those that are there.
    there: Vec<String>,
    /// Names of those that are listened to.
    heard: Vec<String>,
    /// What could not be listened to.
    refused: Option<String>,
    /// What was told of that last: it is tried again and again, but told once.
    told: Option<String>,
}

impl Inputs {
    /// Inputs that nobody listens to yet. The doors are of the system and of JACK.
    pub(in crate::app) fn new([door, jack_door]: [Door; 2]) -> Self {
        #[cfg(not(target_os = "linux"))]
        let _ = jack_door;
        Self {
            ports: Ports::new(door),
            #[cfg(target_os = "linux")]
            jack: None,
            #[cfg(target_os = "linux")]
            jack_door,
            there: Vec::new(),
            heard: Vec::new(),
            refused: None,
            told: None,
        }
    }

    /// JACK plays, or does not: its MIDI comes and goes with it.
    #[cfg(target_os = "linux")]
    pub(in crate::app) fn use_jack(&mut self, is_used: bool) {
        match (is_used, &self.jack) {
            (false, _) => self.jack = None,
            (true, Some(_)) => {}
            (true, None) => match JackPorts::open(self.jack_door.clone()) {
                Ok(jack) => self.jack = Some(jack),
                Err(reason) => self.refused = Some(format!("no MIDI of JACK: {reason}")),
            },
        }
    }

    /// Looks again whether the system has MIDI at all.
    pub(in crate::app) fn refresh(&mut self) {
        self.ports.refresh();
    }

    /// Listens to what is wanted, and to nothing else: every device if nothing is chosen.
    pub(in crate::app) fn listen(&mut self, chosen: Option<&[String]>) {
        let is_wanted = |name: &str, is_device: bool| {
            chosen.map_or(is_device, |chosen| chosen.iter().any(|one| one == name))
        };
        let (there, refused) = self.ports.listen(|name| is_wanted(name, true));
        self.there = there;
        self.refused = refused.or(self.refused.take()).filter(|refused| self.told.as_ref() != Some(refused));
        self.heard = self.ports.heard().cloned().collect();
        #[cfg(target_os = "linux")]
        if let Some(jack) = &self.jack {
            let jack = jack.listen(is_wanted);
            self.there.extend(jack.there);
            self.heard.extend(jack.heard);
        }
    }

    /// Listens no longer to one.
    pub(in crate::app) fn leave(&mut self, name: &str) {
        #[cfg(target_os = "linux")]
        if let Some(jack) = &self.jack {
            jack.leave(name);
        }
        self.heard.retain(|heard| heard != name);
    }

    /// Names of those that are there.
    pub(in crate::app) fn there(&self) -> &[String] {
        &self.there
    }

    /// Names of those that are listened to.
    pub(in crate::app) fn heard(&self) -> &[String] {
        &self.heard
    }

    /// What could not be listened to since the last call, and why.
    pub(in crate::app) fn take_refused(&mut self) -> Option<String> {
        let refused = self.refused.take()?;
        self.told = Some(refused.clone());
        Some(refused)
    }
}

/// The name among `there` that a player means: the whole of it, or a part.
pub(in crate::app) fn find<'a>(there: &'a [String], name: &str) -> Option<&'a String> {
    let part = name.to_lowercase();
    there
        .iter()
        .find(|there| *there == name)
        .or_else(|| there.iter().find(|there| there.to_lowercase().contains(&part)))
}
