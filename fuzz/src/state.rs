//! The state that a host gives an instance: any texts in its fields, and a model among them as bytes.

use mynah_plugin::Mynah;
use nice_plug::prelude::Plugin;
use std::collections::BTreeMap;

/// Lines of a key, a space and a value; a state that was taken can be kept and taken again.
pub(crate) fn state(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let field = |line: &str| {
        let (key, value) = line.split_once(' ')?;
        // A scale has lines of its own.
        Some((key.to_owned(), value.replace("\\n", "\n")))
    };
    let fields: BTreeMap<String, String> = text.lines().filter_map(field).collect();
    let instrument = Mynah::default();
    let params = instrument.params();
    params.deserialize_fields(&fields);
    let kept = params.serialize_fields();
    params.deserialize_fields(&kept);
    assert!(params.serialize_fields() == kept, "what was kept is kept");
}
