//! What a fuzzer has begun with and found, and sessions that proptest makes up, through the bodies of the fuzzer.

#[path = "../fuzz/src/bodies.rs"]
#[expect(clippy::expect_used, reason = "a finding is a panic")]
mod bodies;

use proptest::prelude::*;
use std::path::PathBuf;

/// Runs every input of a target.
#[track_caller]
#[expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "clippy exempts test functions, not what they share"
)]
fn check(target: &str, body: fn(&[u8])) {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target);
    let mut num_inputs = 0;
    for entry in folder.read_dir().unwrap() {
        let path = entry.unwrap().path();
        // Shown where it fails.
        println!("{}", path.display());
        body(&std::fs::read(path).unwrap());
        num_inputs += 1;
    }
    assert!(4 < num_inputs, "{num_inputs} inputs");
}

#[test]
fn model_files_of_any_bytes_are_read_or_refused() {
    check("model", bodies::model);
}

#[test]
fn midi_files_of_any_bytes_are_read_or_refused() {
    check("midi", bodies::midi);
}

#[test]
fn audio_files_of_any_bytes_are_read_or_refused() {
    check("audio", bodies::audio);
}

#[test]
fn scala_files_of_any_bytes_are_read_or_refused() {
    check("scala", bodies::scala);
}

#[test]
fn sessions_of_any_bytes_stay_finite_and_below_full_scale() {
    check("engine", bodies::engine);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn made_up_sessions_stay_finite_and_below_full_scale(
        bytes in prop::collection::vec(any::<u8>(), 0..1_500)
    ) {
        bodies::engine(&bytes);
    }

    // Every session with models that no learning has given, at their largest numbers.
    #[test]
    fn extreme_models_stay_finite_and_below_full_scale(
        rate in 0..4_u8,
        tensors in prop::collection::vec((0..20_u8, 3..8_u8), 5),
        bytes in prop::collection::vec(any::<u8>(), 0..1_000),
    ) {
        let tensors = tensors.into_iter().flat_map(|(which, number)| [which, number]);
        let session: Vec<u8> = [rate, 5].into_iter().chain(tensors).chain([1]).chain(bytes).collect();
        bodies::engine(&session);
    }

    #[test]
    fn a_model_file_with_bytes_written_over_is_read_or_refused(
        start in any::<u16>(), over in prop::collection::vec(any::<u8>(), 1..64)
    ) {
        bodies::model(&[&start.to_le_bytes()[..], &over].concat());
    }
}
