//! A diff as text for a terminal.

use crate::conformance::command_again;
use crate::diff::{Change, Diff, Kind, words};
use crate::terminal::Options;
use crate::terminal::page::{Page, Style};
use crate::words::WORDS;

/// Cells of one kind that are listed.
const LISTED: usize = 200;

/// The runs, each kind with its cells, and what went in.
pub fn render(diff: &Diff, options: &Options) -> String {
    let mut page = Page::new(*options);
    let lang = page.lang();
    page.title(page.say(words::TITLE));
    page.plain_entry(page.say(words::OLD), &diff.old.line(lang));
    page.plain_entry(page.say(words::NEW), &diff.new.line(lang));
    for (kind, _) in diff.kinds() {
        page.gap();
        print_kind(&mut page, diff, kind);
    }
    let inputs = diff.changed_inputs(lang);
    if !inputs.is_empty() {
        page.gap();
        page.title(page.say(words::INPUTS));
        for (label, text) in inputs {
            page.paragraph(2, &format!("{label} {text}"));
        }
    }
    page.gap();
    summary(&mut page, diff);
    page.finish()
}

fn print_kind(page: &mut Page, diff: &Diff, kind: Kind) {
    let all = diff.of_kind(kind).count();
    let heading = kind.heading(all, page.lang());
    page.line(&page.paint(style(kind), &heading));
    for change in diff.of_kind(kind).take(LISTED) {
        print_change(page, change);
    }
    if all > LISTED {
        let more = page.say(words::MORE);
        page.paragraph(2, &format!("… {} {more}", all - LISTED));
    }
}

fn print_change(page: &mut Page, change: &Change) {
    let lang = page.lang();
    let mut line = format!("{}  {}", change.marks(lang), change.id);
    if let Some(causes) = change.causes(lang) {
        line.push_str(&format!(" ({causes})"));
    }
    page.unbroken(2, &line);
    if !told_in_full(change.kind) {
        return;
    }
    if let Some(sentence) = change.sentence() {
        page.paragraph(4, sentence.in_lang(lang));
    }
    if change.same_inputs == Some(true) && change.kind.is_for_repeats() {
        page.paragraph(4, page.say(words::SAME_INPUTS));
    }
    if change.new.is_some() {
        let label = page.say(WORDS.reproduce);
        page.unbroken(4, &format!("{label}: {}", command_again(&change.id)));
    }
}

/// Whether somebody has to look into it.
fn told_in_full(kind: Kind) -> bool {
    match kind {
        Kind::Regression | Kind::NewFailure | Kind::FailsDifferently | Kind::LabFault => true,
        Kind::NewlyUnsupported
        | Kind::NoLongerTried
        | Kind::Removed
        | Kind::Fixed
        | Kind::NewPass
        | Kind::Added => false,
    }
}

pub(crate) fn style(kind: Kind) -> Style {
    match kind {
        Kind::Regression | Kind::NewFailure => Style::Bad,
        Kind::FailsDifferently
        | Kind::NewlyUnsupported
        | Kind::NoLongerTried
        | Kind::Removed
        | Kind::LabFault => Style::Warning,
        Kind::Fixed | Kind::NewPass => Style::Good,
        Kind::Added => Style::Title,
    }
}

/// The last line is the one that is still on the screen.
fn summary(page: &mut Page, diff: &Diff) {
    page.paragraph(0, &diff.headline(page.lang()));
    let mut rest = vec![format!(
        "{}: {}",
        page.say(words::UNCHANGED),
        diff.unchanged
    )];
    if diff.left_out > 0 {
        rest.push(format!("{}: {}", page.say(words::LEFT_OUT), diff.left_out));
    }
    page.paragraph(0, &rest.join(", "));
}
