//! Making keys.

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    self, EcdsaKeyPair, EcdsaSigningAlgorithm, Ed25519KeyPair, KeyPair, RsaKeyPair,
};
use rsa::RsaPrivateKey;
use rsa::pkcs8::{EncodePrivateKey, EncodePublicKey};
use zeroize::Zeroizing;

use super::PrivateKey;
use super::sign::Signer;
use crate::error::IssueError;
use crate::spec::KeyKind;

pub(super) fn generate(kind: KeyKind) -> Result<PrivateKey, IssueError> {
    match kind {
        KeyKind::Rsa768 => short_rsa(kind, 768),
        KeyKind::Rsa1024 => short_rsa(kind, 1024),
        KeyKind::Rsa2048 => rsa(kind, KeySize::Rsa2048),
        KeyKind::Rsa3072 => rsa(kind, KeySize::Rsa3072),
        KeyKind::Rsa4096 => rsa(kind, KeySize::Rsa4096),
        KeyKind::EcP256 => ecdsa(kind, &signature::ECDSA_P256_SHA256_ASN1_SIGNING),
        KeyKind::EcP384 => ecdsa(kind, &signature::ECDSA_P384_SHA384_ASN1_SIGNING),
        KeyKind::EcP521 => ecdsa(kind, &signature::ECDSA_P521_SHA512_ASN1_SIGNING),
        KeyKind::Ed25519 => ed25519(),
    }
}

fn rsa(kind: KeyKind, size: KeySize) -> Result<PrivateKey, IssueError> {
    let pair = RsaKeyPair::generate(size).map_err(failed)?;
    let pkcs8: Pkcs8V1Der<'_> = pair.as_der().map_err(failed)?;
    let public_key: PublicKeyX509Der<'_> = pair.public_key().as_der().map_err(failed)?;
    Ok(PrivateKey {
        kind,
        pkcs8: Zeroizing::new(pkcs8.as_ref().to_vec()),
        public_key: public_key.as_ref().to_vec(),
        signer: Signer::Rsa(pair),
    })
}

/// Shorter than what aws-lc makes.
fn short_rsa(kind: KeyKind, bits: usize) -> Result<PrivateKey, IssueError> {
    let key = RsaPrivateKey::new_unchecked(&mut rand::rng(), bits).map_err(failed)?;
    let pkcs8 = key.to_pkcs8_der().map_err(failed)?;
    let public_key = key.to_public_key().to_public_key_der().map_err(failed)?;
    Ok(PrivateKey {
        kind,
        pkcs8: Zeroizing::new(pkcs8.as_bytes().to_vec()),
        public_key: public_key.as_bytes().to_vec(),
        signer: Signer::ShortRsa(Box::new(key)),
    })
}

fn ecdsa(
    kind: KeyKind,
    algorithm: &'static EcdsaSigningAlgorithm,
) -> Result<PrivateKey, IssueError> {
    let pair = EcdsaKeyPair::generate(algorithm).map_err(failed)?;
    let pkcs8 = pair.to_pkcs8v1().map_err(failed)?;
    let public_key: PublicKeyX509Der<'_> = pair.public_key().as_der().map_err(failed)?;
    Ok(PrivateKey {
        kind,
        pkcs8: Zeroizing::new(pkcs8.as_ref().to_vec()),
        public_key: public_key.as_ref().to_vec(),
        signer: Signer::Ecdsa(pair),
    })
}

fn ed25519() -> Result<PrivateKey, IssueError> {
    let pair = Ed25519KeyPair::generate().map_err(failed)?;
    // Version 1: OpenSSL 3.0 does not read the public key that version 2 adds.
    let pkcs8 = pair.to_pkcs8v1().map_err(failed)?;
    let public_key: PublicKeyX509Der<'_> = pair.public_key().as_der().map_err(failed)?;
    Ok(PrivateKey {
        kind: KeyKind::Ed25519,
        pkcs8: Zeroizing::new(pkcs8.as_ref().to_vec()),
        public_key: public_key.as_ref().to_vec(),
        signer: Signer::Ed25519(pair),
    })
}

fn failed(error: impl std::fmt::Display) -> IssueError {
    IssueError::Key(error.to_string())
}
