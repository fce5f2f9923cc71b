//! A file that people write: read within limits, and remembered so that problems name the place.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, Read};
use std::ops::Range;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;

use crate::problem::Problem;

/// The largest file that is read. A profile of a kilobyte is a long one.
pub const MAX_BYTES: u64 = 1024 * 1024;

/// The text of one file, and where it came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    path: PathBuf,
    text: String,
}

impl Source {
    /// Takes text that is not in a file; `path` is what problems call it.
    pub fn new(path: impl Into<PathBuf>, text: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            text: text.into(),
        }
    }

    /// Reads a file.
    ///
    /// # Errors
    ///
    /// The file is missing, not a regular one, larger than [`MAX_BYTES`], or not UTF-8.
    pub fn read(path: &Path) -> Result<Self, Problem> {
        // The kind comes first: opening a named pipe would wait for a writer.
        let kind = fs::metadata(path).map_err(|error| unreadable(path, &error))?;
        if !kind.is_file() {
            return Err(Problem::of_file(path, "not a regular file"));
        }
        let mut bytes = Vec::new();
        File::open(path)
            .and_then(|file| file.take(MAX_BYTES + 1).read_to_end(&mut bytes))
            .map_err(|error| unreadable(path, &error))?;
        if bytes.len() as u64 > MAX_BYTES {
            let message = "the file is larger than 1 MiB\nsplit it, or remove what does not \
                           belong in it";
            return Err(Problem::of_file(path, message));
        }
        match String::from_utf8(bytes) {
            Ok(text) => Ok(Self::new(path, text)),
            Err(error) => {
                let (valid, _) = error.as_bytes().split_at(error.utf8_error().valid_up_to());
                let (line, column) = position_after(&String::from_utf8_lossy(valid));
                let message = "the file is not UTF-8\nsave it as UTF-8";
                Err(Problem::of_file(path, message).at(line, column))
            }
        }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    /// Reads the text as TOML.
    ///
    /// # Errors
    ///
    /// The text is not TOML, or not of the shape that `T` asks for.
    pub fn parse<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        toml::from_str(&self.text).map_err(|error| {
            let message = in_plain_words(error.message());
            match error.span() {
                Some(span) => self.problem(span, message),
                None => Problem::of_file(&self.path, message),
            }
        })
    }

    /// A problem at a place in this file, given in bytes as [`toml::Spanned`] does.
    ///
    /// The first line of `message` says what is wrong, the rest what to do about it.
    pub fn problem(&self, span: Range<usize>, message: impl fmt::Display) -> Problem {
        let before = self.text.get(..span.start).unwrap_or(&self.text);
        let (line, column) = position_after(before);
        Problem::of_file(&self.path, message).at(line, column)
    }
}

/// What stands in a folder, by name, without what is hidden.
///
/// # Errors
///
/// The folder cannot be read.
pub fn entries(dir: &Path) -> Result<Vec<PathBuf>, Problem> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(dir).map_err(|error| unreadable(dir, &error))? {
        let entry = entry.map_err(|error| unreadable(dir, &error))?;
        if !entry.file_name().as_encoded_bytes().starts_with(b".") {
            paths.push(entry.path());
        }
    }
    paths.sort_unstable();
    Ok(paths)
}

/// The folders in a folder, by name, without what is hidden.
///
/// # Errors
///
/// The folder cannot be read, or something in it leads nowhere.
pub fn folders(dir: &Path) -> Result<Vec<PathBuf>, Problem> {
    let mut folders = Vec::new();
    for path in entries(dir)? {
        let kind = fs::metadata(&path).map_err(|error| unreadable(&path, &error))?;
        if kind.is_dir() {
            folders.push(path);
        }
    }
    Ok(folders)
}

fn unreadable(path: &Path, error: &io::Error) -> Problem {
    if error.kind() == io::ErrorKind::NotFound {
        return Problem::of_file(path, "no such file or folder");
    }
    Problem::of_file(path, format_args!("cannot be read: {error}"))
}

/// Line and column, from 1, of what follows `text`.
fn position_after(text: &str) -> (usize, usize) {
    let line = text.matches('\n').count() + 1;
    let column = text.chars().rev().take_while(|c| *c != '\n').count() + 1;
    (line, column)
}

/// Puts a message of serde or of the TOML parser into words for people who write TOML and not
/// Rust, with the remedy in a second line.
fn in_plain_words(message: &str) -> String {
    if message.contains('\n') {
        // One of ours, made while a value was read.
        return message.to_owned();
    }
    if let Some(key) = message.strip_prefix("missing field ") {
        return format!("missing key {key}\nadd {key} to this table");
    }
    match message {
        "duplicate key" => "the key stands here a second time\nkeep one of them".to_owned(),
        "wanted exactly 1 element, more than 1 element" => {
            "more than one key in this table\nwrite a table of its own for each".to_owned()
        }
        _ => message
            .replacen("unknown field ", "unknown key ", 1)
            .replacen("unknown variant ", "unknown value ", 1)
            .replacen(", expected a sequence", ", expected an array", 1)
            .replacen(", expected u32", ", expected an integer", 1)
            .replacen(", expected a map", ", expected a table", 1)
            .replacen(", expected ", "\nexpected ", 1),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn columns_count_characters_and_lines_start_at_one() {
        let source = Source::new("名.toml", "ja = \"鍵\"\nx = \"鍵\" y");
        let start = source.text().find(" y").unwrap() + 1;
        let problem = source.problem(start..start + 1, "odd");
        assert_eq!(problem.to_string(), "名.toml:2:9: odd");
    }

    #[test]
    fn a_place_beyond_the_text_is_its_end() {
        let problem = Source::new("a", "one\ntwo").problem(70..71, "odd");
        assert_eq!(problem.to_string(), "a:2:4: odd");
    }

    #[test]
    fn a_file_that_cannot_be_read_says_why() {
        let dir = tempfile::tempdir().unwrap();
        let path = |name: &str| dir.path().join(name);
        symlink(path("loop"), path("loop")).unwrap();
        symlink(path("absent"), path("dangling")).unwrap();
        fs::create_dir(path("folder")).unwrap();
        fs::write(path("latin"), b"ja = \"\nxy\xe9\"").unwrap();
        fs::write(path("large"), vec![b'#'; 1024 * 1024 + 1]).unwrap();
        let messages: Vec<String> = ["absent", "dangling", "loop", "folder", "latin", "large"]
            .into_iter()
            .map(|name| {
                let problem = Source::read(&path(name)).unwrap_err();
                problem
                    .to_string()
                    .replace(&format!("{}/", dir.path().display()), "")
            })
            .collect();
        insta::assert_snapshot!(messages.join("\n"));
    }

    #[test]
    fn the_largest_allowed_file_is_read() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("full");
        fs::write(&path, vec![b'#'; 1024 * 1024]).unwrap();
        assert!(Source::read(&path).is_ok());
    }
}
