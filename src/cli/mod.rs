//! The command line, one command a file.
//!
//! Answers go to standard output, everything else to standard error; `tell` alone writes to either.

mod completions;
mod copy;
mod fault;
mod input;
mod inspect;
mod interrupt;
mod learn;
mod learn_bar;
mod output;
mod render;
mod sample;
mod tell;
mod values;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// Exit code of a command that failed.
const FAILURE: u8 = 1;

/// What every `--help` ends with.
macro_rules! exit_codes {
    () => {
        "Exit codes: 0 done, 1 failure (the reason is on standard error), 2 wrong usage."
    };
}
pub(crate) use exit_codes;

/// Learns a generative model of sound from a folder of recordings, and plays it.
#[derive(Debug, Parser)]
#[command(
    name = "mynah",
    version,
    max_term_width = 100,
    arg_required_else_help = true,
    after_help = concat!(
        "Example: learn a voice, look at the report beside it, and hear ten seconds of something new\n",
        "  mynah learn recordings/ -o voice.mynah\n",
        "  mynah sample voice.mynah -o new.wav --seconds 10\n\n",
        exit_codes!()
    )
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Learn(learn::Args),
    Copy(copy::Args),
    Sample(sample::Args),
    Render(render::Args),
    Inspect(inspect::Args),
    Completions(completions::Args),
}

impl Command {
    /// What it does, as it fits after "cannot".
    fn verb(&self) -> &'static str {
        match self {
            Self::Learn(_) => "learn",
            Self::Copy(_) => "copy",
            Self::Sample(_) => "sample",
            Self::Render(_) => "render",
            Self::Inspect(_) => "inspect",
            Self::Completions(_) => "write completions",
        }
    }

    fn run(self) -> anyhow::Result<()> {
        match self {
            Self::Learn(args) => args.run(),
            Self::Copy(args) => args.run(),
            Self::Sample(args) => args.run(),
            Self::Render(args) => args.run(),
            Self::Inspect(args) => args.run(),
            Self::Completions(args) => args.run(),
        }
    }
}

/// Runs the command that the arguments name.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and the version come this way too. Nobody is left to tell if it cannot be printed.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(FAILURE));
        }
    };
    let verb = cli.command.verb();
    fault::hush();
    match fault::caught(|| cli.command.run()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tell::note(&format!("mynah: cannot {verb}: {error}"));
            ExitCode::from(FAILURE)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_interface_contradicts_itself_nowhere() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_help_shows_an_example_and_the_exit_codes() {
        let mut cli = Cli::command();
        let mut commands = vec![cli.clone()];
        cli.build();
        commands.extend(cli.get_subcommands().filter(|command| command.get_name() != "help").cloned());
        assert_eq!(commands.len(), 7);
        for mut command in commands {
            let help = command.render_long_help().to_string();
            assert!(help.contains("Example"), "{help}");
            assert!(help.contains(exit_codes!()), "{help}");
        }
    }
}
