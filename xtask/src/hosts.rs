//! `cargo xtask test hosts`: the bundled VST3 in hosts of other people's making, from PyPI; on Linux the application in
//! its window, too.
//!
//! They are Python packages and live in an environment of their own, `hosts/venv` in the folder of builds. It is made
//! once, and again when `tests/hosts/requirements.txt` changes.

use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use crate::venv::{self, Requirements};
use crate::{bundle, packages, workspace};

/// What is said when the hosts cannot be had.
const ADVICE: &str =
    "the hosts need Python 3.11 to 3.14 and PyPI, or what is in tests/hosts/requirements.txt installed";

/// Bundles the plugin; the command that runs it in the hosts.
pub(crate) fn command() -> Result<Command> {
    let python = python()?;
    if cfg!(target_os = "linux") {
        packages::ensure(packages::WINDOW)?;
    }
    let bundled = bundle::run(bundle::Profile::Debug)?;
    let mut command = Command::new(python);
    command.args(["-m", "pytest"]).current_dir(folder()?);
    command.env("MYNAH_VST3", bundled.join(bundle::VST3)).env("MYNAH_APP", bundled.join(bundle::APP));
    command.env("PYTHONDONTWRITEBYTECODE", "1");
    Ok(command)
}

/// The folder of the tests.
pub(crate) fn folder() -> Result<PathBuf> {
    Ok(workspace::root()?.join("tests").join("hosts"))
}

/// The interpreter that has what they need.
pub(crate) fn python() -> Result<PathBuf> {
    let requirements = Requirements { path: folder()?.join("requirements.txt"), alone: false };
    venv::interpreter("hosts", &[requirements], ADVICE)
}
