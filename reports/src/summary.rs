//! Counts of a run, and what did not pass in groups that a reader can act on.

use crate::cause::{Advice, CauseCode, Side};
use crate::conformance;
use crate::model::{Cell, Outcome, Run};
use crate::text::Words;
use crate::words::WORDS;

/// The outcomes in the order in which reports name them.
pub(crate) const OUTCOMES: [Outcome; 6] = [
    Outcome::Pass,
    Outcome::Fail,
    Outcome::Unstable,
    Outcome::Unsupported,
    Outcome::Skipped,
    Outcome::Error,
];

/// How many cells ended in each way.
pub(crate) fn totals(run: &Run) -> [(Outcome, usize); 6] {
    OUTCOMES.map(|outcome| {
        let same = |cell: &&Cell| cell.outcome == outcome;
        (outcome, run.cells.iter().filter(same).count())
    })
}

/// Cells with one outcome, one cause and one side to blame.
pub(crate) struct Group<'run> {
    pub(crate) outcome: Outcome,
    /// None where the record gives no cause.
    pub(crate) cause: Option<(CauseCode, Side)>,
    /// Whether that side did not accept something of its own.
    pub(crate) own: bool,
    pub(crate) cells: Vec<&'run Cell>,
}

/// What did not pass: failures first, then what is unstable, then faults of the lab, then what was not tried; in each, the
/// largest group first.
pub(crate) fn not_passed(run: &Run) -> Vec<Group<'_>> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    for cell in run
        .cells
        .iter()
        .filter(|cell| cell.outcome != Outcome::Pass)
    {
        let cause = cell.cause.as_ref().map(|cause| (cause.code, cause.side));
        let own = cell.cause.as_ref().is_some_and(|cause| cause.own);
        let same = |group: &&mut Group<'_>| {
            group.outcome == cell.outcome && group.cause == cause && group.own == own
        };
        if let Some(group) = groups.iter_mut().find(same) {
            group.cells.push(cell);
        } else {
            groups.push(Group {
                outcome: cell.outcome,
                cause,
                own,
                cells: vec![cell],
            });
        }
    }
    groups.sort_by_key(|group| (urgency(group.outcome), usize::MAX - group.cells.len()));
    groups
}

fn urgency(outcome: Outcome) -> u8 {
    match outcome {
        Outcome::Fail => 0,
        Outcome::Unstable => 1,
        Outcome::Error => 2,
        Outcome::Unsupported => 3,
        Outcome::Skipped => 4,
        Outcome::Pass => 5,
    }
}

impl Group<'_> {
    /// What to change at each end, or by whoever is in charge.
    pub(crate) fn advice(&self) -> Vec<Advice> {
        self.cause
            .map_or_else(Vec::new, |(code, side)| code.advice(side, self.own))
    }

    pub(crate) fn title(&self) -> Words {
        self.cause.map_or(WORDS.no_cause, |(code, _)| code.title())
    }

    /// Whether its cells are no finding of this run: which they are is then all there is to tell.
    pub(crate) fn nothing_ran(&self) -> bool {
        matches!(self.outcome, Outcome::Unsupported | Outcome::Skipped)
    }
}

/// The command that runs a cell again.
pub(crate) fn repro_command(cell: &Cell) -> String {
    conformance::command_again(&cell.id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example;

    #[test]
    fn totals_count_every_cell_once() {
        let run = example::outcomes_in_turn(5, 2);
        let counted: usize = totals(&run).iter().map(|(_, count)| count).sum();
        assert_eq!(counted, run.cells.len());
    }

    #[test]
    fn groups_hold_every_cell_that_did_not_pass_once_with_failures_first() {
        let run = example::mixed(6);
        let groups = not_passed(&run);
        let grouped: usize = groups.iter().map(|group| group.cells.len()).sum();
        let passed = totals(&run)[0].1;
        assert_eq!(grouped, run.cells.len() - passed);
        assert_eq!(groups[0].outcome, Outcome::Fail);
        for pair in groups.windows(2) {
            let order = |group: &Group<'_>| urgency(group.outcome);
            assert!(order(&pair[0]) <= order(&pair[1]));
        }
    }

    #[test]
    fn cells_that_differ_in_the_side_to_blame_stand_apart() {
        let mut run = example::all_pass(2, 1);
        example::fail(
            &mut run,
            "auth.psk/v1:v2",
            CauseCode::PathNoAnswer,
            Side::Responder,
        );
        example::fail(
            &mut run,
            "auth.psk/v2:v1",
            CauseCode::PathNoAnswer,
            Side::Path,
        );
        assert_eq!(not_passed(&run).len(), 2);
    }
}
