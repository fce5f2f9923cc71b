//! The matrix of a case over time: how each ordered pairing ended last, and since when.

use serde::Serialize;

use crate::model::{CaseRecord, Outcome, Vendor};
use crate::text::{Lang, Text, Words};

use super::super::Error;
use super::super::marks::{ABOVE as ROOT, cell_path};
use super::super::pages::Pages;
use super::RUNS;
use super::shelf::{Recent, Shelf};

/// Earlier outcomes of a pairing that are shown.
const MOST_EARLIER: usize = 4;

pub(super) fn path(case: &CaseRecord) -> String {
    format!("cases/{}.html", case.id)
}

pub(super) fn page(pages: &Pages, shelf: &Shelf, case: &CaseRecord) -> Result<Vec<u8>, Error> {
    let vendors = vendors(shelf, case);
    let rows = vendors.iter().map(|initiator| Row {
        vendor: initiator,
        places: vendors
            .iter()
            .map(|responder| Trail::new(shelf, case, initiator, responder))
            .collect(),
    });
    let view = View {
        case,
        runs: shelf.recent.len(),
        rows: rows.collect(),
        vendors: vendors.clone(),
    };
    pages.render("over_time.html", ROOT, &case.id, &view)
}

#[derive(Serialize)]
struct View<'a> {
    case: &'a CaseRecord,
    /// How many runs the matrix looks back on.
    runs: usize,
    vendors: Vec<&'a Vendor>,
    rows: Vec<Row<'a>>,
}

#[derive(Serialize)]
struct Row<'a> {
    vendor: &'a Vendor,
    places: Vec<Trail>,
}

/// How a pairing ended in one run after the other, of equal outcomes the first, latest first.
#[derive(Serialize)]
struct Trail {
    ends: Vec<End>,
}

#[derive(Serialize)]
struct End {
    outcome: Outcome,
    symbol: Words,
    address: String,
    label: Text,
}

/// The vendors that have the case in a recent run, as the latest of them had them.
fn vendors<'a>(shelf: &'a Shelf, case: &CaseRecord) -> Vec<&'a Vendor> {
    let mut vendors: Vec<&Vendor> = Vec::new();
    for recent in shelf.recent.iter().rev() {
        if recent.run.cases.iter().any(|one| one.id == case.id) {
            for vendor in &recent.run.vendors {
                if !vendors.iter().any(|known| known.id == vendor.id) {
                    vendors.push(vendor);
                }
            }
        }
    }
    vendors
}

impl Trail {
    fn new(shelf: &Shelf, case: &CaseRecord, initiator: &Vendor, responder: &Vendor) -> Self {
        let id = format!("{}/{}:{}", case.id, initiator.id, responder.id);
        let mut ends: Vec<End> = Vec::new();
        for recent in &shelf.recent {
            let Some(cell) = recent.cell(&id) else {
                continue;
            };
            let since = End::new(recent, cell, initiator, responder);
            match ends.last_mut() {
                // The page of the latest run is the one to read, and the date is that of the first.
                Some(last) if last.outcome == cell.outcome => last.address = since.address,
                Some(_) | None => ends.push(since),
            }
        }
        ends.reverse();
        ends.truncate(MOST_EARLIER + 1);
        Self { ends }
    }
}

impl End {
    fn new(
        recent: &Recent,
        cell: &crate::model::Cell,
        initiator: &Vendor,
        responder: &Vendor,
    ) -> Self {
        let date = recent.run.started.strftime("%Y-%m-%d");
        let label = |lang: Lang| {
            let (from, to) = (initiator.name.in_lang(lang), responder.name.in_lang(lang));
            let outcome = cell.outcome.name().in_lang(lang);
            match lang {
                Lang::En => format!("{outcome} since {date}: {from} → {to}"),
                Lang::Ja => format!("{outcome}（{date} から）: {from} → {to}"),
            }
        };
        Self {
            outcome: cell.outcome,
            symbol: cell.outcome.symbol(),
            address: format!("{ROOT}{RUNS}/{}/{}", recent.name, cell_path(cell)),
            label: Text::new(label(Lang::En), label(Lang::Ja)),
        }
    }
}
