//! The Authentication payload (RFC 7296, section 3.8) and what RFC 7427 puts into it.

use std::fmt;

use crate::cursor::{Cursor, WhyUndecodable};
use crate::numbers::AuthMethod;

/// The proof that an end is who it says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Auth {
    pub method: AuthMethod,
    pub reserved: [u8; 3],
    /// A signature or a checksum; with [`AuthMethod::DIGITAL_SIGNATURE`] see
    /// [`Self::digital_signature`].
    pub data: Vec<u8>,
}

/// What the data of a Digital Signature holds (RFC 7427, section 3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DigitalSignature<'a> {
    /// The DER of an AlgorithmIdentifier, whole.
    pub algorithm: &'a [u8],
    pub signature: &'a [u8],
}

/// The data does not have the form of RFC 7427, section 3.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the AlgorithmIdentifier is longer than the authentication data")]
pub struct BadDigitalSignature;

/// A signature algorithm of RFC 7427, appendix A, or RFC 8420.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SignatureAlgorithm {
    RsaSha1,
    RsaSha256,
    RsaSha384,
    RsaSha512,
    /// RSASSA-PSS; the hash is among the parameters.
    RsaPss(PssHash),
    DsaSha1,
    DsaSha256,
    EcdsaSha1,
    EcdsaSha256,
    EcdsaSha384,
    EcdsaSha512,
    Ed25519,
    Ed448,
}

/// The hash of RSASSA-PSS, as far as it can be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PssHash {
    Sha1,
    Sha256,
    Sha384,
    Sha512,
    /// Another one, or parameters in another form.
    Other,
}

impl Auth {
    /// The data as RFC 7427 structures it; `None` for other methods.
    ///
    /// # Errors
    ///
    /// The method is Digital Signature, and the data has another form.
    pub fn digital_signature(&self) -> Option<Result<DigitalSignature<'_>, BadDigitalSignature>> {
        if self.method != AuthMethod::DIGITAL_SIGNATURE {
            return None;
        }
        let parts = self.data.split_first().and_then(|(&length, rest)| {
            let (algorithm, signature) = rest.split_at_checked(length.into())?;
            Some(DigitalSignature {
                algorithm,
                signature,
            })
        });
        Some(parts.ok_or(BadDigitalSignature))
    }

    pub(super) fn decode(cursor: &mut Cursor<'_>) -> Result<Self, WhyUndecodable> {
        let [method, reserved @ ..] = cursor.array::<4>("the method is cut short")?;
        Ok(Self {
            method: AuthMethod(method),
            reserved,
            data: cursor.rest().to_vec(),
        })
    }

    pub(super) fn write(&self, out: &mut Vec<u8>) {
        out.push(self.method.0);
        out.extend_from_slice(&self.reserved);
        out.extend_from_slice(&self.data);
    }
}

impl DigitalSignature<'_> {
    /// The algorithm, if its object identifier is one of RFC 7427 or RFC 8420.
    pub fn known_algorithm(&self) -> Option<SignatureAlgorithm> {
        let (oid, parameters) = split_identifier(self.algorithm)?;
        Some(match oid {
            [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x05] => SignatureAlgorithm::RsaSha1,
            [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0a] => {
                SignatureAlgorithm::RsaPss(PssHash::of_parameters(parameters))
            }
            [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b] => SignatureAlgorithm::RsaSha256,
            [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0c] => SignatureAlgorithm::RsaSha384,
            [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0d] => SignatureAlgorithm::RsaSha512,
            [0x2a, 0x86, 0x48, 0xce, 0x38, 0x04, 0x03] => SignatureAlgorithm::DsaSha1,
            [0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x03, 0x02] => SignatureAlgorithm::DsaSha256,
            [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x01] => SignatureAlgorithm::EcdsaSha1,
            [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02] => SignatureAlgorithm::EcdsaSha256,
            [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x03] => SignatureAlgorithm::EcdsaSha384,
            [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x04] => SignatureAlgorithm::EcdsaSha512,
            [0x2b, 0x65, 0x70] => SignatureAlgorithm::Ed25519,
            [0x2b, 0x65, 0x71] => SignatureAlgorithm::Ed448,
            _ => return None,
        })
    }

    /// The object identifier in figures, such as `1.2.840.113549.1.1.11`; `None` if the algorithm
    /// is not the DER of an AlgorithmIdentifier.
    pub fn object_identifier(&self) -> Option<String> {
        let (oid, _) = split_identifier(self.algorithm)?;
        dotted(oid)
    }
}

