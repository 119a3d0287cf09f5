//! What a player does at the panel, as actions: moves of knobs, models and presets, undo. No drawing.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use mynah::engine::param::{NUM_PARAMS, TABLE};
use mynah::engine::{EventKind, NoteAddress, NoteOn, ParamId};

use crate::knobs::Knobs;
use crate::library::{
    Entry, FACTORY_PRESETS, Kind, Library, MODEL_ENDING, ModelRef, PRESET_ENDING, Place, Preset, is_scala,
    tuning_from_files,
};
use crate::session::{Change, LearnRequest, Notice, Playing, Session, Source};

/// A player's place at the instrument.
pub struct Desk {
    /// The instance that is played.
    pub session: Arc<Session>,
    /// Its parameters.
    pub knobs: Box<dyn Knobs>,
    /// Where models and presets are.
    pub library: Library,
    /// The entry that was loaded last, for previous and next.
    current: Option<Entry>,
    /// Parameters in a gesture.
    held: Vec<Held>,
    /// When a gesture made of steps ends, unless another step comes first, seconds.
    settles_at: Option<f64>,
}

/// A parameter in a gesture.
struct Held {
    id: ParamId,
    /// Its value before.
    before: f32,
    /// What it was set to last: a host may take until its next block to say so itself.
    set: f32,
}

/// Steps that follow each other so fast are one gesture, seconds.
const SETTLE_SECONDS: f64 = 0.6;

impl Desk {
    /// Sits down at an instance.
    pub fn new(session: Arc<Session>, knobs: Box<dyn Knobs>, library: Library) -> Self {
        Self {
            session,
            knobs,
            library,
            current: None,
            held: Vec::with_capacity(NUM_PARAMS),
            settles_at: None,
        }
    }

    /// Value of a parameter, in its own unit.
    pub fn value(&self, id: ParamId) -> f32 {
        let held = self.held.iter().find(|held| held.id == id);
        held.map_or_else(|| self.knobs.value(id), |held| held.set)
    }

    /// A gesture on some parameters begins; it is undone as one.
    pub fn begin(&mut self, ids: &[ParamId]) {
        self.end();
        for &id in ids {
            let before = self.knobs.value(id);
            self.held.push(Held { id, before, set: before });
            self.knobs.begin(id);
        }
    }

    /// Moves a parameter; outside a gesture this is a gesture of its own.
    pub fn set(&mut self, id: ParamId, value: f32) {
        if self.held.iter().any(|held| held.id == id) {
            self.set_held(id, value);
        } else {
            self.begin(&[id]);
            self.set_held(id, value);
            self.end();
        }
    }

    /// The gesture ends.
    pub fn end(&mut self) {
        self.settles_at = None;
        let mut moves = Vec::new();
        for Held { id, before, set } in self.held.drain(..) {
            self.knobs.end(id);
            if before != set {
                moves.push((id, before, set));
            }
        }
        if !moves.is_empty() {
            self.session.history().record(Change::Params(moves));
        }
    }

    /// Moves parameters by a step of the wheel or a key at a time, in seconds: steps that follow each other are undone
    /// as one.
    pub fn nudge(&mut self, values: &[(ParamId, f32)], now: f64) {
        let is_same = self.held.len() == values.len()
            && values.iter().all(|(id, _)| self.held.iter().any(|held| held.id == *id));
        if !is_same || self.settles_at.is_none() {
            let ids: Vec<ParamId> = values.iter().map(|&(id, _)| id).collect();
            self.begin(&ids);
        }
        for &(id, value) in values {
            self.set_held(id, value);
        }
        self.settles_at = Some(now + SETTLE_SECONDS);
    }

    /// Ends a gesture of steps after which no step came for a while. To be called now and then.
    pub fn settle(&mut self, now: f64) {
        if self.settles_at.is_some_and(|at| at <= now) {
            self.end();
        }
    }

