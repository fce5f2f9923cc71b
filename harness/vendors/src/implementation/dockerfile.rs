//! The Dockerfile of an implementation, by which an engine builds its images.

use std::collections::BTreeMap;
use std::path::Path;

use files::{Problem, Source};
use toml::Spanned;

use super::Version;

/// In the folder of an implementation.
pub(super) const NAME: &str = "Dockerfile";

/// Reads it, if it is there.
pub(super) fn read(folder: &Path) -> Result<Option<Source>, Problem> {
    let path = folder.join(NAME);
    if path.symlink_metadata().is_err() {
        return Ok(None);
    }
    Source::read(&path).map(Some)
}

/// A build argument that the versions need and that it does not take.
pub(super) fn lacks(
    dockerfile: &Source,
    versions: &Spanned<BTreeMap<String, Spanned<Version>>>,
) -> Option<Problem> {
    let mut versions = versions.get_ref().values();
    let prepares = versions.any(|version| !version.get_ref().prepare.is_empty());
    let wanted = [("BASE", true), ("PACKAGES", true), ("PREPARE", prepares)];
    let takes = |name: &str| {
        let mut lines = dockerfile.text().lines().map(str::trim);
        lines.any(|line| {
            line.strip_prefix("ARG ")
                .is_some_and(|rest| rest.trim() == name)
        })
    };
    let (name, _) = wanted
        .into_iter()
        .find(|(name, needed)| *needed && !takes(name))?;
    Some(Problem::of_file(
        dockerfile.path(),
        format_args!(
            "the Dockerfile does not take {name}\nadd a line `ARG {name}`, and use ${name} below it"
        ),
    ))
}
