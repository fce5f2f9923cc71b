//! The format of a profile's file.

use std::collections::BTreeMap;

use reports::text::Text;
use serde::Deserialize;
use toml::Spanned;

use crate::spec::{
    AuthorityKeyPart, CrlFault, DistinguishedName, Extension, Fault, IssuingPoint, KeyKind, Moment,
    Serial, SignatureAlgorithm, Version,
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ProfileFile {
    pub(super) id: Spanned<String>,
    pub(super) title: Spanned<Text>,
    pub(super) description: Spanned<Text>,
    #[serde(default)]
    pub(super) assumptions: Vec<Spanned<Text>>,
    /// The id of a profile whose tables this one's are laid over.
    pub(super) base: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) certificates: BTreeMap<Spanned<String>, CertificateFile>,
    #[serde(default)]
    pub(super) crls: BTreeMap<Spanned<String>, CrlFile>,
}

/// A certificate; what is left out is that of the base.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CertificateFile {
    pub(super) issuer: Option<Spanned<String>>,
    /// Whether a peer shall trust it; without it, what signs itself is trusted. The end entity never
    /// is.
    pub(super) trusted: Option<Spanned<bool>>,
    pub(super) subject: Option<DistinguishedName>,
    pub(super) validity: Option<ValidityFile>,
    pub(super) key: Option<KeyKind>,
    pub(super) signature: Option<Spanned<SignatureAlgorithm>>,
    pub(super) serial: Option<Serial>,
    pub(super) version: Option<Version>,
    /// All extensions, in order, in place of the base's.
    pub(super) extensions: Option<Vec<Extension>>,
    /// Object identifiers of extensions of the base that are left out.
    #[serde(default)]
    pub(super) remove: Vec<Spanned<crate::spec::Oid>>,
    /// Extensions that stand where the base has one of the same object identifier.
    #[serde(default)]
    pub(super) replace: Vec<Spanned<Extension>>,
    /// Extensions after those of the base.
    #[serde(default)]
    pub(super) add: Vec<Extension>,
    pub(super) faults: Option<Vec<Fault>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct ValidityFile {
    pub(super) not_before: Option<Moment>,
    pub(super) not_after: Option<Moment>,
}

/// A revocation list; what is left out is that of the base.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct CrlFile {
    pub(super) issuer: Option<Spanned<String>>,
    pub(super) this_update: Option<Moment>,
    pub(super) next_update: Option<Moment>,
    pub(super) number: Option<u64>,
    pub(super) authority_key_identifier: Option<Vec<AuthorityKeyPart>>,
    pub(super) issuing_distribution_point: Option<IssuingPoint>,
    pub(super) delta_of: Option<u64>,
    pub(super) signature: Option<Spanned<SignatureAlgorithm>>,
    pub(super) faults: Option<Vec<CrlFault>>,
}
