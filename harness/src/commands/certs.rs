//! `ikematrix certs`: certificates without routers.

mod issue;
pub(super) mod lint;

use crate::cli::{Certs, Common};
use crate::failure::Failure;

pub(crate) fn certs(common: &Common, command: &Certs) -> Result<u8, Failure> {
    match command {
        Certs::Issue(arguments) => issue::issue(common, arguments),
        Certs::Lint(arguments) => lint::lint(common, arguments),
    }
}
