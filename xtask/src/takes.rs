//! A take on other processors: the test that compares takes with their hashes, built and run for them.
//!
//! Nearly all that a take runs through is Mynah's own, so the dependencies are built as fast as they can be.

use std::process::Command;

use anyhow::{Context as _, Result};

use crate::workspace;

/// A 64-bit ARM that can be emulated.
const ARM: &str = "aarch64-unknown-linux-gnu";

/// What is said where it cannot.
const ARM_ADVICE: &str = "ARM is built for and emulated with: rustup target add aarch64-unknown-linux-gnu; on Debian \
                          apt-get install gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user";

/// For the processor that it runs on: wider vectors and fused operations, were the compiler let to use them where they
/// change samples, would show.
pub(crate) fn native() -> Result<Command> {
    let mut command = test(&[])?;
    command
        .env("RUSTFLAGS", "-C target-cpu=native")
        .env("CARGO_TARGET_DIR", workspace::target()?.join("native"));
    Ok(command)
}

/// For ARM, emulated by QEMU: other vectors, another C library. Takes some minutes.
pub(crate) fn arm() -> Result<Command> {
    for program in ["aarch64-linux-gnu-gcc", "qemu-aarch64"] {
        workspace::output(Command::new(program).arg("--version")).context(ARM_ADVICE)?;
    }
    let mut command = test(&["--target", ARM])?;
    command
        .env("CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER", "aarch64-linux-gnu-gcc")
        .env("CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_RUNNER", "qemu-aarch64 -L /usr/aarch64-linux-gnu")
        .env("CARGO_TARGET_DIR", workspace::target()?.join("arm"));
    Ok(command)
}

fn test(more: &[&str]) -> Result<Command> {
    let always = ["test", "--package", "mynah", "--no-default-features", "--test", "takes"];
    let quick = ["--config", "profile.dev.package.\"*\".opt-level=0", "--config", "profile.dev.debug=false"];
    workspace::cargo(&[&always[..], &quick, more].concat())
}
