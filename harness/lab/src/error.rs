//! What can go wrong in a lab. Every one of these is an `error`, never a router's failure.

use serde::{Deserialize, Serialize};

/// A lab fault: which part failed, how, and what mends it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{fault}: {what}{}", .remedy.as_ref().map(|remedy| format!(" ({remedy})")).unwrap_or_default())]
pub struct LabError {
    pub fault: Fault,
    /// What happened, as a lower-case fragment with the names of what was touched.
    pub what: String,
    /// What a person can do about it.
    pub remedy: Option<String>,
}

/// The part of the lab that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum Fault {
    #[error("image")]
    Image,
    #[error("container runtime")]
    Runtime,
    #[error("kernel")]
    Kernel,
    #[error("network")]
    Network,
    #[error("capture")]
    Capture,
    #[error("virtual machine")]
    Machine,
    #[error("file system")]
    Files,
    /// The caller asked for something that does not exist: a fault of the harness.
    #[error("harness")]
    Harness,
}

impl LabError {
    pub fn new(fault: Fault, what: impl Into<String>) -> Self {
        Self {
            fault,
            what: what.into(),
            remedy: None,
        }
    }

    /// Adds what a person can do about it.
    pub fn remedy(mut self, remedy: impl Into<String>) -> Self {
        self.remedy = Some(remedy.into());
        self
    }
}

/// Turns any error into a lab fault that says what was being done.
pub(crate) trait Blame<T> {
    fn blame(self, fault: Fault, doing: impl FnOnce() -> String) -> Result<T, LabError>;
}

impl<T, E: std::fmt::Display> Blame<T> for Result<T, E> {
    fn blame(self, fault: Fault, doing: impl FnOnce() -> String) -> Result<T, LabError> {
        self.map_err(|source| LabError::new(fault, format!("{}: {source}", doing())))
    }
}
