//! Who makes a certificate: rcgen what it can express exactly, our own encoder all else.

mod rcgen;
#[cfg(test)]
mod tests;

use crate::encode::certificate::certificate;
use crate::error::IssueError;
use crate::plan::Plan;

/// Makes and signs the certificate, with the faults that come after signing still to be added.
pub(crate) fn make(plan: &Plan<'_>) -> Result<Vec<u8>, IssueError> {
    match rcgen::certificate(plan) {
        Some(der) => der,
        None => certificate(plan),
    }
}
