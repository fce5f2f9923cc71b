//! Loading profiles from files.

#![expect(
    clippy::unwrap_used,
    reason = "the helpers of tests may unwrap as the tests do"
)]

mod bad_files;
mod bad_folders;
mod mutations;
mod real_profiles;

use std::fs;

use certs::Profiles;
use files::Problems;
use tempfile::TempDir;

/// A profile that is in order.
const FULL: &str = include_str!("full.toml");

/// A folder of profiles.
struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn with_full(content: impl AsRef<[u8]>) -> Self {
        let folder = Self::new();
        folder.write("full.toml", content);
        folder
    }

    fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        let path = self.0.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    fn load(&self) -> Result<Profiles, Problems> {
        Profiles::load(self.0.path())
    }

    /// The problems, with paths from the folder on.
    fn problems(&self) -> String {
        let prefix = format!("{}/", self.0.path().display());
        self.load().unwrap_err().to_string().replace(&prefix, "")
    }
}
