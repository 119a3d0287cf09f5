//! `cargo xtask evaluate`: how good it sounds, by judges of other people's making, beside reference lines and peers.
//!
//! The judges are Python packages in an environment of their own, `evaluate/venv` in the folder of builds; recordings,
//! models and sound are in `evaluate` beside it and are kept, so that a run that is repeated makes what is missing.

use std::process::Command;

use anyhow::Result;

use crate::venv::{self, Requirements};
use crate::workspace;

/// What is said when the judges cannot be had.
const ADVICE: &str =
    "the judges need Python 3.11 and PyPI; tests/evaluate/README.md says how to install them";

/// Leaves out the judges that need PyTorch, which is 5 GB to fetch.
const WITHOUT_TORCH: &str = "--no-torch";

/// Are these words the options and sets that the command takes? The sets themselves are the script's to know.
pub(crate) fn takes(words: &[&str]) -> bool {
    words.iter().all(|word| *word == WITHOUT_TORCH || !word.starts_with('-'))
}

/// Evaluates the sets named, or all.
pub(crate) fn run(words: &[&str]) -> Result<()> {
    let scripts = workspace::root()?.join("tests").join("evaluate");
    let list = |name: &str, alone| Requirements { path: scripts.join(name), alone };
    let basic = [list("requirements.txt", false)];
    let all = [
        list("requirements.txt", false),
        list("requirements-torch.txt", false),
        list("requirements-torch-nodeps.txt", true),
    ];
    let python = if words.contains(&WITHOUT_TORCH) {
        venv::interpreter("evaluate", &basic, ADVICE)?
    } else {
        venv::interpreter("evaluate", &all, ADVICE).or_else(|error| {
            eprintln!(
                "{error:#}\ngoing on without PyTorch and its judges; {WITHOUT_TORCH} asks for it no more"
            );
            venv::interpreter("evaluate", &basic, ADVICE)
        })?
    };
    let parts = ["--package", "mynah", "--bin", "mynah", "--example", "joins"];
    workspace::run(workspace::cargo(&["build", "--release", "--quiet"])?.args(parts))?;
    let target = workspace::target()?;
    let mut command = Command::new(python);
    command.arg(scripts.join("evaluate.py")).arg("--builds").arg(target.join("release"));
    command.arg("--out").arg(target.join("evaluate").join("results")).args(words);
    // Judges run side by side; more threads in each only make small networks wait for each other.
    command.env("OMP_NUM_THREADS", "1").env("PYTHONDONTWRITEBYTECODE", "1");
    workspace::run(&mut command)
}
