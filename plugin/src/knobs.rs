//! How the panel reads and moves parameters, whoever keeps them.

use std::sync::Arc;

use mynah::engine::ParamId;
use nice_plug::context::gui::GuiContext;

use crate::params::HostParams;

/// Parameters that can be read and moved, in their own units. A move is a gesture: begun, set any number of times,
/// ended.
pub trait Knobs: Send {
    /// The value that the player or the host has set.
    fn value(&self, id: ParamId) -> f32;
    /// A gesture begins.
    fn begin(&self, id: ParamId);
    /// Sets the nearest allowed value.
    fn set(&self, id: ParamId, value: f32);
    /// The gesture ends.
    fn end(&self, id: ParamId);
}

/// Parameters that a host keeps: it hears of every gesture, to record it as automation.
pub(crate) struct HostKnobs {
    pub(crate) params: Arc<HostParams>,
    pub(crate) context: GuiContext,
}

#[expect(unsafe_code, reason = "nice-plug takes parameters of a table by their address")]
impl Knobs for HostKnobs {
    fn value(&self, id: ParamId) -> f32 {
        self.params.value(id)
    }

    fn begin(&self, id: ParamId) {
        let (pointer, _) = self.params.normalized(id, 0.0);
        // SAFETY: `params` is alive, and the same that the host was given.
        unsafe { self.context.raw_begin_set_parameter(pointer) }
    }

    fn set(&self, id: ParamId, value: f32) {
        let (pointer, normalized) = self.params.normalized(id, value);
        // SAFETY: as in `begin`.
        unsafe { self.context.raw_set_parameter_normalized(pointer, normalized) }
    }

    fn end(&self, id: ParamId) {
        let (pointer, _) = self.params.normalized(id, 0.0);
        // SAFETY: as in `begin`.
        unsafe { self.context.raw_end_set_parameter(pointer) }
    }
}
