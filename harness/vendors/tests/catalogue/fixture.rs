//! A small catalogue that is in order, to be changed by the tests.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use files::Problems;
use tempfile::TempDir;
use vendors::Catalogue;

pub(crate) const PROFILE: &str = "acme/profile.toml";
pub(crate) const IMPLEMENTATION: &str = "implementations/roadrunner/implementation.toml";
pub(crate) const DOCKERFILE: &str = "implementations/roadrunner/Dockerfile";
pub(crate) const TEMPLATE: &str = "implementations/roadrunner/road.conf.tera";

/// A copy of the fixture that a test may change.
pub(crate) struct Fixture(TempDir);

impl Fixture {
    pub(crate) fn new() -> Self {
        let fixture = Self(tempfile::tempdir().unwrap());
        let original = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixture");
        for file in [PROFILE, IMPLEMENTATION, TEMPLATE] {
            fixture.write(file, fs::read(original.join(file)).unwrap());
        }
        fixture
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn read(&self, file: &str) -> String {
        fs::read_to_string(self.path().join(file)).unwrap()
    }

    pub(crate) fn write(&self, file: &str, content: impl AsRef<[u8]>) {
        let path = self.path().join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    /// Replaces text that the file must hold.
    pub(crate) fn replace(&self, file: &str, from: &str, to: &str) {
        let text = self.read(file);
        assert!(text.contains(from), "{file} does not hold {from:?}");
        self.write(file, text.replacen(from, to, 1));
    }

    pub(crate) fn load(&self) -> Result<Catalogue, Problems> {
        Catalogue::load(self.path())
    }

    /// What a user would read, without the name of the temporary folder.
    pub(crate) fn message(&self) -> String {
        let problems = self
            .load()
            .expect_err("the catalogue has a fault")
            .to_string();
        problems.replace(&self.path().display().to_string(), "vendor-profiles")
    }
}

/// A sentence about the fault, the file, the text that is replaced, and the fault itself.
pub(crate) type Fault = (&'static str, &'static str, &'static str, &'static str);

/// What a user reads about each fault.
pub(crate) fn messages(faults: &[Fault]) -> String {
    let mut report = String::new();
    for (name, file, from, to) in faults {
        let fixture = Fixture::new();
        fixture.replace(file, from, to);
        writeln!(report, "## {name}\n{}\n", fixture.message()).unwrap();
    }
    report
}

/// The text of a rendered configuration.
pub(crate) fn text(file: &vendors::RenderedFile) -> String {
    String::from_utf8(file.content.bytes().to_vec()).unwrap()
}
