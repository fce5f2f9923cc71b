//! Private keys and the signatures they make.

mod generate;
mod sign;

use std::fmt;

use aws_lc_rs::digest;
use der::pem::{LineEnding, encode_string};
use spki::SubjectPublicKeyInfoRef;
use zeroize::Zeroizing;

pub(crate) use sign::algorithm_identifier;

use crate::error::IssueError;
use crate::spec::{KeyKind, SignatureAlgorithm};

/// A private key. What it hands out is overwritten in memory when it is dropped.
pub struct PrivateKey {
    kind: KeyKind,
    pkcs8: Zeroizing<Vec<u8>>,
    /// SubjectPublicKeyInfo in DER.
    public_key: Vec<u8>,
    signer: sign::Signer,
}

impl PrivateKey {
    /// Makes a new key.
    ///
    /// # Errors
    ///
    /// The library could not make one.
    pub fn generate(kind: KeyKind) -> Result<Self, IssueError> {
        generate::generate(kind)
    }

    pub fn kind(&self) -> KeyKind {
        self.kind
    }

    /// PrivateKeyInfo (RFC 5958) in DER.
    pub fn pkcs8_der(&self) -> Zeroizing<Vec<u8>> {
        self.pkcs8.clone()
    }

    /// The same in PEM.
    ///
    /// # Errors
    ///
    /// The encoder failed, which for a key of ours it does not.
    pub fn pkcs8_pem(&self) -> Result<Zeroizing<String>, IssueError> {
        let pem = encode_string("PRIVATE KEY", LineEnding::LF, &self.pkcs8);
        Ok(Zeroizing::new(pem.map_err(der::Error::from)?))
    }

    /// SubjectPublicKeyInfo in DER.
    pub fn public_key_der(&self) -> &[u8] {
        &self.public_key
    }

    /// The contents of the public key's bit string.
    pub(crate) fn public_key_bits(&self) -> Result<Vec<u8>, IssueError> {
        let info = SubjectPublicKeyInfoRef::try_from(self.public_key.as_slice())
            .map_err(|error| IssueError::Key(error.to_string()))?;
        Ok(info.subject_public_key.raw_bytes().to_vec())
    }

    /// SHA-1 of the public key's bit string (RFC 5280 section 4.2.1.2, method 1).
    pub(crate) fn public_key_sha1(&self) -> Result<Vec<u8>, IssueError> {
        let bits = self.public_key_bits()?;
        Ok(digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, &bits)
            .as_ref()
            .to_vec())
    }

    pub(crate) fn sign(
        &self,
        algorithm: SignatureAlgorithm,
        message: &[u8],
    ) -> Result<Vec<u8>, IssueError> {
        self.signer.sign(algorithm, message, &self.pkcs8)
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PrivateKey")
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}
