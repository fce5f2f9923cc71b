//! Extensions of certificates.

use der::asn1::{Any, GeneralizedTime, Ia5String, OctetString, SetOfVec};
use der::flagset::FlagSet;
use der::oid::ObjectIdentifier;
use der::{Decode, Encode, Sequence, Tag};
use jiff::Timestamp;
use x509_cert::attr::Attribute;
use x509_cert::ext::pkix::certpolicy::{DisplayText, PolicyInformation, PolicyQualifierInfo};
use x509_cert::ext::pkix::constraints::name::GeneralSubtree;
use x509_cert::ext::pkix::crl::dp;
use x509_cert::ext::pkix::name::{self, DistributionPointName};
use x509_cert::ext::pkix::{self, AccessDescription, KeyUsages};
use x509_cert::name::Name;
use x509_cert::serial_number::SerialNumber;

use super::DerExtension;
use super::general_name::{general_name, general_names};
use crate::error::IssueError;
use crate::holder::Holder;
use crate::spec::{
    Access, AuthorityKeyPart, DirectoryAttribute, DistributionPoint, Extension, ExtensionValue,
    GeneralName, HcRole, KeyUsageBit, Moment, NameConstraints, Period, Policy,
};

/// What extensions say of the certificate they are in.
pub(crate) struct Surroundings<'a> {
    pub(crate) holder: Option<&'a Holder>,
    pub(crate) now: Timestamp,
    /// SHA-1 of the subject's public key.
    pub(crate) key_sha1: Vec<u8>,
    pub(crate) authority: Authority<'a>,
}

/// What authorityKeyIdentifier says of the issuer.
#[derive(Clone)]
pub(crate) struct Authority<'a> {
    pub(crate) key_identifier: Vec<u8>,
    /// The name of the issuer's own issuer.
    pub(crate) issuer: &'a Name,
    /// The serial number of the issuer's certificate.
    pub(crate) serial: &'a [u8],
}

pub(crate) fn extension(
    spec: &Extension,
    around: &Surroundings<'_>,
) -> Result<DerExtension, IssueError> {
    let der = contents(&spec.value, around)?;
    Ok(DerExtension::of_octets(
        spec.value.oid(),
        spec.critical,
        der,
    )?)
}

/// The octets within extnValue.
fn contents(value: &ExtensionValue, around: &Surroundings<'_>) -> Result<Vec<u8>, IssueError> {
    use ExtensionValue as Value;
    let holder = around.holder;
    let der = match value {
        Value::AuthorityInfoAccess(list) | Value::SubjectInfoAccess(list) => {
            access(list, holder)?.to_der()
        }
        Value::AuthorityKeyIdentifier(parts) => {
            authority_key_identifier(parts, &around.authority)?.to_der()
        }
        Value::BasicConstraints(constraints) => pkix::BasicConstraints {
            ca: constraints.ca,
            path_len_constraint: constraints.path_len,
        }
        .to_der(),
        Value::CertificatePolicies(list) => list
            .iter()
            .map(|p| policy(p, holder))
            .collect::<Result<Vec<_>, _>>()?
            .to_der(),
        Value::CrlDistributionPoints(list) => list
            .iter()
            .map(|point| distribution_point(point, holder))
            .collect::<Result<Vec<_>, _>>()?
            .to_der(),
        Value::ExtendedKeyUsage(purposes) => purposes
            .iter()
            .map(|oid| oid.0)
            .collect::<Vec<ObjectIdentifier>>()
            .to_der(),
        Value::InhibitAnyPolicy(skip) => skip.to_der(),
        Value::IssuerAltName(names) | Value::SubjectAltName(names) => {
            general_names(names, holder)?.to_der()
        }
        Value::KeyUsage(bits) => {
            let none = FlagSet::<KeyUsages>::default();
            pkix::KeyUsage(bits.iter().fold(none, |set, bit| set | key_usage(*bit))).to_der()
        }
        Value::NameConstraints(constraints) => name_constraints(constraints, holder)?.to_der(),
        Value::PolicyConstraints(constraints) => pkix::PolicyConstraints {
            require_explicit_policy: constraints.require_explicit_policy,
            inhibit_policy_mapping: constraints.inhibit_policy_mapping,
        }
        .to_der(),
        Value::PolicyMappings(list) => list
            .iter()
            .map(|mapping| pkix::PolicyMapping {
                issuer_domain_policy: mapping.issuer.0,
                subject_domain_policy: mapping.subject.0,
            })
            .collect::<Vec<_>>()
            .to_der(),
        Value::PrivateKeyUsagePeriod(period) => key_usage_period(period, around.now)?.to_der(),
        Value::Raw(raw) => Ok(raw.der.0.clone()),
        Value::SubjectDirectoryAttributes(list) => list
            .iter()
            .map(|attribute| directory_attribute(attribute, holder))
            .collect::<Result<Vec<_>, _>>()?
            .to_der(),
        Value::SubjectKeyIdentifier(method) => {
            OctetString::new(method.key_identifier(&around.key_sha1))?.to_der()
        }
    };
    Ok(der?)
}

