//! States of each released version open for ever, and are saved again as they were.

use crate::host::{Act, Instance};
use crate::state::state;

/// Version 1, saved by 0.1.0: everything in it differs from what a new instance has.
const VERSION_1: &str = include_str!("../../fixtures/formats/state-1.json");

#[test]
fn a_state_of_version_1_opens_and_is_saved_as_it_was() {
    let bytes = state(VERSION_1);
    let mut instance = Instance::new();
    assert!(instance.load(&bytes), "the state is taken");
    instance.activate(48_000.0);
    assert!(0.003 < instance.play(9_600, 480, &[(0, Act::On(69))]).peak_from(0), "its model is heard");
    assert!(instance.save() == bytes, "not a byte differs");
    assert!(Instance::new().save() != bytes, "a new instance has another state");
}
