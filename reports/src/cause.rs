//! Why a cell did not pass: a closed list of codes, split by who did not accept what.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::text::Text;

mod code;
#[cfg(test)]
mod page;
mod words;

pub use code::CauseCode;
pub use words::{Advice, Remedy};

/// The cause of a cell's outcome, with its proof.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Cause {
    pub code: CauseCode,
    /// Who did not accept, did not answer, or broke.
    pub side: Side,
    /// Whether what it did not accept is its own, such as a certificate that it was to load.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub own: bool,
    /// One sentence that the reader can act on.
    pub sentence: Text,
    /// The rule that decides, such as `RFC 7296, section 2.15`; absent where no document speaks of
    /// it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// Where the proof stands.
    #[serde(default)]
    pub proof: Vec<Proof>,
    /// Where observers contradict each other: what one of them says and another does not bear out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contradictions: Vec<Text>,
}

impl Cause {
    /// A cause with the rule of its code, and neither proof nor contradictions yet.
    pub fn new(code: CauseCode, side: Side, sentence: Text) -> Self {
        let rule = code.rule();
        Self {
            code,
            side,
            own: false,
            sentence,
            rule: (!rule.is_empty()).then(|| rule.to_owned()),
            proof: Vec::new(),
            contradictions: Vec::new(),
        }
    }

    /// The same about something of the router's own.
    pub fn of_its_own(mut self) -> Self {
        self.own = true;
        self
    }

    /// What to change at each end, those that have to come first.
    pub fn advice(&self) -> Vec<Advice> {
        self.code.advice(self.side, self.own)
    }

    pub fn with_proof(mut self, proof: impl IntoIterator<Item = Proof>) -> Self {
        self.proof.extend(proof);
        self
    }
}

/// A pointer into the evidence, with the words found there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Proof {
    /// File in the cell's evidence folder.
    pub file: String,
    /// Line in that file, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    /// Number of the packet in that capture, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub packet: Option<u64>,
    /// The line's text as the router wrote it: hostile, to be escaped wherever it is shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub excerpt: Option<String>,
}

impl Proof {
    /// `responder/daemon.log:214`, or `wan.pcapng, packet 3`.
    pub fn place(&self) -> String {
        match (self.line, self.packet) {
            (Some(line), _) => format!("{}:{line}", self.file),
            (None, Some(packet)) => format!("{}, packet {packet}", self.file),
            (None, None) => self.file.clone(),
        }
    }

    /// A whole file.
    pub fn file(file: impl Into<String>) -> Self {
        Self {
            file: file.into(),
            line: None,
            packet: None,
            excerpt: None,
        }
    }

    /// A line of a file, from 1, with its text.
    pub fn line(file: impl Into<String>, line: u64, excerpt: impl Into<String>) -> Self {
        Self {
            line: Some(line),
            excerpt: Some(excerpt.into()),
            ..Self::file(file)
        }
    }

    /// A packet of a capture, from 1, with what it is.
    pub fn packet(file: impl Into<String>, packet: u64, excerpt: impl Into<String>) -> Self {
        Self {
            packet: Some(packet),
            excerpt: Some(excerpt.into()),
            ..Self::file(file)
        }
    }
}

/// Who a cause speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    Initiator,
    Responder,
    /// Neither alone: the two do not fit each other.
    Both,
    /// The way between the routers, or behind one.
    Path,
    /// The lab or the harness.
    Lab,
    /// The vendor's own declaration.
    Profile,
}

impl Side {
    /// The other end; the same where it is none.
    pub fn peer(self) -> Self {
        match self {
            Self::Initiator => Self::Responder,
            Self::Responder => Self::Initiator,
            Self::Both | Self::Path | Self::Lab | Self::Profile => self,
        }
    }
}
