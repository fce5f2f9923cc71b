//! How much of anything a record may hold. A record of some megabytes could ask for pages without end:
//! a matrix grows with the square of its vendors.

use super::Error;
use crate::model::{Cell, Run};

/// Places of a matrix, filled or not: a hundred vendors in a hundred cases.
const MOST_PLACES: usize = 1_000_000;
const MOST_VENDORS: usize = 1_000;
const MOST_CASES: usize = 100_000;
/// Of the files that are named as changed, and of the cells that were left out for that.
const MOST_FILES: usize = 100_000;
/// Packages of an image: a whole distribution has some ten thousand.
const MOST_PACKAGES: usize = 10_000;
/// As many as a run tries a cell.
const MOST_TRIES: usize = 1_000;
/// Of what is told of one cell.
const MOST_OF_CELL: usize = 1_000;

/// What there can be too many of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plenty {
    Vendors,
    Cases,
    Places,
    ChangedFiles,
    LeftOut,
    Packages,
    Tries,
    Observations,
    Stages,
    Proofs,
    Contradictions,
}

pub(super) fn check(run: &Run) -> Result<(), Error> {
    let (vendors, cases) = (run.vendors.len(), run.cases.len());
    at_most(Plenty::Vendors, vendors, MOST_VENDORS)?;
    at_most(Plenty::Cases, cases, MOST_CASES)?;
    let places = vendors.saturating_mul(vendors).saturating_mul(cases);
    at_most(Plenty::Places, places, MOST_PLACES)?;
    for vendor in &run.vendors {
        at_most(Plenty::Packages, vendor.packages.len(), MOST_PACKAGES)?;
    }
    if let Some(selection) = &run.selection {
        at_most(Plenty::ChangedFiles, selection.files.len(), MOST_FILES)?;
        at_most(Plenty::LeftOut, selection.left_out.len(), MOST_PLACES)?;
    }
    run.cells.iter().try_for_each(check_cell)
}

fn check_cell(cell: &Cell) -> Result<(), Error> {
    at_most(Plenty::Tries, cell.tries.len(), MOST_TRIES)?;
    let of_cell = |what, count| at_most(what, count, MOST_OF_CELL);
    of_cell(Plenty::Observations, cell.observations.len())?;
    of_cell(Plenty::Stages, cell.stages.len())?;
    let causes = cell.tries.iter().map(|one| &one.cause);
    for cause in causes.chain([&cell.cause]).flatten() {
        of_cell(Plenty::Proofs, cause.proof.len())?;
        of_cell(Plenty::Contradictions, cause.contradictions.len())?;
    }
    Ok(())
}

fn at_most(what: Plenty, count: usize, most: usize) -> Result<(), Error> {
    if count <= most {
        return Ok(());
    }
    Err(Error::TooMany { what, count, most })
}
