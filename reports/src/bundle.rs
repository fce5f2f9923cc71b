//! A run in one file: a tar archive (POSIX ustar), compressed with Zstandard (RFC 8878), with the seal
//! and without what reports make later.
//!
//! A bundle may come from anywhere. Unpacking it makes regular files below one folder and nothing
//! else, of bounded number and size, and holds none of them in memory.

use std::ffi::OsStr;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Component, Path, PathBuf};
use std::time::UNIX_EPOCH;

use tar::{Archive, Builder, EntryType, Header};
use zstd::stream::read::Decoder;
use zstd::stream::write::Encoder;

use crate::file::{self, Action};
use crate::seal::tree::Tree;
use crate::seal::{MANIFEST, SIGNATURE};
use crate::text::Text;

/// The one folder of every bundle.
const ROOT: &str = "ikematrix-run";
/// Fast, and no bigger than others by much: captures hardly shrink.
const LEVEL: i32 = 6;
/// Of what is unpacked, in octets: the largest runs with the most evidence have about half.
const MOST_BYTES: u64 = 4 << 30;
const MOST_FILES: u64 = 1_000_000;
/// Archives are filled up with zeros, and not with more of them than this.
const MOST_REST: u64 = 1 << 20;
const SOMETHING_FOLLOWS: &str =
    "something follows its end; take the bundle as `ikematrix run --bundle` wrote it";
/// The base-two logarithm of the memory that a bundle may ask for.
const MOST_WINDOW: u32 = 27;
/// How every frame of Zstandard begins (RFC 8878, section 3.1.1).
const MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

/// Why a run could not be packed or unpacked.
#[derive(Debug, thiserror::Error)]
#[error("{}", self.told().en)]
pub enum Error {
    File(#[from] file::Error),
    NotPackable { path: PathBuf, what: String },
    Refused { path: PathBuf, what: String },
}

impl Error {
    /// What is wrong, in both languages.
    pub fn told(&self) -> Text {
        match self {
            Self::File(error) => error.told(),
            Self::NotPackable { path, what } => {
                let path = path.display();
                Text::new(
                    format!("{path}: {what}"),
                    format!("{path} をバンドルに収められません（詳細: {what}）"),
                )
            }
            Self::Refused { path, what } => {
                let path = path.display();
                Text::new(
                    format!("{path} is no bundle that can be used: {what}"),
                    format!(
                        "{path} は使用できないバンドルです（詳細: {what}）。`ikematrix run --bundle` が出力した\
                         バンドルを指定してください"
                    ),
                )
            }
        }
    }
}

/// Whether a file begins as bundles do.
pub fn is_bundle(path: &Path) -> bool {
    let mut start = [0; MAGIC.len()];
    let mut read =
        || file::open(path, u64::MAX).is_ok_and(|mut file| file.read_exact(&mut start).is_ok());
    read() && start == MAGIC
}

/// Packs the folder of a sealed run. Whoever looks at `file` meets the old content or a whole bundle.
///
/// # Errors
///
/// When something cannot be read or written, or when a path has no place in the format: more than
/// 255 octets.
pub fn pack(folder: &Path, file: &Path) -> Result<(), Error> {
    let mut pending = file::begin_privately(file)?;
    pack_into(folder, file, pending.file())?;
    Ok(pending.finish()?)
}

fn pack_into(folder: &Path, file: &Path, output: &mut File) -> Result<(), Error> {
    let cannot = |reason| file::Error::new(Action::Write, file, reason);
    let output = BufWriter::new(output);
    let mut encoder = Encoder::new(output, LEVEL).map_err(cannot)?;
    encoder.include_checksum(true).map_err(cannot)?;
    let mut archive = Builder::new(encoder);
    let mut files = Tree::walk(folder)?.files;
    for own in [MANIFEST, SIGNATURE] {
        let path = folder.join(own);
        if path.is_file() {
            files.insert(own.to_owned(), path);
        }
    }
    for (name, path) in &files {
        let mut input = file::open(path, u64::MAX)?;
        let about = input
            .metadata()
            .map_err(|reason| file::Error::new(Action::Read, path, reason))?;
        let modified = about.modified().ok();
        let modified = modified.and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        let mut header = Header::new_ustar();
        header
            .set_path(format!("{ROOT}/{name}"))
            .map_err(|error| Error::NotPackable {
                path: path.clone(),
                what: error.to_string(),
            })?;
        header.set_entry_type(EntryType::Regular);
        header.set_size(about.len());
        header.set_mode(mode_of(about.permissions().mode()));
        header.set_mtime(modified.map_or(0, |since| since.as_secs()));
        header.set_cksum();
        archive.append(&header, &mut input).map_err(cannot)?;
    }
    let written = archive
        .into_inner()
        .and_then(Encoder::finish)
        .and_then(|output| output.into_inner().map_err(io::IntoInnerError::into_error))
        .and_then(|output| output.sync_all());
    Ok(written.map_err(cannot)?)
}

/// Unpacks a bundle into a folder that is there and empty.
///
/// # Errors
///
/// When it is no bundle, holds anything but regular files below its one folder, or is larger than
/// any run; or when something cannot be written. What was unpacked until then stays in the folder.
pub fn unpack(file: &Path, folder: &Path) -> Result<(), Error> {
    let refused = |what: String| Error::Refused {
        path: file.to_owned(),
        what,
    };
    let input = file::open(file, u64::MAX)?;
    let broken = |error: io::Error| refused(format!("it is damaged: {error}"));
    let decoder = Decoder::with_buffer(BufReader::new(input)).map_err(broken)?;
    let mut decoder = decoder.single_frame();
    decoder.window_log_max(MOST_WINDOW).map_err(broken)?;
    let mut archive = Archive::new(decoder);
    let (mut files, mut bytes) = (0, 0);
    // Raw: extensions of the format would be held in memory, and this program writes none.
    for entry in archive.entries().map_err(broken)?.raw(true) {
        let mut entry = entry.map_err(broken)?;
        let path = entry.path_bytes().into_owned();
        let shown = crate::escape::visible(&String::from_utf8_lossy(&path), 255);
        files += 1;
        if files > MOST_FILES {
            return Err(refused(format!("it holds more than {MOST_FILES} files")));
        }
        let kind = entry.header().entry_type();
        if kind != EntryType::Regular && !kind.is_dir() {
            return Err(refused(format!(
                "{shown:?} is not a regular file, or its name is too long for this program"
            )));
        }
        let Some(inside) = inside(&path) else {
            return Err(refused(format!("{shown:?} is not below {ROOT}/")));
        };
        let size = entry.header().size().map_err(broken)?;
        if kind.is_dir() {
            if size > 0 {
                return Err(refused(format!(
                    "{shown:?} is a folder, and something hides in it"
                )));
            }
            // This program packs none: what looks at the run afterwards shall see it.
            let target = folder.join(inside);
            fs::create_dir_all(&target)
                .map_err(|reason| file::Error::new(Action::Make, &target, reason))?;
            continue;
        }
        bytes += size;
        if bytes > MOST_BYTES {
            return Err(refused(format!("it holds more than {MOST_BYTES} octets")));
        }
        let mode = entry.header().mode().map_err(broken)?;
        let target = folder.join(inside);
        let parent = target.parent().unwrap_or(folder);
        fs::create_dir_all(parent)
            .map_err(|reason| file::Error::new(Action::Make, parent, reason))?;
        let mut options = OpenOptions::new();
        let opened = options
            .write(true)
            .create_new(true)
            .mode(mode_of(mode))
            .open(&target);
        let mut output = match opened {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                return Err(refused(format!("{shown:?} stands in it twice")));
            }
            opened => opened.map_err(|reason| file::Error::new(Action::Write, &target, reason))?,
        };
        copy(&mut entry, &mut output, &target, broken)?;
    }
    if files == 0 {
        return Err(refused("it is empty".to_owned()));
    }
    nothing_follows(archive.into_inner()).map_err(|error| match error {
        Rest::Broken(error) => broken(error),
        Rest::Something => refused(SOMETHING_FOLLOWS.to_owned()),
    })
}

