//! The wall between the threads: new models go to the engine through one ring, old ones come back through another.
//! Tunings go through a ring of their own and never come back: they are copied, and there is nothing to free.

use super::meters::Meters;
use super::prepared::PreparedModel;
use crate::model::Model;
use crate::tuning::KeyPitches;
use crate::vocoder::synthesis::SynthesisTables;
use ringbuf::traits::{Consumer, Observer, Producer, Split};
use ringbuf::{HeapCons, HeapProd, HeapRb};
use std::sync::Arc;

/// Models, and tunings, on their way to the engine. One would do: a learner's next snapshot waits in the handle.
const CAPACITY_IN: usize = 2;

/// Models on their way back; more than can be in the engine and on their way to it together.
const CAPACITY_OUT: usize = 8;

/// The side of whoever owns the engine, on any thread but the audio thread.
#[derive(Debug)]
pub struct EngineHandle {
    to_engine: Ring<HeapProd<PreparedModel>>,
    from_engine: Ring<HeapCons<PreparedModel>>,
    waiting: Option<PreparedModel>,
    tunings: Ring<HeapProd<KeyPitches>>,
    waiting_tuning: Option<KeyPitches>,
    tables: Arc<SynthesisTables>,
    meters: Arc<Meters>,
}

impl EngineHandle {
    /// Gives the engine another model. It crossfades to it at the start of a block. Not on the audio thread.
    ///
    /// If the engine still has not taken those before, this one waits, in place of any that waited.
    pub fn load(&mut self, model: Arc<Model>) {
        self.waiting = Some(PreparedModel { model, tables: Arc::clone(&self.tables) });
        self.tend();
    }

    /// Gives the engine another tuning, which it takes at the start of a block. Not on the audio thread.
    ///
    /// Sounding notes follow it within a frame (10 ms), as they follow a bend; those whose keys have no pitch any more
    /// are released. If the engine still has not taken those before, this one waits, in place of any that waited.
    pub fn tune(&mut self, pitches: &KeyPitches) {
        self.waiting_tuning = Some(*pitches);
        self.tend();
    }

    /// Frees models that came back and sends what waits. To be called now and then; not on the audio thread.
    pub fn tend(&mut self) {
        while self.from_engine.0.try_pop().is_some() {}
        if let Some(prepared) = self.waiting.take() {
            self.waiting = self.to_engine.0.try_push(prepared).err();
        }
        if let Some(pitches) = self.waiting_tuning.take() {
            self.waiting_tuning = self.tunings.0.try_push(pitches).err();
        }
    }

    /// Does a model or a tuning wait for the engine to take those before?
    pub fn has_waiting(&self) -> bool {
        self.waiting.is_some() || self.waiting_tuning.is_some()
    }

    /// What the engine shows of itself.
    pub fn meters(&self) -> &Arc<Meters> {
        &self.meters
    }
}

/// The engine's side.
#[derive(Debug)]
pub(super) struct Handover {
    incoming: Ring<HeapCons<PreparedModel>>,
    outgoing: Ring<HeapProd<PreparedModel>>,
    tunings: Ring<HeapCons<KeyPitches>>,
}

impl Handover {
    /// The newest model that has come; those that it overtakes go straight back. Audio thread.
    pub(super) fn take_newest(&mut self) -> Option<PreparedModel> {
        // Room is kept for the two models in the engine, so that giving back can never fail.
        const KEPT: usize = 2;
        let mut newest = None;
        while self.outgoing.0.vacant_len() > KEPT
            && let Some(prepared) = self.incoming.0.try_pop()
        {
            if let Some(overtaken) = newest.replace(prepared) {
                self.give_back(overtaken);
            }
        }
        newest
    }

    /// The newest tuning that has come. Audio thread.
    pub(super) fn take_tuning(&mut self) -> Option<KeyPitches> {
        let mut newest = None;
        // The ring is short, and what comes while this looks can wait.
        for _ in 0..CAPACITY_IN {
            newest = self.tunings.0.try_pop().or(newest);
        }
        newest
    }

    /// Sends a model away to be freed. Audio thread.
    pub(super) fn give_back(&mut self, prepared: PreparedModel) {
        if let Err(prepared) = self.outgoing.0.try_push(prepared) {
            debug_assert!(false, "room is kept for each model in the engine");
            // Better lost than freed here.
            core::mem::forget(prepared);
        }
    }
}

/// Makes the two sides.
pub(super) fn handover(tables: Arc<SynthesisTables>, meters: Arc<Meters>) -> (EngineHandle, Handover) {
    let (to_engine, incoming) = HeapRb::new(CAPACITY_IN).split();
    let (tunings, new_tunings) = HeapRb::new(CAPACITY_IN).split();
    let (outgoing, from_engine) = HeapRb::new(CAPACITY_OUT).split();
    let handle = EngineHandle {
        to_engine: Ring(to_engine),
        from_engine: Ring(from_engine),
        waiting: None,
        tunings: Ring(tunings),
        waiting_tuning: None,
        tables,
        meters,
    };
    (handle, Handover { incoming: Ring(incoming), outgoing: Ring(outgoing), tunings: Ring(new_tunings) })
}

/// An end of a ring, with a `Debug` that does not print what is in it.
struct Ring<T>(T);

impl<T> core::fmt::Debug for Ring<T> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Ring")
    }
}
