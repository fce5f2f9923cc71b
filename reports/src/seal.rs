//! The seal of a run: a manifest with the SHA-256 of every file of its folder, signed where a key is
//! given. Whoever gets the folder finds every octet that was changed, taken out or put in.
//!
//! `manifest.sig` holds the 64 octets of an Ed25519 signature (RFC 8032) over `manifest.json` as it
//! stands, so that other programs can check it, too.

mod key;
mod manifest;
#[cfg(test)]
mod tests;
pub(crate) mod tree;
mod words;

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

pub use key::{KeyError, Signer, SigningKey};

use crate::file::{self, Action, write_atomically};
use crate::text::Lang;
use crate::{html, json};
use manifest::{Entry, Format, Manifest};
use tree::Tree;

pub const MANIFEST: &str = "manifest.json";
pub const SIGNATURE: &str = "manifest.sig";
/// Folders that reports are written into after a run was sealed. No seal covers them: they are made
/// of the record, and can be made again.
pub const MADE_LATER: [&str; 1] = ["html"];
/// What a run keeps locked while it writes into its folder. It is always empty.
pub const LOCK: &str = ".ikematrix.lock";

/// Octets of a manifest: one of a million files has about as many.
const LARGEST: u64 = 256 << 20;
/// Octets of a signature (RFC 8032, section 5.1.6).
const SIGNATURE_LENGTH: u64 = 64;

const RECORD: &str = "run.json";
const PAGE: &str = "index.html";

/// Why a run could not be sealed, or a seal not be read.
#[derive(Debug, thiserror::Error)]
#[error("{}", self.told().en)]
pub enum Error {
    File(#[from] file::Error),
    Unsealable {
        path: PathBuf,
        what: &'static str,
    },
    Manifest {
        path: PathBuf,
        reason: String,
    },
    /// It is not one of this manifest by the signer that it names.
    Signature {
        path: PathBuf,
    },
    /// A file is not as it was sealed, or was not sealed at all.
    Broken {
        path: PathBuf,
        folder: PathBuf,
    },
    NoRun {
        path: PathBuf,
    },
}

/// What a seal says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seal {
    /// Who signed, if somebody did. That the key is theirs is for its reader to know.
    pub signer: Option<Signer>,
    pub files: usize,
    /// Of all files together.
    pub bytes: u64,
}

/// How a folder differs from what was sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Relative to the folder of the run, with `/` between its parts.
    pub path: String,
    pub what: Difference,
}

/// What is wrong with a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Difference {
    Changed,
    Missing,
    Added,
    /// A symbolic link, a named pipe, or the like: it could show something else to everybody.
    NotAFile,
    /// The page is neither the sealed one nor what this program makes of the record.
    NotOfTheRecord,
    /// The manifest is not as it was written.
    Manifest(String),
    /// The signature does not belong to the manifest.
    Signature,
}

/// A folder compared with its seal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// Absent when the manifest cannot be relied on.
    pub seal: Option<Seal>,
    /// In the order of their paths; empty when every octet is as it was sealed.
    pub findings: Vec<Finding>,
    /// What is there of [`MADE_LATER`].
    pub not_covered: Vec<&'static str>,
}

/// Writes the manifest of all that is in the folder of a run now and, with a key, its signature.
///
/// # Errors
///
/// When a file cannot be read or the folder not be written, or when it holds what cannot be sealed.
pub fn seal(folder: &Path, key: Option<&SigningKey>) -> Result<Seal, Error> {
    for old in [MANIFEST, SIGNATURE] {
        match fs::remove_file(folder.join(old)) {
            Err(reason) if reason.kind() != io::ErrorKind::NotFound => {
                return Err(file::Error::new(Action::Replace, &folder.join(old), reason).into());
            }
            Err(_) | Ok(()) => {}
        }
    }
    remove_empty_folders(folder)?;
    let tree = Tree::walk(folder)?;
    if let Some((path, what)) = tree.odd.first() {
        return Err(Error::Unsealable {
            path: folder.join(path),
            what,
        });
    }
    let digests = tree::digests(&tree.files)?;
    let files = tree.files.into_keys().zip(digests);
    let manifest = Manifest {
        format: Format::NoEmptyFolders,
        signer: key.map(SigningKey::signer),
        files: files
            .map(|(path, digest)| Entry {
                path,
                bytes: digest.bytes,
                sha256: digest.sha256,
            })
            .collect(),
    };
    let text = manifest.text();
    if let Some(key) = key {
        write_atomically(&folder.join(SIGNATURE), &key.sign(text.as_bytes()))?;
    }
    write_atomically(&folder.join(MANIFEST), text.as_bytes())?;
    Ok(manifest.seal())
}

