//! Each fault of the catalogue, put into a pairing that works otherwise, is found for what it is and
//! at the right side.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use reports::cause::CauseCode;
use reports::model::{Cell, Outcome};

use crate::support::alone;
use crate::support::expect::proven;
use crate::support::faults::{DAEMONS, Fault, Faulty, Pairing, catalogue, project};
use crate::support::program::{Call, Ran};

/// Of a hundred cells, so many must have the right cause.
const REQUIRED: usize = 95;
/// Tries on every pairing only the faults whose id begins so, such as `path.nat-`.
const ONLY: &str = "IKEMATRIX_FAULTS";

/// What a cell came to, beside what it should have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Found {
    Right,
    /// A cause, and the wrong one.
    Wrong,
    /// The right cause, at the wrong side.
    WrongSide,
    Unknown,
    Pass,
    /// A fault of the lab, or nothing.
    None,
}

impl Found {
    fn word(self) -> &'static str {
        match self {
            Self::Right => "right",
            Self::Wrong => "WRONG",
            Self::WrongSide => "SIDE",
            Self::Unknown => "unknown",
            Self::Pass => "PASS",
            Self::None => "ERROR",
        }
    }
}

#[test]
fn every_fault_is_found_on_a_pairing() {
    let _machine = alone();
    let faults = catalogue();
    let cells = rotated(&faults);
    judge(&faults, &cells);
}

#[test]
#[ignore = "a thousand cells take most of an hour"]
fn every_fault_is_found_on_every_pairing() {
    let _machine = alone();
    let mut faults = catalogue();
    if let Ok(only) = std::env::var(ONLY) {
        faults.retain(|fault| fault.id().starts_with(&only));
        assert!(!faults.is_empty(), "no fault begins with {only:?}");
    }
    let cells: Vec<_> = faults
        .iter()
        .flat_map(|fault| {
            fault
                .pairings()
                .into_iter()
                .map(move |pairing| (fault, pairing))
        })
        .collect();
    judge(&faults, &cells);
}

#[test]
fn the_catalogue_has_every_kind_of_fault_once_and_excuses_its_exceptions() {
    let faults = catalogue();
    let ids: HashSet<_> = faults.iter().map(Fault::id).collect();
    assert_eq!(ids.len(), faults.len(), "a name stands twice");
    assert!(faults.len() >= 60, "{} faults", faults.len());
    for fault in &faults {
        assert!(
            !fault.pairings().is_empty(),
            "{} exists nowhere",
            fault.id()
        );
        for why in fault.excuses() {
            assert!(
                !why.trim().is_empty(),
                "{}: an exception without a reason",
                fault.id()
            );
        }
    }
}

#[test]
fn in_each_theme_every_daemon_is_the_faulty_end_and_the_other_one() {
    let faults = catalogue();
    let mut seen: BTreeMap<(&str, &str), [bool; 2]> = BTreeMap::new();
    for (fault, pairing) in rotated(&faults) {
        for (daemon, _) in DAEMONS {
            let parts = fault.parts(pairing, daemon);
            let known = seen.entry((&fault.theme, daemon)).or_default();
            *known = [known[0] || parts[0], known[1] || parts[1]];
        }
    }
    let missing: Vec<_> = seen
        .iter()
        .filter(|(_, parts)| **parts != [true; 2])
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}

/// One pairing for each fault, so that those of a theme go round all pairings. Where one end is
/// faulty and the daemons differ, both their parts are tried.
fn rotated(faults: &[Fault]) -> Vec<(&Fault, Pairing)> {
    let mut used: BTreeMap<(&str, Faulty), BTreeMap<Pairing, usize>> = BTreeMap::new();
    let mut cells = Vec::new();
    for fault in faults {
        let used = used.entry((&fault.theme, fault.faulty)).or_default();
        let pairings = fault.pairings();
        // The first of those that were used least.
        let least = pairings
            .iter()
            .min_by_key(|pairing| used.get(pairing).copied().unwrap_or_default());
        if let Some(pairing) = least {
            *used.entry(*pairing).or_default() += 1;
            cells.push((fault, *pairing));
        }
    }
    cells
}

