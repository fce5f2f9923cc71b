//! The page of an explanation. Whatever is written here is escaped first.

use reports::cause::{Advice, CauseCode, Side};
use reports::escape::visible;
use reports::layout::wrap;
use reports::terminal::Options;
use reports::text::{Lang, Words};
use transcript::model::Transcript;
use transcript::tell;

use super::words;

/// Longest text that is written as one paragraph or line.
const LONGEST: usize = 2_000;
/// What is shown before and after a proof.
pub(super) const AROUND: usize = 3;

pub(super) struct Page {
    text: String,
    options: Options,
}

impl Page {
    pub(super) fn new(options: Options) -> Self {
        Self {
            text: String::new(),
            options,
        }
    }

    pub(super) fn finish(self) -> String {
        self.text
    }

    pub(super) fn lang(&self) -> Lang {
        self.options.lang
    }

    pub(super) fn say(&self, words: Words) -> &'static str {
        words.in_lang(self.options.lang)
    }

    pub(super) fn gap(&mut self) {
        self.text.push('\n');
    }

    /// Text of this program in lines of its own, which are safe already.
    pub(super) fn block(&mut self, text: &str) {
        self.text.push_str(text);
    }

    pub(super) fn heading(&mut self, words: Words) {
        let words = self.say(words);
        self.title(words);
    }

    pub(super) fn title(&mut self, text: &str) {
        let text = visible(text, LONGEST);
        self.line(&if self.options.colour {
            format!("\u{1b}[1m{text}\u{1b}[0m")
        } else {
            text
        });
    }

    /// In lines that fit the terminal.
    pub(super) fn paragraph(&mut self, indent: usize, text: &str) {
        let room = self.options.width.saturating_sub(indent);
        for line in wrap(&visible(text, LONGEST), room) {
            self.line(&format!("{:indent$}{line}", ""));
        }
    }

    /// On one line, however long, so that it can be copied or compared.
    pub(super) fn unbroken(&mut self, indent: usize, text: &str) {
        self.line(&format!("{:indent$}{}", "", visible(text, LONGEST)));
    }

    /// Title and code of a cause, and the rule that decides.
    pub(super) fn cause(&mut self, code: CauseCode, side: Side, rule: Option<&str>) {
        let (title, side) = (self.say(code.title()), self.say(side.name()));
        self.paragraph(2, &format!("{title} ({}, {side})", code.as_str()));
        if let Some(rule) = rule.filter(|rule| !rule.is_empty()) {
            let label = self.say(words::RULE);
            self.paragraph(2, &format!("{label}: {rule}"));
        }
    }

    /// What each end has to change.
    pub(super) fn advice(&mut self, advice: &[Advice]) {
        self.gap();
        self.heading(words::WHAT_TO_CHANGE);
        for advice in advice {
            let words = self.say(advice.words);
            match advice.at {
                Some(end) => {
                    let end = self.say(end.name());
                    self.paragraph(2, &format!("{end}: {words}"));
                }
                None => self.paragraph(2, words),
            }
        }
    }

    /// A message with the ones around it, and what stands in it.
    pub(super) fn packet(&mut self, transcript: &Transcript, packet: u64) {
        let headlines = tell::headlines(transcript, self.lang());
        let of = |message: &transcript::model::Message| {
            let mut sent = message.all_transmissions();
            sent.any(|sent| sent.packet == packet)
        };
        let Some(at) = transcript.messages.iter().position(of) else {
            let label = self.say(words::PACKET);
            self.unbroken(4, &format!("> {label} {packet}"));
            return;
        };
        let first = at.saturating_sub(AROUND);
        for (position, (_, line)) in headlines.iter().enumerate().skip(first) {
            if position > at + AROUND {
                break;
            }
            let mark = if position == at { '>' } else { ' ' };
            self.unbroken(4, &format!("{mark} {line}"));
            if position == at
                && let Some(message) = transcript.messages.get(at)
            {
                for line in tell::essentials(transcript, message, self.lang()) {
                    self.unbroken(19, &line);
                }
            }
        }
    }

    fn line(&mut self, line: &str) {
        self.text.push_str(line.trim_end());
        self.text.push('\n');
    }
}
