//! Small checks that both kinds of file need.

use std::path::Path;

use files::name::is_name;
use files::{Checks, Problem, Source};
use reports::conformance::TESTER;
use toml::Spanned;

/// Reads the file that every folder of its kind must have.
pub(crate) fn read_main(folder: &Path, name: &str) -> Result<Source, Problem> {
    let path = folder.join(name);
    if path.symlink_metadata().is_err() {
        let message = format_args!("the folder has no {name}\nadd it, or remove the folder");
        return Err(Problem::of_file(folder, message));
    }
    Source::read(&path)
}

/// An id is what the folder is called, so that two folders cannot share one.
pub(crate) fn check_id(checks: &mut Checks<'_>, id: &Spanned<String>) {
    let folder = checks.source().path().parent().map_or("", name_of);
    if !is_name(id.get_ref(), &['-', '.']) {
        let message = format_args!(
            "the id {:?} is not made of lower-case letters, digits, `-`, and `.`\nit stands in \
             file names and on command lines, such as \"strongswan-6.0\"",
            id.get_ref()
        );
        checks.refuse(id, message);
    } else if id.get_ref() == TESTER {
        let message = format_args!(
            "the id {TESTER:?} is that of the suite's own tester\nname the folder and the id \
             otherwise"
        );
        checks.refuse(id, message);
    } else if id.get_ref() != folder {
        let message = format_args!(
            "the id {:?} is not the name of the folder\nwrite id = {folder:?}, or rename the \
             folder",
            id.get_ref()
        );
        checks.refuse(id, message);
    }
}

/// The name of a folder; empty where it is no UTF-8, which no id can be.
pub(crate) fn name_of(folder: &Path) -> &str {
    folder
        .file_name()
        .and_then(|name| name.to_str())
        .unwrap_or_default()
}
