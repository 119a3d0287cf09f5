//! Pure blocks: deterministic maths, ramps, envelopes, the limiter.

pub mod fourier;
pub mod maths;
