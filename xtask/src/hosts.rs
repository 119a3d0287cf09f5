//! `cargo xtask test hosts`: the bundled VST3 in hosts of other people's making, from PyPI.
//!
//! They are Python packages and live in an environment of their own, `hosts/venv` in the folder of builds. It is made
//! once, and again when `tests/hosts/requirements.txt` changes.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::{bundle, packages, workspace};

/// As it is called where no environment is active.
const PYTHON: &str = if cfg!(windows) { "python" } else { "python3" };

/// The interpreter in an environment, relative to it.
const PYTHON_INSIDE: &str = if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" };

/// What is said when the hosts cannot be had.
const ADVICE: &str =
    "the hosts need Python 3.11 to 3.14 and PyPI, or what is in tests/hosts/requirements.txt installed";

/// Bundles the plugin; the command that runs it in the hosts.
pub(crate) fn command() -> Result<Command> {
    packages::ensure(packages::PYTHON)?;
    let bundled = bundle::run(bundle::Profile::Debug)?;
    let tests = workspace::root()?.join("tests").join("hosts");
    let mut command = Command::new(interpreter(&tests)?);
    command.args(["-m", "pytest"]).current_dir(tests);
    command.env("MYNAH_VST3", bundled.join(bundle::VST3)).env("PYTHONDONTWRITEBYTECODE", "1");
    Ok(command)
}

/// The interpreter of the environment, which is made if it is not there or for other requirements.
fn interpreter(tests: &Path) -> Result<PathBuf> {
    let folder = workspace::target()?.join("hosts").join("venv");
    let python = folder.join(PYTHON_INSIDE);
    let requirements = tests.join("requirements.txt");
    let wanted = std::fs::read_to_string(&requirements)
        .with_context(|| format!("cannot read {}", requirements.display()))?;
    // Written last: an environment that was made half has none.
    let stamp = folder.join("made-for.txt");
    if std::fs::read_to_string(&stamp).is_ok_and(|made_for| made_for == wanted) {
        return Ok(python);
    }
    workspace::run(Command::new(PYTHON).args(["-m", "venv", "--clear"]).arg(&folder)).context(ADVICE)?;
    let install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"];
    workspace::run(Command::new(&python).args(install).arg(&requirements)).context(ADVICE)?;
    std::fs::write(&stamp, wanted).with_context(|| format!("cannot write {}", stamp.display()))?;
    Ok(python)
}
