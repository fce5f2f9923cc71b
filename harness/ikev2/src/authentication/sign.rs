//! Making signatures.

use std::fmt;

use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::error::Unspecified;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    self, EcdsaKeyPair, EcdsaSigningAlgorithm, Ed25519KeyPair, KeyPair as _, RsaEncoding,
    RsaKeyPair,
};
use rsa::RsaPrivateKey;
use rsa::pkcs1v15;
use rsa::pkcs8::{DecodePrivateKey, EncodePublicKey};
use rsa::sha2::Sha256;
use rsa::signature::{SignatureEncoding, Signer};
use rsa::traits::PublicKeyParts as _;
use sha1::Sha1;

use super::{AuthenticationError, Curve, EC, ED25519, RSA, Scheme};
use crate::der::{self, INTEGER, SEQUENCE};
use crate::keys::Key;
use crate::message::{Auth, PssHash, SignatureAlgorithm};
use crate::numbers::HashAlgorithm;

/// A private key that signs AUTH payloads.
pub struct SigningKey {
    kind: Kind,
    /// For what the pairs do not sign with.
    pkcs8: Key,
}

enum Kind {
    Rsa(Box<RsaKeyPair>),
    /// Of less than 2048 bits, with its public key in DER.
    ShortRsa(Vec<u8>),
    Ecdsa(Curve),
    Ed25519(Box<Ed25519KeyPair>),
}

impl SigningKey {
    /// Reads a key of RSA (of less than 2048 bits, to try who accepts it, with SHA-1 and SHA2-256
    /// only), ECDSA (P-256, P-384, P-521) or Ed25519.
    ///
    /// # Errors
    ///
    /// It is none of these, or not the DER of PKCS #8.
    pub fn from_pkcs8(der: &[u8]) -> Result<Self, AuthenticationError> {
        const WRONG: AuthenticationError = AuthenticationError::Key { wanted: "PKCS #8" };
        let (content, _) = der::element(SEQUENCE, der).ok_or(WRONG)?;
        let (_, content) = der::element(INTEGER, content).ok_or(WRONG)?;
        let (oid, parameters, _) = der::algorithm(content).ok_or(WRONG)?;
        let kind = match oid {
            RSA => match RsaKeyPair::from_pkcs8(der) {
                Ok(pair) => Kind::Rsa(Box::new(pair)),
                Err(_) => Kind::ShortRsa(public_key_of_short(der).ok_or(WRONG)?),
            },
            EC => {
                let curve = Curve::of_parameters(parameters).ok_or(WRONG)?;
                EcdsaKeyPair::from_pkcs8(in_der(curve), der).map_err(|_| WRONG)?;
                Kind::Ecdsa(curve)
            }
            ED25519 => {
                let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(der);
                Kind::Ed25519(Box::new(pair.map_err(|_| WRONG)?))
            }
            _ => return Err(WRONG),
        };
        Ok(Self {
            kind,
            pkcs8: der.into(),
        })
    }

    /// The public key, as the DER of a SubjectPublicKeyInfo.
    ///
    /// # Errors
    ///
    /// The library fails to write it.
    pub fn public_key(&self) -> Result<Vec<u8>, AuthenticationError> {
        let der = match &self.kind {
            Kind::Rsa(pair) => AsDer::<PublicKeyX509Der<'_>>::as_der(pair.public_key()),
            Kind::ShortRsa(public_key) => return Ok(public_key.clone()),
            Kind::Ecdsa(curve) => {
                let pair = self.pair(in_der(*curve))?;
                AsDer::<PublicKeyX509Der<'_>>::as_der(pair.public_key())
            }
            Kind::Ed25519(pair) => AsDer::<PublicKeyX509Der<'_>>::as_der(pair.public_key()),
        };
        der.map(|der| der.as_ref().to_vec())
            .map_err(|Unspecified| AuthenticationError::Failed)
    }

