//! Checking a file beyond its format, without stopping at the first problem.

use std::fmt;

use reports::text::Text;
use toml::Spanned;

use crate::problem::{Problem, Problems};
use crate::source::Source;

/// One file being checked, and what has been found so far.
#[derive(Debug)]
pub struct Checks<'a> {
    source: &'a Source,
    problems: Vec<Problem>,
}

impl<'a> Checks<'a> {
    pub fn new(source: &'a Source) -> Self {
        Self {
            source,
            problems: Vec::new(),
        }
    }

    pub fn source(&self) -> &'a Source {
        self.source
    }

    /// Notes a problem at a value; the second line of `message` is the remedy.
    pub fn refuse<T>(&mut self, at: &Spanned<T>, message: impl fmt::Display) {
        self.problems.push(self.source.problem(at.span(), message));
    }

    /// Notes a problem found elsewhere.
    pub fn note(&mut self, problem: Problem) {
        self.problems.push(problem);
    }

    /// Text is there in both languages.
    pub fn text(&mut self, text: Spanned<Text>) -> Text {
        let Text { en, ja } = text.get_ref();
        if en.trim().is_empty() || ja.trim().is_empty() {
            self.refuse(&text, "empty text\nwrite both `en` and `ja`");
        }
        text.into_inner()
    }

    /// Ends the checks.
    ///
    /// # Errors
    ///
    /// At least one problem was noted.
    pub fn finish(self) -> Result<(), Problems> {
        Problems::none_in(self.problems)
    }
}
