//! What the lab itself can see of a certificate that a router refused.

use vendors::{Identity, IdentityKind};
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::{FromDer, X509Certificate};

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

fn hex(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect()
}