    /// Takes back the last change.
    pub fn undo(&mut self) {
        self.end();
        let change = self.session.history().undo();
        match change {
            Some(Change::Params(moves)) => self.put(moves.iter().map(|&(id, before, _)| (id, before))),
            Some(Change::Model { before, .. }) => self.session.play_unrecorded(before),
            Some(Change::Tuning { before, .. }) => self.session.tune_unrecorded(before),
            None => {}
        }
    }

    /// Does again what was taken back.
    pub fn redo(&mut self) {
        self.end();
        let change = self.session.history().redo();
        match change {
            Some(Change::Params(moves)) => self.put(moves.iter().map(|&(id, _, after)| (id, after))),
            Some(Change::Model { after, .. }) => self.session.play_unrecorded(after),
            Some(Change::Tuning { after, .. }) => self.session.tune_unrecorded(after),
            None => {}
        }
    }

    /// Loads an entry of the library.
    pub fn load(&mut self, entry: &Entry) {
        self.current = Some(entry.clone());
        match (entry.kind, &entry.place) {
            (Kind::Model, Place::Factory(idx)) => {
                let playing =
                    mynah::model::builtin::FACTORY.get(*idx).and_then(|model| Playing::factory(model.key));
                match playing {
                    Some(playing) => self.session.play(playing),
                    None => self.session.tell(Notice::error(format!("{} does not load", entry.name))),
                }
            }
            (Kind::Model, Place::File(path)) => self.session.play_file(path),
            (Kind::Preset, Place::Factory(idx)) => {
                if let Some(Ok(preset)) = FACTORY_PRESETS.get(*idx).map(|text| Preset::from_text(text)) {
                    self.load_preset(&preset);
                }
            }
            (Kind::Preset, Place::File(path)) => self.load_preset_file(path),
        }
    }

    /// Loads the entry that is `steps` further in the list, of the kind loaded last; round at the ends.
    pub fn step(&mut self, steps: isize) {
        let entries = self.library.entries();
        let kind = self.current.as_ref().map_or(Kind::Model, |entry| entry.kind);
        let same: Vec<&Entry> = entries.iter().filter(|entry| entry.kind == kind).collect();
        let at = self.current.as_ref().and_then(|current| same.iter().position(|entry| *entry == current));
        let next = (at.unwrap_or(0) as isize + steps).rem_euclid(same.len().max(1) as isize) as usize;
        if let Some(&entry) = same.get(next) {
            let entry = entry.clone();
            self.load(&entry);
        }
    }

    /// Takes what was dropped on the window or chosen in a dialog: a model or a preset is loaded, scales and mappings of
    /// keys tune, all else is learned.
    pub fn take_files(&mut self, paths: Vec<PathBuf>) {
        let ending = |path: &Path| path.extension().map(|ending| ending.to_string_lossy().to_lowercase());
        match paths.as_slice() {
            [] => {}
            [path] if ending(path).as_deref() == Some(MODEL_ENDING) => self.session.play_file(path),
            [path] if ending(path).as_deref() == Some(PRESET_ENDING) => self.load_preset_file(path),
            paths if paths.iter().all(|path| is_scala(path)) => self.take_tuning(paths),
            [path, ..] => {
                let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
                self.session.learn(LearnRequest { name, paths });
            }
        }
    }

    fn take_tuning(&mut self, paths: &[PathBuf]) {
        match tuning_from_files(paths, &self.session.tuning()) {
            Ok(tuning) => {
                self.session.tell(Notice::done(format!("tuned to {}", tuning.name())));
                self.session.tune(tuning);
            }
            Err(error) => self.session.tell(Notice::error(format!("cannot tune: {error}"))),
        }
    }

    /// Keeps what was learned, under a name, in the player's library.
    pub fn save_learned(&mut self, name: &str) {
        let playing = renamed(self.session.playing(), name);
        match self.library.save_model(name, &playing.bytes) {
            Ok(path) => {
                let told = format!("saved as {}", path.display());
                self.session.play_unrecorded(Playing { source: Source::File(path), ..playing });
                self.session.keep_learned();
                self.session.tell(Notice::done(told));
            }
            Err(error) => self.session.tell(Notice::error(format!("not saved: {error}"))),
        }
    }

