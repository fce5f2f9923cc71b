//! The algorithms that a security association can be made of, under neutral names.
//!
//! Numbers are those of the IANA registry "Internet Key Exchange Version 2 (IKEv2) Parameters",
//! transform types 1 to 4 (RFC 7296, section 3.3.2). Every daemon spells the same algorithm
//! differently; the names here are the registry's, in lower case and with the key length.

use std::fmt;
use std::hash::Hash;

/// One kind of transform: a closed list of algorithms that do the same job.
pub trait Transform: Copy + Eq + Ord + Hash + fmt::Debug + fmt::Display + 'static {
    /// What the algorithms of this kind are, as a word for messages.
    const KIND: &'static str;

    /// Every algorithm of this kind that the program knows.
    const ALL: &'static [Self];

    /// The neutral name, such as `aes-cbc-256`.
    fn name(self) -> &'static str;

    /// The number that stands for it on the wire.
    fn transform_id(self) -> u16;

    /// Finds an algorithm by its neutral name.
    ///
    /// # Errors
    ///
    /// The name is not one of [`Self::ALL`].
    fn from_name(name: &str) -> Result<Self, UnknownTransform> {
        Self::ALL
            .iter()
            .copied()
            .find(|transform| transform.name() == name)
            .ok_or_else(|| UnknownTransform {
                kind: Self::KIND,
                name: name.to_owned(),
                known: Self::ALL.iter().map(|transform| transform.name()).collect(),
            })
    }

    /// Finds the algorithm that a number of the wire stands for; where several share it, because
    /// they differ only in the length of the key, the first.
    fn from_id(id: u16) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|transform| transform.transform_id() == id)
    }
}

/// A name that no algorithm of its kind has.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{kind} {name:?} is not known\nuse one of {}", known.join(", "))]
pub struct UnknownTransform {
    pub kind: &'static str,
    pub name: String,
    pub known: Vec<&'static str>,
}

/// Defines one kind of transform from a table of name and number.
macro_rules! transforms {
    (
        $(#[$doc:meta])*
        $kind:ident, $word:literal, {
            $($(#[$variant_doc:meta])* $variant:ident: $name:literal = $id:literal,)+
        }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $kind {
            $($(#[$variant_doc])* $variant,)+
        }

        impl Transform for $kind {
            const KIND: &'static str = $word;
            const ALL: &'static [Self] = &[$(Self::$variant,)+];

            fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)+
                }
            }

            fn transform_id(self) -> u16 {
                match self {
                    $(Self::$variant => $id,)+
                }
            }
        }

        impl fmt::Display for $kind {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.name())
            }
        }

        impl serde::Serialize for $kind {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.name())
            }
        }

        impl<'de> serde::Deserialize<'de> for $kind {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let name = String::deserialize(deserializer)?;
                Self::from_name(&name).map_err(serde::de::Error::custom)
            }
        }
    };
}

transforms! {
    /// Transform type 1: what keeps the content secret.
    Encryption, "encryption", {
        /// RFC 3602.
        AesCbc128: "aes-cbc-128" = 12,
        /// RFC 3602.
        AesCbc192: "aes-cbc-192" = 12,
        /// RFC 3602.
        AesCbc256: "aes-cbc-256" = 12,
        /// RFC 3686 for ESP, RFC 5930 for IKE.
        AesCtr128: "aes-ctr-128" = 13,
        /// RFC 3686, RFC 5930.
        AesCtr192: "aes-ctr-192" = 13,
        /// RFC 3686, RFC 5930.
        AesCtr256: "aes-ctr-256" = 13,
        /// RFC 4106 for ESP, RFC 5282 for IKE; the 16 counts the octets of the check value.
        AesGcm16Bits128: "aes-gcm-16-128" = 20,
        /// RFC 4106, RFC 5282.
        AesGcm16Bits192: "aes-gcm-16-192" = 20,
        /// RFC 4106, RFC 5282.
        AesGcm16Bits256: "aes-gcm-16-256" = 20,
        /// RFC 7634.
        ChaCha20Poly1305: "chacha20-poly1305" = 28,
        /// RFC 2451.
        TripleDesCbc: "3des-cbc" = 3,
    }
}

