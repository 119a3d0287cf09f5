//! The engine: voices, events and parameters, in real time.
