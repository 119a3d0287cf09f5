//! Pure blocks: deterministic maths, ramps, envelopes, the limiter.
