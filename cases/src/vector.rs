//! Certificate vectors: chains that a tester presents to a router, each with the rule that it tries.
//!
//! A vector differs from the baseline in what its tables say, and in nothing else, so that what a
//! router makes of it is about that.

mod file;
mod load;
mod present;

use std::sync::Arc;

use certs::spec::DistinguishedName;
use certs::{Profile, Template};
use ikev2::authentication::Scheme;
use ikev2::numbers::{CertEncoding, IdType};
use reports::text::Text;
use serde::Deserialize;

pub use load::load;
pub use present::{Presented, Unmade};

/// The theme of vectors: the folder that they are in, and the beginning of their ids as cases.
pub const THEME: &str = "certificates";
/// The vector that every router must accept.
pub const BASELINE: &str = "V01";
/// The certificate profiles whose anchors a router trusts that vectors are presented to.
pub const TRUSTED: [&str; 2] = ["rfc4945", "hpki-signing"];

/// All vectors of a folder.
#[derive(Clone, Debug)]
pub struct Vectors(Vec<Arc<Vector>>);

impl Vectors {
    /// In the order of their files and their places in them.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Vector>> {
        self.0.iter()
    }

    /// The vector that every router must accept.
    pub fn baseline(&self) -> &Arc<Vector> {
        // The loader makes sure that there is one, and puts it first.
        &self.0[0]
    }
}

/// One chain of certificates, how it is presented, and what a router must make of it.
#[derive(Debug)]
#[non_exhaustive]
pub struct Vector {
    /// Such as `V07`.
    pub id: String,
    pub title: Text,
    pub rule: Arc<Rule>,
    pub expect: Expect,
    /// A function of routers without which the rule asks for something else.
    pub when: Option<When>,
    pub profile: Profile,
    pub(crate) identity: Identity,
    /// The CERT payloads in their order.
    pub(crate) sent: Vec<Sent>,
    pub(crate) signer: Signer,
    /// The signature of the AUTH payload; `None` lets the router's hashes decide.
    pub signature: Option<Scheme>,
    /// Whether SIGNATURE_HASH_ALGORITHMS is sent (RFC 7427, section 4).
    pub announces_hashes: bool,
    /// What a CERTREQ payload asks for beside the usual.
    pub(crate) request: Option<Vec<u8>>,
    /// SHA-256 of the files it comes from, 64 hexadecimal digits.
    pub sha256: String,
}

impl Vector {
    /// The id as a case, such as `certificates.v07`.
    pub fn case_id(&self) -> String {
        format!("{THEME}.{}", self.id.to_ascii_lowercase())
    }

    /// Whether it can be presented to a router that initiates: such a router is told whom it will
    /// meet, which is the baseline's identity.
    pub fn fits_initiating_routers(&self) -> bool {
        self.identity == Identity::Usual
    }

    /// What a router must make of it that has these functions.
    pub fn expect_of(&self, functions: &[Function]) -> Expect {
        match self.when {
            Some(when) if !functions.contains(&when.function) => when.otherwise,
            Some(_) | None => self.expect,
        }
    }
}

/// A rule of an RFC.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Such as `PX-10`: where `certs lint` has the same rule, it has the same name.
    pub id: String,
    pub rfc: u32,
    /// Number of the section, such as `5.1.3.2`.
    pub section: String,
    pub strength: Strength,
    /// What the section asks for, in words of this project.
    pub says: Text,
}

/// How strongly a rule binds (RFC 2119).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Strength {
    May,
    Should,
    Must,
}

/// What a router must make of a vector.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Expect {
    Accept,
    Reject,
    /// The rules leave it to the router, or contradict each other.
    Either,
}

/// A function that the rule needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct When {
    /// What the router's profile declares.
    #[serde(rename = "declares")]
    pub function: Function,
    /// What is expected of a router that does not.
    pub otherwise: Expect,
}

/// What a router may do with certificates beyond what every one must (RFC 4945, section 5.1.3), as
/// its profile declares it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Function {
    /// It processes certificatePolicies.
    CertificatePolicies,
    /// It looks at extendedKeyUsage.
    ExtendedKeyUsage,
}

/// What the ID payload holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Identity {
    /// The domain name of the tester, as ID_FQDN.
    Usual,
    Text(IdType, Template),
    /// An IPv4 address.
    Address(Template),
    /// The subject of a certificate.
    Subject(String),
    /// The subject key identifier of a certificate, as ID_KEY_ID.
    SubjectKey(String),
    Name(DistinguishedName),
    Octets(IdType, Vec<u8>),
}

/// What a CERT payload holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Sent {
    Certificate(String),
    /// The certificate within PKCS #7.
    Pkcs7(String),
    Octets(CertEncoding, Vec<u8>),
}

/// Whose key signs the AUTH payload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Signer {
    EndEntity,
    /// That of another certificate, which is no authority.
    Other(String),
    /// One that stands in no certificate.
    Stranger,
}
