//! The matrix and what did not pass, as text for a terminal.

mod compared;
mod details;
mod grid;
pub(crate) mod page;

use crate::matrix::{self, Folded};
use crate::model::Run;
use crate::summary;
use crate::terminal::page::{Page, outcome_style};
use crate::text::Lang;
use crate::words::{self, BACK, BLANK, FORTH, MIRROR, WORDS};

/// How to print.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    pub lang: Lang,
    /// Whether the terminal understands ANSI colours. Nothing is said by colour alone.
    pub colour: bool,
    /// Columns of the terminal.
    pub width: usize,
}

/// The whole report: matrix, legend, totals, details for what did not pass, and last the comparison
/// with an expected matrix.
pub fn render(run: &Run, options: &Options) -> String {
    let mut page = Page::new(*options);
    heading(&mut page, run);
    let matrix = matrix::fold(run);
    grid::print(&mut page, &matrix);
    legend(&mut page, run, &matrix);
    totals(&mut page, run);
    details::print(&mut page, run);
    compared::print(&mut page, run);
    page.finish()
}

fn heading(page: &mut Page, run: &Run) {
    page.title(page.say(WORDS.title));
    let lab = &run.lab;
    page.paragraph(
        0,
        &format!(
            "{} {} · {} · {} {} ({} {}, {} {})",
            run.tool.name,
            run.tool.version,
            run.started.strftime("%Y-%m-%d %H:%M UTC"),
            page.say(WORDS.lab),
            lab.backend,
            page.say(WORDS.kernel),
            lab.kernel,
            page.say(WORDS.acceleration),
            lab.accel,
        ),
    );
    if let Some(selection) = &run.selection {
        let files = selection.files.join(", ");
        page.paragraph(0, &format!("{}: {files}", page.say(WORDS.changed_files)));
        let count = selection.left_out.len();
        page.paragraph(
            0,
            &format!(
                "{}: {count} {}",
                page.say(WORDS.left_out),
                page.say(words::cells(count))
            ),
        );
    }
    if !run.complete {
        page.warning(page.say(WORDS.interrupted));
    }
    page.gap();
}

/// Explains the marks that this matrix has, then what the short names of cases and vendors stand for.
fn legend(page: &mut Page, run: &Run, matrix: &matrix::Matrix<'_>) {
    page.title(page.say(WORDS.legend));
    for (outcome, count) in summary::totals(run) {
        if count > 0 {
            let symbol = page.say(outcome.symbol());
            page.entry(symbol, outcome_style(outcome), page.say(outcome.meaning()));
        }
    }
    let has = |folded: &Folded<'_>| matrix.cells().any(|cell| cell == folded);
    if has(&Folded::Blank) {
        let blank = if run.complete {
            WORDS.blank
        } else {
            WORDS.blank_interrupted
        };
        page.plain_entry(BLANK, page.say(blank));
    }
    if has(&Folded::Mirror) {
        page.plain_entry(MIRROR, page.say(WORDS.mirror));
    }
    let mut marks = matrix.cells().flat_map(Folded::marks);
    if marks.any(|mark| mark.direction.is_some()) {
        page.plain_entry(FORTH, page.say(WORDS.forth));
        page.plain_entry(BACK, page.say(WORDS.back));
        page.paragraph(2, page.say(WORDS.no_arrow));
    }
    for case in &run.cases {
        let title = case.title.in_lang(page.lang());
        page.plain_entry(
            &case.abbreviation,
            &format!("{title} ({}, {})", case.id, case.clause),
        );
    }
    for vendor in &run.vendors {
        let name = vendor.name.in_lang(page.lang());
        let (implementation, version) = (&vendor.implementation, &vendor.version);
        let daemon = format!("{implementation} {version}");
        // A plain stand-in bears the name of its daemon: saying it once is enough.
        if name.eq_ignore_ascii_case(&daemon) {
            page.plain_entry(&vendor.id, name);
        } else {
            page.plain_entry(&vendor.id, &format!("{name} ({daemon})"));
        }
    }
    page.gap();
}

fn totals(page: &mut Page, run: &Run) {
    let counts: Vec<_> = summary::totals(run)
        .into_iter()
        .map(|(outcome, count)| {
            let text = format!("{} {count}", page.say(outcome.name()));
            if count == 0 {
                text
            } else {
                page.paint(outcome_style(outcome), &text)
            }
        })
        .collect();
    page.line(&format!(
        "{} {} {}: {}",
        page.say(WORDS.total),
        run.cells.len(),
        page.say(words::cells(run.cells.len())),
        counts.join(", ")
    ));
}

#[cfg(test)]
mod tests;
