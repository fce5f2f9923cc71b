//! `ikematrix bench`: how long each part of a run takes, measured on real cells.
//!
//! One lab serves all measurements; others are compared with it on the same cells. Nothing is judged
//! here: a figure is what the clock said.

mod beside;
mod figures;
mod reading;
mod table;

use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};
use std::time::Instant;

use reports::event::Event;
use reports::model::{Cell, Outcome, Run};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

use self::beside::Beside;
use self::figures::{
    CellFigures, Cost, DiagnosisFigures, Figures, LabFigures, Pace, Timed, exchange, millis, sizes,
    spread, stage_medians,
};
use super::print;
use super::run::stop_on_signal;
use crate::cli::{Bench, Common};
use crate::engine::{self, CAPTURE, Issuing, Listener, Orders, Preparation, Prepared};
use crate::failure::{AS_EXPECTED, Failure};
use crate::plan::Plan;
use crate::progress;
use crate::project::Project;

/// How many cells at once are compared.
const JOBS: [usize; 3] = [1, 2, 4];

pub(crate) async fn bench(common: &Common, arguments: &Bench) -> Result<u8, Failure> {
    let project = Project::load(common.project.as_deref())?;
    let profiles = project.select_profiles(&arguments.vendors)?;
    let plan = Plan::new(
        profiles,
        vec![project.case(&arguments.case)?],
        project.certificates().clone(),
        None,
    );
    let empty_cache = arguments.build.then(temporary_folder).transpose()?;
    let cache = empty_cache.as_ref().map(|folder| folder.path().to_owned());
    let preparation = Preparation {
        choice: arguments.place.lab,
        cache: cache.unwrap_or_else(|| common.cache()),
        keep: false,
        kernel_words: arguments.place.kernel_word.clone(),
        docker_base: arguments.place.docker_base(&arguments.against)?,
        issuing: Issuing::now()?,
    };
    let stop = stop_on_signal()?;
    let (notes, noted) = channel();
    let listener = noting(progress::listener(common.lang()), notes);
    let prepared = ready(&plan, &preparation, &listener, &stop).await?;
    let measurement = Measurement {
        prepared: &prepared,
        listener: &listener,
        stop: &stop,
    };
    let measured = measurement.figures(&plan, noted.try_iter().collect()).await;
    prepared.close().await;
    let (mut figures, costs) = measured?;
    for choice in &arguments.against {
        if choice.is(&figures.lab.backend) {
            continue;
        }
        let preparation = Preparation {
            choice: *choice,
            ..preparation.clone()
        };
        let prepared = ready(&plan, &preparation, &listener, &stop).await?;
        let measurement = Measurement {
            prepared: &prepared,
            listener: &listener,
            stop: &stop,
        };
        let measured = measurement.beside(&plan, &costs).await;
        prepared.close().await;
        figures.beside.push(measured?);
    }
    if arguments.json {
        let json = serde_json::to_string_pretty(&figures).map_err(Failure::lab)?;
        print(&(json + "\n"));
    } else {
        print(&table::render(&figures, common.lang()));
    }
    Ok(AS_EXPECTED)
}

/// The lab and the images of a plan.
async fn ready(
    plan: &Plan,
    preparation: &Preparation,
    listener: &Listener,
    stop: &CancellationToken,
) -> Result<Prepared, Failure> {
    tokio::select! {
        prepared = engine::prepare(plan, preparation, listener) => Ok(prepared),
        () = stop.cancelled() => Err(Failure::interrupted()),
    }
}

struct Measurement<'a> {
    prepared: &'a Prepared,
    listener: &'a Listener,
    stop: &'a CancellationToken,
}

