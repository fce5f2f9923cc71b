//! `ikematrix gate`: whether a run may follow its baseline.

use std::path::Path;

use reports::gate::{judge, terminal};
use reports::seal::{self, Signer};

use super::run::terminal_options;
use super::{print, read_run};
use crate::cli::{Common, Gate};
use crate::failure::{AS_EXPECTED, Failure, LAB_FAULT, NOT_AS_EXPECTED};
use crate::known_failures;

#[cfg(test)]
mod tests;
mod words;

pub(crate) fn gate(common: &Common, arguments: &Gate) -> Result<u8, Failure> {
    let known = match &arguments.expect {
        Some(file) => known_failures::load(file)?,
        None => Vec::new(),
    };
    let wanted = match &arguments.key {
        Some(path) => Some(Signer::read(path).map_err(Failure::input)?),
        None => None,
    };
    check_seal(&arguments.baseline, wanted)?;
    check_seal(&arguments.run, None)?;
    let baseline = read_run(&arguments.baseline)?;
    let run = read_run(&arguments.run)?;
    let gate = judge(&baseline, &run, &known);
    let text = terminal::render(
        &gate,
        arguments.expect.as_deref(),
        &terminal_options(common),
    );
    print(&text);
    Ok(if !gate.faults.is_empty() {
        LAB_FAULT
    } else if gate.is_open() {
        AS_EXPECTED
    } else {
        NOT_AS_EXPECTED
    })
}

/// A record beside which there is a seal must be the one that was sealed, and by the key that is
/// wanted. Evidence is not looked at: a baseline is often kept without.
fn check_seal(run: &Path, wanted: Option<Signer>) -> Result<(), Failure> {
    let folder = if run.is_dir() {
        Some(run)
    } else {
        run.parent().filter(|_| run.ends_with("run.json"))
    };
    let seal = match folder {
        Some(folder) => seal::read_with_record(folder)?,
        None => None,
    };
    let Some(wanted) = wanted else {
        return Ok(());
    };
    match seal {
        Some(seal) if seal.signer == Some(wanted) => Ok(()),
        Some(seal) => Err(Failure::told(words::not_signed_so(run, seal.signer))),
        None => Err(Failure::told(words::not_sealed(run))),
    }
}
