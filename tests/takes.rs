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
    (44_100.0, "13e91d8ca6e3003554b3938b1975e3f2c64e9eff16dfbeea30d81c76f80efdf3"),
    (48_000.0, "9407dbf52d9351da29d0a30a666d5b5c093de9abe30831ada874fcc2c98c2cd9"),
    (96_000.0, "8e742a15327773eb100bdbaf2707eca96fcd2070f73134d8c487f185fb52e6da"),
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
