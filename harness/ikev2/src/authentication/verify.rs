//! Checking signatures.

use aws_lc_rs::error::Unspecified;
use aws_lc_rs::signature::{self, UnparsedPublicKey, VerificationAlgorithm};

use super::{AuthenticationError, Curve, EC, ED25519, RSA, Scheme};
use crate::der::{self, BIT_STRING, INTEGER, SEQUENCE, VERSION};
use crate::message::{Auth, BadDigitalSignature, PssHash, SignatureAlgorithm};
use crate::numbers::{AuthMethod, HashAlgorithm};

/// A public key that AUTH payloads are checked with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey {
    kind: Kind,
    /// The content of the SubjectPublicKeyInfo's bit string.
    key: Vec<u8>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Rsa,
    Ecdsa(Curve),
    Ed25519,
}

impl PublicKey {
    /// Reads the DER of a SubjectPublicKeyInfo.
    ///
    /// # Errors
    ///
    /// It is none, or not of RSA, ECDSA (P-256, P-384, P-521) or Ed25519.
    pub fn from_spki(der: &[u8]) -> Result<Self, AuthenticationError> {
        const WRONG: AuthenticationError = AuthenticationError::Key {
            wanted: "a SubjectPublicKeyInfo",
        };
        let (content, _) = der::element(SEQUENCE, der).ok_or(WRONG)?;
        let (oid, parameters, rest) = der::algorithm(content).ok_or(WRONG)?;
        let (bits, _) = der::element(BIT_STRING, rest).ok_or(WRONG)?;
        let (_, key) = bits.split_first().ok_or(WRONG)?;
        let kind = match oid {
            RSA => Kind::Rsa,
            EC => Kind::Ecdsa(Curve::of_parameters(parameters).ok_or(WRONG)?),
            ED25519 => Kind::Ed25519,
            _ => return Err(WRONG),
        };
        Ok(Self {
            kind,
            key: key.to_vec(),
        })
    }

    /// Reads the key of a certificate (RFC 5280, section 4.1), and nothing else of it.
    ///
    /// # Errors
    ///
    /// It is no certificate, or its key is not one that [`Self::from_spki`] takes.
    pub fn of_certificate(der: &[u8]) -> Result<Self, AuthenticationError> {
        const WRONG: AuthenticationError = AuthenticationError::Key {
            wanted: "a certificate",
        };
        let (content, _) = der::element(SEQUENCE, der).ok_or(WRONG)?;
        let (mut rest, _) = der::element(SEQUENCE, content).ok_or(WRONG)?;
        // The version may be left out; serial number, signature, issuer, validity and subject not.
        if let Some((_, after)) = der::element(VERSION, rest) {
            rest = after;
        }
        for tag in [INTEGER, SEQUENCE, SEQUENCE, SEQUENCE, SEQUENCE] {
            (_, rest) = der::element(tag, rest).ok_or(WRONG)?;
        }
        Self::from_spki(rest)
    }

    /// Checks a signature. `hashes` are those that this end announced; those of method 14 must be
    /// among them. It returns how the signature was made.
    ///
    /// # Errors
    ///
    /// The signature does not fit, or is of a method, algorithm or hash that the key or this end
    /// does not take.
    pub fn verify(
        &self,
        auth: &Auth,
        octets: &[u8],
        hashes: &[HashAlgorithm],
    ) -> Result<Scheme, AuthenticationError> {
        let method = auth.method;
        let scheme = match (method, self.kind) {
            (AuthMethod::RSA_SIGNATURE, Kind::Rsa) => return self.verify_method_1(auth, octets),
            (AuthMethod::ECDSA_SHA256_P256, Kind::Ecdsa(_)) => Scheme::Ecdsa(Curve::P256),
            (AuthMethod::ECDSA_SHA384_P384, Kind::Ecdsa(_)) => Scheme::Ecdsa(Curve::P384),
            (AuthMethod::ECDSA_SHA512_P521, Kind::Ecdsa(_)) => Scheme::Ecdsa(Curve::P521),
            (AuthMethod::DIGITAL_SIGNATURE, _) => return self.verify_digital(auth, octets, hashes),
            (_, Kind::Rsa | Kind::Ecdsa(_) | Kind::Ed25519) => {
                return Err(AuthenticationError::Method { method });
            }
        };
        self.check(scheme, octets, &auth.data)?;
        Ok(scheme)
    }

    /// The hash of method 1 is SHA-1 unless the sender knows better; the signature itself names it
    /// (RFC 7296, section 3.8).
    fn verify_method_1(&self, auth: &Auth, octets: &[u8]) -> Result<Scheme, AuthenticationError> {
        let fits = [
            SignatureAlgorithm::RsaSha1,
            SignatureAlgorithm::RsaSha256,
            SignatureAlgorithm::RsaSha384,
            SignatureAlgorithm::RsaSha512,
        ]
        .into_iter()
        .any(|algorithm| {
            let scheme = Scheme::Digital(algorithm);
            self.check(scheme, octets, &auth.data).is_ok()
        });
        if fits {
            Ok(Scheme::RsaSha1)
        } else {
            Err(AuthenticationError::Wrong)
        }
    }

