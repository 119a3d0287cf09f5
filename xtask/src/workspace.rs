//! The workspace: where it lies, where it builds to, which files are its own, how its cargo is called.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};

/// The folder of the workspace's `Cargo.toml`.
pub(crate) fn root() -> Result<PathBuf> {
    // Set by `cargo run`; the value of the build is for a binary that is called directly.
    let manifest = std::env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| env!("CARGO_MANIFEST_DIR").into(), PathBuf::from);
    manifest.parent().map(Path::to_path_buf).context("cannot find the workspace: run as `cargo xtask`")
}

/// The folder that cargo builds into: this binary is `TARGET/PROFILE/xtask`.
pub(crate) fn target() -> Result<PathBuf> {
    let binary = std::env::current_exe().context("cannot find the folder of builds")?;
    binary.ancestors().nth(2).map(Path::to_path_buf).context("cannot find the folder of builds")
}

/// The cargo that runs us, at the root of the workspace.
pub(crate) fn cargo(arguments: &[&str]) -> Result<Command> {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(arguments).current_dir(root()?);
    Ok(command)
}

/// Runs a command to its end; its output is the user's.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("cannot start {}", program(command)))?;
    if !status.success() {
        bail!("{} failed ({status})", shown(command));
    }
    Ok(())
}

/// Runs a command to its end and returns what it wrote to its standard output.
pub(crate) fn output(command: &mut Command) -> Result<Vec<u8>> {
    let output = command.output().with_context(|| format!("cannot start {}", program(command)))?;
    if !output.status.success() {
        bail!("{} failed ({})", shown(command), output.status);
    }
    Ok(output.stdout)
}

/// The command as a person would type it, the program without its folder.
pub(crate) fn shown(command: &Command) -> String {
    let arguments = command.get_args().map(|argument| argument.to_string_lossy().into_owned());
    std::iter::once(program(command)).chain(arguments).collect::<Vec<_>>().join(" ")
}

fn program(command: &Command) -> String {
    Path::new(command.get_program()).file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

/// Every file that is or could be committed, relative to the root, sorted.
pub(crate) fn files() -> Result<Vec<PathBuf>> {
    let root = root()?;
    let mut git = Command::new("git");
    git.args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]).current_dir(&root);
    let mut files: Vec<PathBuf> = match output(&mut git) {
        Ok(listing) => String::from_utf8_lossy(&listing).split_terminator('\0').map(PathBuf::from).collect(),
        Err(_) => walked(&root),
    };
    // Listed and deleted, but not yet committed so.
    files.retain(|file| root.join(file).is_file());
    files.sort();
    files.dedup();
    Ok(files)
}

/// Files of a source tree without git, such as an unpacked archive.
fn walked(root: &Path) -> Vec<PathBuf> {
    let built = ["target", "demo", "corpora-data", ".git"];
    walkdir::WalkDir::new(root)
        .into_iter()
        .filter_entry(|entry| entry.depth() != 1 || built.iter().all(|name| entry.file_name() != *name))
        .filter_map(Result::ok)
        .filter_map(|entry| entry.path().strip_prefix(root).map(Path::to_path_buf).ok())
        .collect()
}
