//! Where a command may write what was asked for by a flag: nowhere over the run itself.

use std::fs;
use std::path::{Path, PathBuf};

use reports::seal;
use reports::text::Text;

use crate::failure::Failure;

#[cfg(test)]
mod tests;

/// What a run keeps in its folder, each a file or a folder.
const OF_THE_RUN: [&str; 8] = [
    "run.json",
    "index.html",
    seal::MANIFEST,
    seal::SIGNATURE,
    seal::LOCK,
    "evidence",
    super::run::INPUTS,
    "html",
];

/// Said before a long run, not after it.
pub(super) fn check_folder_of(flag: &str, file: &Path) -> Result<(), Failure> {
    let about = fs::metadata(file);
    let is_fit = about.map_or(true, |about| about.is_file());
    if folder_of(file).is_dir() && is_fit {
        return Ok(());
    }
    let file = file.display();
    Err(Failure::told(Text::new(
        format!("{flag} {file}: this cannot be written; name a file in a folder that exists"),
        format!("{flag} {file}: 書き込めません。既存のフォルダー内のファイルを指定してください"),
    )))
}

/// What is written before the seal may lie in the folder of the run, beside what the run keeps there.
pub(super) fn check_beside(flag: &str, file: &Path, out: &Path) -> Result<(), Failure> {
    let first =
        inside(file, out).and_then(|path| Some(path.components().next()?.as_os_str().to_owned()));
    match first {
        Some(first) if OF_THE_RUN.iter().any(|name| first == *name) => Err(of_the_run(flag, file)),
        Some(_) | None => Ok(()),
    }
}

/// What is written after the seal would be found as something that was put in. Only the folder for
/// sites, `html`, is no part of the seal.
pub(super) fn check_outside(flag: &str, path: &Path, run: &Path) -> Result<(), Failure> {
    match inside(path, run) {
        Some(below) if !below.starts_with("html") => Err(in_the_run(flag, path, run)),
        Some(_) | None => Ok(()),
    }
}

/// The folder of a site is replaced as a whole, with all that lies in it.
pub(super) fn check_apart(junit: &Path, site: &Path) -> Result<(), Failure> {
    if inside(junit, site).is_none() {
        return Ok(());
    }
    let junit = junit.display();
    Err(Failure::told(Text::new(
        format!(
            "--junit {junit}: this is in the folder of --html, which is replaced as a whole; name a file \
             outside of it"
        ),
        format!(
            "--junit {junit}: 全体が置き換えられる --html のフォルダーの中にあります。フォルダーの外の\
             ファイルを指定してください"
        ),
    )))
}

fn of_the_run(flag: &str, file: &Path) -> Failure {
    let file = file.display();
    Failure::told(Text::new(
        format!("{flag} {file}: this is a file of the run itself; name another file"),
        format!("{flag} {file}: 実行結果自体のファイルです。別のファイルを指定してください"),
    ))
}

fn in_the_run(flag: &str, path: &Path, run: &Path) -> Failure {
    let (path, run) = (path.display(), run.display());
    Failure::told(Text::new(
        format!(
            "{flag} {path}: this is in the folder of the run itself, {run}, where it would count as \
             tampering; name a place outside of it"
        ),
        format!(
            "{flag} {path}: 実行結果のフォルダー {run} の中にあり、改ざんとみなされます。\
             フォルダーの外を指定してください"
        ),
    ))
}

/// The path below the folder, if it leads there; the path itself need not exist.
fn inside(path: &Path, folder: &Path) -> Option<PathBuf> {
    let folder = real(folder)?;
    // A link at the end is replaced, and not followed.
    let path = real(&folder_of(path))?.join(path.file_name().unwrap_or_default());
    let below = path.strip_prefix(folder).ok()?;
    Some(below.to_owned())
}

fn folder_of(path: &Path) -> PathBuf {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
        Some(_) | None => ".".into(),
    }
}

/// Without links, as far as it exists.
fn real(path: &Path) -> Option<PathBuf> {
    let path = std::path::absolute(path).ok()?;
    let existing = path.ancestors().find(|above| above.exists())?;
    let rest = path.strip_prefix(existing).ok()?;
    Some(existing.canonicalize().ok()?.join(rest))
}
