//! Notes that have ended, for hosts that want to hear of it.

use super::event::NoteOn;

/// Most notes told of in a block; of more, the rest are passed over.
const MAX_ENDED: usize = 256;

/// Notes whose last voice fell silent in the block played last.
#[derive(Debug)]
pub(super) struct EndedNotes {
    notes: [NoteOn; MAX_ENDED],
    num_notes: usize,
}

impl EndedNotes {
    pub(super) fn new() -> Self {
        Self { notes: [NoteOn { channel: 0, key: 0, note_id: None, velocity: 0.0 }; MAX_ENDED], num_notes: 0 }
    }

    pub(super) fn clear(&mut self) {
        self.num_notes = 0;
    }

    pub(super) fn tell(&mut self, note: NoteOn) {
        if let Some(told) = self.notes.get_mut(self.num_notes) {
            *told = note;
            self.num_notes += 1;
        }
    }

    pub(super) fn notes(&self) -> &[NoteOn] {
        &self.notes[..self.num_notes]
    }
}
