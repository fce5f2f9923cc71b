//! AUTH payloads (RFC 7296, section 2.15): signatures of RFC 7296, RFC 4754 and RFC 7427, and
//! pre-shared keys.
//!
//! What is signed comes from [`SignedOctets`](crate::schedule::SignedOctets). Whether a public key
//! belongs to an identity is not decided here.

mod sign;
mod verify;

pub use sign::SigningKey;
pub use verify::PublicKey;

use crate::algorithm::DhGroup;
use crate::message::{PssHash, SignatureAlgorithm};
use crate::numbers::{AuthMethod, HashAlgorithm};

/// How a signature is made, and how the AUTH payload names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scheme {
    /// Method 1: PKCS #1 1.5 with SHA-1 (RFC 7296, section 3.8).
    RsaSha1,
    /// Methods 9 to 11: the curve settles the hash (RFC 4754).
    Ecdsa(Curve),
    /// Method 14 (RFC 7427).
    Digital(SignatureAlgorithm),
}

/// Every kind of signature that a certificate of a router can make, by a neutral name.
pub const SIGNATURES: [(&str, Scheme); 14] = [
    ("rsa-sha1", Scheme::RsaSha1),
    (
        "rsa-sha2-256",
        Scheme::Digital(SignatureAlgorithm::RsaSha256),
    ),
    (
        "rsa-sha2-384",
        Scheme::Digital(SignatureAlgorithm::RsaSha384),
    ),
    (
        "rsa-sha2-512",
        Scheme::Digital(SignatureAlgorithm::RsaSha512),
    ),
    (
        "rsa-pss-sha2-256",
        Scheme::Digital(SignatureAlgorithm::RsaPss(PssHash::Sha256)),
    ),
    (
        "rsa-pss-sha2-384",
        Scheme::Digital(SignatureAlgorithm::RsaPss(PssHash::Sha384)),
    ),
    (
        "rsa-pss-sha2-512",
        Scheme::Digital(SignatureAlgorithm::RsaPss(PssHash::Sha512)),
    ),
    ("ecdsa-p256", Scheme::Ecdsa(Curve::P256)),
    ("ecdsa-p384", Scheme::Ecdsa(Curve::P384)),
    ("ecdsa-p521", Scheme::Ecdsa(Curve::P521)),
    (
        "ecdsa-sha2-256",
        Scheme::Digital(SignatureAlgorithm::EcdsaSha256),
    ),
    (
        "ecdsa-sha2-384",
        Scheme::Digital(SignatureAlgorithm::EcdsaSha384),
    ),
    (
        "ecdsa-sha2-512",
        Scheme::Digital(SignatureAlgorithm::EcdsaSha512),
    ),
    ("ed25519", Scheme::Digital(SignatureAlgorithm::Ed25519)),
];

/// A curve for ECDSA.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Curve {
    P256,
    P384,
    P521,
}

/// Why an AUTH payload was not made or not accepted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AuthenticationError {
    #[error("the key is not the DER of {wanted} for RSA, ECDSA or Ed25519, or it is too short")]
    Key { wanted: &'static str },
    #[error("the key cannot be used with {scheme:?}")]
    Mismatch { scheme: Scheme },
    #[error("of the hashes that the other end accepts, the key can use none")]
    NoCommonHash,
    #[error("{hash} was not among the hashes that this end accepts")]
    HashNotAccepted { hash: HashAlgorithm },
    #[error("{method} was not expected")]
    Method { method: AuthMethod },
    #[error("the authentication data does not name an algorithm that is known here")]
    UnknownAlgorithm,
    #[error("the signature or checksum does not fit")]
    Wrong,
    #[error("signing failed")]
    Failed,
}

impl Scheme {
    pub fn method(self) -> AuthMethod {
        match self {
            Self::RsaSha1 => AuthMethod::RSA_SIGNATURE,
            Self::Ecdsa(Curve::P256) => AuthMethod::ECDSA_SHA256_P256,
            Self::Ecdsa(Curve::P384) => AuthMethod::ECDSA_SHA384_P384,
            Self::Ecdsa(Curve::P521) => AuthMethod::ECDSA_SHA512_P521,
            Self::Digital(_) => AuthMethod::DIGITAL_SIGNATURE,
        }
    }

