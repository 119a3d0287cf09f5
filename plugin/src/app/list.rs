//! `mynah-app --list`: the devices and MIDI inputs that there are.

use cpal::HostId;
use serde_json::json;

use super::device::{Wish, devices, hush, name_from_host, plan};
use super::midi::inputs::Inputs;
use super::midi::intake::intake;
use super::tell;

/// Prints them, for a person or as JSON.
pub(super) fn print(host: Option<HostId>, is_json: bool) {
    hush();
    let (doors, _) = intake();
    let mut inputs = Inputs::new(doors);
    #[cfg(target_os = "linux")]
    if host.is_none_or(|host| host == HostId::Jack) {
        inputs.use_jack(true);
        // Without JACK there is none of its MIDI, and nothing to say of it.
        let _ = inputs.take_refused();
    }
    inputs.listen(Some(&[]));
    let found = devices(host);
    if is_json {
        let devices = found.iter().map(|found| {
            let plan = plan(found, Wish::default()).ok();
            json!({
                "name": found.name,
                "id": found.id,
                "backend": name_from_host(found.host),
                "default": found.is_default,
                "rates_hz": plan.as_ref().map(|plan| &plan.rates_hz),
                "buffers": plan.as_ref().map(|plan| &plan.buffers),
                "rate_hz": plan.as_ref().map(|plan| plan.config.sample_rate),
                "num_channels": plan.as_ref().map(|plan| plan.config.channels),
                "format": plan.as_ref().map(|plan| plan.format.to_string()),
            })
        });
        let hosts: Vec<String> = cpal::available_hosts().iter().map(ToString::to_string).collect();
        let listed =
            json!({ "backends": hosts, "devices": devices.collect::<Vec<_>>(), "midi": inputs.there() });
        tell::answer(&format!("{listed:#}"));
        return;
    }
    let hosts: Vec<String> = cpal::available_hosts().iter().map(ToString::to_string).collect();
    let mut lines = vec![format!("Backends: {}", hosts.join(", ")), "Devices:".into()];
    for found in &found {
        let default = if found.is_default { ", default" } else { "" };
        lines.push(format!("  {} ({}{default})", found.name, name_from_host(found.host)));
    }
    if found.is_empty() {
        lines.push("  none".into());
    }
    lines.push("MIDI inputs:".into());
    lines.extend(inputs.there().iter().map(|name| format!("  {name}")));
    if inputs.there().is_empty() {
        lines.push("  none".into());
    }
    tell::answer(&lines.join("\n"));
}
