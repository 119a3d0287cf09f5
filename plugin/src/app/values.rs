//! The parameters of the application: an array that the panel writes and the audio thread reads.

use core::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::sync::Arc;

use mynah::engine::ParamId;
use mynah::engine::param::{NUM_PARAMS, TABLE};

use crate::knobs::Knobs;

/// Values of all parameters, shared by the threads.
#[derive(Debug)]
pub(super) struct Values {
    /// Bits of the values, in their own units. Shape `[NUM_PARAMS]`.
    bits: [AtomicU32; NUM_PARAMS],
}

impl Default for Values {
    fn default() -> Self {
        Self { bits: core::array::from_fn(|idx| AtomicU32::new(TABLE[idx].default.to_bits())) }
    }
}

impl Values {
    /// Any thread.
    pub(super) fn get(&self, id: ParamId) -> f32 {
        f32::from_bits(self.bits[id as usize].load(Relaxed))
    }

    /// Sets the nearest allowed value. Any thread.
    pub(super) fn set(&self, id: ParamId, value: f32) {
        self.bits[id as usize].store(id.spec().clamped(value).to_bits(), Relaxed);
    }

    /// All, in the order of their ids. Any thread.
    pub(super) fn iter(&self) -> impl Iterator<Item = (ParamId, f32)> + '_ {
        TABLE.iter().map(|spec| (spec.id, self.get(spec.id)))
    }
}

/// The panel's knobs. Nobody records gestures here, so they begin and end unheard.
#[derive(Debug)]
pub(super) struct AppKnobs(pub(super) Arc<Values>);

impl Knobs for AppKnobs {
    fn value(&self, id: ParamId) -> f32 {
        self.0.get(id)
    }

    fn begin(&self, _id: ParamId) {}

    fn set(&self, id: ParamId, value: f32) {
        self.0.set(id, value);
    }

    fn end(&self, _id: ParamId) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_knob_keeps_the_nearest_allowed_value() {
        let values = Arc::new(Values::default());
        assert!(values.iter().all(|(id, value)| value == id.spec().default));
        let knobs = AppKnobs(Arc::clone(&values));
        knobs.set(ParamId::Chance, 99.0);
        assert_eq!(knobs.value(ParamId::Chance), ParamId::Chance.spec().max);
        knobs.set(ParamId::Chance, f32::NAN);
        assert!(values.get(ParamId::Chance).is_finite());
    }
}
