//! Whether the parts of a record fit together. A record may come from a third party, and every report
//! relies on this: ids that are safe in a command and in a link, and one place for each cell.

mod plenty;
mod words;

use std::collections::HashSet;
use std::path::{Component, Path};

use crate::model::{Cell, Inputs, Outcome, Run, Selection, Try};

pub use plenty::Plenty;

/// The first contradiction found in a record.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.told().en)]
pub enum Error {
    BadId {
        kind: Kind,
        id: String,
    },
    Twice {
        kind: Kind,
        id: String,
    },
    Unlisted {
        cell: String,
        kind: Kind,
        id: String,
    },
    WrongCellId {
        cell: String,
        expected: String,
    },
    EvidenceOutside {
        cell: String,
        evidence: String,
    },
    WrongTries {
        cell: String,
        outcome: Outcome,
    },
    BadDigest {
        cell: String,
        digest: String,
    },
    NotLeftOut {
        cell: String,
    },
    BadCellId {
        cell: String,
    },
    InputsOutside {
        folder: String,
    },
    BadTime {
        started: jiff::Timestamp,
    },
    BadSeed,
    WrongComparison,
    /// More than any run has: no report could be made of it.
    TooMany {
        what: Plenty,
        count: usize,
        most: usize,
    },
}

/// What an id names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Vendor,
    Case,
    Cell,
}

/// Checks ids, references between the parts, and paths.
///
/// # Errors
///
/// The first contradiction.
pub fn check(run: &Run) -> Result<(), Error> {
    plenty::check(run)?;
    // JUnit's times have no years before the first one.
    if run.started < jiff::Timestamp::UNIX_EPOCH {
        return Err(Error::BadTime {
            started: run.started,
        });
    }
    let vendors = ids(
        Kind::Vendor,
        run.vendors.iter().map(|vendor| vendor.id.as_str()),
    )?;
    let cases = ids(Kind::Case, run.cases.iter().map(|case| case.id.as_str()))?;
    let mut seen = HashSet::new();
    for cell in &run.cells {
        check_cell(cell, &vendors, &cases)?;
        if !seen.insert(&*cell.id) {
            return Err(Error::Twice {
                kind: Kind::Cell,
                id: cell.id.clone(),
            });
        }
    }
    if let Some(selection) = &run.selection {
        check_selection(selection, seen)?;
    }
    if let Some(inputs) = &run.inputs {
        check_inputs(inputs)?;
    }
    match &run.comparison {
        Some(comparison) if !comparison.fits(run) => Err(Error::WrongComparison),
        Some(_) | None => Ok(()),
    }
}

fn ids<'run>(
    kind: Kind,
    listed: impl Iterator<Item = &'run str>,
) -> Result<HashSet<&'run str>, Error> {
    let mut ids = HashSet::new();
    for id in listed {
        if !is_plain(id) {
            return Err(Error::BadId {
                kind,
                id: id.to_owned(),
            });
        }
        if !ids.insert(id) {
            return Err(Error::Twice {
                kind,
                id: id.to_owned(),
            });
        }
    }
    Ok(ids)
}

fn is_plain(id: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    // The two that name a folder itself would lead a file called by them elsewhere.
    !matches!(id, "" | "." | "..") && id.bytes().all(plain)
}

fn check_cell(cell: &Cell, vendors: &HashSet<&str>, cases: &HashSet<&str>) -> Result<(), Error> {
    for (kind, id, listed) in [
        (Kind::Case, &cell.case, cases),
        (Kind::Vendor, &cell.initiator, vendors),
        (Kind::Vendor, &cell.responder, vendors),
    ] {
        if !listed.contains(id.as_str()) {
            return Err(Error::Unlisted {
                cell: cell.id.clone(),
                kind,
                id: id.clone(),
            });
        }
    }
    let expected = format!("{}/{}:{}", cell.case, cell.initiator, cell.responder);
    if cell.id != expected {
        return Err(Error::WrongCellId {
            cell: cell.id.clone(),
            expected,
        });
    }
    check_tries(cell)?;
    if let Some(digest) = &cell.inputs_sha256 {
        check_digest(&cell.id, digest)?;
    }
    let folders = cell.tries.iter().map(|one| &one.evidence);
    for evidence in folders.chain([&cell.evidence]).flatten() {
        if !stays_inside(evidence) {
            return Err(Error::EvidenceOutside {
                cell: cell.id.clone(),
                evidence: evidence.clone(),
            });
        }
    }
    Ok(())
}

