//! The `.mynah` file: safetensors, data alone.
//!
//! Its header holds, besides the tensors (`table.rs`), four strings: `mynah.format` (version of the form),
//! `mynah.needs` (lowest version of Mynah that reads it), `mynah.card` (the [`Card`] as JSON) and `mynah.sha256` (of
//! the card, then of each tensor's name and bytes, by name). The same model gives the same bytes.
//!
//! Before the form changes: a Mynah of format 1 refuses format 2 and names the version that it needs; a Mynah of
//! format 2 must go on reading format 1; a Mynah of format 1 never writes over what it could not read, since it never
//! has it. Unknown tensors are refused, so a new one is a new format.

mod check;
mod header;
mod table;
#[cfg(test)]
mod tests;

use super::{Card, Model, Onsets};
use crate::dsp::packed_matrix::PackedMatrix;
use crate::whole_file::{WholeFileError, printable_name, write_whole};
use header::Header;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;
use table::{Counts, TENSORS, Tensor};

/// Longest file, bytes: 4 MiB.
pub const MAX_FILE_BYTES: usize = 4 * 1024 * 1024;

/// Longest header, bytes: a card with full lists takes half.
const MAX_HEADER_BYTES: usize = 1024 * 1024;

/// Version of the form that is written, and the newest that is read.
const FORMAT: u32 = 1;

/// Lowest version of Mynah that reads [`FORMAT`].
const NEEDS: &str = "0.1.0";

/// What is wrong with a model or its file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ModelError {
    /// Any of the others, with the file's name.
    #[error("{name}: {source}")]
    InFile {
        /// Name of the file.
        name: String,
        /// What is wrong with it.
        source: Box<ModelError>,
    },
    /// The system does not open or read it.
    #[error("cannot be read: {0}")]
    Read(#[source] io::Error),
    /// More than a model takes.
    #[error("{num_bytes} bytes, at most {MAX_FILE_BYTES} are a model; choose a .mynah file")]
    TooLarge {
        /// Its length.
        num_bytes: u64,
    },
    /// Something else under a model's name.
    #[error("not a model of Mynah: {reason}; choose a .mynah file, or download or copy it again")]
    NotModel {
        /// What does not fit.
        reason: String,
    },
    /// Made by a later Mynah.
    #[error("made by a newer Mynah: it needs version {needs} or later; update Mynah")]
    Newer {
        /// The version that reads it.
        needs: String,
    },
    /// Not what was written.
    #[error("damaged: its hash does not fit its content; download or copy it again")]
    Hash,
    /// A tensor is not there.
    #[error("tensor {name} is missing; download or copy the model again")]
    Missing {
        /// Its name.
        name: &'static str,
    },
    /// A tensor that is not part of a model.
    #[error("tensor {name} is not part of a model; download or copy it again")]
    Unknown {
        /// Its name.
        name: String,
    },
    /// A tensor of another type.
    #[error("tensor {name} holds {got}, must hold {expected}; download or copy the model again")]
    Type {
        /// Its name.
        name: &'static str,
        /// The type.
        got: String,
        /// The type that it must have.
        expected: &'static str,
    },
    /// A tensor of another shape.
    #[error("tensor {name} has shape {got:?}, must have {expected:?}; learn the model again")]
    Shape {
        /// Its name.
        name: &'static str,
        /// The shape, or the length alone.
        got: Vec<usize>,
        /// The shape that it must have.
        expected: Vec<usize>,
    },
    /// More than a model can have.
    #[error("{num} {what}, at most {max} are possible; learn the model again with less")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// How many.
        num: usize,
        /// The bound.
        max: usize,
    },
    /// A number that no learning can have given.
    #[error("{name} holds {value} at {index}, must be {bound}; learn the model again")]
    Value {
        /// Name of the tensor or the field.
        name: &'static str,
        /// Index of the number.
        index: usize,
        /// The number.
        value: f64,
        /// What it must be.
        bound: String,
    },
    /// The file could not be put in its place.
    #[error(transparent)]
    Write(#[from] WholeFileError),
}

impl Model {
    /// The bytes of its file. Numbers are rounded to what the file keeps: half precision for nearly all.
    ///
    /// Fails only on a model that [`from_bytes`](Self::from_bytes) would refuse: of wrong shapes, or not finite.
    pub fn to_bytes(&self) -> Result<Vec<u8>, ModelError> {
        let mut model = self.clone();
        check::clean(&mut model.card);
        let counts = Counts::of_model(&model)?;
        let mut written = Vec::with_capacity(TENSORS.len());
        for tensor in TENSORS {
            written.push((tensor, tensor.shape(&counts), tensor.bytes(&mut model, &counts)?));
        }
        check::structure(&model)?;
        // Widest type first, as safetensors aligns them, then by name.
        written.sort_by_key(|(tensor, ..)| (std::cmp::Reverse(tensor.num_bytes()), tensor.name));
        let card = serde_json::to_string(&model.card).map_err(|error| ModelError::NotModel {
            reason: format!("its card cannot be written ({error})"),
        })?;
        let hash = hash(&card, written.iter().map(|(tensor, _, bytes)| (tensor.name, bytes.as_slice())));
        let mut header = Header::new(FORMAT, NEEDS, card, hash);
        for (tensor, shape, bytes) in &written {
            header.push(tensor.name, tensor.type_name(), shape, bytes.len());
        }
        let mut file = header.bytes();
        for (_, _, bytes) in &written {
            file.extend_from_slice(bytes);
        }
        if MAX_FILE_BYTES < file.len() {
            return Err(ModelError::TooLarge { num_bytes: file.len() as u64 });
        }
        Ok(file)
    }

