//! What a certificate or a revocation list shall hold, exactly.
//!
//! These types are read from a profile's file as they stand, so that what can be written there is
//! what is documented here.

mod crl;
mod extension;
mod fault;
mod general_name;
mod key;
mod moment;
mod name;
mod value;

pub use crl::{CrlSpec, DistributionPointScope, IssuingPoint};
pub use extension::{
    Access, AccessMethod, AuthorityKeyPart, BasicConstraints, DirectoryAttribute,
    DistributionPoint, Extension, ExtensionValue, HcRole, KeyUsageBit, NameConstraints, Period,
    Policy, PolicyConstraints, PolicyMapping, RawAttribute, RawExtension, SubjectKeyMethod,
};
pub use fault::{CrlFault, Fault};
pub use general_name::{GeneralName, Ia5Text, IpText, OtherName};
pub use key::{KeyKind, SignatureAlgorithm};
pub use moment::{Moment, TimeForm};
pub use name::{Attribute, AttributeValue, DistinguishedName, StringType};
pub use value::{Hex, Oid};

use serde::Deserialize;

/// One certificate.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CertificateSpec {
    pub subject: DistinguishedName,
    pub not_before: Moment,
    pub not_after: Moment,
    pub key: KeyKind,
    /// `None`: the usual one for the issuer's key.
    pub signature: Option<SignatureAlgorithm>,
    pub serial: Serial,
    pub version: Version,
    /// In the order of the certificate.
    pub extensions: Vec<Extension>,
    pub faults: Vec<Fault>,
}

/// The serial number of a certificate.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Serial {
    /// Positive and of sixteen octets (RFC 5280 section 4.1.2.2: at most twenty).
    Random,
    Number(u64),
    /// The contents octets of the INTEGER as they stand, be they negative or too long.
    Octets(Hex),
}

/// The version of a certificate (RFC 5280 section 4.1.2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Version {
    V1,
    V2,
    V3,
}
