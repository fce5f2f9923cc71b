//! The first page of a growing site.

use serde::Serialize;

use crate::html::view::{Total, time};
use crate::model::{CaseRecord, Vendor};
use crate::text::{Text, Words};

use super::super::Error;
use super::super::pages::Pages;
use super::shelf::{Facts, Shelf};
use super::{RUNS, case, changes};

/// Runs whose versions stand beside each other.
const COLUMNS: usize = 8;
/// A latest run that is older than this, in days, is called old.
const OLD: u32 = 90;

pub(super) fn page(pages: &Pages, shelf: &Shelf) -> Result<Vec<u8>, Error> {
    let shown = shelf.runs.len().saturating_sub(COLUMNS);
    let columns = shelf.runs.get(shown..).unwrap_or_default();
    let view = View {
        old: OLD,
        runs: shelf.runs.iter().rev().map(RunRow::new).collect(),
        cases: shelf
            .cases()
            .map(|case| CaseRow {
                address: case::path(case),
                case,
            })
            .collect(),
        columns: columns.iter().rev().map(date).collect(),
        versions: versions(columns),
    };
    pages.render("history.html", "", "ikematrix", &view)
}

#[derive(Serialize)]
struct View<'a> {
    /// Days after which the latest run is called old.
    old: u32,
    /// Latest first.
    runs: Vec<RunRow<'a>>,
    cases: Vec<CaseRow<'a>>,
    /// Dates of the runs whose versions are shown, latest first.
    columns: Vec<String>,
    versions: Vec<VersionRow<'a>>,
}

#[derive(Serialize)]
struct RunRow<'a> {
    address: String,
    started: String,
    /// As a machine reads it, for the age.
    moment: String,
    complete: bool,
    program: String,
    lab: String,
    totals: &'a [Total],
    /// Absent for the first run.
    changes: Option<Changes>,
}

#[derive(Serialize)]
struct Changes {
    address: String,
    counts: Vec<Count>,
}

#[derive(Serialize)]
struct Count {
    title: Words,
    count: usize,
}

#[derive(Serialize)]
struct CaseRow<'a> {
    address: String,
    case: &'a CaseRecord,
}

/// The versions of a vendor's daemon in one run after the other.
#[derive(Serialize)]
struct VersionRow<'a> {
    id: &'a str,
    name: &'a Text,
    versions: Vec<Version>,
}

#[derive(Serialize)]
struct Version {
    software: String,
    /// Of its packages.
    packages: String,
    /// Unlike that of the run before.
    changed: bool,
}

impl<'a> RunRow<'a> {
    fn new(run: &'a Facts) -> Self {
        let changes = run.changes.as_ref().map(|counts| Changes {
            address: changes::path(&run.name),
            counts: counts
                .iter()
                .map(|(kind, count)| Count {
                    title: kind.title(),
                    count: *count,
                })
                .collect(),
        });
        Self {
            address: format!("{RUNS}/{}/index.html", run.name),
            started: time(run.started),
            moment: run.started.to_string(),
            complete: run.complete,
            program: format!("{} {}", run.tool.name, run.tool.version),
            lab: format!("{} ({})", run.lab.backend, run.lab.kernel),
            totals: &run.totals,
            changes,
        }
    }
}

fn date(run: &Facts) -> String {
    run.started.strftime("%Y-%m-%d").to_string()
}

/// A row for every vendor of these runs, which are given oldest first; the latest run comes first.
fn versions(runs: &[Facts]) -> Vec<VersionRow<'_>> {
    let mut vendors: Vec<&Vendor> = Vec::new();
    for vendor in runs.iter().rev().flat_map(|run| &run.vendors) {
        if !vendors.iter().any(|known| known.id == vendor.id) {
            vendors.push(vendor);
        }
    }
    let row = |vendor: &'_ Vendor| {
        let of_run = |run: &Facts| {
            let here = run.vendors.iter().find(|one| one.id == vendor.id);
            here.map_or((String::new(), String::new()), spelled)
        };
        let spelled: Vec<(String, String)> = runs.iter().map(of_run).collect();
        let changed = |at: usize| {
            let before = at.checked_sub(1).and_then(|at| spelled.get(at));
            before.is_some_and(|before| Some(before) != spelled.get(at))
        };
        let versions = spelled
            .iter()
            .enumerate()
            .map(|(at, (software, packages))| Version {
                software: software.clone(),
                packages: packages.clone(),
                changed: changed(at),
            });
        let mut versions: Vec<Version> = versions.collect();
        versions.reverse();
        versions
    };
    vendors
        .into_iter()
        .map(|vendor| VersionRow {
            id: &vendor.id,
            name: &vendor.name,
            versions: row(vendor),
        })
        .collect()
}

/// Daemon and version, and the versions of its packages, each once.
fn spelled(vendor: &Vendor) -> (String, String) {
    let mut packages: Vec<&str> = vendor
        .packages
        .iter()
        .map(|package| package.version.as_str())
        .collect();
    packages.sort_unstable();
    packages.dedup();
    (
        format!("{} {}", vendor.implementation, vendor.version),
        packages.join(", "),
    )
}
