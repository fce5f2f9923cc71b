//! The files of a folder, and the digest of each.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use ring::digest::{Context, SHA256};

use super::{LOCK, MADE_LATER, MANIFEST, SIGNATURE};
use crate::file::{self, Action};

/// What stands in the folder of a run, the seal itself left out.
#[derive(Default)]
pub(crate) struct Tree {
    /// Regular files by their paths in it, which have `/` between their parts.
    pub(crate) files: BTreeMap<String, PathBuf>,
    /// What is neither a file nor a folder, and what it is.
    pub(super) odd: Vec<(String, &'static str)>,
    /// Folders that hold nothing, with `/` at the end.
    pub(super) empty: Vec<String>,
    pub(super) made_later: Vec<&'static str>,
}

#[derive(Clone, Copy, Default)]
pub(super) struct Digest {
    pub(super) bytes: u64,
    pub(super) sha256: [u8; 32],
}

impl Tree {
    pub(crate) fn walk(folder: &Path) -> Result<Self, file::Error> {
        let mut tree = Self::default();
        let mut folders = vec![(String::new(), folder.to_owned())];
        while let Some((prefix, folder)) = folders.pop() {
            let cannot = |reason| file::Error::new(Action::Read, &folder, reason);
            let mut is_empty = !prefix.is_empty();
            for entry in fs::read_dir(&folder).map_err(cannot)? {
                is_empty = false;
                let entry = entry.map_err(cannot)?;
                let path = entry.path();
                let kind = entry
                    .file_type()
                    .map_err(|reason| file::Error::new(Action::Read, &path, reason))?;
                let Ok(name) = entry.file_name().into_string() else {
                    let shown = format!("{prefix}{}", entry.file_name().to_string_lossy());
                    tree.odd.push((shown, "its name is not UTF-8"));
                    continue;
                };
                if prefix.is_empty() && kind.is_dir() {
                    if let Some(later) = MADE_LATER.iter().find(|later| **later == name) {
                        tree.made_later.push(later);
                        continue;
                    }
                } else if prefix.is_empty() && is_seal(&name, &path) {
                    continue;
                }
                let shown = format!("{prefix}{name}");
                if kind.is_dir() {
                    folders.push((format!("{shown}/"), path));
                } else if kind.is_file() {
                    tree.files.insert(shown, path);
                } else if kind.is_symlink() {
                    tree.odd.push((shown, "is a symbolic link"));
                } else {
                    tree.odd.push((shown, "is neither a file nor a folder"));
                }
            }
            if is_empty {
                tree.empty.push(prefix);
            }
        }
        tree.odd.sort();
        Ok(tree)
    }
}

/// The files of the seal, and the lock, as long as nobody has written into it.
fn is_seal(name: &str, path: &Path) -> bool {
    let is_empty =
        || fs::symlink_metadata(path).is_ok_and(|about| about.is_file() && about.len() == 0);
    [MANIFEST, SIGNATURE].contains(&name) || (name == LOCK && is_empty())
}

/// The digests of files, in their order. Every processor takes part: a large run has many files.
pub(super) fn digests(files: &BTreeMap<String, PathBuf>) -> Result<Vec<Digest>, file::Error> {
    let paths: Vec<&PathBuf> = files.values().collect();
    let next = AtomicUsize::new(0);
    let done = Mutex::new(BTreeMap::new());
    let work = || {
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let Some(path) = paths.get(number) else {
                return;
            };
            let digest = digest(path);
            let mut done = done.lock().unwrap_or_else(PoisonError::into_inner);
            done.insert(number, digest);
        }
    };
    let threads = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(work);
        }
    });
    let done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.into_values().collect()
}

pub(super) fn digest(path: &Path) -> Result<Digest, file::Error> {
    let mut file = file::open(path, u64::MAX)?;
    let (mut context, mut bytes) = (Context::new(&SHA256), 0);
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let length = file
            .read(&mut buffer)
            .map_err(|reason| file::Error::new(Action::Read, path, reason))?;
        if length == 0 {
            break;
        }
        context.update(&buffer[..length]);
        bytes += length as u64;
    }
    let mut sha256 = [0; 32];
    sha256.copy_from_slice(context.finish().as_ref());
    Ok(Digest { bytes, sha256 })
}
