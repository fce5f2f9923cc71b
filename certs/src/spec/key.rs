//! Kinds of keys and signatures.

use std::fmt;

use serde::Deserialize;

/// A kind of key and its size.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
pub enum KeyKind {
    #[serde(rename = "rsa-768")]
    Rsa768,
    #[serde(rename = "rsa-1024")]
    Rsa1024,
    #[serde(rename = "rsa-2048")]
    Rsa2048,
    #[serde(rename = "rsa-3072")]
    Rsa3072,
    #[serde(rename = "rsa-4096")]
    Rsa4096,
    #[serde(rename = "ec-p256")]
    EcP256,
    #[serde(rename = "ec-p384")]
    EcP384,
    #[serde(rename = "ec-p521")]
    EcP521,
    #[serde(rename = "ed25519")]
    Ed25519,
}

impl KeyKind {
    /// The name in profiles.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Rsa768 => "rsa-768",
            Self::Rsa1024 => "rsa-1024",
            Self::Rsa2048 => "rsa-2048",
            Self::Rsa3072 => "rsa-3072",
            Self::Rsa4096 => "rsa-4096",
            Self::EcP256 => "ec-p256",
            Self::EcP384 => "ec-p384",
            Self::EcP521 => "ec-p521",
            Self::Ed25519 => "ed25519",
        }
    }

    /// The signature that such a key usually makes.
    pub fn usual_signature(self) -> SignatureAlgorithm {
        match self {
            Self::Rsa768 | Self::Rsa1024 | Self::Rsa2048 | Self::Rsa3072 | Self::Rsa4096 => {
                SignatureAlgorithm::RsaSha256
            }
            Self::EcP256 => SignatureAlgorithm::EcdsaSha256,
            Self::EcP384 => SignatureAlgorithm::EcdsaSha384,
            Self::EcP521 => SignatureAlgorithm::EcdsaSha512,
            Self::Ed25519 => SignatureAlgorithm::Ed25519,
        }
    }

    /// Whether such a key can make such a signature.
    ///
    /// ECDSA goes with the hash of the curve's own size, and a key of 768 bits is too short for
    /// SHA-512 (RFC 8017 section 9.2) and for RSASSA-PSS with it.
    pub fn can_sign(self, algorithm: SignatureAlgorithm) -> bool {
        match self {
            Self::Rsa768 => algorithm.is_rsa() && !algorithm.needs_a_long_key(),
            Self::Rsa1024 => algorithm.is_rsa() && algorithm != SignatureAlgorithm::RsaPssSha512,
            Self::Rsa2048 | Self::Rsa3072 | Self::Rsa4096 => algorithm.is_rsa(),
            Self::EcP256 | Self::EcP384 | Self::EcP521 | Self::Ed25519 => {
                algorithm == self.usual_signature()
            }
        }
    }
}

impl fmt::Display for KeyKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How a certificate or a revocation list is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SignatureAlgorithm {
    RsaMd5,
    RsaSha1,
    RsaSha256,
    RsaSha384,
    RsaSha512,
    RsaPssSha256,
    RsaPssSha384,
    RsaPssSha512,
    /// RSASSA-PSS with all parameters left out, which means SHA-1 (RFC 4055 section 3.1).
    RsaPssDefaults,
    EcdsaSha256,
    EcdsaSha384,
    EcdsaSha512,
    Ed25519,
}

impl SignatureAlgorithm {
    pub fn is_rsa(self) -> bool {
        match self {
            Self::RsaMd5
            | Self::RsaSha1
            | Self::RsaSha256
            | Self::RsaSha384
            | Self::RsaSha512
            | Self::RsaPssSha256
            | Self::RsaPssSha384
            | Self::RsaPssSha512
            | Self::RsaPssDefaults => true,
            Self::EcdsaSha256 | Self::EcdsaSha384 | Self::EcdsaSha512 | Self::Ed25519 => false,
        }
    }

    fn needs_a_long_key(self) -> bool {
        matches!(
            self,
            Self::RsaSha512 | Self::RsaPssSha384 | Self::RsaPssSha512
        )
    }
}
