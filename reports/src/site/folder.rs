//! The folder of a site: made beside its place and moved there whole, so that a reader meets the old
//! site or the new one, and never put where something else stands.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process;

use nix::fcntl::Flock;

use crate::file::{self, Action, Remains};

use super::Error;

/// Marks a folder as a site that this program may replace.
pub(super) const MARKER: &str = ".ikematrix-site";
const ABOUT: &str = "This folder was made by ikematrix, which replaces it as a whole.\n\
                     このフォルダーは ikematrix が作成したもので、全体が置き換えられます。\n";

/// A site in the making. Unless it is put into its place, nothing of it stays.
pub(super) struct Staging {
    folder: PathBuf,
    target: PathBuf,
    /// Tells others that somebody still works at it.
    _held: Flock<fs::File>,
}

impl Staging {
    /// Makes the folder in which the site is built.
    ///
    /// # Errors
    ///
    /// The place holds something that is not a site, or cannot be written.
    pub(super) fn begin(target: &Path) -> Result<Self, Error> {
        // Behind a symbolic link the folder that it leads to is replaced, not the link.
        let target = fs::canonicalize(target).unwrap_or_else(|_| target.to_owned());
        check_replaceable(&target)?;
        file::remains_of(&target, Remains::Folder);
        let folder = beside(&target, "new");
        // What stands there was left by an earlier program of this id, which is no more.
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).map_err(|reason| file::Error {
            action: Action::Make,
            path: folder.clone(),
            reason,
        })?;
        let held = fs::File::open(&folder).and_then(file::hold);
        let held = held.map_err(|reason| file::Error::new(Action::Make, &folder, reason))?;
        let staging = Self {
            folder,
            target,
            _held: held,
        };
        staging.write(MARKER, ABOUT.as_bytes())?;
        Ok(staging)
    }

    /// Writes a file below the folder. Not made durable one by one: the folder counts only once it
    /// is whole, and syncing tens of thousands of files would take minutes.
    pub(super) fn write(&self, path: &str, content: &[u8]) -> Result<(), file::Error> {
        self.create(path, |file| file.write_all(content))
    }

    /// As [`Self::write`], with a writer.
    pub(super) fn create(
        &self,
        path: &str,
        fill: impl FnOnce(&mut fs::File) -> io::Result<()>,
    ) -> Result<(), file::Error> {
        let path = self.folder.join(path);
        let open = |path: &Path| fs::File::create_new(path);
        let opened = match open(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => path
                .parent()
                .map_or(Ok(()), fs::create_dir_all)
                .and_then(|()| open(&path)),
            other => other,
        };
        opened
            .and_then(|mut file| fill(&mut file))
            .map_err(|reason| file::Error {
                action: Action::Write,
                path,
                reason,
            })
    }

    /// Puts the site into its place.
    pub(super) fn finish(self) -> Result<(), Error> {
        check_replaceable(&self.target)?;
        let failed = |reason| file::Error {
            action: Action::PutSite,
            path: self.target.clone(),
            reason,
        };
        let old = beside(&self.target, "old");
        let _ = fs::remove_dir_all(&old);
        let replaced = match fs::rename(&self.target, &old) {
            Ok(()) => true,
            Err(error) if error.kind() == io::ErrorKind::NotFound => false,
            Err(error) => return Err(failed(error).into()),
        };
        if let Err(error) = fs::rename(&self.folder, &self.target) {
            if replaced {
                // The first error is the one to tell.
                let _ = fs::rename(&old, &self.target);
            }
            return Err(failed(error).into());
        }
        // The new site stands: what is left of the old one harms nobody.
        let _ = fs::remove_dir_all(&old);
        Ok(())
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        // After `finish` there is nothing at this place.
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// A hidden name beside the target, so that a rename cannot cross file systems.
fn beside(target: &Path, what: &str) -> PathBuf {
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    target.with_file_name(format!(".{name}.{}.{what}", process::id()))
}

/// Nothing, an empty folder, or an earlier site.
fn check_replaceable(target: &Path) -> Result<(), Error> {
    let other = || Error::NotASite {
        path: target.to_owned(),
    };
    if target.file_name().is_none() {
        return Err(other());
    }
    if target.join(MARKER).is_file() {
        return Ok(());
    }
    match fs::read_dir(target) {
        Ok(mut entries) => entries.next().map_or(Ok(()), |_| Err(other())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => Err(other()),
        Err(reason) => Err(Error::File(file::Error {
            action: Action::Read,
            path: target.to_owned(),
            reason,
        })),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names_in(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        let mut names: Vec<String> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort_unstable();
        names
    }

    fn site_with(target: &Path, file: &str) {
        let staging = Staging::begin(target).unwrap();
        staging.write(file, b"content").unwrap();
        staging.finish().unwrap();
    }

    #[test]
    fn a_new_site_replaces_the_old_one_whole() {
        let parent = tempfile::tempdir().unwrap();
        let target = parent.path().join("site");
        site_with(&target, "cells/a/b/c.html");
        site_with(&target, "index.html");
        assert_eq!(names_in(&target), [MARKER, "index.html"]);
        assert_eq!(names_in(parent.path()), ["site"]);
    }

    #[test]
    fn an_empty_folder_is_taken_and_a_link_is_followed() {
        let parent = tempfile::tempdir().unwrap();
        let (real, link) = (parent.path().join("real"), parent.path().join("link"));
        fs::create_dir(&real).unwrap();
        std::os::unix::fs::symlink(&real, &link).unwrap();
        site_with(&link, "index.html");
        assert!(link.is_symlink());
        assert_eq!(names_in(&real), [MARKER, "index.html"]);
    }

    #[test]
    fn a_folder_with_anything_else_in_it_and_a_file_stay_as_they_are() {
        let parent = tempfile::tempdir().unwrap();
        let folder = parent.path().join("home");
        fs::create_dir(&folder).unwrap();
        let file = folder.join("thesis.txt");
        fs::write(&file, "years of work").unwrap();
        for target in [&folder, &file, Path::new("/"), Path::new("..")] {
            let error = Staging::begin(target).err().unwrap();
            assert!(matches!(error, Error::NotASite { .. }), "{error}");
        }
        assert_eq!(names_in(&folder), ["thesis.txt"]);
        assert_eq!(names_in(parent.path()), ["home"]);
    }

    #[test]
    fn what_a_killed_program_left_is_gone_and_an_old_site_that_it_moved_away_is_back() {
        let parent = tempfile::tempdir().unwrap();
        let target = parent.path().join("site");
        let mut child = process::Command::new("true").spawn().unwrap();
        child.wait().unwrap();
        let left = |what: &str| parent.path().join(format!(".site.{}.{what}", child.id()));
        site_with(&target, "old.html");
        fs::rename(&target, left("old")).unwrap();
        fs::create_dir(left("new")).unwrap();
        let staging = Staging::begin(&target).unwrap();
        assert_eq!(names_in(&target), [MARKER, "old.html"]);
        staging.write("new.html", b"content").unwrap();
        staging.finish().unwrap();
        assert_eq!(names_in(&target), [MARKER, "new.html"]);
        assert_eq!(names_in(parent.path()), ["site"]);
    }

    #[test]
    fn a_site_that_is_not_finished_leaves_nothing_and_the_old_one_stays() {
        let parent = tempfile::tempdir().unwrap();
        let target = parent.path().join("site");
        site_with(&target, "old.html");
        let staging = Staging::begin(&target).unwrap();
        staging.write("new.html", b"content").unwrap();
        drop(staging);
        assert_eq!(names_in(&target), [MARKER, "old.html"]);
        assert_eq!(names_in(parent.path()), ["site"]);
    }
}
