//! Loading cases from files.

#![expect(
    clippy::unwrap_used,
    reason = "the helpers of tests may unwrap as the tests do"
)]

mod bad_files;
mod mutations;
mod real_cases;

use std::fs;
use std::path::Path;

use cases::Case;
use files::Problems;
use tempfile::TempDir;

/// A case that is in order and uses every key.
const FULL: &str = include_str!("full.toml");

/// A folder with one case in it.
struct Folder(TempDir);

impl Folder {
    fn with_case(content: impl AsRef<[u8]>) -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        folder.write("theme/full.toml", content);
        folder
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn write(&self, file: &str, content: impl AsRef<[u8]>) {
        let path = self.path().join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    fn load(&self) -> Result<Vec<Case>, Problems> {
        cases::load(self.path())
    }

    /// What a user would read, without the name of the temporary folder.
    fn message(&self) -> String {
        let problems = self.load().expect_err("the case has a fault").to_string();
        problems.replace(&self.path().display().to_string(), "cases")
    }
}
