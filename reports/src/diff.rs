//! What changed between two runs: cell by cell, and in what went into them.

mod inputs;
pub mod markdown;
pub mod terminal;
mod words;

use std::collections::HashMap;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use crate::cause::{CauseCode, Side};
use crate::model::{Cell, Outcome, Run, Tally};
use crate::summary;
use crate::text::Text;

pub use inputs::{CaseChange, Fate, PackageChange, VendorChange, Versions};

#[cfg(test)]
mod tests;

/// Version of the format of `ikematrix diff --json` (`reports/schema/diff-1.json`).
pub const SCHEMA: u32 = 1;

/// Two runs beside each other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Diff {
    /// Version of this format.
    #[schemars(extend("const" = SCHEMA))]
    pub schema: u32,
    pub old: RunFacts,
    pub new: RunFacts,
    /// The cells that changed: by the kinds in their order, then in the order of the plan.
    pub cells: Vec<Change>,
    /// How many cells ended as before, and for the same cause.
    pub unchanged: usize,
    /// How many cells the new run left out because nothing that decides them has changed.
    pub left_out: usize,
    /// Vendors that came, went or changed, in the order of the matrix.
    pub vendors: Vec<VendorChange>,
    /// Cases that came, went or changed, in the order of the matrix.
    pub cases: Vec<CaseChange>,
}

/// What tells one run from another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RunFacts {
    /// When the run began (RFC 3339, UTC).
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub started: Timestamp,
    /// False when the run was interrupted.
    pub complete: bool,
    /// Version of the program that ran it.
    pub tool: String,
    /// `crun` or `vm`.
    pub backend: String,
    /// Release of the kernel that carried the traffic.
    pub kernel: String,
    /// How many cells ended in each way, in the order in which reports name the outcomes.
    pub totals: Vec<Total>,
}

/// How many cells ended in one way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Total {
    pub outcome: Outcome,
    pub cells: usize,
}

/// A cell that ended differently, or is in one of the runs only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Change {
    /// `CASE/INITIATOR:RESPONDER`.
    pub id: String,
    pub case: String,
    /// Vendor id of the initiator.
    pub initiator: String,
    /// Vendor id of the responder.
    pub responder: String,
    pub kind: Kind,
    /// How it ended before; absent when it is new.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub old: Option<Ending>,
    /// How it ended now; absent when it is gone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new: Option<Ending>,
    /// Whether all of the project that decides the cell is the same in both runs; absent where a
    /// record does not say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub same_inputs: Option<bool>,
}

/// How a cell ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Ending {
    pub outcome: Outcome,
    /// How many tries passed, where there were several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tally: Option<Tally>,
    /// Why the outcome is not `pass`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cause: Option<EndingCause>,
    /// The cell's evidence folder, relative to the folder of its run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub evidence: Option<String>,
}

/// The cause of an ending, in short.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct EndingCause {
    pub code: CauseCode,
    pub side: Side,
    pub sentence: Text,
}

/// What became of a cell. The order is that of reports: what is worse comes first.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    serde::Deserialize,
    JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// It passed and does not any more, or it passed at times and never does any more.
    Regression,
    /// It fails or is unstable, and had not been tried with an outcome before.
    NewFailure,
    /// It does not pass as before, but for another cause or in another way.
    FailsDifferently,
    /// The profile now declares that the vendor has no such function.
    NewlyUnsupported,
    /// It is in both runs, and the new one did not try it.
    NoLongerTried,
    /// It is not in the new run.
    Removed,
    /// The lab failed: nothing can be said of the cell.
    LabFault,
    /// It failed or was unstable, and passes.
    Fixed,
    /// It passes, and had not been tried with an outcome before.
    NewPass,
    /// It is not in the old run.
    Added,
}

impl Kind {
    /// Every kind, in the order of reports.
    pub const ALL: [Self; 10] = [
        Self::Regression,
        Self::NewFailure,
        Self::FailsDifferently,
        Self::NewlyUnsupported,
        Self::NoLongerTried,
        Self::Removed,
        Self::LabFault,
        Self::Fixed,
        Self::NewPass,
        Self::Added,
    ];

    /// What a change from one outcome to another is; `None` when both are the same.
    fn of(old: Outcome, new: Outcome) -> Option<Self> {
        use Outcome::{Error, Fail, Pass, Skipped, Unstable, Unsupported};
        if old == new {
            return None;
        }
        Some(match (old, new) {
            (_, Error) => Self::LabFault,
            (_, Unsupported) => Self::NewlyUnsupported,
            (_, Skipped) => Self::NoLongerTried,
            (Pass, _) | (Unstable, Fail) => Self::Regression,
            (Fail, Unstable) => Self::FailsDifferently,
            (Fail | Unstable, _) => Self::Fixed,
            (Unsupported | Skipped | Error, Pass) => Self::NewPass,
            (Unsupported | Skipped | Error, Fail | Unstable) => Self::NewFailure,
        })
    }
}

