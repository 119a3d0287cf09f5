//! Files replaced whole or not at all: written beside, then renamed.

use std::fs::{self, File, Permissions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// Why a file was not written. What stood there before is untouched.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WholeFileError {
    /// The folder is not there.
    #[error("folder {} does not exist; make it first or choose another", .0.display())]
    NoFolder(PathBuf),
    /// The name is that of a folder.
    #[error("{} is a folder; give a file name in it", .0.display())]
    IsFolder(PathBuf),
    /// The folder or the file is protected.
    #[error("{} cannot be written: permission denied; choose another folder", .0.display())]
    Denied(PathBuf),
    /// No room.
    #[error("{} cannot be written: the disk is full; free some room or choose another disk", .0.display())]
    DiskFull(PathBuf),
    /// Anything else that the system says.
    #[error("{} cannot be written: {source}", .path.display())]
    Other {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

impl WholeFileError {
    pub(crate) fn new(path: &Path, source: io::Error) -> Self {
        let path = path.to_owned();
        match source.kind() {
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => Self::Denied(path),
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::DiskFull(path),
            _ => Self::Other { path, source },
        }
    }
}

/// Writes `bytes` to `path`, whole or not at all.
///
/// ```
/// let folder = tempfile::tempdir()?;
/// mynah::whole_file::write_whole(&folder.path().join("note.txt"), b"tea")?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), WholeFileError> {
    write_whole_with(path, |file| file.write_all(bytes))
}

/// Writes `path` through `write`, whole or not at all.
///
/// A link is followed and its target replaced. A device or a pipe (`/dev/null`) cannot be replaced: it is written
/// straight.
pub fn write_whole_with(
    path: &Path,
    write: impl FnOnce(&mut File) -> io::Result<()>,
) -> Result<(), WholeFileError> {
    let fail = |source| WholeFileError::new(path, source);
    let (target, folder, existing) = match Target::of(path)? {
        Target::Device(device) => {
            return File::options()
                .write(true)
                .open(&device)
                .and_then(|mut file| write(&mut file))
                .map_err(fail);
        }
        Target::Beside { target, folder, existing } => (target, folder, existing),
    };
    let mut beside = new_beside(&folder).map_err(fail)?;
    if let Some(existing) = existing {
        beside.as_file().set_permissions(existing.permissions()).map_err(fail)?;
    }
    write(beside.as_file_mut()).map_err(fail)?;
    // Without it, a power cut could leave the new name on an empty file.
    beside.as_file().sync_all().map_err(fail)?;
    beside.persist(&target).map_err(|error| fail(error.error))?;
    Ok(())
}

/// Would [`write_whole`] be let write `path`? Asked before long work; only a full disk can still come between.
///
/// # Errors
///
/// What [`write_whole`] would say.
pub fn check_writable(path: &Path) -> Result<(), WholeFileError> {
    let target = Target::of(path)?;
    if let Target::Beside { folder, .. } = target {
        new_beside(&folder).map_err(|source| WholeFileError::new(path, source))?;
    }
    Ok(())
}

/// Where the bytes go.
enum Target {
    /// A device or a pipe, written straight.
    Device(PathBuf),
    /// A file that is replaced, or a new one.
    Beside { target: PathBuf, folder: PathBuf, existing: Option<fs::Metadata> },
}

impl Target {
    fn of(path: &Path) -> Result<Self, WholeFileError> {
        let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let existing = fs::metadata(&target).ok();
        match &existing {
            Some(existing) if existing.is_dir() => return Err(WholeFileError::IsFolder(path.to_owned())),
            // A rename would replace a file that its owner protected.
            Some(existing) if existing.permissions().readonly() => {
                return Err(WholeFileError::Denied(path.to_owned()));
            }
            Some(existing) if !existing.is_file() => return Ok(Self::Device(target)),
            _ => {}
        }
        let folder = match target.parent() {
            Some(folder) if folder != Path::new("") => folder,
            _ => Path::new("."),
        };
        if !folder.is_dir() {
            return Err(WholeFileError::NoFolder(folder.to_owned()));
        }
        Ok(Self::Beside { folder: folder.to_owned(), target, existing })
    }
}

/// Name of a file without its folder, fit to print: a name can hold anything, even commands to the terminal.
pub fn printable_name(path: &Path) -> String {
    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
    name.chars().map(|c| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c }).collect()
}

