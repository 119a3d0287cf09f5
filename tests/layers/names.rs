//! The names that a source text uses: its words, and the paths that they make.

use std::collections::BTreeSet;

/// Names that are one of `roots` or lie in one of them.
pub(crate) fn within<'a>(named: &'a BTreeSet<String>, roots: &[&str]) -> Vec<&'a str> {
    let in_root = |name: &str, root: &str| {
        name.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
    };
    named.iter().map(String::as_str).filter(|name| roots.iter().any(|root| in_root(name, root))).collect()
}

/// Identifiers, `::` and single marks of a source text; no comments, strings, characters or lifetimes.
pub(crate) fn words(text: &str) -> Vec<String> {
    let chars: Vec<char> = text.chars().collect();
    let at = |idx: usize| chars.get(idx).copied().unwrap_or('\0');
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let mut words = Vec::new();
    let mut idx = 0;
    while idx < chars.len() {
        let c = at(idx);
        if c == '/' && at(idx + 1) == '/' {
            while idx < chars.len() && at(idx) != '\n' {
                idx += 1;
            }
        } else if c == '/' && at(idx + 1) == '*' {
            let mut depth = 0;
            loop {
                match (at(idx), at(idx + 1)) {
                    ('/', '*') => depth += 1,
                    ('*', '/') => depth -= 1,
                    _ => {}
                }
                let is_mark = matches!((at(idx), at(idx + 1)), ('/', '*') | ('*', '/'));
                idx += if is_mark { 2 } else { 1 };
                if depth == 0 || chars.len() <= idx {
                    break;
                }
            }
        } else if c == '"' {
            idx = end_of_quoted(&chars, idx);
        } else if c == '\'' {
            // A character ends in a quote, at once or after an escape; a lifetime does not.
            let is_char = at(idx + 1) == '\\' || at(idx + 2) == '\'';
            idx = if is_char { end_of_quoted(&chars, idx) } else { idx + 1 };
        } else if is_word(c) {
            let start = idx;
            while is_word(at(idx)) {
                idx += 1;
            }
            let word: String = chars[start..idx].iter().collect();
            let num_marks = chars[idx..].iter().take_while(|mark| **mark == '#').count();
            if matches!(word.as_str(), "r" | "br" | "cr") && at(idx + num_marks) == '"' {
                idx = end_of_raw(&chars, idx + num_marks + 1, num_marks);
            } else if !(word == "r" && num_marks == 1) {
                words.push(word);
            }
        } else if c == ':' && at(idx + 1) == ':' {
            words.push("::".into());
            idx += 2;
        } else {
            if !c.is_whitespace() {
                words.push(c.to_string());
            }
            idx += 1;
        }
    }
    words
}

/// Index after the literal that opens at `start`.
fn end_of_quoted(chars: &[char], start: usize) -> usize {
    let mut idx = start + 1;
    while idx < chars.len() && chars[idx] != chars[start] {
        idx += if chars[idx] == '\\' { 2 } else { 1 };
    }
    idx + 1
}

/// Index after the raw string whose content begins at `start`.
fn end_of_raw(chars: &[char], start: usize, num_marks: usize) -> usize {
    let end: Vec<char> = std::iter::once('"').chain(std::iter::repeat_n('#', num_marks)).collect();
    let length = chars[start..].windows(end.len()).position(|window| window == end);
    length.map_or(chars.len(), |length| start + length + end.len())
}

/// The words without items under `#[cfg(test)]`.
pub(crate) fn without_tests(words: Vec<String>) -> Vec<String> {
    let attribute = ["#", "[", "cfg", "(", "test", ")", "]"];
    let mut kept = Vec::new();
    let mut idx = 0;
    while idx < words.len() {
        if words[idx..].iter().take(attribute.len()).eq(attribute.iter()) {
            idx += attribute.len();
            while idx < words.len() && !matches!(words[idx].as_str(), ";" | "{") {
                idx += 1;
            }
            idx = if words.get(idx).is_some_and(|word| word == "{") {
                end_of_block(&words, idx)
            } else {
                idx + 1
            };
        } else {
            kept.push(words[idx].clone());
            idx += 1;
        }
    }
    kept
}

/// Index after the block that opens at `start`.
fn end_of_block(words: &[String], start: usize) -> usize {
    let mut depth = 0_usize;
    for (idx, word) in words.iter().enumerate().skip(start) {
        match word.as_str() {
            "{" => depth += 1,
            "}" => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return idx + 1;
        }
    }
    words.len()
}

/// Every path in `words`, from its root, as seen from `module`; macros with their `!`.
pub(crate) fn names_in(words: &[String], module: &str) -> BTreeSet<String> {
    let mut named = BTreeSet::new();
    // The module that each open brace stands in.
    let mut modules = vec![module.to_owned()];
    let at = |idx: usize| words.get(idx).map_or("", String::as_str);
    let is_name = |word: &str| word.starts_with(|c: char| c.is_alphabetic() || c == '_');
    let mut idx = 0;
    while idx < words.len() {
        let here = modules.last().cloned().unwrap_or_default();
        match at(idx) {
            "mod" if at(idx + 2) == "{" => {
                modules.push(format!("{here}::{}", at(idx + 1)));
                idx += 3;
            }
            "{" => {
                modules.push(here);
                idx += 1;
            }
            "}" => {
                modules.pop();
                idx += 1;
            }
            // Words that may stand before `::std` without being part of the path.
            "use" | "as" | "dyn" | "impl" | "for" | "in" | "return" | "mut" | "const" => idx += 1,
            word if is_name(word) || (word == "::" && is_name(at(idx + 1))) => {
                idx = take_path(words, idx, "", &mut |path| {
                    named.insert(resolved(path, &here));
                });
            }
            _ => idx += 1,
        }
    }
    named
}

