//! Issuing for one run.

use std::collections::HashMap;
use std::hash::{Hash, Hasher};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use aws_lc_rs::{hmac, rand};
use der::Encode;
use jiff::Timestamp;

use crate::backend;
use crate::certificate::{Certificate, Crl};
use crate::encode;
use crate::encode::crl::{CrlPlan, certificate_list};
use crate::error::IssueError;
use crate::holder::Holder;
use crate::issued::Issued;
use crate::key::PrivateKey;
use crate::plan::{Plan, key_identifier};
use crate::profile::{CrlNode, END_ENTITY, Node, Profile};
use crate::spec::{CertificateSpec, CrlFault, ExtensionValue, Fault, KeyKind, Serial};

/// Makes the certificates of one run.
///
/// The certificate of an authority is made once for each distinct specification of its whole
/// chain, when it is first needed: profiles that share the specification of a root share the root
/// and its key. Several threads may issue at once.
#[derive(Debug)]
pub struct Authority {
    now: Timestamp,
    /// `None`: serial numbers are new each time.
    seed: Option<Seed>,
    made: Mutex<HashMap<Arc<Node>, Arc<Place>>>,
}

/// What serial numbers are derived from. No key is.
pub type Seed = [u8; 32];

/// Where an authority will be once one thread has made it.
type Place = OnceLock<Result<Arc<Made>, IssueError>>;

/// A certificate with its key.
#[derive(Debug)]
struct Made {
    certificate: Arc<Certificate>,
    key: PrivateKey,
    /// What it calls its key in the certificates it issues.
    key_identifier: Vec<u8>,
    /// `None`: it signed itself.
    issuer: Option<Arc<Self>>,
}

impl Authority {
    /// `now` is what the moments of the profiles are reckoned from.
    pub fn new(now: Timestamp) -> Self {
        Self {
            now,
            seed: None,
            made: Mutex::default(),
        }
    }

    /// As [`Self::new`]; the serial numbers that a profile leaves open are derived from the seed, so
    /// that the same certificate for the same holder has the same number in every run of this
    /// program with this seed.
    pub fn seeded(now: Timestamp, seed: Seed) -> Self {
        Self {
            seed: Some(seed),
            ..Self::new(now)
        }
    }

    /// Issues the end-entity certificate of a profile to a holder, with a new key.
    ///
    /// # Errors
    ///
    /// The holder's text does not fit where the profile puts it, or a library failed.
    pub fn issue(&self, profile: &Profile, holder: &Holder) -> Result<Issued, IssueError> {
        self.issue_named(profile, END_ENTITY, holder)
    }

    /// The same with a key of another kind.
    ///
    /// # Errors
    ///
    /// As for [`Self::issue`].
    pub fn issue_with_key(
        &self,
        profile: &Profile,
        holder: &Holder,
        key: KeyKind,
    ) -> Result<Issued, IssueError> {
        let node = of_profile(profile, END_ENTITY)?;
        let node = Node {
            name: node.name.clone(),
            spec: CertificateSpec {
                key,
                ..node.spec.clone()
            },
            issuer: node.issuer.clone(),
        };
        self.issue_node(&node, holder)
    }

    /// Issues any certificate of a profile anew, as [`Self::issue`] does the end entity's.
    ///
    /// # Errors
    ///
    /// The profile has no certificate of that name, or as for [`Self::issue`].
    pub fn issue_named(
        &self,
        profile: &Profile,
        name: &str,
        holder: &Holder,
    ) -> Result<Issued, IssueError> {
        self.issue_node(of_profile(profile, name)?, holder)
    }

    fn issue_node(&self, node: &Node, holder: &Holder) -> Result<Issued, IssueError> {
        let made = self.make(node, Some(holder))?;
        let mut intermediates = Vec::new();
        let mut anchor = None;
        let mut next = made.issuer.as_ref();
        while let Some(issuer) = next {
            match issuer.issuer {
                Some(_) => intermediates.push(Arc::clone(&issuer.certificate)),
                None => anchor = Some(Arc::clone(&issuer.certificate)),
            }
            next = issuer.issuer.as_ref();
        }
        Ok(Issued {
            certificate: Arc::unwrap_or_clone(made.certificate),
            key: made.key,
            intermediates,
            anchor,
        })
    }

    /// The one certificate of an authority of a profile (see [`Profile::is_authority`]).
    ///
    /// # Errors
    ///
    /// The profile has no certificate of that name, or a library failed.
    pub fn certificate(
        &self,
        profile: &Profile,
        name: &str,
    ) -> Result<Arc<Certificate>, IssueError> {
        let node = of_profile(profile, name)?;
        Ok(Arc::clone(&self.authority(node)?.certificate))
    }

