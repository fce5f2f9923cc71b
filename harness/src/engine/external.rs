//! Routers that no lab runs: set up from a sheet, told what to do by a person or by commands, and
//! seen from outside alone.

mod command;
mod echo;
mod reach;
#[cfg(test)]
mod tests;

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use cases::Case;
use lab::{Cable, Carrier, Fault, LabError, NodeSpec, Output, Testbed};
use reports::text::{Lang, Text};
use tempfile::TempDir;
use vendors::external::fill_in;
use vendors::sheet::{Gap, Sheets, Subject, material};
use vendors::{Argv, External, Lan, Profile, RouterSettings, Way};

use super::topology::Site;
use crate::operator::Operator;
use crate::{sheet_files, words};

pub(crate) use echo::send as send_echoes;
pub(crate) use reach::out_of_reach;

/// How long a command may take. Logging in to a small router alone takes seconds.
const COMMAND: Duration = Duration::from_secs(60);
/// How long a whole cell may take in which commands control a router, and in which a person does.
const CELL: Duration = Duration::from_secs(30 * 60);
const CELL_BY_HAND: Duration = Duration::from_secs(24 * 60 * 60);
/// How often a router that is set up by hand is looked for anew, once somebody has said that it is
/// there.
const LOOKS: usize = 3;

/// What a run needs to meet routers that no lab runs.
pub(crate) struct Desk {
    pub(crate) sheets: Sheets,
    pub(crate) operator: Operator,
    /// Interfaces that were named twice: they are taken although this machine is reached by them.
    pub(crate) take_over: Vec<String>,
    pub(crate) lang: Lang,
}

/// One router of a cell that no lab runs.
pub(crate) struct Outside {
    external: External,
    desk: Arc<Desk>,
    site: Site,
    /// The vendor's.
    name: Text,
    case: String,
    /// The sheet, with what belongs to it.
    prepared: OnceLock<Prepared>,
    /// What the commands printed.
    said: Mutex<String>,
}

struct Prepared {
    /// It goes with the cell, and the secrets with it.
    folder: TempDir,
    sheet: String,
}

/// What a router under test is asked to do in the middle of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    RekeyChild,
    RekeyIke,
    Terminate,
}

impl Order {
    /// As implementations and profiles name it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::RekeyChild => "rekey_child",
            Self::RekeyIke => "rekey_ike",
            Self::Terminate => "terminate",
        }
    }

    pub(crate) fn commands(self, profile: &Profile) -> &[Argv] {
        let control = &profile.implementation.control;
        match self {
            Self::RekeyChild => &control.rekey_child,
            Self::RekeyIke => &control.rekey_ike,
            Self::Terminate => &control.terminate,
        }
    }
}

impl Outside {
    /// `None` for a router that the lab runs.
    ///
    /// # Errors
    /// When the run has nothing to meet such routers with.
    pub(crate) fn of(
        profile: &Profile,
        case: &Case,
        site: Site,
        desk: Option<&Arc<Desk>>,
    ) -> Result<Option<Arc<Self>>, LabError> {
        let Some(external) = &profile.external else {
            return Ok(None);
        };
        let Some(desk) = desk else {
            let what = format!("{} is an external router", profile.id);
            return Err(LabError::new(Fault::Harness, what)
                .remedy("try it with `ikematrix run` or `ikematrix repro`"));
        };
        Ok(Some(Arc::new(Self {
            external: external.clone(),
            desk: desk.clone(),
            site,
            name: profile.name.clone(),
            case: case.id.clone(),
            prepared: OnceLock::new(),
            said: Mutex::default(),
        })))
    }

    /// How long a cell with it may take, beside what the lab's own routers need.
    pub(crate) fn cell_limit(&self) -> Duration {
        match self.external.control {
            Way::Manual => CELL_BY_HAND,
            Way::Command => CELL,
        }
    }

