//! One cell from its rendered configuration to its verdict.

mod external;
mod flood;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use cases::Role;
use lab::{BlockRule, Carrier, Count, Fault, Lab, LabError, PortCount, Testbed};
use reports::cause::Cause;
use reports::model::{Cell, Outcome, Stage};
use transcript::keys::{EspKeys, IkeKeys};
use transcript::model::Transcript;
use vendors::{RenderedFile, RouterSettings};

use super::credentials::{CredentialStore, Shown};
use super::evidence::Evidence;
use super::evidence_folder;
use super::external::{Desk, Outside, cables_moved};
use super::limits::Limits;
use super::prepare::ImageFacts;
use super::probes::Probes;
use super::router::{Keys, Refusal, Router, mirrored, settings};
use super::toil::Toil;
use super::topology::{Site, WAN, add_network, add_site, host};
use super::{path_check, session_keys};
use crate::diagnose::{self, Diagnosis, Logs, PathCheck};
use crate::judge::wire::Wire;
use crate::judge::{Ends, Sightings, Traffic, passes};
use crate::plan::PlannedCell;
use crate::story;

/// What a cell needs of the run.
#[derive(Clone)]
pub(crate) struct Bench {
    pub(crate) lab: Arc<dyn Lab>,
    /// The cell's number in the plan, from 0.
    pub(crate) number: usize,
    /// What is known of each vendor's image.
    pub(crate) images: Arc<BTreeMap<String, Result<ImageFacts, LabError>>>,
    pub(crate) credentials: Arc<CredentialStore>,
    /// Folder of `run.json`.
    pub(crate) out: PathBuf,
    /// Leave the testbed up.
    pub(crate) keep: bool,
    /// Which try it is, from 1, where there are several.
    pub(crate) try_number: Option<u16>,
    /// To meet external routers with.
    pub(crate) desk: Option<Arc<Desk>>,
}

/// Why an attempt gave no verdict.
pub(crate) enum Broken {
    Lab(LabError),
    /// The evidence could not be written: no cell of this run can be.
    Evidence(reports::file::Error),
}

impl From<LabError> for Broken {
    fn from(fault: LabError) -> Self {
        Self::Lab(fault)
    }
}

/// Room for every packet of a cell many times over. When it is full the cell cannot pass: a cut
/// capture proves nothing.
pub(super) const CAPTURE_LIMIT: u64 = 16 * 1024 * 1024;

/// Runs the cell once.
pub(crate) async fn run(
    planned: &PlannedCell,
    bench: &Bench,
    attempt: u32,
) -> Result<Cell, Broken> {
    let limits = Limits::new(bench.lab.facts().slowness);
    let testbed = Testbed::new(
        bench.lab.clone(),
        super::testbed_name(bench.number, attempt),
    );
    let mut trial = Trial::new(planned, bench, &testbed, limits)?;
    let limit = trial.time_limit();
    let ran = match tokio::time::timeout(limit, trial.run()).await {
        Ok(ran) => ran,
        Err(_) => Err(LabError::new(
            Fault::Harness,
            format!("the cell did not end within {} s", limit.as_secs()),
        )
        .into()),
    };
    // An attempt that a fault of the lab ended is not what somebody wants to look into.
    if !bench.keep || matches!(ran, Err(Broken::Lab(_))) {
        let clock = Instant::now();
        let closed = testbed.close().await;
        trial.stages.push(stage("teardown", clock));
        // A testbed that cannot be removed is a fault, but the verdict before it stands.
        if let Err(fault) = closed {
            tracing::warn!(cell = planned.id, %fault, "a testbed was not removed");
        }
    }
    let verdict = match (ran, trial.flood.take()) {
        // Its own fault and not the lab's; no tunnel is judged.
        (Err(Broken::Lab(_)), Some(cause)) => Verdict {
            outcome: Outcome::Fail,
            cause: Some(cause),
            observations: Vec::new(),
        },
        (ran, _) => ran?,
    };
    let cell = Cell {
        id: planned.id.clone(),
        case: planned.case.id.clone(),
        initiator: planned.initiator.id.clone(),
        responder: planned.responder.id.clone(),
        outcome: verdict.outcome,
        cause: verdict.cause,
        observations: verdict.observations,
        stages: trial.stages,
        attempts: attempt,
        tries: Vec::new(),
        inputs_sha256: Some(planned.inputs_sha256.clone()),
        evidence: Some(trial.evidence.relative()),
    };
    trial.evidence.verdict(&cell).map_err(Broken::Evidence)?;
    Ok(cell)
}

