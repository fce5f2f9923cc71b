//! The certificates of a run: made once for each vendor and role, reused by every cell.
//!
//! Keys take long to make. They are begun before the lab starts, in parallel with it, and a cell
//! waits for its own only.

use std::collections::HashMap;
use std::sync::Arc;

use cases::{AuthMethod, PrivateKey, Role, Setup};
use certs::spec::KeyKind;
use certs::{Authority, Certificate, Crl, Holder, Issued, Profiles, Seed};
use futures::FutureExt;
use futures::future::{BoxFuture, Shared};
use jiff::Timestamp;
use lab::{Fault, LabError};
use reports::conformance::TESTER;
use vendors::{Attribute, CertificateCredentials, Document, Identity, Profile, Secret};
use x509_parser::objects::{oid_registry, oid2abbrev};
use x509_parser::prelude::{ASN1Time, CertificateRevocationList, FromDer, X509Certificate};

use super::conformance::anchors;
use super::router::{Names, fresh_secret};
use super::topology::Site;
use crate::judge::Ends;
use crate::plan::{Plan, PlannedCell};

/// What one end shows, and what it is given to check the other end with.
#[derive(Clone, Debug)]
pub(crate) struct Shown {
    pub(crate) credentials: CertificateCredentials,
    /// The subject of its certificate, as ID_DER_ASN1_DN.
    pub(crate) subject: Identity,
    /// The subject key identifier of its certificate, as ID_KEY_ID.
    pub(crate) key_id: Identity,
    /// The root to which its certificate leads, in DER; `None` for one that signed itself.
    pub(crate) root: Option<Vec<u8>>,
    /// From when to when each certificate on that way is valid.
    pub(crate) validity: Vec<(Timestamp, Timestamp)>,
    /// Whether subordinate CAs stand between the certificate and its root.
    pub(crate) has_intermediates: bool,
}

/// An end entity's certificate and key.
struct Own {
    issued: Issued,
    pkcs12: Vec<u8>,
    password: Secret,
}

/// Whose certificate, and with which key: profile of certificates, vendor, role, key.
type Key = (String, String, Role, PrivateKey);
/// An institution's number of the right form that stands for nobody.
pub(super) const FACILITY_NUMBER: &str = "9999999999";
/// The name of the certificate in a PKCS#12, by which daemons find it.
const FRIENDLY_NAME: &str = "local";

type Making = Shared<BoxFuture<'static, Result<Arc<Own>, LabError>>>;

/// What certificates follow from, beside their profiles; but for their keys, which nothing makes
/// again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Issuing {
    /// What serial numbers are derived from.
    pub(crate) seed: Seed,
    /// From when their validity is reckoned.
    pub(crate) time: Timestamp,
}

impl Issuing {
    pub(crate) fn now() -> Result<Self, LabError> {
        Ok(Self {
            seed: super::random()?,
            time: Timestamp::now(),
        })
    }
}

pub(crate) struct CredentialStore {
    profiles: Arc<Profiles>,
    authority: Arc<Authority>,
    making: HashMap<Key, Making>,
}

impl CredentialStore {
    /// Begins to make the keys and certificates of every cell that will run, inside the runtime.
    pub(crate) fn begin(plan: &Plan, issuing: Issuing) -> Arc<Self> {
        let mut store = Self {
            profiles: plan.certificates.clone(),
            authority: Arc::new(Authority::seeded(issuing.time, issuing.seed)),
            making: HashMap::new(),
        };
        for planned in plan.cells.iter().filter(|cell| cell.lacking().is_empty()) {
            for role in Role::BOTH {
                let Some(key) = key(planned, role) else {
                    continue;
                };
                if !store.making.contains_key(&key) {
                    let making = store.make(planned, role, &key.0, key.3);
                    store.making.insert(key, making);
                }
            }
        }
        Arc::new(store)
    }

    fn make(&self, planned: &PlannedCell, role: Role, profile: &str, key: PrivateKey) -> Making {
        let vendor = planned.end(role);
        let holder = holder(role, &vendor.id, Names::of(role, vendor));
        let (profiles, authority) = (self.profiles.clone(), self.authority.clone());
        let profile = profile.to_owned();
        let work = in_background("a certificate", move || {
            let profile = profiles.get(&profile).map_err(fault)?;
            let mut issued = authority.issue(profile, &holder).map_err(fault)?;
            match key {
                PrivateKey::Own => {}
                PrivateKey::Other => {
                    issued.key = certs::PrivateKey::generate(issued.key.kind()).map_err(fault)?;
                }
            }
            with_pkcs12(issued).map(Arc::new)
        });
        let making = work.boxed().shared();
        // A future does nothing until somebody asks for it: this begins now.
        tokio::spawn(making.clone());
        making
    }

