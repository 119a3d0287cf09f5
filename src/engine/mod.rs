//! The engine: voices, events and parameters, in real time.
//!
//! Reading order: what comes in (`event`, `param`), what it changes (`channel`, `keyboard`), what sounds
//! (`take`, `voice`, `voices`), what crosses between threads (`prepared`, `handle`, `meters`), who helps
//! off-line (`workers`), and the whole ([`Engine`]).
//!
//! A voice lives on a timeline of its own that begins at the sample of its note. It makes sound a chunk at a time into
//! a buffer that blocks read from, so the same samples come for every length of block.
// Tests may collect and print.
#![cfg_attr(not(test), deny(clippy::disallowed_methods, clippy::disallowed_types))]

mod channel;
mod context;
mod ended;
#[expect(clippy::module_inception, reason = "the file is named for the noun in it")]
mod engine;
pub mod event;
mod expressions;
mod handle;
mod hash;
mod keyboard;
pub mod meters;
pub mod param;
mod param_text;
mod prepared;
mod take;
mod voice;
mod voices;
mod workers;

pub use engine::{Engine, EngineConfig};
pub use event::{Event, EventKind, Expression, NoteAddress, NoteOn};
pub use handle::EngineHandle;
pub use meters::Meters;
pub use param::{ParamId, ParamSpec, Params};
pub use prepared::PreparedModel;
pub use workers::Workers;

/// Voices that can sound at once, fading ones aside.
pub const MAX_VOICES: usize = 64;

/// Places for voices: as many again as can sound, so that all can fade while as many begin.
const NUM_SLOTS: usize = 2 * MAX_VOICES;

#[cfg(test)]
mod tests;
