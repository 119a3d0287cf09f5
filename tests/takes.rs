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
    (44_100.0, "1639f72a899134b0c7ecb6e5c2d88efa5789d2c527eeb3eb0a05a0b827778182"),
    (48_000.0, "6b7e538fc192e69b7f77badae7fb076884c087ce2b3b7374458f826a16e97287"),
    (96_000.0, "7a77406d223676436ac5f910d74e93b1f5987424089c891f6f3a0addb929ed9f"),
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