enum Rest {
    Broken(io::Error),
    Something,
}

impl From<io::Error> for Rest {
    fn from(error: io::Error) -> Self {
        Self::Broken(error)
    }
}

/// Reads to the end of the frame, where its checksum stands. An archive is filled up with zeros; no
/// other octet may follow it, be it packed or behind the frame.
fn nothing_follows(mut decoder: Decoder<'_, impl BufRead>) -> Result<(), Rest> {
    let mut buffer = vec![0; 64 * 1024];
    let mut left = MOST_REST;
    loop {
        let length = decoder.read(&mut buffer)?;
        if length == 0 {
            break;
        }
        left = left.saturating_sub(length as u64);
        if left == 0 || buffer[..length].iter().any(|octet| *octet != 0) {
            return Err(Rest::Something);
        }
    }
    if decoder.finish().fill_buf()?.is_empty() {
        return Ok(());
    }
    Err(Rest::Something)
}

/// Tells the faults of the bundle from those of the disk.
fn copy(
    entry: &mut impl Read,
    output: &mut File,
    target: &Path,
    broken: impl Fn(io::Error) -> Error,
) -> Result<(), Error> {
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let length = match entry.read(&mut buffer) {
            Ok(0) => return Ok(()),
            Ok(length) => length,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(broken(error)),
        };
        output
            .write_all(&buffer[..length])
            .map_err(|reason| file::Error::new(Action::Write, target, reason))?;
    }
}

/// The path below the one folder, if it leads nowhere else.
fn inside(path: &[u8]) -> Option<PathBuf> {
    let path = Path::new(OsStr::from_bytes(path));
    let inside = path.strip_prefix(ROOT).ok()?;
    let mut components = inside.components();
    let normal = components.all(|component| matches!(component, Component::Normal(_)));
    (normal && inside.file_name().is_some()).then(|| inside.to_owned())
}

/// For the owner alone, or for everybody to read.
fn mode_of(mode: u32) -> u32 {
    if mode & 0o077 == 0 { 0o600 } else { 0o644 }
}

#[cfg(test)]
mod tests;
