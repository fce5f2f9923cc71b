//! The runs of a growing site, oldest first.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::fs;
use std::io::Read;
use std::path::Path;

use flate2::read::GzDecoder;
use jiff::Timestamp;
use ring::digest::{Context, SHA256};

use crate::diff::{Diff, Kind, diff};
use crate::file::{self, Action};
use crate::html::view::Total;
use crate::json;
use crate::model::{CaseRecord, Cell, LabRecord, Run, Tool, Vendor};

use super::super::Error;
use super::super::folder::MARKER;
use super::super::marks::totals;
use super::Digest;

/// The record of a run without what only the pages of its cells tell.
pub(super) const SUMMARY: &str = "summary.json.gz";
/// Runs of which every cell is shown beside those of the others.
const RECENT: usize = 8;
/// Octets of an unpacked summary.
const LARGEST: u64 = 1 << 30;

/// What is told of all runs.
#[derive(Default)]
pub(super) struct Shelf {
    /// Oldest first.
    pub(super) runs: Vec<Facts>,
    /// The latest runs with their cells, oldest first.
    pub(super) recent: Vec<Recent>,
    /// Every case that a run had, as the latest of them had it, in the order of their appearance.
    cases: Vec<CaseRecord>,
}

/// What is told of a run of any age.
pub(super) struct Facts {
    pub(super) name: String,
    pub(super) started: Timestamp,
    pub(super) complete: bool,
    pub(super) tool: Tool,
    pub(super) lab: LabRecord,
    pub(super) vendors: Vec<Vendor>,
    pub(super) totals: Vec<Total>,
    /// How many cells changed against the run before, by kinds; none for the first run.
    pub(super) changes: Option<Vec<(Kind, usize)>>,
}

/// A run with its cells.
pub(super) struct Recent {
    pub(super) name: String,
    pub(super) run: Run,
    /// Positions in `run.cells` by the cell's id.
    at: HashMap<String, usize>,
}

impl Recent {
    pub(super) fn cell(&self, id: &str) -> Option<&Cell> {
        self.run.cells.get(*self.at.get(id)?)
    }
}

impl Shelf {
    /// Adds a run that is younger than all before; gives what it changed.
    pub(super) fn add(&mut self, name: String, run: Run) -> Option<Diff> {
        let change = self.recent.last().map(|before| diff(&before.run, &run));
        for case in &run.cases {
            match self.cases.iter_mut().find(|known| known.id == case.id) {
                Some(known) => known.clone_from(case),
                None => self.cases.push(case.clone()),
            }
        }
        self.runs.push(Facts {
            name: name.clone(),
            started: run.started,
            complete: run.complete,
            tool: run.tool.clone(),
            lab: run.lab.clone(),
            vendors: run.vendors.clone(),
            totals: totals(run.cells.iter()),
            changes: change.as_ref().map(counts),
        });
        if self.recent.len() == RECENT {
            self.recent.remove(0);
        }
        let ids = run.cells.iter().enumerate();
        self.recent.push(Recent {
            name,
            at: ids.map(|(at, cell)| (cell.id.clone(), at)).collect(),
            run,
        });
        change
    }

    pub(super) fn cases(&self) -> impl Iterator<Item = &CaseRecord> {
        self.cases.iter()
    }
}

fn counts(change: &Diff) -> Vec<(Kind, usize)> {
    let count = |kind| change.cells.iter().filter(|cell| cell.kind == kind).count();
    let counts = Kind::ALL.map(|kind| (kind, count(kind)));
    counts.into_iter().filter(|(_, count)| *count > 0).collect()
}

/// The folder of a run: when it began, so that names are in order, and the beginning of its digest,
/// so that no two runs share one.
pub(super) fn name_of(run: &Run) -> Result<String, Error> {
    let mut digest = Digest(Context::new(&SHA256));
    serde_json::to_writer(&mut digest, run)?;
    let mut name = run.started.strftime("%Y%m%dT%H%M%SZ-").to_string();
    for octet in digest.0.finish().as_ref().iter().take(4) {
        // Writing to a string cannot fail.
        let _ = write!(name, "{octet:02x}");
    }
    Ok(name)
}

/// The record as the pages above the runs need it.
pub(super) fn summary(run: &Run) -> Run {
    let mut run = run.clone();
    run.comparison = None;
    run.inputs = None;
    for cell in &mut run.cells {
        cell.observations.clear();
        cell.stages.clear();
        cell.evidence = None;
        for one in &mut cell.tries {
            one.evidence = None;
            one.cause = None;
        }
        if let Some(cause) = &mut cell.cause {
            cause.proof.clear();
            cause.contradictions.clear();
        }
    }
    run
}

/// The names of the runs, oldest first.
pub(super) fn names(runs: &Path) -> Result<Vec<String>, Error> {
    let failed = |reason| file::Error::new(Action::Read, runs, reason);
    let mut names = Vec::new();
    for entry in fs::read_dir(runs).map_err(failed)? {
        let name = entry.map_err(failed)?.file_name();
        // A hidden one is a run in the making.
        if let Some(name) = name.to_str().filter(|name| !name.starts_with('.')) {
            names.push(name.to_owned());
        }
    }
    names.sort_unstable();
    Ok(names)
}

/// Whether the folder was made by [`super::publish`]: it has such a name, or the mark of a site.
pub(super) fn is_published(name: &str, place: &Path) -> bool {
    is_name(name) || place.join(MARKER).is_file()
}

/// Whether [`name_of`] makes such names: `20260604T030201Z-0a1b2c3d`.
pub(super) fn is_name(name: &str) -> bool {
    let digits = |text: &str, count| {
        text.len() == count && text.bytes().all(|byte| byte.is_ascii_hexdigit())
    };
    let parts = name.split_once("Z-");
    let parts = parts.and_then(|(date, digest)| Some((date.split_once('T')?, digest)));
    parts
        .is_some_and(|((day, time), digest)| digits(day, 8) && digits(time, 6) && digits(digest, 8))
}

pub(super) fn read(path: &Path) -> Result<Run, json::Error> {
    let mut text = String::new();
    GzDecoder::new(file::open(path, LARGEST)?)
        .take(LARGEST)
        .read_to_string(&mut text)
        .map_err(|reason| file::Error::new(Action::Read, path, reason))?;
    json::parse(path, &text)
}
