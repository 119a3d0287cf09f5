//! `mynah completions`: what a shell needs to complete the commands.

use super::{Cli, exit_codes, tell};
use clap::CommandFactory as _;
use clap_complete::{Shell, generate};

/// Write the completions of a shell.
#[derive(Debug, clap::Args)]
#[command(after_help = concat!(
    "Example: completions for bash, from the next shell on\n",
    "  mynah completions bash > ~/.local/share/bash-completion/completions/mynah\n\n",
    exit_codes!()
))]
pub(super) struct Args {
    /// Which shell.
    shell: Shell,
}

impl Args {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let mut script = Vec::new();
        generate(self.shell, &mut Cli::command(), "mynah", &mut script);
        tell::script(&script);
        Ok(())
    }
}
