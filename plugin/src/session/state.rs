//! What a host keeps of an instance beside its parameters: the whole model, and the size of the panel.
//!
//! Version 1 has the fields `version`, `model` (base64 of the bytes of a `.mynah`), `window` (width and height in points),
//! and where the keys are not in equal temperament `scale` and `keyboard` (texts of Scala's formats). A state without them is from before: its parameters are taken, and the built-in model plays. An old reader ignores fields
//! that it does not know. A state of a newer version is taken as far as it is understood.

use std::collections::BTreeMap;
use std::sync::Arc;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use mynah::tuning::Tuning;

use super::{Notice, Playing, Session, Source};

/// Version of the fields below.
const VERSION: u32 = 1;

/// Size of a new panel, points.
pub(crate) const WINDOW_POINTS: [f32; 2] = [1_000.0, 640.0];

/// A width or a height of a panel that a state may have, points.
const WINDOW_RANGE: std::ops::RangeInclusive<f32> = 100.0..=8_000.0;

/// Most text that is decoded as a model: base64 of the largest file, and some room.
const MAX_MODEL_TEXT: usize = 6 << 20;

const KEY_VERSION: &str = "version";
const KEY_MODEL: &str = "model";
const KEY_WINDOW: &str = "window";
const KEY_SCALE: &str = "scale";
const KEY_KEYBOARD: &str = "keyboard";

/// The fields to keep.
pub(crate) fn fields_from_session(session: &Session) -> BTreeMap<String, String> {
    let model = text_from_playing(&session.playing());
    let window = session.window().size_points();
    let mut fields = BTreeMap::from([
        (KEY_VERSION.to_owned(), VERSION.to_string()),
        (KEY_WINDOW.to_owned(), format!("{} {}", window.x, window.y)),
    ]);
    if let Some(model) = model {
        fields.insert(KEY_MODEL.to_owned(), model);
    }
    let tuning = session.tuning();
    for (key, text) in [(KEY_SCALE, tuning.scl()), (KEY_KEYBOARD, tuning.kbm())] {
        if let Some(text) = text {
            fields.insert(key.to_owned(), text.to_owned());
        }
    }
    fields
}

/// Takes the fields of a state. What cannot be used is told, and never keeps the instrument from playing.
pub(crate) fn restore(session: &Session, fields: &BTreeMap<String, String>) {
    if let Some(points) = fields.get(KEY_WINDOW).and_then(|text| window_from_text(text)) {
        session.window().set_size_points(points.into());
    }
    session.cancel_learning();
    restore_tuning(session, fields);
    let stage = session.stage();
    let Some(text) = fields.get(KEY_MODEL) else {
        stage.play(Playing::default_model());
        return;
    };
    match playing_from_text(text) {
        Ok(playing) => stage.play(playing),
        Err(reason) => {
            stage.play(Playing { source: Source::Unread(text.as_str().into()), ..Playing::default_model() });
            stage.tell(Notice::error(format!(
                "the model in this session cannot be read: {reason}. The built-in voice plays; saving the session \
                 keeps its model as it is, unless you load another"
            )));
        }
    }
}

fn text_from_playing(playing: &Playing) -> Option<String> {
    if let Source::Unread(text) = &playing.source {
        return Some(text.to_string());
    }
    playing.file_bytes().map(|bytes| BASE64_STANDARD.encode(bytes))
}

fn playing_from_text(text: &str) -> Result<Playing, String> {
    if MAX_MODEL_TEXT < text.len() {
        return Err(format!("it has {} characters, at most {MAX_MODEL_TEXT} are possible", text.len()));
    }
    let bytes = BASE64_STANDARD.decode(text).map_err(|error| format!("it is damaged ({error})"))?;
    let factory = mynah::model::builtin::FACTORY.iter().find(|factory| factory.bytes == bytes.as_slice());
    if let Some(playing) = factory.and_then(|factory| Playing::factory(factory.key)) {
        return Ok(playing);
    }
    Playing::from_bytes(bytes, Source::Session).map_err(|error| error.to_string())
}

fn window_from_text(text: &str) -> Option<[f32; 2]> {
    let (width, height) = text.split_once(' ')?;
    let points = [width.parse::<f32>().ok()?, height.parse::<f32>().ok()?];
    points.iter().all(|points| WINDOW_RANGE.contains(points)).then_some(points)
}

fn restore_tuning(session: &Session, fields: &BTreeMap<String, String>) {
    let Some(scl) = fields.get(KEY_SCALE) else {
        session.tune_unrecorded(Arc::default());
        return;
    };
    match Tuning::from_scala(scl, fields.get(KEY_KEYBOARD).map(String::as_str)) {
        Ok(tuning) => session.tune_unrecorded(Arc::new(tuning)),
        Err(error) => {
            session.tune_unrecorded(Arc::default());
            session.tell(Notice::error(format!("the tuning in this session cannot be read: {error}")));
        }
    }
}
