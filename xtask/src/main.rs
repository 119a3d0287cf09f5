//! The project's own commands: `cargo xtask COMMAND`, one command a file.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "these commands talk to a person at a terminal"
)]

mod bundle;
mod demo;
mod evaluate;
mod hosts;
mod install;
mod packages;
mod screenshots;
mod takes;
mod test;
mod tidy;
mod tune;
mod venv;
mod workspace;

use std::process::ExitCode;

use anyhow::Result;

const USAGE: &str = "\
usage: cargo xtask COMMAND

  demo                   learn the built-in recordings, sample them, render a tune; files go to demo/
  test [STEP…]           everything CI runs, or some steps of it: packages format tidy clippy tests native examples
                         docs benches hosts; and, if it is named, arm
  tidy                   the style checks that a machine can make
  bundle [--debug]       CLAP, VST3 and the application, into target/bundled
  install [--uninstall]  bundle, and put it where hosts look, for this user alone
  evaluate [--no-torch] [SET…]
                         how good it sounds: learn public recordings, copy, generate, have all of it judged
  screenshots [FOLDER]   pictures of the application in its states at three scales, into assets/screenshots/ or FOLDER
                         (Linux)
  tune                   write assets/tunes/round.mid again from its source

exit codes: 0 success, 1 failure, 2 wrong usage
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let Some(outcome) = run(&words) else {
        eprint!("{USAGE}");
        return ExitCode::from(2);
    };
    if let Err(error) = outcome {
        eprintln!("\nerror: {error:#}");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

/// Runs the command that `words` name; `None` if they name none.
fn run(words: &[&str]) -> Option<Result<()>> {
    Some(match words {
        ["demo"] => demo::run(),
        ["test", steps @ ..] if steps.iter().all(|step| test::is_step(step)) => test::run(steps),
        ["tidy"] => tidy::run(),
        ["bundle"] => bundle::run(bundle::Profile::Release).map(drop),
        ["bundle", "--debug"] => bundle::run(bundle::Profile::Debug).map(drop),
        ["install"] => install::install(),
        ["install", "--uninstall"] => install::uninstall(),
        ["evaluate", words @ ..] if evaluate::takes(words) => evaluate::run(words),
        ["screenshots"] => screenshots::run(screenshots::FOLDER),
        ["screenshots", folder] => screenshots::run(folder),
        ["tune"] => tune::run(),
        ["help" | "--help" | "-h"] | [] => {
            print!("{USAGE}");
            Ok(())
        }
        _ => return None,
    })
}