pub(crate) fn authority_key_identifier(
    parts: &[AuthorityKeyPart],
    authority: &Authority<'_>,
) -> Result<pkix::AuthorityKeyIdentifier, IssueError> {
    let mut identifier = pkix::AuthorityKeyIdentifier::default();
    for part in parts {
        match part {
            AuthorityKeyPart::KeyId => {
                let octets = OctetString::new(authority.key_identifier.clone())?;
                identifier.key_identifier = Some(octets);
            }
            AuthorityKeyPart::IssuerAndSerial => {
                let issuer = name::GeneralName::DirectoryName(authority.issuer.clone());
                identifier.authority_cert_issuer = Some(vec![issuer]);
                identifier.authority_cert_serial_number =
                    Some(SerialNumber::new(authority.serial)?);
            }
        }
    }
    Ok(identifier)
}

/// The full name of a distribution point; `None` when there is none.
pub(crate) fn full_name(
    names: &[GeneralName],
    holder: Option<&Holder>,
) -> Result<Option<DistributionPointName>, IssueError> {
    if names.is_empty() {
        return Ok(None);
    }
    Ok(Some(DistributionPointName::FullName(general_names(
        names, holder,
    )?)))
}

fn distribution_point(
    spec: &DistributionPoint,
    holder: Option<&Holder>,
) -> Result<dp::DistributionPoint, IssueError> {
    let crl_issuer = match spec.crl_issuer.as_slice() {
        [] => None,
        names => Some(general_names(names, holder)?),
    };
    Ok(dp::DistributionPoint {
        distribution_point: full_name(&spec.name, holder)?,
        reasons: None,
        crl_issuer,
    })
}

fn access(list: &[Access], holder: Option<&Holder>) -> Result<Vec<AccessDescription>, IssueError> {
    let description = |access: &Access| {
        Ok(AccessDescription {
            access_method: access.method.0,
            access_location: general_name(&access.location, holder)?,
        })
    };
    list.iter().map(description).collect()
}

fn policy(spec: &Policy, holder: Option<&Holder>) -> Result<PolicyInformation, IssueError> {
    /// RFC 5280 section 4.2.1.4.
    const CPS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.2.1");
    const USER_NOTICE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.2.2");
    let mut qualifiers = Vec::new();
    if let Some(cps) = &spec.cps {
        let text = cps.render(holder)?;
        let uri = Ia5String::new(&text).map_err(|_| IssueError::Text {
            text,
            form: "IA5String",
        })?;
        qualifiers.push((CPS, Any::encode_from(&uri)?));
    }
    if let Some(notice) = &spec.notice {
        let explicit_text = DisplayText::Utf8String(notice.render(holder)?);
        // UserNotice without its reference: a sequence of the text alone.
        qualifiers.push((USER_NOTICE, Any::encode_from(&vec![explicit_text])?));
    }
    let info = |(id, qualifier)| PolicyQualifierInfo {
        policy_qualifier_id: id,
        qualifier: Some(qualifier),
    };
    Ok(PolicyInformation {
        policy_identifier: spec.oid.0,
        policy_qualifiers: (!qualifiers.is_empty())
            .then(|| qualifiers.into_iter().map(info).collect()),
    })
}

