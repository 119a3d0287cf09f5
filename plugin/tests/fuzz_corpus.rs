//! States that a fuzzer has begun with and found: whatever a host gives, the instrument plays and keeps.

#[path = "../../fuzz/src/state.rs"]
mod body;

use std::path::PathBuf;

#[test]
fn states_of_any_fields_are_taken_or_told() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus/state");
    let mut num_inputs = 0;
    for entry in folder.read_dir().unwrap() {
        let path = entry.unwrap().path();
        // Shown where it fails.
        println!("{}", path.display());
        body::state(&std::fs::read(path).unwrap());
        num_inputs += 1;
    }
    assert!(4 < num_inputs, "{num_inputs} inputs");
}