    /// What both ends of a cell show; `None` where its method has no certificates.
    pub(crate) async fn of_cell(
        &self,
        planned: &PlannedCell,
    ) -> Result<Option<Ends<Shown>>, LabError> {
        let Some(common_id) = planned.case.setup.certificates.clone() else {
            return Ok(None);
        };
        let (initiator, responder) = futures::try_join!(
            self.own(planned, Role::Initiator),
            self.own(planned, Role::Responder)
        )?;
        let own = Ends {
            initiator,
            responder,
        };
        let (profiles, authority) = (self.profiles.clone(), self.authority.clone());
        let setup = planned.case.setup.clone();
        let work = move || {
            let of_ends = Role::BOTH.map(|role| setup.certificates_of(role).unwrap_or(&common_id));
            let profile = profiles.get(&common_id).map_err(fault)?;
            let revoked: Vec<&Issued> = Role::BOTH
                .into_iter()
                .filter(|role| setup.end(*role).revoked)
                .map(|role| &own.of(role).issued)
                .collect();
            let mut crls: Vec<Crl> = Vec::new();
            for id in [common_id.as_str()].into_iter().chain(of_ends) {
                let profile = profiles.get(id).map_err(fault)?;
                // An authority that profiles share makes the same list for each.
                for crl in authority.crls(profile, &revoked).map_err(fault)? {
                    if !crls.iter().any(|known| known.der() == crl.der()) {
                        crls.push(crl);
                    }
                }
            }
            for issued in revoked {
                if !crls
                    .iter()
                    .any(|crl| names(crl, issued.certificate.serial()))
                {
                    return Err(fault(
                        "a certificate that shall be revoked stands on no CRL",
                    ));
                }
            }
            let common = Common {
                intermediates: authority.intermediates(profile).map_err(fault)?,
                crls,
                setup,
            };
            let shown = |role: Role| {
                let trust = common.setup.trust_of(role).unwrap_or(&common_id);
                let trust = profiles.get(trust).map_err(fault)?;
                let anchors = authority.trust_anchors(trust).map_err(fault)?;
                common.shown(role, own.of(role), &anchors)
            };
            Ok(Some(Ends {
                initiator: shown(Role::Initiator)?,
                responder: shown(Role::Responder)?,
            }))
        };
        in_background("revocation lists", work).await
    }

    async fn own(&self, planned: &PlannedCell, role: Role) -> Result<Arc<Own>, LabError> {
        let making = key(planned, role).and_then(|key| self.making.get(&key).cloned());
        match making {
            Some(making) => making.await,
            None => Err(fault("nobody began to make the certificate of this cell")),
        }
    }
}

fn key(planned: &PlannedCell, role: Role) -> Option<Key> {
    let profile = planned.case.setup.certificates_of(role)?;
    let private_key = planned.case.setup.end(role).private_key;
    Some((
        profile.to_owned(),
        planned.end(role).id.clone(),
        role,
        private_key,
    ))
}

/// What both ends of a cell are given.
struct Common {
    setup: Setup,
    intermediates: Vec<Arc<Certificate>>,
    crls: Vec<Crl>,
}

impl Common {
    fn shown(
        &self,
        role: Role,
        own: &Own,
        trust_anchors: &[Arc<Certificate>],
    ) -> Result<Shown, LabError> {
        let end = self.setup.end(role);
        // A certificate of another profile may come with a subordinate CA of its own.
        let mut intermediates = self.intermediates.clone();
        for certificate in &own.issued.intermediates {
            if !intermediates
                .iter()
                .any(|known| known.der() == certificate.der())
            {
                intermediates.push(certificate.clone());
            }
        }
        let mut shown = shown(self.setup.auth, own, &intermediates, trust_anchors)?;
        shown.credentials.has_certificate = end.has_certificate;
        if end.has_crls {
            shown.credentials.crls = lists(&self.crls)?;
        }
        Ok(shown)
    }
}

