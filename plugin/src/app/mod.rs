//! `mynah-app`: the instrument as an application of its own.
//!
//! Reading order: a run from the command line to its end (`run`, `args`, `end`, `tell`, `list`), the window (`window`);
//! what is remembered (`settings`, `values`); what plays in the callback of a device (`player`, `samples`, `counts`, `pace`),
//! the devices (`device`, `null`, `output`) and the thread that keeps them (`keeper`); what comes in (`midi`, `song`) and what
//! is recorded (`recorder`).
//!
//! Three kinds of threads: the audio thread, which the system owns and which waits for nobody; threads that MIDI comes
//! on; and the rest, which may wait. They meet in rings and atomics alone where the audio thread takes part.

mod args;
mod counts;
mod device;
mod end;
mod keeper;
mod list;
mod midi;
mod null;
mod output;
mod pace;
mod player;
mod recorder;
mod run;
mod samples;
mod settings;
mod song;
mod tell;
mod values;
mod window;

#[cfg(test)]
mod tests;

use std::process::ExitCode;

use clap::Parser as _;

/// Exit code of a run that failed.
const FAILURE: u8 = 1;

/// Runs the application as the arguments of the process say.
pub fn main() -> ExitCode {
    let args = match args::Args::try_parse() {
        Ok(args) => args,
        Err(error) => {
            // Help and the version come this way too. Nobody is left to tell if it cannot be printed.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(FAILURE));
        }
    };
    match run::run(args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tell::note(&format!("mynah-app: {error:#}"));
            ExitCode::from(FAILURE)
        }
    }
}
