//! Finding audio files in folders.

use super::{AudioFileError, Kind};
use crate::whole_file::printable_name;
use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use walkdir::{DirEntry, WalkDir};

/// Endings, in small letters, of the names that are taken for audio.
const EXTENSIONS: [&str; 11] =
    ["wav", "wave", "bwf", "rf64", "flac", "aif", "aiff", "aifc", "ogg", "oga", "mp3"];

/// What was found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scan {
    /// Files to read, each once, sorted: the same for the same folders in any order on any system.
    pub files: Vec<PathBuf>,
    /// What cannot be used, sorted by name.
    pub refused: Vec<Refusal>,
}

/// A file that cannot be used, and why.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Refusal {
    /// Its name, fit to print: no control characters.
    pub name: String,
    /// Why, as a fragment that fits after the name.
    pub reason: String,
}

impl Refusal {
    /// A refusal that names a file by the last part of its path.
    ///
    /// ```
    /// let refusal = mynah::audio_file::Refusal::new("takes/take3.wav".as_ref(), "0.0 s, too short: at least 0.1 s");
    /// assert_eq!(refusal.to_string(), "take3.wav: 0.0 s, too short: at least 0.1 s");
    /// ```
    pub fn new(path: &Path, reason: impl fmt::Display) -> Self {
        Self { name: printable_name(path), reason: reason.to_string() }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.name, self.reason)
    }
}

/// Finds the audio files among and under `paths`.
///
/// In folders, hidden files and files that are not named as audio are passed over in silence; a path given itself
/// that cannot be audio is refused. Links are followed, loops seen, and a file reached twice counts once: twice, it
/// could be learned and held out.
pub fn scan(paths: &[PathBuf]) -> Scan {
    scan_while(paths, &|| true)
}

/// As [`scan`], ended soon after `wanted` says no, with what was found until then.
pub fn scan_while(paths: &[PathBuf], wanted: &dyn Fn() -> bool) -> Scan {
    let mut files = BTreeMap::new();
    let mut refused = Vec::new();
    for path in paths {
        if path.is_dir() {
            scan_folder(path, wanted, &mut files, &mut refused);
        } else {
            match check_given(path) {
                Ok(()) => insert(path, &mut files),
                Err(reason) => refused.push(Refusal::new(path, reason)),
            }
        }
    }
    let mut files: Vec<_> = files.into_values().collect();
    files.sort();
    refused.sort();
    refused.dedup();
    Scan { files, refused }
}

/// Keeps a file by where it really is; of several names, the first in order.
fn insert(path: &Path, files: &mut BTreeMap<PathBuf, PathBuf>) {
    let real = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let name = files.entry(real).or_insert_with(|| path.to_owned());
    if path < name.as_path() {
        *name = path.to_owned();
    }
}

fn scan_folder(
    folder: &Path,
    wanted: &dyn Fn() -> bool,
    files: &mut BTreeMap<PathBuf, PathBuf>,
    refused: &mut Vec<Refusal>,
) {
    let visible = |entry: &DirEntry| entry.depth() == 0 || !is_hidden(entry);
    for entry in WalkDir::new(folder).follow_links(true).into_iter().filter_entry(visible) {
        if !wanted() {
            return;
        }
        match entry {
            Ok(entry) if entry.file_type().is_file() && is_named_audio(entry.path()) => {
                insert(entry.path(), files);
            }
            Ok(_) => {}
            Err(error) => {
                let path = error.path().unwrap_or(folder);
                let reason = if error.loop_ancestor().is_some() {
                    "a link to a folder that it is in; passed over".to_owned()
                } else {
                    match error.io_error() {
                        Some(error) => format!("cannot be opened: {error}"),
                        None => "cannot be opened".to_owned(),
                    }
                };
                refused.push(Refusal::new(path, reason));
            }
        }
    }
}

/// Is a path that was given itself worth reading? By name or, whatever its name, by its first bytes.
fn check_given(path: &Path) -> Result<(), String> {
    let metadata = path.metadata().map_err(|error| AudioFileError::Open(error).to_string())?;
    if !metadata.is_file() {
        return Err("neither a file nor a folder".to_owned());
    }
    if is_named_audio(path) || begins_as_audio(path) {
        return Ok(());
    }
    Err(AudioFileError::NotAudio.to_string())
}