/// What an end shows with this certificate, without revocation lists.
fn shown(
    method: AuthMethod,
    own: &Own,
    intermediates: &[Arc<Certificate>],
    trust_anchors: &[Arc<Certificate>],
) -> Result<Shown, LabError> {
    let issued = &own.issued;
    let certificate = &issued.certificate;
    let (_, parsed) = X509Certificate::from_der(certificate.der()).map_err(fault)?;
    let way = issued.anchor.iter().chain(&issued.intermediates);
    let mut validity = vec![valid(&parsed)?];
    for certificate in way {
        let (_, parsed) = X509Certificate::from_der(certificate.der()).map_err(fault)?;
        validity.push(valid(&parsed)?);
    }
    Ok(Shown {
        subject: subject(certificate, &parsed),
        key_id: Identity::key_id(certificate.subject_key_identifier().unwrap_or_default()),
        root: issued.anchor.as_ref().map(|root| root.der().to_vec()),
        has_intermediates: !issued.intermediates.is_empty(),
        validity,
        credentials: CertificateCredentials {
            method,
            certificate: document(certificate)?,
            has_certificate: true,
            private_key: Secret::new(issued.key.pkcs8_pem().map_err(fault)?.as_str()),
            intermediates: documents(intermediates)?,
            trust_anchors: documents(trust_anchors)?,
            crls: Vec::new(),
            pkcs12: own.pkcs12.clone(),
            password: own.password.clone(),
        },
    })
}

/// A router that meets a tester, and the tester: certificates of one authority for both.
pub(super) struct WithTester {
    pub(super) router: Shown,
    /// Of the router's certificate, as DER of a SubjectPublicKeyInfo.
    pub(super) router_key: Vec<u8>,
    /// Of the tester, one for each kind of key; none where it shows vectors.
    pub(super) tester: Vec<Issued>,
}

/// The certificate profile of an authority that operators run for their own routers.
const OF_TESTER: &str = "rfc4945";
/// The kinds of keys that the tester has.
const OF_EACH_KIND: [KeyKind; 5] = [
    KeyKind::Rsa2048,
    KeyKind::EcP256,
    KeyKind::EcP384,
    KeyKind::EcP521,
    KeyKind::Ed25519,
];

/// Issues a certificate to a router in this role that vectors of this authority are shown to. It is
/// given the roots, and nothing besides.
pub(super) async fn for_vectors(
    authority: Arc<Authority>,
    profiles: Arc<Profiles>,
    role: Role,
    vendor: Arc<Profile>,
) -> Result<WithTester, LabError> {
    in_background("certificates", move || {
        let profile = profiles.get(OF_TESTER).map_err(fault)?;
        let issued = authority
            .issue(profile, &holder(role, &vendor.id, Names::of(role, &vendor)))
            .map_err(fault)?;
        let router_key = issued.key.public_key_der().to_vec();
        let own = with_pkcs12(issued)?;
        let anchors = anchors(&authority, &profiles)?;
        let router = shown(AuthMethod::CertRfc4945, &own, &[], &anchors)?;
        Ok(WithTester {
            router,
            router_key,
            tester: Vec::new(),
        })
    })
    .await
}

/// Issues certificates to a router in this role, and to a tester of this name.
pub(super) async fn with_tester(
    profiles: Arc<Profiles>,
    role: Role,
    vendor: Arc<Profile>,
    tester: Names,
) -> Result<WithTester, LabError> {
    in_background("certificates", move || {
        let profile = profiles.get(OF_TESTER).map_err(fault)?;
        let authority = Authority::new(Timestamp::now());
        let issued = authority
            .issue(profile, &holder(role, &vendor.id, Names::of(role, &vendor)))
            .map_err(fault)?;
        let router_key = issued.key.public_key_der().to_vec();
        let own = with_pkcs12(issued)?;
        let holder = holder(role.peer(), TESTER, tester);
        let mut of_tester = Vec::new();
        for kind in OF_EACH_KIND {
            let issued = authority.issue_with_key(profile, &holder, kind);
            of_tester.push(issued.map_err(fault)?);
        }
        let intermediates = authority.intermediates(profile).map_err(fault)?;
        let anchors = authority.trust_anchors(profile).map_err(fault)?;
        let mut router = shown(AuthMethod::CertRfc4945, &own, &intermediates, &anchors)?;
        router.credentials.crls = lists(&authority.crls(profile, &[]).map_err(fault)?)?;
        Ok(WithTester {
            router,
            router_key,
            tester: of_tester,
        })
    })
    .await
}

