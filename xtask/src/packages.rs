//! System packages on Linux: found, installed where that is allowed, or named. macOS and Windows bring theirs along.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Result, bail};

use crate::workspace;

/// What a system may lack: how its presence shows, and the package that has it on Debian.
pub(crate) struct Package {
    /// A command that succeeds where the package is.
    probe: &'static [&'static str],
    debian: &'static str,
    purpose: &'static str,
}

/// What the standalone application needs to build.
pub(crate) const BUILD: &[Package] = &[
    Package {
        probe: &["pkg-config", "--version"],
        debian: "pkg-config",
        purpose: "pkg-config: finds the libraries below",
    },
    Package {
        probe: &["pkg-config", "--exists", "alsa"],
        debian: "libasound2-dev",
        purpose: "ALSA's development files: sound and MIDI of the application",
    },
    Package {
        probe: &["pkg-config", "--exists", "jack"],
        debian: "libjack-jackd2-dev",
        purpose: "JACK's development files: sound and MIDI of the application",
    },
];

/// What the hosts of the VST3 need to run.
pub(crate) const PYTHON: &[Package] = &[Package {
    probe: &["python3", "-c", "import ensurepip, venv"],
    debian: "python3-venv",
    purpose: "Python with its module venv: runs the hosts that the VST3 is tested in",
}];

/// What the window needs to be shown and played where there is no screen.
pub(crate) const WINDOW: &[Package] = &[
    Package {
        probe: &["sh", "-c", "command -v Xvfb"],
        debian: "xvfb",
        purpose: "Xvfb: a screen that nobody sees, for the window's tests and pictures",
    },
    Package {
        probe: &["sh", "-c", "command -v xdotool"],
        debian: "xdotool",
        purpose: "xdotool: mouse and keyboard of the window's tests and pictures",
    },
    Package {
        probe: &["sh", "-c", "ls /usr/lib/*/dri/*_dri.so /usr/lib*/dri/*_dri.so | grep -q ."],
        debian: "libgl1-mesa-dri",
        purpose: "Mesa: OpenGL without a graphics card, for the window's tests and pictures",
    },
];

/// Makes sure of every package; the error names what is missing and what to do.
pub(crate) fn ensure(packages: &[Package]) -> Result<String> {
    if check(packages).is_ok() {
        return Ok("all there".into());
    }
    let Some(privileges) = privileges() else { bail!("{}", advice(packages)) };
    let wanted: Vec<&str> = missing(packages).iter().map(|package| package.debian).collect();
    let install = |update: bool| -> Result<()> {
        if update {
            workspace::run(apt_get(privileges).args(["update", "-q"]))?;
        }
        workspace::run(
            apt_get(privileges).args(["install", "-q", "-y", "--no-install-recommends"]).args(&wanted),
        )
    };
    // The lists of packages may be old or empty: fetched only if the first try shows it.
    if install(false).or_else(|_| install(true)).is_err() || !missing(packages).is_empty() {
        bail!("{}", advice(packages));
    }
    Ok(format!("installed {}", wanted.join(" ")))
}

/// Is every package there? The error names what is missing and what to do.
pub(crate) fn check(packages: &[Package]) -> Result<()> {
    if cfg!(target_os = "linux") && !missing(packages).is_empty() {
        bail!("{}", advice(packages));
    }
    Ok(())
}

fn missing(packages: &[Package]) -> Vec<&Package> {
    packages.iter().filter(|package| !succeeds(package.probe[0], &package.probe[1..])).collect()
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

fn advice(packages: &[Package]) -> String {
    let missing = missing(packages);
    let names: Vec<&str> = missing.iter().map(|package| package.debian).collect();
    let purposes: Vec<&str> = missing.iter().map(|package| package.purpose).collect();
    format!("missing: {}; on Debian: apt-get install {}", purposes.join("; "), names.join(" "))
}

fn succeeds(program: &str, arguments: &[&str]) -> bool {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}
