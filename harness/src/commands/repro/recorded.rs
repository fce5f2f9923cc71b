//! A cell of a finished run: what it was made of, and how that differs from what is there now.

use std::path::Path;

use cases::Role;
use files::use_known;
use jiff::{SignedDuration, Timestamp};
use reports::json;
use reports::model::{Inputs, Run};
use reports::seal;

use crate::cli::Common;
use crate::commands::finished::Finished;
use crate::engine::Issuing;
use crate::failure::Failure;
use crate::plan::PlannedCell;
use crate::project::Project;

/// A finished run whose cells can be run again.
pub(super) struct Recorded {
    pub(super) run: Run,
    inputs: Inputs,
    /// The profiles, cases and certificate profiles of then.
    pub(super) project: Project,
    // The project is loaded from it; nothing reads it any more.
    _finished: Finished,
}

impl Recorded {
    pub(super) fn open(path: &Path) -> Result<Self, Failure> {
        let finished = Finished::open(path)?;
        let run = json::read(&finished.record())?;
        check_seal(path, finished.folder())?;
        let Some(inputs) = run.inputs.clone() else {
            return Err(Failure::input(format!(
                "{} keeps no inputs: it was made by an earlier version; run the cell again in its \
                 project, without --from",
                path.display()
            )));
        };
        let project = Project::load(Some(&finished.folder().join(&inputs.project)))?;
        Ok(Self {
            run,
            inputs,
            project,
            _finished: finished,
        })
    }

    /// Makes sure that the run has the cell.
    pub(super) fn check_cell(&self, id: &str) -> Result<(), Failure> {
        if self.run.cells.iter().any(|cell| cell.id == id) {
            return Ok(());
        }
        let known: Vec<&str> = self.run.cells.iter().map(|cell| cell.id.as_str()).collect();
        Err(Failure::input(format!(
            "the run has no cell {id:?}\n{}",
            use_known(id, &known)
        )))
    }

    /// What the certificates of the cell follow from: as then, unless one of them would have begun or
    /// ceased to be valid meanwhile. That would be another test, so they are reckoned from now.
    pub(super) fn issuing(&self, cell: &PlannedCell, now: Timestamp) -> Result<Issuing, Failure> {
        let then = self.inputs.certificate_time;
        let time = if self.has_same_validity(cell, now)? {
            then
        } else {
            now
        };
        Ok(Issuing {
            seed: seed(&self.inputs.certificate_seed)?,
            time,
        })
    }

    fn has_same_validity(&self, cell: &PlannedCell, now: Timestamp) -> Result<bool, Failure> {
        let then = self.inputs.certificate_time;
        for role in Role::BOTH {
            let setup = &cell.case.setup;
            // By the clock of each end, which a case may have set wrong.
            for clock in [0, setup.end(role).clock] {
                let off = SignedDuration::from_hours(24 * i64::from(clock));
                let (at, later) = (then.saturating_add(off), now.saturating_add(off));
                let (Ok(at), Ok(later)) = (at, later) else {
                    continue;
                };
                for id in [setup.certificates_of(role), setup.trust_of(role)] {
                    let Some(id) = id else { continue };
                    let profile = self.project.certificates().get(id)?;
                    if !profile.has_same_validity(then, at, later)? {
                        return Ok(false);
                    }
                }
            }
        }
        Ok(true)
    }

    pub(super) fn certificate_time(&self) -> Timestamp {
        self.inputs.certificate_time
    }
}

/// What was tampered with proves nothing when it is run again.
fn check_seal(path: &Path, folder: &Path) -> Result<(), Failure> {
    if seal::read(folder)?.is_none() {
        return Ok(());
    }
    let verified = seal::verify(folder)?;
    if verified.findings.is_empty() {
        return Ok(());
    }
    Err(Failure::input(format!(
        "{path} is not as it was sealed; `ikematrix verify {path}` says what differs. To run what is \
         in it all the same, name its inputs as the project: --project {inputs}",
        path = path.display(),
        inputs = folder.join("inputs").display()
    )))
}

fn seed(digits: &str) -> Result<certs::Seed, Failure> {
    let mut seed = certs::Seed::default();
    let pairs = digits.as_bytes().chunks_exact(2);
    for (octet, pair) in seed.iter_mut().zip(pairs) {
        let pair = std::str::from_utf8(pair).unwrap_or_default();
        // The record was checked when it was read.
        *octet = u8::from_str_radix(pair, 16)
            .map_err(|_| Failure::input("the seed of the record is not hexadecimal"))?;
    }
    Ok(seed)
}

/// The project around the working folder or the one that was named, to compare with.
pub(super) fn project_of_now(common: &Common) -> Result<Option<Project>, Failure> {
    match (Project::load(common.project.as_deref()), &common.project) {
        (Ok(project), _) => Ok(Some(project)),
        (Err(failure), Some(_)) => Err(failure),
        // A bundle is for where no project is.
        (Err(_), None) => Ok(None),
    }
}
