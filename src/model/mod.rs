//! The model: an explicit probability of the next frame given all before it.

pub mod builtin;
pub mod card;
pub mod codec;
pub mod detail;
pub mod file;
pub mod free_run;
pub mod generator;
pub mod imagination;
mod leaps;
mod leaving;
pub mod map;
pub mod melody;
pub mod memory;
pub mod mixture;
pub mod network;
pub mod onset;
pub mod random;
pub mod recall;

pub use card::Card;
pub use codec::Codec;
pub use detail::DetailCodec;
pub use file::ModelError;
pub use generator::{Controls, Generator, Start, Steer};
pub use map::SoundMap;
pub use memory::{Memory, Onsets};
pub use network::Network;

/// Everything that was learned: plain data, no behaviour of its own beyond its parts'.
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    /// Who, what, how well; shown to people.
    pub card: Card,
    /// Frames to whitened vectors and back.
    pub codec: Codec,
    /// Bytes of a remembered frame to what the codec left out of it.
    pub detail: DetailCodec,
    /// The recurrent network and its heads.
    pub network: Network,
    /// Real frames by network state.
    pub memory: Memory,
    /// Two-dimensional positions of some real frames.
    pub map: SoundMap,
}
