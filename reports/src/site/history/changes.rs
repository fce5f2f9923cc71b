//! What a run changed against the one before.

use serde::Serialize;

use crate::diff::{Change, Diff, Ending, Kind};
use crate::html::view::time;
use crate::model::Outcome;
use crate::text::{Text, Words};

use super::super::Error;
use super::super::marks::ABOVE as ROOT;
use super::super::pages::Pages;
use super::RUNS;

pub(super) fn path(run: &str) -> String {
    format!("changes/{run}.html")
}

pub(super) fn page(pages: &Pages, run: &str, change: &Diff) -> Result<Vec<u8>, Error> {
    let view = View {
        old: time(change.old.started),
        new: time(change.new.started),
        unchanged: change.unchanged,
        address: format!("{ROOT}{RUNS}/{run}/index.html"),
        groups: groups(change, &format!("{ROOT}{RUNS}/{run}/")),
    };
    pages.render("changes.html", ROOT, run, &view)
}

#[derive(Serialize)]
struct View {
    old: String,
    new: String,
    unchanged: usize,
    /// Of the run.
    address: String,
    groups: Vec<Group>,
}

/// The cells to which the same happened.
#[derive(Serialize)]
struct Group {
    title: Words,
    meaning: Words,
    count: usize,
    cells: Vec<Line>,
}

#[derive(Serialize)]
struct Line {
    id: String,
    /// Its page in the new run; none when it is gone.
    address: Option<String>,
    old: Option<End>,
    new: Option<End>,
    sentence: Option<Text>,
}

#[derive(Serialize)]
struct End {
    outcome: Outcome,
    symbol: Words,
    name: Words,
}

/// The changes by kinds, the worst first. `site` is the address of the run's site.
fn groups(change: &Diff, site: &str) -> Vec<Group> {
    let of = |kind: Kind| {
        let cells = change.cells.iter().filter(|cell| cell.kind == kind);
        let cells: Vec<Line> = cells.map(|cell| Line::new(cell, site)).collect();
        (!cells.is_empty()).then(|| Group {
            title: kind.title(),
            meaning: kind.meaning(),
            count: cells.len(),
            cells,
        })
    };
    Kind::ALL.into_iter().filter_map(of).collect()
}

impl Line {
    fn new(change: &Change, site: &str) -> Self {
        let Change {
            id,
            case,
            initiator,
            responder,
            ..
        } = change;
        let cause = change.new.as_ref().and_then(|end| end.cause.as_ref());
        Self {
            id: id.clone(),
            address: change
                .new
                .is_some()
                .then(|| format!("{site}cells/{case}/{initiator}/{responder}.html")),
            old: change.old.as_ref().map(End::new),
            new: change.new.as_ref().map(End::new),
            sentence: cause.map(|cause| cause.sentence.clone()),
        }
    }
}

impl End {
    fn new(ending: &Ending) -> Self {
        Self {
            outcome: ending.outcome,
            symbol: ending.outcome.symbol(),
            name: ending.outcome.name(),
        }
    }
}
