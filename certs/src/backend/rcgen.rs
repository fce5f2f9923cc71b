//! Ordinary certificates, made by rcgen.
//!
//! rcgen decides the order of the extensions and the criticality of most of them. What a
//! specification wants otherwise is not ordinary.

use std::net::IpAddr;

use der::asn1::Any;
use der::oid::ObjectIdentifier;
use der::{Tag, Tagged};
use rcgen::string::{Ia5String, PrintableString};
use rcgen::{
    BasicConstraints, CertificateParams, CrlDistributionPoint, DistinguishedName, DnType, DnValue,
    ExtendedKeyUsagePurpose, IsCa, Issuer, KeyIdMethod, KeyUsagePurpose, PublicKeyData, SanType,
    SerialNumber, SigningKey,
};
use time::OffsetDateTime;
use x509_cert::name::Name;

use crate::error::IssueError;
use crate::key::PrivateKey;
use crate::plan::{Plan, key_identifier};
use crate::spec::{
    AuthorityKeyPart, DistributionPoint, Extension, ExtensionValue, GeneralName, KeyUsageBit,
    SignatureAlgorithm, Version,
};

/// Makes the certificate; `None` when rcgen cannot express it exactly.
pub(crate) fn certificate(plan: &Plan<'_>) -> Option<Result<Vec<u8>, IssueError>> {
    let params = ordinary(plan)?;
    let mut issuer = CertificateParams::default();
    issuer.distinguished_name = distinguished_name(&plan.issuer_name)?;
    issuer.key_identifier_method = KeyIdMethod::PreSpecified(plan.authority.key_identifier.clone());
    let signer = Key {
        key: plan.signer,
        bits: plan.signer.public_key_bits().ok()?,
        ours: plan.algorithm,
        theirs: algorithm(plan.algorithm)?,
    };
    let usual = plan.key.kind().usual_signature();
    let subject = Key {
        key: plan.key,
        bits: plan.key.public_key_bits().ok()?,
        ours: usual,
        theirs: algorithm(usual)?,
    };
    let certificate = params.signed_by(&subject, &Issuer::new(issuer, signer));
    Some(match certificate {
        Ok(certificate) => Ok(certificate.der().to_vec()),
        Err(error) => Err(IssueError::Rcgen(error.to_string())),
    })
}

/// A key of ours as rcgen wants it.
struct Key<'a> {
    key: &'a PrivateKey,
    /// The contents of the public key's bit string.
    bits: Vec<u8>,
    ours: SignatureAlgorithm,
    theirs: &'static rcgen::SignatureAlgorithm,
}

impl PublicKeyData for Key<'_> {
    fn der_bytes(&self) -> &[u8] {
        &self.bits
    }

    fn algorithm(&self) -> &'static rcgen::SignatureAlgorithm {
        self.theirs
    }
}

impl SigningKey for Key<'_> {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, rcgen::Error> {
        self.key
            .sign(self.ours, message)
            .map_err(|_| rcgen::Error::RemoteKeyError)
    }
}

fn algorithm(algorithm: SignatureAlgorithm) -> Option<&'static rcgen::SignatureAlgorithm> {
    match algorithm {
        SignatureAlgorithm::RsaSha256 => Some(&rcgen::PKCS_RSA_SHA256),
        SignatureAlgorithm::RsaSha384 => Some(&rcgen::PKCS_RSA_SHA384),
        SignatureAlgorithm::RsaSha512 => Some(&rcgen::PKCS_RSA_SHA512),
        SignatureAlgorithm::EcdsaSha256 => Some(&rcgen::PKCS_ECDSA_P256_SHA256),
        SignatureAlgorithm::EcdsaSha384 => Some(&rcgen::PKCS_ECDSA_P384_SHA384),
        SignatureAlgorithm::EcdsaSha512 => Some(&rcgen::PKCS_ECDSA_P521_SHA512),
        SignatureAlgorithm::Ed25519 => Some(&rcgen::PKCS_ED25519),
        SignatureAlgorithm::RsaMd5
        | SignatureAlgorithm::RsaSha1
        | SignatureAlgorithm::RsaPssSha256
        | SignatureAlgorithm::RsaPssSha384
        | SignatureAlgorithm::RsaPssSha512
        | SignatureAlgorithm::RsaPssDefaults => None,
    }
}

