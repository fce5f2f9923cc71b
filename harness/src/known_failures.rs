//! The file of known failures: `ikematrix gate --expect FILE`.

use std::collections::BTreeMap;
use std::path::Path;

use files::{Checks, Problems, Source};
use reports::cause::CauseCode;
use reports::gate::{KnownFailure, Manner};
use reports::text::Text;
use serde::Deserialize;
use toml::Spanned;

use crate::cli::parse_cell;

#[cfg(test)]
mod tests;

/// The most tries that a run makes of a cell.
pub(crate) const MOST_TRIES: u16 = 1000;

/// Loads known failures, in the order of the file.
///
/// # Errors
///
/// The file cannot be read, or something in it is wrong.
pub(crate) fn load(path: &Path) -> Result<Vec<KnownFailure>, Problems> {
    parse(&Source::read(path)?)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    known: Spanned<Vec<Entry>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    cells: Spanned<Vec<Spanned<String>>>,
    outcome: Spanned<Outcome>,
    mended_after: Option<Spanned<u32>>,
    causes: Spanned<Vec<CauseCode>>,
    reason: Spanned<Text>,
    link: Spanned<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Outcome {
    Fail,
    Unstable,
}

fn parse(source: &Source) -> Result<Vec<KnownFailure>, Problems> {
    let file: File = source.parse()?;
    let mut checks = Checks::new(source);
    if file.known.get_ref().is_empty() {
        let message = "no known failure\nadd a table [[known]], or do without the file";
        checks.refuse(&file.known, message);
    }
    let mut known = Vec::new();
    // Where each cell was first named.
    let mut lines: BTreeMap<String, usize> = BTreeMap::new();
    for entry in file.known.into_inner() {
        known_failures(&mut checks, entry, &mut lines, &mut known);
    }
    checks.finish()?;
    Ok(known)
}

fn known_failures(
    checks: &mut Checks<'_>,
    entry: Entry,
    lines: &mut BTreeMap<String, usize>,
    known: &mut Vec<KnownFailure>,
) {
    let manner = manner(checks, &entry);
    if entry.causes.get_ref().is_empty() {
        let message = "no cause\nname the causes that `ikematrix explain CELL` gives";
        checks.refuse(&entry.causes, message);
    }
    if !is_link(entry.link.get_ref()) {
        let message = format_args!(
            "{:?} is no link\nwrite where the failure is followed up, as http:// or https://",
            entry.link.get_ref()
        );
        checks.refuse(&entry.link, message);
    }
    if entry.cells.get_ref().is_empty() {
        checks.refuse(&entry.cells, "no cell\nname one or more, as run.json does");
    }
    let (reason, link) = (checks.text(entry.reason), entry.link.into_inner());
    for cell in entry.cells.into_inner() {
        let place = checks.source().problem(cell.span(), "");
        let line = place.line.unwrap_or(1);
        if let Err(why) = parse_cell(cell.get_ref()) {
            checks.refuse(
                &cell,
                format_args!("{:?} is no cell\n{why}", cell.get_ref()),
            );
        }
        if let Some(first) = lines.get(cell.get_ref()) {
            let message = format_args!(
                "{:?} stands in line {first} already\nname it once",
                cell.get_ref()
            );
            checks.refuse(&cell, message);
        } else {
            lines.insert(cell.get_ref().clone(), line);
        }
        known.push(KnownFailure {
            cell: cell.into_inner(),
            manner,
            causes: entry.causes.get_ref().clone(),
            reason: reason.clone(),
            link: link.clone(),
            line,
        });
    }
}

fn manner(checks: &mut Checks<'_>, entry: &Entry) -> Manner {
    match (*entry.outcome.get_ref(), &entry.mended_after) {
        (Outcome::Fail, None) => Manner::Fails,
        (Outcome::Fail, Some(number)) => {
            let message = "`mended_after` is for what is unstable\nremove it: a cell that always \
                           fails is mended by its first pass";
            checks.refuse(number, message);
            Manner::Fails
        }
        (Outcome::Unstable, None) => {
            let message = "missing key `mended_after`\nadd how many tries must all pass before the \
                           cell counts as mended, such as mended_after = 20";
            checks.refuse(&entry.outcome, message);
            Manner::Unstable { mended_after: 2 }
        }
        (Outcome::Unstable, Some(number)) => {
            let allowed = 2..=u32::from(MOST_TRIES);
            let mended_after = usize::try_from(*number.get_ref()).unwrap_or(usize::MAX);
            if !allowed.contains(number.get_ref()) {
                let message = format_args!(
                    "{} tries cannot be\nwrite a number from 2 to {MOST_TRIES}",
                    number.get_ref()
                );
                checks.refuse(number, message);
            }
            Manner::Unstable { mended_after }
        }
    }
}

/// An address that a person can follow, and nothing that could deceive one.
fn is_link(link: &str) -> bool {
    let rest = link
        .strip_prefix("https://")
        .or_else(|| link.strip_prefix("http://"));
    let plain = |c: char| c.is_ascii_graphic() && !r#""<>\^`{|}"#.contains(c);
    rest.is_some_and(|rest| !rest.is_empty() && rest.chars().all(plain))
}
