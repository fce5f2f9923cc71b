//! Extensions of certificates, each with its criticality.

use der::oid::ObjectIdentifier;
use serde::Deserialize;

use super::{GeneralName, Hex, Moment, Oid};
use crate::holder::Template;

/// One extension.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(try_from = "ExtensionFile")]
pub struct Extension {
    pub critical: bool,
    pub value: ExtensionValue,
}

/// What an extension says (RFC 5280 section 4.2, unless noted).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ExtensionValue {
    AuthorityInfoAccess(Vec<Access>),
    AuthorityKeyIdentifier(Vec<AuthorityKeyPart>),
    BasicConstraints(BasicConstraints),
    CertificatePolicies(Vec<Policy>),
    CrlDistributionPoints(Vec<DistributionPoint>),
    ExtendedKeyUsage(Vec<Oid>),
    InhibitAnyPolicy(u32),
    IssuerAltName(Vec<GeneralName>),
    KeyUsage(Vec<KeyUsageBit>),
    NameConstraints(NameConstraints),
    PolicyConstraints(PolicyConstraints),
    PolicyMappings(Vec<PolicyMapping>),
    /// RFC 3280 section 4.2.1.4; RFC 4945 section 5.1.3.3.
    PrivateKeyUsagePeriod(Period),
    Raw(RawExtension),
    SubjectAltName(Vec<GeneralName>),
    SubjectDirectoryAttributes(Vec<DirectoryAttribute>),
    SubjectInfoAccess(Vec<Access>),
    SubjectKeyIdentifier(SubjectKeyMethod),
}

impl ExtensionValue {
    pub fn oid(&self) -> ObjectIdentifier {
        let dotted = match self {
            Self::AuthorityInfoAccess(_) => "1.3.6.1.5.5.7.1.1",
            Self::AuthorityKeyIdentifier(_) => "2.5.29.35",
            Self::BasicConstraints(_) => "2.5.29.19",
            Self::CertificatePolicies(_) => "2.5.29.32",
            Self::CrlDistributionPoints(_) => "2.5.29.31",
            Self::ExtendedKeyUsage(_) => "2.5.29.37",
            Self::InhibitAnyPolicy(_) => "2.5.29.54",
            Self::IssuerAltName(_) => "2.5.29.18",
            Self::KeyUsage(_) => "2.5.29.15",
            Self::NameConstraints(_) => "2.5.29.30",
            Self::PolicyConstraints(_) => "2.5.29.36",
            Self::PolicyMappings(_) => "2.5.29.33",
            Self::PrivateKeyUsagePeriod(_) => "2.5.29.16",
            Self::SubjectAltName(_) => "2.5.29.17",
            Self::SubjectDirectoryAttributes(_) => "2.5.29.9",
            Self::SubjectInfoAccess(_) => "1.3.6.1.5.5.7.1.11",
            Self::SubjectKeyIdentifier(_) => "2.5.29.14",
            Self::Raw(raw) => return raw.oid.0,
        };
        ObjectIdentifier::new_unwrap(dotted)
    }
}

/// BasicConstraints as encoded: `ca = false` is an empty sequence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct BasicConstraints {
    pub ca: bool,
    pub path_len: Option<u8>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum KeyUsageBit {
    DigitalSignature,
    NonRepudiation,
    KeyEncipherment,
    DataEncipherment,
    KeyAgreement,
    KeyCertSign,
    CrlSign,
    EncipherOnly,
    DecipherOnly,
}

/// How the subject's key identifier is made.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SubjectKeyMethod {
    /// SHA-1 of the public key (RFC 5280 section 4.2.1.2, method 1).
    Sha1,
    Octets(Hex),
}