/// Runs the cells, prints the table, and requires what is required.
fn judge(faults: &[Fault], cells: &[(&Fault, Pairing)]) {
    let project = project(faults);
    let mut call = Call::run(&project).args(["-j", "4"]);
    for (fault, pairing) in cells {
        call = call
            .arg("--cell")
            .arg(format!("{}/{}", fault.id(), pairing.vendors()));
    }
    let ran = call.done_within(LIMIT);
    let run = ran.record();
    let by_id: BTreeMap<_, _> = run
        .cells
        .iter()
        .map(|cell| (cell.id.as_str(), cell))
        .collect();
    let mut table: BTreeMap<String, BTreeMap<Pairing, Found>> = BTreeMap::new();
    let mut deviations = Vec::new();
    let mut counts: BTreeMap<Found, usize> = BTreeMap::new();
    for (fault, pairing) in cells {
        let id = format!("{}/{}", fault.id(), pairing.vendors());
        let cell = by_id
            .get(id.as_str())
            .unwrap_or_else(|| panic!("no cell {id}\n{ran}"));
        let (found, why) = look(&ran, cell, fault, *pairing);
        if found != Found::Right {
            deviations.push(why);
        }
        *counts.entry(found).or_default() += 1;
        table.entry(fault.id()).or_default().insert(*pairing, found);
    }
    print(&table);
    println!("{} cells in {:?}: {counts:?}", cells.len(), ran.took);
    let count = |found| counts.get(&found).copied().unwrap_or_default();
    let never = [Found::WrongSide, Found::Pass, Found::None].map(count);
    let enough = count(Found::Right) * 100 >= cells.len() * REQUIRED;
    assert!(
        enough && never == [0; 3],
        "{} of {} right\n{}",
        count(Found::Right),
        cells.len(),
        deviations.join("\n")
    );
    for deviation in deviations {
        println!("{deviation}");
    }
}

/// The time for a whole run; the harness bounds each cell itself.
const LIMIT: std::time::Duration = std::time::Duration::from_secs(2 * 60 * 60);

fn look(ran: &Ran, cell: &Cell, fault: &Fault, pairing: Pairing) -> (Found, String) {
    let (code, side) = fault.expected(pairing);
    let found = match (cell.outcome, &cell.cause) {
        (Outcome::Pass, _) => Found::Pass,
        (Outcome::Fail, Some(cause)) if cause.code == CauseCode::Unknown => Found::Unknown,
        (Outcome::Fail, Some(cause)) if cause.code != code => Found::Wrong,
        (Outcome::Fail, Some(cause)) if cause.side != side => Found::WrongSide,
        (Outcome::Fail, Some(_)) => match proven(ran, cell) {
            Ok(()) => Found::Right,
            Err(why) => return (Found::Wrong, format!("{}: {why}", cell.id)),
        },
        (
            Outcome::Fail
            | Outcome::Unstable
            | Outcome::Error
            | Outcome::Skipped
            | Outcome::Unsupported,
            _,
        ) => Found::None,
    };
    let said = cell.cause.as_ref().map_or_else(String::new, |cause| {
        format!(
            "{} ({:?}): {}",
            cause.code.as_str(),
            cause.side,
            cause.sentence.en
        )
    });
    let why = format!(
        "{} {}: expected {} ({side:?}), got {said}",
        found.word(),
        cell.id,
        code.as_str()
    );
    (found, why)
}

/// Faults by pairings.
fn print(table: &BTreeMap<String, BTreeMap<Pairing, Found>>) {
    let columns: BTreeSet<Pairing> = table.values().flat_map(BTreeMap::keys).copied().collect();
    let short =
        |pairing: &Pairing| format!("{}-{}", &pairing.initiator[..2], &pairing.responder[..2]);
    let heads: String = columns
        .iter()
        .map(|pairing| format!(" {:>7}", short(pairing)))
        .collect();
    println!("{:48}{heads}", "fault");
    for (id, cells) in table {
        let words: String = columns
            .iter()
            .map(|pairing| {
                format!(
                    " {:>7}",
                    cells.get(pairing).map_or("", |found| found.word())
                )
            })
            .collect();
        println!("{id:48}{words}");
    }
}
