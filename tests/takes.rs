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
    (44_100.0, "777c95c3655e233a0a07aef9667ae2d5e99f230f07d08f1bc3ac3cdb438132ac"),
    (48_000.0, "bf3ec7d9bb47d0905ba214f53ee21e3019d7b26205189f2d4383220f921181b4"),
    (96_000.0, "25cc1e1abb69d4d57d17b9bd682ba7a19c34af3ae50784d0985bf1cb375f0fcc"),
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