/// A part of the authority's key identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AuthorityKeyPart {
    KeyId,
    /// The name of the issuer's issuer, and the issuer's serial number.
    IssuerAndSerial,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    pub oid: Oid,
    /// URI of the certification practice statement.
    pub cps: Option<Template>,
    /// Text of a user notice.
    pub notice: Option<Template>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct DistributionPoint {
    /// The full name.
    pub name: Vec<GeneralName>,
    #[serde(default)]
    pub crl_issuer: Vec<GeneralName>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DirectoryAttribute {
    HcRole(HcRole),
    Attribute(RawAttribute),
}

/// The healthcare role of ISO 17090-2 as HPKI uses it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HcRole {
    /// The coding scheme; HPKI's is 1.2.392.100495.1.6.1.1.
    pub scheme: Oid,
    /// The role's name in that scheme, such as "Medical Doctor".
    pub text: Template,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawAttribute {
    pub oid: Oid,
    /// The DER of each value.
    pub values: Vec<Hex>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Period {
    pub not_before: Option<Moment>,
    pub not_after: Option<Moment>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NameConstraints {
    #[serde(default)]
    pub permitted: Vec<GeneralName>,
    #[serde(default)]
    pub excluded: Vec<GeneralName>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct PolicyConstraints {
    pub require_explicit_policy: Option<u32>,
    pub inhibit_policy_mapping: Option<u32>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolicyMapping {
    pub issuer: Oid,
    pub subject: Oid,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Access {
    pub method: AccessMethod,
    pub location: GeneralName,
}

/// An access method of authorityInfoAccess or subjectInfoAccess, by name or object identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(try_from = "String")]
pub struct AccessMethod(pub ObjectIdentifier);

/// Any extension, as it stands.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawExtension {
    pub oid: Oid,
    /// The octets within extnValue.
    pub der: Hex,
}

/// An extension as a profile writes it: `critical`, and one key that says which it is.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct ExtensionFile {
    #[serde(default)]
    critical: bool,
    authority_info_access: Option<Vec<Access>>,
    authority_key_identifier: Option<Vec<AuthorityKeyPart>>,
    basic_constraints: Option<BasicConstraints>,
    certificate_policies: Option<Vec<Policy>>,
    crl_distribution_points: Option<Vec<DistributionPoint>>,
    extended_key_usage: Option<Vec<KeyPurpose>>,
    inhibit_any_policy: Option<u32>,
    issuer_alt_name: Option<Vec<GeneralName>>,
    key_usage: Option<Vec<KeyUsageBit>>,
    name_constraints: Option<NameConstraints>,
    policy_constraints: Option<PolicyConstraints>,
    policy_mappings: Option<Vec<PolicyMapping>>,
    private_key_usage_period: Option<Period>,
    raw: Option<RawExtension>,
    subject_alt_name: Option<Vec<GeneralName>>,
    subject_directory_attributes: Option<Vec<DirectoryAttribute>>,
    subject_info_access: Option<Vec<Access>>,
    subject_key_identifier: Option<SubjectKeyMethod>,
}

impl TryFrom<ExtensionFile> for Extension {
    type Error = String;

    fn try_from(file: ExtensionFile) -> Result<Self, String> {
        use ExtensionValue as Value;
        let purposes = |list: Vec<KeyPurpose>| {
            Value::ExtendedKeyUsage(list.into_iter().map(|KeyPurpose(oid)| Oid(oid)).collect())
        };
        let candidates = [
            file.authority_info_access.map(Value::AuthorityInfoAccess),
            file.authority_key_identifier
                .map(Value::AuthorityKeyIdentifier),
            file.basic_constraints.map(Value::BasicConstraints),
            file.certificate_policies.map(Value::CertificatePolicies),
            file.crl_distribution_points
                .map(Value::CrlDistributionPoints),
            file.extended_key_usage.map(purposes),
            file.inhibit_any_policy.map(Value::InhibitAnyPolicy),
            file.issuer_alt_name.map(Value::IssuerAltName),
            file.key_usage.map(Value::KeyUsage),
            file.name_constraints.map(Value::NameConstraints),
            file.policy_constraints.map(Value::PolicyConstraints),
            file.policy_mappings.map(Value::PolicyMappings),
            file.private_key_usage_period
                .map(Value::PrivateKeyUsagePeriod),
            file.raw.map(Value::Raw),
            file.subject_alt_name.map(Value::SubjectAltName),
            file.subject_directory_attributes
                .map(Value::SubjectDirectoryAttributes),
            file.subject_info_access.map(Value::SubjectInfoAccess),
            file.subject_key_identifier.map(Value::SubjectKeyIdentifier),
        ];
        let mut given = candidates.into_iter().flatten();
        match (given.next(), given.next()) {
            (Some(value), None) => Ok(Self {
                critical: file.critical,
                value,
            }),
            (Some(_), Some(_)) => Err("two extensions in one table\nwrite a table for each, in \
                                       the order of the certificate"
                .to_owned()),
            (None, _) => Err(
                "an extension without contents\nadd a key that says which it is, \
                              such as key-usage = [\"digital-signature\"]"
                    .to_owned(),
            ),
        }
    }
}

/// A purpose of extendedKeyUsage, by name or object identifier.
#[derive(Deserialize)]
#[serde(try_from = "String")]
struct KeyPurpose(ObjectIdentifier);

impl TryFrom<String> for KeyPurpose {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        /// RFC 5280 section 4.2.1.12, RFC 4945 section 5.1.3.12; the last is of no RFC.
        const PURPOSES: [(&str, &str); 12] = [
            ("any", "2.5.29.37.0"),
            ("server-auth", "1.3.6.1.5.5.7.3.1"),
            ("client-auth", "1.3.6.1.5.5.7.3.2"),
            ("code-signing", "1.3.6.1.5.5.7.3.3"),
            ("email-protection", "1.3.6.1.5.5.7.3.4"),
            ("ipsec-end-system", "1.3.6.1.5.5.7.3.5"),
            ("ipsec-tunnel", "1.3.6.1.5.5.7.3.6"),
            ("ipsec-user", "1.3.6.1.5.5.7.3.7"),
            ("time-stamping", "1.3.6.1.5.5.7.3.8"),
            ("ocsp-signing", "1.3.6.1.5.5.7.3.9"),
            ("ipsec-ike", "1.3.6.1.5.5.7.3.17"),
            ("ike-intermediate", "1.3.6.1.5.5.8.2.2"),
        ];
        named(text, "purpose", &PURPOSES).map(Self)
    }
}

impl TryFrom<String> for AccessMethod {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        /// RFC 5280 sections 4.2.2.1 and 4.2.2.2.
        const METHODS: [(&str, &str); 4] = [
            ("ocsp", "1.3.6.1.5.5.7.48.1"),
            ("ca-issuers", "1.3.6.1.5.5.7.48.2"),
            ("time-stamping", "1.3.6.1.5.5.7.48.3"),
            ("ca-repository", "1.3.6.1.5.5.7.48.5"),
        ];
        named(text, "access method", &METHODS).map(Self)
    }
}

fn named(
    text: String,
    what: &str,
    known: &[(&'static str, &'static str)],
) -> Result<ObjectIdentifier, String> {
    if text.starts_with(|c: char| c.is_ascii_digit()) {
        return Oid::try_from(text).map(|Oid(oid)| oid);
    }
    match known.iter().find(|(name, _)| *name == text) {
        Some((_, oid)) => Ok(ObjectIdentifier::new_unwrap(oid)),
        None => {
            let names: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
            Err(format!(
                "there is no {what} {text:?}\n{}",
                files::use_known(&text, &names)
            ))
        }
    }
}

impl SubjectKeyMethod {
    /// The key identifier, given SHA-1 of the public key.
    pub(crate) fn key_identifier(&self, key_sha1: &[u8]) -> Vec<u8> {
        match self {
            Self::Sha1 => key_sha1.to_vec(),
            Self::Octets(hex) => hex.0.clone(),
        }
    }
}
