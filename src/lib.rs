//! Mynah learns a generative model of sound from a folder of recordings and plays it.

#[cfg(test)]
extern crate self as mynah;
#[cfg(test)]
#[path = "../tests/support/mod.rs"]
mod fixture;

pub mod audio_file;
#[cfg(feature = "cli")]
pub mod cli;
pub mod dsp;
pub mod engine;
pub mod learn;
pub mod model;
pub mod render;
pub mod units;
pub mod vocoder;
