//! How the program ends, and what each exit code means. The codes are documented in the README.

use std::fmt;
use std::process::ExitCode;

use files::Problems;
use lab::LabError;
use reports::text::{Lang, Text};

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
    message: Text,
}

impl Failure {
    /// The caller can mend it: a flag, a profile, a case, a folder.
    pub(crate) fn input(message: impl fmt::Display) -> Self {
        Self {
            code: BAD_INPUT,
            message: Text::same(message.to_string()),
        }
    }

    /// As [`Self::input`], in both languages.
    pub(crate) fn told(message: Text) -> Self {
        Self {
            code: BAD_INPUT,
            message,
        }
    }

    pub(crate) fn lab(message: impl fmt::Display) -> Self {
        Self {
            code: LAB_FAULT,
            message: Text::same(message.to_string()),
        }
    }

    /// It was stopped before there was anything to record.
    pub(crate) fn interrupted() -> Self {
        Self {
            code: INTERRUPTED,
            message: Text::new(
                "interrupted, with nothing to record",
                "中断されたため、記録する内容がありません",
            ),
        }
    }

    pub(crate) fn code(&self) -> ExitCode {
        self.code.into()
    }

    #[expect(
        clippy::print_stderr,
        reason = "this is the one place where failures are printed"
    )]
    pub(crate) fn report(&self, lang: Lang) {
        eprintln!("error: {}", self.message.in_lang(lang));
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

/// What the library of reports tells, it tells in both languages.
macro_rules! told_in_both_languages {
    ($($error:ty),*) => {
        $(impl From<$error> for Failure {
            fn from(error: $error) -> Self {
                Self::told(error.told())
            }
        })*
    };
}
told_in_both_languages!(
    reports::file::Error,
    reports::bundle::Error,
    reports::json::Error,
    reports::seal::Error,
    reports::site::Error,
    reports::html::Error,
    reports::junit::Error
);
