//! What a cell does for its external router, if it has one.

use std::path::PathBuf;

use cases::Role;
use lab::{Carrier, LabError};
use reports::cause::{Cause, CauseCode, Side};
use reports::model::Outcome;
use vendors::{Content, RenderedFile};

use super::{Broken, Trial, Verdict};
use crate::engine::router::Router;
use crate::judge::Ends;
use crate::words;

impl Trial<'_> {
    /// Writes the sheets of external routers. They stand in the evidence in the place of a
    /// configuration. Gives the verdict where a model lacks what the case needs.
    pub(super) fn write_sheets(
        &self,
        files: &mut Ends<Vec<RenderedFile>>,
    ) -> Result<Result<(), Verdict>, Broken> {
        for role in Role::BOTH {
            let Some(outside) = self.router(role).outside() else {
                continue;
            };
            let Some(settings) = &self.settings else {
                continue;
            };
            let planned = self.planned;
            let ends: (&vendors::Profile, &vendors::Profile) =
                (planned.end(role), planned.end(role.peer()));
            let text = match outside.prepare(ends, &planned.case, settings.of(role))? {
                Ok(text) => text,
                Err(gaps) => {
                    let why = words::external::gaps(&gaps);
                    let code = CauseCode::DeclaredUnsupported;
                    return Ok(Err(Verdict {
                        outcome: Outcome::Unsupported,
                        cause: Some(Cause::new(code, Side::Profile, why)),
                        observations: Vec::new(),
                    }));
                }
            };
            let sheet = RenderedFile {
                path: PathBuf::from("/sheet.md"),
                mode: 0o600,
                content: Content::Configuration(text),
            };
            match role {
                Role::Initiator => files.initiator.push(sheet),
                Role::Responder => files.responder.push(sheet),
            }
        }
        Ok(Ok(()))
    }

    /// Whether the lab runs both routers.
    pub(super) fn is_all_ours(&self) -> bool {
        Role::BOTH
            .into_iter()
            .all(|role| self.router(role).outside().is_none())
    }

    /// How long the cell may take.
    pub(super) fn time_limit(&self) -> std::time::Duration {
        let own = self.limits.cell();
        let outside = Role::BOTH.map(|role| self.router(role).outside());
        let more = outside.into_iter().flatten().map(|one| one.cell_limit());
        own + more.sum::<std::time::Duration>()
    }

    /// A fault of which a person may read: what a command printed can hold what it was given.
    pub(super) fn without_secrets(&self, fault: LabError) -> LabError {
        LabError {
            what: self.keys.redact(&fault.what),
            ..fault
        }
    }

    /// Makes sure that an external router is there: that it answers at its address on the wan.
    pub(super) async fn look_for(&self, role: Role) -> Result<(), LabError> {
        let (router, peer) = (self.router(role), self.router(role.peer()));
        let Some(outside) = router.outside() else {
            return Ok(());
        };
        // A NAT stands between them, and there nothing can be asked.
        if router.site.is_behind_nat() || peer.site.is_behind_nat() {
            return Ok(());
        }
        let mut look = 0;
        while !self.is_there(router, peer).await? {
            look += 1;
            outside.look_again(look).await?;
        }
        Ok(())
    }

    /// Whether a router answers its peer's ARP request; whether it answers ping is its own affair.
    async fn is_there(&self, router: &Router, peer: &Router) -> Result<bool, LabError> {
        let address = router.site.wan_address().to_string();
        let ask = ["/bin/ping", "-c", "3", "-i", "0.3", "-W", "1", &address];
        let look = ["/sbin/ip", "-4", "neigh", "show", "to", &address];
        let millis = u64::try_from(self.limits.command().as_millis()).unwrap_or(u64::MAX);
        let run = async |argv: &[&str]| {
            let argv: Vec<String> = argv.iter().map(|&word| word.to_owned()).collect();
            self.testbed.exec(peer.site.router, &argv, millis).await
        };
        run(&ask).await?;
        let found = run(&look).await?;
        Ok(String::from_utf8_lossy(&found.text).contains(" lladdr "))
    }

    /// How the cables of external routers fare.
    pub(super) async fn carriers(&self) -> Result<Vec<Carrier>, LabError> {
        let mut carriers = Vec::new();
        for role in Role::BOTH {
            let router = self.router(role);
            if router.outside().is_some() {
                carriers.extend(self.testbed.carriers(router.site.router).await?);
            }
        }
        Ok(carriers)
    }
}