/// Compares two runs.
pub fn diff(old: &Run, new: &Run) -> Diff {
    let before = by_id(old);
    let after = by_id(new);
    let left_out: HashMap<&str, &str> = new
        .left_out()
        .map(|cell| (&*cell.id, &*cell.inputs_sha256))
        .collect();
    let (mut cells, mut unchanged, mut kept) = (Vec::new(), 0, 0);
    for cell in &new.cells {
        match before.get(cell.id.as_str()) {
            None => cells.push(change(cell, Kind::Added, None, Some(cell))),
            Some(earlier) => match kind(earlier, cell) {
                Some(kind) => cells.push(change(cell, kind, Some(earlier), Some(cell))),
                None => unchanged += 1,
            },
        }
    }
    for cell in &old.cells {
        if after.contains_key(cell.id.as_str()) {
            continue;
        }
        let still_counts = left_out.get(cell.id.as_str()).copied() == cell.inputs_sha256.as_deref();
        if still_counts && cell.inputs_sha256.is_some() {
            kept += 1;
        } else {
            cells.push(change(cell, Kind::Removed, Some(cell), None));
        }
    }
    cells.sort_by_key(|change| change.kind);
    Diff {
        schema: SCHEMA,
        old: facts(old),
        new: facts(new),
        cells,
        unchanged,
        left_out: kept,
        vendors: inputs::vendors(old, new),
        cases: inputs::cases(old, new),
    }
}

fn by_id(run: &Run) -> HashMap<&str, &Cell> {
    let cells = run.cells.iter();
    cells.map(|cell| (cell.id.as_str(), cell)).collect()
}

fn kind(old: &Cell, new: &Cell) -> Option<Kind> {
    let cause = |cell: &Cell| cell.cause.as_ref().map(|cause| (cause.code, cause.side));
    let failed = matches!(new.outcome, Outcome::Fail | Outcome::Unstable);
    match Kind::of(old.outcome, new.outcome) {
        None if failed && cause(old) != cause(new) => Some(Kind::FailsDifferently),
        kind => kind,
    }
}

fn change(cell: &Cell, kind: Kind, old: Option<&Cell>, new: Option<&Cell>) -> Change {
    let digest = |cell: Option<&Cell>| cell.and_then(|cell| cell.inputs_sha256.clone());
    let digests = digest(old).zip(digest(new));
    Change {
        id: cell.id.clone(),
        case: cell.case.clone(),
        initiator: cell.initiator.clone(),
        responder: cell.responder.clone(),
        kind,
        old: old.map(Ending::of),
        new: new.map(Ending::of),
        same_inputs: digests.map(|(old, new)| old == new),
    }
}

fn facts(run: &Run) -> RunFacts {
    let totals = summary::totals(run);
    let totals = totals.map(|(outcome, cells)| Total { outcome, cells });
    RunFacts {
        started: run.started,
        complete: run.complete,
        tool: run.tool.version.clone(),
        backend: run.lab.backend.clone(),
        kernel: run.lab.kernel.clone(),
        totals: totals.into(),
    }
}

impl Ending {
    pub(crate) fn of(cell: &Cell) -> Self {
        Self {
            outcome: cell.outcome,
            tally: cell.tally(),
            cause: cell.cause.as_ref().map(|cause| EndingCause {
                code: cause.code,
                side: cause.side,
                sentence: cause.sentence.clone(),
            }),
            evidence: cell.evidence.clone(),
        }
    }
}

impl RunFacts {
    /// Cells of the run.
    pub fn cells(&self) -> usize {
        self.totals.iter().map(|total| total.cells).sum()
    }
}

impl Diff {
    /// Whether every cell ended as before, whatever else changed.
    pub fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    /// The changes of one kind.
    pub fn of_kind(&self, kind: Kind) -> impl Iterator<Item = &Change> {
        self.cells.iter().filter(move |change| change.kind == kind)
    }

    /// The kinds that there are, with how many cells each has.
    pub fn kinds(&self) -> Vec<(Kind, usize)> {
        let counted = Kind::ALL.map(|kind| (kind, self.of_kind(kind).count()));
        counted
            .into_iter()
            .filter(|(_, count)| *count > 0)
            .collect()
    }
}
