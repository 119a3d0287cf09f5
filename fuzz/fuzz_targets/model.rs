//! Any bytes: see `model` among the bodies.
#![no_main]

#[path = "../src/bodies.rs"]
#[expect(dead_code, reason = "each target has its body of all")]
mod bodies;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| bodies::model(bytes));