    /// What a peer shall trust: the certificates of the profile that sign themselves, unless the
    /// profile says otherwise.
    ///
    /// # Errors
    ///
    /// A library failed.
    pub fn trust_anchors(&self, profile: &Profile) -> Result<Vec<Arc<Certificate>>, IssueError> {
        let nodes = profile
            .anchors
            .iter()
            .filter_map(|name| profile.certificates.get(name));
        nodes
            .map(|node| Ok(Arc::clone(&self.authority(node)?.certificate)))
            .collect()
    }

    /// The authorities between the end entity and the end of its chain, the nearest first.
    ///
    /// # Errors
    ///
    /// A library failed.
    pub fn intermediates(&self, profile: &Profile) -> Result<Vec<Arc<Certificate>>, IssueError> {
        let mut intermediates = Vec::new();
        let end_entity = profile.certificates.get(END_ENTITY);
        let mut next = end_entity.and_then(|node| node.issuer.as_ref());
        while let Some(node) = next {
            if node.issuer.is_some() {
                intermediates.push(Arc::clone(&self.authority(node)?.certificate));
            }
            next = node.issuer.as_ref();
        }
        Ok(intermediates)
    }

    /// The revocation lists of the profile, in the order of their names. Of the `revoked`
    /// certificates each names those that its own authority issued.
    ///
    /// # Errors
    ///
    /// A library failed.
    pub fn crls(&self, profile: &Profile, revoked: &[&Issued]) -> Result<Vec<Crl>, IssueError> {
        profile
            .crls
            .iter()
            .map(|crl| self.crl(crl, revoked))
            .collect()
    }

    fn crl(&self, crl: &CrlNode, revoked: &[&Issued]) -> Result<Crl, IssueError> {
        let issuer = self.authority(&crl.issuer)?;
        let mut issuer_name = issuer.certificate.subject.clone();
        let mut stranger = None;
        for fault in &crl.spec.faults {
            match fault {
                CrlFault::IssuerName(spec) => issuer_name = encode::name::name(spec, None)?,
                CrlFault::SignedByOtherKey => {
                    stranger = Some(PrivateKey::generate(issuer.key.kind())?);
                }
                CrlFault::CorruptSignature => {}
            }
        }
        let own = revoked.iter().filter(|issued| {
            issued
                .issuer()
                .is_some_and(|by| by.der() == issuer.certificate.der())
        });
        let plan = CrlPlan {
            spec: &crl.spec,
            now: self.now,
            issuer_name,
            authority: issuer.as_seen_by_others(),
            revoked: own
                .map(|issued| issued.certificate.serial.clone())
                .collect(),
            signer: stranger.as_ref().unwrap_or(&issuer.key),
            algorithm: crl
                .spec
                .signature
                .unwrap_or_else(|| issuer.key.kind().usual_signature()),
        };
        let mut der = certificate_list(&plan)?;
        if crl.spec.faults.contains(&CrlFault::CorruptSignature) {
            corrupt(&mut der);
        }
        Ok(Crl {
            name: crl.name.clone(),
            issuer: crl.issuer.name.clone(),
            der,
        })
    }

    /// The one certificate of a node that is an authority.
    fn authority(&self, node: &Arc<Node>) -> Result<Arc<Made>, IssueError> {
        let cell = {
            // A thread that panicked has left no half-made entry: the map is only added to.
            let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(made.entry(Arc::clone(node)).or_default())
        };
        // Outside the lock, so that others can make other keys meanwhile.
        cell.get_or_init(|| self.make(node, None).map(Arc::new))
            .clone()
    }

    /// The contents octets of the INTEGER.
    fn serial(&self, node: &Node, holder: Option<&Holder>) -> Result<Vec<u8>, IssueError> {
        match &node.spec.serial {
            Serial::Random => {
                let mut octets = match &self.seed {
                    Some(seed) => derived(seed, node, holder),
                    None => {
                        let mut octets = [0; 16];
                        rand::fill(&mut octets)
                            .map_err(|error| IssueError::Key(error.to_string()))?;
                        octets
                    }
                };
                // Positive, and of this length whatever the rest is.
                octets[0] = octets[0] & 0x3F | 0x40;
                Ok(octets.to_vec())
            }
            Serial::Number(number) => {
                let integer = der::asn1::Any::encode_from(number)?;
                Ok(integer.value().to_vec())
            }
            Serial::Octets(hex) => Ok(hex.0.clone()),
        }
    }

