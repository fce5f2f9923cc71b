//! Entering a node of a lab that was left up.

use crate::error::{Blame, Fault, LabError};
use crate::home::newest_kept;
use crate::{enter, vm};

/// Runs a program (a shell when `argv` is empty) in a node of the lab that was left up last, joined to
/// this process's terminal, which has this many rows and columns. Gives its exit code.
///
/// # Errors
/// When no lab was left up, or there is no such node.
pub fn enter(node: &str, argv: &[String], size: (u16, u16)) -> Result<u8, LabError> {
    let found = newest_kept()?;
    if found.is_in_machine() {
        return vm::join(&found.path, node, argv, size);
    }
    let status = enter::command(&found.path, node, argv)?
        .status()
        .blame(Fault::Runtime, || format!("enter {node}"))?;
    Ok(status
        .code()
        .and_then(|code| u8::try_from(code).ok())
        .unwrap_or(1))
}
