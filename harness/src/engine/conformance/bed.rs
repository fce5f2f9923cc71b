//! A router under test, the tester's node, and what lies between them.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use cases::vector::Presented;
use cases::{AuthMethod, Role, Setting};
use conformance::vector::{Verdict, present};
use conformance::{Bench, Case, Given, Hosts, Patience, Seen, Session, Setup, Signer, Stop};
use ikev2::authentication::{PublicKey, SigningKey};
use ikev2::endpoint::{Config, Credential, PORT, Path, Trust};
use ikev2::keys::Key;
use ikev2::message::{Certificate, CertificateRequest, Identification, TrafficSelector};
use ikev2::numbers::{CertEncoding, IdType};
use ikev2::random::{Random, SystemRandom};
use ipnet::IpNet;
use lab::{Fault, Lab, LabError, NodeSpec, Testbed};
use ring::digest;
use transcript::model::Transcript;
use vendors::{
    Credentials, Departures, End, Identity, IdentityKind, Profile, RenderedFile, RouterSettings,
};
use x509_parser::prelude::{FromDer, X509Certificate};

use super::super::cell::CAPTURE_LIMIT;
use super::super::credentials::{WithTester, for_vectors, with_tester};
use super::super::limits::Limits;
use super::super::prepare::ImageFacts;
use super::super::router::{Keys, Names, Refusal, Router, end_of};
use super::super::session_keys;
use super::super::topology::{Site, WAN, add_network, add_site, tester_interface};
use super::material::{Material, names as names_of_vectors};
use super::network::LabNetwork;
use super::subject::Subject;
use crate::story;

/// Where the tester stands, and what it is called by the router.
fn tester_names(tester: Site) -> Names {
    Names {
        fqdn: format!("{}.tester.example", tester.router),
        email: format!("{}@tester.example", tester.router),
    }
}

/// The setting of an implementation that has a router accept whoever proves an identity.
pub(super) const ANY_PEER: &str = "any_peer";

/// What a bed is made for.
#[derive(Clone)]
pub(super) struct Purpose {
    pub(super) setup: Setup,
    pub(super) certificates: Arc<certs::Profiles>,
    /// `None` for cases.
    pub(super) vectors: Option<Arc<Material>>,
}

pub(super) struct Bed {
    testbed: Testbed,
    pub(super) profile: Arc<Profile>,
    router: Router,
    keys: Keys,
    files: Vec<RenderedFile>,
    given: Given,
    /// Why the router did not come up.
    refusal: Option<Refusal>,
    /// How many lines its log had when the last case ended.
    logged: usize,
    vectors: Option<Arc<Material>>,
    /// Whether the router accepted the baseline of the vectors when it met it last.
    accepts_baseline: bool,
}

