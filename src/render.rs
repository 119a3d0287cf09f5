//! Off-line rendering through the same engine.