/// Only tries can make a cell unstable, and they decide how it ended.
fn check_tries(cell: &Cell) -> Result<(), Error> {
    let ended = |one: &Try| {
        let Try { outcome, .. } = one;
        matches!(outcome, Outcome::Pass | Outcome::Fail | Outcome::Error)
    };
    let outcomes = cell.tries.iter().map(|one| one.outcome);
    let fits = match cell.tries.len() {
        0 => cell.outcome != Outcome::Unstable,
        1 => false,
        _ => cell.tries.iter().all(ended) && cell.outcome == Outcome::of_tries(outcomes),
    };
    if fits {
        return Ok(());
    }
    Err(Error::WrongTries {
        cell: cell.id.clone(),
        outcome: cell.outcome,
    })
}

fn check_selection<'run>(
    selection: &'run Selection,
    mut seen: HashSet<&'run str>,
) -> Result<(), Error> {
    for left_out in &selection.left_out {
        let parts = left_out.id.split_once('/');
        let parts = parts.and_then(|(case, pair)| Some((case, pair.split_once(':')?)));
        let plain = parts.is_some_and(|(case, (initiator, responder))| {
            [case, initiator, responder].into_iter().all(is_plain)
        });
        if !plain {
            return Err(Error::BadCellId {
                cell: left_out.id.clone(),
            });
        }
        if !seen.insert(&left_out.id) {
            return Err(Error::NotLeftOut {
                cell: left_out.id.clone(),
            });
        }
        check_digest(&left_out.id, &left_out.inputs_sha256)?;
    }
    Ok(())
}

fn check_digest(cell: &str, digest: &str) -> Result<(), Error> {
    if is_sha256(digest) {
        return Ok(());
    }
    Err(Error::BadDigest {
        cell: cell.to_owned(),
        digest: digest.to_owned(),
    })
}

fn is_sha256(digest: &str) -> bool {
    let hexadecimal = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    digest.len() == 64 && digest.bytes().all(hexadecimal)
}

fn check_inputs(inputs: &Inputs) -> Result<(), Error> {
    if !stays_inside(&inputs.project) {
        return Err(Error::InputsOutside {
            folder: inputs.project.clone(),
        });
    }
    if !is_sha256(&inputs.certificate_seed) {
        return Err(Error::BadSeed);
    }
    Ok(())
}

