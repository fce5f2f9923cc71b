//! Keys of ESP, as a kernel tells them.

use std::net::IpAddr;

use ikev2::algorithm::{Encryption, Integrity};
use ikev2::keys::Key;

/// The keys of one SA of ESP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EspKeys {
    pub source: IpAddr,
    pub destination: IpAddr,
    pub spi: u32,
    pub encryption: Encryption,
    /// With the salt of an AEAD or of counter mode at its end.
    pub encryption_key: Key,
    /// `None` with an AEAD.
    pub integrity: Option<Integrity>,
    pub integrity_key: Option<Key>,
}

impl EspKeys {
    /// The encryption that the Linux kernel calls by this name, with a key of so many octets.
    pub fn kernel_encryption(name: &str, key_octets: usize) -> Option<Encryption> {
        Some(match (name, key_octets) {
            ("cbc(aes)", 16) => Encryption::AesCbc128,
            ("cbc(aes)", 24) => Encryption::AesCbc192,
            ("cbc(aes)", 32) => Encryption::AesCbc256,
            ("rfc3686(ctr(aes))", 20) => Encryption::AesCtr128,
            ("rfc3686(ctr(aes))", 28) => Encryption::AesCtr192,
            ("rfc3686(ctr(aes))", 36) => Encryption::AesCtr256,
            ("rfc4106(gcm(aes))", 20) => Encryption::AesGcm16Bits128,
            ("rfc4106(gcm(aes))", 28) => Encryption::AesGcm16Bits192,
            ("rfc4106(gcm(aes))", 36) => Encryption::AesGcm16Bits256,
            ("rfc7539esp(chacha20,poly1305)", 36) => Encryption::ChaCha20Poly1305,
            ("cbc(des3_ede)", 24) => Encryption::TripleDesCbc,
            _ => return None,
        })
    }

    /// The integrity algorithm that the Linux kernel calls by this name.
    pub fn kernel_integrity(name: &str) -> Option<Integrity> {
        Some(match name {
            "hmac(sha1)" => Integrity::HmacSha1Bits96,
            "hmac(sha256)" => Integrity::HmacSha2Bits256Of128,
            "hmac(sha384)" => Integrity::HmacSha2Bits384Of192,
            "hmac(sha512)" => Integrity::HmacSha2Bits512Of256,
            _ => return None,
        })
    }
}
