//! The page of a case: what it rests on, how it is judged, and its matrix in both directions.

use serde::Serialize;

use crate::html::view::Total;
use crate::model::{CaseRecord, Vendor};

use super::Error;
use super::marks::{ABOVE as ROOT, Place, totals, vendor_path};
use super::pages::Pages;
use super::source::Source;

pub(super) fn page(
    pages: &Pages,
    source: &Source<'_>,
    case: &CaseRecord,
) -> Result<Vec<u8>, Error> {
    let vendors = &source.run.vendors;
    let cells = source.run.cells.iter().filter(|cell| cell.case == case.id);
    let rows = vendors.iter().map(|initiator| Row {
        head: Head::new(initiator),
        places: vendors
            .iter()
            .map(|responder| {
                let cell = source.cell(&case.id, &initiator.id, &responder.id);
                Place::single(source, ROOT, cell)
            })
            .collect(),
    });
    let view = View {
        case,
        totals: totals(cells),
        heads: vendors.iter().map(Head::new).collect(),
        rows: rows.collect(),
        file: file_of(&case.id).and_then(|path| source.input(&path)),
    };
    pages.render("case.html", ROOT, &case.id, &view)
}

/// `auth.psk` is `cases/auth/psk.toml`.
fn file_of(id: &str) -> Option<String> {
    let (theme, name) = id.split_once('.')?;
    Some(format!("cases/{theme}/{name}.toml"))
}

#[derive(Serialize)]
struct View<'run> {
    case: &'run CaseRecord,
    totals: Vec<Total>,
    heads: Vec<Head<'run>>,
    /// One for each initiator.
    rows: Vec<Row<'run>>,
    /// The case as data, where the run kept it.
    file: Option<Vec<String>>,
}

#[derive(Serialize)]
struct Row<'run> {
    head: Head<'run>,
    places: Vec<Place>,
}

#[derive(Serialize)]
pub(super) struct Head<'run> {
    vendor: &'run Vendor,
    address: String,
}

impl<'run> Head<'run> {
    pub(super) fn new(vendor: &'run Vendor) -> Self {
        Self {
            vendor,
            address: format!("{ROOT}{}", vendor_path(&vendor.id)),
        }
    }
}