struct Verdict {
    outcome: Outcome,
    cause: Option<Cause>,
    observations: Vec<reports::model::Observation>,
}

/// A cell while it runs.
pub(super) struct Trial<'a> {
    planned: &'a PlannedCell,
    pub(super) testbed: &'a Testbed,
    credentials: &'a CredentialStore,
    pub(super) limits: Limits,
    /// Of the routers that the lab runs.
    images: Ends<Option<String>>,
    keys: Keys,
    /// What each end shows, with a method of certificates.
    certificates: Option<Ends<Shown>>,
    pub(super) probes: Probes,
    pub(super) initiator: Router,
    pub(super) responder: Router,
    /// How the cables of external routers fared when the cell began.
    cables: Vec<Carrier>,
    pub(super) traffic: Ends<Traffic>,
    /// What the wan drops now.
    pub(super) blocked: Vec<BlockRule>,
    /// The cause, when a router sent so much that no capture could hold it.
    flood: Option<Cause>,
    /// What each router was told.
    pub(super) settings: Option<Ends<RouterSettings>>,
    /// Who was asked to rekey, and did not.
    pub(super) not_rekeyed: Vec<Role>,
    /// Lines of both logs when the first negotiation began.
    pub(super) before: Option<Ends<usize>>,
    /// What crossed the wan, as it was captured and as it is told.
    capture: Vec<u8>,
    transcript: Option<Transcript>,
    /// Keys of IKE SAs, from the logs.
    ike_keys: Vec<IkeKeys>,
    /// Keys of every SA of ESP that a kernel held when it was asked.
    esp_keys: Vec<EspKeys>,
    /// What passes between the routers, asked where a message was lost.
    path: Option<PathCheck>,
    evidence: Evidence,
    stages: Vec<Stage>,
}

impl<'a> Trial<'a> {
    fn new(
        planned: &'a PlannedCell,
        bench: &'a Bench,
        testbed: &'a Testbed,
        limits: Limits,
    ) -> Result<Self, Broken> {
        let image = |profile: &vendors::Profile| match bench.images.get(&profile.id) {
            _ if profile.external.is_some() => Ok(None),
            Some(Ok(image)) => Ok(Some(image.key.clone())),
            Some(Err(fault)) => Err(fault.clone()),
            None => Err(LabError::new(Fault::Harness, "no image was prepared")),
        };
        let nat = planned.case.setup.nat;
        let router = |role| {
            let site = Site::with_nat(role, nat);
            let profile = planned.end(role);
            let outside = Outside::of(profile, &planned.case, site, bench.desk.as_ref())?;
            let router = Router::new(testbed, site, profile, limits);
            Ok::<_, LabError>(router.reached_by(outside))
        };
        Ok(Self {
            planned,
            testbed,
            limits,
            images: Ends {
                initiator: image(&planned.initiator)?,
                responder: image(&planned.responder)?,
            },
            keys: Keys::fresh()?,
            credentials: &bench.credentials,
            certificates: None,
            probes: Probes::fresh(limits)?,
            initiator: router(Role::Initiator)?,
            responder: router(Role::Responder)?,
            cables: Vec::new(),
            traffic: Ends::default(),
            settings: None,
            not_rekeyed: Vec::new(),
            blocked: Vec::new(),
            flood: None,
            before: None,
            capture: Vec::new(),
            transcript: None,
            ike_keys: Vec::new(),
            esp_keys: Vec::new(),
            path: None,
            evidence: Evidence::create(
                &bench.out,
                evidence_folder(planned, bench.try_number),
                &planned.id,
            )
            .map_err(Broken::Evidence)?,
            stages: Vec::new(),
        })
    }

