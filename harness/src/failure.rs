//! How the program ends, and what each exit code means. The codes are documented in the README.

use std::fmt;
use std::process::ExitCode;

use files::Problems;
use lab::LabError;

/// Every cell, or every certificate, was as it should be.
pub(crate) const AS_EXPECTED: u8 = 0;
/// Some cell did not pass, or some certificate has errors.
pub(crate) const NOT_AS_EXPECTED: u8 = 1;
const BAD_INPUT: u8 = 2;
/// There is no lab, or it failed.
pub(crate) const LAB_FAULT: u8 = 3;
/// Somebody stopped it.
pub(crate) const INTERRUPTED: u8 = 4;

/// Why the program ends without having done what it was asked for.
#[derive(Debug)]
pub(crate) struct Failure {
    code: u8,
    message: String,
}

impl Failure {
    /// The caller can mend it: a flag, a profile, a case, a folder.
    pub(crate) fn input(message: impl fmt::Display) -> Self {
        Self {
            code: BAD_INPUT,
            message: message.to_string(),
        }
    }

    pub(crate) fn lab(message: impl fmt::Display) -> Self {
        Self {
            code: LAB_FAULT,
            message: message.to_string(),
        }
    }

    /// It was stopped before there was anything to record.
    pub(crate) fn interrupted() -> Self {
        Self {
            code: INTERRUPTED,
            message: "interrupted, with nothing to record".into(),
        }
    }

    pub(crate) fn code(&self) -> ExitCode {
        self.code.into()
    }

    #[expect(
        clippy::print_stderr,
        reason = "this is the one place where failures are printed"
    )]
    pub(crate) fn report(&self) {
        eprintln!("error: {}", self.message);
    }
}

impl From<Problems> for Failure {
    fn from(problems: Problems) -> Self {
        Self::input(problems)
    }
}

impl From<certs::UnknownProfile> for Failure {
    fn from(error: certs::UnknownProfile) -> Self {
        Self::input(error)
    }
}

/// The loader has checked the profile, so what cannot be issued is what was said of the holder.
impl From<certs::IssueError> for Failure {
    fn from(error: certs::IssueError) -> Self {
        Self::input(error)
    }
}

impl From<LabError> for Failure {
    fn from(fault: LabError) -> Self {
        Self::lab(fault)
    }
}

impl From<reports::file::Error> for Failure {
    fn from(error: reports::file::Error) -> Self {
        Self::input(error)
    }
}
