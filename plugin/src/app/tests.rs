//! The player as a device calls it.
