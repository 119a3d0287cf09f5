//! What plays: the model, where it came from, the engine it goes to, and what there is to say of it.

use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex};

use mynah::engine::{EngineHandle, Meters};
use mynah::model::builtin::{FACTORY, builtin};
use mynah::model::{Model, ModelError};
use mynah::tuning::Tuning;

use super::lock;

/// Where a model came from.
#[derive(Clone, Debug, PartialEq)]
pub enum Source {
    /// It comes with Mynah; its key.
    Factory(&'static str),
    /// A file of the player's.
    File(PathBuf),
    /// The session that was opened.
    Session,
    /// It was learned here, and is in no file yet.
    Learned,
    /// It is being learned.
    Learning,
    /// A session whose own model cannot be read here, so the default plays in its place. Its text as it was, kept so
    /// that saving the session again loses nothing.
    Unread(Arc<str>),
}

/// A model that can be played, and the bytes of its file.
#[derive(Clone, Debug)]
pub struct Playing {
    /// What was learned.
    pub model: Arc<Model>,
    /// As in its file; empty for a snapshot of a learning that goes on.
    pub bytes: Arc<Cow<'static, [u8]>>,
    /// Where it came from.
    pub source: Source,
}

impl Playing {
    /// The default model.
    pub fn default_model() -> Self {
        let bytes = Arc::new(Cow::Borrowed(FACTORY[0].bytes));
        Self { model: builtin(), bytes, source: Source::Factory(FACTORY[0].key) }
    }

    /// A model that comes with Mynah, by its key; `None` if there is none of that key.
    pub fn factory(key: &str) -> Option<Self> {
        let factory = FACTORY.iter().find(|factory| factory.key == key)?;
        let model = factory.model()?;
        Some(Self {
            model,
            bytes: Arc::new(Cow::Borrowed(factory.bytes)),
            source: Source::Factory(factory.key),
        })
    }

    /// Reads a model file. Errors name it.
    pub fn from_file(path: &Path) -> Result<Self, ModelError> {
        let (model, bytes) = Model::load_with_bytes(path)?;
        Ok(Self {
            model: Arc::new(model),
            bytes: Arc::new(Cow::Owned(bytes)),
            source: Source::File(path.to_owned()),
        })
    }

    /// Reads the bytes of a model file.
    pub fn from_bytes(bytes: Vec<u8>, source: Source) -> Result<Self, ModelError> {
        let model = Arc::new(Model::from_bytes(&bytes)?);
        Ok(Self { model, bytes: Arc::new(Cow::Owned(bytes)), source })
    }

    /// The bytes of its file. Those of a snapshot are made now, so that keeping it in the middle of learning loses nothing.
    /// `None` if it makes no file.
    pub fn file_bytes(&self) -> Option<Cow<'_, [u8]>> {
        if self.bytes.is_empty() {
            return self.model.to_bytes().ok().map(Cow::Owned);
        }
        Some(Cow::Borrowed(&self.bytes))
    }

    /// Name shown to players.
    pub fn name(&self) -> &str {
        match self.model.card.name.as_str() {
            "" => "Unnamed",
            name => name,
        }
    }
}

/// Something to tell the player.
#[derive(Clone, Debug, PartialEq)]
pub struct Notice {
    /// What went wrong or was done, and what to do.
    pub text: String,
    /// Did something go wrong?
    pub is_error: bool,
}

impl Notice {
    /// Something went wrong.
    pub fn error(text: impl Into<String>) -> Self {
        Self { text: text.into(), is_error: true }
    }

    /// Something was done.
    pub fn done(text: impl Into<String>) -> Self {
        Self { text: text.into(), is_error: false }
    }
}

/// What plays, shared with the thread that learns.
#[derive(Debug)]
pub(crate) struct Stage {
    playing: Mutex<Playing>,
    tuning: Mutex<Arc<Tuning>>,
    handle: Mutex<Option<EngineHandle>>,
    /// Does a model wait for the engine to take those before? The audio thread sees it, and asks for [`Stage::tend`].
    waiting: Arc<AtomicBool>,
    notice: Mutex<Option<Notice>>,
}

impl Stage {
    pub(super) fn new(waiting: Arc<AtomicBool>) -> Self {
        Self {
            playing: Mutex::new(Playing::default_model()),
            tuning: Mutex::default(),
            handle: Mutex::new(None),
            waiting,
            notice: Mutex::new(None),
        }
    }

    pub(super) fn playing(&self) -> Playing {
        lock(&self.playing).clone()
    }

    pub(super) fn play(&self, playing: Playing) {
        // One lock after the other, always in this order: whoever plays last is what the engine gets last.
        let mut shown = lock(&self.playing);
        if let Some(handle) = lock(&self.handle).as_mut() {
            handle.load(Arc::clone(&playing.model));
            self.waiting.store(handle.has_waiting(), Relaxed);
        }
        *shown = playing;
    }

    pub(super) fn attach(&self, mut handle: EngineHandle) {
        let shown = lock(&self.playing);
        // The model may have changed since the engine was made.
        handle.load(Arc::clone(&shown.model));
        let tuning = lock(&self.tuning);
        handle.tune(tuning.pitches());
        self.waiting.store(handle.has_waiting(), Relaxed);
        *lock(&self.handle) = Some(handle);
    }

    pub(super) fn tuning(&self) -> Arc<Tuning> {
        Arc::clone(&lock(&self.tuning))
    }

    pub(super) fn tune(&self, tuning: Arc<Tuning>) {
        let mut shown = lock(&self.tuning);
        if let Some(handle) = lock(&self.handle).as_mut() {
            handle.tune(tuning.pitches());
            self.waiting.store(handle.has_waiting(), Relaxed);
        }
        *shown = tuning;
    }

    pub(super) fn tend(&self) {
        if let Some(handle) = lock(&self.handle).as_mut() {
            handle.tend();
            self.waiting.store(handle.has_waiting(), Relaxed);
        }
    }

    pub(super) fn look(&self, open: bool) {
        if let Some(handle) = lock(&self.handle).as_ref() {
            handle.meters().look(open);
        }
    }

    pub(super) fn meters(&self) -> Option<Arc<Meters>> {
        lock(&self.handle).as_ref().map(|handle| Arc::clone(handle.meters()))
    }

    pub(super) fn notice(&self) -> Option<Notice> {
        lock(&self.notice).clone()
    }

    pub(super) fn tell(&self, notice: Notice) {
        *lock(&self.notice) = Some(notice);
    }

    pub(super) fn dismiss(&self) {
        *lock(&self.notice) = None;
    }
}