/// A manifest lists files, and a bundle carries nothing else: what holds none says nothing, and is
/// taken away, so that one that is put in later is seen.
fn remove_empty_folders(folder: &Path) -> Result<(), file::Error> {
    loop {
        let empty = Tree::walk(folder)?.empty;
        if empty.is_empty() {
            return Ok(());
        }
        for path in empty {
            let path = folder.join(path);
            fs::remove_dir(&path)
                .map_err(|reason| file::Error::new(Action::Replace, &path, reason))?;
        }
    }
}

/// What the seal of a run says, with its signature checked and its files not looked at; `None` for a
/// run that was not sealed.
///
/// # Errors
///
/// When the manifest or its signature is not as it was written.
pub fn read(folder: &Path) -> Result<Option<Seal>, Error> {
    Ok(read_checked(folder)?.map(|manifest| manifest.seal()))
}

/// As [`read`], and the record is as it was sealed: it is all that is kept of a baseline.
///
/// # Errors
///
/// As [`read`], and when the record is another one than was sealed.
pub fn read_with_record(folder: &Path) -> Result<Option<Seal>, Error> {
    let Some(manifest) = read_checked(folder)? else {
        return Ok(None);
    };
    let record = folder.join(RECORD);
    let sealed = manifest.files.iter().find(|entry| entry.path == RECORD);
    let digest = tree::digest(&record)?;
    if sealed.is_some_and(|sealed| (sealed.bytes, sealed.sha256) == (digest.bytes, digest.sha256)) {
        return Ok(Some(manifest.seal()));
    }
    Err(broken(folder, RECORD))
}

/// As [`read`], and nothing that a site is made of was changed or put in. What is gone is told by the
/// pages themselves.
///
/// # Errors
///
/// As [`read`], and when a file is not as it was sealed.
pub fn read_for_site(folder: &Path) -> Result<Option<Seal>, Error> {
    let Some(manifest) = read_checked(folder)? else {
        return Ok(None);
    };
    let findings = compare(&manifest, Tree::walk(folder)?)?;
    // No page shows what lies beside the record, nor the page of the run.
    let is_beside = |finding: &Finding| match finding.what {
        Difference::Added => !finding.path.contains('/'),
        Difference::Missing => finding.path != RECORD,
        Difference::Changed
        | Difference::NotAFile
        | Difference::NotOfTheRecord
        | Difference::Manifest(_)
        | Difference::Signature => finding.path == PAGE,
    };
    match findings.iter().find(|finding| !is_beside(finding)) {
        Some(finding) => Err(broken(folder, &finding.path)),
        None => Ok(Some(manifest.seal())),
    }
}

fn broken(folder: &Path, path: &str) -> Error {
    Error::Broken {
        path: folder.join(path),
        folder: folder.to_owned(),
    }
}

/// The manifest of a run with a good signature, if it has to have one.
fn read_checked(folder: &Path) -> Result<Option<Manifest>, Error> {
    let path = folder.join(MANIFEST);
    let Some(bytes) = read_manifest(&path)? else {
        return Ok(None);
    };
    let manifest = match Manifest::parse(&bytes) {
        Ok(manifest) => manifest,
        Err(reason) => return Err(Error::Manifest { path, reason }),
    };
    match signature(folder, &manifest, &bytes)? {
        None => Ok(Some(manifest)),
        Some(_) => Err(Error::Signature {
            path: folder.join(SIGNATURE),
        }),
    }
}

/// Compares every file of a run with its seal.
///
/// # Errors
///
/// When there is no run, or something cannot be read. What differs is no error.
pub fn verify(folder: &Path) -> Result<Verified, Error> {
    let path = folder.join(MANIFEST);
    let Some(bytes) = read_manifest(&path)? else {
        if !folder.join(RECORD).exists() {
            return Err(Error::NoRun {
                path: folder.to_owned(),
            });
        }
        return Ok(Verified::broken(Difference::Missing));
    };
    let manifest = match Manifest::parse(&bytes) {
        Ok(manifest) => manifest,
        Err(reason) => return Ok(Verified::broken(Difference::Manifest(reason))),
    };
    let tree = Tree::walk(folder)?;
    let not_covered = tree.made_later.clone();
    let mut findings = compare(&manifest, tree)?;
    if is_remade(folder, &findings) {
        findings.retain(|finding| finding.path != PAGE);
    }
    for finding in findings.iter_mut().filter(|finding| finding.path == PAGE) {
        if finding.what == Difference::Changed {
            finding.what = Difference::NotOfTheRecord;
        }
    }
    let unsigned = signature(folder, &manifest, &bytes)?;
    let seal = unsigned.is_none().then(|| manifest.seal());
    findings.extend(unsigned.map(|what| Finding {
        path: SIGNATURE.to_owned(),
        what,
    }));
    findings.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(Verified {
        seal,
        findings,
        not_covered,
    })
}