    /// Saves the parameters and which model plays, under a name. A model that is in no file is saved with it.
    pub fn save_preset(&mut self, name: &str) {
        let playing = self.session.playing();
        let in_library = |path: &Path| {
            let file_name = path.file_name()?.to_str()?;
            (self.library.model_path(file_name)? == path).then(|| file_name.to_owned())
        };
        let model = match &playing.source {
            Source::Factory(key) => Ok(ModelRef::Factory((*key).to_owned())),
            Source::File(path) if in_library(path).is_some() => {
                Ok(ModelRef::File(in_library(path).unwrap_or_default()))
            }
            _ => self.library.save_model(playing.name(), &playing.file_bytes().unwrap_or_default()).map(
                |path| ModelRef::File(path.file_name().unwrap_or_default().to_string_lossy().into_owned()),
            ),
        };
        let saved = model
            .and_then(|model| self.library.save_preset(&Preset::new(name, model, |id| self.knobs.value(id))));
        self.session.tell(match saved {
            Ok(path) => Notice::done(format!("saved as {}", path.display())),
            Err(error) => Notice::error(format!("not saved: {error}")),
        });
    }

    /// Presses a key of the keyboard on the screen.
    pub fn press(&self, key: u8, velocity: f32) {
        let on = NoteOn { channel: 0, key, note_id: None, velocity };
        self.session.send(EventKind::NoteOn(on));
    }

    /// Lets go of it.
    pub fn release(&self, key: u8) {
        let note = NoteAddress { channel: Some(0), key: Some(key), note_id: None };
        self.session.send(EventKind::NoteOff(note));
    }

    fn set_held(&mut self, id: ParamId, value: f32) {
        if let Some(held) = self.held.iter_mut().find(|held| held.id == id) {
            held.set = id.spec().clamped(value);
            self.knobs.set(id, held.set);
        }
    }

    fn load_preset_file(&mut self, path: &Path) {
        match Preset::from_file(path) {
            Ok(preset) => self.load_preset(&preset),
            Err(error) => {
                let name = mynah::whole_file::printable_name(path);
                self.session.tell(Notice::error(format!("cannot load {name}: {error}")));
            }
        }
    }

    fn load_preset(&mut self, preset: &Preset) {
        match &preset.model {
            ModelRef::Factory(key) => match Playing::factory(key) {
                Some(playing) => self.session.play(playing),
                None => self.tell_missing(preset, key),
            },
            ModelRef::File(file_name) => match self.library.model_path(file_name) {
                Some(path) => self.session.play_file(&path),
                None => self.tell_missing(preset, file_name),
            },
        }
        let ids: Vec<ParamId> = TABLE.iter().map(|spec| spec.id).collect();
        self.begin(&ids);
        for (id, value) in preset.values() {
            self.set_held(id, value);
        }
        self.end();
    }

    fn tell_missing(&self, preset: &Preset, model: &str) {
        self.session.tell(Notice::error(format!(
            "{}: its model {model} is not among your models; what played plays on, with the preset's settings",
            preset.name
        )));
    }

    fn put(&mut self, values: impl Iterator<Item = (ParamId, f32)>) {
        for (id, value) in values {
            self.knobs.begin(id);
            self.knobs.set(id, value);
            self.knobs.end(id);
        }
    }
}

/// The same model under another name; the bytes are made again, for the name is in them.
fn renamed(playing: Playing, name: &str) -> Playing {
    if playing.model.card.name == name && !playing.bytes.is_empty() {
        return playing;
    }
    let mut model = (*playing.model).clone();
    model.card.name = name.to_owned();
    match model.to_bytes() {
        Ok(bytes) => {
            Playing { model: Arc::new(model), bytes: Arc::new(bytes.into()), source: playing.source }
        }
        // A name that no card can hold: it keeps the one it had.
        Err(_) => playing,
    }
}

#[cfg(test)]
mod tests;
