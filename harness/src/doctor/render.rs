use reports::escape::visible;
use reports::layout::{pad, width as columns, wrap};
use reports::text::{Lang, Words};

use super::finding::{Finding, State, is_root, mends};
use super::requirement::{Part, Requirement};
use super::verdict::Verdict;
use super::words::WORDS;

/// Longest reason that is printed.
const LONGEST: usize = 400;

/// The findings by what they are for, the verdict, and the commands that mend.
pub(crate) fn render(findings: &[Finding], lang: Lang, colour: bool, width: usize) -> String {
    let mut page = Page {
        text: String::new(),
        lang,
        colour,
        width,
    };
    page.line(0, &page.paint("1", WORDS.title.in_lang(lang)));
    for part in Part::ALL {
        page.line(0, "");
        page.paragraph(0, part.name().in_lang(lang));
        for finding in findings {
            if finding.requirement.used_for() == part {
                page.finding(finding, is_root(findings));
            }
        }
    }
    page.verdict(&Verdict::of(findings));
    let commands = mends(findings);
    if !commands.is_empty() {
        page.line(0, "");
        page.paragraph(0, WORDS.mend_all.in_lang(lang));
        for command in commands {
            page.line(2, &visible(&command, LONGEST));
        }
    }
    page.text
}

struct Page {
    text: String,
    lang: Lang,
    colour: bool,
    width: usize,
}

impl Page {
    fn finding(&mut self, finding: &Finding, root: bool) {
        const MARK_COLUMNS: usize = 3;
        const DETAIL_INDENT: usize = 5;
        let (mark, colour, word, detail) = match &finding.state {
            State::Works(note) => ("○", "32", WORDS.works, note.as_ref()),
            State::Fails(reason) => ("×", "31;1", WORDS.fails, Some(reason)),
            State::NotNeeded(why) => ("－", "2", WORDS.not_needed, Some(why)),
        };
        let mark = self.paint(colour, mark) + &pad("", MARK_COLUMNS - columns(mark));
        let name = finding.requirement.name().in_lang(self.lang);
        self.line(2, &format!("{mark}{name}: {}", word.in_lang(self.lang)));
        if let Some(detail) = detail {
            let detail = visible(detail.in_lang(self.lang), LONGEST);
            self.paragraph(DETAIL_INDENT, &detail);
        }
        if let Some(mend) = &finding.mend {
            let command = visible(&mend.command(root), LONGEST);
            // On one line, however long, so that it can be copied.
            let line = format!("{}: {command}", WORDS.mend.in_lang(self.lang));
            self.line(DETAIL_INDENT, &line);
        }
    }

    fn verdict(&mut self, verdict: &Verdict) {
        self.line(0, "");
        self.line(0, &self.paint("1", WORDS.labs.in_lang(self.lang)));
        self.lab(&verdict.crun_lacks, WORDS.crun_works, WORDS.crun_fails);
        self.lab(&verdict.vm_lacks, WORDS.vm_works, WORDS.vm_fails);
        let docker = if verdict.docker_limited {
            WORDS.docker_limited
        } else {
            WORDS.docker_works
        };
        self.lab(&verdict.docker_lacks, docker, WORDS.docker_fails);
        let taken = match (verdict.crun(), verdict.vm()) {
            (true, _) => WORDS.takes_crun,
            (false, true) if verdict.kvm => WORDS.takes_vm_kvm,
            (false, true) => WORDS.takes_vm_tcg,
            (false, false) => WORDS.takes_none,
        };
        self.paragraph(2, taken.in_lang(self.lang));
    }

    fn lab(&mut self, lacks: &[Requirement], works: Words, fails: Words) {
        if lacks.is_empty() {
            return self.paragraph(2, works.in_lang(self.lang));
        }
        let names = lacks
            .iter()
            .map(|lacking| lacking.name().in_lang(self.lang));
        let names: Vec<_> = names.collect();
        let between = match self.lang {
            Lang::En => ", ",
            Lang::Ja => "、",
        };
        self.paragraph(
            2,
            &format!("{}: {}", fails.in_lang(self.lang), names.join(between)),
        );
    }

    fn paragraph(&mut self, indent: usize, text: &str) {
        for line in wrap(text, self.width.saturating_sub(indent)) {
            self.line(indent, &line);
        }
    }

    fn line(&mut self, indent: usize, line: &str) {
        let line = format!("{:indent$}{line}", "");
        self.text.push_str(line.trim_end());
        self.text.push('\n');
    }

    fn paint(&self, code: &str, text: &str) -> String {
        if self.colour {
            format!("\u{1b}[{code}m{text}\u{1b}[0m")
        } else {
            text.to_owned()
        }
    }
}
