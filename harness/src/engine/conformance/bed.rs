//! A router under test, the tester's node, and what lies between them.

use std::sync::Arc;
use std::time::{Duration, Instant};

use cases::{AuthMethod, Role};
use conformance::{Bench, Case, Patience, Session, Stop};
use ikev2::endpoint::{Config, Credential, PORT, Path, Trust};
use ikev2::keys::Key;
use ikev2::message::{Identification, TrafficSelector};
use ikev2::numbers::IdType;
use ikev2::random::{Random, SystemRandom};
use ipnet::IpNet;
use lab::{Fault, Lab, LabError, NodeSpec, Testbed};
use transcript::model::Transcript;
use vendors::{
    Credentials, Departures, End, Identity, IdentityKind, Profile, RenderedFile, RouterSettings,
};

use super::super::cell::CAPTURE_LIMIT;
use super::super::limits::Limits;
use super::super::prepare::ImageFacts;
use super::super::router::{Keys, Refusal, Router, end_of};
use super::super::session_keys;
use super::super::topology::{Site, WAN, add_network, add_site, tester_interface};
use super::network::LabNetwork;
use crate::story;

/// How the tester is called by the router.
const TESTER_NAME: &str = "moon.tester.example";

pub(super) struct Bed {
    testbed: Testbed,
    pub(super) profile: Arc<Profile>,
    router: Router,
    keys: Keys,
    files: Vec<RenderedFile>,
    config: Config,
    patience: Patience,
    /// Why the router did not come up.
    refusal: Option<Refusal>,
    /// How many lines its log had when the last case ended.
    logged: usize,
}

/// What became of a case.
pub(super) struct Tried {
    pub(super) ended: Result<(), Stop>,
    /// Whether the router answered somebody new afterwards.
    pub(super) alive: bool,
    pub(super) running: bool,
    pub(super) refusal: Option<Refusal>,
    pub(super) capture: Vec<u8>,
    pub(super) transcript: Transcript,
    pub(super) ike_keys: Vec<transcript::keys::IkeKeys>,
    /// What the router logged in this case.
    pub(super) log: String,
    pub(super) took: Duration,
}

impl Tried {
    /// Whether the router can meet its next case as it is.
    pub(super) fn is_usable(&self) -> bool {
        self.alive && self.running && self.refusal.is_none()
    }
}

impl Bed {
    /// Starts the router, with the tester's node as its peer.
    pub(super) async fn set_up(
        lab: &Arc<dyn Lab>,
        name: String,
        profile: &Arc<Profile>,
        image: &ImageFacts,
    ) -> Result<Self, LabError> {
        let slowness = lab.facts().slowness;
        let limits = Limits::new(slowness);
        let testbed = Testbed::new(lab.clone(), name);
        let router = Router::new(&testbed, Site::of(Role::Responder), profile, limits);
        let keys = Keys::fresh()?;
        let settings = settings(profile, &keys);
        let files = profile.render(&settings);
        let files = files.map_err(|problem| LabError::new(Fault::Harness, problem.to_string()))?;
        let config = config(&settings, &keys)?;
        let mut bed = Self {
            testbed,
            profile: profile.clone(),
            router,
            keys,
            files,
            config,
            patience: Patience {
                answer: Duration::from_secs(3) + Duration::from_millis(500) * slowness,
                silence: Duration::from_millis(600) + Duration::from_millis(200) * slowness,
            },
            refusal: None,
            logged: 0,
        };
        match bed.start(image).await {
            Ok(refusal) => {
                bed.refusal = refusal;
                Ok(bed)
            }
            Err(fault) => {
                bed.close().await;
                Err(fault)
            }
        }
    }

    async fn start(&self, image: &ImageFacts) -> Result<Option<Refusal>, LabError> {
        add_network(&self.testbed, None, None).await?;
        let tester = Site::of(Role::Initiator);
        let node = NodeSpec {
            name: tester.router.into(),
            image: None,
            interfaces: vec![tester_interface()],
            routes: Vec::new(),
            forwarding: false,
        };
        self.testbed.add_node(node).await?;
        add_site(&self.testbed, self.router.site, &image.key, true, None).await?;
        LabNetwork::open(&self.testbed, tester).await?;
        if let Err(refusal) = self.router.start(&self.files, 0).await? {
            return Ok(Some(refusal));
        }
        Ok(self.router.load(true).await?.err())
    }

