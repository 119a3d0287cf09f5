//! The window of the application.

use std::time::Duration;

use super::end::End;
use crate::panel::{Desk, Rig};

/// Time between looks for something to tell.
const PAUSE: Duration = Duration::from_millis(100);

/// Shows the panel until the player closes it, or `end` is asked for.
pub(super) fn open_window(desk: Desk, rig: Box<dyn Rig>, end: &End) -> anyhow::Result<()> {
    run_without(&desk, rig, end);
    Ok(())
}

/// Waits for the end without a window; what there is to tell goes to the terminal.
pub(super) fn run_without(desk: &Desk, _rig: Box<dyn Rig>, end: &End) {
    loop {
        let is_end = end.wait(PAUSE);
        if let Some(notice) = desk.session.notice() {
            super::tell::note(&format!("mynah-app: {}", notice.text));
            desk.session.dismiss_notice();
        }
        if is_end {
            return;
        }
    }
}