    /// The scheme to sign with. `hashes` are those that the other end announced; where it announced
    /// none, RFC 7427 must not be used.
    ///
    /// # Errors
    ///
    /// The key can use none of the hashes, or it cannot be used without RFC 7427.
    pub fn choose(&self, hashes: Option<&[HashAlgorithm]>) -> Result<Scheme, AuthenticationError> {
        let Some(hashes) = hashes else {
            return match &self.kind {
                Kind::Rsa(_) | Kind::ShortRsa(_) => Ok(Scheme::RsaSha1),
                Kind::Ecdsa(curve) => Ok(Scheme::Ecdsa(*curve)),
                Kind::Ed25519(_) => Err(AuthenticationError::NoCommonHash),
            };
        };
        let candidates: &[SignatureAlgorithm] = match &self.kind {
            Kind::Rsa(_) => &[
                SignatureAlgorithm::RsaSha256,
                SignatureAlgorithm::RsaSha384,
                SignatureAlgorithm::RsaSha512,
                SignatureAlgorithm::RsaSha1,
            ],
            Kind::ShortRsa(_) => &[SignatureAlgorithm::RsaSha256, SignatureAlgorithm::RsaSha1],
            Kind::Ecdsa(curve) => &[curve.algorithm()],
            Kind::Ed25519(_) => &[SignatureAlgorithm::Ed25519],
        };
        candidates
            .iter()
            .map(|&algorithm| Scheme::Digital(algorithm))
            .find(|scheme| scheme.hash().is_some_and(|hash| hashes.contains(&hash)))
            .ok_or(AuthenticationError::NoCommonHash)
    }

    /// Signs the octets, and makes the payload.
    ///
    /// # Errors
    ///
    /// The key is not one for the scheme.
    pub fn sign(&self, scheme: Scheme, octets: &[u8]) -> Result<Auth, AuthenticationError> {
        let mismatch = AuthenticationError::Mismatch { scheme };
        let signature = match (&self.kind, scheme) {
            (
                Kind::Rsa(_) | Kind::ShortRsa(_),
                Scheme::RsaSha1 | Scheme::Digital(SignatureAlgorithm::RsaSha1),
            ) => self.sign_rsa(pkcs1v15::SigningKey::<Sha1>::new, octets)?,
            (Kind::ShortRsa(_), Scheme::Digital(SignatureAlgorithm::RsaSha256)) => {
                self.sign_rsa(pkcs1v15::SigningKey::<Sha256>::new, octets)?
            }
            (Kind::Rsa(pair), Scheme::Digital(algorithm)) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                let encoding = encoding(algorithm).ok_or(mismatch)?;
                pair.sign(encoding, &SystemRandom::new(), octets, &mut signature)
                    .map_err(|Unspecified| AuthenticationError::Failed)?;
                signature
            }
            (Kind::Ecdsa(curve), Scheme::Ecdsa(wanted)) if *curve == wanted => {
                self.sign_ecdsa(fixed(*curve), octets)?
            }
            (Kind::Ecdsa(curve), Scheme::Digital(algorithm)) if algorithm == curve.algorithm() => {
                self.sign_ecdsa(in_der(*curve), octets)?
            }
            (Kind::Ed25519(pair), Scheme::Digital(SignatureAlgorithm::Ed25519)) => {
                pair.sign(octets).as_ref().to_vec()
            }
            (
                Kind::Rsa(_) | Kind::ShortRsa(_) | Kind::Ecdsa(_) | Kind::Ed25519(_),
                Scheme::RsaSha1 | Scheme::Ecdsa(_) | Scheme::Digital(_),
            ) => return Err(mismatch),
        };
        let mut data = Vec::new();
        if let Scheme::Digital(algorithm) = scheme {
            let identifier = algorithm
                .identifier()
                .ok_or(AuthenticationError::UnknownAlgorithm)?;
            data.push(u8::try_from(identifier.len()).map_err(|_| AuthenticationError::Failed)?);
            data.extend_from_slice(identifier);
        }
        data.extend_from_slice(&signature);
        Ok(Auth {
            method: scheme.method(),
            reserved: [0; 3],
            data,
        })
    }

    fn pair(
        &self,
        how: &'static EcdsaSigningAlgorithm,
    ) -> Result<EcdsaKeyPair, AuthenticationError> {
        EcdsaKeyPair::from_pkcs8(how, self.pkcs8.as_bytes())
            .map_err(|_| AuthenticationError::Failed)
    }

    fn sign_ecdsa(
        &self,
        how: &'static EcdsaSigningAlgorithm,
        octets: &[u8],
    ) -> Result<Vec<u8>, AuthenticationError> {
        let signature = self.pair(how)?.sign(&SystemRandom::new(), octets);
        signature
            .map(|signature| signature.as_ref().to_vec())
            .map_err(|Unspecified| AuthenticationError::Failed)
    }

    /// Signs with what the pairs do not.
    fn sign_rsa<S: SignatureEncoding, K: Signer<S>>(
        &self,
        how: impl FnOnce(RsaPrivateKey) -> K,
        octets: &[u8],
    ) -> Result<Vec<u8>, AuthenticationError> {
        let key = RsaPrivateKey::from_pkcs8_der(self.pkcs8.as_bytes());
        let key = key.map_err(|_| AuthenticationError::Failed)?;
        how(key)
            .try_sign(octets)
            .map(|signature| signature.to_vec())
            .map_err(|_| AuthenticationError::Failed)
    }
}

