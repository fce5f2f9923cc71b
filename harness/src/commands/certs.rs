//! `ikematrix certs`: certificates without routers.

use std::fs::{self, File};
use std::io::Read;
use std::path::Path;

use crate::cli::{Certs, Common};
use crate::failure::Failure;

mod issue;
pub(super) mod lint;

pub(crate) fn certs(common: &Common, command: &Certs) -> Result<u8, Failure> {
    match command {
        Certs::Issue(arguments) => issue::issue(common, arguments),
        Certs::Lint(arguments) => lint::lint(common, arguments),
    }
}

/// Reads a regular file, but not more than one octet over the limit.
fn read_limited(path: &Path, limit: usize) -> Result<Vec<u8>, Failure> {
    let cannot = |error| Failure::input(format!("cannot read {}: {error}", path.display()));
    // The kind comes first: opening a named pipe would wait for a writer.
    if !fs::metadata(path).map_err(cannot)?.is_file() {
        let message = "is not a regular file; name a file";
        return Err(Failure::input(format!("{} {message}", path.display())));
    }
    let mut bytes = Vec::new();
    // A limit of this program is far below 2^64.
    let limit = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    File::open(path)
        .and_then(|file| file.take(limit).read_to_end(&mut bytes))
        .map_err(cannot)?;
    Ok(bytes)
}

/// The first line of a file with a password, without its end.
fn read_password(path: &Path) -> Result<String, Failure> {
    /// Nobody's password is longer.
    const LIMIT: usize = 64 * 1024;
    let text = String::from_utf8(read_limited(path, LIMIT)?)
        .map_err(|_| Failure::input(format!("{}: is not UTF-8 text", path.display())))?;
    Ok(text.lines().next().unwrap_or_default().to_owned())
}
