//! Writing a file so that a reader meets the old content or the new, never half of it.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process;

/// The operating system refused something, and for which path.
#[derive(Debug, thiserror::Error)]
#[error("cannot {action} {}: {reason}", path.display())]
pub struct Error {
    pub action: &'static str,
    pub path: PathBuf,
    pub reason: io::Error,
}

/// Writes the content beside `path`, makes it durable, and renames it into place.
///
/// # Errors
///
/// When the folder is missing or not writable, or the disk is full. `path` is then what it was
/// before, and nothing is left beside it.
pub fn write_atomically(path: &Path, content: &[u8]) -> Result<(), Error> {
    write(path, content, 0o666)
}

/// `mode` is what the process's mask leaves of it.
fn write(path: &Path, content: &[u8], mode: u32) -> Result<(), Error> {
    let temporary = temporary_beside(path);
    let written =
        write_durably(&temporary, content, mode).and_then(|()| fs::rename(&temporary, path));
    if let Err(reason) = written {
        // The first error is the one to tell; the temporary file may not even exist.
        let _ = fs::remove_file(&temporary);
        return Err(Error {
            action: "write",
            path: path.to_owned(),
            reason,
        });
    }
    Ok(())
}

/// As [`write_atomically`], readable and writable by its owner only.
///
/// # Errors
///
/// As [`write_atomically`].
pub fn write_privately(path: &Path, content: &[u8]) -> Result<(), Error> {
    write(path, content, 0o600)
}

/// The text of a file.
pub(crate) fn read(path: &Path) -> Result<String, Error> {
    fs::read_to_string(path).map_err(|reason| Error {
        action: "read",
        path: path.to_owned(),
        reason,
    })
}

/// A hidden name in the same folder, so that the rename cannot cross file systems, with the process
/// id, so that two programs do not write into each other's file.
pub(crate) fn temporary_beside(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}.{}.tmp", process::id()))
}

fn write_durably(path: &Path, content: &[u8], mode: u32) -> io::Result<()> {
    let mut options = OpenOptions::new();
    let mut file = options
        .write(true)
        .create(true)
        .truncate(true)
        .mode(mode)
        .open(path)?;
    file.write_all(content)?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names_in(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect()
    }

    #[test]
    fn replaces_the_old_content_and_leaves_nothing_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("結果 1.html");
        write_atomically(&path, b"old").unwrap();
        write_atomically(&path, b"new").unwrap();
        assert_eq!(read(&path).unwrap(), "new");
        assert_eq!(names_in(folder.path()), ["結果 1.html"]);
    }

    #[test]
    fn a_missing_folder_is_named_in_the_error() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("missing/run.json");
        let error = write_atomically(&path, b"").unwrap_err();
        assert_eq!(error.reason.kind(), io::ErrorKind::NotFound);
        assert!(
            error.to_string().contains(path.to_str().unwrap()),
            "{error}"
        );
    }

    #[test]
    fn a_failed_rename_keeps_the_target_and_removes_the_temporary_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("run.json");
        fs::create_dir(&path).unwrap();
        write_atomically(&path, b"content").unwrap_err();
        assert_eq!(names_in(folder.path()), ["run.json"]);
        assert!(path.is_dir());
    }
}
