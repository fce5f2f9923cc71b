//! Signatures and their names.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{self, EcdsaKeyPair, Ed25519KeyPair, RsaEncoding, RsaKeyPair};
use der::Tag;
use der::asn1::{Any, AnyRef};
use der::oid::{AssociatedOid, ObjectIdentifier};
use md5::Md5;
use rsa::pkcs1::RsaPssParams;
use rsa::pkcs8::DecodePrivateKey;
use rsa::sha2::{Sha256, Sha384, Sha512};
use rsa::signature::{RandomizedSigner, SignatureEncoding, Signer as _};
use rsa::{RsaPrivateKey, pkcs1v15, pss};
use sha1::Sha1;
use spki::AlgorithmIdentifierOwned;

use crate::error::IssueError;
use crate::spec::SignatureAlgorithm;

pub(super) enum Signer {
    Rsa(RsaKeyPair),
    /// Shorter than what aws-lc works with. It overwrites itself when it is dropped.
    ShortRsa(Box<RsaPrivateKey>),
    Ecdsa(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

impl Signer {
    pub(super) fn sign(
        &self,
        algorithm: SignatureAlgorithm,
        message: &[u8],
        pkcs8: &[u8],
    ) -> Result<Vec<u8>, IssueError> {
        match self {
            Self::Rsa(pair) => match modern(algorithm) {
                Some(encoding) => {
                    let mut signature = vec![0; pair.public_modulus_len()];
                    pair.sign(encoding, &SystemRandom::new(), message, &mut signature)
                        .map_err(failed)?;
                    Ok(signature)
                }
                None => {
                    let key = RsaPrivateKey::from_pkcs8_der(pkcs8).map_err(failed)?;
                    rsa(key, algorithm, message)
                }
            },
            Self::ShortRsa(key) => rsa(key.as_ref().clone(), algorithm, message),
            Self::Ecdsa(pair) => {
                let signature = pair.sign(&SystemRandom::new(), message).map_err(failed)?;
                Ok(signature.as_ref().to_vec())
            }
            Self::Ed25519(pair) => Ok(pair.sign(message).as_ref().to_vec()),
        }
    }
}

/// What aws-lc still signs with.
fn modern(algorithm: SignatureAlgorithm) -> Option<&'static dyn RsaEncoding> {
    match algorithm {
        SignatureAlgorithm::RsaSha256 => Some(&signature::RSA_PKCS1_SHA256),
        SignatureAlgorithm::RsaSha384 => Some(&signature::RSA_PKCS1_SHA384),
        SignatureAlgorithm::RsaSha512 => Some(&signature::RSA_PKCS1_SHA512),
        SignatureAlgorithm::RsaPssSha256 => Some(&signature::RSA_PSS_SHA256),
        SignatureAlgorithm::RsaPssSha384 => Some(&signature::RSA_PSS_SHA384),
        SignatureAlgorithm::RsaPssSha512 => Some(&signature::RSA_PSS_SHA512),
        SignatureAlgorithm::RsaMd5
        | SignatureAlgorithm::RsaSha1
        | SignatureAlgorithm::RsaPssDefaults
        | SignatureAlgorithm::EcdsaSha256
        | SignatureAlgorithm::EcdsaSha384
        | SignatureAlgorithm::EcdsaSha512
        | SignatureAlgorithm::Ed25519 => None,
    }
}

/// Signs with what is too old, or with a key that is too short, for aws-lc.
fn rsa(
    key: RsaPrivateKey,
    algorithm: SignatureAlgorithm,
    message: &[u8],
) -> Result<Vec<u8>, IssueError> {
    use SignatureAlgorithm as Algorithm;
    let rng = &mut rand::rng();
    let signature = match algorithm {
        Algorithm::RsaMd5 => vec(pkcs1v15::SigningKey::<Md5>::new(key).try_sign(message)),
        Algorithm::RsaSha1 => vec(pkcs1v15::SigningKey::<Sha1>::new(key).try_sign(message)),
        Algorithm::RsaSha256 => vec(pkcs1v15::SigningKey::<Sha256>::new(key).try_sign(message)),
        Algorithm::RsaSha384 => vec(pkcs1v15::SigningKey::<Sha384>::new(key).try_sign(message)),
        Algorithm::RsaSha512 => vec(pkcs1v15::SigningKey::<Sha512>::new(key).try_sign(message)),
        Algorithm::RsaPssSha256 => {
            vec(pss::SigningKey::<Sha256>::new(key).try_sign_with_rng(rng, message))
        }
        Algorithm::RsaPssSha384 => {
            vec(pss::SigningKey::<Sha384>::new(key).try_sign_with_rng(rng, message))
        }
        Algorithm::RsaPssSha512 => {
            vec(pss::SigningKey::<Sha512>::new(key).try_sign_with_rng(rng, message))
        }
        Algorithm::RsaPssDefaults => {
            vec(pss::SigningKey::<Sha1>::new(key).try_sign_with_rng(rng, message))
        }
        Algorithm::EcdsaSha256
        | Algorithm::EcdsaSha384
        | Algorithm::EcdsaSha512
        | Algorithm::Ed25519 => return Err(failed("an RSA key cannot make this signature")),
    };
    signature.map_err(failed)
}

fn vec<T: SignatureEncoding>(
    signature: Result<T, rsa::signature::Error>,
) -> Result<Vec<u8>, rsa::signature::Error> {
    signature.map(|signature| signature.to_vec())
}

/// AlgorithmIdentifier (RFC 3279 section 2.2, RFC 4055, RFC 5758, RFC 8410).
pub(crate) fn algorithm_identifier(
    algorithm: SignatureAlgorithm,
) -> Result<AlgorithmIdentifierOwned, IssueError> {
    use SignatureAlgorithm as Algorithm;
    const PSS: &str = "1.2.840.113549.1.1.10";
    let null = || Some(Any::null());
    let (oid, parameters) = match algorithm {
        Algorithm::RsaMd5 => ("1.2.840.113549.1.1.4", null()),
        Algorithm::RsaSha1 => ("1.2.840.113549.1.1.5", null()),
        Algorithm::RsaSha256 => ("1.2.840.113549.1.1.11", null()),
        Algorithm::RsaSha384 => ("1.2.840.113549.1.1.12", null()),
        Algorithm::RsaSha512 => ("1.2.840.113549.1.1.13", null()),
        Algorithm::RsaPssSha256 => (PSS, Some(pss_parameters::<Sha256>(32)?)),
        Algorithm::RsaPssSha384 => (PSS, Some(pss_parameters::<Sha384>(48)?)),
        Algorithm::RsaPssSha512 => (PSS, Some(pss_parameters::<Sha512>(64)?)),
        Algorithm::RsaPssDefaults => (PSS, Some(Any::new(Tag::Sequence, [])?)),
        Algorithm::EcdsaSha256 => ("1.2.840.10045.4.3.2", None),
        Algorithm::EcdsaSha384 => ("1.2.840.10045.4.3.3", None),
        Algorithm::EcdsaSha512 => ("1.2.840.10045.4.3.4", None),
        Algorithm::Ed25519 => ("1.3.101.112", None),
    };
    Ok(AlgorithmIdentifierOwned {
        oid: ObjectIdentifier::new_unwrap(oid),
        parameters,
    })
}

/// With a salt as long as the hash, as usual.
fn pss_parameters<D: AssociatedOid>(salt: u8) -> Result<Any, IssueError> {
    Ok(Any::encode_from(&RsaPssParams::<AnyRef<'_>>::new::<D>(
        salt,
    ))?)
}

fn failed(error: impl std::fmt::Display) -> IssueError {
    IssueError::Signature(error.to_string())
}