    /// Writes the sheet with all that belongs to it. Gives its text; or what the model lacks, so that
    /// the case cannot be set up on it.
    pub(crate) fn prepare(
        &self,
        ends: (&Profile, &Profile),
        case: &Case,
        router: &RouterSettings,
    ) -> Result<Result<String, Vec<Gap>>, LabError> {
        let doing = |error: &dyn std::fmt::Display| {
            LabError::new(
                Fault::Files,
                format!("write the configuration sheet: {error}"),
            )
        };
        let (vendor, peer) = ends;
        let sheets = &self.desk.sheets;
        let model = sheets.model(&self.external.sheet);
        let model = model.map_err(|unknown| LabError::new(Fault::Harness, unknown.to_string()))?;
        let subject = Subject {
            vendor,
            peer,
            case,
            router,
            has_files: true,
        };
        let sheet = sheets.render(model, subject, self.desk.lang);
        let sheet = sheet.map_err(|problem| LabError::new(Fault::Harness, problem.to_string()))?;
        if model.has_draft() && sheet.commands.is_none() {
            return Ok(Err(sheet.gaps));
        }
        let folder = tempfile::Builder::new()
            .prefix("ikematrix-sheet-")
            .permissions(Permissions::from_mode(0o700))
            .tempdir()
            .map_err(|error| doing(&error))?;
        sheet_files::fill(folder.path(), &sheet, &material(&router.auth))
            .map_err(|error| doing(&error))?;
        let text = sheet.text;
        let prepared = Prepared {
            folder,
            sheet: text.clone(),
        };
        if self.prepared.set(prepared).is_err() {
            return Err(LabError::new(Fault::Harness, "a sheet was written twice"));
        }
        Ok(Ok(text))
    }

    /// Joins the links of its site with the interfaces that it is cabled to, and adds the host behind
    /// it, where there is to be one.
    pub(crate) async fn plug(&self, testbed: &Testbed, host: NodeSpec) -> Result<(), LabError> {
        let cable = |link: &str, device: &str| Cable {
            node: self.site.router.to_owned(),
            link: link.to_owned(),
            device: device.to_owned(),
            even_in_use: self.desk.take_over.iter().any(|named| named == device),
        };
        let wan = cable(self.site.uplink(), &self.external.interface);
        testbed.plug(wan).await?;
        let Lan::Interface(device) = &self.external.lan else {
            return Ok(());
        };
        testbed.plug(cable(self.site.lan(), device)).await?;
        testbed.add_node(host).await
    }

    /// Whether nothing of the lab stands behind it.
    pub(crate) fn answers_itself(&self) -> bool {
        self.external.lan == Lan::Echo
    }

    /// Has it set up.
    pub(crate) async fn load(&self, commands: &[Argv]) -> Result<(), LabError> {
        match self.external.control {
            Way::Manual => self.ask(&self.checklist()?).await,
            Way::Command => self.run_all(commands).await,
        }
    }

    /// Has whoever set it up look again, because it is not there. Gives up when nobody can.
    pub(crate) async fn look_again(&self, look: usize) -> Result<(), LabError> {
        let address = self.site.own_address();
        let absent = || {
            let what = format!(
                "no router answers at {address} on {}",
                self.external.interface
            );
            LabError::new(Fault::Network, what).remedy(
                "see that it is on, cabled to that interface, and has that address on its WAN side",
            )
        };
        if self.external.control == Way::Command || look >= LOOKS {
            return Err(absent());
        }
        let text = words::external::absent(&address.to_string(), &self.external.interface);
        self.ask(text.in_lang(self.desk.lang)).await
    }

    pub(crate) async fn initiate(&self, commands: &[Argv]) -> Result<(), LabError> {
        match self.external.control {
            Way::Manual => {
                let text = words::external::initiate(&self.name);
                self.ask(text.in_lang(self.desk.lang)).await
            }
            Way::Command => {
                for command in commands {
                    self.run(command).await?;
                }
                Ok(())
            }
        }
    }

