//! A router's judgement of certificates, by RFC 4945 and RFC 5280 as far as the vectors try them.

use ikev2::authentication::PublicKey;
use ikev2::message::{Certificate, Identification};
use ikev2::numbers::{CertEncoding, IdType};
use jiff::Timestamp;
use x509_parser::extensions::{GeneralName, NameConstraints, ParsedExtension};
use x509_parser::prelude::{FromDer, X509Certificate};

pub(super) struct Validator {
    /// DER of the certificates that are trusted.
    pub(super) anchors: Vec<Vec<u8>>,
    pub(super) at: Timestamp,
    /// The source address of the other end.
    pub(super) peer: [u8; 4],
}

/// The most certificates of a path.
const DEEPEST: usize = 6;
/// id-kp-ipsecIKE.
const IPSEC_IKE: &str = "1.3.6.1.5.5.7.3.17";

impl Validator {
    /// The key of the other end, or why it is not believed.
    pub(super) fn key(
        &self,
        id: &Identification,
        shown: &[Certificate],
    ) -> Result<PublicKey, String> {
        let first = first(shown)?;
        let (rest, end_entity) = X509Certificate::from_der(first).map_err(text)?;
        require(rest.is_empty(), "octets behind the certificate")?;
        let others: Vec<X509Certificate<'_>> = shown
            .iter()
            .filter(|one| one.encoding == CertEncoding::X509_SIGNATURE)
            .filter_map(|one| X509Certificate::from_der(&one.data).ok())
            .map(|(_, parsed)| parsed)
            .collect();
        let anchors: Vec<X509Certificate<'_>> = self
            .anchors
            .iter()
            .filter_map(|der| X509Certificate::from_der(der).ok())
            .map(|(_, parsed)| parsed)
            .collect();
        let path = path(&end_entity, &others, &anchors)?;
        for (above, certificate) in path.iter().enumerate() {
            self.each(certificate)?;
            if above > 0 {
                authority(certificate, above - 1)?;
            }
            constrained(certificate, &path[..above])?;
        }
        of_end_entity(&end_entity)?;
        self.names(id, &end_entity)?;
        PublicKey::from_spki(end_entity.public_key().raw).map_err(text)
    }

    /// What holds of every certificate of a path (RFC 5280, section 6.1.3).
    fn each(&self, certificate: &X509Certificate<'_>) -> Result<(), String> {
        let at = self.at.as_second();
        let validity = certificate.validity();
        let begun = validity.not_before.timestamp() <= at;
        require(
            begun && at <= validity.not_after.timestamp(),
            "out of its time",
        )?;
        certificate.extensions_map().map_err(text)?;
        for extension in certificate.extensions() {
            let is_known = matches!(
                extension.parsed_extension(),
                ParsedExtension::BasicConstraints(_)
                    | ParsedExtension::KeyUsage(_)
                    | ParsedExtension::SubjectAlternativeName(_)
                    | ParsedExtension::CertificatePolicies(_)
                    | ParsedExtension::ExtendedKeyUsage(_)
                    | ParsedExtension::NameConstraints(_)
                    | ParsedExtension::PolicyConstraints(_)
            );
            require(is_known || !extension.critical, "critical and unknown")?;
        }
        Ok(())
    }

    /// RFC 4945, section 3.1.
    fn names(&self, id: &Identification, certificate: &X509Certificate<'_>) -> Result<(), String> {
        let alternatives = certificate.subject_alternative_name().map_err(text)?;
        let names = alternatives.map(|extension| extension.value.general_names.as_slice());
        let mut names = names.unwrap_or_default().iter();
        let is_named = match id.kind {
            IdType::FQDN => names.any(|name| match name {
                GeneralName::DNSName(name) => {
                    !id.data.is_empty() && name.as_bytes().eq_ignore_ascii_case(&id.data)
                }
                _ => false,
            }),
            IdType::RFC822_ADDR => names.any(|name| match name {
                GeneralName::RFC822Name(name) => name.as_bytes().eq_ignore_ascii_case(&id.data),
                _ => false,
            }),
            IdType::IPV4_ADDR => {
                let has = |name: &GeneralName<'_>| match name {
                    GeneralName::IPAddress(octets) => *octets == id.data.as_slice(),
                    _ => false,
                };
                names.any(has) && id.data == self.peer
            }
            IdType::DER_ASN1_DN => id.data == certificate.subject().as_raw(),
            _ => false,
        };
        require(is_named, "the certificate has not this identity")
    }
}

/// The key of the certificate that is shown first, whoever has signed it.
pub(super) fn first_key(shown: &[Certificate]) -> Result<PublicKey, String> {
    let (_, certificate) = X509Certificate::from_der(first(shown)?).map_err(text)?;
    PublicKey::from_spki(certificate.public_key().raw).map_err(text)
}

