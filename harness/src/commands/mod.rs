//! One module a command.

mod bench;
mod certs;
mod clean;
mod conform;
mod diff;
mod doctor;
mod explain;
mod finished;
mod gate;
mod kept;
mod keygen;
mod list;
mod outputs;
mod publish;
mod report;
mod repro;
mod run;
mod sheet;
mod shell;
mod verify;

use std::io::Read;
use std::path::Path;
use std::process::ExitCode;

pub(crate) use certs::lint::Lint;
pub(crate) use explain::Explain;
pub(crate) use kept::{Capture, Logs, Reload};
pub(crate) use keygen::Keygen;
pub(crate) use sheet::Sheet;
pub(crate) use verify::Verify;

use reports::model::Run;
use reports::{file, json};

use crate::cli::{Cli, Command};
use crate::failure::{AS_EXPECTED, Failure};

pub(crate) fn dispatch(cli: Cli) -> Result<ExitCode, Failure> {
    let Cli { common, command } = cli;
    let runtime = tokio::runtime::Runtime::new()
        .map_err(|error| Failure::lab(format!("the program cannot start its threads: {error}")))?;
    let code = match command {
        Command::Run(arguments) => runtime.block_on(run::run(&common, &arguments))?,
        Command::Repro(arguments) => runtime.block_on(repro::repro(&common, &arguments))?,
        Command::Conform(arguments) => runtime.block_on(conform::conform(&common, &arguments))?,
        Command::List => list::list(&common)?,
        Command::Doctor => runtime.block_on(doctor::doctor(&common)),
        Command::Publish(arguments) => publish::publish(&common, &arguments)?,
        Command::Diff(arguments) => diff::diff(&common, &arguments)?,
        Command::Gate(arguments) => gate::gate(&common, &arguments)?,
        Command::Report(arguments) => report::report(&common, &arguments)?,
        Command::Explain(arguments) => explain::explain(&common, &arguments)?,
        Command::Verify(arguments) => verify::verify(&common, &arguments)?,
        Command::Keygen(arguments) => keygen::keygen(&common, &arguments)?,
        Command::Sheet(arguments) => runtime.block_on(sheet::sheet(&common, &arguments))?,
        Command::Shell(arguments) => shell::shell(&arguments)?,
        Command::Logs(arguments) => runtime.block_on(kept::logs(&arguments))?,
        Command::Capture(arguments) => runtime.block_on(kept::capture(&arguments))?,
        Command::Reload(arguments) => runtime.block_on(kept::reload(&common, &arguments))?,
        Command::Initiate => runtime.block_on(kept::initiate(&common))?,
        Command::Down => kept::down(&common)?,
        Command::Clean => clean::clean(&common)?,
        Command::Bench(arguments) => runtime.block_on(bench::bench(&common, &arguments))?,
        Command::Certs(command) => certs::certs(&common, &command)?,
        Command::LabAgent { home } => {
            match home {
                Some(home) => lab::serve(&runtime, &home)?,
                None => lab::vm::serve(&runtime)?,
            }
            AS_EXPECTED
        }
    };
    // Threads that wait in the kernel must not hold up the end.
    runtime.shutdown_background();
    Ok(code.into())
}

/// Writes to standard output. A reader that went away is no failure of ours.
pub(crate) fn print(text: &str) {
    use std::io::Write;
    let mut output = std::io::stdout().lock();
    let _ = output
        .write_all(text.as_bytes())
        .and_then(|()| output.flush());
}

/// Reads the record of a run: `run.json`, or the one in a folder.
fn read_run(path: &Path) -> Result<Run, Failure> {
    let file = if path.is_dir() {
        path.join("run.json")
    } else {
        path.to_owned()
    };
    Ok(json::read(&file)?)
}

/// Reads a regular file, but not more than one octet over the limit.
fn read_limited(path: &Path, limit: usize) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    // A limit of this program is far below 2^64.
    let limit = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    let file = file::open(path, u64::MAX)?;
    file.take(limit)
        .read_to_end(&mut bytes)
        .map_err(|error| Failure::input(format!("cannot read {}: {error}", path.display())))?;
    Ok(bytes)
}
