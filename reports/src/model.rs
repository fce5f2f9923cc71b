//! The record of a run: what `run.json` holds, and what every report reads.
//!
//! The committed JSON Schema (`reports/schema/run-2.json`) is generated from these types. A change
//! that an old reader would misread needs a new [`SCHEMA`] number.

use std::fmt;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::cause::Cause;
use crate::comparison::Comparison;
use crate::text::Text;

/// Version of the format that this program writes.
pub const SCHEMA: u32 = 2;
/// Oldest version that it reads. What later versions added is absent then.
pub const OLDEST_SCHEMA: u32 = 1;

/// One run: every cell of a plan with its outcome, and the digests of all that went in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Run {
    /// Version of this format.
    #[schemars(extend("const" = SCHEMA))]
    pub schema: u32,
    /// When the run began (RFC 3339, UTC).
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub started: Timestamp,
    /// When the last cell ended (RFC 3339, UTC).
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub finished: Timestamp,
    /// False when the run was interrupted: cells that did not finish are absent.
    pub complete: bool,
    /// The program that ran it.
    pub tool: Tool,
    /// Where the routers ran.
    pub lab: LabRecord,
    /// The vendors in the order of the matrix.
    pub vendors: Vec<Vendor>,
    /// The cases in the order of the matrix.
    pub cases: Vec<CaseRecord>,
    /// One entry per cell that ended, in the order of the plan.
    pub cells: Vec<Cell>,
    /// How it compares with an expected matrix; absent when none was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comparison: Option<Comparison>,
    /// What was left out on purpose; absent when every planned cell was to run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub selection: Option<Selection>,
    /// What a cell of the run needs to be run again; absent before version 2.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inputs: Option<Inputs>,
}

/// What a run was made of, kept beside its record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Inputs {
    /// Folder with copies of the profiles, cases and certificate profiles, laid out as in a
    /// project; relative to the folder of `run.json`.
    pub project: String,
    /// What serial numbers of certificates are derived from, 64 hexadecimal digits. No key is.
    pub certificate_seed: String,
    /// The moment from which the validity of certificates was reckoned (RFC 3339, UTC).
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub certificate_time: Timestamp,
}

/// Cells of the plan that a change of some files could not affect, and that were left out for that.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Selection {
    /// The files that were named as changed.
    pub files: Vec<String>,
    /// The cells that none of them can affect, in the order of the plan.
    pub left_out: Vec<LeftOut>,
}

/// A cell that was left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LeftOut {
    /// `CASE/INITIATOR:RESPONDER`.
    pub id: String,
    /// As [`Cell::inputs_sha256`]: an earlier outcome still counts where it is the same.
    pub inputs_sha256: String,
}

/// The program that made the record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Tool {
    pub name: String,
    pub version: String,
}

/// The lab in which the routers ran.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LabRecord {
    /// `crun` or `vm`.
    pub backend: String,
    /// Release of the kernel that carried the traffic, as `uname -r` prints it.
    pub kernel: String,
    /// `kvm` or `tcg` for a virtual machine, `none` on the host's own kernel.
    pub accel: String,
    /// Why this lab was chosen.
    pub reason: Text,
}

/// A vendor profile as it was used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Vendor {
    pub id: String,
    pub name: Text,
    /// The document that the vendor says it implements, such as `RFC4945`; absent when the profile
    /// says nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub basis: Option<Text>,
    pub implementation: String,
    /// Version that the profile asks for, such as `6.0`.
    pub version: String,
    /// Exact packages in the image, name and version as the distribution spells them.
    pub packages: Vec<Package>,
    /// Content digest of the root file system, `sha256:` and 64 hexadecimal digits.
    pub image: String,
    /// SHA-256 of the profile's files, 64 hexadecimal digits.
    pub profile_sha256: String,
}

/// A package of the distribution.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Package {
    pub name: String,
    pub version: String,
}

/// A case as it was used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CaseRecord {
    pub id: String,
    /// Short label for a cell of the matrix.
    pub abbreviation: String,
    pub title: Text,
    /// The clause that the case rests on, such as `RFC 7296 2.15`.
    pub clause: String,
    /// The clause in our own words.
    pub requirement: Text,
    /// SHA-256 of the case's file, 64 hexadecimal digits.
    pub case_sha256: String,
}

