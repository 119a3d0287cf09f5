//! A take is a take: its samples are the same for every build, processor and system.
//!
//! `cargo xtask test` runs this twice: as it is, and built for the processor that it runs on. The hashes were written
//! down once. A change that is meant to change the sound changes them; any other must not.

#[path = "support/phrase.rs"]
mod phrase;
mod support;

use phrase::{NUM_SAMPLES, played};
use sha2::{Digest as _, Sha256};

/// SHA-256 of both channels, 32-bit floats, little-endian, left before right, by sample rate in Hz.
const TAKES: [(f32, &str); 3] = [
    (44_100.0, "768c9224c0c89783f106a540e58d9321066c50271fe8abf3c3d410e86d6331e9"),
    (48_000.0, "9ee6c6287c97483761e5061fcd7d76c5fbc7e4141180190e1e7f9654f1f82303"),
    (96_000.0, "e13b7e43767da8682a46471d0d8cb637b88d1e52ae5c70f0178e31d1d19e73d5"),
];

#[test]
fn a_take_has_the_samples_that_it_had_when_it_was_written_down() {
    let hashes = TAKES.map(|(sample_rate, _)| {
        let mut hash = Sha256::new();
        for channel in played(sample_rate, NUM_SAMPLES, 0.0) {
            for sample in channel {
                hash.update(sample.to_le_bytes());
            }
        }
        (sample_rate, hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect::<String>())
    });
    let expected = TAKES.map(|(sample_rate, hash)| (sample_rate, hash.to_owned()));
    assert_eq!(hashes, expected);
}
