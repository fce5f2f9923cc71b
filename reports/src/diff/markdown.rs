//! A diff as Markdown that fits a comment on a change: the summary first, then the cells, and never
//! longer than a comment may be.
//!
//! Whatever comes from a record stands in code spans: nothing in them is a link, a mention, a
//! reference or markup (CommonMark 0.31, section 6.1).

use crate::diff::{Change, Diff, words};
use crate::escape::visible;
use crate::text::Lang;

/// Longest comment in octets. GitHub takes 65,536 characters, GitLab a million.
pub const LIMIT: usize = 60_000;
/// Longest sentence of a cause, in characters.
const SENTENCE: usize = 240;
/// Longest line of what went in, in characters.
const INPUT: usize = 400;
/// Room for what stands after the lists.
const RESERVE: usize = 200;

/// The comment.
pub fn render(diff: &Diff, lang: Lang) -> String {
    let mut comment = Comment {
        text: String::new(),
        lang,
    };
    comment.heading(diff);
    for (kind, count) in diff.kinds() {
        let lines = diff.of_kind(kind).map(|change| cell(change, lang));
        comment.list(&kind.heading(count, lang), count, lines);
    }
    let inputs = diff.changed_inputs(lang);
    let lines = inputs
        .iter()
        .map(|(label, text)| format!("- {label} {}", code(&visible(text, INPUT))));
    if !inputs.is_empty() {
        comment.list(words::INPUTS.in_lang(lang), inputs.len(), lines);
    }
    comment.text
}

struct Comment {
    text: String,
    lang: Lang,
}

impl Comment {
    fn heading(&mut self, diff: &Diff) {
        let lang = self.lang;
        let say = |words: crate::text::Words| words.in_lang(lang);
        self.line(&format!("### ikematrix: {}", diff.headline(lang)));
        self.line("");
        self.line(&format!(
            "| {} | {} |",
            say(words::CHANGE),
            say(words::COUNT)
        ));
        self.line("|---|---:|");
        for (kind, count) in diff.kinds() {
            self.line(&format!("| {} | {count} |", say(kind.title())));
        }
        self.line(&format!(
            "| {} | {} |",
            say(words::UNCHANGED),
            diff.unchanged
        ));
        if diff.left_out > 0 {
            self.line(&format!("| {} | {} |", say(words::LEFT_OUT), diff.left_out));
        }
        self.line("");
        for (label, facts) in [(words::OLD, &diff.old), (words::NEW, &diff.new)] {
            self.line(&format!("- {}: {}", say(label), code(&facts.line(lang))));
        }
    }

    /// A list that is folded away, with as many of its lines as there is room for.
    fn list(&mut self, title: &str, count: usize, lines: impl Iterator<Item = String>) {
        let opening = format!("\n<details><summary>{title}</summary>\n\n");
        if self.text.len() + opening.len() + RESERVE > LIMIT {
            return;
        }
        self.text.push_str(&opening);
        let mut shown = 0;
        for line in lines {
            if self.text.len() + line.len() + RESERVE > LIMIT {
                break;
            }
            self.line(&line);
            shown += 1;
        }
        if shown < count {
            let more = words::MORE.in_lang(self.lang);
            self.line(&format!("- … {} {more}", count - shown));
        }
        self.line("\n</details>");
    }

    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }
}

fn cell(change: &Change, lang: Lang) -> String {
    let mut line = format!("- {} {}", change.marks(lang), code(&change.id));
    if let Some(causes) = change.causes(lang) {
        line.push_str(&format!(" ({causes})"));
    }
    if let Some(sentence) = change.sentence() {
        let sentence = visible(sentence.in_lang(lang), SENTENCE);
        line.push_str(&format!("<br>{}", code(&sentence)));
    }
    line
}

/// A code span around any text of one line: its fence is longer than every run of backticks inside.
pub(crate) fn code(text: &str) -> String {
    let runs = text.split(|c| c != '`').map(str::len);
    let fence = "`".repeat(runs.max().unwrap_or(0) + 1);
    // A span cannot be empty, and a blank next to the fence is dropped again when both sides have one.
    let pad = if text.is_empty() || text.starts_with(['`', ' ']) || text.ends_with(['`', ' ']) {
        " "
    } else {
        ""
    };
    format!("{fence}{pad}{text}{pad}{fence}")
}
