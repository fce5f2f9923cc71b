//! The numbers of transforms (RFC 7296, section 3.3.2).

use crate::algorithm::{DhGroup, Encryption, Integrity, Prf, Transform};

use super::numbers;

numbers! {
    /// What a transform is for (RFC 7296, section 3.3.2; RFC 9370, section 2.2).
    TransformType(u8), "transform type", {
        ENCRYPTION = 1 => "Encryption Algorithm (ENCR)",
        PRF = 2 => "Pseudorandom Function (PRF)",
        INTEGRITY = 3 => "Integrity Algorithm (INTEG)",
        KEY_EXCHANGE = 4 => "Key Exchange Method (KE)",
        SEQUENCE_NUMBERS = 5 => "Sequence Numbers (SN)",
        ADDITIONAL_KEY_EXCHANGE_1 = 6 => "Additional Key Exchange 1 (ADDKE1)",
        ADDITIONAL_KEY_EXCHANGE_2 = 7 => "Additional Key Exchange 2 (ADDKE2)",
        ADDITIONAL_KEY_EXCHANGE_3 = 8 => "Additional Key Exchange 3 (ADDKE3)",
        ADDITIONAL_KEY_EXCHANGE_4 = 9 => "Additional Key Exchange 4 (ADDKE4)",
        ADDITIONAL_KEY_EXCHANGE_5 = 10 => "Additional Key Exchange 5 (ADDKE5)",
        ADDITIONAL_KEY_EXCHANGE_6 = 11 => "Additional Key Exchange 6 (ADDKE6)",
        ADDITIONAL_KEY_EXCHANGE_7 = 12 => "Additional Key Exchange 7 (ADDKE7)",
    }
}

numbers! {
    /// Transform type 1.
    EncryptionId(u16), "encryption algorithm", {
        DES_IV64 = 1 => "ENCR_DES_IV64",
        DES = 2 => "ENCR_DES",
        TRIPLE_DES = 3 => "ENCR_3DES",
        RC5 = 4 => "ENCR_RC5",
        IDEA = 5 => "ENCR_IDEA",
        CAST = 6 => "ENCR_CAST",
        BLOWFISH = 7 => "ENCR_BLOWFISH",
        TRIPLE_IDEA = 8 => "ENCR_3IDEA",
        DES_IV32 = 9 => "ENCR_DES_IV32",
        NULL = 11 => "ENCR_NULL",
        AES_CBC = 12 => "ENCR_AES_CBC",
        AES_CTR = 13 => "ENCR_AES_CTR",
        AES_CCM_8 = 14 => "ENCR_AES_CCM_8",
        AES_CCM_12 = 15 => "ENCR_AES_CCM_12",
        AES_CCM_16 = 16 => "ENCR_AES_CCM_16",
        AES_GCM_8 = 18 => "ENCR_AES_GCM_8",
        AES_GCM_12 = 19 => "ENCR_AES_GCM_12",
        AES_GCM_16 = 20 => "ENCR_AES_GCM_16",
        NULL_AUTH_AES_GMAC = 21 => "ENCR_NULL_AUTH_AES_GMAC",
        CAMELLIA_CBC = 23 => "ENCR_CAMELLIA_CBC",
        CAMELLIA_CTR = 24 => "ENCR_CAMELLIA_CTR",
        CAMELLIA_CCM_8 = 25 => "ENCR_CAMELLIA_CCM_8",
        CAMELLIA_CCM_12 = 26 => "ENCR_CAMELLIA_CCM_12",
        CAMELLIA_CCM_16 = 27 => "ENCR_CAMELLIA_CCM_16",
        CHACHA20_POLY1305 = 28 => "ENCR_CHACHA20_POLY1305",
        AES_CCM_8_IIV = 29 => "ENCR_AES_CCM_8_IIV",
        AES_GCM_16_IIV = 30 => "ENCR_AES_GCM_16_IIV",
        CHACHA20_POLY1305_IIV = 31 => "ENCR_CHACHA20_POLY1305_IIV",
        KUZNYECHIK_MGM_KTREE = 32 => "ENCR_KUZNYECHIK_MGM_KTREE",
        MAGMA_MGM_KTREE = 33 => "ENCR_MAGMA_MGM_KTREE",
        KUZNYECHIK_MGM_MAC_KTREE = 34 => "ENCR_KUZNYECHIK_MGM_MAC_KTREE",
        MAGMA_MGM_MAC_KTREE = 35 => "ENCR_MAGMA_MGM_MAC_KTREE",
    }
}

numbers! {
    /// Transform type 2.
    PrfId(u16), "pseudorandom function", {
        HMAC_MD5 = 1 => "PRF_HMAC_MD5",
        HMAC_SHA1 = 2 => "PRF_HMAC_SHA1",
        HMAC_TIGER = 3 => "PRF_HMAC_TIGER",
        AES128_XCBC = 4 => "PRF_AES128_XCBC",
        HMAC_SHA2_256 = 5 => "PRF_HMAC_SHA2_256",
        HMAC_SHA2_384 = 6 => "PRF_HMAC_SHA2_384",
        HMAC_SHA2_512 = 7 => "PRF_HMAC_SHA2_512",
        AES128_CMAC = 8 => "PRF_AES128_CMAC",
        HMAC_STREEBOG_512 = 9 => "PRF_HMAC_STREEBOG_512",
    }
}

