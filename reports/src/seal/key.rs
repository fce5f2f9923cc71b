//! Keys of Ed25519 (RFC 8032) in the forms that other programs read: PKCS#8 and SubjectPublicKeyInfo,
//! as PEM (RFC 8410).

use std::fmt;
use std::fs::{self, File};
use std::io::{self, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use der::pem::{self, LineEnding};
use ring::digest::{SHA256, digest};
use ring::rand::{self, SystemRandom};
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use zeroize::Zeroizing;

use super::manifest::hex;

const PRIVATE: &str = "PRIVATE KEY";
const PUBLIC: &str = "PUBLIC KEY";
/// What stands before the 32 octets of a public key in its SubjectPublicKeyInfo (RFC 8410, section 4).
const PREFIX: [u8; 12] = [
    0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00,
];
/// What stands before the 32 octets of a private key in the first version of PKCS#8 (RFC 8410, section
/// 7). Every program reads it; OpenSSL before 3.5 does not read the second one, which adds the public
/// key.
const PRIVATE_PREFIX: [u8; 16] = [
    0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
];
/// A key has some hundred octets.
const LIMIT: u64 = 16 * 1024;

/// Why there is no key.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    #[error("cannot read the key {}: {reason}", path.display())]
    Unreadable { path: PathBuf, reason: io::Error },
    #[error(
        "the key {} can be read by others (mode {mode:03o}); take that away: chmod 600 {}",
        path.display(),
        path.display()
    )]
    Open { path: PathBuf, mode: u32 },
    #[error("{place} is no private key of Ed25519 as PEM; `ikematrix keygen --out FILE` makes one")]
    NotPrivate { place: String },
    #[error(
        "{place} is no public key of Ed25519 as PEM; give the file ending in .pub that `ikematrix \
         keygen` has written"
    )]
    NotPublic { place: String },
    #[error("no key can be made: the system gives no random numbers")]
    NoRandom,
}

/// A private key. It never leaves this but as the file that [`SigningKey::generate`] gives.
pub struct SigningKey(Ed25519KeyPair);

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey of {}", self.signer().fingerprint())
    }
}

impl SigningKey {
    /// Makes a key: the text of its file, for its owner alone, and the key.
    ///
    /// # Errors
    ///
    /// When the system gives no random numbers.
    pub fn generate() -> Result<(Zeroizing<String>, Self), KeyError> {
        let seed = rand::generate::<[u8; 32]>(&SystemRandom::new());
        let seed = Zeroizing::new(seed.map_err(|_| KeyError::NoRandom)?.expose());
        let document = Zeroizing::new([PRIVATE_PREFIX.as_slice(), seed.as_slice()].concat());
        let text = pem::encode_string(PRIVATE, LineEnding::LF, &document)
            .map_err(|_| KeyError::NoRandom)?;
        let text = Zeroizing::new(text);
        let key = Self::from_pem(&text, "a new key")?;
        Ok((text, key))
    }

    /// # Errors
    ///
    /// When the text, which stands in `place`, is no private key of Ed25519.
    pub fn from_pem(text: &str, place: &str) -> Result<Self, KeyError> {
        let refused = || KeyError::NotPrivate {
            place: place.to_owned(),
        };
        let (label, der) = pem::decode_vec(text.trim().as_bytes()).map_err(|_| refused())?;
        let der = Zeroizing::new(der);
        if label != PRIVATE {
            return Err(refused());
        }
        // OpenSSL leaves the public key out, which may be missing (RFC 8410, section 7).
        let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(&der).map_err(|_| refused())?;
        Ok(Self(pair))
    }

    /// Reads a file that only its owner may read.
    ///
    /// # Errors
    ///
    /// When others may read it, it cannot be read, or it holds no private key of Ed25519.
    pub fn read(path: &Path) -> Result<Self, KeyError> {
        let unreadable = |reason| KeyError::Unreadable {
            path: path.to_owned(),
            reason,
        };
        let mode = fs::metadata(path).map_err(unreadable)?.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            return Err(KeyError::Open {
                path: path.to_owned(),
                mode,
            });
        }
        let text = Zeroizing::new(read(path)?);
        Self::from_pem(&text, &path.display().to_string())
    }

    pub fn signer(&self) -> Signer {
        let mut octets = [0; 32];
        octets.copy_from_slice(self.0.public_key().as_ref());
        Signer(octets)
    }

    pub(super) fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.0.sign(message).as_ref().to_vec()
    }
}

/// Whoever holds the private key of this public key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signer([u8; 32]);

impl Signer {
    /// Whoever holds the private key of these 32 octets (RFC 8032, section 5.1.5).
    pub fn of(public_key: [u8; 32]) -> Self {
        Self(public_key)
    }

    /// Reads a public key.
    ///
    /// # Errors
    ///
    /// When it cannot be read, or is no public key of Ed25519.
    pub fn read(path: &Path) -> Result<Self, KeyError> {
        let text = read(path)?;
        let refused = || KeyError::NotPublic {
            place: path.display().to_string(),
        };
        let (label, der) = pem::decode_vec(text.trim().as_bytes()).map_err(|_| refused())?;
        let key = der.strip_prefix(&PREFIX).filter(|_| label == PUBLIC);
        let key = key.and_then(|key| <[u8; 32]>::try_from(key).ok());
        key.map(Self).ok_or_else(refused)
    }

    pub fn public_key(&self) -> &[u8; 32] {
        &self.0
    }

    /// SHA-256 of the SubjectPublicKeyInfo, 64 hexadecimal digits.
    pub fn fingerprint(&self) -> String {
        hex(digest(&SHA256, &self.der()).as_ref())
    }

    /// The text of the public key's file.
    pub fn pem(&self) -> String {
        // Only a buffer that is too small could fail, and this one grows.
        pem::encode_string(PUBLIC, LineEnding::LF, &self.der()).unwrap_or_default()
    }

    fn der(&self) -> Vec<u8> {
        [PREFIX.as_slice(), &self.0].concat()
    }

    pub(super) fn has_signed(&self, message: &[u8], signature: &[u8]) -> bool {
        let key = UnparsedPublicKey::new(&ED25519, self.0);
        key.verify(message, signature).is_ok()
    }
}

fn read(path: &Path) -> Result<String, KeyError> {
    let unreadable = |reason| KeyError::Unreadable {
        path: path.to_owned(),
        reason,
    };
    // The kind comes first: opening a named pipe would wait for a writer.
    if !fs::metadata(path).map_err(unreadable)?.is_file() {
        return Err(unreadable(io::Error::other("it is not a regular file")));
    }
    let mut text = String::new();
    File::open(path)
        .and_then(|file| file.take(LIMIT).read_to_string(&mut text))
        .map_err(unreadable)?;
    Ok(text)
}
