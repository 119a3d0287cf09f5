//! Stand-in parameters, for tests.

use std::sync::Mutex;

use mynah::engine::{ParamId, Params};

use crate::knobs::Knobs;

/// Parameters that nobody else moves.
#[derive(Default)]
pub(super) struct Loose(Mutex<Params>);

impl Knobs for Loose {
    fn value(&self, id: ParamId) -> f32 {
        self.0.lock().unwrap().get(id)
    }
    fn begin(&self, _id: ParamId) {}
    fn set(&self, id: ParamId, value: f32) {
        self.0.lock().unwrap().set(id, value);
    }
    fn end(&self, _id: ParamId) {}
}
