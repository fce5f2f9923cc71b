//! A gate as text for a terminal.

use std::path::Path;

use crate::conformance::command_again;
use crate::gate::{Finding, Gate, KnownFailure, words};
use crate::terminal::Options;
use crate::terminal::page::{Page, Style};
use crate::text::Words;
use crate::words::WORDS;

/// Cells that are listed under one heading which closes nothing.
const LISTED: usize = 50;

/// What keeps the gate closed, what is known, what else differs, and the verdict last. `file` is
/// where the known failures stand, if any do.
pub fn render(gate: &Gate, file: Option<&Path>, options: &Options) -> String {
    let mut page = Page::new(*options);
    let lang = page.lang();
    page.title(page.say(words::TITLE));
    findings(&mut page, gate, file);
    listed(&mut page, words::FAULTS, Style::Warning, &gate.faults);
    known(&mut page, &gate.known);
    let mended = &gate.perhaps_mended;
    listed(&mut page, words::PERHAPS_MENDED, Style::Title, mended);
    let unstable = gate.was_unstable.iter().map(|one| one.line(lang));
    let unstable: Vec<String> = unstable.collect();
    listed(&mut page, words::WAS_UNSTABLE, Style::Warning, &unstable);
    let failing = gate.still_failing.iter().map(|cell| {
        let other = gate.other_cause(cell, lang);
        other.map_or_else(|| cell.clone(), |other| format!("{cell} ({other})"))
    });
    let failing: Vec<String> = failing.collect();
    listed(&mut page, words::STILL_FAILING, Style::Title, &failing);
    let inputs = gate.diff.changed_inputs(lang);
    if !inputs.is_empty() {
        page.gap();
        page.title(page.say(words::INPUTS));
        for (label, text) in inputs {
            page.paragraph(2, &format!("{label} {text}"));
        }
    }
    page.gap();
    let style = match (gate.is_open(), gate.findings.is_empty()) {
        (true, _) => Style::Good,
        (false, true) => Style::Warning,
        (false, false) => Style::Bad,
    };
    page.coloured(0, style, &gate.verdict(lang));
    page.finish()
}

/// Every one of them: a finding that is not shown cannot be mended.
fn findings(page: &mut Page, gate: &Gate, file: Option<&Path>) {
    let mut last = None;
    for finding in &gate.findings {
        if last != Some(finding.problem) {
            page.gap();
            page.coloured(0, Style::Bad, page.say(finding.problem.title()));
            last = Some(finding.problem);
        }
        print_finding(page, finding, file);
    }
}

fn print_finding(page: &mut Page, finding: &Finding, file: Option<&Path>) {
    let lang = page.lang();
    let Some(line) = finding.line(lang) else {
        return;
    };
    page.unbroken(2, &line);
    if let (Some(number), Some(file)) = (finding.line, file) {
        page.unbroken(4, &format!("{}:{number}", file.display()));
    }
    if let Some(sentence) = finding.sentence() {
        page.paragraph(4, sentence.in_lang(lang));
    }
    if let (Some(cell), Some(_)) = (&finding.cell, &finding.new) {
        let label = page.say(WORDS.reproduce);
        page.unbroken(4, &format!("{label}: {}", command_again(cell)));
    }
}

fn known(page: &mut Page, known: &[KnownFailure]) {
    if known.is_empty() {
        return;
    }
    page.gap();
    page.title(&format!("{}: {}", page.say(words::KNOWN), known.len()));
    for entry in known.iter().take(LISTED) {
        page.unbroken(2, &entry.cell);
        page.paragraph(4, entry.reason.in_lang(page.lang()));
        page.unbroken(4, &entry.link);
    }
    more(page, known.len());
}

fn listed(page: &mut Page, title: Words, style: Style, cells: &[String]) {
    if cells.is_empty() {
        return;
    }
    page.gap();
    let title = format!("{}: {}", page.say(title), cells.len());
    page.coloured(0, style, &title);
    for cell in cells.iter().take(LISTED) {
        page.unbroken(2, cell);
    }
    more(page, cells.len());
}

fn more(page: &mut Page, all: usize) {
    if all > LISTED {
        let more = page.say(words::MORE);
        page.paragraph(2, &format!("… {} {more}", all - LISTED));
    }
}
