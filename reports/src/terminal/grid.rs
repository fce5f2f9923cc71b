//! The table of a matrix, in as many panels as the width of the terminal demands.

use std::ops::Range;

use crate::escape;
use crate::layout::{pad, shorten, width};
use crate::matrix::{Direction, Folded, Mark, Matrix, Row};
use crate::terminal::page::{Page, Style, outcome_style};
use crate::text::Text;
use crate::words::{BACK, BLANK, FORTH, MIRROR, WORDS};

const GAP: usize = 2;
/// Longest name of a vendor; the legend has the whole name.
const LONGEST_LABEL: usize = 24;
/// Longest title of a case that heads a row.
const LONGEST_TITLE: usize = 32;

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
    /// What stands before the cells: labels of the blocks, then those of the rows.
    blocks: Vec<Labels>,
    rows: Labels,
    columns: Vec<Column>,
}

/// How much is said beside the cells.
#[derive(Clone, Copy)]
struct Form {
    /// Vendors are numbered in rows and columns, and the columns have numbers only.
    numbered: bool,
    /// Rows have the titles of their cases.
    titled: bool,
}

/// From the most telling form to the narrowest.
const FORMS: [Form; 3] = [
    Form {
        numbered: false,
        titled: true,
    },
    Form {
        numbered: false,
        titled: false,
    },
    Form {
        numbered: true,
        titled: false,
    },
];

impl<'a> Grid<'a> {
    /// The first form in which all columns stand beside each other, or else the narrowest.
    fn new(page: &Page, matrix: &'a Matrix<'a>) -> Self {
        let [first, other_forms @ ..] = FORMS;
        let mut grid = Self::in_form(page, matrix, first);
        for form in other_forms {
            if grid.end_of_panel(0, page.width()) == grid.columns.len() {
                break;
            }
            grid = Self::in_form(page, matrix, form);
        }
        grid
    }

    fn in_form(page: &Page, matrix: &'a Matrix<'a>, form: Form) -> Self {
        let texts = |labels: Vec<&Text>| -> Vec<String> {
            let text = |label: &Text| shown(label.in_lang(page.lang()), LONGEST_LABEL);
            labels.into_iter().map(text).collect()
        };
        let names = texts(matrix.vendors.iter().map(|vendor| &vendor.name).collect());
        let nothing = Text::same("");
        let bases = matrix.vendors.iter();
        let bases = texts(
            bases
                .map(|vendor| vendor.basis.as_ref().unwrap_or(&nothing))
                .collect(),
        );
        let has_bases = bases.iter().any(|basis| !basis.is_empty());

        let heads: Vec<Vec<String>> = if form.numbered {
            let numbers = 1..=names.len();
            numbers.map(|number| vec![number.to_string()]).collect()
        } else if has_bases {
            let heads = names.iter().cloned().zip(bases.iter().cloned());
            heads.map(|(name, basis)| vec![name, basis]).collect()
        } else {
            names.iter().map(|name| vec![name.clone()]).collect()
        };
        let columns = heads.into_iter().enumerate().map(|(at, head)| {
            let rows = matrix.blocks.iter().flat_map(|block| &block.rows);
            Column::new(page, head, rows.map(|row| &row.cells[at]))
        });
        let columns = columns.collect();

        let names = if form.numbered {
            numbered(names)
        } else {
            names
        };
        let mut blocks = vec![Labels::new(page.say(WORDS.vendor), names)];
        if has_bases {
            blocks.push(Labels::new(page.say(WORDS.basis), bases));
        }
        Self {
            matrix,
            blocks,
            rows: rows(page, matrix, form.titled),
            columns,
        }
    }

    /// The first column that does not fit beside `first` any more.
    fn end_of_panel(&self, first: usize, page_width: usize) -> usize {
        let labels = self.blocks.iter().chain([&self.rows]);
        let mut used: usize = labels.map(|labels| labels.width + GAP).sum();
        used = used.saturating_sub(GAP);
        let fits = |column: &&Column| {
            used += GAP + column.width;
            used <= page_width
        };
        let fitting = self.columns[first..].iter().take_while(fits).count();
        first + fitting.max(1)
    }

