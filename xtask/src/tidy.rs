//! `cargo xtask tidy`: rules of style that a machine can check, each with its reason.

use std::path::Path;

use anyhow::{Context as _, Result, bail};

use crate::workspace;

const MAX_LINES: usize = 400;
const MAX_BYTES: u64 = 4 << 20;

/// A file that is or could be committed.
struct File<'a> {
    /// Relative to the root, with `/` on every system.
    path: &'a str,
    num_bytes: u64,
    /// Empty if the file is not text.
    text: &'a str,
}

/// A rule; `find` returns the line, from 1, of each breach, and 0 for the file as a whole.
struct Rule {
    says: &'static str,
    because: &'static str,
    find: fn(&File<'_>) -> Vec<usize>,
}

const RULES: &[Rule] = &[
    Rule {
        says: "a source file begins with `//!`",
        because: "line one tells a reader what the file is",
        find: |file| (file.is_rust() && !file.text.starts_with("//!")).then_some(1).into_iter().collect(),
    },
    Rule {
        says: "a source file has at most 400 lines",
        because: "it reads in one sitting; split it by noun",
        find: |file| {
            (file.is_rust() && MAX_LINES < file.text.lines().count())
                .then_some(MAX_LINES)
                .into_iter()
                .collect()
        },
    },
    Rule {
        says: "nothing is left for later",
        because: "a reader cannot tell what is finished; write it, or an issue",
        find: |file| if file.is_code() { lines_with(file, is_unfinished) } else { Vec::new() },
    },
    Rule {
        says: "every test runs, and asserts what it expects",
        because: "an ignored test is a comment, and any panic passes one that should panic",
        find: |file| if file.is_rust() { lines_with(file, is_test_excused) } else { Vec::new() },
    },
    Rule {
        says: "a suppressed lint has a reason",
        because: "the next reader must be able to judge whether it still holds",
        find: |file| if file.is_rust() { unreasoned(file.text) } else { Vec::new() },
    },
    Rule {
        says: "a test's name is a claim",
        because: "the attribute says already that it is a test",
        find: |file| if file.is_rust() { lines_with(file, is_test_prefixed) } else { Vec::new() },
    },
    Rule {
        says: "no file is over 4 MiB",
        because: "everyone who clones the repository carries it for ever",
        find: |file| (MAX_BYTES < file.num_bytes).then_some(0).into_iter().collect(),
    },
    Rule {
        says: "no path of one machine",
        because: "it means nothing on another",
        find: |file| lines_with(file, has_machine_path),
    },
];

/// Checks every file; the error counts what was found, after it is printed.
pub(crate) fn run() -> Result<()> {
    let root = workspace::root()?;
    let mut num_findings = 0;
    for path in workspace::files()? {
        num_findings += check_file(&root, &path)?;
    }
    if 0 < num_findings {
        bail!("{num_findings} breaches of style");
    }
    Ok(())
}

fn check_file(root: &Path, path: &Path) -> Result<usize> {
    let bytes = std::fs::read(root.join(path)).with_context(|| format!("cannot read {}", path.display()))?;
    let path = path.to_string_lossy().replace('\\', "/");
    let text = if bytes.contains(&0) { "" } else { std::str::from_utf8(&bytes).unwrap_or_default() };
    let file = File { path: &path, num_bytes: bytes.len() as u64, text };
    let mut num_findings = 0;
    for rule in RULES {
        for line in (rule.find)(&file) {
            println!("{path}:{line}: {} ({})", rule.says, rule.because);
            num_findings += 1;
        }
    }
    Ok(num_findings)
}

impl File<'_> {
    fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }

    fn is_code(&self) -> bool {
        [".rs", ".py", ".sh", ".toml", ".yml"].iter().any(|end| self.path.ends_with(end))
            || self.path == ".ci/run"
    }
}

fn lines_with(file: &File<'_>, breaks: fn(&str) -> bool) -> Vec<usize> {
    file.text.lines().enumerate().filter(|(_, line)| breaks(line)).map(|(idx, _)| idx + 1).collect()
}

// The words below are put together from halves, so that this file keeps its own rules.

fn is_unfinished(line: &str) -> bool {
    let notes = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X")];
    let macros = [concat!("to", "do!("), concat!("unimple", "mented!(")];
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    line.split(|c| !is_word(c)).any(|word| notes.contains(&word))
        || macros.iter().any(|name| line.contains(name))
}