/// The parameters that give exactly what is planned, if there are any.
fn ordinary(plan: &Plan<'_>) -> Option<CertificateParams> {
    let spec = plan.spec;
    let plain = spec.version == Version::V3
        && spec.faults.is_empty()
        && spec.not_before.form.is_none()
        && spec.not_after.form.is_none()
        // rcgen takes the serial number for a positive one, and drops leading zeros.
        && matches!(plan.serial.first(), Some(1..0x80));
    if !plain {
        return None;
    }
    let mut params = CertificateParams::default();
    params.serial_number = Some(SerialNumber::from(plan.serial.clone()));
    params.not_before = OffsetDateTime::from_unix_timestamp(plan.not_before.as_second()).ok()?;
    params.not_after = OffsetDateTime::from_unix_timestamp(plan.not_after.as_second()).ok()?;
    params.distinguished_name = distinguished_name(&plan.subject)?;
    params.key_identifier_method = KeyIdMethod::PreSpecified(key_identifier(spec, &plan.key_sha1));
    add_extensions(&mut params, plan)?;
    Some(params)
}

/// The order in which rcgen writes extensions. The last two stand together or not at all.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Slot {
    AuthorityKeyIdentifier,
    SubjectAltName,
    KeyUsage,
    ExtendedKeyUsage,
    CrlDistributionPoints,
    SubjectKeyIdentifier,
    BasicConstraints,
}

fn add_extensions(params: &mut CertificateParams, plan: &Plan<'_>) -> Option<()> {
    let slots = plan
        .spec
        .extensions
        .iter()
        .map(|extension| add_extension(params, extension, plan))
        .collect::<Option<Vec<_>>>()?;
    let in_order = slots.is_sorted_by(|a, b| a < b);
    let paired =
        slots.contains(&Slot::SubjectKeyIdentifier) == slots.contains(&Slot::BasicConstraints);
    (in_order && paired).then_some(())
}

fn add_extension(
    params: &mut CertificateParams,
    extension: &Extension,
    plan: &Plan<'_>,
) -> Option<Slot> {
    use ExtensionValue as Value;
    let critical = extension.critical;
    match &extension.value {
        Value::AuthorityKeyIdentifier(parts) if !critical => {
            params.use_authority_key_identifier_extension = true;
            (*parts == [AuthorityKeyPart::KeyId]).then_some(Slot::AuthorityKeyIdentifier)
        }
        Value::SubjectAltName(names) if critical == plan.spec.subject.0.is_empty() => {
            params.subject_alt_names = names
                .iter()
                .map(|name| alt_name(name, plan))
                .collect::<Option<_>>()?;
            (!names.is_empty()).then_some(Slot::SubjectAltName)
        }
        Value::KeyUsage(bits) if critical => {
            params.key_usages = bits.iter().map(|bit| key_usage(*bit)).collect();
            (!bits.is_empty()).then_some(Slot::KeyUsage)
        }
        Value::ExtendedKeyUsage(purposes) if !critical => {
            let purpose = |oid: ObjectIdentifier| ExtendedKeyUsagePurpose::Other(arcs(oid));
            params.extended_key_usages = purposes.iter().map(|oid| purpose(oid.0)).collect();
            (!purposes.is_empty()).then_some(Slot::ExtendedKeyUsage)
        }
        Value::CrlDistributionPoints(points) if !critical => {
            params.crl_distribution_points = points
                .iter()
                .map(|point| uris(point, plan))
                .collect::<Option<_>>()?;
            (!points.is_empty()).then_some(Slot::CrlDistributionPoints)
        }
        Value::SubjectKeyIdentifier(_) if !critical => Some(Slot::SubjectKeyIdentifier),
        Value::BasicConstraints(constraints) if critical => {
            params.is_ca = match (constraints.ca, constraints.path_len) {
                (true, None) => IsCa::Ca(BasicConstraints::Unconstrained),
                (true, Some(length)) => IsCa::Ca(BasicConstraints::Constrained(length)),
                (false, None) => IsCa::ExplicitNoCa,
                (false, Some(_)) => return None,
            };
            Some(Slot::BasicConstraints)
        }
        Value::AuthorityInfoAccess(_)
        | Value::AuthorityKeyIdentifier(_)
        | Value::BasicConstraints(_)
        | Value::CertificatePolicies(_)
        | Value::CrlDistributionPoints(_)
        | Value::ExtendedKeyUsage(_)
        | Value::InhibitAnyPolicy(_)
        | Value::IssuerAltName(_)
        | Value::KeyUsage(_)
        | Value::NameConstraints(_)
        | Value::PolicyConstraints(_)
        | Value::PolicyMappings(_)
        | Value::PrivateKeyUsagePeriod(_)
        | Value::Raw(_)
        | Value::SubjectAltName(_)
        | Value::SubjectDirectoryAttributes(_)
        | Value::SubjectInfoAccess(_)
        | Value::SubjectKeyIdentifier(_) => None,
    }
}