    pub(crate) async fn order(&self, order: Order, commands: &[Argv]) -> Result<(), LabError> {
        match self.external.control {
            Way::Manual => {
                let text = words::external::order(order, &self.name);
                self.ask(text.in_lang(self.desk.lang)).await
            }
            Way::Command => {
                for command in commands {
                    self.run(command).await?;
                }
                Ok(())
            }
        }
    }

    /// Runs a command on this machine. What it answers is for the caller to judge.
    pub(crate) async fn run(&self, command: &Argv) -> Result<Output, LabError> {
        let site = self.site;
        let folder = self.folder()?.display().to_string();
        let (wan, lan) = (
            site.own_network().to_string(),
            site.lan_router().to_string(),
        );
        let gateway = site.gateway().to_string();
        let values = [
            ("folder", folder.as_str()),
            ("role", site.role.as_str()),
            ("case", &self.case),
            ("wan_address", &wan),
            ("lan_address", &lan),
            ("gateway", &gateway),
        ];
        let argv = fill_in(command, &values);
        let output = command::run(&argv, COMMAND).await?;
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        command::note(&mut said, &argv, &output);
        Ok(output)
    }

    /// Runs commands that must all succeed: what keeps them from it may be anything between here and
    /// the router, so it is never counted against the router.
    async fn run_all(&self, commands: &[Argv]) -> Result<(), LabError> {
        for command in commands {
            let output = self.run(command).await?;
            if output.code != Some(0) {
                let what = format!("`{}` {}", command.join(" "), command::ending(&output));
                return Err(LabError::new(Fault::Runtime, what)
                    .remedy("try it by hand, and see [external.commands] of the profile"));
            }
        }
        Ok(())
    }

    /// What its commands have printed, and with them its log where one prints that.
    pub(crate) async fn log(&self) -> Result<String, LabError> {
        for command in &self.external.log {
            self.run(command).await?;
        }
        Ok(self.said())
    }

    /// What its commands have printed so far.
    pub(crate) fn said(&self) -> String {
        let said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        said.clone()
    }

    fn folder(&self) -> Result<PathBuf, LabError> {
        let prepared = self.prepared.get();
        let folder = prepared.map(|prepared| prepared.folder.path().to_owned());
        folder.ok_or_else(|| LabError::new(Fault::Harness, "there is no sheet yet"))
    }

    fn checklist(&self) -> Result<String, LabError> {
        let sheet = self.prepared.get().map(|prepared| prepared.sheet.as_str());
        let list = words::external::checklist(&words::external::Checklist {
            vendor: &self.name,
            external: &self.external,
            site: self.site,
            folder: &self.folder()?,
        });
        let list = list.in_lang(self.desk.lang);
        Ok(format!("{}\n{list}", sheet.unwrap_or_default()))
    }

    async fn ask(&self, task: &str) -> Result<(), LabError> {
        if self.desk.operator.ask(task).await? {
            return Ok(());
        }
        Err(LabError::new(
            Fault::Runtime,
            "whoever sets up the router by hand says that it cannot be done",
        ))
    }
}

/// What somebody has done to the cables since: a fault of the lab, whatever became of the tunnel.
pub(crate) fn cables_moved(before: &[Carrier], after: &[Carrier]) -> Option<LabError> {
    let moved = after.iter().find(|now| {
        let then = before.iter().find(|then| then.device == now.device);
        !now.up || then.is_none_or(|then| then.changes != now.changes)
    })?;
    let what = format!(
        "the cable at {} lost its carrier while the cell ran: it was pulled, or the router was off",
        moved.device
    );
    Some(
        LabError::new(Fault::Network, what)
            .remedy("plug it in, wait for the router, and run again"),
    )
}

/// Whose router in a cell no lab runs.
pub(crate) fn is_external(profile: &Profile) -> bool {
    profile.external.is_some()
}

impl std::fmt::Debug for Outside {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Outside")
            .field("external", &self.external)
            .field("role", &self.site.role)
            .finish_non_exhaustive()
    }
}
