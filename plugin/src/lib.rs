//! Mynah as a CLAP and VST3 plugin: what a host sees of the engine. The library that a host loads is made of it by the
//! package `mynah-exports`.
//!
//! Reading order: what an instance holds away from the audio thread (`session`), what a player can choose from
//! (`library`), the parameters a host knows (`params`), how the panel moves them (`knobs`), the panel (`panel`) and its
//! window (`window`, `editor`), the events a host sends (`notes`), the plugin itself (`instrument`), and the application,
//! which is its own host (`app`).

#[cfg(feature = "standalone")]
pub mod app;
mod editor;
mod instrument;
mod knobs;
pub mod library;
mod notes;
pub mod panel;
mod params;
pub mod session;
pub mod window;

pub use instrument::Mynah;
pub use knobs::Knobs;
