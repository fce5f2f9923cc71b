//! Runs the cells of a plan, several at once, and tells of it by events.

mod cell;
mod conformance;
pub(crate) mod credentials;
mod evidence;
pub(crate) mod external;
mod identity;
pub(crate) mod limits;
mod path_check;
mod prepare;
pub(crate) mod probes;
pub(crate) mod router;
mod session_keys;
pub(crate) mod settle;
mod steps;
mod toil;
pub(crate) mod topology;

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use lab::{Fault, Lab, LabError};
use reports::cause::{Cause, CauseCode, Side};
use reports::event::Event;
use reports::model::{
    CaseRecord, Cell, LabRecord, Outcome, Package, Run, SCHEMA, Stage, Tool, Try, Vendor,
};
use reports::text::Text;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::plan::{Plan, PlannedCell};
use crate::words;

use cell::Bench;
pub(crate) use conformance::{Subject, Test, conform};
pub(crate) use credentials::Issuing;
pub(crate) use evidence::{CAPTURE, CERTIFICATES, LOG, SAS, STATUS};
pub(crate) use prepare::{LabChoice, Preparation, Prepared, fitted, prepare};

/// Where events go. The engine never prints.
pub(crate) type Listener = Arc<dyn Fn(Event) + Send + Sync>;

/// How a plan is to be run.
#[derive(Clone)]
pub(crate) struct Orders {
    /// Cells at once; the lab's own number when absent.
    pub(crate) parallel: Option<usize>,
    /// Folder for `run.json` and the evidence.
    pub(crate) out: PathBuf,
    /// Leave the last testbed up.
    pub(crate) keep: bool,
    /// How often each cell is tried; at least once.
    pub(crate) tries: u16,
    /// To meet external routers with, where there are any.
    pub(crate) desk: Option<Arc<external::Desk>>,
}

/// A lab fault is tried again so many times in all.
const ATTEMPTS: u32 = 2;

/// Runs every cell. Stops early when told to: the record then says that it is not complete.
///
/// # Errors
/// When the evidence cannot be written: results without it are worth nothing.
pub(crate) async fn run(
    plan: &Plan,
    prepared: &Prepared,
    orders: &Orders,
    listener: &Listener,
    stop: &CancellationToken,
) -> Result<Run, reports::file::Error> {
    let started = prepared.started;
    let (cells, fatal) = run_cells(plan, prepared, orders, listener, stop).await;
    if let Some(fatal) = fatal {
        return Err(fatal);
    }
    let complete = cells.len() == plan.cells.len();
    listener(Event::RunFinished { complete });
    Ok(record(plan, prepared, started, cells, complete))
}

