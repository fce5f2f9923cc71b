//! A lab that was left up, with what is needed to drive it: its routers, by the profiles of then.
//!
//! Several programs may look at a lab that was left up, and its machine listens to one at a time. So
//! whoever looks for long opens the session anew for each look.

use std::path::Path;
use std::sync::Arc;

use cases::{Case, Role};
use lab::home::Leftover;
use lab::{Lab, Testbed};
use serde::{Deserialize, Serialize};

use crate::engine::fitted;
use crate::engine::limits::Limits;
use crate::engine::router::Router;
use crate::engine::topology::Site;
use crate::failure::Failure;
use crate::judge::Ends;
use crate::plan::Plan;
use crate::project::Project;

/// In the folder of the lab: what it runs, and the copies of all that this was made of.
const NOTE: &str = "session.json";
const INPUTS: &str = "inputs";

/// What the lab runs.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Note {
    /// The cell that was run.
    cell: String,
    case: String,
    initiator: String,
    responder: String,
    /// The lab's name for the network of the cell.
    testbed: String,
}

/// Leaves the lab up and notes what is in it, so that [`Session::open`] can go on with it.
pub(crate) async fn keep(
    lab: &Arc<dyn Lab>,
    project: &Project,
    plan: &Plan,
    attempts: u32,
) -> Result<(), Failure> {
    let Some((number, cell)) = plan.cells.iter().enumerate().next() else {
        return Err(Failure::lab("there is no cell to be kept"));
    };
    let note = Note {
        cell: cell.id.clone(),
        case: cell.case.id.clone(),
        initiator: cell.initiator.id.clone(),
        responder: cell.responder.id.clone(),
        testbed: crate::engine::testbed_name(number, attempts),
    };
    let home = lab.keep(&cell.id).await?;
    let text = serde_json::to_vec_pretty(&note).map_err(Failure::lab)?;
    reports::file::write_privately(&home.join(NOTE), &text)?;
    project.keep_inputs(plan, &home.join(INPUTS))
}

/// A lab that was left up.
pub(crate) struct Session {
    pub(crate) testbed: Testbed,
    pub(crate) limits: Limits,
    pub(crate) routers: Ends<Router>,
    pub(crate) case: Arc<Case>,
}

impl Session {
    /// Goes on with the lab that was left up last.
    pub(crate) async fn open() -> Result<Self, Failure> {
        let kept: Leftover = lab::home::newest_kept()?;
        let note = read(&kept.path)?;
        let project = Project::load(Some(&kept.path.join(INPUTS)))?;
        let case = project.case(&note.case)?;
        let lab = lab::attach(&kept).await?;
        let without_esp = lab.facts().without_esp.is_some();
        let ends = Ends {
            initiator: fitted(&project.profile(&note.initiator)?, without_esp),
            responder: fitted(&project.profile(&note.responder)?, without_esp),
        };
        let limits = Limits::new(lab.facts().slowness);
        let testbed = Testbed::new(lab, note.testbed);
        let router = |role| {
            let site = Site::with_nat(role, case.setup.nat);
            Router::running(&testbed, site, ends.of(role), limits)
        };
        Ok(Self {
            routers: Ends {
                initiator: router(Role::Initiator),
                responder: router(Role::Responder),
            },
            testbed,
            limits,
            case,
        })
    }

    /// The routers with these names in the network; both without one.
    pub(crate) fn routers(&self, name: Option<&str>) -> Result<Vec<&Router>, Failure> {
        let all = Role::BOTH.map(|role| self.routers.of(role));
        let Some(name) = name else {
            return Ok(all.to_vec());
        };
        let found: Vec<&Router> = all
            .into_iter()
            .filter(|router| router.site.router == name)
            .collect();
        if found.is_empty() {
            let known = all.map(|router| router.site.router).join(", ");
            return Err(Failure::input(format!(
                "there is no router {name:?}; use one of {known}"
            )));
        }
        Ok(found)
    }
}

fn read(home: &Path) -> Result<Note, Failure> {
    let path = home.join(NOTE);
    let text = std::fs::read(&path).map_err(|error| {
        Failure::lab(format!(
            "the lab that was left up does not say what it runs ({}: {error}); remove it with \
             `ikematrix down`, and leave one up with `ikematrix repro CELL --keep`",
            path.display()
        ))
    })?;
    serde_json::from_slice(&text)
        .map_err(|error| Failure::lab(format!("{}: {error}", path.display())))
}
