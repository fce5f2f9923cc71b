//! Small checks that both kinds of file need.

use std::path::Path;

use cases::name::is_name;
use cases::{Checks, Problem, Source};
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

/// The remedy for a mistyped name: all known ones, and the one that was meant, if any is like it.
pub(crate) fn use_known<T: AsRef<str>>(name: &str, known: &[T]) -> String {
    let list: Vec<&str> = known.iter().map(AsRef::as_ref).collect();
    let list = list.join(", ");
    match nearest(name, known) {
        Some(nearest) => format!("did you mean {nearest:?}? known: {list}"),
        None if list.is_empty() => "there is none to choose from".to_owned(),
        None => format!("use one of {list}"),
    }
}

fn nearest<'a, T: AsRef<str>>(name: &str, known: &'a [T]) -> Option<&'a str> {
    /// Below this, names have no more in common than chance.
    const LIKENESS: f64 = 0.6;
    known
        .iter()
        .map(AsRef::as_ref)
        .map(|known| (strsim::normalized_damerau_levenshtein(name, known), known))
        .filter(|(likeness, _)| *likeness >= LIKENESS)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, known)| known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_finger_is_answered_with_the_name_that_was_meant() {
        let known = ["libreswan-5.2", "strongswan-5.9", "strongswan-6.0"];
        assert_eq!(nearest("strongsawn-6.0", &known), Some("strongswan-6.0"));
        assert_eq!(nearest("acme", &known), None);
    }
}