    async fn run(&mut self) -> Result<Verdict, Broken> {
        let clock = Instant::now();
        self.certificates = self.credentials.of_cell(self.planned).await?;
        for role in Role::BOTH {
            if let Some(shown) = &self.certificates {
                let password = shown.of(role).credentials.password.clone();
                self.keys.add_password(password);
            }
        }
        self.stages.push(stage("credentials", clock));

        let clock = Instant::now();
        let mut files = self.render()?;
        if let Err(verdict) = self.write_sheets(&mut files)? {
            return Ok(verdict);
        }
        self.evidence
            .configuration(&files, &self.keys)
            .map_err(Broken::Evidence)?;
        self.stages.push(stage("render", clock));

        let clock = Instant::now();
        let power_on = clock;
        let started = self.start(&files).await?;
        self.stages.push(stage("start", clock));
        if let Some(refused) = first_refusal(started) {
            self.had_processors(power_on, Toil::default()).await?;
            return self.refused(refused).await;
        }

        let clock = Instant::now();
        let loaded = tokio::try_join!(
            self.initiator.load(self.has_connection(Role::Initiator)),
            self.responder.load(self.has_connection(Role::Responder))
        );
        let loaded = loaded.map_err(|fault| self.without_secrets(fault))?;
        for role in Role::BOTH {
            self.look_for(role).await?;
        }
        self.cables = self.carriers().await?;
        self.stages.push(stage("load", clock));
        if let Some(refused) = first_refusal(Ends {
            initiator: loaded.0,
            responder: loaded.1,
        }) {
            self.had_processors(power_on, Toil::default()).await?;
            return self.refused(refused).await;
        }

        let clock = Instant::now();
        let (begun, before) = (Instant::now(), self.toil().await?);
        for step in &self.planned.case.steps {
            self.step(*step).await?;
        }
        self.stages.push(stage("steps", clock));

        let clock = Instant::now();
        let (sightings, logs) = self.observe().await?;
        self.stages.push(stage("observe", clock));

        let clock = Instant::now();
        let observations = sightings.observations();
        let passed = passes(&observations);
        self.stages.push(stage("judge", clock));

        let clock = Instant::now();
        self.tell().await?;
        let (outcome, cause) = if passed {
            (Outcome::Pass, None)
        } else {
            self.had_processors(begun, before).await?;
            if let Some(fault) = cables_moved(&self.cables, &self.carriers().await?) {
                return Err(fault.into());
            }
            if self.is_all_ours() && diagnose::needs_path(&self.diagnosis(&logs), &sightings) {
                self.path = Some(path_check::check(self.testbed, self.sites(), self.limits).await?);
            }
            (
                Outcome::Fail,
                Some(diagnose::cause(&self.diagnosis(&logs), &sightings)),
            )
        };
        self.stages.push(stage("diagnose", clock));
        Ok(Verdict {
            outcome,
            cause,
            observations,
        })
    }

    async fn toil(&self) -> Result<Toil, LabError> {
        Toil::of(self.testbed, [&self.initiator, &self.responder]).await
    }

    /// A fault of the lab, where since then it gave the routers too little to compute with.
    async fn had_processors(&self, since: Instant, before: Toil) -> Result<(), LabError> {
        let toil = self.toil().await?.since(before);
        tracing::debug!(
            cell = self.planned.id,
            ?toil,
            "the busiest program of both routers"
        );
        toil.starved(since.elapsed()).map_or(Ok(()), Err)
    }

    fn sites(&self) -> Ends<Site> {
        Ends {
            initiator: self.initiator.site,
            responder: self.responder.site,
        }
    }

    /// Whether the case lets the router of this role have its connection.
    fn has_connection(&self, role: Role) -> bool {
        self.planned.case.setup.end(role).has_connection
    }