/// Reports the path or the tree of paths that begins at `idx`; returns the index after it.
fn take_path(words: &[String], mut idx: usize, prefix: &str, report: &mut impl FnMut(&str)) -> usize {
    let mut path = prefix.to_owned();
    while let Some(word) = words.get(idx).map(String::as_str) {
        match word {
            "::" if words.get(idx + 1).is_some_and(|next| next == "{") => {
                idx += 2;
                while words.get(idx).is_some_and(|word| word != "}") {
                    idx = take_path(words, idx, &path, report);
                    // Past `as …`, to the next of the group.
                    while words.get(idx).is_some_and(|word| !matches!(word.as_str(), "," | "}")) {
                        idx += 1;
                    }
                    idx += usize::from(words.get(idx).is_some_and(|word| word == ","));
                }
                return idx + 1;
            }
            "::" | "self" if !path.is_empty() => idx += 1,
            "::" => idx += 1,
            "!" if words.get(idx + 1).is_some_and(|next| matches!(next.as_str(), "(" | "[" | "{")) => {
                path = format!("{}!", path.rsplit("::").next().unwrap_or_default());
                idx += 1;
                break;
            }
            "*" if idx != 0 && words[idx - 1] == "::" => {
                path += "::*";
                idx += 1;
                break;
            }
            name if name.starts_with(|c: char| c.is_alphabetic() || c == '_') => {
                // A name goes on with the path only after `::`, or begins it.
                let begins = path == prefix;
                if !begins && words[idx - 1] != "::" {
                    break;
                }
                path = if path.is_empty() { name.to_owned() } else { format!("{path}::{name}") };
                idx += 1;
            }
            _ => break,
        }
    }
    report(&path);
    idx
}

/// A path from its root: `crate`, `self` and `super` replaced by what they stand for.
fn resolved(path: &str, module: &str) -> String {
    let mut base: Vec<&str> = module.split("::").collect();
    let mut is_relative = false;
    let mut rest = path.split("::").peekable();
    while let Some(word) = rest.next_if(|word| matches!(*word, "crate" | "self" | "super")) {
        is_relative = true;
        match word {
            "crate" => base.truncate(1),
            "super" => drop(base.pop()),
            _ => {}
        }
    }
    if !is_relative {
        base.clear();
    }
    base.into_iter().chain(rest).collect::<Vec<_>>().join("::")
}

#[test]
fn names_are_found_however_they_are_written() {
    let cases: [(&str, &[&str]); 12] = [
        ("use crate::learn::fit;", &["mynah::learn::fit"]),
        ("use crate::{learn, units::{self, Hz}};", &["mynah::learn", "mynah::units", "mynah::units::Hz"]),
        ("use super::super::learn as l;", &["mynah::learn"]),
        ("fn f() { super::voice::g(); }", &["mynah::engine::voice::g"]),
        (
            "mod t { use super::*; use super::super::cli; }",
            &["mynah::engine::voices::*", "mynah::engine::cli"],
        ),
        ("fn f() -> Vec<std::fs::File> { vec![] }", &["std::fs::File"]),
        ("use ::std::{fs, io::{Read as _, self}};", &["std::fs", "std::io::Read", "std::io"]),
        ("// std::fs\n/* std::io /* std::net */ std::io */ /// [`std::fs`]\n", &[]),
        ("const S: &str = \"std::fs \\\" std::io\"; const R: &str = r#\"std::fs \" \"#;", &[]),
        ("const C: char = '\"'; fn f<'a>(x: &'a std::fs::File) {}", &["std::fs::File"]),
        ("fn f() { println !(\"x\"); std::println!(); }", &["println!"]),
        ("extern crate hound as h;", &["hound"]),
    ];
    for (text, expected) in cases {
        let named = names_in(&words(text), "mynah::engine::voices");
        for name in expected {
            assert!(named.contains(*name), "{name} is not among {named:?}, in {text}");
        }
        let strange: Vec<_> =
            within(&named, &["std::fs", "std::io", "std::net", "mynah::learn", "mynah::cli", "println!"])
                .into_iter()
                .filter(|name| !expected.iter().any(|known| name.starts_with(known)))
                .collect();
        assert!(strange.is_empty(), "{strange:?} are not in {text}");
    }
    let tested = "fn a() {} #[cfg(test)] mod tests { use std::fs; } use std::io;";
    let named = names_in(&without_tests(words(tested)), "mynah::a");
    assert!(named.contains("std::io") && !named.contains("std::fs"), "{named:?}");
}
