//! Making the certificates of a vector, and what a tester sends of them.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::sync::Arc;

use certs::profile::END_ENTITY;
use certs::{Authority, Certificate, Holder, IssueError, Issued, PrivateKey};
use ikev2::authentication::{AuthenticationError, Scheme, SigningKey};
use ikev2::message::{
    Certificate as CertPayload, CertificateRequest, Identification, SignatureAlgorithm,
};
use ikev2::numbers::{CertEncoding, IdType};

use super::{Identity, Sent, Signer, Vector};

/// Signatures that no router is asked to declare.
pub(super) const WEAK_SIGNATURES: [(&str, Scheme); 1] = [(
    "digital-rsa-sha1",
    Scheme::Digital(SignatureAlgorithm::RsaSha1),
)];

/// A vector with certificates and keys of its own, as a tester presents it.
#[derive(Clone, Debug)]
pub struct Presented {
    pub vector: Arc<Vector>,
    pub identity: Identification,
    pub key: Arc<SigningKey>,
    /// The CERT payloads in their order.
    pub certificates: Vec<CertPayload>,
    /// CERTREQ payloads to send beside the usual ones.
    pub requests: Vec<CertificateRequest>,
    /// Every certificate of the chain by its name, whether it is sent or not, the end entity's first.
    pub chain: Vec<Certificate>,
}

/// Why a vector could not be made.
#[derive(Debug, thiserror::Error)]
pub enum Unmade {
    #[error("vector {id}: {why}")]
    Issue { id: String, why: IssueError },
    #[error("vector {id}: {why}")]
    Key {
        id: String,
        why: AuthenticationError,
    },
    #[error("vector {id}: {what}")]
    Identity { id: String, what: &'static str },
}

impl Vector {
    /// Makes its certificates, with new keys for all but the authorities that `authority` has made
    /// already.
    ///
    /// # Errors
    ///
    /// The text of the holder does not fit, or a library failed.
    pub fn present(
        self: &Arc<Self>,
        authority: &Authority,
        holder: &Holder,
    ) -> Result<Presented, Unmade> {
        let mut chain = Chain {
            vector: self,
            authority,
            holder,
            issued: BTreeMap::new(),
        };
        let identity = chain.identity()?;
        let mut certificates = Vec::new();
        for sent in &self.sent {
            certificates.push(match sent {
                Sent::Certificate(name) => CertPayload {
                    encoding: CertEncoding::X509_SIGNATURE,
                    data: chain.certificate(name)?.der().to_vec(),
                },
                Sent::Pkcs7(name) => CertPayload {
                    encoding: CertEncoding::PKCS7_X509,
                    data: pkcs7(chain.certificate(name)?.der()),
                },
                Sent::Octets(encoding, octets) => CertPayload {
                    encoding: *encoding,
                    data: octets.clone(),
                },
            });
        }
        let key = chain.key()?;
        let mut all = vec![chain.certificate(END_ENTITY)?];
        let names = self.profile.certificates().map(|(name, _)| name);
        for name in names.filter(|name| *name != END_ENTITY) {
            all.push(chain.certificate(name)?);
        }
        let requests = self.request.iter().map(|data| CertificateRequest {
            encoding: CertEncoding::X509_SIGNATURE,
            data: data.clone(),
        });
        Ok(Presented {
            identity,
            key: Arc::new(key),
            certificates,
            requests: requests.collect(),
            chain: all,
            vector: self.clone(),
        })
    }
}

/// The certificates of one vector, each made once.
struct Chain<'a> {
    vector: &'a Vector,
    authority: &'a Authority,
    holder: &'a Holder,
    issued: BTreeMap<String, Issued>,
}

