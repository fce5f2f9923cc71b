//! All that goes into one certificate, before it is encoded.

use jiff::Timestamp;
use x509_cert::name::Name;

use crate::encode::extension::{Authority, Surroundings};
use crate::holder::Holder;
use crate::key::PrivateKey;
use crate::spec::{CertificateSpec, ExtensionValue, SignatureAlgorithm};

/// One certificate with everything decided.
pub(crate) struct Plan<'a> {
    pub(crate) spec: &'a CertificateSpec,
    pub(crate) holder: Option<&'a Holder>,
    pub(crate) now: Timestamp,
    pub(crate) not_before: Timestamp,
    pub(crate) not_after: Timestamp,
    /// Contents octets of the INTEGER.
    pub(crate) serial: Vec<u8>,
    pub(crate) subject: Name,
    pub(crate) key: &'a PrivateKey,
    /// SHA-1 of the public key (RFC 5280 section 4.2.1.2, method 1).
    pub(crate) key_sha1: Vec<u8>,
    /// What the issuer's field holds.
    pub(crate) issuer_name: Name,
    pub(crate) authority: Authority<'a>,
    pub(crate) signer: &'a PrivateKey,
    pub(crate) algorithm: SignatureAlgorithm,
}

impl Plan<'_> {
    pub(crate) fn surroundings(&self) -> Surroundings<'_> {
        Surroundings {
            holder: self.holder,
            now: self.now,
            key_sha1: self.key_sha1.clone(),
            authority: self.authority.clone(),
        }
    }
}

/// The key identifier that a certificate gives its key: that of the extension, or else SHA-1.
pub(crate) fn key_identifier(spec: &CertificateSpec, key_sha1: &[u8]) -> Vec<u8> {
    let given = spec.extensions.iter().find_map(|extension| {
        if let ExtensionValue::SubjectKeyIdentifier(method) = &extension.value {
            return Some(method.key_identifier(key_sha1));
        }
        None
    });
    given.unwrap_or_else(|| key_sha1.to_vec())
}
