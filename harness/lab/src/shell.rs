//! Entering a node of a lab that was left up.

use crate::error::{Blame, Fault, LabError};
use crate::home::{Leftover, leftovers, when_kept};
use crate::{crun, vm};

/// Runs a program (a shell when `argv` is empty) in a node of the lab that was left up, joined to
/// this process's terminal, which has this many rows and columns. Gives its exit code.
///
/// # Errors
/// When no lab was left up, or there is no such node.
pub fn enter(node: &str, argv: &[String], size: (u16, u16)) -> Result<u8, LabError> {
    let kept = |found: Leftover| found.kept.map(|kept| (found.path, kept));
    // The one that was left last, should there be several.
    let newest = leftovers()
        .into_iter()
        .filter_map(kept)
        .max_by_key(|(home, _)| when_kept(home));
    let Some((home, kept)) = newest else {
        return Err(LabError::new(Fault::Harness, "no lab was left up")
            .remedy("leave one up with `ikematrix repro CELL --keep`"));
    };
    if kept.backend == "vm" {
        return vm::join(&home, node, argv, size);
    }
    let status = crun::enter::command(&home, node, argv)?
        .status()
        .blame(Fault::Runtime, || format!("enter {node}"))?;
    Ok(status
        .code()
        .and_then(|code| u8::try_from(code).ok())
        .unwrap_or(1))
}
