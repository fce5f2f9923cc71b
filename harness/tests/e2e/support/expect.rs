//! Expectations as data: which cell, which outcome, which cause.

use std::fs;

use reports::model::{Cell, Outcome, Run};

use super::program::{Ran, cell};

/// What a cell must come to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Expected {
    pub(crate) outcome: Outcome,
    /// Code and side of the cause, as they stand in `run.json`.
    pub(crate) cause: Option<(&'static str, &'static str)>,
}

pub(crate) const PASS: Expected = Expected {
    outcome: Outcome::Pass,
    cause: None,
};

pub(crate) const fn fail(code: &'static str, side: &'static str) -> Expected {
    Expected {
        outcome: Outcome::Fail,
        cause: Some((code, side)),
    }
}

pub(crate) const fn error() -> Expected {
    Expected {
        outcome: Outcome::Error,
        cause: Some(("lab.fault", "lab")),
    }
}

/// Checks a table of cells and tells all that is wrong with it at once.
pub(crate) fn check(ran: &Ran, run: &Run, table: &[(String, Expected)]) {
    let mut wrong = Vec::new();
    for (id, expected) in table {
        let cell = cell(run, id);
        let found = describe(cell);
        println!("  {found}");
        if let Err(why) = matches(cell, *expected) {
            wrong.push(format!("{found}\n    {why}"));
        }
        if let Err(why) = proven(ran, cell) {
            wrong.push(format!("{found}\n    {why}"));
        }
    }
    assert!(wrong.is_empty(), "{}\n{ran}", wrong.join("\n"));
}

/// One line on a cell.
pub(crate) fn describe(cell: &Cell) -> String {
    let seconds = cell.stages.iter().map(|stage| stage.millis).sum::<u64>() / 100;
    let cause = cell.cause.as_ref().map_or_else(String::new, |cause| {
        format!(
            "{} ({:?}): {}",
            cause.code.as_str(),
            cause.side,
            cause.sentence.en
        )
    });
    format!(
        "{:?} {} {}.{} s  {cause}",
        cell.outcome,
        cell.id,
        seconds / 10,
        seconds % 10
    )
}

fn matches(cell: &Cell, expected: Expected) -> Result<(), String> {
    let found = cell
        .cause
        .as_ref()
        .map(|cause| (cause.code.as_str(), side(cause.side)));
    let wanted = expected.cause.map(|(code, side)| (code, side.to_owned()));
    if cell.outcome == expected.outcome && found == wanted {
        return Ok(());
    }
    Err(format!("expected {expected:?}"))
}

/// The word in `run.json`.
fn side(side: reports::cause::Side) -> String {
    let value = serde_json::to_value(side).unwrap();
    value.as_str().unwrap().to_owned()
}

/// Every proof must be in the evidence: the file there, and on that line the words.
pub(crate) fn proven(ran: &Ran, cell: &Cell) -> Result<(), String> {
    let Some(cause) = &cell.cause else {
        return Ok(());
    };
    if cell.outcome != Outcome::Fail {
        return Ok(());
    }
    if cause.proof.is_empty() {
        return Err("nothing proves it".into());
    }
    for proof in &cause.proof {
        let path = ran.evidence(cell).join(&proof.file);
        let bytes = fs::read(&path).map_err(|error| format!("{}: {error}", proof.file))?;
        let Some(number) = proof.line else { continue };
        let text = String::from_utf8_lossy(&bytes);
        let line = usize::try_from(number - 1)
            .ok()
            .and_then(|at| text.lines().nth(at));
        let excerpt = proof.excerpt.as_deref().ok_or("a line without its words")?;
        if !line.is_some_and(|line| line.starts_with(excerpt)) || excerpt.is_empty() {
            return Err(format!(
                "{}:{number} is {line:?}, not {excerpt:?}",
                proof.file
            ));
        }
        println!("      {}:{number}: {excerpt}", proof.file);
    }
    Ok(())
}
