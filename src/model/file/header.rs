//! The JSON header of a model file.
//!
//! Written here and not by the safetensors crate, which writes metadata in an order that changes from run to run; read
//! by that crate, after what it lets pass (keys that come twice) is seen to.

use super::{FORMAT, MAX_HEADER_BYTES, ModelError};
use safetensors::SafeTensors;
use safetensors::tensor::TensorView;
use serde::Deserialize;
use serde::de::{self, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;

/// Bytes of the header's length at the head of the file.
const LENGTH_BYTES: usize = 8;

/// The header is padded to this, so that the tensors are aligned.
const ALIGN_BYTES: usize = 8;

/// Longest piece of an unknown name that is shown, characters.
const MAX_SHOWN_CHARS: usize = 60;

const METADATA: &str = "__metadata__";
const KEY_FORMAT: &str = "mynah.format";
const KEY_NEEDS: &str = "mynah.needs";
const KEY_CARD: &str = "mynah.card";
const KEY_SHA256: &str = "mynah.sha256";

/// A header as it is written.
pub(super) struct Header {
    entries: BTreeMap<String, serde_json::Value>,
    num_data: usize,
}

impl Header {
    pub(super) fn new(format: u32, needs: &str, card: String, sha256: String) -> Self {
        let metadata = json!({
            KEY_FORMAT: format.to_string(),
            KEY_NEEDS: needs,
            KEY_CARD: card,
            KEY_SHA256: sha256,
        });
        Self { entries: BTreeMap::from([(METADATA.to_owned(), metadata)]), num_data: 0 }
    }

    /// Announces the next tensor of the file.
    pub(super) fn push(&mut self, name: &str, type_name: &str, shape: &[usize], num_bytes: usize) {
        let end = self.num_data + num_bytes;
        let entry = json!({ "dtype": type_name, "shape": shape, "data_offsets": [self.num_data, end] });
        self.entries.insert(name.to_owned(), entry);
        self.num_data = end;
    }

    /// Its length, itself, and spaces.
    pub(super) fn bytes(&self) -> Vec<u8> {
        let mut text = json!(self.entries).to_string().into_bytes();
        text.resize(text.len().next_multiple_of(ALIGN_BYTES), b' ');
        let mut bytes = (text.len() as u64).to_le_bytes().to_vec();
        bytes.append(&mut text);
        bytes
    }
}

/// What a header says besides its tensors.
pub(super) struct Told {
    pub(super) card: String,
    pub(super) sha256: String,
}

/// The tensors of a file by name, in no order.
type Views<'a> = Vec<(String, TensorView<'a>)>;

/// Reads the header of a file that is no longer than a file may be.
pub(super) fn read(bytes: &[u8]) -> Result<(Told, Views<'_>), ModelError> {
    let not_model = |reason: &str| ModelError::NotModel { reason: reason.to_owned() };
    let length = bytes.first_chunk::<LENGTH_BYTES>().ok_or_else(|| not_model("it is too short"))?;
    let length = usize::try_from(u64::from_le_bytes(*length)).unwrap_or(usize::MAX);
    if MAX_HEADER_BYTES < length {
        return Err(not_model("its header claims more bytes than a header has"));
    }
    let text =
        bytes.get(LENGTH_BYTES..LENGTH_BYTES + length).ok_or_else(|| not_model("its header is cut short"))?;
    // Serde_json refuses what is nested more than 128 deep.
    serde_json::from_slice::<UniqueKeys>(text).map_err(|error| {
        not_model(&format!("its header does not read ({})", printable(&error.to_string())))
    })?;
    let metadata: MetadataAlone =
        serde_json::from_slice(text).map_err(|_| not_model("its header lacks what Mynah writes there"))?;
    let told = told(metadata.metadata)?;
    let tensors = SafeTensors::deserialize(bytes)
        .map_err(|error| not_model(&format!("its tensors do not fit ({})", printable(&error.to_string()))))?;
    Ok((told, tensors.tensors()))
}

/// The version first: in a newer file nothing else need look as it does here.
fn told(mut metadata: HashMap<String, String>) -> Result<Told, ModelError> {
    let mut take = |key: &str| {
        metadata.remove(key).ok_or_else(|| ModelError::NotModel { reason: format!("its header lacks {key}") })
    };
    let format = take(KEY_FORMAT)?;
    match format.parse::<u32>() {
        Ok(FORMAT) => {}
        Ok(format) if FORMAT < format => {
            let needs = take(KEY_NEEDS).unwrap_or_else(|_| "unknown".to_owned());
            return Err(ModelError::Newer { needs: printable(&needs) });
        }
        _ => return Err(ModelError::NotModel { reason: format!("its format is {}", printable(&format)) }),
    }
    Ok(Told { card: take(KEY_CARD)?, sha256: take(KEY_SHA256)? })
}

/// A stranger's text, fit to print.
pub(super) fn printable(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(MAX_SHOWN_CHARS).collect()
}

/// The strings of a header; its tensors are passed over.
#[derive(Deserialize)]
struct MetadataAlone {
    #[serde(rename = "__metadata__")]
    metadata: HashMap<String, String>,
}

/// Any JSON in which no key comes twice: of two, readers differ in which they take.
struct UniqueKeys;

impl<'de> Deserialize<'de> for UniqueKeys {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(UniqueKeysVisitor)
    }
}

struct UniqueKeysVisitor;

impl<'de> Visitor<'de> for UniqueKeysVisitor {
    type Value = UniqueKeys;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<UniqueKeys, A::Error> {
        let mut keys = BTreeSet::new();
        while let Some(key) = map.next_key::<String>()? {
            if keys.contains(&key) {
                return Err(de::Error::custom(format!("{} comes twice", printable(&key))));
            }
            keys.insert(key);
            map.next_value::<UniqueKeys>()?;
        }
        Ok(UniqueKeys)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<UniqueKeys, A::Error> {
        while sequence.next_element::<UniqueKeys>()?.is_some() {}
        Ok(UniqueKeys)
    }

    fn visit_str<E>(self, _: &str) -> Result<UniqueKeys, E> {
        Ok(UniqueKeys)
    }

    fn visit_bool<E>(self, _: bool) -> Result<UniqueKeys, E> {
        Ok(UniqueKeys)
    }

    fn visit_u64<E>(self, _: u64) -> Result<UniqueKeys, E> {
        Ok(UniqueKeys)
    }

    fn visit_i64<E>(self, _: i64) -> Result<UniqueKeys, E> {
        Ok(UniqueKeys)
    }

    fn visit_f64<E>(self, _: f64) -> Result<UniqueKeys, E> {
        Ok(UniqueKeys)
    }

    fn visit_unit<E>(self) -> Result<UniqueKeys, E> {
        Ok(UniqueKeys)
    }
}
