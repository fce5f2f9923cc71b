//! Certificate revocation lists (RFC 5280 section 5).

use serde::Deserialize;

use super::{AuthorityKeyPart, CrlFault, GeneralName, Moment, SignatureAlgorithm};

/// One revocation list.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CrlSpec {
    pub this_update: Moment,
    pub next_update: Option<Moment>,
    /// CRLNumber; without one the extension is left out.
    pub number: Option<u64>,
    /// Parts of the authority's key identifier; without any the extension is left out.
    pub authority_key_identifier: Vec<AuthorityKeyPart>,
    pub issuing_point: Option<IssuingPoint>,
    /// The number of the base CRL: this makes a delta CRL (RFC 5280 section 5.2.4).
    pub delta_of: Option<u64>,
    /// `None`: the usual one for the issuer's key.
    pub signature: Option<SignatureAlgorithm>,
    pub faults: Vec<CrlFault>,
}

/// IssuingDistributionPoint (RFC 5280 section 5.2.5), always critical.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct IssuingPoint {
    /// The full name; without any the field is left out.
    #[serde(default)]
    pub name: Vec<GeneralName>,
    pub only: Option<DistributionPointScope>,
}

/// The only certificates that a list is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DistributionPointScope {
    Authorities,
    EndEntities,
}