async fn run_cells(
    plan: &Plan,
    prepared: &Prepared,
    orders: &Orders,
    listener: &Listener,
    stop: &CancellationToken,
) -> (Vec<Cell>, Option<reports::file::Error>) {
    // There is one of each external router.
    let parallel = match plan.has_external() {
        true => 1,
        false => prepared.at_once(orders.parallel),
    };
    let to_run = plan
        .cells
        .iter()
        .filter(|cell| cell.lacking().is_empty() && external::out_of_reach(cell).is_none())
        .count();
    listener(Event::LabReady {
        lab: prepared.record.clone(),
        cells: to_run,
        parallel,
    });

    let mut finished: BTreeMap<usize, Cell> = BTreeMap::new();
    let slots = Arc::new(Semaphore::new(parallel));
    let mut tasks = JoinSet::new();
    let mut numbers = HashMap::new();
    for (number, planned) in plan.cells.iter().enumerate() {
        if let Some(cell) = without_running(planned, prepared) {
            listener(Event::CellFinished {
                cell: Box::new(cell.clone()),
            });
            finished.insert(number, cell);
            continue;
        }
        let Ok(lab) = prepared.lab.clone() else {
            continue;
        };
        let bench = Bench {
            lab,
            number,
            images: prepared.images.clone(),
            credentials: prepared.credentials.clone(),
            out: orders.out.clone(),
            keep: orders.keep,
            try_number: None,
            desk: orders.desk.clone(),
        };
        let tries = orders.tries;
        let planned = PlannedCell {
            initiator: prepared.fitted(&planned.initiator),
            responder: prepared.fitted(&planned.responder),
            ..planned.clone()
        };
        let (slots, listener, stop) = (slots.clone(), listener.clone(), stop.clone());
        let task = tasks.spawn(async move {
            let work = async {
                let Ok(_slot) = slots.acquire_owned().await else {
                    return Ok(None);
                };
                listener(Event::CellStarted {
                    id: planned.id.clone(),
                });
                try_out(&planned, bench, tries, &listener).await.map(Some)
            };
            tokio::select! {
                biased;
                () = stop.cancelled() => Ok((number, None)),
                cell = work => cell.map(|cell| (number, cell)),
            }
        });
        numbers.insert(task.id(), number);
    }
    let mut fatal = None;
    while let Some(joined) = tasks.join_next().await {
        match joined {
            Ok(Ok((number, Some(cell)))) => {
                listener(Event::CellFinished {
                    cell: Box::new(cell.clone()),
                });
                finished.insert(number, cell);
            }
            Ok(Ok((_, None))) => {}
            Ok(Err(error)) => {
                fatal = fatal.or(Some(error));
                stop.cancel();
            }
            // A bug of this program in one cell is not a reason to lose the others.
            Err(panic) => {
                let Some(number) = numbers.get(&panic.id()).copied() else {
                    continue;
                };
                let fault =
                    LabError::new(Fault::Harness, format!("a bug of this program: {panic}"));
                let cell = error_cell(&plan.cells[number], &fault, 1);
                listener(Event::CellFinished {
                    cell: Box::new(cell.clone()),
                });
                finished.insert(number, cell);
            }
        }
    }
    (finished.into_values().collect(), fatal)
}

/// Runs a cell as often as it was asked for, and sums its tries up.
async fn try_out(
    planned: &PlannedCell,
    mut bench: Bench,
    tries: u16,
    listener: &Listener,
) -> Result<Cell, reports::file::Error> {
    if tries <= 1 {
        return attempt(planned, &bench, 0, listener).await;
    }
    let (mut cells, mut attempts) = (Vec::new(), 0);
    for number in 1..=tries {
        bench.try_number = Some(number);
        let cell = attempt(planned, &bench, attempts, listener).await?;
        attempts = cell.attempts;
        listener(Event::TryFinished {
            id: planned.id.clone(),
            number,
            tries,
            outcome: cell.outcome,
        });
        cells.push(cell);
    }
    Ok(sum_up(cells).unwrap_or_else(|| {
        let fault = LabError::new(Fault::Harness, "the cell was not tried");
        error_cell(planned, &fault, attempts)
    }))
}

/// One cell of its tries: it ended as all of them did, and shows the first one that tells why.
fn sum_up(mut cells: Vec<Cell>) -> Option<Cell> {
    let outcome = Outcome::of_tries(cells.iter().map(|cell| cell.outcome));
    let telling = if outcome == Outcome::Unstable {
        Outcome::Fail
    } else {
        outcome
    };
    let tries = cells.iter().map(|cell| Try {
        outcome: cell.outcome,
        cause: cell.cause.clone(),
        evidence: cell.evidence.clone(),
    });
    let tries: Vec<Try> = tries.collect();
    let attempts = cells.last()?.attempts;
    let shown = cells.iter().position(|cell| cell.outcome == telling)?;
    Some(Cell {
        outcome,
        attempts,
        tries,
        ..cells.swap_remove(shown)
    })
}

