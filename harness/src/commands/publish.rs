//! `ikematrix publish`: runs added to a site that grows.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use nix::fcntl::{Flock, FlockArg};
use reports::model::Run;
use reports::site::{self, Published};

use super::{print, read_run};
use crate::cli::{Common, Publish};
use crate::failure::{AS_EXPECTED, Failure};
use crate::words;

pub(crate) fn publish(common: &Common, arguments: &Publish) -> Result<u8, Failure> {
    // All of them are read before any is added: a mistyped name changes nothing.
    let runs: Vec<(Run, PathBuf)> = arguments
        .runs
        .iter()
        .map(|path| Ok((read_run(path)?, folder_of(path))))
        .collect::<Result<_, Failure>>()?;
    let lang = common.lang();
    let _alone = alone_in(&arguments.site)?;
    for (run, evidence) in &runs {
        let published =
            site::publish(&arguments.site, run, evidence, lang).map_err(Failure::input)?;
        let said = match &published {
            Published::Added(place) => words::published(place),
            Published::AlreadyThere(place) => words::published_before(place),
        };
        print(&format!("{}\n", said.in_lang(lang)));
    }
    site::refresh(&arguments.site, lang).map_err(Failure::input)?;
    Ok(AS_EXPECTED)
}

/// Where the evidence of a run lies.
fn folder_of(run: &Path) -> PathBuf {
    if run.is_dir() {
        return run.to_owned();
    }
    match run.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
        Some(_) | None => ".".into(),
    }
}

/// Makes the folder, and waits until nobody else writes into it: two runs may be published at once.
fn alone_in(site: &Path) -> Result<Flock<File>, Failure> {
    let cannot =
        |error: String| Failure::input(format!("cannot write into {}: {error}", site.display()));
    fs::create_dir_all(site).map_err(|error| cannot(error.to_string()))?;
    // A lock on the folder itself leaves no file in it.
    let folder = File::open(site).map_err(|error| cannot(error.to_string()))?;
    Flock::lock(folder, FlockArg::LockExclusive).map_err(|(_, error)| cannot(error.to_string()))
}
