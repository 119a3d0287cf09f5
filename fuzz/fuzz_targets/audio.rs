//! Any bytes: see `audio` among the bodies.
#![no_main]

#[path = "../src/bodies.rs"]
#[expect(dead_code, reason = "each target has its body of all")]
mod bodies;

libfuzzer_sys::fuzz_target!(
    // Decoders panic on some damaged files, which is caught and told as damage: only what is not caught is a finding.
    init: std::panic::set_hook(Box::new(|_| ())),
    |bytes: &[u8]| bodies::audio(bytes)
);