numbers! {
    /// Transform type 3.
    IntegrityId(u16), "integrity algorithm", {
        NONE = 0 => "NONE",
        HMAC_MD5_96 = 1 => "AUTH_HMAC_MD5_96",
        HMAC_SHA1_96 = 2 => "AUTH_HMAC_SHA1_96",
        DES_MAC = 3 => "AUTH_DES_MAC",
        KPDK_MD5 = 4 => "AUTH_KPDK_MD5",
        AES_XCBC_96 = 5 => "AUTH_AES_XCBC_96",
        HMAC_MD5_128 = 6 => "AUTH_HMAC_MD5_128",
        HMAC_SHA1_160 = 7 => "AUTH_HMAC_SHA1_160",
        AES_CMAC_96 = 8 => "AUTH_AES_CMAC_96",
        AES_128_GMAC = 9 => "AUTH_AES_128_GMAC",
        AES_192_GMAC = 10 => "AUTH_AES_192_GMAC",
        AES_256_GMAC = 11 => "AUTH_AES_256_GMAC",
        HMAC_SHA2_256_128 = 12 => "AUTH_HMAC_SHA2_256_128",
        HMAC_SHA2_384_192 = 13 => "AUTH_HMAC_SHA2_384_192",
        HMAC_SHA2_512_256 = 14 => "AUTH_HMAC_SHA2_512_256",
    }
}

numbers! {
    /// Transform types 4 and 6 to 12, and the number in a KE payload.
    KeyExchangeId(u16), "key exchange method", {
        NONE = 0 => "NONE",
        MODP_768 = 1 => "768-bit MODP Group",
        MODP_1024 = 2 => "1024-bit MODP Group",
        MODP_1536 = 5 => "1536-bit MODP Group",
        MODP_2048 = 14 => "2048-bit MODP Group",
        MODP_3072 = 15 => "3072-bit MODP Group",
        MODP_4096 = 16 => "4096-bit MODP Group",
        MODP_6144 = 17 => "6144-bit MODP Group",
        MODP_8192 = 18 => "8192-bit MODP Group",
        ECP_256 = 19 => "256-bit random ECP group",
        ECP_384 = 20 => "384-bit random ECP group",
        ECP_521 = 21 => "521-bit random ECP group",
        MODP_1024_PRIME_160 = 22 => "1024-bit MODP Group with 160-bit Prime Order Subgroup",
        MODP_2048_PRIME_224 = 23 => "2048-bit MODP Group with 224-bit Prime Order Subgroup",
        MODP_2048_PRIME_256 = 24 => "2048-bit MODP Group with 256-bit Prime Order Subgroup",
        ECP_192 = 25 => "192-bit Random ECP Group",
        ECP_224 = 26 => "224-bit Random ECP Group",
        BRAINPOOL_P224R1 = 27 => "brainpoolP224r1",
        BRAINPOOL_P256R1 = 28 => "brainpoolP256r1",
        BRAINPOOL_P384R1 = 29 => "brainpoolP384r1",
        BRAINPOOL_P512R1 = 30 => "brainpoolP512r1",
        CURVE25519 = 31 => "Curve25519",
        CURVE448 = 32 => "Curve448",
        GOST3410_2012_256 = 33 => "GOST3410_2012_256",
        GOST3410_2012_512 = 34 => "GOST3410_2012_512",
        ML_KEM_512 = 35 => "ml-kem-512",
        ML_KEM_768 = 36 => "ml-kem-768",
        ML_KEM_1024 = 37 => "ml-kem-1024",
    }
}

numbers! {
    /// Transform type 5: once "Extended Sequence Numbers".
    SequenceNumbersId(u16), "sequence numbers", {
        SEQUENTIAL_32 = 0 => "32-bit Sequential Numbers",
        PARTIALLY_TRANSMITTED_64 = 1 => "Partially Transmitted 64-bit Sequential Numbers (ESN)",
        UNSPECIFIED_32 = 2 => "32-bit Unspecified Numbers",
    }
}

impl TransformType {
    /// Whether its transforms are methods of key exchange: type 4, and 6 to 12 (RFC 9370).
    pub fn is_key_exchange(self) -> bool {
        matches!(self.0, 4 | 6..=12)
    }
}

/// The registry's name of a transform, such as `ENCR_AES_CBC`; `None` if it has none here.
pub fn transform_name(kind: TransformType, id: u16) -> Option<&'static str> {
    match kind {
        TransformType::ENCRYPTION => EncryptionId(id).name(),
        TransformType::PRF => PrfId(id).name(),
        TransformType::INTEGRITY => IntegrityId(id).name(),
        TransformType::SEQUENCE_NUMBERS => SequenceNumbersId(id).name(),
        _ if kind.is_key_exchange() => KeyExchangeId(id).name(),
        _ => None,
    }
}

impl From<Encryption> for EncryptionId {
    fn from(algorithm: Encryption) -> Self {
        Self(algorithm.transform_id())
    }
}

impl From<Prf> for PrfId {
    fn from(algorithm: Prf) -> Self {
        Self(algorithm.transform_id())
    }
}

impl From<Integrity> for IntegrityId {
    fn from(algorithm: Integrity) -> Self {
        Self(algorithm.transform_id())
    }
}

impl From<DhGroup> for KeyExchangeId {
    fn from(group: DhGroup) -> Self {
        Self(group.transform_id())
    }
}