    fn print_panel(&self, page: &mut Page, panel: Range<usize>) {
        let columns = &self.columns[panel.clone()];
        self.print_heads(page, columns);
        let (blocks, rows) = (self.matrix.blocks.len(), self.rows.lines.len());
        // Above its first column a panel has nothing but mirrors.
        for block in panel.start..blocks {
            for (row, case) in self.rows.lines.iter().enumerate() {
                let of_block = self.blocks.iter().map(|labels| match row {
                    0 => labels.lines[block].clone(),
                    _ => pad("", labels.width),
                });
                let mut line: Vec<String> = of_block.chain([case.clone()]).collect();
                let at = block * rows + row;
                line.extend(columns.iter().map(|column| column.cells[at].clone()));
                page.line(&beside(&line));
            }
            if rows > 1 && block + 1 < blocks {
                page.gap();
            }
        }
    }

    fn print_heads(&self, page: &mut Page, columns: &[Column]) {
        let depth = columns.iter().map(|column| column.head.len()).max();
        let mut underline = 0;
        for depth in 0..depth.unwrap_or(0) {
            let labels = self.blocks.iter().chain([&self.rows]);
            let labels = labels.map(|labels| match depth {
                0 => pad(&labels.head, labels.width),
                _ => pad("", labels.width),
            });
            let heads = columns.iter().map(|column| {
                let head = column.head.get(depth).map_or("", String::as_str);
                pad(head, column.width)
            });
            let line: Vec<String> = labels.chain(heads).collect();
            let line = beside(&line);
            underline = underline.max(width(line.trim_end()));
            page.line(&page.paint(Style::Title, line.trim_end()));
        }
        page.line(&"-".repeat(underline));
    }
}

/// One label for each row: the way to authenticate in full where the cases are such, and else the
/// short name of the case.
fn rows(page: &Page, matrix: &Matrix<'_>, titled: bool) -> Labels {
    let rows = matrix.blocks.first().map_or(&[][..], |block| &block.rows);
    let methods = matrix.compares_methods();
    let label = |row: &Row<'_>| {
        if methods && titled {
            shown(row.case.title.in_lang(page.lang()), LONGEST_TITLE)
        } else {
            shown(&row.case.abbreviation, LONGEST_LABEL)
        }
    };
    let head = if methods { WORDS.method } else { WORDS.case };
    Labels::new(page.say(head), rows.iter().map(label).collect())
}

fn numbered(names: Vec<String>) -> Vec<String> {
    let digits = names.len().to_string().len();
    let numbered = names.iter().zip(1..);
    numbered
        .map(|(name, number)| format!("{number:digits$} {name}"))
        .collect()
}

/// A column of labels before the cells.
struct Labels {
    head: String,
    width: usize,
    /// As wide as the column.
    lines: Vec<String>,
}

impl Labels {
    fn new(head: &str, lines: Vec<String>) -> Self {
        let widest = lines.iter().map(|line| width(line)).max();
        let width = widest.unwrap_or(0).max(width(head));
        Self {
            head: head.to_owned(),
            width,
            lines: lines.iter().map(|line| pad(line, width)).collect(),
        }
    }
}

struct Column {
    /// One line or more.
    head: Vec<String>,
    width: usize,
    /// The cells from top to bottom, as wide as the column.
    cells: Vec<String>,
}

impl Column {
    fn new<'a>(
        page: &Page,
        head: Vec<String>,
        cells: impl Iterator<Item = &'a Folded<'a>> + Clone,
    ) -> Self {
        let texts: Vec<_> = cells.map(|cell| CellText::new(page, cell)).collect();
        let widths = texts.iter().map(|text| width(&text.plain));
        let widths = widths.chain(head.iter().map(|line| width(line)));
        let width = widths.max().unwrap_or(0);
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
            let tally = mark
                .tally
                .map_or_else(String::new, |tally| tally.to_string());
            format!("{}{tally}{arrow}", page.say(mark.outcome.symbol()))
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

/// A text of the record, safe and not too long.
fn shown(text: &str, longest: usize) -> String {
    shorten(&escape::visible(text, longest), longest)
}

fn beside(pieces: &[String]) -> String {
    pieces.join(&pad("", GAP))
}
