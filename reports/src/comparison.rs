//! A run beside an expected matrix, folded cell by folded cell.

mod words;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::expectation::{Expectation, ExpectedCell};
use crate::model::{Cell, Outcome, Run};
use crate::text::Text;

#[cfg(test)]
mod tests;

/// How a run compares with an expected matrix.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Comparison {
    pub expectation: Expectation,
    /// One for each cell of the expectation, in its order.
    pub verdicts: Vec<Verdict>,
}

/// How the two directions of a pair compare with what is expected of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Each direction ended as expected.
    Agrees,
    /// One direction ended as expected, and the other one was not tried.
    AgreesOneWay,
    /// What ended did not end as expected.
    Differs,
    /// The two directions ended differently, so that the cell is neither.
    DirectionsDiffer,
    /// The lab failed in a direction: nothing can be said of the cell.
    Error,
    /// No direction was tried.
    NotRun,
}

/// Compares every cell of the expectation with the run.
pub fn compare(expectation: Expectation, run: &Run) -> Comparison {
    let verdicts = expectation.cells.iter().map(|cell| verdict(cell, run));
    Comparison {
        verdicts: verdicts.collect(),
        expectation,
    }
}

fn verdict(expected: &ExpectedCell, run: &Run) -> Verdict {
    let outcomes: Vec<Outcome> = tried(expected, run).map(|cell| cell.outcome).collect();
    let Some(first) = outcomes.first() else {
        return Verdict::NotRun;
    };
    let directions = directions(expected).count();
    if outcomes.contains(&Outcome::Error) {
        Verdict::Error
    } else if outcomes.iter().any(|outcome| outcome != first) {
        Verdict::DirectionsDiffer
    } else if *first != expected.outcome.outcome() {
        Verdict::Differs
    } else if outcomes.len() < directions {
        Verdict::AgreesOneWay
    } else {
        Verdict::Agrees
    }
}

/// Initiator and responder of each direction; a vendor with itself has one.
fn directions(expected: &ExpectedCell) -> impl Iterator<Item = (&str, &str)> {
    let ExpectedCell { row, column, .. } = expected;
    let back = (row != column).then_some((column.as_str(), row.as_str()));
    std::iter::once((row.as_str(), column.as_str())).chain(back)
}

/// The directions that were tried.
fn tried<'run>(
    expected: &'run ExpectedCell,
    run: &'run Run,
) -> impl Iterator<Item = &'run Cell> + Clone {
    let ExpectedCell {
        row, column, case, ..
    } = expected;
    let has_case = move |cell: &&Cell| cell.case == *case && cell.outcome != Outcome::Skipped;
    let of_pair = move |cell: &&Cell| {
        let ends = (&cell.initiator, &cell.responder);
        ends == (row, column) || ends == (column, row)
    };
    run.cells.iter().filter(has_case).filter(of_pair)
}

/// Whether nothing is worth a second look: no compared cell differs from what is expected of it, and
/// no other cell failed or is unstable.
pub fn as_expected(run: &Run) -> bool {
    let differs =
        |verdict: &Verdict| matches!(verdict, Verdict::Differs | Verdict::DirectionsDiffer);
    let failed = |cell: &Cell| matches!(cell.outcome, Outcome::Fail | Outcome::Unstable);
    let Some(comparison) = &run.comparison else {
        return !run.cells.iter().any(failed);
    };
    let failed_beside = |cell: &Cell| failed(cell) && !comparison.covers(cell);
    !comparison.verdicts.iter().any(differs) && !run.cells.iter().any(failed_beside)
}

impl Comparison {
    /// How many cells of the expectation compare so.
    pub fn count(&self, verdict: Verdict) -> usize {
        self.verdicts.iter().filter(|one| **one == verdict).count()
    }

    fn covers(&self, cell: &Cell) -> bool {
        let vendor = |id| self.expectation.vendor(id).is_some();
        self.expectation.cases.contains(&cell.case)
            && vendor(&cell.initiator)
            && vendor(&cell.responder)
    }

    /// Ids of the run's vendors and cases that the expectation does not name.
    pub(crate) fn strangers<'run>(&self, run: &'run Run) -> Vec<&'run str> {
        let vendors = run.vendors.iter().map(|vendor| vendor.id.as_str());
        let vendors = vendors.filter(|id| self.expectation.vendor(id).is_none());
        let cases = run.cases.iter().map(|case| case.id.as_str());
        let cases = cases.filter(|id| !self.expectation.cases.iter().any(|case| case == id));
        vendors.chain(cases).collect()
    }

    /// What the expectation says of vendors, cases and cells fits together, and the verdicts are those
    /// of this run.
    pub(crate) fn fits(&self, run: &Run) -> bool {
        let Expectation { cells, cases, .. } = &self.expectation;
        let known = |cell: &ExpectedCell| {
            let vendor = |id| self.expectation.vendor(id).is_some();
            cases.contains(&cell.case) && vendor(&cell.row) && vendor(&cell.column)
        };
        let verdicts = cells.iter().map(|cell| verdict(cell, run));
        cells.iter().all(known) && verdicts.eq(self.verdicts.iter().copied())
    }

    /// The cells that need a look: those that differ first, then those of which nothing can be said.
    pub(crate) fn findings<'run>(&'run self, run: &'run Run) -> Vec<Finding<'run>> {
        let judged = || self.expectation.cells.iter().zip(&self.verdicts);
        let of =
            |wanted: fn(Verdict) -> bool| judged().filter(move |(_, verdict)| wanted(**verdict));
        let differ = of(|verdict| matches!(verdict, Verdict::Differs | Verdict::DirectionsDiffer));
        let failed = of(|verdict| verdict == Verdict::Error);
        let finding = |(cell, verdict): (&'run ExpectedCell, &Verdict)| Finding {
            cell,
            verdict: *verdict,
            row: self.name(&cell.row),
            column: self.name(&cell.column),
            case: match run.cases.iter().find(|case| case.id == cell.case) {
                Some(case) => case.title.clone(),
                None => Text::same(&*cell.case),
            },
            tried: tried(cell, run).collect(),
        };
        differ.chain(failed).map(finding).collect()
    }

    fn name(&self, id: &str) -> Text {
        let vendor = self.expectation.vendor(id);
        vendor.map_or_else(|| Text::same(id), |vendor| vendor.name.clone())
    }
}

/// A compared cell that needs a look.
pub(crate) struct Finding<'run> {
    pub(crate) cell: &'run ExpectedCell,
    verdict: Verdict,
    row: Text,
    column: Text,
    case: Text,
    /// The directions that were tried.
    pub(crate) tried: Vec<&'run Cell>,
}

impl Finding<'_> {
    /// Whether it blames the lab and no vendor.
    pub(crate) fn is_fault(&self) -> bool {
        self.verdict == Verdict::Error
    }
}
