//! Certificates and revocation lists as they were made.

use aws_lc_rs::digest;
use der::pem::{LineEnding, encode_string};
use jiff::Timestamp;
use x509_cert::name::Name;

use crate::error::IssueError;

/// A certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    pub(crate) name: String,
    pub(crate) der: Vec<u8>,
    pub(crate) subject: Name,
    pub(crate) subject_der: Vec<u8>,
    pub(crate) issuer: Name,
    pub(crate) serial: Vec<u8>,
    pub(crate) subject_key_identifier: Option<Vec<u8>>,
    pub(crate) not_before: Timestamp,
    pub(crate) not_after: Timestamp,
}

impl Certificate {
    /// The name in the profile, such as `root`.
    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// # Errors
    ///
    /// The encoder failed, which for a certificate of ours it does not.
    pub fn pem(&self) -> Result<String, IssueError> {
        pem("CERTIFICATE", &self.der)
    }

    /// The DER of the subject, as ID_DER_ASN1_DN carries it (RFC 7296 section 3.5).
    pub fn subject_der(&self) -> &[u8] {
        &self.subject_der
    }

    /// The subject in words (RFC 4514), the last relative name first.
    pub fn subject_text(&self) -> String {
        self.subject.to_string()
    }

    /// The contents of the extension subjectKeyIdentifier, if it is there.
    pub fn subject_key_identifier(&self) -> Option<&[u8]> {
        self.subject_key_identifier.as_deref()
    }

    /// The contents octets of the serial number.
    pub fn serial(&self) -> &[u8] {
        &self.serial
    }

    pub fn not_before(&self) -> Timestamp {
        self.not_before
    }

    pub fn not_after(&self) -> Timestamp {
        self.not_after
    }

    /// SHA-256 of the DER, in 64 hexadecimal digits.
    pub fn sha256(&self) -> String {
        let digest = digest::digest(&digest::SHA256, &self.der);
        digest
            .as_ref()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }
}

/// A revocation list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Crl {
    pub(crate) name: String,
    pub(crate) issuer: String,
    pub(crate) der: Vec<u8>,
}

impl Crl {
    /// The name in the profile.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The name of the certificate whose key signed it, such as `root`.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// # Errors
    ///
    /// The encoder failed, which for a list of ours it does not.
    pub fn pem(&self) -> Result<String, IssueError> {
        pem("X509 CRL", &self.der)
    }
}

fn pem(label: &str, der: &[u8]) -> Result<String, IssueError> {
    Ok(encode_string(label, LineEnding::LF, der).map_err(der::Error::from)?)
}
