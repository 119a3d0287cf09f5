//! The panel: what a player sees and does.
//!
//! Reading order: what a player does, without drawing (`desk`), what the application alone has (`rig`).

mod desk;
mod rig;

pub use desk::Desk;
pub use rig::{Rig, RigState};
