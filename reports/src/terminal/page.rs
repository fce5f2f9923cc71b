//! A page of text in one language, with colours where they are wanted.

use crate::escape;
use crate::layout::{pad, width, wrap};
use crate::model::Outcome;
use crate::terminal::Options;
use crate::text::{Lang, Words};

/// Longest text of a record that is printed; the rest is in the record.
const LONGEST: usize = 600;

/// What a piece of text is, which decides its colour.
#[derive(Clone, Copy)]
pub(crate) enum Style {
    Good,
    Bad,
    Warning,
    Faint,
    Title,
}

pub(crate) fn outcome_style(outcome: Outcome) -> Style {
    match outcome {
        Outcome::Pass => Style::Good,
        Outcome::Fail | Outcome::Unstable => Style::Bad,
        Outcome::Error => Style::Warning,
        Outcome::Unsupported | Outcome::Skipped => Style::Faint,
    }
}

/// The report while it grows. Whatever is added in paragraphs and entries may come from a router:
/// nothing in it can act on the terminal.
pub(crate) struct Page {
    text: String,
    options: Options,
}

impl Page {
    pub(crate) fn new(options: Options) -> Self {
        Self {
            text: String::new(),
            options,
        }
    }

    pub(crate) fn finish(self) -> String {
        self.text
    }

    pub(crate) fn lang(&self) -> Lang {
        self.options.lang
    }

    pub(crate) fn width(&self) -> usize {
        self.options.width
    }

    /// Fixed words in the language of the page.
    pub(crate) fn say(&self, words: Words) -> &'static str {
        words.in_lang(self.options.lang)
    }

    /// The text in the colour of its style, if the page has colours.
    pub(crate) fn paint(&self, style: Style, text: &str) -> String {
        if !self.options.colour {
            return text.to_owned();
        }
        let code = match style {
            Style::Good => "32",
            Style::Bad => "31;1",
            Style::Warning => "33;1",
            Style::Faint => "2",
            Style::Title => "1",
        };
        format!("\u{1b}[{code}m{text}\u{1b}[0m")
    }

    /// One line as it is: the caller has made it safe.
    pub(crate) fn line(&mut self, line: &str) {
        self.text.push_str(line.trim_end());
        self.text.push('\n');
    }

    pub(crate) fn gap(&mut self) {
        self.text.push('\n');
    }

    pub(crate) fn title(&mut self, title: &str) {
        self.line(&self.paint(Style::Title, title));
    }

    pub(crate) fn warning(&mut self, warning: &str) {
        self.line(&self.paint(Style::Warning, warning));
    }

    /// Text in lines that fit the page.
    pub(crate) fn paragraph(&mut self, indent: usize, text: &str) {
        let room = self.options.width.saturating_sub(indent);
        for line in wrap(&escape::visible(text, LONGEST), room) {
            self.line(&format!("{:indent$}{line}", ""));
        }
    }

    /// The same in the colour of a style.
    pub(crate) fn coloured(&mut self, indent: usize, style: Style, text: &str) {
        let room = self.options.width.saturating_sub(indent);
        for line in wrap(&escape::visible(text, LONGEST), room) {
            self.line(&format!("{:indent$}{}", "", self.paint(style, &line)));
        }
    }

    /// A text on one line, however long, so that it can be copied.
    pub(crate) fn unbroken(&mut self, indent: usize, text: &str) {
        self.line(&format!("{:indent$}{}", "", escape::visible(text, LONGEST)));
    }

    pub(crate) fn plain_entry(&mut self, head: &str, text: &str) {
        let head = escape::visible(head, LONGEST);
        self.hanging_entry(&head, &head, text);
    }

    pub(crate) fn entry(&mut self, head: &str, style: Style, text: &str) {
        self.hanging_entry(head, &self.paint(style, head), text);
    }

    /// A head, and a text that hangs beside it.
    fn hanging_entry(&mut self, head: &str, painted: &str, text: &str) {
        const INDENT: usize = 2;
        const HEAD: usize = 9;
        let text_column = INDENT + HEAD.max(width(head) + 1);
        let room = self.options.width.saturating_sub(text_column);
        let fill = pad("", text_column - INDENT - width(head));
        for (at, line) in wrap(&escape::visible(text, LONGEST), room)
            .iter()
            .enumerate()
        {
            if at == 0 {
                self.line(&format!("{:INDENT$}{painted}{fill}{line}", ""));
            } else {
                self.line(&format!("{:text_column$}{line}", ""));
            }
        }
    }
}
