//! `mynah-app`: the instrument as an application of its own.

use std::process::ExitCode;

fn main() -> ExitCode {
    if nice_plug::nice_export_standalone::<mynah_plugin::Mynah>() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
