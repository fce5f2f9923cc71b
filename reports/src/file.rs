//! Reading files within limits, and writing them so that a reader meets the old content or the new,
//! never half of it.

mod remains;
mod words;

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::process;

use nix::fcntl::{Flock, OFlag};

use crate::text::Text;

pub use remains::clear_remains;
pub(crate) use remains::{Remains, hold, remains_of};

/// The operating system refused something, or a file is not fit for it, and for which path.
#[derive(Debug, thiserror::Error)]
#[error("{}", self.told().en)]
pub struct Error {
    pub action: Action,
    pub path: PathBuf,
    pub reason: io::Error,
}

/// What was to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    Read,
    Write,
    /// Make a folder.
    Make,
    /// Take away what an earlier run has left.
    Replace,
    /// Put a whole site in the place of an earlier one.
    PutSite,
    /// Put into a machine's words.
    Describe,
}

/// Why a file is not read, or not written over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.told().en)]
pub enum Unfit {
    Folder,
    NamedPipe,
    Socket,
    Device,
    TooLarge {
        /// In octets.
        most: u64,
    },
    NotText,
}

impl Error {
    pub(crate) fn new(action: Action, path: &Path, reason: io::Error) -> Self {
        Self {
            action,
            path: path.to_owned(),
            reason,
        }
    }

    fn unfit(action: Action, path: &Path, unfit: Unfit) -> Self {
        Self::new(action, path, io::Error::other(unfit))
    }

    /// What is wrong, in both languages.
    pub fn told(&self) -> Text {
        words::refused(self)
    }
}

impl Unfit {
    /// What is wrong and what to do, in both languages.
    pub fn told(self) -> Text {
        words::unfit(self)
    }
}

/// Opens a regular file of at most so many octets. Nothing else is ever opened: a named pipe would
/// wait for a writer, and a device could be endless or do something.
///
/// # Errors
///
/// It is missing, may not be read, is of another kind, or is larger.
pub fn open(path: &Path, most: u64) -> Result<File, Error> {
    let cannot = |reason| Error::new(Action::Read, path, reason);
    let fit = |about: &fs::Metadata| match unfit(about.file_type()) {
        Some(unfit) => Err(unfit),
        None if about.len() > most => Err(Unfit::TooLarge { most }),
        None => Ok(()),
    };
    let refused = |unfit| Error::unfit(Action::Read, path, unfit);
    fit(&fs::metadata(path).map_err(cannot)?).map_err(refused)?;
    // Another file may have taken its place since: then this does not wait, and it is seen.
    let mut options = OpenOptions::new();
    let options = options.read(true).custom_flags(OFlag::O_NONBLOCK.bits());
    let file = options.open(path).map_err(cannot)?;
    fit(&file.metadata().map_err(cannot)?).map_err(refused)?;
    Ok(file)
}

/// The octets of a regular file.
///
/// # Errors
///
/// As [`open`].
pub fn read(path: &Path, most: u64) -> Result<Vec<u8>, Error> {
    let file = open(path, most)?;
    let mut octets = Vec::new();
    file.take(most.saturating_add(1))
        .read_to_end(&mut octets)
        .map_err(|reason| Error::new(Action::Read, path, reason))?;
    // It may grow while it is read.
    if u64::try_from(octets.len()).is_ok_and(|length| length <= most) {
        return Ok(octets);
    }
    Err(Error::unfit(Action::Read, path, Unfit::TooLarge { most }))
}

/// The text of a regular file.
///
/// # Errors
///
/// As [`open`], and when it is not UTF-8.
pub fn read_text(path: &Path, most: u64) -> Result<String, Error> {
    let octets = read(path, most)?;
    String::from_utf8(octets).map_err(|_| Error::unfit(Action::Read, path, Unfit::NotText))
}

/// What a thing is that is no regular file.
fn unfit(kind: fs::FileType) -> Option<Unfit> {
    if kind.is_file() {
        None
    } else if kind.is_dir() {
        Some(Unfit::Folder)
    } else if kind.is_fifo() {
        Some(Unfit::NamedPipe)
    } else if kind.is_socket() {
        Some(Unfit::Socket)
    } else {
        Some(Unfit::Device)
    }
}