/// Runs a cell, and once more after a lab fault. `before` is how often it was started already.
async fn attempt(
    planned: &PlannedCell,
    bench: &Bench,
    before: u32,
    listener: &Listener,
) -> Result<Cell, reports::file::Error> {
    let mut attempts = before + 1;
    loop {
        let fault = match cell::run(planned, bench, attempts).await {
            Ok(cell) => return Ok(cell),
            Err(cell::Broken::Evidence(error)) => return Err(error),
            Err(cell::Broken::Lab(fault)) => fault,
        };
        tracing::warn!(cell = planned.id, attempts, %fault, "lab fault");
        // Somebody has to see to an external router first.
        if attempts == before + ATTEMPTS || planned.has_external() {
            return Ok(error_cell(planned, &fault, attempts));
        }
        listener(Event::CellRetried {
            id: planned.id.clone(),
            reason: Text::same(fault.to_string()),
        });
        attempts += 1;
    }
}

/// The outcome of a cell that cannot or must not run, if it is one.
fn without_running(planned: &PlannedCell, prepared: &Prepared) -> Option<Cell> {
    let lacking = planned.lacking();
    if !lacking.is_empty() {
        let cause = Cause::new(
            CauseCode::DeclaredUnsupported,
            Side::Profile,
            words::declared_unsupported(&lacking, &planned.case),
        );
        return Some(bare_cell(planned, Outcome::Unsupported, Some(cause), 0));
    }
    if let Some(why) = external::out_of_reach(planned) {
        let cause = Cause::new(CauseCode::LabOutOfReach, Side::Lab, why);
        return Some(bare_cell(planned, Outcome::Skipped, Some(cause), 0));
    }
    if let Err(fault) = &prepared.lab {
        return Some(error_cell(planned, fault, 0));
    }
    if let Ok(lab) = &prepared.lab
        && lab.facts().backend == lab::vm::BACKEND
        && planned.has_external()
    {
        let what = "no virtual machine has the interface that an external router is cabled to";
        let fault = LabError::new(Fault::Network, what);
        let fault = fault.remedy("use --lab crun or --lab docker, as root");
        return Some(error_cell(planned, &fault, 0));
    }
    let ours = [&planned.initiator, &planned.responder];
    let ours = ours.into_iter().filter(|p| p.external.is_none());
    let mut images = ours.map(|p| prepared.images.get(&p.id));
    let fault = images.find_map(|image| match image {
        Some(Ok(_)) => None,
        Some(Err(fault)) => Some(fault.clone()),
        None => Some(LabError::new(Fault::Harness, "no image was prepared")),
    })?;
    Some(error_cell(planned, &fault, 0))
}

fn error_cell(planned: &PlannedCell, fault: &LabError, attempts: u32) -> Cell {
    let cause = Cause::new(CauseCode::LabFault, Side::Lab, words::lab_fault(fault));
    bare_cell(planned, Outcome::Error, Some(cause), attempts)
}

fn bare_cell(planned: &PlannedCell, outcome: Outcome, cause: Option<Cause>, attempts: u32) -> Cell {
    Cell {
        id: planned.id.clone(),
        case: planned.case.id.clone(),
        initiator: planned.initiator.id.clone(),
        responder: planned.responder.id.clone(),
        outcome,
        cause,
        observations: Vec::new(),
        stages: Vec::<Stage>::new(),
        attempts,
        tries: Vec::new(),
        inputs_sha256: Some(planned.inputs_sha256.clone()),
        evidence: None,
    }
}

fn record(
    plan: &Plan,
    prepared: &Prepared,
    started: Timestamp,
    cells: Vec<Cell>,
    complete: bool,
) -> Run {
    Run {
        schema: SCHEMA,
        started,
        finished: Timestamp::now(),
        complete,
        tool: Tool {
            name: "ikematrix".into(),
            version: env!("CARGO_PKG_VERSION").into(),
        },
        lab: prepared.record.clone(),
        vendors: plan
            .profiles
            .iter()
            .map(|profile| vendor(profile, prepared))
            .collect(),
        cases: plan
            .cases
            .iter()
            .map(|case| CaseRecord {
                id: case.id.clone(),
                abbreviation: case.abbreviation.clone(),
                title: case.title.clone(),
                clause: case.clause.to_string(),
                requirement: case.clause.restated.clone(),
                case_sha256: case.sha256.clone(),
            })
            .collect(),
        cells,
        comparison: None,
        selection: plan.selection.clone(),
        inputs: None,
    }
}

