//! `ikematrix run`: a plan, its cells, and the reports of them.

use std::collections::HashSet;
use std::fs::File;
use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use nix::fcntl::{Flock, FlockArg};
use reports::comparison::{as_expected, compare};
use reports::escape::visible;
use reports::expectation::Expectation;
use reports::model::{Inputs, Outcome, Run as RunRecord};
use reports::seal::{self, SigningKey};
use reports::text::Lang;
use reports::{bundle, html, json, junit, terminal};
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;
use vendors::Sheets;

use super::outputs::{check_beside, check_folder_of, check_outside};
use super::print;
use super::verify::signing_key;
use crate::affected;
use crate::cli::{Common, Place, Run};
use crate::engine::external::Desk;
use crate::engine::{self, Issuing, Orders, Preparation};
use crate::expectation;
use crate::failure::{AS_EXPECTED, Failure, INTERRUPTED, LAB_FAULT, NOT_AS_EXPECTED};
use crate::operator::Operator;
use crate::plan::{Pair, Plan};
use crate::progress;
use crate::project::{Project, SHEETS, VENDORS};

#[cfg(test)]
mod tests;

/// Folder of the copies of what a run is made of, in the folder of the run.
pub(super) const INPUTS: &str = "inputs";

pub(crate) async fn run(common: &Common, arguments: &Run) -> Result<u8, Failure> {
    if let Some(file) = &arguments.junit {
        check_folder_of("--junit", file)?;
        check_beside("--junit", file, &arguments.out)?;
    }
    if let Some(file) = &arguments.bundle {
        check_folder_of("--bundle", file)?;
        check_outside("--bundle", file, &arguments.out)?;
    }
    let project = Project::load(common.project.as_deref())?;
    let expectation = match &arguments.expect {
        Some(file) => Some(expectation::load(file, &project)?),
        None => None,
    };
    let mut plan = plan(&project, arguments, expectation.as_ref())?;
    if !arguments.affected_by.is_empty() {
        narrow(common, &project, &arguments.affected_by, &mut plan)?;
    }
    let key = signing_key(arguments.sign.as_deref())?;
    let orders = Orders {
        parallel: arguments.jobs.map(usize::from),
        out: arguments.out.clone(),
        keep: false,
        tries: arguments.repeat,
        desk: None,
    };
    let task = Task {
        project: &project,
        plan: &plan,
        expectation,
        issuing: Issuing::now()?,
    };
    let carried = carry_out(common, task, &arguments.place, &orders).await?;
    if let Some(file) = &arguments.junit {
        junit::write(file, &carried.record, common.lang())?;
    }
    carried.seal(key.as_ref())?;
    if let Some(file) = &arguments.bundle {
        bundle::pack(&arguments.out, file)?;
    }
    Ok(exit_code(&carried.record))
}

/// Leaves only the cells that the files can affect, and says which those are.
fn narrow(
    common: &Common,
    project: &Project,
    files: &[PathBuf],
    plan: &mut Plan,
) -> Result<(), Failure> {
    let here = std::env::current_dir()
        .map_err(|error| Failure::input(format!("the working folder is gone: {error}")))?;
    let changed = affected::changed(files, &here, project);
    let selection = affected::narrow(plan, &changed, project);
    let lang = common.lang();
    for changed in &changed {
        print(&format!(
            "{}\n",
            visible(changed.line().in_lang(lang), LONGEST_LINE)
        ));
    }
    let (to_run, left_out) = (plan.cells.len(), selection.left_out.len());
    print(&match lang {
        Lang::En => format!("{to_run} cells to run, {left_out} not affected\n\n"),
        Lang::Ja => format!("実施 {to_run} 件、影響なし {left_out} 件\n\n"),
    });
    plan.selection = Some(selection);
    Ok(())
}

/// Longest line about a changed file, in characters.
const LONGEST_LINE: usize = 400;

/// What is to be carried out.
pub(crate) struct Task<'a> {
    /// Where the plan is from.
    pub(crate) project: &'a Project,
    pub(crate) plan: &'a Plan,
    pub(crate) expectation: Option<Expectation>,
    pub(crate) issuing: Issuing,
}

/// What was carried out.
pub(crate) struct Carried {
    pub(crate) record: RunRecord,
    /// Closed, unless it was to be kept and the run is complete.
    pub(crate) prepared: engine::Prepared,
    /// Nobody else writes into it meanwhile.
    folder: OutFolder,
}