fn first(shown: &[Certificate]) -> Result<&[u8], String> {
    let first = shown.first().ok_or("no certificate")?;
    require(
        first.encoding == CertEncoding::X509_SIGNATURE,
        "no certificate of X.509",
    )?;
    Ok(&first.data)
}

/// From the end entity to below the anchor.
fn path<'c>(
    end_entity: &X509Certificate<'c>,
    others: &[X509Certificate<'c>],
    anchors: &[X509Certificate<'c>],
) -> Result<Vec<X509Certificate<'c>>, String> {
    let mut path = vec![end_entity.clone()];
    while let Some(last) = path.last()
        && path.len() < DEEPEST
    {
        let issued = |by: &&X509Certificate<'_>| {
            by.subject().as_raw() == last.issuer().as_raw()
                && last.verify_signature(Some(by.public_key())).is_ok()
        };
        if anchors.iter().any(|anchor| issued(&anchor)) {
            return Ok(path);
        }
        let next = others.iter().find(issued).ok_or("nobody issued it")?;
        path.push(next.clone());
    }
    Err("the path has no end".to_owned())
}

/// What holds of a CA with so many others below it (RFC 5280, section 6.1.4).
fn authority(certificate: &X509Certificate<'_>, below: usize) -> Result<(), String> {
    let constraints = certificate.basic_constraints().map_err(text)?;
    let constraints = constraints.ok_or("no basicConstraints")?.value;
    require(constraints.ca, "no CA")?;
    let most = constraints.path_len_constraint;
    let fits = most.is_none_or(|most| below <= usize::try_from(most).unwrap_or(usize::MAX));
    require(fits, "too many CAs below it")?;
    let usage = certificate.key_usage().map_err(text)?;
    let signs = usage.is_none_or(|usage| usage.value.key_cert_sign());
    require(signs, "its key signs no certificates")
}

/// That the certificates below one are within what it allows.
fn constrained(
    certificate: &X509Certificate<'_>,
    below: &[X509Certificate<'_>],
) -> Result<(), String> {
    let Some(end_entity) = below.first() else {
        return Ok(());
    };
    for extension in certificate.extensions() {
        match extension.parsed_extension() {
            ParsedExtension::NameConstraints(constraints) => within(constraints, end_entity)?,
            ParsedExtension::PolicyConstraints(constraints) => {
                let policies = |extension: &x509_parser::extensions::X509Extension<'_>| {
                    matches!(
                        extension.parsed_extension(),
                        ParsedExtension::CertificatePolicies(_)
                    )
                };
                let has = end_entity.extensions().iter().any(policies);
                let required = constraints.require_explicit_policy.is_some();
                require(!required || has, "no policy")?;
            }
            _ => {}
        }
    }
    Ok(())
}

fn within(constraints: &NameConstraints<'_>, of: &X509Certificate<'_>) -> Result<(), String> {
    let excluded = constraints.excluded_subtrees.as_deref().unwrap_or_default();
    let names = of.subject_alternative_name().map_err(text)?;
    let names = names.map_or(&[][..], |names| names.value.general_names.as_slice());
    for tree in excluded {
        let hit = match &tree.base {
            GeneralName::DNSName(base) => names.iter().any(|name| match name {
                GeneralName::DNSName(name) => name == base || name.ends_with(&format!(".{base}")),
                _ => false,
            }),
            GeneralName::DirectoryName(base) => {
                let base: Vec<_> = base.iter().map(|rdn| format!("{rdn:?}")).collect();
                let subject: Vec<_> = of.subject().iter().map(|rdn| format!("{rdn:?}")).collect();
                subject.starts_with(&base)
            }
            _ => false,
        };
        require(!hit, "an excluded name")?;
    }
    Ok(())
}

/// RFC 4945, sections 5.1.3.2 and 5.1.3.12.
fn of_end_entity(certificate: &X509Certificate<'_>) -> Result<(), String> {
    if let Some(usage) = certificate.key_usage().map_err(text)? {
        let usage = usage.value;
        let signs = usage.digital_signature() || usage.non_repudiation();
        require(signs, "its key signs nothing")?;
    }
    if let Some(purposes) = certificate.extended_key_usage().map_err(text)? {
        let purposes = purposes.value;
        let ike = |oid: &x509_parser::oid_registry::Oid<'_>| oid.to_id_string() == IPSEC_IKE;
        let fits = purposes.any || purposes.other.iter().any(ike);
        require(fits, "not for IKE")?;
    }
    Ok(())
}

fn require(holds: bool, otherwise: &str) -> Result<(), String> {
    if holds {
        Ok(())
    } else {
        Err(otherwise.to_owned())
    }
}

fn text(why: impl ToString) -> String {
    why.to_string()
}
