//! Puts single routers to the test, with a tester of our own as the other end.
//!
//! A router is started once for each way in which cases set it up, and meets them one after the other;
//! one that no longer answers is started anew. Routers are tested at the same time, as many as the lab carries.

mod bed;
mod material;
mod network;
mod reason;
mod record;
mod subject;

use std::path::PathBuf;
use std::sync::Arc;

use cases::vector::Vector;
use conformance::Setup;
use lab::{Fault, Lab, LabError};
use reports::event::Event;
use reports::model::{Cell, Run};
use reports::text::Text;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use vendors::Profile;

use super::prepare::ImageFacts;
use super::{ATTEMPTS, Listener, Orders, Prepared};
use bed::{Bed, Purpose};
use material::Material;

pub(super) use material::anchors;
pub(crate) use subject::Subject;

/// The id under which the tester stands in a record, beside the vendors.
pub(crate) use reports::conformance::TESTER;

/// What is to be tested.
pub(crate) struct Test {
    pub(crate) profiles: Vec<Arc<Profile>>,
    pub(crate) subjects: Vec<Subject>,
    /// The vector that every router must accept; `None` where no vectors are among the subjects.
    pub(crate) baseline: Option<Arc<Vector>>,
    pub(crate) certificates: Arc<certs::Profiles>,
}

/// How a router is set up, and whether vectors are shown to it.
type Footing = (Setup, bool);

/// Runs every case on every router. Stops early when told to: the record then says that it is not
/// complete.
///
/// # Errors
/// When the evidence cannot be written.
pub(crate) async fn conform(
    test: &Test,
    prepared: &Prepared,
    orders: &Orders,
    listener: &Listener,
    stop: &CancellationToken,
) -> Result<Run, reports::file::Error> {
    let started = prepared.started;
    let parallel = prepared.at_once(orders.parallel);
    listener(Event::LabReady {
        lab: prepared.record.clone(),
        cells: test.profiles.len() * test.subjects.len(),
        parallel,
    });
    let vectors = test.subjects.iter().filter_map(|subject| match subject {
        Subject::Vector { vector, .. } => Some(vector.clone()),
        Subject::Clause(_) => None,
    });
    let material = test
        .baseline
        .as_ref()
        .map(|baseline| Material::begin(baseline, vectors.collect()));
    let slots = Arc::new(Semaphore::new(parallel));
    let mut tasks = JoinSet::new();
    for (number, profile) in test.profiles.iter().enumerate() {
        let router = UnderTest {
            number,
            profile: prepared.fitted(profile),
            image: match prepared.images.get(&profile.id) {
                Some(image) => image.clone(),
                None => Err(LabError::new(Fault::Harness, "no image was prepared")),
            },
            lab: prepared.lab.clone(),
            certificates: test.certificates.clone(),
            vectors: material.clone(),
            out: orders.out.clone(),
            listener: listener.clone(),
            stop: stop.clone(),
        };
        let (subjects, slots) = (test.subjects.clone(), slots.clone());
        tasks.spawn(async move {
            let Ok(_slot) = slots.acquire_owned().await else {
                return (number, Ok(Vec::new()));
            };
            (number, router.test(&subjects).await)
        });
    }
    let mut cells: Vec<Vec<Cell>> = vec![Vec::new(); test.profiles.len()];
    while let Some(joined) = tasks.join_next().await {
        match joined {
            Ok((number, Ok(of_router))) => cells[number] = of_router,
            Ok((_, Err(error))) => {
                stop.cancel();
                return Err(error);
            }
            // The cells of this router are missing: the record is not complete.
            Err(panic) => tracing::error!(%panic, "a bug of this program"),
        }
    }
    let cells: Vec<Cell> = cells.into_iter().flatten().collect();
    let complete = cells.len() == test.profiles.len() * test.subjects.len();
    listener(Event::RunFinished { complete });
    Ok(record::run(test, prepared, started, cells, complete))
}