/// The public key of an RSA key that is too short for the pairs, in DER.
fn public_key_of_short(pkcs8: &[u8]) -> Option<Vec<u8>> {
    let key = RsaPrivateKey::from_pkcs8_der(pkcs8).ok()?;
    let is_short = key.n().bits() < 2048;
    let der = key.to_public_key().to_public_key_der().ok()?;
    is_short.then(|| der.as_bytes().to_vec())
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match &self.kind {
            Kind::Rsa(_) => "RSA".to_owned(),
            Kind::ShortRsa(_) => "short RSA".to_owned(),
            Kind::Ecdsa(curve) => format!("ECDSA {curve:?}"),
            Kind::Ed25519(_) => "Ed25519".to_owned(),
        };
        f.debug_tuple("SigningKey").field(&kind).finish()
    }
}

fn encoding(algorithm: SignatureAlgorithm) -> Option<&'static dyn RsaEncoding> {
    match algorithm {
        SignatureAlgorithm::RsaSha256 => Some(&signature::RSA_PKCS1_SHA256),
        SignatureAlgorithm::RsaSha384 => Some(&signature::RSA_PKCS1_SHA384),
        SignatureAlgorithm::RsaSha512 => Some(&signature::RSA_PKCS1_SHA512),
        SignatureAlgorithm::RsaPss(PssHash::Sha256) => Some(&signature::RSA_PSS_SHA256),
        SignatureAlgorithm::RsaPss(PssHash::Sha384) => Some(&signature::RSA_PSS_SHA384),
        SignatureAlgorithm::RsaPss(PssHash::Sha512) => Some(&signature::RSA_PSS_SHA512),
        SignatureAlgorithm::RsaPss(PssHash::Sha1 | PssHash::Other)
        | SignatureAlgorithm::RsaSha1
        | SignatureAlgorithm::DsaSha1
        | SignatureAlgorithm::DsaSha256
        | SignatureAlgorithm::EcdsaSha1
        | SignatureAlgorithm::EcdsaSha256
        | SignatureAlgorithm::EcdsaSha384
        | SignatureAlgorithm::EcdsaSha512
        | SignatureAlgorithm::Ed25519
        | SignatureAlgorithm::Ed448 => None,
    }
}

/// The two numbers of a signature one after the other (RFC 4754, section 7).
fn fixed(curve: Curve) -> &'static EcdsaSigningAlgorithm {
    match curve {
        Curve::P256 => &signature::ECDSA_P256_SHA256_FIXED_SIGNING,
        Curve::P384 => &signature::ECDSA_P384_SHA384_FIXED_SIGNING,
        Curve::P521 => &signature::ECDSA_P521_SHA512_FIXED_SIGNING,
    }
}

/// The two numbers of a signature in DER (RFC 7427, section 3).
fn in_der(curve: Curve) -> &'static EcdsaSigningAlgorithm {
    match curve {
        Curve::P256 => &signature::ECDSA_P256_SHA256_ASN1_SIGNING,
        Curve::P384 => &signature::ECDSA_P384_SHA384_ASN1_SIGNING,
        Curve::P521 => &signature::ECDSA_P521_SHA512_ASN1_SIGNING,
    }
}
