//! The first page: what was tried, and how it ended.

use std::collections::HashMap;

use serde::Serialize;

use crate::html::view::{ComparisonView, Mention, Total, legend, time};
use crate::matrix::{self, Block};
use crate::model::{Cell, Run, Vendor};
use crate::seal::Signer;
use crate::summary;
use crate::text::{Text, Words};

use super::marks::{Place, case_path, cell_path, totals, vendor_path};
use super::others;
use super::pages::Pages;
use super::source::Source;
use super::{Error, RECORD};

/// From this page to the folder of the site.
const ROOT: &str = "";
/// A matrix with more places than this would take seconds to open: it shows the methods alone.
const MOST_PLACES: usize = 4000;
/// With more columns than this their heads stand upright.
const CROWDED: usize = 8;

pub(super) fn page(pages: &Pages, source: &Source<'_>) -> Result<Vec<u8>, Error> {
    let run = source.run;
    let date = run.started.strftime("%Y-%m-%d %H:%M UTC").to_string();
    pages.render("overview.html", ROOT, &date, &View::new(source))
}

#[derive(Serialize)]
struct View<'run> {
    run: &'run Run,
    started: String,
    /// As a machine reads it, for the age.
    moment: String,
    finished: String,
    sealed: bool,
    /// The fingerprint of the key that signed the seal.
    signer: Option<String>,
    totals: Vec<Total>,
    legend: Vec<Mention>,
    blocks: Vec<BlockView<'run>>,
    columns: Vec<Column<'run>>,
    /// The cases of the matrix are methods of authentication.
    methods: bool,
    /// They are called by their titles: there are few, or they stand there once.
    titled: bool,
    crowded: bool,
    comparison: Option<ComparisonView<'run>>,
    causes: Vec<Group>,
    cases: Vec<CaseRow<'run>>,
    others: &'static str,
    record: &'static str,
}

/// The rows of one vendor.
#[derive(Serialize)]
struct BlockView<'run> {
    vendor: &'run Vendor,
    address: String,
    rows: Vec<Row<'run>>,
}

#[derive(Serialize)]
struct Row<'run> {
    title: &'run Text,
    abbreviation: &'run str,
    address: String,
    places: Vec<Place>,
}

/// A vendor above its column, and in the list of all.
#[derive(Serialize)]
struct Column<'run> {
    vendor: &'run Vendor,
    address: String,
    totals: Vec<Total>,
}

/// What did not pass, for one cause.
#[derive(Serialize)]
struct Group {
    symbol: Words,
    outcome: crate::model::Outcome,
    title: Words,
    /// Of the cause, for the filter.
    code: &'static str,
    count: usize,
}

#[derive(Serialize)]
struct CaseRow<'run> {
    id: &'run str,
    title: &'run Text,
    clause: &'run str,
    address: String,
    totals: Vec<Total>,
}

impl<'run> View<'run> {
    fn new(source: &Source<'run>) -> Self {
        let run = source.run;
        let all = run.vendors.len().pow(2).saturating_mul(run.cases.len());
        let matrix = matrix::fold_cases(run, |case| {
            all <= MOST_PLACES || case.id.starts_with("auth.")
        });
        let of_case = by(run, |cell| [Some(&*cell.case), None]);
        let of_vendor = by(run, |cell| {
            let peer = (cell.initiator != cell.responder).then_some(&*cell.responder);
            [Some(&*cell.initiator), peer]
        });
        let address = |cell: &Cell| Some(cell_path(cell));
        Self {
            run,
            started: time(run.started),
            moment: run.started.to_string(),
            finished: time(run.finished),
            sealed: source.seal.is_some(),
            signer: source
                .seal
                .as_ref()
                .and_then(|seal| seal.signer.as_ref())
                .map(Signer::fingerprint),
            totals: totals(run.cells.iter()),
            legend: legend(run),
            methods: matrix.compares_methods(),
            titled: matrix.compares_methods() || matrix.blocks.len() == 1,
            blocks: matrix
                .blocks
                .iter()
                .map(|block| BlockView::new(source, block))
                .collect(),
            crowded: matrix.vendors.len() > CROWDED,
            columns: matrix
                .vendors
                .iter()
                .map(|vendor| Column {
                    vendor,
                    address: vendor_path(&vendor.id),
                    totals: counted(&of_vendor, &vendor.id),
                })
                .collect(),
            comparison: run
                .comparison
                .as_ref()
                .map(|comparison| ComparisonView::new(comparison, run, &address)),
            causes: summary::not_passed(run)
                .iter()
                .map(|group| Group {
                    symbol: group.outcome.symbol(),
                    outcome: group.outcome,
                    title: group.title(),
                    code: group.cause.map_or("", |(code, _)| code.as_str()),
                    count: group.cells.len(),
                })
                .collect(),
            cases: run
                .cases
                .iter()
                .map(|case| CaseRow {
                    id: &case.id,
                    title: &case.title,
                    clause: &case.clause,
                    address: case_path(&case.id),
                    totals: counted(&of_case, &case.id),
                })
                .collect(),
            others: others::PATH,
            record: RECORD,
        }
    }
}

/// The cells by up to two of their names.
fn by<'run>(
    run: &'run Run,
    names: impl Fn(&'run Cell) -> [Option<&'run str>; 2],
) -> HashMap<&'run str, Vec<&'run Cell>> {
    let mut cells: HashMap<&str, Vec<&Cell>> = HashMap::new();
    for cell in &run.cells {
        for name in names(cell).into_iter().flatten() {
            cells.entry(name).or_default().push(cell);
        }
    }
    cells
}

fn counted(cells: &HashMap<&str, Vec<&Cell>>, name: &str) -> Vec<Total> {
    totals(cells.get(name).into_iter().flatten().copied())
}

impl<'run> BlockView<'run> {
    fn new(source: &Source<'_>, block: &Block<'run>) -> Self {
        let rows = block.rows.iter().map(|row| Row {
            title: &row.case.title,
            abbreviation: &row.case.abbreviation,
            address: case_path(&row.case.id),
            places: row
                .cells
                .iter()
                .map(|folded| Place::folded(source, ROOT, folded))
                .collect(),
        });
        Self {
            vendor: block.vendor,
            address: vendor_path(&block.vendor.id),
            rows: rows.collect(),
        }
    }
}