fn holder(role: Role, vendor: &str, names: Names) -> Holder {
    let Names { fqdn, email } = names;
    Holder {
        fqdn,
        email,
        ipv4: Site::of(role).wan_ipv4(),
        vendor: vendor.to_owned(),
        facility_number: FACILITY_NUMBER.to_owned(),
    }
}

fn with_pkcs12(issued: Issued) -> Result<Own, LabError> {
    let password = fresh_secret()?;
    let pkcs12 = issued
        .pkcs12(FRIENDLY_NAME, password.expose(), false)
        .map_err(fault)?;
    Ok(Own {
        issued,
        pkcs12,
        password,
    })
}

fn valid(certificate: &X509Certificate<'_>) -> Result<(Timestamp, Timestamp), LabError> {
    let time = |time: ASN1Time| Timestamp::from_second(time.timestamp()).map_err(fault);
    let validity = certificate.validity();
    Ok((time(validity.not_before)?, time(validity.not_after)?))
}

fn subject(certificate: &Certificate, parsed: &X509Certificate<'_>) -> Identity {
    let attributes = parsed.subject().iter_attributes();
    let attributes = attributes.map(|attribute| Attribute {
        kind: oid2abbrev(attribute.attr_type(), oid_registry())
            .map_or_else(|_| attribute.attr_type().to_id_string(), str::to_owned),
        value: attribute.as_str().unwrap_or_default().to_owned(),
    });
    Identity::dn(
        certificate.subject_text(),
        certificate.subject_der(),
        attributes.collect(),
    )
}

fn lists(crls: &[Crl]) -> Result<Vec<Document>, LabError> {
    let mut documents: Vec<Document> = Vec::new();
    for crl in crls {
        documents.push(Document {
            name: free_name(crl.name(), &documents),
            der: crl.der().to_vec(),
            pem: crl.pem().map_err(fault)?,
        });
    }
    Ok(documents)
}

/// Names of files: two certificates of one name in their profiles are told apart by a number.
fn documents(certificates: &[Arc<Certificate>]) -> Result<Vec<Document>, LabError> {
    let mut documents: Vec<Document> = Vec::new();
    for certificate in certificates {
        let mut document = document(certificate)?;
        document.name = free_name(&document.name, &documents);
        documents.push(document);
    }
    Ok(documents)
}

/// The name, with a number behind it where another document has it.
fn free_name(name: &str, taken: &[Document]) -> String {
    let is_free = |name: &String| !taken.iter().any(|other| other.name == *name);
    let numbered = (2..).map(|number| format!("{name}-{number}"));
    let mut names = std::iter::once(name.to_owned()).chain(numbered);
    names.find(is_free).unwrap_or_else(|| name.to_owned())
}

/// Whether a certificate with this serial number stands on the list.
fn names(crl: &Crl, serial: &[u8]) -> bool {
    CertificateRevocationList::from_der(crl.der()).is_ok_and(|(_, crl)| {
        crl.iter_revoked_certificates()
            .any(|revoked| revoked.raw_serial() == serial)
    })
}

fn document(certificate: &Certificate) -> Result<Document, LabError> {
    Ok(Document {
        name: certificate.name().to_owned(),
        der: certificate.der().to_vec(),
        pem: certificate.pem().map_err(fault)?,
    })
}

/// Runs long work of the processor beside the runtime.
async fn in_background<T: Send + 'static>(
    what: &'static str,
    work: impl FnOnce() -> Result<T, LabError> + Send + 'static,
) -> Result<T, LabError> {
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or_else(|panic| Err(fault(format!("the making of {what} ended: {panic}"))))
}

fn fault(reason: impl ToString) -> LabError {
    LabError::new(Fault::Harness, reason.to_string())
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;
    use crate::sample::project;

    #[tokio::test]
    async fn keys_are_made_before_a_cell_asks_for_them() {
        let project = project();
        let plan = Plan::new(
            vec![project.profile("trial-a").unwrap()],
            vec![project.case("auth.cert-rfc4945").unwrap()],
            project.certificates().clone(),
            None,
        );
        let store = CredentialStore::begin(&plan, Issuing::now().unwrap());
        assert_eq!(store.making.len(), 2);
        let start = Instant::now();
        while !store.making.values().all(|making| making.peek().is_some()) {
            assert!(start.elapsed() < Duration::from_secs(60));
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}
