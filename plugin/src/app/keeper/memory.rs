//! What is remembered of a run, and when it is written.

use std::path::{Path, PathBuf};

use mynah::whole_file::write_whole;

use super::Common;
use crate::app::settings::{LastModel, Place, Settings};
use crate::session::{Notice, Playing, Source};

/// Settings, and those that the file has.
pub(super) struct Memory {
    pub(super) settings: Settings,
    place: Place,
    saved: Settings,
    /// A file that cannot be written is told once.
    is_told: bool,
}

impl Memory {
    pub(super) fn new(settings: Settings, place: Place) -> Self {
        Self { saved: Settings::default(), settings, place, is_told: false }
    }

    /// Writes the file if anything has changed. A model that was learned and never saved waits for the end.
    pub(super) fn save_changes(&mut self, common: &Common) {
        self.settings.take_params(&common.values);
        self.settings.window = Some(common.session.window().size_points().into());
        self.settings.take_tuning(&common.session.tuning());
        match common.session.playing().source {
            Source::Factory(key) => self.settings.model = Some(LastModel::Factory(key.to_owned())),
            Source::File(path) => self.settings.model = Some(LastModel::File(absolute(&path))),
            Source::Session | Source::Learned | Source::Learning | Source::Unread(_) => {}
        }
        if self.settings == self.saved {
            return;
        }
        match self.settings.save(&self.place) {
            Ok(()) => self.saved = self.settings.clone(),
            Err(error) if !self.is_told => {
                self.is_told = true;
                common.session.tell(Notice::error(format!("settings are not remembered: {error}")));
            }
            Err(_) => {}
        }
    }

    /// As [`save_changes`](Self::save_changes), at the end of the run: what was learned and never saved is kept too.
    pub(super) fn save(&mut self, common: &Common) {
        let playing = common.session.playing();
        if matches!(playing.source, Source::Learned | Source::Learning | Source::Session)
            && let Some(path) = self.keep(&playing)
        {
            self.settings.model = Some(LastModel::Unsaved(path));
        }
        self.save_changes(common);
    }

    fn keep(&self, playing: &Playing) -> Option<PathBuf> {
        let path = self.place.folder()?.join("unsaved.mynah");
        std::fs::create_dir_all(path.parent()?).ok()?;
        write_whole(&path, &playing.file_bytes()?).ok()?;
        Some(path)
    }
}

/// The same file, wherever the next run starts.
fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}
