//! How the run compares with an expected matrix.

use crate::comparison::Finding;
use crate::model::Run;
use crate::summary;
use crate::terminal::page::{Page, Style, outcome_style};
use crate::words::WORDS;

pub(super) fn print(page: &mut Page, run: &Run) {
    let Some(comparison) = &run.comparison else {
        return;
    };
    page.gap();
    page.title(page.say(WORDS.comparison));
    for sentence in comparison.sentences(run) {
        page.paragraph(2, sentence.in_lang(page.lang()));
    }
    let source = comparison.source();
    let source = source.in_lang(page.lang());
    page.paragraph(2, &format!("{}: {source}", page.say(WORDS.source)));
    for finding in comparison.findings(run) {
        print_finding(page, &finding);
    }
}

fn print_finding(page: &mut Page, finding: &Finding<'_>) {
    let style = if finding.is_fault() {
        Style::Warning
    } else {
        Style::Bad
    };
    page.gap();
    page.coloured(2, style, finding.sentence().in_lang(page.lang()));
    for cell in &finding.tried {
        let symbol = page.say(cell.outcome.symbol());
        let symbol = page.paint(outcome_style(cell.outcome), symbol);
        page.line(&format!("    {symbol} {}", cell.id));
        let command = summary::repro_command(cell);
        page.unbroken(6, &format!("{}: {command}", page.say(WORDS.reproduce)));
    }
}
