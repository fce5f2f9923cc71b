//! The keys of an IKE SA.

use std::fmt;

use zeroize::Zeroizing;

use crate::algorithm::{Encryption, Integrity, Prf};

/// A key or another secret; `Debug` tells only its length, and its memory is overwritten when it
/// is dropped.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Key(Zeroizing<Vec<u8>>);

impl Key {
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<Vec<u8>> for Key {
    fn from(bytes: Vec<u8>) -> Self {
        Self(Zeroizing::new(bytes))
    }
}

impl From<&[u8]> for Key {
    fn from(bytes: &[u8]) -> Self {
        bytes.to_vec().into()
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({} octets)", self.0.len())
    }
}

/// The algorithms that an IKE SA was negotiated to use, without the key exchange.
///
/// Of numbers on the wire they are made by [`Encryption::from_wire`] and
/// [`Transform::from_id`](crate::algorithm::Transform::from_id).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Suite {
    pub encryption: Encryption,
    /// `None` with an AEAD.
    pub integrity: Option<Integrity>,
    pub prf: Prf,
}

/// The keys of an IKE SA (RFC 7296, section 2.14), as far as they are known.
///
/// The names end in `i` for what the original initiator of the IKE SA protects, and in `r` for the
/// responder. Only `sk_e*` and `sk_a*` are needed to read messages; `sk_a*` are empty with an AEAD,
/// where `sk_e*` end in the four octets of salt (RFC 5282, section 7.1; RFC 7634, section 2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SkKeys {
    pub encryption: Encryption,
    /// `None` with an AEAD.
    pub integrity: Option<Integrity>,
    pub prf: Option<Prf>,
    pub sk_d: Option<Key>,
    pub sk_ai: Option<Key>,
    pub sk_ar: Option<Key>,
    pub sk_ei: Option<Key>,
    pub sk_er: Option<Key>,
    pub sk_pi: Option<Key>,
    pub sk_pr: Option<Key>,
}

impl Encryption {
    /// Octets of SK_ei and SK_er, with [the salt](Self::salt_octets).
    pub fn key_octets(self) -> usize {
        match self {
            Self::AesCbc128 => 16,
            Self::AesCbc192 | Self::TripleDesCbc => 24,
            Self::AesCbc256 => 32,
            Self::AesCtr128 | Self::AesGcm16Bits128 => 16 + SALT,
            Self::AesCtr192 | Self::AesGcm16Bits192 => 24 + SALT,
            Self::AesCtr256 | Self::AesGcm16Bits256 | Self::ChaCha20Poly1305 => 32 + SALT,
        }
    }

    /// Octets at the end of SK_ei and SK_er that are no key but a part of every nonce (RFC 5282,
    /// section 7.1; RFC 5930, section 2.2; RFC 7634, section 2).
    pub fn salt_octets(self) -> usize {
        match self {
            Self::AesCbc128 | Self::AesCbc192 | Self::AesCbc256 | Self::TripleDesCbc => 0,
            Self::AesCtr128
            | Self::AesCtr192
            | Self::AesCtr256
            | Self::AesGcm16Bits128
            | Self::AesGcm16Bits192
            | Self::AesGcm16Bits256
            | Self::ChaCha20Poly1305 => SALT,
        }
    }

    /// Octets of the initialization vector that a message carries.
    pub fn iv_octets(self) -> usize {
        match self {
            Self::AesCbc128 | Self::AesCbc192 | Self::AesCbc256 => 16,
            Self::TripleDesCbc
            | Self::AesCtr128
            | Self::AesCtr192
            | Self::AesCtr256
            | Self::AesGcm16Bits128
            | Self::AesGcm16Bits192
            | Self::AesGcm16Bits256
            | Self::ChaCha20Poly1305 => 8,
        }
    }

    /// What the plaintext with its padding must be a multiple of, in octets.
    pub fn block_octets(self) -> usize {
        match self {
            Self::AesCbc128 | Self::AesCbc192 | Self::AesCbc256 => 16,
            Self::TripleDesCbc => 8,
            Self::AesCtr128
            | Self::AesCtr192
            | Self::AesCtr256
            | Self::AesGcm16Bits128
            | Self::AesGcm16Bits192
            | Self::AesGcm16Bits256
            | Self::ChaCha20Poly1305 => 1,
        }
    }
}

/// Octets of salt at the end of the key of an AEAD or of counter mode.
const SALT: usize = 4;

impl Integrity {
    /// Octets of SK_ai and SK_ar.
    pub fn key_octets(self) -> usize {
        match self {
            Self::HmacSha1Bits96 => 20,
            Self::HmacSha2Bits256Of128 => 32,
            Self::HmacSha2Bits384Of192 => 48,
            Self::HmacSha2Bits512Of256 => 64,
        }
    }

    /// Octets of the checksum at the end of a message.
    pub fn checksum_octets(self) -> usize {
        match self {
            Self::HmacSha1Bits96 => 12,
            Self::HmacSha2Bits256Of128 => 16,
            Self::HmacSha2Bits384Of192 => 24,
            Self::HmacSha2Bits512Of256 => 32,
        }
    }

    pub(crate) fn hmac(self) -> ring::hmac::Algorithm {
        match self {
            Self::HmacSha1Bits96 => ring::hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
            Self::HmacSha2Bits256Of128 => ring::hmac::HMAC_SHA256,
            Self::HmacSha2Bits384Of192 => ring::hmac::HMAC_SHA384,
            Self::HmacSha2Bits512Of256 => ring::hmac::HMAC_SHA512,
        }
    }
}

impl Prf {
    /// Octets of its output, and of SK_d, SK_pi and SK_pr.
    pub fn octets(self) -> usize {
        match self {
            Self::HmacSha1 => 20,
            Self::HmacSha2Bits256 => 32,
            Self::HmacSha2Bits384 => 48,
            Self::HmacSha2Bits512 => 64,
        }
    }

    pub(crate) fn hmac(self) -> ring::hmac::Algorithm {
        match self {
            Self::HmacSha1 => ring::hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
            Self::HmacSha2Bits256 => ring::hmac::HMAC_SHA256,
            Self::HmacSha2Bits384 => ring::hmac::HMAC_SHA384,
            Self::HmacSha2Bits512 => ring::hmac::HMAC_SHA512,
        }
    }
}
