//! `cargo xtask test hosts`: the bundled VST3 in hosts of other people's making, from PyPI.
//!
//! They are Python packages and live in an environment of their own, `hosts/venv` in the folder of builds. It is made
//! once, and again when `tests/hosts/requirements.txt` changes.

use std::process::Command;

use anyhow::Result;

use crate::venv::{self, Requirements};
use crate::{bundle, workspace};

/// What is said when the hosts cannot be had.
const ADVICE: &str =
    "the hosts need Python 3.11 to 3.14 and PyPI, or what is in tests/hosts/requirements.txt installed";

/// Bundles the plugin; the command that runs it in the hosts.
pub(crate) fn command() -> Result<Command> {
    let tests = workspace::root()?.join("tests").join("hosts");
    let requirements = Requirements { path: tests.join("requirements.txt"), alone: false };
    let python = venv::interpreter("hosts", &[requirements], ADVICE)?;
    let bundled = bundle::run(bundle::Profile::Debug)?;
    let mut command = Command::new(python);
    command.args(["-m", "pytest"]).current_dir(tests);
    command.env("MYNAH_VST3", bundled.join(bundle::VST3)).env("PYTHONDONTWRITEBYTECODE", "1");
    Ok(command)
}
