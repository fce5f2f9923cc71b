//! The report for people, in Japanese or English.

use reports::layout::{pad, width, wrap};
use reports::terminal::Options as Terminal;
use reports::text::{Lang, Words};

use crate::lint::report::{Finding, ObjectReport, Report, Severity};
use crate::lint::rule::words;

const NO_FINDINGS: Words = words("no findings", "指摘なし");
const OCTET: Words = words("octet", "オクテット");
const CHANGE: Words = words("change", "対処");
const FIELD: Words = words("field", "項目");
const REMARK: Words = words("remark", "備考");

/// The whole report: the objects one after another, worst findings first, and a line of totals. All
/// that comes from files is already escaped in the report.
pub fn render(report: &Report, terminal: &Terminal) -> String {
    let mut page = Page {
        text: String::new(),
        terminal: *terminal,
    };
    for object in &report.objects {
        page.object(object);
    }
    page.line(&totals(report, terminal.lang));
    page.text
}

fn totals(report: &Report, lang: Lang) -> String {
    let summary = report.summary;
    let (objects, errors) = (summary.objects, summary.errors);
    let (warnings, notes) = (summary.warnings, summary.notes);
    let (profile, text) = (&report.profile, &report.text);
    match lang {
        Lang::En => format!(
            "Profile {profile}, text {text}: {objects} objects, {errors} errors, \
             {warnings} warnings, {notes} notes"
        ),
        Lang::Ja => format!(
            "プロファイル {profile}、規定 {text}: 検査対象 {objects} 件、エラー {errors} 件、\
             警告 {warnings} 件、注記 {notes} 件"
        ),
    }
}

struct Page {
    text: String,
    terminal: Terminal,
}

impl Page {
    fn say(&self, words: Words) -> &'static str {
        words.in_lang(self.terminal.lang)
    }

    fn line(&mut self, line: &str) {
        self.text.push_str(line.trim_end());
        self.text.push('\n');
    }

    /// A label, and a text that hangs beside it.
    fn hanging(&mut self, indent: usize, label: &str, text: &str) {
        let column = indent + width(label) + 2;
        let room = self.terminal.width.saturating_sub(column);
        for (at, line) in wrap(text, room).iter().enumerate() {
            let head = if at == 0 {
                format!("{label}: ")
            } else {
                pad("", width(label) + 2)
            };
            self.line(&format!("{:indent$}{head}{line}", ""));
        }
    }

    fn object(&mut self, object: &ObjectReport) {
        let lang = self.terminal.lang;
        let mut head = format!(
            "{} #{}  {}",
            object.file,
            object.number,
            self.say(object.kind.words())
        );
        if let Some(role) = &object.role {
            head.push_str(&format!(" ({})", role.in_lang(lang)));
        }
        self.line(&self.paint("1", &head));
        if let Some(name) = &object.name {
            let serial = object.serial.as_ref();
            let serial = serial
                .map(|serial| format!("  [{serial}]"))
                .unwrap_or_default();
            self.line(&format!("  {name}{serial}"));
        }
        if object.findings.is_empty() {
            self.line(&format!("  {}", self.paint("32", self.say(NO_FINDINGS))));
        }
        for finding in &object.findings {
            self.finding(finding);
        }
        self.line("");
    }

    fn finding(&mut self, finding: &Finding) {
        const INDENT: usize = 4;
        let lang = self.terminal.lang;
        let severity = self.say(finding.severity.words());
        let colour = match finding.severity {
            Severity::Error => "31;1",
            Severity::Warning => "33;1",
            Severity::Note => "2",
        };
        let place = format!("{} {}", finding.document, finding.section);
        let painted = self.paint(colour, severity);
        self.line(&format!(
            "  {painted}  {}  {place} {}",
            finding.rule,
            finding.level.as_str()
        ));
        let room = self.terminal.width.saturating_sub(INDENT);
        for line in wrap(finding.title.in_lang(lang), room) {
            self.line(&format!("{:INDENT$}{line}", ""));
        }
        self.hanging(INDENT, self.say(FIELD), &self.field(finding));
        self.hanging(INDENT, self.say(CHANGE), finding.change.in_lang(lang));
        if let Some(remark) = &finding.remark {
            self.hanging(INDENT, self.say(REMARK), remark.in_lang(lang));
        }
    }

    fn field(&self, finding: &Finding) -> String {
        let mut text = finding.field.clone();
        if let Some(value) = &finding.value {
            text.push_str(&format!(" = \"{value}\""));
        }
        if let Some(offset) = finding.offset {
            text.push_str(&format!(" ({} {offset})", self.say(OCTET)));
        }
        if finding.omitted > 0 {
            text.push_str(&match self.terminal.lang {
                Lang::En => format!(" and {} more", finding.omitted),
                Lang::Ja => format!(" ほか {} 件", finding.omitted),
            });
        }
        text
    }

    fn paint(&self, code: &str, text: &str) -> String {
        if self.terminal.colour {
            format!("\u{1b}[{code}m{text}\u{1b}[0m")
        } else {
            text.to_owned()
        }
    }
}
