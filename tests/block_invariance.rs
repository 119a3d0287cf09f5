//! The same events give the same samples however they are cut into blocks, and every sample is written.

#[path = "support/phrase.rs"]
mod phrase;
mod support;

use phrase::{NUM_SAMPLES, played};

#[track_caller]
fn check(sample_rate: f32, block_lengths: &[usize]) {
    let expected = played(sample_rate, NUM_SAMPLES, 0.25);
    assert!(expected[0].iter().any(|&sample| sample != 0.0), "it sounds");
    for &block_samples in block_lengths {
        let got = played(sample_rate, block_samples, -7.5);
        for (channel_idx, (got, expected)) in got.iter().zip(&expected).enumerate() {
            let differs =
                got.iter().zip(expected).position(|(got, expected)| got.to_bits() != expected.to_bits());
            assert_eq!(differs, None, "blocks of {block_samples}, channel {channel_idx}, {sample_rate} Hz");
        }
    }
}

#[test]
fn every_block_length_gives_the_same_samples() {
    check(48_000.0, &[1, 7, 64, 480, 512, 4_096]);
}

#[test]
fn blocks_change_nothing_at_any_sample_rate() {
    for sample_rate in [8_000.0, 11_025.0, 44_100.0, 96_000.0, 192_000.0] {
        check(sample_rate, &[63, 1_000]);
    }
}