fn is_test_excused(line: &str) -> bool {
    [concat!("#[ig", "nore"), concat!("#[should_", "panic")].iter().any(|attribute| line.contains(attribute))
}

fn is_test_prefixed(line: &str) -> bool {
    line.contains(concat!("fn te", "st_"))
}

fn has_machine_path(line: &str) -> bool {
    let unix = [concat!("/ho", "me/"), concat!("/ro", "ot/"), concat!("/Us", "ers/"), concat!("/wo", "rk/")];
    let is_before_path = |c: char| !(c.is_alphanumeric() || "._-~$}*)".contains(c));
    let names_unix = unix.iter().any(|path| {
        line.match_indices(path).any(|(at, _)| line[..at].chars().next_back().is_none_or(is_before_path))
    });
    names_unix || line.contains(concat!(":\\Us", "ers\\"))
}

/// Lines of `allow` and `expect` attributes that give no reason; an attribute may span lines.
fn unreasoned(text: &str) -> Vec<usize> {
    let mut lines = Vec::new();
    for start in [
        concat!("#[al", "low("),
        concat!("#![al", "low("),
        concat!("#[ex", "pect("),
        concat!("#![ex", "pect("),
    ] {
        for (at, _) in text.match_indices(start) {
            let attribute = text[at..].split_once(']').map_or(&text[at..], |(attribute, _)| attribute);
            if !attribute.contains("reason") {
                lines.push(text[..at].lines().count().max(1));
            }
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Checks how many findings all rules have in a file together.
    #[track_caller]
    fn check(path: &str, text: &str, expected: usize) {
        let file = File { path, num_bytes: text.len() as u64, text };
        let found: Vec<&str> =
            RULES.iter().flat_map(|rule| (rule.find)(&file).into_iter().map(|_| rule.says)).collect();
        assert_eq!(found.len(), expected, "{found:?} in {text}");
    }

    #[test]
    fn plain_source_breaks_no_rule() {
        check("src/a.rs", "//! A.\n\nfn a() {}\n", 0);
        check("README.md", "Install into ~/home/x, $HOME/work/x or lib/work/x.\n", 0);
    }

    #[test]
    fn first_line_and_length_are_checked_in_rust_alone() {
        check("src/a.rs", "fn a() {}\n", 1);
        check("a.py", "x = 1\n", 0);
        check("src/a.rs", &format!("//! A.\n{}", "\n".repeat(MAX_LINES - 1)), 0);
        check("src/a.rs", &format!("//! A.\n{}", "\n".repeat(MAX_LINES)), 1);
        check("long.md", &"\n".repeat(MAX_LINES + 1), 0);
    }

    #[test]
    fn unfinished_places_are_found_as_whole_words() {
        check("src/a.rs", concat!("//! A.\n// TO", "DO: more\n"), 1);
        check("src/a.rs", concat!("//! A.\nfn a() { to", "do!() }\n"), 1);
        check("a.toml", concat!("# FIX", "ME\n"), 1);
        check("src/a.rs", concat!("//! A.\nconst XX", "XX: u8 = 0;\n"), 0);
    }

    #[test]
    fn excused_tests_and_prefixed_names_are_found() {
        check("src/a.rs", concat!("//! A.\n#[test]\n#[ig", "nore]\nfn te", "st_a() {}\n"), 2);
        check("src/a.rs", concat!("//! A.\n#[should_", "panic(expected = \"x\")]\n"), 1);
    }

    #[test]
    fn suppressions_need_a_reason_even_over_lines() {
        check("src/a.rs", concat!("//! A.\n#[al", "low(dead_code)]\n"), 1);
        check("src/a.rs", concat!("//! A.\n#![ex", "pect(\n    dead_code,\n    reason = \"x\"\n)]\n"), 0);
    }

    #[test]
    fn machine_paths_are_found_at_the_start_of_a_path() {
        check("a.md", concat!("in \"/ho", "me/anna/x\"\n"), 1);
        check("a.md", concat!("/wo", "rk/main\n"), 1);
        check("a.md", concat!("C:\\Us", "ers\\anna\n"), 1);
    }

    #[test]
    fn a_file_over_4_mib_is_found() {
        let file = File { path: "a.bin", num_bytes: MAX_BYTES + 1, text: "" };
        assert_eq!(RULES.iter().map(|rule| (rule.find)(&file).len()).sum::<usize>(), 1);
    }
}
