//! The file of an expected matrix: `ikematrix run --expect FILE`.

use std::collections::BTreeMap;
use std::path::Path;

use files::{Checks, Problems, Source, use_known};
use jiff::civil::Date;
use reports::expectation::{Citation, Expectation, Expected, ExpectedCell, ExpectedVendor};
use reports::text::Text;
use serde::Deserialize;
use toml::Spanned;

use crate::digest::sha256;
use crate::project::Project;

#[cfg(test)]
mod tests;

/// Loads an expected matrix of vendors and cases that the project has.
///
/// # Errors
///
/// The file cannot be read, or something in it is wrong.
pub(crate) fn load(path: &Path, project: &Project) -> Result<Expectation, Problems> {
    let vendors = project.profiles().iter().map(|profile| profile.id.as_str());
    let cases = project.cases().iter().map(|case| case.id.as_str());
    let known = Known {
        vendors: vendors.collect(),
        cases: cases.collect(),
    };
    parse(&Source::read(path)?, &known)
}

/// Ids that an expectation may name.
struct Known<'a> {
    vendors: Vec<&'a str>,
    cases: Vec<&'a str>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ExpectationFile {
    cases: Spanned<Vec<Spanned<String>>>,
    title: Spanned<Text>,
    source: CitationFile,
    vendors: Spanned<Vec<VendorFile>>,
    cells: Spanned<BTreeMap<Spanned<String>, Spanned<Rows>>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CitationFile {
    title: Spanned<Text>,
    publisher: Spanned<Text>,
    date: Spanned<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct VendorFile {
    id: Spanned<String>,
    name: Spanned<Text>,
}

/// The lower triangle of one case: a vendor, and the outcomes with it and with those before it.
type Rows = BTreeMap<Spanned<String>, Spanned<Vec<Expected>>>;

fn parse(source: &Source, known: &Known<'_>) -> Result<Expectation, Problems> {
    let file: ExpectationFile = source.parse()?;
    let mut checks = Checks::new(source);
    let vendors = vendors(&mut checks, file.vendors, &known.vendors);
    let cases = ids(&mut checks, "case", file.cases, &known.cases);
    let expectation = Expectation {
        title: checks.text(file.title),
        source: Citation {
            title: checks.text(file.source.title),
            publisher: checks.text(file.source.publisher),
            date: date(&mut checks, file.source.date),
        },
        sha256: sha256(source.text()),
        cells: cells(&mut checks, file.cells, &cases, &vendors),
        vendors,
        cases,
    };
    checks.finish()?;
    Ok(expectation)
}

fn vendors(
    checks: &mut Checks<'_>,
    listed: Spanned<Vec<VendorFile>>,
    known: &[&str],
) -> Vec<ExpectedVendor> {
    let (place, listed) = (listed.span(), listed.into_inner());
    let (ids_listed, names): (Vec<_>, Vec<_>) = listed
        .into_iter()
        .map(|vendor| (vendor.id, vendor.name))
        .unzip();
    let ids = ids(checks, "vendor", Spanned::new(place, ids_listed), known);
    let vendors = ids.into_iter().zip(names);
    vendors
        .map(|(id, name)| ExpectedVendor {
            id,
            name: checks.text(name),
        })
        .collect()
}

/// Ids that are there, known, and named once.
fn ids(
    checks: &mut Checks<'_>,
    kind: &str,
    listed: Spanned<Vec<Spanned<String>>>,
    known: &[&str],
) -> Vec<String> {
    if listed.get_ref().is_empty() {
        let message = format_args!("no {kind} to expect anything of\nname one or more");
        checks.refuse(&listed, message);
    }
    let mut ids = Vec::new();
    for id in listed.into_inner() {
        let name = id.get_ref();
        if ids.contains(name) {
            let message = format_args!("the {kind} {name:?} stands here twice\nname it once");
            checks.refuse(&id, message);
        } else if !known.contains(&name.as_str()) {
            let help = use_known(name, known);
            checks.refuse(&id, format_args!("there is no {kind} {name:?}\n{help}"));
        }
        ids.push(id.into_inner());
    }
    ids
}

fn date(checks: &mut Checks<'_>, date: Spanned<String>) -> Date {
    date.get_ref().parse().unwrap_or_else(|_| {
        let message = format_args!(
            "{:?} is not a day\nwrite year, month and day, such as \"2018-04-19\"",
            date.get_ref()
        );
        checks.refuse(&date, message);
        Date::ZERO
    })
}

/// Every case on every pair, in the order of the printed matrix.
fn cells(
    checks: &mut Checks<'_>,
    listed: Spanned<BTreeMap<Spanned<String>, Spanned<Rows>>>,
    cases: &[String],
    vendors: &[ExpectedVendor],
) -> Vec<ExpectedCell> {
    let all = Spanned::new(listed.span(), ());
    let mut listed = listed.into_inner();
    let mut cells = Vec::new();
    for case in cases {
        let Some(rows) = take(&mut listed, case) else {
            let message = format_args!(
                "nothing is expected of the case {case:?}\nadd the table [cells.{case:?}], or \
                 remove the case from `cases`"
            );
            checks.refuse(&all, message);
            continue;
        };
        let table = Spanned::new(rows.span(), ());
        let mut rows = rows.into_inner();
        for (at, vendor) in vendors.iter().enumerate() {
            let columns = &vendors[..=at];
            match take(&mut rows, &vendor.id) {
                Some(outcomes) => row(checks, outcomes, case, columns, &mut cells),
                None => {
                    let message = format_args!(
                        "no row of the vendor {0:?}\nadd {0:?} = [...] with {1}",
                        vendor.id,
                        one_for_each(columns)
                    );
                    checks.refuse(&table, message);
                }
            }
        }
        refuse_rest(checks, "vendor", &rows, "vendors");
    }
    refuse_rest(checks, "case", &listed, "cases");
    cells
}

fn row(
    checks: &mut Checks<'_>,
    outcomes: Spanned<Vec<Expected>>,
    case: &str,
    columns: &[ExpectedVendor],
    cells: &mut Vec<ExpectedCell>,
) {
    let (Some(vendor), count) = (columns.last(), outcomes.get_ref().len()) else {
        return;
    };
    if count != columns.len() {
        let message = format_args!(
            "the row of {:?} takes {} outcomes, and has {count}\nwrite {}",
            vendor.id,
            columns.len(),
            one_for_each(columns)
        );
        checks.refuse(&outcomes, message);
    }
    let outcomes = outcomes.into_inner().into_iter().zip(columns);
    cells.extend(outcomes.map(|(outcome, column)| ExpectedCell {
        case: case.to_owned(),
        row: vendor.id.clone(),
        column: column.id.clone(),
        outcome,
    }));
}

fn one_for_each(columns: &[ExpectedVendor]) -> String {
    let ids: Vec<_> = columns.iter().map(|vendor| vendor.id.as_str()).collect();
    format!("one outcome with each of {}", ids.join(", "))
}

/// Removes an entry by its key, wherever that stands in the file.
fn take<T>(map: &mut BTreeMap<Spanned<String>, T>, key: &str) -> Option<T> {
    let found = map.keys().find(|found| found.get_ref() == key)?.clone();
    map.remove(&found)
}

/// What is left names something that the lists at the top do not.
fn refuse_rest<T>(
    checks: &mut Checks<'_>,
    kind: &str,
    rest: &BTreeMap<Spanned<String>, T>,
    list: &str,
) {
    for key in rest.keys() {
        let message = format_args!(
            "`{list}` does not list the {kind} {:?}\nadd it there, or remove this",
            key.get_ref()
        );
        checks.refuse(key, message);
    }
}
