//! The `mynah` command.

fn main() -> std::process::ExitCode {
    mynah::cli::main()
}
