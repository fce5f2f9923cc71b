//! The table of a matrix, in as many panels as the width of the terminal demands.

use std::ops::Range;

use crate::escape;
use crate::layout::{pad, shorten, width};
use crate::matrix::{Direction, Folded, Mark, Matrix};
use crate::terminal::page::{Page, Style, outcome_style};
use crate::words::{BACK, BLANK, FORTH, MIRROR, WORDS};

const GAP: usize = 2;
/// Longest label of a row; the legend has the whole name.
const LONGEST_LABEL: usize = 24;

pub(super) fn print(page: &mut Page, matrix: &Matrix<'_>) {
    let grid = Grid::new(page, matrix);
    let mut first = 0;
    while first < grid.columns.len() {
        let panel = first..grid.end_of_panel(first, page.width());
        first = panel.end;
        grid.print_panel(page, panel);
        page.gap();
    }
}

/// A matrix whose labels and columns are settled.
struct Grid<'a> {
    matrix: &'a Matrix<'a>,
    /// Labels of the blocks, all equally wide.
    vendors: Vec<String>,
    /// Labels of the rows of a block, all equally wide.
    cases: Vec<String>,
    columns: Vec<Column>,
}

struct Column {
    head: String,
    width: usize,
    /// The cells from top to bottom, as wide as the column.
    cells: Vec<String>,
}

impl<'a> Grid<'a> {
    /// Names the columns in full where that fits, and else numbers vendors in rows and columns.
    fn new(page: &Page, matrix: &'a Matrix<'a>) -> Self {
        let names: Vec<_> = matrix
            .vendors
            .iter()
            .map(|vendor| label(vendor.name.in_lang(page.lang())))
            .collect();
        let named = Self::with_heads(page, matrix, names.clone(), names.clone());
        if named.end_of_panel(0, page.width()) == names.len() {
            return named;
        }
        let digits = names.len().to_string().len();
        let numbered = names.iter().zip(1..);
        Self::with_heads(
            page,
            matrix,
            numbered
                .map(|(name, number)| format!("{number:digits$} {name}"))
                .collect(),
            (1..=names.len()).map(|number| number.to_string()).collect(),
        )
    }

    fn with_heads(
        page: &Page,
        matrix: &'a Matrix<'a>,
        vendors: Vec<String>,
        heads: Vec<String>,
    ) -> Self {
        let cases = matrix.blocks.first().map_or(&[][..], |block| &block.rows);
        let cases = cases.iter().map(|row| label(&row.case.abbreviation));
        let cases: Vec<_> = cases.collect();
        let columns = heads.into_iter().enumerate().map(|(at, head)| {
            let rows = matrix.blocks.iter().flat_map(|block| &block.rows);
            Column::new(page, head, rows.map(|row| &row.cells[at]))
        });
        Self {
            matrix,
            columns: columns.collect(),
            vendors: aligned(page.say(WORDS.vendor), vendors),
            cases: aligned(page.say(WORDS.case), cases),
        }
    }

    /// The first column that does not fit beside `first` any more.
    fn end_of_panel(&self, first: usize, page_width: usize) -> usize {
        let mut used = self.labels_width();
        let fits = |column: &&Column| {
            used += GAP + column.width;
            used <= page_width
        };
        let fitting = self.columns[first..].iter().take_while(fits).count();
        first + fitting.max(1)
    }

    fn labels_width(&self) -> usize {
        let widest = |labels: &[String]| labels.first().map_or(0, |label| width(label));
        widest(&self.vendors) + GAP + widest(&self.cases)
    }

    fn print_panel(&self, page: &mut Page, panel: Range<usize>) {
        let columns = &self.columns[panel.clone()];
        let gap = pad("", GAP);
        let line = |labels: [&str; 2], cells: &mut dyn Iterator<Item = String>| {
            let mut line = labels.join(&gap);
            for cell in cells {
                line.push_str(&gap);
                line.push_str(&cell);
            }
            line
        };
        let [vendor_head, vendors @ ..] = &*self.vendors else {
            return;
        };
        let [case_head, cases @ ..] = &*self.cases else {
            return;
        };
        let mut heads = columns.iter().map(|column| pad(&column.head, column.width));
        let head = line([vendor_head, case_head], &mut heads);
        page.line(&page.paint(Style::Title, head.trim_end()));
        page.line(&"-".repeat(width(head.trim_end())));
        // Above its first column a panel has nothing but mirrors.
        for (block, vendor) in vendors.iter().enumerate().skip(panel.start) {
            for (row, case) in cases.iter().enumerate() {
                let vendor = if row == 0 {
                    vendor
                } else {
                    &pad("", width(vendor))
                };
                let at = block * cases.len() + row;
                let mut cells = columns.iter().map(|column| column.cells[at].clone());
                page.line(&line([vendor, case], &mut cells));
            }
            let last = block + 1 == self.matrix.blocks.len();
            if cases.len() > 1 && !last {
                page.gap();
            }
        }
    }
}

impl Column {
    fn new<'a>(
        page: &Page,
        head: String,
        cells: impl Iterator<Item = &'a Folded<'a>> + Clone,
    ) -> Self {
        let texts: Vec<_> = cells.map(|cell| CellText::new(page, cell)).collect();
        let widest = texts.iter().map(|text| width(&text.plain)).max();
        let width = widest.unwrap_or(0).max(width(&head));
        Self {
            cells: texts.iter().map(|text| text.padded(width)).collect(),
            head,
            width,
        }
    }
}

/// A cell as it is measured, and as it is printed.
struct CellText {
    plain: String,
    painted: String,
}

impl CellText {
    fn new(page: &Page, cell: &Folded<'_>) -> Self {
        let faint = |mark: &str| Self {
            plain: mark.to_owned(),
            painted: page.paint(Style::Faint, mark),
        };
        let marks = match cell {
            Folded::Mirror => return faint(MIRROR),
            Folded::Blank => return faint(BLANK),
            Folded::Ended(marks) => marks,
        };
        let text = |mark: &Mark<'_>| {
            let arrow = match mark.direction {
                None => "",
                Some(Direction::Forth) => FORTH,
                Some(Direction::Back) => BACK,
            };
            format!("{}{arrow}", page.say(mark.outcome.symbol()))
        };
        let painted = |mark: &Mark<'_>| page.paint(outcome_style(mark.outcome), &text(mark));
        Self {
            plain: marks.iter().map(text).collect::<Vec<_>>().join(" "),
            painted: marks.iter().map(painted).collect::<Vec<_>>().join(" "),
        }
    }

    fn padded(&self, columns: usize) -> String {
        let fill = columns - width(&self.plain);
        format!("{}{:fill$}", self.painted, "")
    }
}

fn label(name: &str) -> String {
    shorten(&escape::visible(name, LONGEST_LABEL), LONGEST_LABEL)
}

/// The head and the labels below it, all as wide as the widest.
fn aligned(head: &str, labels: Vec<String>) -> Vec<String> {
    let all = [vec![head.to_owned()], labels].concat();
    let widest = all.iter().map(|label| width(label)).max().unwrap_or(0);
    all.iter().map(|label| pad(label, widest)).collect()
}