impl Verified {
    /// Nothing can be compared with a manifest that is not there or not whole.
    fn broken(what: Difference) -> Self {
        Self {
            seal: None,
            findings: vec![Finding {
                path: MANIFEST.to_owned(),
                what,
            }],
            not_covered: Vec::new(),
        }
    }
}

fn read_manifest(path: &Path) -> Result<Option<Vec<u8>>, Error> {
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        // Opening a named pipe would wait for a writer.
        Ok(about) if !about.is_file() => Err(Error::Unsealable {
            path: path.to_owned(),
            what: "is not a regular file",
        }),
        Ok(_) | Err(_) => Ok(Some(file::read(path, LARGEST)?)),
    }
}

fn compare(manifest: &Manifest, tree: Tree) -> Result<Vec<Finding>, Error> {
    let found = |path: &str, what| Finding {
        path: path.to_owned(),
        what,
    };
    // A folder of which all files are gone was there.
    let was_there = |folder: &str| {
        let mut files = manifest.files.iter();
        files.any(|entry| entry.path.starts_with(folder))
    };
    let looked_at = manifest.format == Format::NoEmptyFolders;
    let added = tree.empty.iter();
    let added = added.filter(|path| looked_at && !was_there(path));
    let odd = tree.odd.iter();
    let mut findings: Vec<Finding> = odd
        .map(|(path, _)| found(path, Difference::NotAFile))
        .chain(added.map(|path| found(path, Difference::Added)))
        .collect();
    let mut sealed: BTreeMap<&str, &Entry> = manifest
        .files
        .iter()
        .map(|entry| (entry.path.as_str(), entry))
        .collect();
    for (path, _) in &tree.odd {
        sealed.remove(path.as_str());
    }
    let digests = tree::digests(&tree.files)?;
    for (path, digest) in tree.files.keys().zip(digests) {
        match sealed.remove(path.as_str()) {
            None => findings.push(found(path, Difference::Added)),
            Some(entry) if (entry.bytes, entry.sha256) != (digest.bytes, digest.sha256) => {
                findings.push(found(path, Difference::Changed));
            }
            Some(_) => {}
        }
    }
    let missing = sealed.into_keys();
    findings.extend(missing.map(|path| found(path, Difference::Missing)));
    Ok(findings)
}

/// Whether the page is another one than was sealed, and still what the sealed record says.
fn is_remade(folder: &Path, findings: &[Finding]) -> bool {
    let of = |path| findings.iter().find(move |finding| finding.path == path);
    if of(PAGE).is_none_or(|page| page.what != Difference::Changed) || of(RECORD).is_some() {
        return false;
    }
    let Ok(run) = json::read(&folder.join(RECORD)) else {
        return false;
    };
    let page = folder.join(PAGE);
    [Lang::En, Lang::Ja]
        .into_iter()
        .filter_map(|lang| html::render(&run, lang).ok())
        .any(|made| file::read(&page, made.len() as u64).is_ok_and(|page| made.as_bytes() == page))
}

/// What is wrong with the signature, if anything is.
fn signature(
    folder: &Path,
    manifest: &Manifest,
    bytes: &[u8],
) -> Result<Option<Difference>, file::Error> {
    let path = folder.join(SIGNATURE);
    // A link is no signature, and what it leads to is not for this program to open.
    let is_file = fs::symlink_metadata(&path).map(|about| about.is_file());
    Ok(match (&manifest.signer, is_file) {
        (None, Ok(_)) => Some(Difference::Added),
        (None, Err(_)) => None,
        (Some(_), Err(_)) => Some(Difference::Missing),
        (Some(_), Ok(false)) => Some(Difference::NotAFile),
        (Some(signer), Ok(true)) => {
            let is_short = fs::metadata(&path).is_ok_and(|about| about.len() <= SIGNATURE_LENGTH);
            if !is_short {
                return Ok(Some(Difference::Signature));
            }
            let signature = file::read(&path, SIGNATURE_LENGTH)?;
            (!signer.has_signed(bytes, &signature)).then_some(Difference::Signature)
        }
    })
}
