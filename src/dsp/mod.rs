//! Pure blocks: deterministic maths, ramps, envelopes, the limiter.
// Tests may use the system's mathematics as their reference.
#![cfg_attr(not(test), deny(clippy::disallowed_methods, clippy::disallowed_types))]

pub mod denormals;
pub mod envelope;
pub mod fourier;
pub mod limiter;
pub mod maths;
pub mod packed_matrix;
pub mod ramp;
