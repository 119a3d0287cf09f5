//! Pure blocks: deterministic maths, ramps, envelopes, the limiter.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

pub mod denormals;
pub mod envelope;
pub mod limiter;
pub mod ramp;
