//! Whether a run may follow a baseline: what worked must still work, what is known to fail must fail
//! as it is known to, and nothing is taken on trust.

pub mod terminal;
mod words;

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::cause::{Cause, CauseCode};
use crate::diff::{Diff, Ending, diff};
use crate::model::{Cell, Outcome, Run, Tally};
use crate::text::Text;

#[cfg(test)]
mod tests;

/// A cell that is known not to pass, and why that is accepted for now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownFailure {
    /// `CASE/INITIATOR:RESPONDER`.
    pub cell: String,
    pub manner: Manner,
    /// The codes of its cause; a failure for another one is another failure. Never empty.
    pub causes: Vec<CauseCode>,
    pub reason: Text,
    /// Where it is followed up, an http or https address.
    pub link: String,
    /// The line of the file that names the cell, from 1.
    pub line: usize,
}

/// How a cell is known not to pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// Every try fails.
    Fails,
    /// Some tries fail.
    Unstable {
        /// So many tries must all have passed in one run before it counts as mended.
        mended_after: usize,
    },
}

/// What is wrong with a run beside its baseline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub problem: Problem,
    /// `CASE/INITIATOR:RESPONDER`; absent when it is about the run as a whole.
    pub cell: Option<String>,
    /// How the cell ended in the baseline.
    pub old: Option<Ending>,
    /// How it ended in the run.
    pub new: Option<Ending>,
    /// The line of the known failure, from 1, where it is about one.
    pub line: Option<usize>,
}

/// Kinds of findings, in the order of reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Problem {
    /// The baseline holds no cell and names none: nothing could be a step back.
    EmptyBaseline,
    /// The baseline was interrupted: what it does not hold may have passed.
    InterruptedBaseline,
    /// The run was interrupted: what is missing could be anything.
    Interrupted,
    /// It passed in the baseline and does not now, or it passed at times and never does any more.
    Regression,
    /// It is unstable, and no known failure says so.
    Unstable,
    /// It fails, and the baseline has no failure of it.
    NewFailure,
    /// It is in the baseline and not in the run.
    Missing,
    /// It was left out as not affected, and what decides it is not what it was in the baseline, or
    /// the baseline does not say.
    LeftOutUnproven,
    /// A known failure fails in another way, or for another cause.
    KnownDiffers,
    /// A known failure does not fail any more.
    KnownMended,
    /// A known failure names a cell that is not in the run.
    KnownMatchesNothing,
}

/// A pass that shows little: it was unstable when it was tried more often.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WasUnstable {
    /// `CASE/INITIATOR:RESPONDER`.
    pub cell: String,
    /// How often it passed in the baseline.
    pub before: Tally,
    /// In so many tries it passed now.
    pub tries: usize,
}

/// The verdict on a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gate {
    /// Why the run may not follow the baseline, by problem, then in the order of the plan.
    pub findings: Vec<Finding>,
    /// The cells in which the lab failed.
    pub faults: Vec<String>,
    /// Cells that failed as they are known to, with the reason and the link.
    pub known: Vec<KnownFailure>,
    /// Cells that are known to be unstable and passed, in too few tries to call them mended.
    pub perhaps_mended: Vec<String>,
    /// Cells that were unstable in the baseline and passed now, in fewer tries than it made.
    pub was_unstable: Vec<WasUnstable>,
    /// Cells that fail as in the baseline, without being known.
    pub still_failing: Vec<String>,
    /// Everything that changed.
    pub diff: Diff,
}

