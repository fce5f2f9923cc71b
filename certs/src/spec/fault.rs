//! Faults that are put into a certificate or a revocation list on purpose.

use serde::Deserialize;

use super::{DistinguishedName, Hex, SignatureAlgorithm};

/// A fault of a certificate that its other fields cannot express.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fault {
    /// The last bit of the signature is turned.
    CorruptSignature,
    /// The signature is made with a key that nobody knows, of the issuer's kind.
    SignedByOtherKey,
    /// The issuer's field holds another name than the issuer's subject.
    IssuerName(DistinguishedName),
    /// `signatureAlgorithm` differs from the `signature` field in the signed part
    /// (RFC 5280 section 4.1.1.2).
    OuterSignatureAlgorithm(SignatureAlgorithm),
    /// Octets after the end of the certificate.
    TrailingOctets(Hex),
    /// So many octets are missing at the end.
    MissingOctets(usize),
}

/// A fault of a revocation list.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CrlFault {
    /// The last bit of the signature is turned.
    CorruptSignature,
    /// The signature is made with a key that nobody knows, of the issuer's kind.
    SignedByOtherKey,
    /// The issuer's field holds another name than the issuer's subject.
    IssuerName(DistinguishedName),
}
