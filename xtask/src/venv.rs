//! Python environments in the folder of builds, each made for a list of requirements.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::{packages, workspace};

/// As it is called where no environment is active.
const PYTHON: &str = if cfg!(windows) { "python" } else { "python3" };

/// The interpreter in an environment, relative to it.
const PYTHON_INSIDE: &str = if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" };

/// A list of requirements, and whether pip is to leave out what they name.
pub(crate) struct Requirements {
    /// The file.
    pub(crate) path: PathBuf,
    /// Install what is in the file and nothing that it asks for.
    pub(crate) alone: bool,
}

/// The interpreter of the environment `name`, which is made if it is not there or for other requirements: one that was
/// made for these and more does as well. `advice` says what to do where it cannot be made.
pub(crate) fn interpreter(
    name: &str,
    requirements: &[Requirements],
    advice: &'static str,
) -> Result<PathBuf> {
    packages::ensure(packages::PYTHON)?;
    let folder = workspace::target()?.join(name).join("venv");
    let python = folder.join(PYTHON_INSIDE);
    let mut wanted = String::new();
    for list in requirements {
        wanted += &std::fs::read_to_string(&list.path)
            .with_context(|| format!("cannot read {}", list.path.display()))?;
    }
    // Written last: an environment that was made half has none.
    let stamp = folder.join("made-for.txt");
    if std::fs::read_to_string(&stamp).is_ok_and(|made_for| made_for.starts_with(&wanted)) {
        return Ok(python);
    }
    workspace::run(Command::new(PYTHON).args(["-m", "venv", "--clear"]).arg(&folder)).context(advice)?;
    for list in requirements {
        install(&python, list).context(advice)?;
    }
    std::fs::write(&stamp, wanted).with_context(|| format!("cannot write {}", stamp.display()))?;
    Ok(python)
}

fn install(python: &Path, list: &Requirements) -> Result<()> {
    let mut pip = Command::new(python);
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]);
    if list.alone {
        pip.arg("--no-deps");
    }
    workspace::run(pip.arg("--requirement").arg(&list.path))
}
