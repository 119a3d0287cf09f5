//! System packages that the standalone application needs to build on Linux: found, installed where that is allowed, or
//! named. macOS and Windows bring theirs along.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Result, bail};

use crate::workspace;

/// A system library: how the build looks for it, and the package that has it on Debian.
struct Package {
    pkg_config: &'static str,
    debian: &'static str,
    purpose: &'static str,
}

const PACKAGES: [Package; 2] = [
    Package {
        pkg_config: "alsa",
        debian: "libasound2-dev",
        purpose: "ALSA: sound and MIDI of the application",
    },
    Package {
        pkg_config: "jack",
        debian: "libjack-jackd2-dev",
        purpose: "JACK: sound and MIDI of the application",
    },
];

/// Makes sure of every package; the error names what is missing and what to do.
pub(crate) fn ensure() -> Result<String> {
    if check().is_ok() {
        return Ok("all there".into());
    }
    let Some(privileges) = privileges() else { bail!("{}", advice()) };
    let mut wanted = vec!["pkg-config"];
    wanted.extend(missing().iter().map(|package| package.debian));
    let install = |update: bool| -> Result<()> {
        if update {
            workspace::run(apt_get(privileges).args(["update", "-q"]))?;
        }
        workspace::run(
            apt_get(privileges).args(["install", "-q", "-y", "--no-install-recommends"]).args(&wanted),
        )
    };
    // The lists of packages may be old or empty: fetched only if the first try shows it.
    if install(false).or_else(|_| install(true)).is_err() || !missing().is_empty() {
        bail!("{}", advice());
    }
    Ok(format!("installed {}", wanted.join(" ")))
}

/// Is every package there? The error names what is missing and what to do.
pub(crate) fn check() -> Result<()> {
    if cfg!(target_os = "linux") && !missing().is_empty() {
        bail!("{}", advice());
    }
    Ok(())
}

fn missing() -> Vec<&'static Package> {
    PACKAGES.iter().filter(|package| !succeeds("pkg-config", &["--exists", package.pkg_config])).collect()
}

/// Words before `apt-get` that let it install; `None` where there is no `apt-get` or no permission.
fn privileges() -> Option<&'static [&'static str]> {
    if !Path::new("/etc/debian_version").exists() || !succeeds("apt-get", &["--version"]) {
        return None;
    }
    let user = workspace::output(Command::new("id").arg("-u")).unwrap_or_default();
    if user.trim_ascii() == b"0" {
        return Some(&[]);
    }
    // Never asks for a password in the middle of a run.
    succeeds("sudo", &["-n", "true"]).then_some(&["sudo", "-n"])
}

fn apt_get(privileges: &[&str]) -> Command {
    let words = [privileges, &["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]].concat();
    let mut command = Command::new(words[0]);
    command.args(&words[1..]).stdin(Stdio::null());
    command
}

fn advice() -> String {
    let names: Vec<&str> = missing().iter().map(|package| package.debian).collect();
    let purposes: Vec<&str> = missing().iter().map(|package| package.purpose).collect();
    format!(
        "missing: pkg-config with development files of {}; on Debian: apt-get install pkg-config {}",
        purposes.join(", "),
        names.join(" ")
    )
}

fn succeeds(program: &str, arguments: &[&str]) -> bool {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}