    /// Runs a case to its end and gathers what shows how it went.
    pub(super) async fn run(
        &mut self,
        case: &'static Case,
        attempt: u32,
    ) -> Result<Tried, LabError> {
        let begun = Instant::now();
        let name = format!("{}.{attempt}", case.id);
        let comment = format!("ikematrix {}", super::record::id(case, &self.profile));
        self.testbed
            .start_capture(&name, &[WAN], CAPTURE_LIMIT, comment)
            .await?;
        let (ended, alive, sessions) = match &self.refusal {
            Some(_) => (Ok(()), false, Vec::new()),
            None => self.try_case(case).await?,
        };
        let captured = self.testbed.stop_capture(&name).await?;
        let running = self.router.is_running().await?;
        let ike_keys: Vec<_> = sessions.into_iter().map(session_keys::of_tester).collect();
        let told = story::unlock(&captured.pcapng[..], &ike_keys);
        let told = told.map_err(|why| LabError::new(Fault::Capture, why.to_string()))?;
        let log = self.log_of_case().await?;
        Ok(Tried {
            ended,
            alive,
            running,
            refusal: self.refusal.clone(),
            capture: captured.pcapng,
            transcript: told.transcript,
            ike_keys: told.keys,
            log,
            took: begun.elapsed(),
        })
    }

    /// The functions of cases wait for answers, so they get a thread where they hold nobody up.
    async fn try_case(
        &self,
        case: &'static Case,
    ) -> Result<(Result<(), Stop>, bool, Vec<Session>), LabError> {
        let [tester, router] = Role::BOTH.map(Site::of);
        let mut network = LabNetwork::new(&self.testbed, tester);
        let path = Path {
            local: (tester.wan_address(), PORT).into(),
            remote: (router.wan_address(), PORT).into(),
        };
        let (config, patience) = (self.config.clone(), self.patience);
        let tried = tokio::task::spawn_blocking(move || {
            let mut bench = Bench::new(&mut network, path, config, patience, random);
            let ended = (case.run)(&mut bench);
            let alive = bench.is_alive();
            let sessions = bench.into_sessions();
            (ended, alive, sessions, network.fault)
        });
        let (ended, alive, sessions, fault) = tried.await.map_err(|panic| {
            LabError::new(Fault::Harness, format!("a bug of this program: {panic}"))
        })?;
        if let Some(fault) = fault {
            return Err(fault);
        }
        Ok((ended, alive.unwrap_or(false), sessions))
    }

    async fn log_of_case(&mut self) -> Result<String, LabError> {
        let log = self.router.log().await?;
        let log = match &self.profile.implementation.session_keys {
            Some(how) => session_keys::without_secrets(&log, how),
            None => log,
        };
        let lines = log.lines().count();
        let new: Vec<&str> = log.lines().skip(self.logged.min(lines)).collect();
        self.logged = lines;
        Ok(self.keys.redact(&new.join("\n")))
    }

    /// The router's files, without secrets.
    pub(super) fn files(&self) -> &[RenderedFile] {
        &self.files
    }

    pub(super) fn keys(&self) -> &Keys {
        &self.keys
    }

    pub(super) async fn close(self) {
        if let Err(fault) = self.testbed.close().await {
            tracing::warn!(%fault, "a testbed was not removed");
        }
    }
}

fn random() -> Box<dyn Random> {
    Box::new(SystemRandom)
}

/// What the router is told: its profile, and the tester as its peer.
fn settings(profile: &Profile, keys: &Keys) -> RouterSettings {
    let tester = Site::of(Role::Initiator);
    RouterSettings {
        role: Role::Responder,
        local: end_of(Role::Responder, profile, AuthMethod::Psk, None),
        remote: End {
            name: tester.router.into(),
            address: tester.wan_address(),
            subnets: vec![tester.lan_subnet()],
            id: Identity::new(IdentityKind::Fqdn, TESTER_NAME),
        },
        auth: Credentials::Psk(keys.of(cases::Psk::Shared)),
        ike: profile.ike.clone(),
        esp: profile.esp.clone(),
        departures: Departures::default(),
    }
}

/// What the tester is told, so that the router accepts it.
fn config(settings: &RouterSettings, keys: &Keys) -> Result<Config, LabError> {
    let secret = keys.of(cases::Psk::Shared);
    let secret = secret.ok_or_else(|| LabError::new(Fault::Harness, "there is no key"))?;
    let key = Key::from(secret.expose().as_bytes());
    let identity = Identification {
        kind: IdType::FQDN,
        reserved: [0; 3],
        data: TESTER_NAME.into(),
    };
    let mut config = Config::new(
        settings.ike.clone(),
        settings.esp.clone(),
        identity,
        Credential::SharedKey(key.clone()),
        Trust::SharedKey(key),
    );
    config.initial_contact = true;
    config.local_selectors = selectors(&settings.remote.subnets);
    config.remote_selectors = selectors(&settings.local.subnets);
    Ok(config)
}

fn selectors(subnets: &[IpNet]) -> Vec<TrafficSelector> {
    let each = subnets.iter().filter_map(|subnet| match subnet {
        IpNet::V4(net) => Some(TrafficSelector::addresses_v4(
            net.network(),
            net.broadcast(),
        )),
        IpNet::V6(_) => None,
    });
    each.collect()
}
