//! Mynah as a CLAP and VST3 plugin: what a host sees of the engine.
//!
//! Reading order: the parameters a host knows (`params`), the events it sends (`notes`), the plugin itself
//! (`instrument`), windows (`window`).

mod instrument;
mod notes;
mod params;
pub mod window;

pub use instrument::Mynah;

nice_plug::nice_export_clap!(Mynah);
nice_plug::nice_export_vst3!(Mynah);