/// A router, and where it is tested.
struct UnderTest {
    number: usize,
    profile: Arc<Profile>,
    image: Result<ImageFacts, LabError>,
    lab: Result<Arc<dyn Lab>, LabError>,
    certificates: Arc<certs::Profiles>,
    vectors: Option<Arc<Material>>,
    out: PathBuf,
    listener: Listener,
    stop: CancellationToken,
}

impl UnderTest {
    async fn test(&self, subjects: &[Subject]) -> Result<Vec<Cell>, reports::file::Error> {
        let mut cells = Vec::new();
        let mut bed: Option<(Footing, Bed)> = None;
        for (number, case) in subjects.iter().enumerate() {
            if self.stop.is_cancelled() {
                break;
            }
            let id = record::id(case, &self.profile);
            if let Some(cell) = record::lacking(case, &self.profile) {
                (self.listener)(Event::CellFinished {
                    cell: Box::new(cell.clone()),
                });
                cells.push(cell);
                continue;
            }
            (self.listener)(Event::CellStarted { id: id.clone() });
            if let Some((_, other)) = bed.take_if(|(other, _)| *other != footing(case)) {
                other.close().await;
            }
            let cell = self.attempt(case, &id, number, &mut bed).await?;
            (self.listener)(Event::CellFinished {
                cell: Box::new(cell.clone()),
            });
            cells.push(cell);
        }
        if let Some((_, bed)) = bed {
            bed.close().await;
        }
        Ok(cells)
    }

    /// Runs a case, and once more after a lab fault.
    async fn attempt(
        &self,
        case: &Subject,
        id: &str,
        number: usize,
        bed: &mut Option<(Footing, Bed)>,
    ) -> Result<Cell, reports::file::Error> {
        let mut attempts = 1;
        loop {
            let fault = match self.once(case, (number, attempts), bed).await? {
                Ok(cell) => return Ok(cell),
                Err(fault) => fault,
            };
            tracing::warn!(cell = id, attempts, %fault, "lab fault");
            if let Some((_, broken)) = bed.take() {
                broken.close().await;
            }
            if attempts == ATTEMPTS {
                return Ok(record::error(case, &self.profile, &fault, attempts));
            }
            (self.listener)(Event::CellRetried {
                id: id.to_owned(),
                reason: Text::same(fault.to_string()),
            });
            attempts += 1;
        }
    }

    async fn once(
        &self,
        case: &Subject,
        (number, attempt): (usize, u32),
        kept: &mut Option<(Footing, Bed)>,
    ) -> Result<Result<Cell, LabError>, reports::file::Error> {
        let (image, lab) = match (&self.image, &self.lab) {
            (Ok(image), Ok(lab)) => (image, lab),
            (Err(fault), _) | (_, Err(fault)) => return Ok(Err(fault.clone())),
        };
        let mut bed = match kept.take() {
            Some((_, bed)) => bed,
            None => {
                let name = format!("r{}-{number}-{attempt}", self.number);
                let purpose = Purpose {
                    setup: case.setup(),
                    certificates: self.certificates.clone(),
                    vectors: self.vectors.clone().filter(|_| case.is_vector()),
                };
                match Bed::set_up(lab, name, &self.profile, image, &purpose).await {
                    Ok(bed) => bed,
                    Err(fault) => return Ok(Err(fault)),
                }
            }
        };
        let tried = match bed.run(case, attempt).await {
            Ok(tried) => tried,
            Err(fault) => {
                *kept = Some((footing(case), bed));
                return Ok(Err(fault));
            }
        };
        let cell = record::cell(case, &bed, &tried, &self.out, attempt)?;
        if tried.is_usable() {
            *kept = Some((footing(case), bed));
        } else {
            bed.close().await;
        }
        Ok(Ok(cell))
    }
}

fn footing(subject: &Subject) -> Footing {
    (subject.setup(), subject.is_vector())
}