/// Whether the path names something below the folder that it is taken from.
pub(crate) fn stays_inside(path: &str) -> bool {
    let normal = |component| matches!(component, Component::Normal(_));
    !path.is_empty() && Path::new(path).components().all(normal)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example;
    use crate::model::LeftOut;

    fn verdict(damage: impl FnOnce(&mut Run)) -> String {
        let mut run = example::mixed(3);
        damage(&mut run);
        check(&run).unwrap_err().to_string()
    }

    #[test]
    fn a_time_before_there_were_such_runs_is_refused() {
        let mut run = example::all_pass(2, 1);
        run.started = "-000001-01-01T00:00:00Z".parse().unwrap();
        assert!(matches!(check(&run), Err(Error::BadTime { .. })));
    }

    #[test]
    fn a_record_of_which_no_page_could_be_made_is_refused() {
        let mut run = example::all_pass(2, 1);
        let vendor = run.vendors[0].clone();
        run.vendors = (0..1_000)
            .map(|number| crate::model::Vendor {
                id: format!("v{number}"),
                ..vendor.clone()
            })
            .collect();
        run.cases = vec![run.cases[0].clone(); 2];
        run.cases[1].id = "other".to_owned();
        insta::assert_snapshot!(check(&run).unwrap_err(), @"2000000 places of the matrix (vendors × vendors × cases) are more than a report can show: at most 1000000");
        let message = verdict(|run| {
            let proofs = run.cells.iter_mut().filter_map(|cell| cell.cause.as_mut());
            for cause in proofs {
                let proof = cause.proof.first().cloned();
                cause.proof = proof.into_iter().cycle().take(1_001).collect();
            }
        });
        insta::assert_snapshot!(message, @"1001 proofs of one cause are more than a report can show: at most 1000");
    }

    #[test]
    fn the_examples_are_consistent() {
        for run in [
            example::all_pass(1, 1),
            example::mixed(24),
            example::hostile(),
            example::compared_trial(),
            example::repeated(4, 10),
        ] {
            assert_eq!(check(&run), Ok(()));
        }
    }

    #[test]
    fn an_id_that_a_shell_would_act_on_is_refused() {
        let message = verdict(|run| run.vendors[1].id = "v2; reboot".to_owned());
        insta::assert_snapshot!(message, @r#"vendor id "v2; reboot" has characters other than ASCII letters, digits, '.', '_' and '-', or is '.' or '..'"#);
    }

    #[test]
    fn an_id_that_names_a_folder_is_refused() {
        for id in ["", ".", ".."] {
            let message = verdict(|run| run.cases[0].id = id.to_owned());
            assert!(
                message.starts_with(&format!("case id \"{id}\" ")),
                "{message}"
            );
        }
    }

    #[test]
    fn the_same_vendor_twice_is_refused() {
        let message = verdict(|run| run.vendors[1].id = "v1".to_owned());
        insta::assert_snapshot!(message, @r#"vendor "v1" is listed twice"#);
    }

    #[test]
    fn the_same_cell_twice_is_refused() {
        let message = verdict(|run| run.cells.push(run.cells[0].clone()));
        insta::assert_snapshot!(message, @r#"cell "auth.psk/v1:v1" is listed twice"#);
    }

    #[test]
    fn a_cell_of_an_unlisted_case_is_refused() {
        let message = verdict(|run| run.cells[0].case = "auth.none".to_owned());
        insta::assert_snapshot!(message, @r#"cell "auth.psk/v1:v1" names the case "auth.none", which the record does not list"#);
    }

    #[test]
    fn a_cell_with_an_id_that_is_not_its_own_is_refused() {
        let message = verdict(|run| run.cells[0].id = run.cells[1].id.clone());
        insta::assert_snapshot!(message, @r#"cell "auth.psk/v1:v2" should have the id "auth.psk/v1:v1", by its case and routers"#);
    }

    #[test]
    fn a_comparison_that_is_not_of_this_run_is_refused() {
        let mut run = example::compared_trial();
        example::set(&mut run, "auth.psk/v2:v1", crate::model::Outcome::Fail);
        assert_eq!(check(&run), Err(Error::WrongComparison));
        let mut run = example::compared_trial();
        run.comparison.as_mut().unwrap().expectation.vendors.pop();
        assert_eq!(check(&run), Err(Error::WrongComparison));
    }

    #[test]
    fn inputs_that_cannot_be_those_of_this_run_are_refused() {
        for folder in ["", "..", "/etc", "a/../../b"] {
            let message = verdict(|run| {
                run.inputs.as_mut().unwrap().project = folder.to_owned();
            });
            assert!(message.contains("outside the folder"), "{message}");
        }
        for seed in ["", "00", &"G".repeat(64), &"é".repeat(32)] {
            let message = verdict(|run| {
                run.inputs.as_mut().unwrap().certificate_seed = seed.to_owned();
            });
            assert!(message.contains("64 hexadecimal digits"), "{message}");
        }
    }

    #[test]
    fn tries_that_do_not_come_to_the_outcome_are_refused() {
        let damaged = |damage: fn(&mut Cell)| {
            let mut run = example::repeated(2, 3);
            let unstable = run
                .cells
                .iter_mut()
                .find(|cell| cell.outcome == Outcome::Unstable);
            damage(unstable.unwrap());
            check(&run)
        };
        assert_eq!(damaged(|_| {}), Ok(()));
        for damage in [
            (|cell| cell.outcome = Outcome::Pass) as fn(&mut Cell),
            |cell| cell.outcome = Outcome::Fail,
            |cell| cell.tries.clear(),
            |cell| cell.tries.truncate(1),
            |cell| cell.tries[0].outcome = Outcome::Skipped,
            |cell| cell.tries[1].outcome = Outcome::Pass,
        ] {
            let refused = damaged(damage);
            assert!(
                matches!(refused, Err(Error::WrongTries { .. })),
                "{refused:?}"
            );
        }
        let outside = damaged(|cell| cell.tries[1].evidence = Some("../x".to_owned()));
        assert!(matches!(outside, Err(Error::EvidenceOutside { .. })));
    }

    #[test]
    fn what_was_left_out_is_no_cell_of_the_run_and_has_a_digest() {
        let left_out = |id: &str, digest: &str| {
            let mut run = example::all_pass(2, 1);
            let one = LeftOut {
                id: id.to_owned(),
                inputs_sha256: digest.to_owned(),
            };
            run.selection = Some(Selection {
                files: Vec::new(),
                left_out: vec![one],
            });
            check(&run)
        };
        let digest = "0".repeat(64);
        assert_eq!(left_out("auth.psk/v1:v9", &digest), Ok(()));
        for (id, digest) in [
            ("auth.psk/v1:v2", &*digest),
            ("auth.psk/v1", &digest),
            ("auth.psk/v1:v 9", &digest),
            ("auth.psk/v1:v9", "00"),
        ] {
            assert!(left_out(id, digest).is_err(), "{id} {digest}");
        }
    }

    #[test]
    fn evidence_outside_the_folder_is_refused() {
        for path in ["", "../other", "/etc", "evidence/../../x"] {
            let message = verdict(|run| run.cells[0].evidence = Some(path.to_owned()));
            assert!(
                message.contains("outside the folder of the run"),
                "{message}"
            );
        }
    }
}
