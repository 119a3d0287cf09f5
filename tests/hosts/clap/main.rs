//! The CLAP in a real host, `clack-host`: what a player's host does with it, done without a window or a sound card.
//!
//! The library under test is built first, by cargo, from the package `mynah-exports`.
#![expect(clippy::unwrap_used, reason = "what the plugin refuses its host fails the test")]

mod formats;
mod host;
mod life;
mod notes;
mod params;
mod process;
mod state;