transforms! {
    /// Transform type 3: what shows that the content was not changed.
    Integrity, "integrity", {
        /// RFC 2404.
        HmacSha1Bits96: "hmac-sha1-96" = 2,
        /// RFC 4868.
        HmacSha2Bits256Of128: "hmac-sha2-256-128" = 12,
        /// RFC 4868.
        HmacSha2Bits384Of192: "hmac-sha2-384-192" = 13,
        /// RFC 4868.
        HmacSha2Bits512Of256: "hmac-sha2-512-256" = 14,
    }
}

transforms! {
    /// Transform type 2: the pseudorandom function that derives every key of an IKE SA.
    Prf, "prf", {
        /// RFC 2104.
        HmacSha1: "hmac-sha1" = 2,
        /// RFC 4868.
        HmacSha2Bits256: "hmac-sha2-256" = 5,
        /// RFC 4868.
        HmacSha2Bits384: "hmac-sha2-384" = 6,
        /// RFC 4868.
        HmacSha2Bits512: "hmac-sha2-512" = 7,
    }
}

transforms! {
    /// Transform type 4: the Diffie–Hellman group.
    DhGroup, "dh", {
        /// RFC 3526.
        Modp2048: "modp-2048" = 14,
        /// RFC 3526.
        Modp3072: "modp-3072" = 15,
        /// RFC 3526.
        Modp4096: "modp-4096" = 16,
        /// RFC 5903.
        Ecp256: "ecp-256" = 19,
        /// RFC 5903.
        Ecp384: "ecp-384" = 20,
        /// RFC 5903.
        Ecp521: "ecp-521" = 21,
        /// RFC 8031.
        Curve25519: "curve25519" = 31,
    }
}

impl Encryption {
    /// Finds the algorithm that a transform stands for: its number and its Key Length attribute, in
    /// bits, if it has one.
    pub fn from_wire(id: u16, key_length: Option<u16>) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|one| one.transform_id() == id && one.key_length() == key_length)
    }

    /// The value of the Key Length attribute, in bits; `None` for an algorithm that has only one
    /// size of key and must not carry the attribute (RFC 7296, section 3.3.5; RFC 7634, section 4).
    pub fn key_length(self) -> Option<u16> {
        match self {
            Self::AesCbc128 | Self::AesCtr128 | Self::AesGcm16Bits128 => Some(128),
            Self::AesCbc192 | Self::AesCtr192 | Self::AesGcm16Bits192 => Some(192),
            Self::AesCbc256 | Self::AesCtr256 | Self::AesGcm16Bits256 => Some(256),
            Self::ChaCha20Poly1305 | Self::TripleDesCbc => None,
        }
    }

    /// Whether it protects integrity by itself, so that a proposal names no integrity algorithm
    /// beside it (RFC 7296, section 3.3; RFC 5282, section 8).
    pub fn is_aead(self) -> bool {
        match self {
            Self::AesGcm16Bits128
            | Self::AesGcm16Bits192
            | Self::AesGcm16Bits256
            | Self::ChaCha20Poly1305 => true,
            Self::AesCbc128
            | Self::AesCbc192
            | Self::AesCbc256
            | Self::AesCtr128
            | Self::AesCtr192
            | Self::AesCtr256
            | Self::TripleDesCbc => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_leads_back_to_its_algorithm() {
        names_lead_back::<Encryption>();
        names_lead_back::<Integrity>();
        names_lead_back::<Prf>();
        names_lead_back::<DhGroup>();
    }

    #[test]
    fn an_unknown_name_is_answered_with_the_known_ones() {
        let error = Prf::from_name("md5").unwrap_err();
        assert_eq!(
            error.to_string(),
            "prf \"md5\" is not known\n\
             use one of hmac-sha1, hmac-sha2-256, hmac-sha2-384, hmac-sha2-512"
        );
    }

    #[test]
    fn algorithms_that_share_a_number_differ_in_key_length() {
        let mut on_the_wire: Vec<_> = Encryption::ALL
            .iter()
            .map(|encryption| (encryption.transform_id(), encryption.key_length()))
            .collect();
        on_the_wire.sort_unstable();
        on_the_wire.dedup();
        assert_eq!(on_the_wire.len(), Encryption::ALL.len());
    }

    #[test]
    fn the_key_length_ends_the_name_of_every_algorithm_that_has_one() {
        for encryption in Encryption::ALL {
            if let Some(bits) = encryption.key_length() {
                assert!(encryption.name().ends_with(&format!("-{bits}")));
            }
        }
    }

    fn names_lead_back<T: Transform>() {
        for transform in T::ALL {
            assert_eq!(T::from_name(transform.name()), Ok(*transform));
        }
    }
}
