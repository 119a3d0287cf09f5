//! `mynah-app`: the instrument as an application of its own.

fn main() -> std::process::ExitCode {
    mynah_plugin::app::main()
}