impl SignatureAlgorithm {
    /// The name in the RFC that defines the object identifier.
    pub fn name(self) -> &'static str {
        match self {
            Self::RsaSha1 => "sha1WithRSAEncryption",
            Self::RsaSha256 => "sha256WithRSAEncryption",
            Self::RsaSha384 => "sha384WithRSAEncryption",
            Self::RsaSha512 => "sha512WithRSAEncryption",
            Self::RsaPss(PssHash::Sha1) => "RSASSA-PSS with SHA-1",
            Self::RsaPss(PssHash::Sha256) => "RSASSA-PSS with SHA-256",
            Self::RsaPss(PssHash::Sha384) => "RSASSA-PSS with SHA-384",
            Self::RsaPss(PssHash::Sha512) => "RSASSA-PSS with SHA-512",
            Self::RsaPss(PssHash::Other) => "RSASSA-PSS",
            Self::DsaSha1 => "dsa-with-sha1",
            Self::DsaSha256 => "dsa-with-sha256",
            Self::EcdsaSha1 => "ecdsa-with-sha1",
            Self::EcdsaSha256 => "ecdsa-with-sha256",
            Self::EcdsaSha384 => "ecdsa-with-sha384",
            Self::EcdsaSha512 => "ecdsa-with-sha512",
            Self::Ed25519 => "Ed25519",
            Self::Ed448 => "Ed448",
        }
    }
}

impl fmt::Display for SignatureAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl PssHash {
    /// Finds the hash in RSASSA-PSS-params (RFC 8017, appendix A.2.3), where it is `[0]` and the
    /// default is SHA-1.
    fn of_parameters(parameters: &[u8]) -> Self {
        let Some((SEQUENCE, content, _)) = element(parameters) else {
            return Self::Other;
        };
        let hash = match element(content) {
            None if content.is_empty() => return Self::Sha1,
            Some((0xa0, hash, _)) => hash,
            Some((0xa1..=0xa3, _, _)) => return Self::Sha1,
            Some(_) | None => return Self::Other,
        };
        match split_identifier(hash) {
            Some(([0x2b, 0x0e, 0x03, 0x02, 0x1a], _)) => Self::Sha1,
            Some(([0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01], _)) => Self::Sha256,
            Some(([0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02], _)) => Self::Sha384,
            Some(([0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x03], _)) => Self::Sha512,
            Some(_) | None => Self::Other,
        }
    }
}

const SEQUENCE: u8 = 0x30;
const OBJECT_IDENTIFIER: u8 = 0x06;

/// The content of the object identifier, and the parameters, of an AlgorithmIdentifier.
fn split_identifier(der: &[u8]) -> Option<(&[u8], &[u8])> {
    let (tag, content, _) = element(der)?;
    let (inner_tag, oid, parameters) = element(content)?;
    (tag == SEQUENCE && inner_tag == OBJECT_IDENTIFIER).then_some((oid, parameters))
}

/// The tag and content of the first DER element, and what follows it. It is of at most 255 octets,
/// like all that the one octet of length in the payload can hold.
fn element(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (length, rest) = match der {
        [_, length @ 0..=0x7f, rest @ ..] | [_, 0x81, length, rest @ ..] => (*length, rest),
        _ => return None,
    };
    let (content, rest) = rest.split_at_checked(length.into())?;
    Some((*der.first()?, content, rest))
}

/// An object identifier in figures (X.690, section 8.19).
fn dotted(oid: &[u8]) -> Option<String> {
    let mut arcs: Vec<u64> = Vec::new();
    let mut arc = 0_u64;
    for octet in oid {
        arc = arc.checked_mul(128)? + u64::from(octet & 0x7f);
        if octet & 0x80 == 0 {
            arcs.push(arc);
            arc = 0;
        }
    }
    let ends = oid.last().is_some_and(|octet| octet & 0x80 == 0);
    let (first, others) = arcs.split_first().filter(|_| ends)?;
    let root = (first / 40).min(2);
    let mut text = format!("{root}.{}", first - root * 40);
    for arc in others {
        text.push('.');
        text.push_str(&arc.to_string());
    }
    Some(text)
}
