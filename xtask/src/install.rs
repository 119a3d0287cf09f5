//! `cargo xtask install`: the plugins and the application where hosts look for them, for this user alone.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use crate::bundle::{self, APP, CLAP, Profile, VST3};

/// Where each bundle goes: its name, and its folder.
type Places = [(&'static str, PathBuf); 3];

/// Bundles, and puts each bundle into its place; what was there before is replaced whole.
pub(crate) fn install() -> Result<()> {
    let places = places()?;
    let bundled = bundle::run(Profile::Release)?;
    println!();
    for (name, folder) in &places {
        let to = folder.join(name);
        put(&bundled.join(name), &to).with_context(|| format!("cannot install {}", to.display()))?;
        println!("installed {}", to.display());
    }
    Ok(())
}

/// Takes away what [`install`] puts there.
pub(crate) fn uninstall() -> Result<()> {
    for (name, folder) in &places()? {
        let path = folder.join(name);
        if !path.exists() {
            println!("not there {}", path.display());
            continue;
        }
        remove(&path).with_context(|| format!("cannot remove {}", path.display()))?;
        println!("removed   {}", path.display());
    }
    Ok(())
}

/// Folders of plugins and applications that belong to the user, by the habit of each system.
fn places() -> Result<Places> {
    let folder = |name: &str| -> Result<PathBuf> {
        match std::env::var_os(name) {
            Some(value) if !value.is_empty() => Ok(PathBuf::from(value)),
            _ => bail!("{name} is not set, so the user's folders cannot be found"),
        }
    };
    let (clap, vst3, app) = if cfg!(windows) {
        let programs = folder("LOCALAPPDATA")?.join("Programs");
        (programs.join("Common/CLAP"), programs.join("Common/VST3"), programs.join("Mynah"))
    } else if cfg!(target_os = "macos") {
        let home = folder("HOME")?;
        let plugins = home.join("Library/Audio/Plug-Ins");
        (plugins.join("CLAP"), plugins.join("VST3"), home.join("Applications"))
    } else {
        let home = folder("HOME")?;
        (home.join(".clap"), home.join(".vst3"), home.join(".local/bin"))
    };
    Ok([(CLAP, clap), (VST3, vst3), (APP, app)])
}

/// Copies beside, then renames: a host that has the old file open keeps it, and never sees half of the new one.
fn put(from: &Path, to: &Path) -> Result<()> {
    let beside = to.with_added_extension("new");
    remove(&beside)?;
    for entry in walkdir::WalkDir::new(from) {
        let entry = entry?;
        let target = beside.join(entry.path().strip_prefix(from)?);
        // A single file is its own root: joining nothing would end its name with a separator.
        let target = if entry.depth() == 0 { beside.clone() } else { target };
        if entry.file_type().is_dir() {
            std::fs::create_dir_all(&target)?;
        } else {
            if let Some(parent) = target.parent() {
                std::fs::create_dir_all(parent)?;
            }
            std::fs::copy(entry.path(), &target)?;
        }
    }
    remove(to)?;
    Ok(std::fs::rename(&beside, to)?)
}

/// Removes a file or a folder; nothing there is fine.
fn remove(path: &Path) -> Result<()> {
    if path.is_dir() {
        std::fs::remove_dir_all(path)?;
    } else if path.exists() {
        std::fs::remove_file(path)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_and_a_file_replace_what_was_there() {
        let scratch = std::env::temp_dir().join(format!("mynah-install-{}", std::process::id()));
        let (from, to) = (scratch.join("from"), scratch.join("to"));
        std::fs::create_dir_all(from.join("a/b")).unwrap();
        std::fs::write(from.join("a/b/new"), "1").unwrap();
        std::fs::create_dir_all(to.join("a")).unwrap();
        std::fs::write(to.join("a/old"), "2").unwrap();
        put(&from.join("a"), &to.join("a")).unwrap();
        put(&from.join("a/b/new"), &to.join("deep/app")).unwrap();
        assert!(to.join("a/b/new").is_file() && !to.join("a/old").exists());
        assert_eq!(std::fs::read_to_string(to.join("deep/app")).unwrap(), "1");
        remove(&scratch).unwrap();
        assert!(!scratch.exists());
    }
}
