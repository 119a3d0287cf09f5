//! Mynah learns a generative model of sound from a folder of recordings and plays it.
//!
//! # The picture
//!
//! ```text
//!  learning, off-line                                  playing, real time
//!  recordings                                          MIDI / host events, parameters
//!    │ audio_file   decode, mix down, resample           │
//!    │ learn::corpus  find events, split by file         ▼
//!    ▼                                                 engine   voices: gate, note, velocity, bend, pressure
//!  vocoder::analysis   audio → frames                    │  each voice, every 10 ms of model time:
//!    ▼                                                   │    model::network   h ← step(h, frame, gate)
//!  learn::whiten → model::codec   frames → vectors       │    model::recall    what followed like states
//!    ▼                                                   │    model::mixture   join, clamp, steer, draw
//!  learn::detail → model::detail   what those leave out  │    model::codec     vector → frame
//!    ▼                                                   │    model::detail    what a remembered frame has beyond
//!  learn::fit   maximum likelihood, by a plan            ▼
//!    ▼                                                 vocoder::synthesis   frames, every 5 ms → samples, at any rate
//!  learn::memory, learn::map                             ▼
//!    ▼                                                   ▼
//!  model::file   one safetensors file, *.mynah ─────▶  mix, limiter, meters
//! ```
//!
//! A sound is a sequence of [frames](vocoder::frame::Frame), one every 10 ms: pitch and loudness (the *gesture*, which a
//! player can hold), spectral envelope and noise shares (the *timbre*). The [model] is the probability of the next frame
//! given all before it, from two sources: *imagination*, mixtures that a recurrent network puts out, and *memory*, real
//! frames that followed like states. Imagination draws the numbers of timbre one by one, each given those before it; a frame
//! of memory has its [detail](model::detail) too, which no network predicts. Playing conditions all of it.
//!
//! # Invariants
//!
//! | | held by |
//! |---|---|
//! | The audio thread neither allocates, frees, locks, blocks, logs nor panics; output is always finite | `tests/realtime_safety.rs`, `plugin/tests/realtime_safety.rs` |
//! | A take is a take: the same samples for every block length | `tests/block_invariance.rs`; engine arithmetic is + − × ÷ and square root in a fixed order ([`dsp::maths`]) |
//! | `engine` and `learn` never see each other; only `audio_file` knows audio files, only [`model::file`] the byte format | `tests/layers` |
//! | A model file is data: loading trusts nothing in it | [`model::file`]'s tests, `tests/fuzz_corpus.rs` |
//! | A learning that is given up ends at once | `tests/giving_up.rs` |
//! | Files are replaced whole or not at all | [`whole_file`]'s tests |
//!
//! # Reading order
//!
//! [`units`], [`vocoder::frame`], [`model`] and its [`generator`](model::generator), then either way: [`tuning`] and
//! [`engine`] for playing, [`learn`] for learning. [`render`] is the engine off-line; `cli` the commands.

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
pub mod tuning;
pub mod units;
pub mod vocoder;
pub mod whole_file;