    fn make(&self, node: &Node, holder: Option<&Holder>) -> Result<Made, IssueError> {
        let spec = &node.spec;
        let issuer = match &node.issuer {
            Some(issuer) => Some(self.authority(issuer)?),
            None => None,
        };
        let key = PrivateKey::generate(spec.key)?;
        let key_sha1 = key.public_key_sha1()?;
        let own_key_identifier = key_identifier(spec, &key_sha1);
        let subject = encode::name::name(&spec.subject, holder)?;
        let serial = self.serial(node, holder)?;
        let mut issuer_name = issuer
            .as_ref()
            .map_or(&subject, |issuer| &issuer.certificate.subject)
            .clone();
        let signer = issuer.as_ref().map_or(&key, |issuer| &issuer.key);
        let mut stranger = None;
        for fault in &spec.faults {
            match fault {
                Fault::IssuerName(spec) => issuer_name = encode::name::name(spec, holder)?,
                Fault::SignedByOtherKey => stranger = Some(PrivateKey::generate(signer.kind())?),
                Fault::CorruptSignature
                | Fault::OuterSignatureAlgorithm(_)
                | Fault::TrailingOctets(_)
                | Fault::MissingOctets(_) => {}
            }
        }
        let authority = match &issuer {
            Some(issuer) => issuer.as_seen_by_others(),
            None => encode::extension::Authority {
                key_identifier: own_key_identifier.clone(),
                issuer: &subject,
                serial: &serial,
            },
        };
        let plan = Plan {
            spec,
            holder,
            now: self.now,
            not_before: spec.not_before.resolve(self.now)?,
            not_after: spec.not_after.resolve(self.now)?,
            serial: serial.clone(),
            subject: subject.clone(),
            key: &key,
            key_sha1,
            issuer_name: issuer_name.clone(),
            authority,
            signer: stranger.as_ref().unwrap_or(signer),
            algorithm: spec
                .signature
                .unwrap_or_else(|| signer.kind().usual_signature()),
        };
        let der = with_faults(backend::make(&plan)?, spec);
        let certificate = Certificate {
            name: node.name.clone(),
            der,
            subject_der: subject.to_der()?,
            issuer: issuer_name,
            subject_key_identifier: names_its_key(spec).then(|| own_key_identifier.clone()),
            not_before: plan.not_before,
            not_after: plan.not_after,
            serial: serial.clone(),
            subject: subject.clone(),
        };
        Ok(Made {
            certificate: Arc::new(certificate),
            key,
            key_identifier: own_key_identifier,
            issuer,
        })
    }
}

fn of_profile<'p>(profile: &'p Profile, name: &str) -> Result<&'p Arc<Node>, IssueError> {
    let node = profile.certificates.get(name).ok_or_else(|| {
        let known: Vec<&str> = profile.certificates.keys().map(String::as_str).collect();
        IssueError::NoCertificate {
            profile: profile.id.clone(),
            name: name.to_owned(),
            known: known.join(", "),
        }
    })?;
    Ok(node)
}

impl Made {
    fn as_seen_by_others(&self) -> encode::extension::Authority<'_> {
        encode::extension::Authority {
            key_identifier: self.key_identifier.clone(),
            issuer: &self.certificate.issuer,
            serial: &self.certificate.serial,
        }
    }
}

/// Whether the certificate has a subjectKeyIdentifier.
fn names_its_key(spec: &CertificateSpec) -> bool {
    let mut extensions = spec.extensions.iter();
    extensions.any(|extension| matches!(extension.value, ExtensionValue::SubjectKeyIdentifier(_)))
}

/// The faults that come after signing.
fn with_faults(mut der: Vec<u8>, spec: &CertificateSpec) -> Vec<u8> {
    for fault in &spec.faults {
        match fault {
            Fault::CorruptSignature => corrupt(&mut der),
            Fault::TrailingOctets(hex) => der.extend(&hex.0),
            Fault::MissingOctets(count) => der.truncate(der.len().saturating_sub(*count)),
            Fault::IssuerName(_) | Fault::OuterSignatureAlgorithm(_) | Fault::SignedByOtherKey => {}
        }
    }
    der
}

/// The signature is the last field.
fn corrupt(der: &mut [u8]) {
    if let Some(last) = der.last_mut() {
        *last ^= 1;
    }
}

/// Takes what is hashed into an HMAC.
struct Feed(hmac::Context);

impl Hasher for Feed {
    fn write(&mut self, octets: &[u8]) {
        self.0.update(octets);
    }

    /// Not what is asked for here: the HMAC is longer.
    fn finish(&self) -> u64 {
        0
    }
}

/// Sixteen octets that differ for each certificate of each holder.
fn derived(seed: &Seed, node: &Node, holder: Option<&Holder>) -> [u8; 16] {
    let mut feed = Feed(hmac::Context::with_key(&hmac::Key::new(
        hmac::HMAC_SHA256,
        seed,
    )));
    // Its issuers are part of it.
    node.hash(&mut feed);
    holder.hash(&mut feed);
    let mut octets = [0; 16];
    let tag = feed.0.sign();
    octets.copy_from_slice(&tag.as_ref()[..16]);
    octets
}