    fn verify_digital(
        &self,
        auth: &Auth,
        octets: &[u8],
        hashes: &[HashAlgorithm],
    ) -> Result<Scheme, AuthenticationError> {
        let digital = auth.digital_signature().ok_or(AuthenticationError::Wrong)?;
        let digital =
            digital.map_err(|BadDigitalSignature| AuthenticationError::UnknownAlgorithm)?;
        let algorithm = digital
            .known_algorithm()
            .ok_or(AuthenticationError::UnknownAlgorithm)?;
        let scheme = Scheme::Digital(algorithm);
        let hash = scheme.hash().ok_or(AuthenticationError::UnknownAlgorithm)?;
        if !hashes.contains(&hash) {
            return Err(AuthenticationError::HashNotAccepted { hash });
        }
        self.check(scheme, octets, digital.signature)?;
        Ok(scheme)
    }

    fn check(
        &self,
        scheme: Scheme,
        octets: &[u8],
        signature: &[u8],
    ) -> Result<(), AuthenticationError> {
        let how = self
            .algorithm(scheme)
            .ok_or(AuthenticationError::Mismatch { scheme })?;
        UnparsedPublicKey::new(how, &self.key)
            .verify(octets, signature)
            .map_err(|Unspecified| AuthenticationError::Wrong)
    }

    fn algorithm(&self, scheme: Scheme) -> Option<&'static dyn VerificationAlgorithm> {
        use SignatureAlgorithm as Algorithm;
        Some(match (self.kind, scheme) {
            (Kind::Rsa, Scheme::Digital(Algorithm::RsaSha1)) => {
                &signature::RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY
            }
            (Kind::Rsa, Scheme::Digital(Algorithm::RsaSha256)) => {
                &signature::RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY
            }
            (Kind::Rsa, Scheme::Digital(Algorithm::RsaSha384)) => {
                &signature::RSA_PKCS1_2048_8192_SHA384
            }
            (Kind::Rsa, Scheme::Digital(Algorithm::RsaSha512)) => {
                &signature::RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY
            }
            (Kind::Rsa, Scheme::Digital(Algorithm::RsaPss(PssHash::Sha256))) => {
                &signature::RSA_PSS_2048_8192_SHA256
            }
            (Kind::Rsa, Scheme::Digital(Algorithm::RsaPss(PssHash::Sha384))) => {
                &signature::RSA_PSS_2048_8192_SHA384
            }
            (Kind::Rsa, Scheme::Digital(Algorithm::RsaPss(PssHash::Sha512))) => {
                &signature::RSA_PSS_2048_8192_SHA512
            }
            (Kind::Ecdsa(Curve::P256), Scheme::Ecdsa(Curve::P256)) => {
                &signature::ECDSA_P256_SHA256_FIXED
            }
            (Kind::Ecdsa(Curve::P384), Scheme::Ecdsa(Curve::P384)) => {
                &signature::ECDSA_P384_SHA384_FIXED
            }
            (Kind::Ecdsa(Curve::P521), Scheme::Ecdsa(Curve::P521)) => {
                &signature::ECDSA_P521_SHA512_FIXED
            }
            (Kind::Ecdsa(curve), Scheme::Digital(algorithm)) => return ecdsa(curve, algorithm),
            (Kind::Ed25519, Scheme::Digital(Algorithm::Ed25519)) => &signature::ED25519,
            (
                Kind::Rsa | Kind::Ecdsa(_) | Kind::Ed25519,
                Scheme::RsaSha1 | Scheme::Ecdsa(_) | Scheme::Digital(_),
            ) => return None,
        })
    }
}

/// With method 14 every hash goes with every curve (RFC 7427, section 3).
fn ecdsa(
    curve: Curve,
    algorithm: SignatureAlgorithm,
) -> Option<&'static dyn VerificationAlgorithm> {
    use SignatureAlgorithm as Algorithm;
    let all: [&'static dyn VerificationAlgorithm; 3] = match curve {
        Curve::P256 => [
            &signature::ECDSA_P256_SHA256_ASN1,
            &signature::ECDSA_P256_SHA384_ASN1,
            &signature::ECDSA_P256_SHA512_ASN1,
        ],
        Curve::P384 => [
            &signature::ECDSA_P384_SHA256_ASN1,
            &signature::ECDSA_P384_SHA384_ASN1,
            &signature::ECDSA_P384_SHA512_ASN1,
        ],
        Curve::P521 => [
            &signature::ECDSA_P521_SHA256_ASN1,
            &signature::ECDSA_P521_SHA384_ASN1,
            &signature::ECDSA_P521_SHA512_ASN1,
        ],
    };
    let [sha256, sha384, sha512] = all;
    match algorithm {
        Algorithm::EcdsaSha256 => Some(sha256),
        Algorithm::EcdsaSha384 => Some(sha384),
        Algorithm::EcdsaSha512 => Some(sha512),
        Algorithm::RsaSha1
        | Algorithm::RsaSha256
        | Algorithm::RsaSha384
        | Algorithm::RsaSha512
        | Algorithm::RsaPss(_)
        | Algorithm::DsaSha1
        | Algorithm::DsaSha256
        | Algorithm::EcdsaSha1
        | Algorithm::Ed25519
        | Algorithm::Ed448 => None,
    }
}