/// Writes the content beside `path`, makes it durable, and renames it into place. What killed
/// programs have left of such writing is taken away.
///
/// # Errors
///
/// When the folder is missing or not writable, the disk is full, or something stands there that is no
/// regular file. `path` is then what it was before, and nothing is left beside it.
pub fn write_atomically(path: &Path, content: &[u8]) -> Result<(), Error> {
    prepare(path, content)?.finish()
}

/// As [`write_atomically`], readable and writable by its owner only.
///
/// # Errors
///
/// As [`write_atomically`].
pub fn write_privately(path: &Path, content: &[u8]) -> Result<(), Error> {
    remains_of(path, Remains::File);
    Pending::new(path, content, 0o600)?.finish()
}

/// The first half of [`write_atomically`]: what is left to do can hardly fail. Several files that
/// belong together are all prepared before the first is put into its place.
///
/// # Errors
///
/// As [`write_atomically`].
pub fn prepare(path: &Path, content: &[u8]) -> Result<Pending, Error> {
    remains_of(path, Remains::File);
    Pending::new(path, content, 0o666)
}

/// Begins a file of many parts, readable and writable by its owner only.
///
/// # Errors
///
/// As [`write_atomically`].
pub(crate) fn begin_privately(path: &Path) -> Result<Pending, Error> {
    remains_of(path, Remains::File);
    Pending::begin(path, 0o600)
}

/// As [`write_atomically`], for many files of one folder that [`clear_remains`] was called for.
pub(crate) fn write_one_of_many(path: &Path, content: &[u8]) -> Result<(), Error> {
    Pending::new(path, content, 0o666)?.finish()
}

/// A file that is whole and not yet in its place. Dropped, nothing of it stays.
#[must_use]
pub struct Pending {
    temporary: PathBuf,
    target: PathBuf,
    /// Locked, which tells others that somebody still works at it.
    file: Flock<File>,
}

impl Pending {
    fn new(path: &Path, content: &[u8], mode: u32) -> Result<Self, Error> {
        let mut pending = Self::begin(path, mode)?;
        pending
            .file
            .write_all(content)
            .and_then(|()| pending.file.sync_all())
            .map_err(|reason| Error::new(Action::Write, path, reason))?;
        Ok(pending)
    }

    /// `mode` is what the process's mask leaves of it.
    fn begin(path: &Path, mode: u32) -> Result<Self, Error> {
        let cannot = |reason| Error::new(Action::Write, path, reason);
        // A device such as /dev/null would be no device any more.
        if let Some(unfit) = fs::metadata(path)
            .ok()
            .and_then(|about| unfit(about.file_type()))
        {
            return Err(Error::unfit(Action::Write, path, unfit));
        }
        let temporary = temporary_beside(path);
        let mut options = OpenOptions::new();
        let options = options.write(true).create(true).truncate(true).mode(mode);
        let file = options.open(&temporary).map_err(cannot)?;
        Ok(Self {
            temporary,
            target: path.to_owned(),
            file: hold(file).map_err(cannot)?,
        })
    }

    pub(crate) fn file(&mut self) -> &mut File {
        &mut self.file
    }

    /// Puts the file into its place.
    ///
    /// # Errors
    ///
    /// When it cannot be renamed. What stood there stays.
    pub fn finish(self) -> Result<(), Error> {
        fs::rename(&self.temporary, &self.target)
            .map_err(|reason| Error::new(Action::Write, &self.target, reason))
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        // After `finish` there is nothing at this place; it may not even have come to be.
        let _ = fs::remove_file(&self.temporary);
    }
}

/// A hidden name in the same folder, so that the rename cannot cross file systems, with the process
/// id, so that two programs do not write into each other's file.
pub(crate) fn temporary_beside(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}.{}.tmp", process::id()))
}

#[cfg(test)]
mod tests;
