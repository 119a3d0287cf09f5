//! All cores at work on the voices of a block.

use crate::engine::Workers;
use rayon::prelude::*;

/// The threads that the process shares.
#[derive(Clone, Copy, Debug)]
pub(super) struct AllCores;

impl Workers for AllCores {
    fn for_each<T: Send>(&self, items: &mut [T], act: impl Fn(&mut T) + Sync) {
        items.par_iter_mut().for_each(&act);
    }
}
