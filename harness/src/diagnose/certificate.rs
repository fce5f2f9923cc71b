//! What the lab itself can see of a certificate that a router refused.

use vendors::{Identity, IdentityKind};
use x509_parser::error::X509Error;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::{FromDer, X509Certificate};

use crate::engine::credentials::Shown;

/// Whether the identity that a router sends is one of its certificate: the whole subject for a DN,
/// and for the rest a name of the same type in subjectAltName (RFC 4945, section 3.1). ID_KEY_ID
/// can never be. `None` when the certificate cannot be read.
pub(super) fn has_identity(certificate: &[u8], identity: &Identity) -> Option<bool> {
    let (_, certificate) = X509Certificate::from_der(certificate).ok()?;
    let names = match certificate.subject_alternative_name().ok()? {
        Some(extension) => extension.value.general_names.as_slice(),
        None => &[],
    };
    let any = |matches: &dyn Fn(&GeneralName<'_>) -> bool| Some(names.iter().any(matches));
    match identity.kind {
        IdentityKind::Dn => Some(hex(certificate.subject().as_raw()) == identity.hex),
        IdentityKind::KeyId => Some(false),
        // Domain names have no case (section 3.1.2).
        IdentityKind::Fqdn => any(
            &|name| matches!(name, GeneralName::DNSName(dns) if dns.eq_ignore_ascii_case(&identity.value)),
        ),
        IdentityKind::Rfc822 => any(&|name| {
            matches!(name, GeneralName::RFC822Name(mail)
                if mail.eq_ignore_ascii_case(&identity.value))
        }),
        IdentityKind::Ipv4 | IdentityKind::Ipv6 => any(
            &|name| matches!(name, GeneralName::IPAddress(octets) if hex(octets) == identity.hex),
        ),
    }
}

/// Whether the signature on a certificate is that of its issuer. What cannot be checked, because it
/// cannot be read or its algorithm is not known here, is not held against it.
pub(super) fn is_signed_by_its_issuer(shown: &Shown) -> bool {
    let Some(issuer) = &shown.issuer else {
        return true;
    };
    let parsed = (
        X509Certificate::from_der(&shown.credentials.certificate.der),
        X509Certificate::from_der(issuer),
    );
    let (Ok((_, certificate)), Ok((_, issuer))) = parsed else {
        return true;
    };
    !matches!(
        certificate.verify_signature(Some(issuer.public_key())),
        Err(X509Error::SignatureVerificationError)
    )
}

fn hex(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect()
}
