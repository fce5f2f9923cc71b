//! The format of the files of vectors and of their rules.

use std::collections::BTreeMap;

use certs::Template;
use certs::profile::{CertificateFile, CrlFile};
use certs::spec::{DistinguishedName, Hex};
use reports::text::Text;
use serde::Deserialize;
use toml::Spanned;

use super::{Expect, Strength, When};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RulesFile {
    pub(super) rules: Vec<RuleFile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RuleFile {
    pub(super) id: Spanned<String>,
    pub(super) rfc: u32,
    pub(super) section: Spanned<String>,
    pub(super) level: Strength,
    pub(super) says: Spanned<Text>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct VectorsFile {
    pub(super) vectors: Vec<VectorFile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct VectorFile {
    pub(super) id: Spanned<String>,
    pub(super) title: Spanned<Text>,
    /// The id of a rule.
    pub(super) rule: Spanned<String>,
    pub(super) expect: Expect,
    pub(super) when: Option<When>,
    /// A certificate profile, or an earlier vector.
    pub(super) base: Option<Spanned<String>>,
    pub(super) identity: Option<Spanned<IdentityFile>>,
    pub(super) send: Option<Spanned<Vec<Spanned<SentFile>>>>,
    pub(super) sign_with: Option<Spanned<String>>,
    pub(super) signature: Option<Spanned<String>>,
    #[serde(default = "yes")]
    pub(super) announces_hashes: bool,
    /// The data of a CERTREQ payload.
    pub(super) request: Option<Hex>,
    #[serde(default)]
    pub(super) certificates: BTreeMap<Spanned<String>, CertificateFile>,
    #[serde(default)]
    pub(super) crls: BTreeMap<Spanned<String>, CrlFile>,
}

fn yes() -> bool {
    true
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct IdentityFile {
    pub(super) r#type: IdentityType,
    pub(super) value: Option<Template>,
    /// The name of a certificate.
    pub(super) of: Option<Spanned<String>>,
    pub(super) name: Option<DistinguishedName>,
    pub(super) octets: Option<Hex>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum IdentityType {
    Ipv4,
    Fqdn,
    Rfc822,
    Dn,
    Gn,
    KeyId,
}

#[derive(Deserialize)]
#[serde(
    untagged,
    expecting = "not what a CERT payload can hold\nwrite the name of a certificate, { pkcs7 = \
                 \"end-entity\" }, or { octets = \"01 02\", encoding = 200 }"
)]
pub(super) enum SentFile {
    Certificate(String),
    Pkcs7(Pkcs7File),
    Octets(OctetsFile),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Pkcs7File {
    pub(super) pkcs7: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OctetsFile {
    pub(super) octets: Hex,
    pub(super) encoding: u8,
}
