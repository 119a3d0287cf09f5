//! Mynah as a CLAP and VST3 plugin.