    /// Reads the bytes of a file, from anywhere: nothing in them is trusted.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ModelError> {
        if MAX_FILE_BYTES < bytes.len() {
            return Err(ModelError::TooLarge { num_bytes: bytes.len() as u64 });
        }
        let (header, tensors) = header::read(bytes)?;
        for (name, _) in &tensors {
            if !TENSORS.iter().any(|tensor| tensor.name == *name) {
                return Err(ModelError::Unknown { name: header::printable(name) });
            }
        }
        let view = |tensor: &Tensor| {
            let found = tensors.iter().find(|(name, _)| *name == tensor.name);
            found.map(|(_, view)| view).ok_or(ModelError::Missing { name: tensor.name })
        };
        let counts = Counts::of_shapes(|tensor| Ok(view(tensor)?.shape()))?;
        for tensor in TENSORS {
            tensor.check(view(tensor)?, &counts)?;
        }
        let content = tensors.iter().map(|(name, view)| (name.as_str(), view.data()));
        if hash(&header.card, content) != header.sha256 {
            return Err(ModelError::Hash);
        }
        let mut model = Self::empty(check::card(&header.card)?);
        for tensor in TENSORS {
            tensor.read(view(tensor)?.data(), &mut model)?;
        }
        check::structure(&model)?;
        model.memory.onsets = Onsets::of(&model.memory.flags);
        Ok(model)
    }

    /// Reads a file. Errors name it.
    pub fn load(path: impl AsRef<Path>) -> Result<Self, ModelError> {
        Self::load_with_bytes(path).map(|(model, _)| model)
    }

    /// Reads a file and keeps its bytes, for whoever saves it again elsewhere. Errors name it.
    pub fn load_with_bytes(path: impl AsRef<Path>) -> Result<(Self, Vec<u8>), ModelError> {
        let path = path.as_ref();
        let in_file = |source| ModelError::InFile { name: printable_name(path), source: Box::new(source) };
        let bytes = read_bounded(path).map_err(in_file)?;
        let model = Self::from_bytes(&bytes).map_err(in_file)?;
        Ok((model, bytes))
    }

    /// Writes its file, whole or not at all.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<(), ModelError> {
        Ok(write_whole(path.as_ref(), &self.to_bytes()?)?)
    }

    /// No numbers yet.
    fn empty(card: Card) -> Self {
        use super::{Codec, DetailCodec, Memory, Network, Onsets, SoundMap};
        Self {
            card,
            codec: Codec {
                pitch_mean: 0.0,
                pitch_std: 0.0,
                loudness_mean: 0.0,
                loudness_std: 0.0,
                mean: Vec::new(),
                encode: Vec::new(),
                decode: Vec::new(),
            },
            detail: DetailCodec::default(),
            network: Network {
                gru_input: PackedMatrix::default(),
                gru_state: PackedMatrix::default(),
                gru_input_bias: Vec::new(),
                gru_state_bias: Vec::new(),
                gesture: PackedMatrix::default(),
                gesture_bias: Vec::new(),
                timbre_state: PackedMatrix::default(),
                timbre_gesture: Vec::new(),
                timbre_hidden_bias: Vec::new(),
                timbre: PackedMatrix::default(),
                timbre_change: Vec::new(),
                timbre_bias: Vec::new(),
            },
            memory: Memory {
                projection: PackedMatrix::default(),
                keys: Vec::new(),
                frames: Vec::new(),
                details: Vec::new(),
                flags: Vec::new(),
                onsets: Onsets::default(),
                neighbours: Vec::new(),
                cells: Vec::new(),
                cell_starts: Vec::new(),
                cell_frames: Vec::new(),
                width: 0.0,
                spread: 0.0,
            },
            map: SoundMap { positions: Vec::new(), frames: Vec::new(), memory_frames: Vec::new() },
        }
    }
}

/// Reads a file as far as a model can go: a device or a growing file does not end.
fn read_bounded(path: &Path) -> Result<Vec<u8>, ModelError> {
    // Before it is opened: opening a pipe waits for its writer.
    let metadata = path.metadata().map_err(ModelError::Read)?;
    if !metadata.is_file() {
        return Err(ModelError::NotModel { reason: "not a file".to_owned() });
    }
    let file = File::open(path).map_err(ModelError::Read)?;
    let num_bytes = metadata.len();
    if (MAX_FILE_BYTES as u64) < num_bytes {
        return Err(ModelError::TooLarge { num_bytes });
    }
    let mut bytes = Vec::new();
    file.take(MAX_FILE_BYTES as u64 + 1).read_to_end(&mut bytes).map_err(ModelError::Read)?;
    Ok(bytes)
}

/// Hash of the card, then of each tensor's name and bytes in the order of their names, in hexadecimal.
fn hash<'a>(card: &str, content: impl Iterator<Item = (&'a str, &'a [u8])>) -> String {
    let content: BTreeMap<_, _> = content.collect();
    let mut hasher = Sha256::new();
    hasher.update(card);
    for (name, bytes) in content {
        hasher.update(name);
        hasher.update(bytes);
    }
    hasher.finalize().iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
