//! How a device is opened, changed for another, and replaced when it fails.

use std::time::Instant;

#[cfg(target_os = "linux")]
use cpal::HostId;

use super::{Keeper, TRIES};
use crate::app::device::{Found, Wish, devices, find};
use crate::app::output::Output;
use crate::session::Notice;

impl Keeper {
    /// The device stopped: plays on it again, or on another.
    pub(super) fn recover(&mut self, failure: &str) {
        let Some(output) = self.output.take() else { return };
        let name = output.found.name.clone();
        self.player = output.close();
        // A client of a server that has gone must not see the next: it crashes in what they share.
        #[cfg(target_os = "linux")]
        self.inputs.use_jack(false);
        self.found = devices(self.host);
        self.next_try = (Instant::now() + TRIES[0], TRIES[0]);
        match self.open_any() {
            Ok(()) => self.tell_playing(&format!("{name} stopped ({failure}); ")),
            Err(_) => self.common.session.tell(Notice::error(format!(
                "{name} stopped ({failure}), and no other device plays; Mynah looks for one"
            ))),
        }
        self.listen();
        self.publish();
    }

    pub(super) fn tell_playing(&self, before: &str) {
        if let Some(output) = &self.output {
            self.common.session.tell(Notice::done(format!("{before}playing on {}", output.found.name)));
        }
    }

    /// Opens the wanted device, or else the first that opens; why not, if none does.
    pub(super) fn open_any(&mut self) -> Result<(), String> {
        let wanted = self.memory.settings.device.as_ref().and_then(|name| find(&self.found, name));
        let first: Vec<Found> = wanted.into_iter().chain(&self.found).cloned().collect();
        let mut reason = String::from("there is no sound device; connect one");
        for found in first {
            match self.open(&found) {
                Ok(()) => return Ok(()),
                Err(refused) => reason = format!("no sound device opens ({}: {refused})", found.name),
            }
        }
        Err(reason)
    }

    pub(super) fn open(&mut self, found: &Found) -> Result<(), String> {
        self.open_with(found, self.wish())
    }

    /// Opens a device while none plays.
    fn open_with(&mut self, found: &Found, wish: Wish) -> Result<(), String> {
        let Some(player) = self.player.take() else {
            return Err("the system does not give back what played last; start Mynah again".into());
        };
        match Output::open(found, wish, player, &self.common.session, &self.common.counts) {
            Ok(output) => {
                self.common.recorder.change_rate(output.rate_hz());
                #[cfg(target_os = "linux")]
                self.inputs.use_jack(found.host == HostId::Jack);
                self.output = Some(output);
                Ok(())
            }
            Err((player, reason)) => {
                self.player = player;
                Err(reason)
            }
        }
    }

    /// Plays on another device, or otherwise on the same; if that fails, as before. Does it play as asked?
    pub(super) fn change(&mut self, found: &Found, wish: Wish) -> bool {
        let before = self.output.take().map(|output| {
            let before = (output.found.clone(), output.plan.clone());
            self.player = output.close();
            before
        });
        let Err(reason) = self.open_with(found, wish) else { return true };
        self.common.session.tell(Notice::error(format!("{} does not open: {reason}", found.name)));
        if let Some((found, plan)) = before {
            let wish = Wish { rate_hz: Some(plan.config.sample_rate), buffer: plan.buffer() };
            // What played a moment ago and plays no more is found again, or another.
            let _ = self.open_with(&found, wish);
        }
        false
    }

    /// Plays the same device as is now wished.
    pub(super) fn change_here(&mut self) {
        let Some(found) = self.output.as_ref().map(|output| output.found.clone()) else { return };
        self.change(&found, self.wish());
        let wish = self.wish();
        if let Some(output) = &self.output {
            let (rate_hz, buffer) = (output.rate_hz(), output.plan.buffer());
            if wish.rate_hz.is_some_and(|wanted| wanted != rate_hz)
                || wish.buffer.is_some() && wish.buffer != buffer
            {
                let told = format!("{} cannot; it plays at {rate_hz} Hz", found.name);
                self.common.session.tell(Notice::error(told));
            }
        }
    }
}