impl Carried {
    /// The last act of a run: whatever is written into its folder after this is tampering.
    pub(crate) fn seal(&self, key: Option<&SigningKey>) -> Result<(), Failure> {
        seal::seal(&self.folder.path, key)?;
        Ok(())
    }
}

/// Runs a plan with everything around it: folder, inputs, lab, signals, comparison, reports.
pub(crate) async fn carry_out(
    common: &Common,
    task: Task<'_>,
    place: &Place,
    orders: &Orders,
) -> Result<Carried, Failure> {
    let docker_base = place.docker_base(&[])?;
    let folder = OutFolder::claim(&orders.out)?;
    let Task {
        project,
        plan,
        expectation,
        issuing,
    } = task;
    project.keep_inputs(plan, &orders.out.join(INPUTS))?;
    let stop = stop_on_signal()?;
    let lang = common.lang();
    let listener = progress::listener(lang);
    let preparation = Preparation {
        choice: place.lab,
        cache: common.cache(),
        keep: orders.keep,
        kernel_words: place.kernel_word.clone(),
        docker_base,
        issuing,
    };
    let desk = desk(project, plan, place, &listener, lang)?;
    let orders = &Orders {
        desk,
        ..orders.clone()
    };
    let prepared = tokio::select! {
        prepared = engine::prepare(plan, &preparation, &listener) => prepared,
        () = stop.cancelled() => return Err(Failure::interrupted()),
    };
    let ran = engine::run(plan, &prepared, orders, &listener, &stop).await;
    // Whoever stops a run does not want to look inside.
    let keep = orders.keep && ran.as_ref().is_ok_and(|record| record.complete);
    if !keep {
        prepared.close().await;
    }
    let mut record = ran?;
    record.inputs = Some(Inputs {
        project: INPUTS.to_owned(),
        certificate_seed: hexadecimal(&issuing.seed),
        certificate_time: issuing.time,
    });
    record.comparison = expectation.map(|expectation| compare(expectation, &record));
    json::write(&orders.out.join("run.json"), &record)?;
    html::write(&orders.out.join("index.html"), &record, lang)?;
    print(&terminal::render(&record, &terminal_options(common)));
    Ok(Carried {
        record,
        prepared,
        folder,
    })
}

/// What external routers are met with, where some take part.
fn desk(
    project: &Project,
    plan: &Plan,
    place: &Place,
    listener: &engine::Listener,
    lang: Lang,
) -> Result<Option<Arc<Desk>>, Failure> {
    if !plan.has_external() {
        return Ok(None);
    }
    Ok(Some(Arc::new(Desk {
        sheets: Sheets::load(&project.folder().join(VENDORS).join(SHEETS))?,
        operator: Operator::new(listener.clone(), lang),
        take_over: place.take_over.clone(),
        lang,
    })))
}

fn hexadecimal(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect()
}

pub(crate) fn terminal_options(common: &Common) -> terminal::Options {
    let (on_terminal, no_colour) = (
        io::stdout().is_terminal(),
        std::env::var_os("NO_COLOR").is_some(),
    );
    terminal::Options {
        lang: common.lang(),
        colour: on_terminal && !no_colour,
        width: terminal_width().unwrap_or(100),
    }
}

pub(crate) fn exit_code(record: &RunRecord) -> u8 {
    let any = |outcome| record.cells.iter().any(|cell| cell.outcome == outcome);
    if !record.complete {
        INTERRUPTED
    } else if any(Outcome::Error) {
        LAB_FAULT
    } else if as_expected(record) {
        AS_EXPECTED
    } else {
        NOT_AS_EXPECTED
    }
}

