//! The ciphers themselves: ring where it has them, RustCrypto for CBC, CTR and AES-GCM-192.
//!
//! Callers have checked the lengths of keys, initialization vectors and blocks.

use aes::{Aes128, Aes192, Aes256};
use aes_gcm::aead::{AeadInOut, KeyInit};
use cbc::cipher::block_padding::NoPadding;
use cbc::cipher::{BlockModeDecrypt, BlockModeEncrypt, KeyIvInit, StreamCipher};
use des::TdesEde3;
use ring::{aead, hmac};

use crate::algorithm::{Encryption, Integrity};

/// Octets of the checksum of every AEAD here.
pub(crate) const TAG: usize = 16;

type AesGcm192 = aes_gcm::AesGcm<Aes192, aes_gcm::aead::consts::U12>;

const LENGTHS: &str = "keys, vectors and blocks have the lengths of the algorithm";

/// The checksum of a message, cut to the length of the algorithm.
pub(crate) fn checksum(integrity: Integrity, key: &[u8], covered: &[u8]) -> Vec<u8> {
    let tag = hmac::sign(&hmac::Key::new(integrity.hmac(), key), covered);
    tag.as_ref()[..integrity.checksum_octets()].to_vec()
}

/// Whether the checksum fits, in a time that does not depend on where it differs.
pub(crate) fn verify(integrity: Integrity, key: &[u8], covered: &[u8], claimed: &[u8]) -> bool {
    let truth = checksum(integrity, key, covered);
    let differences = truth.iter().zip(claimed).fold(0, |all, (a, b)| {
        // Hidden from the optimizer, which could stop at the first difference.
        std::hint::black_box(all | (a ^ b))
    });
    truth.len() == claimed.len() && differences == 0
}

/// Decrypts in place what has no checksum of its own.
pub(crate) fn decrypt(
    encryption: Encryption,
    key: &[u8],
    salt: &[u8],
    iv: &[u8],
    buffer: &mut [u8],
) {
    fn run<C: KeyIvInit + BlockModeDecrypt>(key: &[u8], iv: &[u8], buffer: &mut [u8]) {
        let cipher = C::new_from_slices(key, iv).expect(LENGTHS);
        cipher.decrypt_padded::<NoPadding>(buffer).expect(LENGTHS);
    }
    match encryption {
        Encryption::AesCbc128 => run::<cbc::Decryptor<Aes128>>(key, iv, buffer),
        Encryption::AesCbc192 => run::<cbc::Decryptor<Aes192>>(key, iv, buffer),
        Encryption::AesCbc256 => run::<cbc::Decryptor<Aes256>>(key, iv, buffer),
        Encryption::TripleDesCbc => run::<cbc::Decryptor<TdesEde3>>(key, iv, buffer),
        Encryption::AesCtr128 | Encryption::AesCtr192 | Encryption::AesCtr256 => {
            counter_mode(encryption, key, salt, iv, buffer);
        }
        Encryption::AesGcm16Bits128
        | Encryption::AesGcm16Bits192
        | Encryption::AesGcm16Bits256
        | Encryption::ChaCha20Poly1305 => unreachable!("{NOT_AEAD}"),
    }
}

/// Encrypts in place what has no checksum of its own.
pub(crate) fn encrypt(
    encryption: Encryption,
    key: &[u8],
    salt: &[u8],
    iv: &[u8],
    buffer: &mut [u8],
) {
    fn run<C: KeyIvInit + BlockModeEncrypt>(key: &[u8], iv: &[u8], buffer: &mut [u8]) {
        let cipher = C::new_from_slices(key, iv).expect(LENGTHS);
        let octets = buffer.len();
        cipher
            .encrypt_padded::<NoPadding>(buffer, octets)
            .expect(LENGTHS);
    }
    match encryption {
        Encryption::AesCbc128 => run::<cbc::Encryptor<Aes128>>(key, iv, buffer),
        Encryption::AesCbc192 => run::<cbc::Encryptor<Aes192>>(key, iv, buffer),
        Encryption::AesCbc256 => run::<cbc::Encryptor<Aes256>>(key, iv, buffer),
        Encryption::TripleDesCbc => run::<cbc::Encryptor<TdesEde3>>(key, iv, buffer),
        Encryption::AesCtr128 | Encryption::AesCtr192 | Encryption::AesCtr256 => {
            counter_mode(encryption, key, salt, iv, buffer);
        }
        Encryption::AesGcm16Bits128
        | Encryption::AesGcm16Bits192
        | Encryption::AesGcm16Bits256
        | Encryption::ChaCha20Poly1305 => unreachable!("{NOT_AEAD}"),
    }
}

const NOT_AEAD: &str = "an AEAD comes with its checksum";

