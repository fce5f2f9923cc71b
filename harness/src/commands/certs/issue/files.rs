//! Files that are written whole or not at all.

use std::fs::{self, Permissions};
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use tempfile::NamedTempFile;

use crate::failure::Failure;

/// Who may read a file.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    All,
    Owner,
}

/// Files for one folder, in the order in which they were added.
#[derive(Default)]
pub(super) struct Files(Vec<Entry>);

struct Entry {
    name: String,
    content: Vec<u8>,
    access: Access,
}

impl Files {
    pub(super) fn add(&mut self, name: String, content: impl AsRef<[u8]>, access: Access) {
        self.0.push(Entry {
            name,
            content: content.as_ref().to_vec(),
            access,
        });
    }

    pub(super) fn names(&self) -> impl Iterator<Item = (&str, Access)> {
        self.0
            .iter()
            .map(|entry| (entry.name.as_str(), entry.access))
    }

    /// Writes all files, each at once.
    pub(super) fn write(&self, folder: &Path, replace: bool) -> Result<(), Failure> {
        fs::create_dir_all(folder).map_err(|error| failed(folder, &error))?;
        if !replace {
            // Before anything is written, so that no chain is made of two issues.
            let taken = self
                .0
                .iter()
                .map(|entry| folder.join(&entry.name))
                // A link that leads nowhere is there as well.
                .find(|path| path.symlink_metadata().is_ok());
            if let Some(path) = taken {
                return Err(already_there(&path));
            }
        }
        let mut paths = self.0.iter().map(|entry| folder.join(&entry.name));
        if let Some(path) = paths.find(|path| path.is_dir()) {
            return Err(Failure::input(format!(
                "{} is a folder; remove it, or name another folder with --out",
                path.display()
            )));
        }
        for entry in &self.0 {
            entry.write(folder, replace)?;
        }
        Ok(())
    }
}

impl Entry {
    fn write(&self, folder: &Path, replace: bool) -> Result<(), Failure> {
        let path = folder.join(&self.name);
        let write = || {
            // It begins as its owner's alone.
            let mut file = NamedTempFile::new_in(folder)?;
            file.write_all(&self.content)?;
            if self.access == Access::All {
                file.as_file()
                    .set_permissions(Permissions::from_mode(0o644))?;
            }
            file.as_file().sync_all()?;
            if replace {
                file.persist(&path)?;
            } else {
                file.persist_noclobber(&path)?;
            }
            Ok(())
        };
        write().map_err(|error: std::io::Error| {
            if error.kind() == std::io::ErrorKind::AlreadyExists {
                already_there(&path)
            } else {
                failed(&path, &error)
            }
        })
    }
}

fn already_there(path: &Path) -> Failure {
    Failure::input(format!(
        "{} is there already; name another folder with --out, or replace it with --force",
        path.display()
    ))
}

fn failed(path: &Path, error: &std::io::Error) -> Failure {
    Failure::input(format!("{} cannot be written: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(key: &str) -> Files {
        let mut files = Files::default();
        files.add("a.pem".to_owned(), "certificate", Access::All);
        files.add("a.key.pem".to_owned(), key, Access::Owner);
        files
    }

    #[test]
    fn keys_are_for_their_owner_only() {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("deep/out");
        files("key").write(&out, false).unwrap();
        let mode = |name: &str| fs::metadata(out.join(name)).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode("a.pem"), mode("a.key.pem")), (0o644, 0o600));
        assert_eq!(fs::read_dir(&out).unwrap().count(), 2);
    }

    #[test]
    fn nothing_is_replaced_unless_it_is_asked_for() {
        let folder = tempfile::tempdir().unwrap();
        let read = || fs::read_to_string(folder.path().join("a.key.pem")).unwrap();
        fs::write(folder.path().join("a.key.pem"), "old").unwrap();
        assert!(files("new").write(folder.path(), false).is_err());
        assert_eq!(read(), "old");
        assert!(!folder.path().join("a.pem").exists());
        files("new").write(folder.path(), true).unwrap();
        assert_eq!(read(), "new");
    }
}
