//! Files of each released format are read for ever, and written again as they were. Fixtures are never changed: a new
//! format gets new ones.

mod support;

use mynah::model::Model;

/// Format 1, written by 0.1.0: the model of the tests.
const FORMAT_1: &[u8] = include_bytes!("fixtures/formats/model-1.mynah");

#[test]
fn a_model_of_format_1_is_read_and_written_as_it_was() {
    let model = Model::from_bytes(FORMAT_1).unwrap();
    assert_eq!(model, *support::model(1));
    assert!(model.to_bytes().unwrap() == FORMAT_1, "not a byte differs");
}
