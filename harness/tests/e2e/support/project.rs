//! A project of one test: the real profiles and cases, and what the test puts beside them.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::cases::TestCase;

/// A folder with copies of `vendor-profiles/` and `cases/`.
pub(crate) struct Project {
    _folder: TempDir,
    path: PathBuf,
}

impl Project {
    pub(crate) fn new() -> Self {
        Self::below("project")
    }

    /// With two vendors and one case only, so that messages which name all there are stay the same.
    pub(crate) fn small() -> Self {
        let project = Self::new();
        project.keep_only(
            "vendor-profiles",
            &["implementations", "libreswan-5.2", "strongswan-6.0"],
        );
        project.keep_only(
            "vendor-profiles/implementations",
            &["libreswan", "strongswan"],
        );
        project.keep_only("cases", &["auth"]);
        project.keep_only("cases/auth", &["psk.toml"]);
        project
    }

    fn keep_only(&self, folder: &str, names: &[&str]) {
        for entry in fs::read_dir(self.path.join(folder)).unwrap() {
            let entry = entry.unwrap();
            if names.iter().any(|name| entry.file_name() == *name) {
                continue;
            }
            if entry.file_type().unwrap().is_dir() {
                fs::remove_dir_all(entry.path()).unwrap();
            } else {
                fs::remove_file(entry.path()).unwrap();
            }
        }
    }

    /// In a folder with this path below a temporary one.
    pub(crate) fn below(path: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(path);
        for part in ["vendor-profiles", "cases"] {
            copy(&repository().join(part), &path.join(part));
        }
        Self {
            _folder: folder,
            path,
        }
    }

    pub(crate) fn with_cases<'a>(cases: impl IntoIterator<Item = &'a TestCase>) -> Self {
        let project = Self::new();
        for case in cases {
            project.write(&case.path(), &case.toml());
        }
        project
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn write(&self, file: &str, text: &str) {
        let path = self.path.join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub(crate) fn read(&self, file: &str) -> String {
        fs::read_to_string(self.path.join(file)).unwrap()
    }

    /// Replaces a text that must be there.
    pub(crate) fn replace(&self, file: &str, from: &str, to: &str) {
        let text = self.read(file);
        assert!(text.contains(from), "{file} has no {from:?}");
        self.write(file, &text.replacen(from, to, 1));
    }

    /// Adds a version to an implementation.
    pub(crate) fn add_version(&self, implementation: &str, version: &str) {
        let file = format!("vendor-profiles/implementations/{implementation}/implementation.toml");
        let text = self.read(&file);
        self.write(&file, &format!("{text}\n{version}"));
    }

    /// Adds a profile like one that exists, under another id and with another version.
    pub(crate) fn add_profile(&self, like: &str, id: &str, version: &str) {
        let text = self.read(&format!("vendor-profiles/{like}/profile.toml"));
        let lines = text.lines().map(|line| {
            if line.starts_with("id = ") {
                format!("id = {id:?}\n")
            } else if line.starts_with("version = ") {
                format!("version = {version:?}\n")
            } else {
                format!("{line}\n")
            }
        });
        self.write(
            &format!("vendor-profiles/{id}/profile.toml"),
            &lines.collect::<String>(),
        );
    }
}

/// The folder of the workspace.
pub(crate) fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap()
        .to_owned()
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}