/// Judges a run by its baseline and by what is known to fail.
pub fn judge(baseline: &Run, run: &Run, known: &[KnownFailure]) -> Gate {
    let judge = Judge {
        baseline: by_id(baseline),
        run: by_id(run),
        left_out: run
            .left_out()
            .map(|cell| (&*cell.id, &*cell.inputs_sha256))
            .collect(),
        unseen: baseline.left_out().map(|cell| &*cell.id).collect(),
        entries: known.iter().map(|entry| (&*entry.cell, entry)).collect(),
    };
    let mut gate = Gate {
        findings: Vec::new(),
        faults: Vec::new(),
        known: Vec::new(),
        perhaps_mended: Vec::new(),
        was_unstable: Vec::new(),
        still_failing: Vec::new(),
        diff: diff(baseline, run),
    };
    let is_empty = baseline.cells.is_empty() && baseline.left_out().next().is_none();
    for (problem, is_so) in [
        (Problem::EmptyBaseline, is_empty),
        (Problem::InterruptedBaseline, !baseline.complete),
        (Problem::Interrupted, !run.complete),
    ] {
        if is_so {
            gate.findings.push(Finding {
                problem,
                cell: None,
                old: None,
                new: None,
                line: None,
            });
        }
    }
    let ids = run.cells.iter().chain(&baseline.cells);
    let ids = ids.map(|cell| cell.id.as_str());
    // What the baseline left out was in its own baseline.
    let left_out = run.left_out().chain(baseline.left_out());
    let ids = ids.chain(left_out.map(|cell| cell.id.as_str()));
    let mut seen = HashSet::new();
    for id in ids {
        if seen.insert(id) {
            judge.cell(id, &mut gate);
        }
    }
    for entry in known.iter().filter(|entry| !seen.contains(&*entry.cell)) {
        gate.findings
            .push(judge.finding(Problem::KnownMatchesNothing, &entry.cell));
    }
    gate.findings.sort_by_key(|finding| finding.problem);
    gate
}

struct Judge<'a> {
    baseline: HashMap<&'a str, &'a Cell>,
    run: HashMap<&'a str, &'a Cell>,
    /// Ids and digests.
    left_out: HashMap<&'a str, &'a str>,
    /// What the baseline left out: it may have passed.
    unseen: HashSet<&'a str>,
    entries: BTreeMap<&'a str, &'a KnownFailure>,
}

impl Judge<'_> {
    fn cell(&self, id: &str, gate: &mut Gate) {
        let old = self.baseline.get(id).copied();
        let new = match self.run.get(id).copied() {
            Some(new) => new,
            None => match self.still_counts(id, old) {
                Ok(old) => old,
                Err(problem) => return gate.findings.push(self.finding(problem, id)),
            },
        };
        if new.outcome == Outcome::Error {
            return gate.faults.push(id.to_owned());
        }
        if let Some(entry) = self.entries.get(id) {
            return self.entry(entry, new, gate);
        }
        let before = old.map(|old| old.outcome);
        if before.is_none()
            && matches!(new.outcome, Outcome::Unsupported | Outcome::Skipped)
            && self.unseen.contains(id)
        {
            return gate
                .findings
                .push(self.finding(Problem::LeftOutUnproven, id));
        }
        match judged(before, new.outcome) {
            Judged::Fine => gate.was_unstable.extend(was_unstable(old, new)),
            Judged::StillFailing => gate.still_failing.push(id.to_owned()),
            Judged::Wrong(problem) => gate.findings.push(self.finding(problem, id)),
        }
    }

    /// The cell of the baseline in place of one that the run does not have: it still counts when the
    /// run left it out and nothing that decides it has changed.
    fn still_counts<'c>(&self, id: &str, old: Option<&'c Cell>) -> Result<&'c Cell, Problem> {
        let digest = self.left_out.get(id).copied().ok_or(Problem::Missing)?;
        let before = old.and_then(|old| Some((old, old.inputs_sha256.as_deref()?)));
        match before {
            Some((old, before)) if before == digest => Ok(old),
            Some(_) | None => Err(Problem::LeftOutUnproven),
        }
    }

    fn entry(&self, entry: &KnownFailure, cell: &Cell, gate: &mut Gate) {
        let mut wrong = |problem| {
            let mut finding = self.finding(problem, &entry.cell);
            finding.new = Some(Ending::of(cell));
            gate.findings.push(finding);
        };
        match (entry.manner, cell.outcome) {
            // So many tries, and none of them passed: that is not unstable.
            (Manner::Unstable { mended_after }, Outcome::Fail)
                if cell.tries.len() >= mended_after.max(2) =>
            {
                wrong(Problem::KnownDiffers);
            }
            (Manner::Fails, Outcome::Fail)
            | (Manner::Unstable { .. }, Outcome::Fail | Outcome::Unstable) => {
                if causes(cell).all(|code| code.is_some_and(|code| entry.causes.contains(&code))) {
                    gate.known.push(entry.clone());
                } else {
                    wrong(Problem::KnownDiffers);
                }
            }
            (Manner::Fails, Outcome::Unstable) => wrong(Problem::KnownDiffers),
            (Manner::Unstable { mended_after }, Outcome::Pass)
                if cell.tries.len().max(1) < mended_after =>
            {
                gate.perhaps_mended.push(entry.cell.clone());
            }
            // The caller has taken faults of the lab out.
            (_, Outcome::Error) => {}
            (_, Outcome::Pass | Outcome::Unsupported | Outcome::Skipped) => {
                wrong(Problem::KnownMended);
            }
        }
    }

    fn finding(&self, problem: Problem, id: &str) -> Finding {
        let ending = |cells: &HashMap<&str, &Cell>| cells.get(id).map(|cell| Ending::of(cell));
        Finding {
            problem,
            cell: Some(id.to_owned()),
            old: ending(&self.baseline),
            new: ending(&self.run),
            line: self.entries.get(id).map(|entry| entry.line),
        }
    }
}

