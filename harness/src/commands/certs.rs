//! `ikematrix certs`: certificates without routers.

use std::path::Path;

use super::read_limited;
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

/// The first line of a file with a password, without its end.
fn read_password(path: &Path) -> Result<String, Failure> {
    /// Nobody's password is longer.
    const LIMIT: usize = 64 * 1024;
    let text = String::from_utf8(read_limited(path, LIMIT)?)
        .map_err(|_| Failure::input(format!("{}: is not UTF-8 text", path.display())))?;
    Ok(text.lines().next().unwrap_or_default().to_owned())
}
