//! `cargo xtask test`: everything that CI runs, each step in its turn, and a table at the end.
//!
//! All steps but the first three share the artefacts of the dev profile: clippy and the documentation what `check`
//! makes, tests, examples and benches what `build` makes.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context as _, Result, bail};

use crate::{hosts, packages, takes, tidy, workspace};

/// What needs system packages: left out, and that is a failure, where they are missing.
const NEEDS_PACKAGES: [&str; 2] = ["mynah-plugin", "mynah-exports"];

/// Steps in their order, as `cargo xtask test STEP` knows them.
const STEP_NAMES: [&str; 10] =
    ["packages", "format", "tidy", "clippy", "tests", "native", "examples", "docs", "benches", "hosts"];

/// Steps that run when they are named alone: they need what few machines have.
const EXTRA_STEP_NAMES: [&str; 1] = ["arm"];

/// Is a step called so?
pub(crate) fn is_step(name: &str) -> bool {
    STEP_NAMES.contains(&name) || EXTRA_STEP_NAMES.contains(&name)
}

/// What a step came to.
struct Outcome {
    name: &'static str,
    seconds: f64,
    result: Result<String>,
}

/// Tests that were run.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Tally {
    passed: u32,
    failed: u32,
}

/// Runs the steps named, or all.
pub(crate) fn run(names: &[&str]) -> Result<()> {
    let mut scope = vec!["--workspace"];
    let mut tally = Tally::default();
    let mut outcomes = Vec::new();
    let extra = EXTRA_STEP_NAMES.into_iter().filter(|name| names.contains(name));
    let usual = STEP_NAMES.into_iter().filter(|name| names.is_empty() || names.contains(name));
    for name in usual.chain(extra) {
        println!("\n── {name}");
        let start = Instant::now();
        let result = step(name, &scope, &mut tally);
        if name == "packages" && result.is_err() {
            scope.extend(NEEDS_PACKAGES.iter().flat_map(|package| ["--exclude", package]));
        }
        let outcome = Outcome { name, seconds: start.elapsed().as_secs_f64(), result };
        println!("{}", outcome.line());
        outcomes.push(outcome);
    }
    println!("\n── summary");
    for outcome in &outcomes {
        println!("{}", outcome.line());
    }
    println!("{:<10} {:>7.1} s", "all", outcomes.iter().map(|outcome| outcome.seconds).sum::<f64>());
    println!("{} passed, {} failed", tally.passed, tally.failed);
    let failed: Vec<&str> =
        outcomes.iter().filter(|outcome| outcome.result.is_err()).map(|outcome| outcome.name).collect();
    if !failed.is_empty() {
        bail!("failed: {}", failed.join(", "));
    }
    Ok(())
}

impl Outcome {
    fn line(&self) -> String {
        let (word, note) = match &self.result {
            Ok(note) => ("ok", note.clone()),
            Err(error) => ("FAILED", format!("{error:#}")),
        };
        format!("{:<10} {:>7.1} s  {word:<6}  {note}", self.name, self.seconds)
    }
}

/// Runs one step; returns what there is to say of it.
fn step(name: &str, scope: &[&str], tally: &mut Tally) -> Result<String> {
    let cargo = |first: &[&str], last: &[&str]| workspace::cargo(&[first, scope, last].concat());
    let quiet = |mut command: Command| workspace::run(&mut command).map(|()| String::new());
    match name {
        "packages" => packages::ensure(packages::BUILD),
        "format" => quiet(workspace::cargo(&["fmt", "--all", "--check"])?),
        "tidy" => tidy::run().map(|()| String::new()),
        "clippy" => quiet(cargo(&["clippy"], &["--all-targets", "--", "-D", "warnings"])?),
        "tests" => counted(cargo(&["test", "--no-fail-fast"], &["--lib", "--bins", "--tests"])?, tally),
        "native" => counted(takes::native()?, tally),
        "arm" => counted(takes::arm()?, tally),
        "examples" => counted(cargo(&["test", "--no-fail-fast"], &["--doc"])?, tally),
        "docs" => {
            let mut command = cargo(&["doc"], &["--no-deps"])?;
            command.env("RUSTDOCFLAGS", "-D warnings");
            quiet(command)
        }
        // Without `--bench`, criterion runs each benchmark once, as a test.
        "benches" => quiet(cargo(&["test", "--no-fail-fast"], &["--benches"])?),
        "hosts" => counted(hosts::command()?, tally),
        other => bail!("no step is called {other}"),
    }
}

/// Runs `cargo test` or pytest, shows what it says, and adds up the tests of all its binaries.
fn counted(mut command: Command, total: &mut Tally) -> Result<String> {
    let mut child = command
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot start {}", workspace::shown(&command)))?;
    let mut tally = Tally::default();
    let pipe = child.stdout.take().context("cannot read what the tests say")?;
    for line in BufReader::new(pipe).split(b'\n') {
        let line = String::from_utf8_lossy(&line?).into_owned();
        println!("{line}");
        if let Some(more) = tally_from_line(&line) {
            tally.passed += more.passed;
            tally.failed += more.failed;
        }
    }
    let status = child.wait()?;
    total.passed += tally.passed;
    total.failed += tally.failed;
    if !status.success() {
        bail!("{} tests passed, {} failed ({status})", tally.passed, tally.failed);
    }
    Ok(format!("{} tests passed", tally.passed))
}

/// Counts of a closing line: of one test binary, or of pytest.
fn tally_from_line(line: &str) -> Option<Tally> {
    let count_in = |counts: &str, separator: &str, word: &str| {
        counts.split(separator).find_map(|part| part.strip_suffix(word)?.trim().parse().ok())
    };
    if let Some((_, counts)) = line.strip_prefix("test result: ").and_then(|rest| rest.split_once(". ")) {
        let count = |word| count_in(counts, "; ", word);
        return Some(Tally { passed: count("passed")?, failed: count("failed")? });
    }
    // Pytest leaves out what did not happen, and calls what could not begin an error.
    let counts = line.rsplit_once(" in ")?.0;
    let [passed, failed, errors] =
        ["passed", "failed", "error"].map(|word| count_in(counts.trim_end_matches('s'), ", ", word));
    passed.or(failed).or(errors)?;
    Some(Tally { passed: passed.unwrap_or(0), failed: failed.unwrap_or(0) + errors.unwrap_or(0) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(line: &str, expected: Option<Tally>) {
        assert_eq!(tally_from_line(line), expected, "{line}");
    }

    #[test]
    fn closing_lines_of_tests_are_counted() {
        let ok =
            "test result: ok. 12 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.01s";
        check(ok, Some(Tally { passed: 12, failed: 0 }));
        let failed = "test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out";
        check(failed, Some(Tally { passed: 3, failed: 2 }));
        check("test units::tests::conversions_agree ... ok", None);
        check("test result: ok. many passed", None);
        check("35 passed in 23.65s", Some(Tally { passed: 35, failed: 0 }));
        check("1 failed, 34 passed in 23.65s", Some(Tally { passed: 34, failed: 1 }));
        check("2 failed, 1 error in 0.65s", Some(Tally { passed: 0, failed: 3 }));
        check("35 passed in 83.65s (0:01:23)", Some(Tally { passed: 35, failed: 0 }));
        check("3 passed, 2 errors in 0.65s", Some(Tally { passed: 3, failed: 2 }));
        check("nothing happened in 3 s", None);
    }
}
