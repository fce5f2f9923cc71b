//! Whether the parts of a record fit together. A record may come from a third party, and every report
//! relies on this: ids that are safe in a command and in a link, and one place for each cell.

use std::collections::HashSet;
use std::path::{Component, Path};

use crate::model::{Cell, Inputs, Run};

/// The first contradiction found in a record.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    #[error("{kind} id {id:?} has characters other than ASCII letters, digits, '.', '_' and '-'")]
    BadId { kind: &'static str, id: String },
    #[error("{kind} {id:?} is listed twice")]
    Twice { kind: &'static str, id: String },
    #[error("cell {cell:?} names the {kind} {id:?}, which the record does not list")]
    Unlisted {
        cell: String,
        kind: &'static str,
        id: String,
    },
    #[error("cell {cell:?} should have the id {expected:?}, by its case and routers")]
    WrongCellId { cell: String, expected: String },
    #[error("cell {cell:?} has its evidence in {evidence:?}, outside the folder of the run")]
    EvidenceOutside { cell: String, evidence: String },
    #[error("the inputs are in {folder:?}, outside the folder of the run")]
    InputsOutside { folder: String },
    #[error("the seed of the certificates is not 64 hexadecimal digits")]
    BadSeed,
    #[error("the comparison does not fit the expectation and the cells of the record")]
    WrongComparison,
}

/// Checks ids, references between the parts, and paths.
///
/// # Errors
///
/// The first contradiction.
pub fn check(run: &Run) -> Result<(), Error> {
    let vendors = ids(
        "vendor",
        run.vendors.iter().map(|vendor| vendor.id.as_str()),
    )?;
    let cases = ids("case", run.cases.iter().map(|case| case.id.as_str()))?;
    let mut seen = HashSet::new();
    for cell in &run.cells {
        check_cell(cell, &vendors, &cases)?;
        if !seen.insert(&cell.id) {
            return Err(Error::Twice {
                kind: "cell",
                id: cell.id.clone(),
            });
        }
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
    kind: &'static str,
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
    !id.is_empty() && id.bytes().all(plain)
}

fn check_cell(cell: &Cell, vendors: &HashSet<&str>, cases: &HashSet<&str>) -> Result<(), Error> {
    for (kind, id, listed) in [
        ("case", &cell.case, cases),
        ("vendor", &cell.initiator, vendors),
        ("vendor", &cell.responder, vendors),
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
    match &cell.evidence {
        Some(evidence) if !stays_inside(evidence) => Err(Error::EvidenceOutside {
            cell: cell.id.clone(),
            evidence: evidence.clone(),
        }),
        Some(_) | None => Ok(()),
    }
}

fn check_inputs(inputs: &Inputs) -> Result<(), Error> {
    if inputs.project.is_empty() || !stays_inside(&inputs.project) {
        return Err(Error::InputsOutside {
            folder: inputs.project.clone(),
        });
    }
    let hexadecimal = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    let seed = &inputs.certificate_seed;
    if seed.len() != 64 || !seed.bytes().all(hexadecimal) {
        return Err(Error::BadSeed);
    }
    Ok(())
}

fn stays_inside(path: &str) -> bool {
    Path::new(path)
        .components()
        .all(|component| matches!(component, Component::Normal(_)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example;

    fn verdict(damage: impl FnOnce(&mut Run)) -> String {
        let mut run = example::mixed(3);
        damage(&mut run);
        check(&run).unwrap_err().to_string()
    }

    #[test]
    fn the_examples_are_consistent() {
        for run in [
            example::all_pass(1, 1),
            example::mixed(24),
            example::hostile(),
            example::compared_trial(),
        ] {
            assert_eq!(check(&run), Ok(()));
        }
    }

    #[test]
    fn an_id_that_a_shell_would_act_on_is_refused() {
        let message = verdict(|run| run.vendors[1].id = "v2; reboot".to_owned());
        insta::assert_snapshot!(message, @r#"vendor id "v2; reboot" has characters other than ASCII letters, digits, '.', '_' and '-'"#);
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
    fn evidence_outside_the_folder_is_refused() {
        for path in ["../other", "/etc", "evidence/../../x"] {
            let message = verdict(|run| run.cells[0].evidence = Some(path.to_owned()));
            assert!(
                message.contains("outside the folder of the run"),
                "{message}"
            );
        }
    }
}
