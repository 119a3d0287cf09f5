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
    (44_100.0, "3e3e74e0b69a7083971a03571441bb2b6614319a2f6521cfac99446e20e9f09e"),
    (48_000.0, "da231b2b49fd9ecf06e8a46ceacab29397be0d31e6ba0acff16b644cb054fdee"),
    (96_000.0, "743e66f21064189d31c0790e59e9c875dcaa7457a5c6d4437ef87b5a664c37d4"),
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
