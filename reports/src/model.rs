//! The record of a run: what `run.json` holds, and what every report reads.
//!
//! The committed JSON Schema (`reports/schema/run-2.json`) is generated from these types. A change
//! that an old reader would misread needs a new [`SCHEMA`] number.

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
    /// How often the cell was started; more than 1 after a lab fault.
    pub attempts: u32,
    /// The cell's evidence folder, relative to the folder of `run.json`; absent when nothing ran.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<String>,
}

/// How a cell ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// Both ends, traffic and wire agree that the tunnel works: ○.
    Pass,
    /// The routers did not bring up a working tunnel: ×.
    Fail,
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

/// The four observers that must agree before a cell passes.
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
}

/// One timed stage of a cell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Stage {
    /// `render`, `start`, `load`, `steps`, `observe`, `judge`, `collect` or `teardown`.
    pub name: String,
    pub millis: u64,
}

impl Run {
    /// The cell with these coordinates, if it ended.
    pub fn cell(&self, case: &str, initiator: &str, responder: &str) -> Option<&Cell> {
        self.cells.iter().find(|cell| {
            cell.case == case && cell.initiator == initiator && cell.responder == responder
        })
    }
}
