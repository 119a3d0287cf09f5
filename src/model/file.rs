//! The `.mynah` file: safetensors, data alone.

/// What is wrong with a model file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ModelError {}
