//! `cargo xtask bundle`: `Mynah.clap`, `Mynah.vst3` and `mynah-app`, into `target/bundled`.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::{packages, workspace};

/// The package that exports the plugins; `bundler.toml` names its bundles.
const PACKAGE: &str = "mynah-exports";
/// The package of the application.
const APP_PACKAGE: &str = "mynah-plugin";
/// Where the class id of the plugin is written, relative to the root.
const PLUGIN_SOURCE: &str = "plugin/src/instrument.rs";
/// The application, as its binary target is called.
pub(crate) const APP: &str = if cfg!(windows) { "mynah-app.exe" } else { "mynah-app" };
pub(crate) const CLAP: &str = "Mynah.clap";
pub(crate) const VST3: &str = "Mynah.vst3";

/// What the bundles are built for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Profile {
    /// Playing.
    Release,
    /// Tests in hosts, which share what the other tests have built.
    Debug,
}

/// Builds and bundles; returns the folder of the bundles.
pub(crate) fn run(profile: Profile) -> Result<PathBuf> {
    packages::check(packages::BUILD)?;
    // Only for the whole workspace are features, and so artefacts, those of the other tests.
    let (build, arguments, folder): (&[&str], &[&str], _) = match profile {
        Profile::Release => (
            &["build", "--package", PACKAGE, "--package", APP_PACKAGE, "--release"],
            &["--release"],
            "release",
        ),
        Profile::Debug => (&["build", "--workspace"], &[], "debug"),
    };
    workspace::run(&mut workspace::cargo(build)?)?;
    let root = workspace::root()?;
    let target = workspace::target()?;
    // The bundler looks for `bundler.toml` where it stands.
    std::env::set_current_dir(&root).with_context(|| format!("cannot go to {}", root.display()))?;
    let owned: Vec<String> = arguments.iter().map(|&argument| argument.to_owned()).collect();
    nice_plug_xtask::bundle(&target, PACKAGE, &owned, false)?;
    let bundled = target.join("bundled");
    copy(&target.join(folder).join(APP), &bundled.join(APP))?;
    write_module_info(&root, &bundled)?;
    if cfg!(target_os = "macos") {
        // The bundler has signed the bundle before the file came into it.
        workspace::run(Command::new("codesign").args(["-f", "-s", "-"]).arg(bundled.join(VST3)))?;
    }
    for name in [CLAP, VST3, APP] {
        println!("{}", bundled.join(name).display());
    }
    Ok(bundled)
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    std::fs::copy(from, to).with_context(|| format!("cannot copy {} to {}", from.display(), to.display()))?;
    Ok(())
}

/// Writes what a VST3 host reads without loading the plugin; the bundler does not.
fn write_module_info(root: &Path, bundled: &Path) -> Result<()> {
    let source = root.join(PLUGIN_SOURCE);
    let text =
        std::fs::read_to_string(&source).with_context(|| format!("cannot read {}", source.display()))?;
    let id = class_id(&text)
        .with_context(|| format!("{} has no VST3_CLASS_ID of 16 letters", source.display()))?;
    let folder = bundled.join(VST3).join("Contents").join("Resources");
    std::fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let file = folder.join("moduleinfo.json");
    std::fs::write(&file, module_info(id, env!("CARGO_PKG_VERSION")))
        .with_context(|| format!("cannot write {}", file.display()))
}

/// The class id in the source of the plugin: `VST3_CLASS_ID: [u8; 16] = *b"…"`.
fn class_id(source: &str) -> Option<[u8; 16]> {
    let literal = source.split_once("VST3_CLASS_ID: [u8; 16] = *b\"")?.1.split_once('"')?.0;
    literal.as_bytes().try_into().ok()
}

/// The text of `moduleinfo.json`: what the factory of the plugin says of itself, as nice-plug 0.4 fills it in.
fn module_info(class_id: [u8; 16], version: &str) -> String {
    let id: String = class_id.iter().map(|byte| format!("{byte:02X}")).collect();
    format!(
        r#"{{
  "Name": "Mynah",
  "Version": "{version}",
  "Factory Info": {{
    "Vendor": "Mynah",
    "URL": "",
    "E-Mail": "",
    "Flags": {{
      "Unicode": true,
      "Classes Discardable": false,
      "Component Non Discardable": false
    }}
  }},
  "Compatibility": [],
  "Classes": [
    {{
      "CID": "{id}",
      "Category": "Audio Module Class",
      "Name": "Mynah",
      "Vendor": "Mynah",
      "Version": "{version}",
      "SDKVersion": "VST 3.6.14",
      "Sub Categories": ["Instrument", "Synth"],
      "Class Flags": 2,
      "Cardinality": 2147483647,
      "Snapshots": []
    }}
  ]
}}
"#
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn class_id_is_read_from_the_source_of_the_plugin() {
        let source = "    const VST3_CLASS_ID: [u8; 16] = *b\"MynahInstrument1\";\n";
        assert_eq!(class_id(source), Some(*b"MynahInstrument1"));
        assert_eq!(class_id("const VST3_CLASS_ID: [u8; 16] = *b\"short\";"), None);
        assert_eq!(class_id(""), None);
    }

    #[test]
    fn the_plugin_has_a_class_id_where_it_is_looked_for() {
        let source = std::fs::read_to_string(workspace::root().unwrap().join(PLUGIN_SOURCE)).unwrap();
        assert!(class_id(&source).is_some(), "{PLUGIN_SOURCE} has no class id");
    }

    #[test]
    fn module_info_spells_the_class_id_in_hexadecimal() {
        assert!(module_info(*b"MynahInstrument1", "0.1.0").contains("\"4D796E6168496E737472756D656E7431\""));
    }
}