impl Chain<'_> {
    fn unmade(&self) -> impl Fn(IssueError) -> Unmade + use<> {
        let id = self.vector.id.clone();
        move |why| Unmade::Issue {
            id: id.clone(),
            why,
        }
    }

    fn issued(&mut self, name: &str) -> Result<&Issued, Unmade> {
        if !self.issued.contains_key(name) {
            let profile = &self.vector.profile;
            let issued = self.authority.issue_named(profile, name, self.holder);
            let issued = issued.map_err(self.unmade())?;
            self.issued.insert(name.to_owned(), issued);
        }
        let missing = Unmade::Identity {
            id: self.vector.id.clone(),
            what: "a certificate is gone",
        };
        self.issued.get(name).ok_or(missing)
    }

    fn certificate(&mut self, name: &str) -> Result<Certificate, Unmade> {
        let profile = &self.vector.profile;
        if profile.is_authority(name) {
            let found = self.authority.certificate(profile, name);
            return found.map(Arc::unwrap_or_clone).map_err(self.unmade());
        }
        self.issued(name).map(|issued| issued.certificate.clone())
    }

    fn key(&mut self) -> Result<SigningKey, Unmade> {
        let (vector, unmade) = (self.vector, self.unmade());
        let signer = match &vector.signer {
            Signer::EndEntity | Signer::Stranger => END_ENTITY,
            Signer::Other(name) => name,
        };
        let of_signer = self.issued(signer)?;
        let pkcs8 = match &vector.signer {
            Signer::Stranger => {
                let kind = of_signer.key.kind();
                let stranger = PrivateKey::generate(kind).map_err(unmade)?;
                stranger.pkcs8_der()
            }
            Signer::EndEntity | Signer::Other(_) => of_signer.key.pkcs8_der(),
        };
        SigningKey::from_pkcs8(&pkcs8).map_err(|why| Unmade::Key {
            id: vector.id.clone(),
            why,
        })
    }

    fn identity(&mut self) -> Result<Identification, Unmade> {
        let vector = self.vector;
        let holder = Some(self.holder);
        let unfit = |what| Unmade::Identity {
            id: vector.id.clone(),
            what,
        };
        let (kind, data) = match &vector.identity {
            Identity::Usual => (IdType::FQDN, self.holder.fqdn.clone().into_bytes()),
            Identity::Text(kind, text) => {
                let text = text.render(holder).map_err(self.unmade())?;
                (*kind, text.into_bytes())
            }
            Identity::Address(text) => {
                let text = text.render(holder).map_err(self.unmade())?;
                let address: Ipv4Addr = text
                    .parse()
                    .map_err(|_| unfit("the identity is no IPv4 address"))?;
                (IdType::IPV4_ADDR, address.octets().to_vec())
            }
            Identity::Subject(name) => {
                let subject = self.certificate(name)?.subject_der().to_vec();
                (IdType::DER_ASN1_DN, subject)
            }
            Identity::SubjectKey(name) => {
                let certificate = self.certificate(name)?;
                let key = certificate.subject_key_identifier();
                let key = key.ok_or_else(|| unfit("its certificate names no key"))?;
                (IdType::KEY_ID, key.to_vec())
            }
            Identity::Name(name) => {
                let der = name.to_der(holder).map_err(self.unmade())?;
                (IdType::DER_ASN1_DN, der)
            }
            Identity::Octets(kind, octets) => (*kind, octets.clone()),
        };
        Ok(Identification {
            kind,
            reserved: [0; 3],
            data,
        })
    }
}

/// SignedData of PKCS #7 with a certificate and without a signer (RFC 2315, section 9.1).
fn pkcs7(certificate: &[u8]) -> Vec<u8> {
    const SIGNED_DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02];
    const DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x01];
    let signed_data = [
        element(0x02, &[1]),
        // No digest algorithms.
        element(0x31, &[]),
        element(0x30, &element(0x06, DATA)),
        element(0xa0, certificate),
        // No signers.
        element(0x31, &[]),
    ];
    let content = element(0xa0, &element(0x30, &signed_data.concat()));
    element(0x30, &[element(0x06, SIGNED_DATA), content].concat())
}

/// One element of DER.
fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut encoded = vec![tag];
    let length = content.len();
    match u8::try_from(length) {
        Ok(short @ 0..0x80) => encoded.push(short),
        Ok(_) | Err(_) => {
            let octets = length.to_be_bytes();
            let (mut number, mut begun) = (0x80, false);
            let mut digits = Vec::new();
            for octet in octets {
                begun |= octet != 0;
                if begun {
                    number += 1;
                    digits.push(octet);
                }
            }
            encoded.push(number);
            encoded.extend(digits);
        }
    }
    encoded.extend_from_slice(content);
    encoded
}
