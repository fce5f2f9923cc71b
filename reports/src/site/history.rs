//! A site that grows: every run that is published stays as it was, and pages above the runs tell
//! what changed from one to the next.
//!
//! ```text
//! index.html        all runs, what the latest one changed, versions of every daemon
//! cases/ID.html     the matrix of a case over time
//! changes/RUN.html  what a run changed
//! runs/RUN/         the site of a run, never touched again
//! ```

mod case;
mod changes;
mod index;
mod shelf;

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::file::{self, Action};
use crate::model::Run;
use crate::text::Lang;

use super::folder::Staging;
use super::pages::{self, Pages};
use super::{Error, fill, packed};
use shelf::{SUMMARY, Shelf};

/// Marks a folder as a site that runs can be added to.
const MARKER: &str = ".ikematrix-history";
const ABOUT: &str = "ikematrix publish adds runs to this folder.\n\
                     このフォルダーには ikematrix publish が試験結果を追加します。\n";
/// The folder of the runs.
const RUNS: &str = "runs";
/// From a run's site to the folder of all.
pub(super) const ABOVE_RUN: &str = "../../";

/// What became of a run that was to be published.
#[derive(Debug, PartialEq, Eq)]
pub enum Published {
    /// It now stands in this folder.
    Added(PathBuf),
    /// The very same record stands there already.
    AlreadyThere(PathBuf),
}

/// Adds a run to the site; [`refresh`] then tells of it. `evidence` is the folder of `run.json`.
/// Nobody else may write into the site meanwhile.
///
/// # Errors
///
/// The folder holds anything else than such a site, or cannot be written. No run is then added.
pub fn publish(target: &Path, run: &Run, evidence: &Path, lang: Lang) -> Result<Published, Error> {
    claim(target)?;
    let runs = target.join(RUNS);
    remove_remains(&runs);
    let place = runs.join(shelf::name_of(run)?);
    if place.exists() {
        return Ok(Published::AlreadyThere(place));
    }
    let staging = Staging::begin(&place)?;
    fill(&staging, run, evidence, &Pages::new(lang, Some(ABOVE_RUN))?)?;
    let summary = shelf::summary(run);
    staging.create(SUMMARY, |file| packed(file, &summary))?;
    staging.finish()?;
    Ok(Published::Added(place))
}

/// Writes the pages above the runs anew. Gives what lies among the runs and is none: it stays as it
/// is, and no page tells of it.
///
/// # Errors
///
/// The folder is not such a site, holds a run that cannot be read any more, or cannot be written.
pub fn refresh(target: &Path, lang: Lang) -> Result<Vec<PathBuf>, Error> {
    claim(target)?;
    // All of them are read before any page is written: one that is lost changes nothing.
    let runs = target.join(RUNS);
    let mut foreign = Vec::new();
    let mut shelf = Shelf::default();
    let mut changed = Vec::new();
    for name in shelf::names(&runs)? {
        let place = runs.join(&name);
        match shelf::read(&place.join(SUMMARY)) {
            Ok(run) => {
                let change = shelf.add(name.clone(), run);
                changed.extend(change.map(|change| (name, change)));
            }
            Err(reason) if shelf::is_published(&name, &place) => {
                return Err(Error::Lost {
                    folder: place,
                    reason: reason.told(),
                });
            }
            Err(_) => foreign.push(place),
        }
    }
    file::clear_remains(target);
    let pages = Pages::new(lang, None)?;
    for (name, content) in pages::ASSETS {
        file::write_one_of_many(&target.join(name), content.as_bytes())?;
    }
    for folder in ["cases", "changes"] {
        let folder = target.join(folder);
        make_folder(&folder)?;
        file::clear_remains(&folder);
    }
    for (name, change) in &changed {
        let page = changes::page(&pages, name, change)?;
        file::write_one_of_many(&target.join(changes::path(name)), &page)?;
    }
    for id in shelf.cases() {
        let page = case::page(&pages, &shelf, id)?;
        file::write_one_of_many(&target.join(case::path(id)), &page)?;
    }
    let page = index::page(&pages, &shelf)?;
    file::write_one_of_many(&target.join("index.html"), &page)?;
    Ok(foreign)
}

/// Makes the folder a site that runs can be added to, unless it is one.
fn claim(target: &Path) -> Result<(), Error> {
    let marker = target.join(MARKER);
    if marker.is_file() {
        return Ok(());
    }
    let empty = match fs::read_dir(target) {
        Ok(entries) => entries.flatten().all(|entry| is_begun(&entry)),
        // What else is wrong with the place shows when it is made.
        Err(error) => error.kind() != io::ErrorKind::NotADirectory,
    };
    if !empty {
        return Err(Error::NotASite {
            path: target.to_owned(),
        });
    }
    make_folder(&target.join(RUNS))?;
    Ok(file::write_atomically(&marker, ABOUT.as_bytes())?)
}

/// Whether this is what a program leaves that is killed before the site has its mark.
fn is_begun(entry: &fs::DirEntry) -> bool {
    let name = entry.file_name();
    let name = name.to_string_lossy();
    let is_empty = || fs::read_dir(entry.path()).is_ok_and(|mut inside| inside.next().is_none());
    (name == RUNS && is_empty()) || (name.contains(MARKER) && name.ends_with(".tmp"))
}

fn make_folder(path: &Path) -> Result<(), file::Error> {
    fs::create_dir_all(path).map_err(|reason| file::Error::new(Action::Make, path, reason))
}

/// Removes what a program that was killed had begun: nobody else writes into the site.
fn remove_remains(runs: &Path) {
    let Ok(entries) = fs::read_dir(runs) else {
        return;
    };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let begun = name.to_str().and_then(|name| name.strip_prefix('.'));
        if begun.is_some_and(|begun| shelf::is_name(begun.split('.').next().unwrap_or_default())) {
            // What cannot be removed harms nobody: it is not read.
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

/// Counts octets into a digest.
struct Digest(ring::digest::Context);

impl Write for Digest {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        self.0.update(octets);
        Ok(octets.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests;
