//! Any bytes: see `state` in its body.
#![no_main]

#[path = "../src/state.rs"]
mod body;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| body::state(bytes));