    /// The hash that SIGNATURE_HASH_ALGORITHMS must name for it; `None` where RFC 7427 does not
    /// apply, or no hash is known.
    pub fn hash(self) -> Option<HashAlgorithm> {
        let Self::Digital(algorithm) = self else {
            return None;
        };
        match algorithm {
            SignatureAlgorithm::RsaSha1
            | SignatureAlgorithm::DsaSha1
            | SignatureAlgorithm::EcdsaSha1
            | SignatureAlgorithm::RsaPss(PssHash::Sha1) => Some(HashAlgorithm::SHA1),
            SignatureAlgorithm::RsaSha256
            | SignatureAlgorithm::DsaSha256
            | SignatureAlgorithm::EcdsaSha256
            | SignatureAlgorithm::RsaPss(PssHash::Sha256) => Some(HashAlgorithm::SHA2_256),
            SignatureAlgorithm::RsaSha384
            | SignatureAlgorithm::EcdsaSha384
            | SignatureAlgorithm::RsaPss(PssHash::Sha384) => Some(HashAlgorithm::SHA2_384),
            SignatureAlgorithm::RsaSha512
            | SignatureAlgorithm::EcdsaSha512
            | SignatureAlgorithm::RsaPss(PssHash::Sha512) => Some(HashAlgorithm::SHA2_512),
            SignatureAlgorithm::Ed25519 | SignatureAlgorithm::Ed448 => {
                Some(HashAlgorithm::IDENTITY)
            }
            SignatureAlgorithm::RsaPss(PssHash::Other) => None,
        }
    }
}

impl SignatureAlgorithm {
    /// The DER of its AlgorithmIdentifier (RFC 7427, appendix A; RFC 8420, appendix A); `None` for
    /// what this crate does not sign with.
    pub fn identifier(self) -> Option<&'static [u8]> {
        Some(match self {
            Self::RsaSha1 => b"\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x05\x05\x00",
            Self::RsaSha256 => b"\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b\x05\x00",
            Self::RsaSha384 => b"\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0c\x05\x00",
            Self::RsaSha512 => b"\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0d\x05\x00",
            Self::EcdsaSha256 => b"\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x02",
            Self::EcdsaSha384 => b"\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x03",
            Self::EcdsaSha512 => b"\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x04",
            Self::RsaPss(PssHash::Sha256) => {
                b"\x30\x41\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a\x30\x34\
                  \xa0\x0f\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\
                  \xa1\x1c\x30\x1a\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x08\
                  \x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\
                  \xa2\x03\x02\x01\x20"
            }
            Self::RsaPss(PssHash::Sha384) => {
                b"\x30\x41\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a\x30\x34\
                  \xa0\x0f\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x02\x05\x00\
                  \xa1\x1c\x30\x1a\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x08\
                  \x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x02\x05\x00\
                  \xa2\x03\x02\x01\x30"
            }
            Self::RsaPss(PssHash::Sha512) => {
                b"\x30\x41\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a\x30\x34\
                  \xa0\x0f\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x03\x05\x00\
                  \xa1\x1c\x30\x1a\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x08\
                  \x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x03\x05\x00\
                  \xa2\x03\x02\x01\x40"
            }
            Self::Ed25519 => b"\x30\x05\x06\x03\x2b\x65\x70",
            Self::DsaSha1
            | Self::DsaSha256
            | Self::EcdsaSha1
            | Self::Ed448
            | Self::RsaPss(PssHash::Sha1 | PssHash::Other) => return None,
        })
    }
}

impl Curve {
    /// The algorithm of RFC 7427 with the hash that suits the curve.
    pub fn algorithm(self) -> SignatureAlgorithm {
        match self {
            Self::P256 => SignatureAlgorithm::EcdsaSha256,
            Self::P384 => SignatureAlgorithm::EcdsaSha384,
            Self::P521 => SignatureAlgorithm::EcdsaSha512,
        }
    }

    /// The group of the same curve.
    pub fn group(self) -> DhGroup {
        match self {
            Self::P256 => DhGroup::Ecp256,
            Self::P384 => DhGroup::Ecp384,
            Self::P521 => DhGroup::Ecp521,
        }
    }

    fn of_parameters(parameters: &[u8]) -> Option<Self> {
        match parameters {
            b"\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07" => Some(Self::P256),
            b"\x06\x05\x2b\x81\x04\x00\x22" => Some(Self::P384),
            b"\x06\x05\x2b\x81\x04\x00\x23" => Some(Self::P521),
            _ => None,
        }
    }
}

/// Object identifiers of public keys (RFC 3279, RFC 5480, RFC 8410).
const RSA: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01";
const EC: &[u8] = b"\x2a\x86\x48\xce\x3d\x02\x01";
const ED25519: &[u8] = b"\x2b\x65\x70";

#[cfg(test)]
mod tests;
