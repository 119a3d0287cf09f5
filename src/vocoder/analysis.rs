//! Analysis: audio to frames.