    fn render(&mut self) -> Result<Ends<Vec<RenderedFile>>, Broken> {
        let told = |role| {
            let (own, peer) = match role {
                Role::Initiator => (&self.planned.initiator, &self.planned.responder),
                Role::Responder => (&self.planned.responder, &self.planned.initiator),
            };
            let shown = self.certificates.as_ref();
            settings(&self.planned.case, role, own, peer, &self.keys, shown)
        };
        let settings = self.settings.insert(Ends {
            initiator: told(Role::Initiator),
            responder: told(Role::Responder),
        });
        let render = |role| {
            let rendered = self.planned.end(role).render(settings.of(role));
            rendered.map_err(|problem| LabError::new(Fault::Harness, problem.to_string()))
        };
        Ok(Ends {
            initiator: render(Role::Initiator)?,
            responder: render(Role::Responder)?,
        })
    }

    /// Lays the network and starts both routers at the same time.
    async fn start(
        &self,
        files: &Ends<Vec<RenderedFile>>,
    ) -> Result<Ends<Result<(), Refusal>>, LabError> {
        let setup = &self.planned.case.setup;
        add_network(self.testbed, setup.nat, setup.wan_mtu).await?;
        let add = async |router: &Router| {
            let role = router.site.role;
            let lan_route = setup.end(role).lan_route;
            if let Some(outside) = router.outside() {
                let host = host(router.site, lan_route);
                return outside.plug(self.testbed, host).await;
            }
            let image = self.images.of(role).as_deref().unwrap_or_default();
            add_site(self.testbed, router.site, image, lan_route, setup.wan_mtu).await
        };
        tokio::try_join!(add(&self.initiator), add(&self.responder))?;
        // Before any daemon can send something, and when both ends are plugged in.
        let comment = format!("ikematrix {}", self.planned.id);
        self.testbed
            .start_capture(WAN, &[WAN], CAPTURE_LIMIT, comment)
            .await?;
        let start = async |router: &Router| {
            let role = router.site.role;
            router.start(files.of(role), setup.end(role).clock).await
        };
        let (initiator, responder) =
            tokio::try_join!(start(&self.initiator), start(&self.responder))?;
        Ok(Ends {
            initiator,
            responder,
        })
    }

    /// Asks all four observers and keeps what they say.
    async fn observe(&mut self) -> Result<(Sightings, Logs), Broken> {
        let (sas_moon, sas_sun, control_moon, control_sun) = tokio::try_join!(
            self.initiator.sas(),
            self.responder.sas(),
            self.initiator.control_state(),
            self.responder.control_state(),
        )?;
        self.note_keys(sas_moon.iter().chain(&sas_sun));
        let closed = Ends {
            initiator: self.initiator.outside().is_some(),
            responder: self.responder.outside().is_some(),
        };
        let (moon, sun) = (self.initiator.site, self.responder.site);
        let (sas_moon, sas_sun) = match (closed.initiator, closed.responder) {
            (true, false) => (mirrored(&sas_sun, sun, moon), sas_sun),
            (false, true) => {
                let mirror = mirrored(&sas_moon, moon, sun);
                (sas_moon, mirror)
            }
            (_, _) => (sas_moon, sas_sun),
        };
        let (control_moon, control_sun) = (
            control_moon.clone().unless_silent(&control_sun),
            control_sun.unless_silent(&control_moon),
        );
        let wire = self.wire().await?;
        let sightings = Sightings {
            control: Ends {
                initiator: control_moon,
                responder: control_sun,
            },
            sas: Ends {
                initiator: sas_moon,
                responder: sas_sun,
            },
            traffic: std::mem::take(&mut self.traffic),
            not_rekeyed: std::mem::take(&mut self.not_rekeyed),
            sites: self.sites(),
            closed,
            wire,
        };
        let logs = self.logs().await?;
        self.evidence
            .sightings(&sightings, &self.keys)
            .map_err(Broken::Evidence)?;
        Ok((sightings, logs))
    }