/// What became of a case.
pub(super) struct Tried {
    /// With what the router made of a vector.
    pub(super) ended: Result<Option<Verdict>, Stop>,
    /// Whether the router answered somebody new afterwards, or accepted the baseline of the vectors.
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
        purpose: &Purpose,
    ) -> Result<Self, LabError> {
        let Purpose {
            setup,
            certificates,
            vectors,
        } = purpose.clone();
        let slowness = lab.facts().slowness;
        let limits = Limits::new(slowness);
        let role = role_of(setup);
        let [tester, site] = [role.peer(), role].map(Site::of);
        let names = match &vectors {
            Some(_) => names_of_vectors(),
            None => tester_names(tester),
        };
        let mut keys = Keys::fresh()?;
        let vendor = profile.clone();
        let mut baseline = None;
        let issued = match &vectors {
            Some(material) => {
                baseline = Some(material.baseline().await?);
                let authority = material.authority.clone();
                Some(for_vectors(authority, certificates, role, vendor).await?)
            }
            None if setup.has_certificates => {
                Some(with_tester(certificates, role, vendor, names.clone()).await?)
            }
            None => None,
        };
        if let Some(issued) = &issued {
            keys.add_password(issued.router.credentials.password.clone());
        }
        let mut settings = settings(profile, role, &names, &keys, issued.as_ref());
        if vectors.is_some() && !setup.router_initiates && profile.settings.contains_key(ANY_PEER) {
            let of_bed = &mut settings.departures.settings;
            of_bed.insert(ANY_PEER.to_owned(), Setting::Switch(true));
        }
        let files = profile.render(&settings);
        let files = files.map_err(|problem| LabError::new(Fault::Harness, problem.to_string()))?;
        let (config, signers) = proofs(&settings, &names, &keys, (issued.as_ref(), baseline))?;
        let testbed = Testbed::new(lab.clone(), name);
        let mut bed = Self {
            router: Router::new(&testbed, site, profile, limits),
            testbed,
            profile: profile.clone(),
            keys,
            files,
            given: Given {
                setup,
                path: Path {
                    local: (tester.wan_address(), PORT).into(),
                    remote: (site.wan_address(), PORT).into(),
                },
                config,
                patience: Patience {
                    answer: Duration::from_secs(3) + Duration::from_millis(500) * slowness,
                    silence: Duration::from_millis(600) + Duration::from_millis(200) * slowness,
                },
                hosts: Hosts {
                    own: tester.host_ipv4(),
                    remote: site.host_ipv4(),
                },
                random,
                signers,
                signatures: profile.signatures.clone(),
            },
            refusal: None,
            logged: 0,
            vectors,
            accepts_baseline: false,
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
        let tester = self.tester();
        let node = NodeSpec {
            name: tester.router.into(),
            image: None,
            interfaces: vec![tester_interface(tester)],
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
    pub(super) async fn run(&mut self, subject: &Subject, attempt: u32) -> Result<Tried, LabError> {
        // A vector may still be in the making.
        let presented = match (subject, &self.vectors) {
            (Subject::Vector { vector, .. }, Some(material)) => Some(material.of(vector).await?),
            (Subject::Vector { .. } | Subject::Clause(_), _) => None,
        };
        let begun = Instant::now();
        let name = format!("{}.{attempt}", subject.id());
        let comment = format!("ikematrix {}", super::record::id(subject, &self.profile));
        self.testbed
            .start_capture(&name, &[WAN], CAPTURE_LIMIT, comment)
            .await?;
        let (ended, alive, sessions) = match (&self.refusal, subject, presented) {
            (Some(_), ..) => (Ok(None), false, Vec::new()),
            (None, Subject::Clause(case), _) => self.try_case(case).await?,
            (None, Subject::Vector { .. }, Some(presented)) => self.try_vector(presented).await?,
            (None, Subject::Vector { .. }, None) => {
                let what = "a vector came to a router that is set up for cases";
                return Err(LabError::new(Fault::Harness, what));
            }
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
    async fn try_case(&self, case: &'static Case) -> Result<Course, LabError> {
        let network = LabNetwork::new(&self.testbed, self.tester(), &self.router);
        let (ended, mut network, mut sessions) = self.with_bench(network, case.run).await?;
        if self.given.setup.router_initiates {
            network.abandon().await?;
        }
        let (alive, _, others) = self.with_bench(network, |bench| bench.is_alive()).await?;
        sessions.extend(others);
        Ok((ended.map(|()| None), alive.unwrap_or(false), sessions))
    }

    /// Shows a vector, between two times that the baseline is shown: the second one of a vector is the
    /// first one of the next.
    async fn try_vector(&mut self, presented: Arc<Presented>) -> Result<Course, LabError> {
        let Some(material) = &self.vectors else {
            let what = "a vector came to a router that is set up for cases";
            return Err(LabError::new(Fault::Harness, what));
        };
        let baseline = material.baseline().await?;
        let network = LabNetwork::new(&self.testbed, self.tester(), &self.router);
        let (before, is_known) = (baseline.clone(), self.accepts_baseline);
        self.accepts_baseline = false;
        let shown = self.with_bench(network, move |bench| {
            if !is_known {
                accepts(bench, &before)?;
            }
            present(bench, &presented)
        });
        let (ended, mut network, mut sessions) = shown.await?;
        if self.given.setup.router_initiates {
            network.abandon().await?;
        }
        let after = self.with_bench(network, move |bench| accepts(bench, &baseline));
        let (after, _, others) = after.await?;
        sessions.extend(others);
        self.accepts_baseline = after.is_ok();
        Ok((ended.map(Some), after.is_ok(), sessions))
    }

    async fn with_bench<T: Send + 'static>(
        &self,
        mut network: LabNetwork,
        run: impl FnOnce(&mut Bench<'_>) -> T + Send + 'static,
    ) -> Result<(T, LabNetwork, Vec<Session>), LabError> {
        let given = self.given.clone();
        let tried = tokio::task::spawn_blocking(move || {
            let mut bench = Bench::new(&mut network, given);
            let ended = run(&mut bench);
            let sessions = bench.into_sessions();
            (ended, network, sessions)
        });
        let (ended, mut network, sessions) = tried.await.map_err(|panic| {
            LabError::new(Fault::Harness, format!("a bug of this program: {panic}"))
        })?;
        match network.fault.take() {
            Some(fault) => Err(fault),
            None => Ok((ended, network, sessions)),
        }
    }

    fn tester(&self) -> Site {
        Site::of(self.router.site.role.peer())
    }

    /// The part of the router in the first exchange.
    pub(super) fn role(&self) -> Role {
        self.router.site.role
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

/// How a case or a vector ended, whether the router was itself afterwards, and the keys of all IKE SAs.
type Course = (Result<Option<Verdict>, Stop>, bool, Vec<Session>);

/// That the router accepts the baseline of the vectors.
fn accepts(bench: &mut Bench<'_>, baseline: &Presented) -> Result<(), Stop> {
    let seen = match present(bench, baseline)? {
        Verdict::Accepted => return Ok(()),
        Verdict::Rejected(why) => Seen::Refused(why),
        Verdict::Ended | Verdict::NoAnswer => Seen::Silence,
    };
    Err(Stop::Control(seen))
}

fn random() -> Box<dyn Random> {
    Box::new(SystemRandom)
}

/// The part of the router in the first exchange.
pub(super) fn role_of(setup: Setup) -> Role {
    if setup.router_initiates {
        Role::Initiator
    } else {
        Role::Responder
    }
}

/// What the router is told: its profile, and the tester as its peer.
fn settings(
    profile: &Profile,
    role: Role,
    names: &Names,
    keys: &Keys,
    issued: Option<&WithTester>,
) -> RouterSettings {
    let tester = Site::of(role.peer());
    let shown = issued.map(|issued| &issued.router);
    RouterSettings {
        role,
        local: end_of(role, profile, method(issued), shown),
        remote: End {
            name: tester.router.into(),
            address: tester.wan_address(),
            subnets: vec![tester.lan_subnet()],
            id: Identity::new(IdentityKind::Fqdn, names.fqdn.clone()),
        },
        auth: match shown {
            Some(shown) => Credentials::Certificate(Box::new(shown.credentials.clone())),
            None => Credentials::Psk(keys.of(cases::Psk::Shared)),
        },
        ike: profile.ike.clone(),
        esp: profile.esp.clone(),
        departures: Departures::default(),
    }
}

fn method(issued: Option<&WithTester>) -> AuthMethod {
    match issued {
        Some(_) => AuthMethod::CertRfc4945,
        None => AuthMethod::Psk,
    }
}

/// What the tester is told so that the router accepts it, and what else it can sign with.
fn proofs(
    settings: &RouterSettings,
    names: &Names,
    keys: &Keys,
    (issued, baseline): (Option<&WithTester>, Option<Arc<Presented>>),
) -> Result<(Config, Vec<Signer>), LabError> {
    let fault = |what: &dyn fmt::Display| LabError::new(Fault::Harness, what.to_string());
    let mut signers = Vec::new();
    let mut requests = Vec::new();
    let (credential, trust) = match issued {
        None => {
            let secret = keys.of(cases::Psk::Shared);
            let secret = secret.ok_or_else(|| fault(&"there is no key"))?;
            let key = Key::from(secret.expose().as_bytes());
            (Credential::SharedKey(key.clone()), Trust::SharedKey(key))
        }
        Some(issued) => {
            for own in &issued.tester {
                let key = SigningKey::from_pkcs8(&own.key.pkcs8_der());
                let chain = std::iter::once(own.certificate.der())
                    .chain(own.intermediates.iter().map(|one| one.der()));
                signers.push(Signer {
                    key: Arc::new(key.map_err(|why| fault(&why))?),
                    certificates: chain.map(certificate).collect(),
                });
            }
            if let Some(root) = &issued.router.root {
                requests.push(request(root).map_err(|why| fault(&why))?);
            }
            let of_baseline = baseline.map(|baseline| Signer {
                key: baseline.key.clone(),
                certificates: baseline.certificates.clone(),
            });
            let first = of_baseline.as_ref().or_else(|| signers.first());
            let first = first.ok_or_else(|| fault(&"there is no signer"))?;
            let credential = first.credential(None);
            let key = PublicKey::from_spki(&issued.router_key).map_err(|why| fault(&why))?;
            (credential, Trust::PublicKey(key))
        }
    };
    let identity = Identification {
        kind: IdType::FQDN,
        reserved: [0; 3],
        data: names.fqdn.clone().into(),
    };
    let mut config = Config::new(
        settings.ike.clone(),
        settings.esp.clone(),
        identity,
        credential,
        trust,
    );
    config.initial_contact = true;
    config.certificate_requests = requests;
    config.local_selectors = selectors(&settings.remote.subnets);
    config.remote_selectors = selectors(&settings.local.subnets);
    Ok((config, signers))
}

fn certificate(der: &[u8]) -> Certificate {
    Certificate {
        encoding: CertEncoding::X509_SIGNATURE,
        data: der.to_vec(),
    }
}

/// Asks for certificates below this root (RFC 7296, section 3.7).
fn request(root: &[u8]) -> Result<CertificateRequest, String> {
    let (_, parsed) = X509Certificate::from_der(root).map_err(|why| why.to_string())?;
    let key = parsed.public_key().raw;
    let hash = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, key);
    Ok(CertificateRequest {
        encoding: CertEncoding::X509_SIGNATURE,
        data: hash.as_ref().to_vec(),
    })
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
