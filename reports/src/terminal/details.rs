//! What did not pass and why, in groups of one cause.

use crate::cause::Proof;
use crate::escape;
use crate::model::{Cell, Outcome, Run};
use crate::summary::{self, Group};
use crate::terminal::page::{Page, outcome_style};
use crate::words::{WORDS, cells};

/// A larger group lists its cells and tells only the first one in full.
const TOLD_IN_FULL: usize = 10;
/// Pointers into the evidence that are shown of a cell.
const PROOFS: usize = 4;
/// Contradictions that are shown of a cell.
const CONTRADICTIONS: usize = 10;
/// Tries that are shown of a cell, of those that did not pass.
const TRIES: usize = 10;
/// Characters of a log line that are shown.
const EXCERPT: usize = 160;

pub(super) fn print(page: &mut Page, run: &Run) {
    let groups = summary::not_passed(run);
    if run.cells.is_empty() {
        page.line(page.say(WORDS.no_cells));
    } else if groups.is_empty() {
        page.line(page.say(WORDS.all_passed));
    }
    for group in &groups {
        page.gap();
        print_group(page, group);
    }
}

fn print_group(page: &mut Page, group: &Group<'_>) {
    print_head(page, group);
    for advice in group.advice() {
        let label = match advice.at {
            Some(end) => format!("{} ({})", page.say(WORDS.remedy), page.say(end.name())),
            None => page.say(WORDS.remedy).to_owned(),
        };
        page.paragraph(2, &format!("{label}: {}", page.say(advice.words)));
    }
    if group.nothing_ran() || group.cells.len() > TOLD_IN_FULL {
        let ids: Vec<_> = group.cells.iter().map(|cell| cell.id.as_str()).collect();
        for line in listed(&ids, page.width().saturating_sub(2)) {
            page.unbroken(2, &line);
        }
        if !group.nothing_ran() {
            page.paragraph(2, &format!("{}:", page.say(WORDS.example)));
            print_cell(page, group.cells[0]);
        }
    } else {
        for cell in &group.cells {
            print_cell(page, cell);
        }
    }
}

/// `× Pre-shared keys differ (auth.psk-mismatch, both routers): 2 cells`
fn print_head(page: &mut Page, group: &Group<'_>) {
    let symbol = page.say(group.outcome.symbol());
    let symbol = page.paint(outcome_style(group.outcome), symbol);
    let title = page.say(group.title());
    let count = format!(
        "{} {}",
        group.cells.len(),
        page.say(cells(group.cells.len()))
    );
    let head = match group.cause {
        Some((code, side)) => {
            let side = page.say(side.name());
            format!("{title} ({}, {side}): {count}", code.as_str())
        }
        None => format!("{title}: {count}"),
    };
    page.line(&format!("{symbol} {head}"));
}

fn print_cell(page: &mut Page, cell: &Cell) {
    page.unbroken(2, &cell.id);
    print_tries(page, cell);
    if let Some(cause) = &cell.cause {
        page.paragraph(4, cause.sentence.in_lang(page.lang()));
        for contradiction in cause.contradictions.iter().take(CONTRADICTIONS) {
            let label = page.say(WORDS.contradiction);
            let words = contradiction.in_lang(page.lang());
            page.paragraph(4, &format!("{label}: {words}"));
        }
        if let Some(rule) = &cause.rule {
            page.unbroken(4, &format!("{}: {rule}", page.say(WORDS.rule)));
        }
        for proof in cause.proof.iter().take(PROOFS) {
            page.unbroken(4, &proof_line(proof));
        }
        let more = cause.proof.len().saturating_sub(PROOFS)
            + cause.contradictions.len().saturating_sub(CONTRADICTIONS);
        if more > 0 {
            let words = page.say(WORDS.more_in_record);
            page.paragraph(4, &format!("… {more} {words}"));
        }
    }
    if let Some(evidence) = &cell.evidence {
        page.unbroken(4, &format!("{}: {evidence}", page.say(WORDS.evidence)));
    }
    let command = summary::repro_command(cell);
    page.unbroken(4, &format!("{}: {command}", page.say(WORDS.reproduce)));
}

/// `Tries: passed 9/10`, and below it where each one that did not pass left its evidence.
fn print_tries(page: &mut Page, cell: &Cell) {
    let Some(tally) = cell.tally() else {
        return;
    };
    let (label, passed) = (page.say(WORDS.tries), page.say(WORDS.passed));
    page.unbroken(4, &format!("{label}: {passed} {tally}"));
    let not_passed = cell.tries.iter().zip(1..);
    let not_passed = not_passed.filter(|(one, _)| one.outcome != Outcome::Pass);
    for (one, number) in not_passed.take(TRIES) {
        let symbol = page.say(one.outcome.symbol());
        let code = one.cause.as_ref().map_or("", |cause| cause.code.as_str());
        let evidence = one.evidence.as_deref().unwrap_or_default();
        page.unbroken(6, &format!("{number}. {symbol} {code} {evidence}"));
    }
}

/// `responder/charon.log:214: received AUTHENTICATION_FAILED`
fn proof_line(proof: &Proof) -> String {
    let mut line = escape::visible(&proof.place(), EXCERPT);
    if let Some(excerpt) = &proof.excerpt {
        line.push_str(": ");
        line.push_str(&escape::visible(excerpt.trim(), EXCERPT));
    }
    line
}

/// Ids beside each other, as many as fit on a line.
fn listed(ids: &[&str], columns: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for id in ids {
        match lines.last_mut() {
            Some(line) if line.len() + 2 + id.len() <= columns => {
                line.push_str("  ");
                line.push_str(id);
            }
            Some(_) | None => lines.push((*id).to_owned()),
        }
    }
    lines
}