/// Encrypts or decrypts: the counter begins with 1 behind salt and vector (RFC 3686, section 4).
fn counter_mode(encryption: Encryption, key: &[u8], salt: &[u8], iv: &[u8], buffer: &mut [u8]) {
    fn run<C: KeyIvInit + StreamCipher>(key: &[u8], counter: &[u8], buffer: &mut [u8]) {
        let mut cipher = C::new_from_slices(key, counter).expect(LENGTHS);
        cipher.apply_keystream(buffer);
    }
    let counter = [nonce(salt, iv).as_slice(), &[0, 0, 0, 1]].concat();
    match encryption {
        Encryption::AesCtr128 => run::<ctr::Ctr32BE<Aes128>>(key, &counter, buffer),
        Encryption::AesCtr192 => run::<ctr::Ctr32BE<Aes192>>(key, &counter, buffer),
        Encryption::AesCtr256 => run::<ctr::Ctr32BE<Aes256>>(key, &counter, buffer),
        Encryption::AesCbc128
        | Encryption::AesCbc192
        | Encryption::AesCbc256
        | Encryption::TripleDesCbc
        | Encryption::AesGcm16Bits128
        | Encryption::AesGcm16Bits192
        | Encryption::AesGcm16Bits256
        | Encryption::ChaCha20Poly1305 => unreachable!("the caller has chosen counter mode"),
    }
}

/// Decrypts ciphertext and checksum; `None` if the checksum does not fit.
pub(crate) fn aead_open(
    encryption: Encryption,
    key: &[u8],
    salt: &[u8],
    iv: &[u8],
    associated: &[u8],
    sealed: &[u8],
) -> Option<Vec<u8>> {
    let nonce = nonce(salt, iv);
    let mut buffer = sealed.to_vec();
    let octets = match Aead::new(encryption, key) {
        Aead::Ring(key) => key
            .open_in_place(
                aead::Nonce::assume_unique_for_key(nonce),
                aead::Aad::from(associated),
                &mut buffer,
            )
            .ok()?
            .len(),
        Aead::AesGcm192(cipher) => {
            cipher
                .decrypt_in_place(&nonce.into(), associated, &mut buffer)
                .ok()?;
            buffer.len()
        }
    };
    buffer.truncate(octets);
    Some(buffer)
}

/// Encrypts, and appends the checksum.
pub(crate) fn aead_seal(
    encryption: Encryption,
    key: &[u8],
    salt: &[u8],
    iv: &[u8],
    associated: &[u8],
    plaintext: &[u8],
) -> Vec<u8> {
    const SHORT: &str = "a message of 16 bits of length is within the limits of an AEAD";
    let nonce = nonce(salt, iv);
    let mut buffer = plaintext.to_vec();
    match Aead::new(encryption, key) {
        Aead::Ring(key) => key
            .seal_in_place_append_tag(
                aead::Nonce::assume_unique_for_key(nonce),
                aead::Aad::from(associated),
                &mut buffer,
            )
            .expect(SHORT),
        Aead::AesGcm192(cipher) => cipher
            .encrypt_in_place(&nonce.into(), associated, &mut buffer)
            .expect(SHORT),
    }
    buffer
}

enum Aead {
    Ring(Box<aead::LessSafeKey>),
    AesGcm192(Box<AesGcm192>),
}

impl Aead {
    fn new(encryption: Encryption, key: &[u8]) -> Self {
        let algorithm = match encryption {
            Encryption::AesGcm16Bits128 => &aead::AES_128_GCM,
            Encryption::AesGcm16Bits192 => {
                return Self::AesGcm192(Box::new(AesGcm192::new_from_slice(key).expect(LENGTHS)));
            }
            Encryption::AesGcm16Bits256 => &aead::AES_256_GCM,
            Encryption::ChaCha20Poly1305 => &aead::CHACHA20_POLY1305,
            Encryption::AesCbc128
            | Encryption::AesCbc192
            | Encryption::AesCbc256
            | Encryption::AesCtr128
            | Encryption::AesCtr192
            | Encryption::AesCtr256
            | Encryption::TripleDesCbc => unreachable!("neither CBC nor CTR mode is an AEAD"),
        };
        let key = aead::UnboundKey::new(algorithm, key).expect(LENGTHS);
        Self::Ring(Box::new(aead::LessSafeKey::new(key)))
    }
}

/// Salt, then the vector of the message (RFC 5282, section 4; RFC 7634, section 2).
fn nonce(salt: &[u8], iv: &[u8]) -> [u8; 12] {
    let mut nonce = [0; 12];
    nonce[..4].copy_from_slice(salt);
    nonce[4..].copy_from_slice(iv);
    nonce
}

#[cfg(test)]
mod tests;