/// A new file in `folder`, removed when dropped.
fn new_beside(folder: &Path) -> io::Result<tempfile::NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".mynah-");
    if let Some(permissions) = normal_permissions() {
        builder.permissions(permissions);
    }
    builder.tempfile_in(folder)
}

/// A temporary file is private by default; the finished file should be like any other (the umask still applies).
#[cfg(unix)]
fn normal_permissions() -> Option<Permissions> {
    use std::os::unix::fs::PermissionsExt as _;
    /// Read and write for all, as `open` asks for a normal file.
    const NORMAL_MODE: u32 = 0o666;
    Some(Permissions::from_mode(NORMAL_MODE))
}

#[cfg(not(unix))]
fn normal_permissions() -> Option<Permissions> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<_> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn a_file_is_replaced_and_nothing_else_is_left() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        check_writable(&path).unwrap();
        assert!(names(folder.path()).is_empty());
        write_whole(&path, b"old").unwrap();
        write_whole(&path, b"new").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
        assert_eq!(names(folder.path()), ["a"]);
    }

    #[test]
    fn a_failed_write_leaves_the_old_file_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        write_whole(&path, b"old").unwrap();
        let error = write_whole_with(&path, |file| {
            file.write_all(b"half")?;
            Err(io::ErrorKind::StorageFull.into())
        })
        .unwrap_err();
        assert!(matches!(error, WholeFileError::DiskFull(_)), "{error}");
        assert_eq!(fs::read(&path).unwrap(), b"old");
        assert_eq!(names(folder.path()), ["a"]);
    }

    #[test]
    fn of_writers_at_once_each_leaves_a_whole_file_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        let text = |writer: u8| vec![writer; 100_000];
        write_whole(&path, &text(0)).unwrap();
        std::thread::scope(|scope| {
            for writer in 1..=3 {
                let path = &path;
                scope.spawn(move || (0..20).for_each(|_| write_whole(path, &text(writer)).unwrap()));
            }
            for _ in 0..100 {
                let read = fs::read(&path).unwrap();
                assert!(read == text(read[0]), "a whole file of one writer, at any moment");
            }
        });
        assert_eq!(names(folder.path()), ["a"]);
    }

    #[test]
    fn a_missing_folder_and_a_folder_as_a_file_are_named() {
        let folder = tempfile::tempdir().unwrap();
        let error = write_whole(&folder.path().join("no/a"), b"").unwrap_err();
        assert!(error.to_string().contains("does not exist; make it first"), "{error}");
        let asked = check_writable(&folder.path().join("no/a")).unwrap_err();
        assert_eq!(asked.to_string(), error.to_string());
        let error = write_whole(folder.path(), b"").unwrap_err();
        assert!(error.to_string().contains("is a folder"), "{error}");
    }

    #[cfg(unix)]
    #[test]
    fn a_new_file_has_the_mode_of_a_normal_one_and_an_old_one_keeps_its_own() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode();
        let (normal, ours) = (folder.path().join("normal"), folder.path().join("ours"));
        fs::write(&normal, b"").unwrap();
        write_whole(&ours, b"").unwrap();
        assert_eq!(mode(&ours), mode(&normal));
        fs::set_permissions(&ours, Permissions::from_mode(0o600)).unwrap();
        write_whole(&ours, b"x").unwrap();
        assert_eq!(mode(&ours) & 0o777, 0o600);
        fs::set_permissions(&ours, Permissions::from_mode(0o444)).unwrap();
        assert!(matches!(write_whole(&ours, b"y"), Err(WholeFileError::Denied(_))));
    }

    #[cfg(unix)]
    #[test]
    fn links_are_followed_and_devices_stay() {
        let folder = tempfile::tempdir().unwrap();
        let (real, link) = (folder.path().join("real"), folder.path().join("link"));
        write_whole(&real, b"old").unwrap();
        std::os::unix::fs::symlink(&real, &link).unwrap();
        write_whole(&link, b"new").unwrap();
        assert_eq!(fs::read(&real).unwrap(), b"new");
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        write_whole(Path::new("/dev/null"), b"gone").unwrap();
        assert!(!fs::metadata("/dev/null").unwrap().is_file());
    }
}