fn begins_as_audio(path: &Path) -> bool {
    use std::io::Read as _;
    let mut head = Vec::new();
    let read =
        std::fs::File::open(path).and_then(|file| file.take(super::HEAD_BYTES as u64).read_to_end(&mut head));
    read.is_ok() && Kind::of(&head, path).is_some()
}

fn is_named_audio(path: &Path) -> bool {
    let Some(extension) = path.extension() else { return false };
    EXTENSIONS.iter().any(|known| extension.eq_ignore_ascii_case(known))
}

fn is_hidden(entry: &DirEntry) -> bool {
    entry.file_name().as_encoded_bytes().starts_with(b".")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn touch(folder: &Path, name: &str) -> PathBuf {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, b"x").unwrap();
        path
    }

    #[test]
    fn audio_is_found_in_folders_of_folders_and_the_rest_passed_over() {
        let folder = tempfile::tempdir().unwrap();
        let b = touch(folder.path(), "deep/er/b.FLAC");
        let a = touch(folder.path(), "a.wav");
        for name in ["notes.txt", ".hidden.wav", ".git/c.wav", "wav", "picture.png"] {
            touch(folder.path(), name);
        }
        let scan = scan(&[folder.path().to_owned()]);
        assert_eq!(scan.files, [a, b]);
        assert_eq!(scan.refused, []);
    }

    #[test]
    fn a_hidden_folder_given_itself_is_walked() {
        let folder = tempfile::tempdir().unwrap();
        let file = touch(folder.path(), ".takes/a.wav");
        assert_eq!(scan(&[folder.path().join(".takes")]).files, [file]);
    }

    #[test]
    fn order_and_repetition_of_paths_change_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let (b, a) = (touch(folder.path(), "x/b.wav"), touch(folder.path(), "y/a.wav"));
        let once = scan(&[folder.path().to_owned()]);
        let often = scan(&[a, folder.path().join("y"), b, folder.path().join("x/../x")]);
        assert_eq!(once.files.len(), 2);
        assert_eq!(often.files.len(), 2);
    }

    #[test]
    fn what_is_given_itself_and_is_not_audio_is_refused_by_name() {
        let folder = tempfile::tempdir().unwrap();
        let text = touch(folder.path(), "notes.txt");
        let scan = scan(&[text, folder.path().join("none.wav")]);
        assert_eq!(scan.files, [] as [PathBuf; 0]);
        let lines: Vec<_> = scan.refused.iter().map(Refusal::to_string).collect();
        assert!(lines[0].starts_with("none.wav: cannot be opened: "), "{lines:?}");
        assert!(lines[1].starts_with("notes.txt: not an audio file"), "{lines:?}");
    }

    #[test]
    fn audio_under_another_name_given_itself_is_taken() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("take.bin");
        fs::write(&path, b"fLaC and more").unwrap();
        assert_eq!(scan(std::slice::from_ref(&path)).files, [path]);
    }

    #[cfg(unix)]
    #[test]
    fn loops_of_links_end_and_linked_files_count_once() {
        let folder = tempfile::tempdir().unwrap();
        let file = touch(folder.path(), "in/a.wav");
        std::os::unix::fs::symlink(folder.path(), folder.path().join("in/loop")).unwrap();
        std::os::unix::fs::symlink(&file, folder.path().join("z.wav")).unwrap();
        let scan = scan(&[folder.path().to_owned()]);
        assert_eq!(scan.files, [file]);
        assert_eq!(scan.refused.len(), 1);
        assert!(scan.refused[0].to_string().starts_with("loop: a link"), "{}", scan.refused[0]);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn names_that_are_not_unicode_are_found_and_printed_safely() {
        use std::os::unix::ffi::OsStrExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(std::ffi::OsStr::from_bytes(b"b\xffd\x1b[1m.wav"));
        fs::write(&path, b"x").unwrap();
        assert_eq!(scan(&[folder.path().to_owned()]).files, std::slice::from_ref(&path));
        assert_eq!(Refusal::new(&path, "no").to_string(), "b\u{fffd}d\u{fffd}[1m.wav: no");
    }
}