    /// Remembers the keys of SAs, which may be gone later.
    pub(super) fn note_keys<'s>(&mut self, sas: impl IntoIterator<Item = &'s lab::KernelSa>) {
        for keys in sas.into_iter().filter_map(session_keys::of_kernel) {
            if !self.esp_keys.contains(&keys) {
                self.esp_keys.push(keys);
            }
        }
    }

    async fn wire(&mut self) -> Result<Wire, Broken> {
        let captured = self.testbed.stop_capture(WAN).await?;
        self.evidence
            .capture(&captured.pcapng)
            .map_err(Broken::Evidence)?;
        self.capture.clone_from(&captured.pcapng);
        if captured.cut {
            return Err(self.cut(&captured.ports).await?.into());
        }
        Wire::read(&captured.pcapng, &self.probes.mark)
            .map_err(|why| LabError::new(Fault::Capture, format!("unreadable: {why}")).into())
    }

    /// What it means that a capture is not whole: nothing can be proved by it, whatever it holds.
    async fn cut(&mut self, ports: &[PortCount]) -> Result<LabError, Broken> {
        // They may say why a router sends so much.
        self.logs().await?;
        for role in Role::BOTH {
            if let Some(sent) = flood::of(self.router(role).site.wan_node(), ports) {
                let Count { packets, bytes } = sent;
                self.flood = Some(diagnose::flooded(self.planned, role, packets, bytes));
            }
        }
        let sent: Vec<String> = ports
            .iter()
            .map(|port| format!("{} {} bytes", port.node, port.sent.bytes))
            .collect();
        let what = format!(
            "the wan carried more than a capture holds: {}",
            sent.join(", ")
        );
        Ok(LabError::new(Fault::Capture, what))
    }

    async fn logs(&mut self) -> Result<Logs, Broken> {
        let (initiator, responder) = tokio::try_join!(self.initiator.log(), self.responder.log())?;
        let mut kept = |router: &Router, log: String| {
            let Some(how) = &router.profile.implementation.session_keys else {
                return self.keys.redact(&log);
            };
            self.ike_keys.extend(session_keys::of_log(&log, how));
            self.keys.redact(&session_keys::without_secrets(&log, how))
        };
        let logs = Logs {
            initiator: kept(&self.initiator, initiator),
            responder: kept(&self.responder, responder),
        };
        self.evidence.logs(&logs).map_err(Broken::Evidence)?;
        Ok(logs)
    }

    /// Tells what crossed the wan, as far as the keys in the logs open it.
    async fn tell(&mut self) -> Result<(), Broken> {
        let (capture, keys) = (std::mem::take(&mut self.capture), self.ike_keys.clone());
        let told = tokio::task::spawn_blocking(move || story::unlock(&capture[..], &keys));
        let told = match told.await {
            Ok(Ok(told)) => told,
            Ok(Err(why)) => return Err(LabError::new(Fault::Capture, why.to_string()).into()),
            Err(panic) => {
                let what = format!("a bug of this program: {panic}");
                return Err(LabError::new(Fault::Harness, what).into());
            }
        };
        self.evidence
            .session(&told.transcript, &told.keys, &self.esp_keys)
            .map_err(Broken::Evidence)?;
        self.transcript = Some(told.transcript);
        Ok(())
    }

    fn diagnosis<'d>(&'d self, logs: &'d Logs) -> Diagnosis<'d> {
        Diagnosis {
            planned: self.planned,
            logs,
            shown: self.certificates.as_ref(),
            settings: self.settings.as_ref(),
            transcript: self.transcript.as_ref(),
            path: self.path,
            before: self.before.unwrap_or_default(),
        }
    }

    /// The verdict on a router that did not come up.
    async fn refused(&mut self, (role, refusal): (Role, Refusal)) -> Result<Verdict, Broken> {
        self.wire().await?;
        let logs = self.logs().await?;
        self.tell().await?;
        Ok(Verdict {
            outcome: Outcome::Fail,
            cause: Some(diagnose::refusal(&self.diagnosis(&logs), role, &refusal)),
            observations: Vec::new(),
        })
    }
}

fn first_refusal(ends: Ends<Result<(), Refusal>>) -> Option<(Role, Refusal)> {
    match (ends.initiator, ends.responder) {
        (Err(refusal), _) => Some((Role::Initiator, refusal)),
        (_, Err(refusal)) => Some((Role::Responder, refusal)),
        (Ok(()), Ok(())) => None,
    }
}

fn stage(name: &str, since: Instant) -> Stage {
    let millis = u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX);
    Stage {
        name: name.into(),
        millis,
    }
}
