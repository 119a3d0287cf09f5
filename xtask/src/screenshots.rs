//! `cargo xtask screenshots`: the application in a real window on a screen that nobody sees, in each of its states at
//! three scales.
//!
//! `tests/hosts/screenshots.py` plays it and takes the pictures. Two runs give pictures of the same states, not of the
//! same pixels: what moves is caught as it moves.

use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::{bundle, hosts, packages, workspace};

/// Where the pictures are kept, relative to the root.
pub(crate) const FOLDER: &str = "assets/screenshots";

/// Builds the application and takes its pictures.
pub(crate) fn run(folder: &str) -> Result<()> {
    if !cfg!(target_os = "linux") {
        bail!("pictures are taken on Linux, where a screen can be had that nobody sees");
    }
    packages::ensure(packages::WINDOW)?;
    let python = hosts::python()?;
    workspace::run(&mut workspace::cargo(&["build", "--release", "--package", "mynah-plugin", "--bins"])?)?;
    let folder = workspace::root()?.join(folder);
    std::fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let mut command = Command::new(python);
    command.arg("screenshots.py").arg(&folder).current_dir(hosts::folder()?);
    command.env("MYNAH_APP", workspace::target()?.join("release").join(bundle::APP));
    command.env("PYTHONDONTWRITEBYTECODE", "1");
    workspace::run(&mut command)
}
