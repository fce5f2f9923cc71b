//! The page of a vendor: its profile, its exact versions, and what works with whom.

use serde::Serialize;

use crate::html::view::{Beginning, MOST_PACKAGES, Total};
use crate::model::{Package, Vendor};
use crate::text::Text;

use super::Error;
use super::case::Head;
use super::marks::{ABOVE as ROOT, Place, case_path, totals};
use super::pages::Pages;
use super::source::Source;

pub(super) fn page(pages: &Pages, source: &Source<'_>, vendor: &Vendor) -> Result<Vec<u8>, Error> {
    let run = source.run;
    let has = |id: &str| *id == vendor.id;
    let cells = run
        .cells
        .iter()
        .filter(|cell| has(&cell.initiator) || has(&cell.responder));
    let rows = run.cases.iter().map(|case| {
        let place = |peer: &Vendor| {
            let forth = source.cell(&case.id, &vendor.id, &peer.id);
            if has(&peer.id) {
                return Place::single(source, ROOT, forth);
            }
            let back = source.cell(&case.id, &peer.id, &vendor.id);
            Place::both(source, ROOT, forth, back)
        };
        Row {
            title: &case.title,
            address: format!("{ROOT}{}", case_path(&case.id)),
            places: run.vendors.iter().map(place).collect(),
        }
    });
    let view = View {
        vendor,
        packages: Beginning::of(&vendor.packages, MOST_PACKAGES, |package| package),
        totals: totals(cells),
        heads: run.vendors.iter().map(Head::new).collect(),
        rows: rows.collect(),
        profile: source.input(&format!("vendor-profiles/{}/profile.toml", vendor.id)),
    };
    pages.render("vendor.html", ROOT, &vendor.id, &view)
}

#[derive(Serialize)]
struct View<'run> {
    vendor: &'run Vendor,
    packages: Beginning<&'run Package>,
    totals: Vec<Total>,
    heads: Vec<Head<'run>>,
    /// One for each case.
    rows: Vec<Row<'run>>,
    /// The profile as data, where the run kept it.
    profile: Option<Vec<String>>,
}

#[derive(Serialize)]
struct Row<'run> {
    title: &'run Text,
    address: String,
    places: Vec<Place>,
}
