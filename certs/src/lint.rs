//! Checks certificates, requests and CRLs against RFC 4945, RFC 5280 and the HPKI profile, rule by
//! rule.
//!
//! [`lint`] takes the bytes of files in any usual form and gives a [`Report`]: for every object the
//! rules it breaks, where, and what to change. The rules are in [`rules`]; each one is a function
//! of its own in the module of its source. Whatever the bytes are, it ends and does not panic: sizes,
//! counts and depths are limited in [`input`] and [`tlv`].

mod algorithms;
mod chain;
mod crl;
mod csr;
mod entity;
mod facts;
mod file;
mod hpki;
pub mod human;
mod input;
mod names;
mod oids;
mod report;
mod rfc4945;
mod rfc5280;
mod role;
mod rule;
mod signature;
mod tlv;

#[cfg(test)]
mod tests;

use jiff::Timestamp;

pub use facts::{Facts, distinguished_name};
pub use input::{Error, Input, MAX_FILE, MAX_OBJECTS};
pub use report::{Finding, Kind, ObjectReport, Report, SCHEMA, Severity, Summary};
pub use role::{HpkiProfile, Profile, Role};
pub use rule::{Level, Rule, Source, rules};

/// What to check against.
#[derive(Clone, Debug)]
pub struct Options {
    pub profile: Profile,
    /// Which age of the standards decides on algorithms and key sizes.
    pub text: AlgorithmText,
    /// The time at which the objects are to be valid.
    pub at: Timestamp,
    /// Opens a PKCS#12 file; without one the empty password is tried.
    pub password: Option<String>,
}

/// Which age of the standards decides on algorithms and key sizes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AlgorithmText {
    /// RFC 4945 section 5.3 and RFC 7296 section 4 as they were written: SHA-1, MD5, RSA-1024.
    Of2007,
    /// RFC 8247 and RFC 6151, which withdrew these.
    Current,
}

impl AlgorithmText {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Of2007 => "2007",
            Self::Current => "current",
        }
    }
}

/// Checks all objects of these files; the files together make one set, in which issuers are sought.
///
/// # Errors
///
/// When a file is too large or holds nothing that can be checked, or a PKCS#12 file does not open
/// with the password.
pub fn lint(inputs: &[Input], options: &Options) -> Result<Report, Error> {
    let objects = input::read(inputs, options.password.as_deref())?;
    Ok(rule::apply(&objects, options))
}
