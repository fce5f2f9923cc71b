//! `ikematrix gate`: whether a run may follow its baseline.

use reports::gate::{judge, terminal};

use super::run::terminal_options;
use super::{print, read_run};
use crate::cli::{Common, Gate};
use crate::failure::{AS_EXPECTED, Failure, LAB_FAULT, NOT_AS_EXPECTED};
use crate::known_failures;

pub(crate) fn gate(common: &Common, arguments: &Gate) -> Result<u8, Failure> {
    let known = match &arguments.expect {
        Some(file) => known_failures::load(file)?,
        None => Vec::new(),
    };
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