impl Measurement<'_> {
    /// Measures everything; `preparations` are those that ended before, in their order. Gives what
    /// each cell took, too.
    async fn figures(
        &self,
        plan: &Plan,
        mut preparations: Vec<Timed>,
    ) -> Result<(Figures, Vec<Cost>), Failure> {
        let lab = self.prepared.lab.as_ref().map_err(Clone::clone)?;
        // The lab starts when all images are there.
        let boot = preparations.pop().map_or(0, |boot| boot.millis);
        let (mut parallel, mut costs) = (Vec::new(), Vec::new());
        let (mut diagnosis, mut read) = (DiagnosisFigures::default(), None);
        for jobs in JOBS {
            let out = temporary_folder()?;
            let (pace, run) = self.pace(plan, jobs, out.path()).await?;
            if jobs == 1 {
                costs = costs_of(&run, out.path());
                diagnosis = DiagnosisFigures::of(&run.cells);
                read = a_capture(&run, out.path())
                    .map(|capture| reading::measure(&capture))
                    .transpose()?;
            }
            parallel.push(pace);
        }
        let jobs = lab.facts().parallel;
        let mut growth = Vec::new();
        for vendors in sizes(plan.profiles.len()) {
            let known = |pace: &&Pace| pace.jobs == jobs && pace.vendors == vendors;
            growth.push(match parallel.iter().find(known) {
                Some(pace) => pace.clone(),
                None => {
                    let part = spread(&plan.profiles, vendors);
                    let part = Plan::new(part, plan.cases.clone(), plan.certificates.clone(), None);
                    let out = temporary_folder()?;
                    self.pace(&part, jobs, out.path()).await?.0
                }
            });
        }
        let figures = Figures {
            lab: LabFigures::of(&self.prepared.record),
            boot,
            images: preparations,
            stages: stage_medians(&costs),
            cell: CellFigures::of(&costs),
            diagnosis,
            reading: read,
            parallel,
            growth,
            beside: Vec::new(),
        };
        Ok((figures, costs))
    }

    /// Compares this lab, one cell at a time, with the one in which the cells took so much.
    async fn beside(&self, plan: &Plan, costs: &[Cost]) -> Result<Beside, Failure> {
        if let Err(fault) = &self.prepared.lab {
            return Ok(Beside::not_measured(&self.prepared.record, fault));
        }
        let out = temporary_folder()?;
        let (_, run) = self.pace(plan, 1, out.path()).await?;
        let other = costs_of(&run, out.path());
        Ok(Beside::of(&self.prepared.record, costs, &other))
    }

    /// Runs a plan and says how fast it went.
    async fn pace(&self, plan: &Plan, jobs: usize, out: &Path) -> Result<(Pace, Run), Failure> {
        let orders = Orders {
            parallel: Some(jobs),
            out: out.to_owned(),
            keep: false,
            tries: 1,
            desk: None,
        };
        let begun = Instant::now();
        let run = engine::run(plan, self.prepared, &orders, self.listener, self.stop).await?;
        let taken = begun.elapsed();
        if !run.complete {
            return Err(Failure::interrupted());
        }
        let (vendors, cells) = (plan.profiles.len(), run.cells.len());
        let pace = Pace::new(jobs, vendors, cells, passed(&run).count(), taken);
        Ok((pace, run))
    }
}

fn passed(run: &Run) -> impl Iterator<Item = &Cell> {
    run.cells
        .iter()
        .filter(|cell| cell.outcome == Outcome::Pass)
}

/// What each cell that passed took. Others wait for what does not come.
fn costs_of(run: &Run, out: &Path) -> Vec<Cost> {
    let cost = |cell: &Cell| {
        let capture = out.join(cell.evidence.as_ref()?).join(CAPTURE);
        let exchange = exchange(&std::fs::read(capture).ok()?)?;
        let stages = cell.stages.iter();
        Some(Cost {
            cell: cell.id.clone(),
            stages: stages
                .map(|stage| Timed::new(&stage.name, stage.millis))
                .collect(),
            exchange: millis(exchange),
        })
    };
    passed(run).filter_map(cost).collect()
}

/// The capture of a cell that passed.
fn a_capture(run: &Run, out: &Path) -> Option<Vec<u8>> {
    let captures = passed(run).filter_map(|cell| cell.evidence.as_ref());
    let mut captures = captures.map(|folder| out.join(folder).join(CAPTURE));
    captures.find_map(|capture| std::fs::read(capture).ok())
}

/// Notes what was prepared and passes everything on.
fn noting(listener: Listener, notes: Sender<Timed>) -> Listener {
    Arc::new(move |event| {
        if let Event::PreparationFinished { what, millis } = &event {
            // Once nobody asks for notes any more, there is nothing to note.
            let _ = notes.send(Timed::new(&what.en, *millis));
        }
        listener(event);
    })
}

fn temporary_folder() -> Result<TempDir, Failure> {
    let folder = tempfile::Builder::new()
        .prefix("ikematrix-bench-")
        .tempdir();
    folder.map_err(|error| Failure::lab(format!("cannot make a temporary folder: {error}")))
}
