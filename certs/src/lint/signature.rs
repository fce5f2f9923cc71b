//! Whether a signature over a certificate, a request or a CRL verifies.

use ring::signature::{self, UnparsedPublicKey, VerificationAlgorithm};
use x509_parser::oid_registry::{
    OID_EC_P256, OID_HASH_SHA1, OID_NIST_EC_P384, OID_NIST_HASH_SHA256, OID_NIST_HASH_SHA384,
    OID_NIST_HASH_SHA512, OID_PKCS1_RSASSAPSS, OID_PKCS1_SHA1WITHRSA, OID_PKCS1_SHA256WITHRSA,
    OID_PKCS1_SHA384WITHRSA, OID_PKCS1_SHA512WITHRSA, OID_SHA1_WITH_RSA, OID_SIG_ECDSA_WITH_SHA256,
    OID_SIG_ECDSA_WITH_SHA384, OID_SIG_ED25519,
};
use x509_parser::public_key::PublicKey;
use x509_parser::signature_algorithm::RsaSsaPssParams;
use x509_parser::x509::{AlgorithmIdentifier, SubjectPublicKeyInfo};

/// What became of a verification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Valid,
    Invalid,
    /// The algorithm or the key's size is none that can be tried.
    Untried,
}

/// Sizes of RSA keys that can be tried, in bits, and from where on without leniency.
const SMALLEST_RSA: usize = 1024;
const SMALLEST_MODERN_RSA: usize = 2048;
const LARGEST_RSA: usize = 8192;

pub(super) fn verify(
    key: &SubjectPublicKeyInfo<'_>,
    algorithm: &AlgorithmIdentifier<'_>,
    signature: &[u8],
    signed: &[u8],
) -> Verdict {
    let Some(method) = method(key, algorithm) else {
        return Verdict::Untried;
    };
    let key = UnparsedPublicKey::new(method, &key.subject_public_key.data);
    match key.verify(signed, signature) {
        Ok(()) => Verdict::Valid,
        Err(_) => Verdict::Invalid,
    }
}

/// Bits of an RSA modulus; none for other keys and for one that cannot be read.
pub(super) fn rsa_bits(key: &SubjectPublicKeyInfo<'_>) -> Option<usize> {
    let PublicKey::RSA(rsa) = key.parsed().ok()? else {
        return None;
    };
    let zeros = rsa.modulus.iter().take_while(|octet| **octet == 0).count();
    let digits = rsa.modulus.get(zeros..)?;
    let top = digits.first()?;
    Some(digits.len() * 8 - top.leading_zeros() as usize)
}

fn method(
    key: &SubjectPublicKeyInfo<'_>,
    algorithm: &AlgorithmIdentifier<'_>,
) -> Option<&'static dyn VerificationAlgorithm> {
    let oid = &algorithm.algorithm;
    if *oid == OID_SIG_ED25519 {
        return Some(&signature::ED25519);
    }
    if *oid == OID_SIG_ECDSA_WITH_SHA256 || *oid == OID_SIG_ECDSA_WITH_SHA384 {
        let curve = key.algorithm.parameters.as_ref()?.as_oid().ok()?;
        return match (curve, *oid == OID_SIG_ECDSA_WITH_SHA256) {
            (curve, true) if curve == OID_EC_P256 => Some(&signature::ECDSA_P256_SHA256_ASN1),
            (curve, false) if curve == OID_EC_P256 => Some(&signature::ECDSA_P256_SHA384_ASN1),
            (curve, true) if curve == OID_NIST_EC_P384 => Some(&signature::ECDSA_P384_SHA256_ASN1),
            (curve, false) if curve == OID_NIST_EC_P384 => Some(&signature::ECDSA_P384_SHA384_ASN1),
            _ => None,
        };
    }
    let bits = rsa_bits(key)?;
    if !(SMALLEST_RSA..=LARGEST_RSA).contains(&bits) {
        return None;
    }
    let modern = bits >= SMALLEST_MODERN_RSA;
    if *oid == OID_PKCS1_SHA1WITHRSA || *oid == OID_SHA1_WITH_RSA {
        Some(&signature::RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY)
    } else if *oid == OID_PKCS1_SHA256WITHRSA {
        Some(if modern {
            &signature::RSA_PKCS1_2048_8192_SHA256
        } else {
            &signature::RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY
        })
    } else if *oid == OID_PKCS1_SHA384WITHRSA && modern {
        Some(&signature::RSA_PKCS1_2048_8192_SHA384)
    } else if *oid == OID_PKCS1_SHA512WITHRSA {
        Some(if modern {
            &signature::RSA_PKCS1_2048_8192_SHA512
        } else {
            &signature::RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY
        })
    } else if *oid == OID_PKCS1_RSASSAPSS && modern {
        pss(algorithm)
    } else {
        None
    }
}

/// Only what uses one hash throughout and a salt of its length can be tried.
fn pss(algorithm: &AlgorithmIdentifier<'_>) -> Option<&'static dyn VerificationAlgorithm> {
    let parameters = RsaSsaPssParams::try_from(algorithm.parameters.as_ref()?).ok()?;
    let hash = parameters.hash_algorithm_oid();
    let mask = parameters.mask_gen_algorithm().ok()?;
    if mask.hash != *hash || parameters.trailer_field() != 1 {
        return None;
    }
    let salt = parameters.salt_length();
    if *hash == OID_NIST_HASH_SHA256 && salt == 32 {
        Some(&signature::RSA_PSS_2048_8192_SHA256)
    } else if *hash == OID_NIST_HASH_SHA384 && salt == 48 {
        Some(&signature::RSA_PSS_2048_8192_SHA384)
    } else if *hash == OID_NIST_HASH_SHA512 && salt == 64 {
        Some(&signature::RSA_PSS_2048_8192_SHA512)
    } else {
        None
    }
}

/// Whether the parameters of RSASSA-PSS leave the hash at SHA-1, by being absent, empty or so.
pub(super) fn pss_uses_sha1(algorithm: &AlgorithmIdentifier<'_>) -> bool {
    if algorithm.algorithm != OID_PKCS1_RSASSAPSS {
        return false;
    }
    let parameters = algorithm.parameters.as_ref();
    match parameters.map(RsaSsaPssParams::try_from) {
        Some(Ok(parameters)) => *parameters.hash_algorithm_oid() == OID_HASH_SHA1,
        Some(Err(_)) | None => true,
    }
}
