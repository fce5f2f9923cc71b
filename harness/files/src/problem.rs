//! What is wrong with a file that people write, where it is, and what to do about it.

use std::fmt;
use std::path::{Path, PathBuf};

/// One thing wrong with one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    pub file: PathBuf,
    /// Line, from 1; `None` when the problem is the file as a whole.
    pub line: Option<usize>,
    /// Column in characters, from 1.
    pub column: Option<usize>,
    /// What is wrong: a sentence fragment in lower case.
    pub what: String,
    /// What to do about it.
    pub help: Option<String>,
}

impl Problem {
    /// A problem of a file as a whole.
    ///
    /// The first line of `message` says what is wrong, the rest what to do about it.
    pub fn of_file(file: &Path, message: impl fmt::Display) -> Self {
        let message = message.to_string();
        let (what, help) = match message.split_once('\n') {
            Some((what, help)) => (what, Some(help.to_owned())),
            None => (message.as_str(), None),
        };
        Self {
            file: file.to_owned(),
            line: None,
            column: None,
            what: what.to_owned(),
            help,
        }
    }

    /// The same problem at a line and column, both from 1.
    #[must_use]
    pub fn at(self, line: usize, column: usize) -> Self {
        Self {
            line: Some(line),
            column: Some(column),
            ..self
        }
    }
}

/// Shown as compilers show theirs, so that editors find the place.
impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", Printable(&self.file.to_string_lossy()))?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        if let Some(column) = self.column {
            write!(f, ":{column}")?;
        }
        write!(f, ": {}", Printable(&self.what))?;
        if let Some(help) = &self.help {
            write!(f, "\n  help: {}", Printable(help))?;
        }
        Ok(())
    }
}

impl std::error::Error for Problem {}

/// One or more problems: all that one pass over the files found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problems(Vec<Problem>);

impl Problems {
    /// `Ok` when nothing was found.
    ///
    /// # Errors
    ///
    /// There is at least one problem.
    pub fn none_in(problems: Vec<Problem>) -> Result<(), Self> {
        if problems.is_empty() {
            return Ok(());
        }
        Err(Self(problems))
    }

    pub fn as_slice(&self) -> &[Problem] {
        &self.0
    }

    pub fn into_vec(self) -> Vec<Problem> {
        self.0
    }
}

impl From<Problem> for Problems {
    fn from(problem: Problem) -> Self {
        Self(vec![problem])
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, problem) in self.0.iter().enumerate() {
            if position > 0 {
                writeln!(f)?;
            }
            write!(f, "{problem}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}

/// Text from a file or a file's name, without the power to move a terminal's cursor.
struct Printable<'a>(&'a str);

impl fmt::Display for Printable<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for character in self.0.chars() {
            if character.is_control() {
                write!(f, "{}", character.escape_default())?;
            } else {
                write!(f, "{character}")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_names_the_place_and_the_remedy() {
        let problem = Problem::of_file(Path::new("acme/profile.toml"), "no such thing\nmake one");
        assert_eq!(
            problem.at(7, 12).to_string(),
            "acme/profile.toml:7:12: no such thing\n  help: make one"
        );
    }

    #[test]
    fn control_characters_of_a_file_do_not_reach_the_terminal() {
        let problem = Problem::of_file(Path::new("a\u{1b}[2J.toml"), "key \u{7}");
        assert_eq!(problem.to_string(), r"a\u{1b}[2J.toml: key \u{7}");
    }
}
