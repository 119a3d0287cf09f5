//! What can be taken back: changes of parameters and of the model, newest last.

use std::sync::Arc;

use mynah::engine::ParamId;
use mynah::tuning::Tuning;

use super::Playing;

/// Most changes that are remembered.
const MAX_CHANGES: usize = 200;

/// Most changes of the model among them: each keeps a model of up to 4 MB.
const MAX_MODELS: usize = 8;

/// One change, as a player sees it.
#[derive(Clone, Debug)]
pub enum Change {
    /// Parameters moved by one gesture: which, from, to.
    Params(Vec<(ParamId, f32, f32)>),
    /// Another model.
    Model {
        /// What played.
        before: Playing,
        /// What plays since.
        after: Playing,
    },
    /// Another tuning.
    Tuning {
        /// The pitches that the keys had.
        before: Arc<Tuning>,
        /// The pitches that they have since.
        after: Arc<Tuning>,
    },
}

/// Changes that were made and can be undone, and those that were undone and can be done again.
#[derive(Debug, Default)]
pub struct History {
    done: Vec<Change>,
    undone: Vec<Change>,
}

impl History {
    /// Adds a change; what was undone before can no longer be done again.
    pub fn record(&mut self, change: Change) {
        self.undone.clear();
        self.done.push(change);
        let models = |changes: &[Change]| {
            changes.iter().filter(|change| matches!(change, Change::Model { .. })).count()
        };
        while MAX_CHANGES < self.done.len() || MAX_MODELS < models(&self.done) {
            self.done.remove(0);
        }
    }

    /// The last change, which is now undone: its values before are to be set. `None` if there is none.
    pub fn undo(&mut self) -> Option<Change> {
        let change = self.done.pop()?;
        self.undone.push(change.clone());
        Some(change)
    }

    /// The change undone last, which is now done again: its values after are to be set. `None` if there is none.
    pub fn redo(&mut self) -> Option<Change> {
        let change = self.undone.pop()?;
        self.done.push(change.clone());
        Some(change)
    }

    /// Is there something to undo?
    pub fn can_undo(&self) -> bool {
        !self.done.is_empty()
    }

    /// Is there something to do again?
    pub fn can_redo(&self) -> bool {
        !self.undone.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moved(to: f32) -> Change {
        Change::Params(vec![(ParamId::Chance, 0.0, to)])
    }

    #[track_caller]
    fn check(change: Option<Change>, to: f32) {
        let Some(Change::Params(moves)) = change else { panic!("a move to {to}") };
        assert_eq!(moves, [(ParamId::Chance, 0.0, to)]);
    }

    #[test]
    fn changes_come_back_in_turn_and_a_new_one_ends_what_was_undone() {
        let mut history = History::default();
        history.record(moved(1.0));
        history.record(moved(0.5));
        check(history.undo(), 0.5);
        check(history.undo(), 1.0);
        assert!(!history.can_undo() && history.undo().is_none());
        check(history.redo(), 1.0);
        history.record(moved(0.2));
        assert!(!history.can_redo());
        check(history.undo(), 0.2);
    }

    #[test]
    fn memory_of_models_is_bounded() {
        let mut history = History::default();
        let playing = Playing::default_model();
        for _ in 0..20 {
            history.record(Change::Model { before: playing.clone(), after: playing.clone() });
        }
        let undone = std::iter::from_fn(|| history.undo()).count();
        assert_eq!(undone, MAX_MODELS);
    }
}