fn vendor(profile: &vendors::Profile, prepared: &Prepared) -> Vendor {
    let image = prepared
        .images
        .get(&profile.id)
        .and_then(|image| image.as_ref().ok());
    Vendor {
        id: profile.id.clone(),
        name: profile.name.clone(),
        basis: profile.basis.clone(),
        implementation: profile.implementation.id.clone(),
        version: profile.version.clone(),
        packages: image.map_or_else(Vec::new, |image| {
            let packages = image.packages.iter();
            packages
                .map(|p| Package {
                    name: p.name.clone(),
                    version: p.version.clone(),
                })
                .collect()
        }),
        image: image.map_or_else(String::new, |image| image.digest.clone()),
        profile_sha256: profile.sha256.clone(),
    }
}

/// Random octets from the operating system.
fn random<const N: usize>() -> Result<[u8; N], LabError>
where
    [u8; N]: ring::rand::RandomlyConstructable,
{
    ring::rand::generate(&ring::rand::SystemRandom::new())
        .map(ring::rand::Random::expose)
        .map_err(|_| LabError::new(Fault::Harness, "the system gives no random numbers"))
}

/// The lab's name for the network of a cell: its number in the plan, from 0, and the attempt, from 1.
pub(crate) fn testbed_name(number: usize, attempt: u32) -> String {
    format!("c{number}-{attempt}")
}

/// The folder of a cell's evidence, relative to the folder of `run.json`; with several tries, each
/// has a folder of its own in it.
pub(crate) fn evidence_folder(planned: &PlannedCell, try_number: Option<u16>) -> PathBuf {
    let folder = Path::new("evidence").join(&planned.case.id).join(format!(
        "{}--{}",
        planned.initiator.id, planned.responder.id
    ));
    match try_number {
        Some(number) => folder.join(format!("try-{number}")),
        None => folder,
    }
}

/// What a lab says of itself, with why it was chosen.
pub(crate) fn lab_record(lab: &Arc<dyn Lab>, reason: Text) -> LabRecord {
    let facts = lab.facts();
    LabRecord {
        backend: facts.backend.clone(),
        kernel: facts.kernel.clone(),
        accel: facts.accel.clone(),
        reason,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::planned;

    /// The cell after tries that ended so, each after one more start.
    fn summed(outcomes: &[Outcome]) -> Option<Cell> {
        let planned = planned("strongswan-6.0", "libreswan-5.2");
        let cells = outcomes.iter().zip(1..).map(|(outcome, number)| Cell {
            evidence: Some(format!("try-{number}")),
            ..bare_cell(&planned, *outcome, None, number)
        });
        sum_up(cells.collect())
    }

    #[test]
    fn several_tries_come_to_one_cell_that_shows_the_first_failure() {
        use Outcome::{Error, Fail, Pass, Unstable};
        for (tries, outcome, shown) in [
            (&[Pass, Pass][..], Pass, "try-1"),
            (&[Pass, Fail, Fail], Unstable, "try-2"),
            (&[Error, Pass, Fail], Unstable, "try-3"),
            (&[Fail, Fail], Fail, "try-1"),
            (&[Pass, Pass, Error], Error, "try-3"),
        ] {
            let cell = summed(tries).unwrap();
            assert_eq!(cell.outcome, outcome, "{tries:?}");
            assert_eq!(cell.evidence.as_deref(), Some(shown), "{tries:?}");
            let kept: Vec<Outcome> = cell.tries.iter().map(|one| one.outcome).collect();
            assert_eq!(kept, tries);
            assert_eq!(usize::try_from(cell.attempts).unwrap(), tries.len());
        }
        assert!(summed(&[]).is_none());
    }
}