fn key_usage(bit: KeyUsageBit) -> KeyUsages {
    match bit {
        KeyUsageBit::DigitalSignature => KeyUsages::DigitalSignature,
        KeyUsageBit::NonRepudiation => KeyUsages::NonRepudiation,
        KeyUsageBit::KeyEncipherment => KeyUsages::KeyEncipherment,
        KeyUsageBit::DataEncipherment => KeyUsages::DataEncipherment,
        KeyUsageBit::KeyAgreement => KeyUsages::KeyAgreement,
        KeyUsageBit::KeyCertSign => KeyUsages::KeyCertSign,
        KeyUsageBit::CrlSign => KeyUsages::CRLSign,
        KeyUsageBit::EncipherOnly => KeyUsages::EncipherOnly,
        KeyUsageBit::DecipherOnly => KeyUsages::DecipherOnly,
    }
}

fn name_constraints(
    spec: &NameConstraints,
    holder: Option<&Holder>,
) -> Result<pkix::NameConstraints, IssueError> {
    let subtrees = |names: &[GeneralName]| -> Result<Option<Vec<GeneralSubtree>>, IssueError> {
        if names.is_empty() {
            return Ok(None);
        }
        let subtree = |base| GeneralSubtree {
            base,
            minimum: 0,
            maximum: None,
        };
        Ok(Some(
            general_names(names, holder)?
                .into_iter()
                .map(subtree)
                .collect(),
        ))
    };
    Ok(pkix::NameConstraints {
        permitted_subtrees: subtrees(&spec.permitted)?,
        excluded_subtrees: subtrees(&spec.excluded)?,
    })
}

fn key_usage_period(
    period: &Period,
    now: Timestamp,
) -> Result<pkix::PrivateKeyUsagePeriod, IssueError> {
    let time = |moment: &Option<Moment>| -> Result<Option<GeneralizedTime>, IssueError> {
        let Some(moment) = moment else {
            return Ok(None);
        };
        let moment = moment.resolve(now)?;
        let seconds =
            u64::try_from(moment.as_second()).map_err(|_| IssueError::Date(moment.to_string()))?;
        let since_1970 = std::time::Duration::from_secs(seconds);
        Ok(Some(GeneralizedTime::from_unix_duration(since_1970)?))
    };
    Ok(pkix::PrivateKeyUsagePeriod {
        not_before: time(&period.not_before)?,
        not_after: time(&period.not_after)?,
    })
}

fn directory_attribute(
    spec: &DirectoryAttribute,
    holder: Option<&Holder>,
) -> Result<Attribute, IssueError> {
    /// id-hcpki-at-healthcareactor (ISO 17090-2).
    const HEALTHCARE_ACTOR: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.0.17090.0.1");
    let mut values = SetOfVec::new();
    let oid = match spec {
        DirectoryAttribute::HcRole(role) => {
            values.insert(healthcare_actor(role, holder)?)?;
            HEALTHCARE_ACTOR
        }
        DirectoryAttribute::Attribute(raw) => {
            for value in &raw.values {
                values.insert(Any::from_der(&value.0)?)?;
            }
            raw.oid.0
        }
    };
    Ok(Attribute { oid, values })
}

/// HCActorData: a set of one HCActor, which has coded data and nothing of a region.
fn healthcare_actor(role: &HcRole, holder: Option<&Holder>) -> Result<Any, IssueError> {
    /// CodedData is a SET, which in DER comes in the order of the tags, as here.
    #[derive(Sequence)]
    struct CodedData {
        #[asn1(context_specific = "0", tag_mode = "EXPLICIT")]
        coding_scheme_reference: ObjectIdentifier,
        #[asn1(context_specific = "2", tag_mode = "EXPLICIT")]
        code_data_free_text: String,
    }
    #[derive(Sequence)]
    struct HcActor {
        #[asn1(context_specific = "0", tag_mode = "EXPLICIT")]
        coded_data: Any,
    }
    let coded_data = CodedData {
        coding_scheme_reference: role.scheme.0,
        code_data_free_text: role.text.render(holder)?,
    };
    let actor = HcActor {
        coded_data: as_set(&coded_data)?,
    };
    let mut actors = SetOfVec::new();
    actors.insert(Any::encode_from(&actor)?)?;
    Ok(Any::encode_from(&actors)?)
}

/// The contents of a sequence under the tag of a set.
fn as_set(sequence: &impl Encode) -> Result<Any, IssueError> {
    let sequence = Any::from_der(&sequence.to_der()?)?;
    Ok(Any::new(Tag::Set, sequence.value())?)
}
