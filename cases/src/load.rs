//! Finding the files of cases and reading each.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use crate::case::Case;
use crate::{file, vector};
use files::source::{Source, entries, folders};
use files::{Problem, Problems};

/// Loads every case of a folder: the TOML files in the folders under it, one folder a theme. The
/// certificate vectors are no cases of pairings ([`crate::vector::load`]).
///
/// The cases come in the order of their ids.
///
/// # Errors
///
/// Something is wrong with one or more of the files, or there is none.
pub fn load(dir: &Path) -> Result<Vec<Case>, Problems> {
    let mut cases = Vec::new();
    let mut problems = Vec::new();
    for path in files(dir)? {
        match load_file(&path) {
            Ok(case) => cases.push(case),
            Err(found) => problems.extend(found.into_vec()),
        }
    }
    if cases.is_empty() && problems.is_empty() {
        let message = "no case in this folder\na case stands in a folder of its theme, such as \
                       auth/psk.toml";
        problems.push(Problem::of_file(dir, message));
    }
    Problems::none_in(problems)?;
    cases.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(cases)
}

/// Loads one case. Its id must be what the file and its folder are called.
///
/// # Errors
///
/// The file cannot be read, or what it holds is not a valid case.
pub fn load_file(path: &Path) -> Result<Case, Problems> {
    file::parse(&Source::read(path)?)
}

fn files(dir: &Path) -> Result<Vec<PathBuf>, Problem> {
    let mut files = Vec::new();
    let is_of_cases = |theme: &PathBuf| theme.file_name() != Some(OsStr::new(vector::THEME));
    for theme in folders(dir)?.into_iter().filter(is_of_cases) {
        files.extend(entries(&theme)?.into_iter().filter(|path| is_toml(path)));
    }
    Ok(files)
}

fn is_toml(path: &Path) -> bool {
    path.extension() == Some(OsStr::new("toml"))
}