/// One case on one ordered pairing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Cell {
    /// `CASE/INITIATOR:RESPONDER`.
    pub id: String,
    pub case: String,
    /// Vendor id of the initiator.
    pub initiator: String,
    /// Vendor id of the responder.
    pub responder: String,
    pub outcome: Outcome,
    /// Why the outcome is not `pass`; absent on a pass.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<Cause>,
    /// What each observer saw.
    #[serde(default)]
    pub observations: Vec<Observation>,
    /// The stages that ran, in order.
    #[serde(default)]
    pub stages: Vec<Stage>,
    /// How often the cell was started; more than once per try after a lab fault.
    pub attempts: u32,
    /// Every try in its order, when the cell was tried more than once. The cause, the observations
    /// and the stages of the cell are then those of the first try that shows its outcome best: one
    /// that failed, if any did.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tries: Vec<Try>,
    /// SHA-256 over all of the project that decides what the cell does: both profiles with their
    /// implementations, the case, and its certificate profiles; 64 hexadecimal digits, absent before
    /// version 2.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inputs_sha256: Option<String>,
    /// The cell's evidence folder, relative to the folder of `run.json`; absent when nothing ran.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<String>,
}

/// One of several tries of a cell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Try {
    /// `pass`, `fail` or `error`.
    pub outcome: Outcome,
    /// Why the outcome is not `pass`; absent on a pass.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<Cause>,
    /// As [`Cell::evidence`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<String>,
}

/// How many tries of a cell passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Tally {
    pub passed: usize,
    pub tries: usize,
}

/// How a cell ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// Both ends, traffic and wire agree that the tunnel works: ○.
    Pass,
    /// The routers did not bring up a working tunnel: ×.
    Fail,
    /// The cell was tried several times: some tries passed and some failed. Never counts as a pass.
    Unstable,
    /// The profile declares that the vendor has no such function: 機能なし.
    Unsupported,
    /// Not tried: －.
    Skipped,
    /// The lab or the harness failed; never counted against a vendor.
    Error,
}

/// What one observer saw at one place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Observation {
    pub observer: Observer,
    /// The place, where the observer has more than one.
    pub place: Place,
    pub verdict: Sight,
    /// What it saw, in one sentence.
    pub detail: Text,
}

/// Who saw something. Of a pairing, the first four must agree before the cell passes; of a single
/// router, the tester speaks alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Observer {
    /// What the daemon says of its IKE SA and Child SA.
    Control,
    /// The SAs in the router's kernel.
    KernelSa,
    /// Marked probes between the hosts behind the routers.
    Traffic,
    /// The packets between the routers.
    Wire,
    /// A tester in the place of one router, which saw the other alone.
    Tester,
}

/// Where an observer stood; for traffic, where the probes came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Place {
    Initiator,
    Responder,
    Wan,
}

/// Whether what was seen is what a working tunnel shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Sight {
    Good,
    Bad,
    /// It could not look there: the router is an external one, and the other observers have to do.
    Silent,
}

/// One timed stage of a cell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Stage {
    /// `render`, `start`, `load`, `steps`, `observe`, `judge`, `collect` or `teardown`.
    pub name: String,
    pub millis: u64,
}

impl Outcome {
    /// What tries come to that ended in these ways: unstable as soon as one passed and one failed,
    /// whatever became of the others; else an error if the lab failed in one.
    pub fn of_tries(tries: impl IntoIterator<Item = Self> + Clone) -> Self {
        let any = |outcome| tries.clone().into_iter().any(|one| one == outcome);
        match (any(Self::Pass), any(Self::Fail), any(Self::Error)) {
            (true, true, _) => Self::Unstable,
            (true, false, false) => Self::Pass,
            (false, true, false) => Self::Fail,
            (_, _, true) | (false, false, false) => Self::Error,
        }
    }
}

impl Cell {
    /// How many of its tries passed; none when it was tried once.
    pub fn tally(&self) -> Option<Tally> {
        let passed = self.tries.iter().filter(|one| one.outcome == Outcome::Pass);
        (!self.tries.is_empty()).then(|| Tally {
            passed: passed.count(),
            tries: self.tries.len(),
        })
    }
}

/// As people read it, such as `9/10`.
impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.passed, self.tries)
    }
}

impl Run {
    /// The cells that were left out on purpose.
    pub fn left_out(&self) -> impl Iterator<Item = &LeftOut> {
        let selection = self.selection.iter();
        selection.flat_map(|selection| &selection.left_out)
    }

    /// The cell with these coordinates, if it ended.
    pub fn cell(&self, case: &str, initiator: &str, responder: &str) -> Option<&Cell> {
        self.cells.iter().find(|cell| {
            cell.case == case && cell.initiator == initiator && cell.responder == responder
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tries_pass_only_when_each_one_passed() {
        use Outcome::{Error, Fail, Pass, Unstable};
        for (tries, outcome) in [
            (&[Pass, Pass][..], Pass),
            (&[Fail, Fail], Fail),
            (&[Pass, Fail, Pass], Unstable),
            (&[Error, Fail, Pass], Unstable),
            (&[Pass, Error], Error),
            (&[Fail, Error], Error),
            (&[Error, Error], Error),
            (&[], Error),
        ] {
            assert_eq!(
                Outcome::of_tries(tries.iter().copied()),
                outcome,
                "{tries:?}"
            );
        }
    }
}