fn plan(
    project: &Project,
    arguments: &Run,
    expectation: Option<&Expectation>,
) -> Result<Plan, Failure> {
    if !arguments.cells.is_empty() {
        return plan_of_cells(project, &arguments.cells);
    }
    let mut vendors = arguments.vendors.clone();
    if vendors.is_empty() {
        // Pairings alone say which vendors the matrix has.
        for Pair {
            initiator,
            responder,
        } in &arguments.pairs
        {
            vendors.extend([initiator.clone(), responder.clone()]);
        }
    }
    let mut cases = arguments.cases.clone();
    if let Some(expectation) = expectation {
        if vendors.is_empty() {
            vendors.extend(expectation.vendors.iter().map(|vendor| vendor.id.clone()));
        }
        if cases.is_empty() {
            cases.clone_from(&expectation.cases);
        }
    }
    let profiles = project.select_profiles(&vendors)?;
    for Pair {
        initiator,
        responder,
    } in &arguments.pairs
    {
        for id in [initiator, responder] {
            if !profiles.iter().any(|profile| profile.id == *id) {
                project.profile(id)?;
                return Err(Failure::input(format!(
                    "--pair {initiator}:{responder}: {id} is not among the chosen vendors; add \
                     --vendor {id}"
                )));
            }
        }
    }
    let cases = project.select_cases(&cases)?;
    let pairs = (!arguments.pairs.is_empty()).then_some(arguments.pairs.as_slice());
    Ok(Plan::new(
        profiles,
        cases,
        project.certificates().clone(),
        pairs,
    ))
}

/// The cells that are named, and the vendors and cases that they name, each in the order given.
fn plan_of_cells(project: &Project, cells: &[(String, Pair)]) -> Result<Plan, Failure> {
    let cases: Vec<String> = cells.iter().map(|(case, _)| case.clone()).collect();
    let vendors: Vec<String> = cells
        .iter()
        .flat_map(|(_, pair)| [pair.initiator.clone(), pair.responder.clone()])
        .collect();
    let mut plan = Plan::new(
        project.select_profiles(&vendors)?,
        project.select_cases(&cases)?,
        project.certificates().clone(),
        None,
    );
    let wanted: HashSet<String> = cells
        .iter()
        .map(|(case, pair)| format!("{case}/{}:{}", pair.initiator, pair.responder))
        .collect();
    plan.cells.retain(|cell| wanted.contains(&cell.id));
    Ok(plan)
}

/// The folder of a run, claimed so that a second run cannot write into it.
pub(super) struct OutFolder {
    path: PathBuf,
    _lock: Flock<File>,
}

impl OutFolder {
    /// Makes the folder, shows that it can be written, and removes an earlier run's evidence.
    pub(super) fn claim(path: &Path) -> Result<Self, Failure> {
        let cannot = |what: &str, error: io::Error| {
            Failure::input(format!(
                "cannot {what} {}: {error}; name another folder with --out",
                path.display()
            ))
        };
        std::fs::create_dir_all(path).map_err(|error| cannot("make", error))?;
        let lock = File::options()
            .create(true)
            .append(true)
            .open(path.join(seal::LOCK));
        let lock = lock.map_err(|error| cannot("write into", error))?;
        let lock = Flock::lock(lock, FlockArg::LockExclusiveNonblock).map_err(|_| {
            Failure::input(format!(
                "another run is writing into {}; wait for it, or name another folder with --out",
                path.display()
            ))
        })?;
        reports::file::clear_remains(path);
        for old in ["run.json", "index.html", seal::MANIFEST, seal::SIGNATURE] {
            remove(&path.join(old), |path| std::fs::remove_file(path))
                .map_err(|error| cannot("replace the earlier run in", error))?;
        }
        for old in ["evidence", INPUTS] {
            remove(&path.join(old), |path| std::fs::remove_dir_all(path))
                .map_err(|error| cannot("replace the earlier run in", error))?;
        }
        Ok(Self {
            path: path.to_owned(),
            _lock: lock,
        })
    }
}

fn remove(path: &PathBuf, how: impl Fn(&PathBuf) -> io::Result<()>) -> io::Result<()> {
    match how(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        Err(_) | Ok(()) => Ok(()),
    }
}

/// A token that SIGINT or SIGTERM cancels. The second signal ends the program on the spot; the next
/// run then tidies up.
pub(super) fn stop_on_signal() -> Result<CancellationToken, Failure> {
    let cannot = |error| Failure::lab(format!("cannot listen for signals: {error}"));
    let mut interrupt = signal(SignalKind::interrupt()).map_err(cannot)?;
    let mut terminate = signal(SignalKind::terminate()).map_err(cannot)?;
    let mut next = async move || {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    };
    let stop = CancellationToken::new();
    let token = stop.clone();
    tokio::spawn(async move {
        next().await;
        token.cancel();
        next().await;
        std::process::exit(INTERRUPTED.into());
    });
    Ok(stop)
}

fn terminal_width() -> Option<usize> {
    let (width, _) = terminal_size::terminal_size_of(io::stdout())?;
    Some(width.0.into())
}