/// The causes of what did not pass: of each try that failed, or of the cell when it was tried once.
fn causes(cell: &Cell) -> impl Iterator<Item = Option<CauseCode>> {
    let failed = cell.tries.iter().filter(|one| one.outcome == Outcome::Fail);
    let once = cell.tries.is_empty().then_some(&cell.cause);
    let causes = failed.map(|one| &one.cause).chain(once);
    causes.map(|cause: &Option<Cause>| cause.as_ref().map(|cause| cause.code))
}

enum Judged {
    Fine,
    /// As in the baseline.
    StillFailing,
    Wrong(Problem),
}

/// What an outcome is worth beside that of the baseline, for a cell of which nothing is known.
fn judged(old: Option<Outcome>, new: Outcome) -> Judged {
    use Outcome::{Error, Fail, Pass, Skipped, Unstable, Unsupported};
    match (old, new) {
        // Faults of the lab are no judgement.
        (_, Pass | Error) => Judged::Fine,
        (Some(Pass), _) => Judged::Wrong(Problem::Regression),
        (_, Unstable) => Judged::Wrong(Problem::Unstable),
        (Some(Unstable), Fail | Unsupported | Skipped) => Judged::Wrong(Problem::Regression),
        (Some(Fail), Fail) => Judged::StillFailing,
        (Some(Unsupported | Skipped | Error) | None, Fail) => Judged::Wrong(Problem::NewFailure),
        (_, Unsupported | Skipped) => Judged::Fine,
    }
}

/// That a cell which was unstable passed now in fewer tries. A cell that the run left out is that of
/// the baseline, and no pass.
fn was_unstable(old: Option<&Cell>, new: &Cell) -> Option<WasUnstable> {
    let old = old.filter(|old| old.outcome == Outcome::Unstable)?;
    let before = old.tally()?;
    let tries = new.tries.len().max(1);
    let shows_little = new.outcome == Outcome::Pass && tries < before.tries;
    shows_little.then(|| WasUnstable {
        cell: new.id.clone(),
        before,
        tries,
    })
}

fn by_id(run: &Run) -> HashMap<&str, &Cell> {
    let cells = run.cells.iter();
    cells.map(|cell| (cell.id.as_str(), cell)).collect()
}

impl Gate {
    /// Whether the run may follow the baseline.
    pub fn is_open(&self) -> bool {
        self.findings.is_empty() && self.faults.is_empty()
    }
}
