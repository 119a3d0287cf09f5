//! The layers of the architecture, held to the source text: who may name whom, and who may name the system.
//!
//! Comments and string literals are cut out, the rest is split into words, and every path is resolved against the
//! module it stands in. Names that only a macro puts together are not seen.
#![expect(clippy::unwrap_used, reason = "a source that cannot be read fails the test")]

mod names;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use names::{names_in, within, without_tests, words};

/// A layer, and what its source must not name.
struct Layer {
    /// Folder or file, relative to the root, without `.rs`.
    place: &'static str,
    /// Paths that must not be named, from their root: `mynah::…` or a crate; a macro ends in `!`.
    forbidden: &'static [&'static str],
    because: &'static str,
}

/// What waits, blocks, allocates by the way or writes: never on the audio thread.
const SYSTEM: [&str; 15] = [
    "std::fs",
    "std::thread",
    "std::io",
    "std::net",
    "std::process",
    "std::sync::Mutex",
    "std::sync::RwLock",
    "rayon",
    "log",
    "tracing",
    "println!",
    "print!",
    "eprintln!",
    "eprint!",
    "dbg!",
];

const LAYERS: &[Layer] = &[
    Layer {
        place: "src/engine",
        forbidden: &[
            "mynah::learn",
            "mynah::audio_file",
            "mynah::render",
            "mynah::cli",
            "mynah::model::file",
        ],
        because: "what plays knows neither how a model was learned nor where sound goes",
    },
    Layer {
        place: "src/learn",
        forbidden: &["mynah::engine", "mynah::render", "mynah::cli"],
        because: "what learns knows nothing of what plays; they share data and equations",
    },
    Layer {
        place: "src/vocoder",
        forbidden: &[
            "mynah::model",
            "mynah::learn",
            "mynah::engine",
            "mynah::render",
            "mynah::cli",
            "mynah::audio_file",
        ],
        because: "frames and sound are the ground that models stand on",
    },
    Layer {
        place: "src/model",
        forbidden: &["mynah::learn", "mynah::engine", "mynah::render", "mynah::cli", "mynah::audio_file"],
        because: "a model is data and equations, shared by what learns and what plays",
    },
];

/// A crate that one place alone may name.
struct Keeper {
    place: &'static str,
    crates: &'static [&'static str],
    because: &'static str,
}

const KEEPERS: &[Keeper] = &[
    Keeper { place: "src/model/file", crates: &["safetensors"], because: "one place knows the byte format" },
    Keeper {
        place: "src/audio_file",
        crates: &["hound", "symphonia", "rubato"],
        because: "one place knows audio files",
    },
    Keeper {
        place: "plugin",
        crates: &["nice_plug", "nice_plug_egui", "egui", "baseview", "cpal", "jack", "midir"],
        because: "only the plugin knows a host, a window or a device",
    },
];

/// A source file: its place and every path that it names, tests of its own apart.
struct Source {
    /// Relative to the root, with `/`, without `.rs` or `/mod.rs`.
    place: String,
    named: BTreeSet<String>,
    named_outside_tests: BTreeSet<String>,
}

#[test]
fn layers_name_only_what_lies_below_them() {
    let sources = sources(&["src"]);
    let mut breaches = Vec::new();
    for layer in LAYERS {
        let members: Vec<&Source> =
            sources.iter().filter(|source| lies_in(&source.place, layer.place)).collect();
        assert!(!members.is_empty(), "{} has no source: has it moved?", layer.place);
        for source in members {
            for name in within(&source.named, layer.forbidden) {
                breaches.push(format!("{} names {name}: {}", source.place, layer.because));
            }
        }
    }
    assert!(breaches.is_empty(), "{}", breaches.join("\n"));
}

#[test]
fn engine_and_dsp_name_neither_files_nor_threads_nor_printing() {
    for source in sources(&["src/engine", "src/dsp"]) {
        let found = within(&source.named_outside_tests, &SYSTEM);
        assert!(found.is_empty(), "{} names {found:?}, which may wait or write", source.place);
    }
}

#[test]
fn units_tuning_and_dsp_name_nothing_of_ours_above_them() {
    for source in sources(&["src"]) {
        let below: &[&str] = match source.place.as_str() {
            "src/units" => &["mynah::units"],
            place if lies_in(place, "src/tuning") => &["mynah::units", "mynah::tuning"],
            place if lies_in(place, "src/dsp") => &["mynah::units", "mynah::dsp"],
            _ => continue,
        };
        let above: Vec<&String> = source
            .named
            .iter()
            .filter(|name| {
                name.starts_with("mynah::") && within(&BTreeSet::from([(*name).clone()]), below).is_empty()
            })
            .collect();
        assert!(above.is_empty(), "{} names {above:?}, which lie above it", source.place);
    }
}

#[test]
fn each_format_and_each_host_has_one_keeper() {
    let mut breaches = Vec::new();
    for source in sources(&["src", "plugin"]) {
        for keeper in KEEPERS.iter().filter(|keeper| !lies_in(&source.place, keeper.place)) {
            for name in within(&source.named, keeper.crates) {
                breaches.push(format!("{} names {name}: {}", source.place, keeper.because));
            }
        }
    }
    assert!(breaches.is_empty(), "{}", breaches.join("\n"));
}

fn lies_in(place: &str, folder: &str) -> bool {
    place.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Every source file in `folders`.
fn sources(folders: &[&str]) -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut sources = Vec::new();
    for entry in
        folders.iter().flat_map(|folder| walkdir::WalkDir::new(root.join(folder)).sort_by_file_name())
    {
        let path = entry.unwrap().into_path();
        if path.extension().is_some_and(|extension| extension == "rs") {
            sources.push(source(root, &path));
        }
    }
    sources
}

fn source(root: &Path, path: &Path) -> Source {
    let relative: PathBuf = path.strip_prefix(root).unwrap().with_extension("");
    let place = relative.to_string_lossy().replace('\\', "/");
    let place = place.strip_suffix("/mod").unwrap_or(&place).to_owned();
    let inner = place.split_once("src/").map_or("", |(_, inner)| inner);
    let krate = if place.starts_with("src/") { "mynah" } else { "this" };
    let module = match inner {
        "lib" | "main" => krate.to_owned(),
        inner => format!("{krate}::{}", inner.replace('/', "::")),
    };
    let words = words(&std::fs::read_to_string(path).unwrap());
    let named = names_in(&words, &module);
    let only_tests = place.ends_with("/tests") || place.contains("/tests/");
    let rest = if only_tests { Vec::new() } else { without_tests(words) };
    Source { place, named, named_outside_tests: names_in(&rest, &module) }
}