fn alt_name(name: &GeneralName, plan: &Plan<'_>) -> Option<SanType> {
    let ia5 = |text: &crate::spec::Ia5Text| -> Option<Ia5String> {
        Ia5String::try_from(text.0.render(plan.holder).ok()?).ok()
    };
    match name {
        GeneralName::Dns(text) => Some(SanType::DnsName(ia5(text)?)),
        GeneralName::Email(text) => Some(SanType::Rfc822Name(ia5(text)?)),
        GeneralName::Uri(text) => Some(SanType::URI(ia5(text)?)),
        GeneralName::Ip(text) => {
            let octets = text.octets(plan.holder).ok()?;
            let address = match octets.len() {
                4 => IpAddr::from(<[u8; 4]>::try_from(octets).ok()?),
                16 => IpAddr::from(<[u8; 16]>::try_from(octets).ok()?),
                _ => return None,
            };
            Some(SanType::IpAddress(address))
        }
        GeneralName::DirectoryName(_)
        | GeneralName::IpOctets(_)
        | GeneralName::OtherName(_)
        | GeneralName::RegisteredId(_) => None,
    }
}

fn uris(point: &DistributionPoint, plan: &Plan<'_>) -> Option<CrlDistributionPoint> {
    let uri = |name: &GeneralName| match name {
        GeneralName::Uri(text) => text.0.render(plan.holder).ok(),
        GeneralName::DirectoryName(_)
        | GeneralName::Dns(_)
        | GeneralName::Email(_)
        | GeneralName::Ip(_)
        | GeneralName::IpOctets(_)
        | GeneralName::OtherName(_)
        | GeneralName::RegisteredId(_) => None,
    };
    let uris: Vec<String> = point.name.iter().map(uri).collect::<Option<_>>()?;
    let plain = point.crl_issuer.is_empty() && !uris.is_empty();
    plain.then_some(CrlDistributionPoint { uris })
}

fn key_usage(bit: KeyUsageBit) -> KeyUsagePurpose {
    match bit {
        KeyUsageBit::DigitalSignature => KeyUsagePurpose::DigitalSignature,
        KeyUsageBit::NonRepudiation => KeyUsagePurpose::ContentCommitment,
        KeyUsageBit::KeyEncipherment => KeyUsagePurpose::KeyEncipherment,
        KeyUsageBit::DataEncipherment => KeyUsagePurpose::DataEncipherment,
        KeyUsageBit::KeyAgreement => KeyUsagePurpose::KeyAgreement,
        KeyUsageBit::KeyCertSign => KeyUsagePurpose::KeyCertSign,
        KeyUsageBit::CrlSign => KeyUsagePurpose::CrlSign,
        KeyUsageBit::EncipherOnly => KeyUsagePurpose::EncipherOnly,
        KeyUsageBit::DecipherOnly => KeyUsagePurpose::DecipherOnly,
    }
}

/// rcgen's names hold one attribute in each relative name, and no type twice.
fn distinguished_name(name: &Name) -> Option<DistinguishedName> {
    let mut ours = DistinguishedName::new();
    for relative_name in name.iter_rdn() {
        let mut attributes = relative_name.iter();
        let (Some(attribute), None) = (attributes.next(), attributes.next()) else {
            return None;
        };
        let kind = DnType::from_oid(&arcs(attribute.oid));
        if ours.get(&kind).is_some() {
            return None;
        }
        ours.push(kind, dn_value(&attribute.value)?);
    }
    Some(ours)
}

fn dn_value(value: &Any) -> Option<DnValue> {
    let text = || str::from_utf8(value.value()).ok();
    let tag = value.tag();
    if tag == Tag::Utf8String {
        Some(DnValue::Utf8String(text()?.to_owned()))
    } else if tag == Tag::PrintableString && !value.value().contains(&b'?') {
        // Its encoder panics at a question mark, which ITU-T X.680 allows.
        let text = PrintableString::try_from(text()?).ok()?;
        Some(DnValue::PrintableString(text))
    } else if tag == Tag::Ia5String {
        Some(DnValue::Ia5String(Ia5String::try_from(text()?).ok()?))
    } else {
        None
    }
}

fn arcs(oid: ObjectIdentifier) -> Vec<u64> {
    oid.arcs().map(u64::from).collect()
}
