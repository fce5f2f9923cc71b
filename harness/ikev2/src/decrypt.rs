//! The protection of SK and SKF payloads: decrypting and encrypting them (RFC 7296, section 3.14;
//! RFC 7383, section 2.5; RFC 5282; RFC 7634, section 3).

pub(crate) mod cipher;

use crate::algorithm::{Encryption, Integrity};
use crate::keys::{Key, SkKeys};
use crate::message::{Body, Chain, Message};
use crate::numbers::PayloadType;
use crate::wire::{HEADER_LEN, Malformed, MessageView, PAYLOAD_HEADER_LEN, PayloadView};

/// What an SK or SKF payload held. Its integrity has been verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decrypted {
    /// The type of the first payload within; of a fragment, only number 1 tells it.
    pub first: PayloadType,
    /// Which fragment it is, for SKF.
    pub fragment: Option<FragmentNumber>,
    pub iv: Vec<u8>,
    /// The chain of payloads, or a part of it, without padding.
    pub plaintext: Vec<u8>,
    /// The padding without the octet that tells its length.
    pub padding: Vec<u8>,
}

impl Decrypted {
    /// The payloads within.
    ///
    /// # Errors
    ///
    /// The chain is broken, as the chain of a single fragment always is.
    pub fn chain(&self) -> Result<Chain, Malformed> {
        Chain::parse(self.first, &self.plaintext)
    }
}

/// The place of a fragment in its message (RFC 7383, section 2.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FragmentNumber {
    /// From 1.
    pub number: u16,
    pub total: u16,
}

/// Why a message could not be decrypted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecryptError {
    #[error(transparent)]
    Malformed(#[from] Malformed),
    #[error("the message has no encrypted payload")]
    NotEncrypted,
    #[error("{octets} octets follow the encrypted payload, which must be the last one")]
    NotLast { octets: usize },
    #[error("{0}")]
    Keys(#[from] BadKeys),
    #[error(
        "the encrypted payload has {have} octets, and {need} are needed for an initialization \
         vector, one octet of padding length and a checksum"
    )]
    TooShort { have: usize, need: usize },
    #[error("the ciphertext has {octets} octets, which is not a multiple of {block}")]
    NotBlocks { octets: usize, block: usize },
    /// The keys are not those of the message, or it was changed on its way.
    #[error("the integrity checksum does not fit the message and the keys")]
    Integrity,
    #[error("the padding is said to have {padding} octets, and only {have} are there")]
    Padding { padding: u8, have: usize },
}

/// Why a message could not be encrypted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EncryptError {
    #[error("the last payload of the message is neither SK nor SKF")]
    NoPlace,
    #[error("{0}")]
    Keys(#[from] BadKeys),
    #[error("the initialization vector has {have} octets and must have {need}")]
    Iv { have: usize, need: usize },
    #[error("plaintext and padding have {octets} octets, which is not a multiple of {block}")]
    NotBlocks { octets: usize, block: usize },
    #[error("a padding of {octets} octets is longer than 255")]
    Padding { octets: usize },
    #[error("the message would be longer than its length fields can say")]
    TooLong,
}

/// Keys that cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadKeys {
    #[error("the key {name} is not known")]
    Missing { name: &'static str },
    #[error("the key {name} has {have} octets, and {need} are needed")]
    Length {
        name: &'static str,
        have: usize,
        need: usize,
    },
    #[error("{encryption} needs an integrity algorithm, and none is given")]
    NoIntegrity { encryption: Encryption },
}

/// Reads what the SK or SKF payload of a message holds.
///
/// `message` is the whole message without a non-ESP marker. `from_initiator` chooses the keys: it
/// is the sender's role in the IKE SA, normally
/// [`Flags::is_initiator`](crate::wire::Flags::is_initiator). Integrity is verified before anything
/// is decrypted, so that wrong keys cost one checksum.
///
/// # Errors
///
/// [`DecryptError::Integrity`] for keys of another SA; the others say what is wrong.
pub fn decrypt(
    message: &[u8],
    keys: &SkKeys,
    from_initiator: bool,
) -> Result<Decrypted, DecryptError> {
    let sealed = Sealed::find(message)?;
    let keys = Directed::choose(keys, from_initiator)?;
    let iv_octets = keys.encryption.iv_octets();
    let need = iv_octets + 1 + keys.checksum_octets();
    let have = sealed.content.len();
    if have < need {
        return Err(DecryptError::TooShort { have, need });
    }
    let (iv, rest) = sealed.content.split_at(iv_octets);
    let (ciphertext, checksum) = rest.split_at(rest.len() - keys.checksum_octets());
    let mut plaintext = match keys.authentication {
        Some((integrity, key)) => {
            let covered = &sealed.message[..sealed.message.len() - checksum.len()];
            if !cipher::verify(integrity, key.as_bytes(), covered, checksum) {
                return Err(DecryptError::Integrity);
            }
            let block = keys.encryption.block_octets();
            if ciphertext.len() % block != 0 {
                let octets = ciphertext.len();
                return Err(DecryptError::NotBlocks { octets, block });
            }
            let mut buffer = ciphertext.to_vec();
            cipher::decrypt(keys.encryption, keys.key, keys.salt, iv, &mut buffer);
            buffer
        }
        None => cipher::aead_open(
            keys.encryption,
            keys.key,
            keys.salt,
            iv,
            sealed.associated,
            rest,
        )
        .ok_or(DecryptError::Integrity)?,
    };
    let padding_octets = plaintext.pop().unwrap_or_default();
    let Some(end) = plaintext.len().checked_sub(padding_octets.into()) else {
        return Err(DecryptError::Padding {
            padding: padding_octets,
            have: plaintext.len(),
        });
    };
    let padding = plaintext.split_off(end);
    Ok(Decrypted {
        first: sealed.first,
        fragment: sealed.fragment,
        iv: iv.to_vec(),
        plaintext,
        padding,
    })
}

/// Writes a message whose last payload, SK or SKF, holds `plaintext`; what that payload held before
/// is replaced, and the fields of its headers are kept. The inverse of [`decrypt`].
///
/// `iv` must be fresh for these keys; with an AEAD two messages of one `iv` give the key away.
/// `padding` is without the octet that tells its length.
///
/// # Errors
///
/// The message has no such payload, something does not have the length that the algorithm needs, or
/// the message gets longer than 65535 octets of payload.
pub fn encrypt(
    message: &Message,
    iv: &[u8],
    plaintext: &[u8],
    padding: &[u8],
    keys: &SkKeys,
    from_initiator: bool,
) -> Result<Vec<u8>, EncryptError> {
    let keys = Directed::choose(keys, from_initiator)?;
    let (have, need) = (iv.len(), keys.encryption.iv_octets());
    if have != need {
        return Err(EncryptError::Iv { have, need });
    }
    let octets = padding.len();
    let padding_octets = u8::try_from(octets).map_err(|_| EncryptError::Padding { octets })?;
    let mut sealed = [plaintext, padding, &[padding_octets]].concat();
    let octets = sealed.len();
    let block = keys.encryption.block_octets();
    if octets % block != 0 {
        return Err(EncryptError::NotBlocks { octets, block });
    }
    let content_octets = iv.len() + sealed.len() + keys.checksum_octets();
    let mut bytes = frame(message, content_octets)?;
    let start = bytes.len() - content_octets;
    match keys.authentication {
        Some((integrity, key)) => {
            cipher::encrypt(keys.encryption, keys.key, keys.salt, iv, &mut sealed);
            bytes.truncate(start);
            bytes.extend_from_slice(iv);
            bytes.extend_from_slice(&sealed);
            let checksum = cipher::checksum(integrity, key.as_bytes(), &bytes);
            bytes.extend_from_slice(&checksum);
        }
        None => {
            bytes.truncate(start);
            let sealed =
                cipher::aead_seal(keys.encryption, keys.key, keys.salt, iv, &bytes, &sealed);
            bytes.extend_from_slice(iv);
            bytes.extend_from_slice(&sealed);
        }
    }
    Ok(bytes)
}

/// Octets of padding, without the octet that tells its length, which the plaintext needs at least.
pub fn padding_octets(encryption: Encryption, plaintext_octets: usize) -> usize {
    let with_length = plaintext_octets + 1;
    with_length.next_multiple_of(encryption.block_octets()) - with_length
}

/// Octets of the content of an SK payload with so many octets of plaintext and the least padding.
pub(crate) fn sealed_octets(
    encryption: Encryption,
    integrity: Option<Integrity>,
    plaintext_octets: usize,
) -> usize {
    let checksum = integrity.map_or(cipher::TAG, Integrity::checksum_octets);
    let padding = padding_octets(encryption, plaintext_octets);
    encryption.iv_octets() + plaintext_octets + padding + 1 + checksum
}

/// The message with `octets` of zero as the content of its last payload.
fn frame(message: &Message, octets: usize) -> Result<Vec<u8>, EncryptError> {
    let mut message = message.clone();
    let fields = match message.payloads.last_mut().map(|last| &mut last.body) {
        Some(Body::Sk(encrypted)) => {
            encrypted.content = vec![0; octets];
            0
        }
        Some(Body::Skf(fragment)) => {
            fragment.content = vec![0; octets];
            FRAGMENT_FIELDS
        }
        Some(_) | None => return Err(EncryptError::NoPlace),
    };
    if PAYLOAD_HEADER_LEN + fields + octets > u16::MAX.into() {
        return Err(EncryptError::TooLong);
    }
    message.header.false_length = None;
    message.trailing.clear();
    Ok(message.emit())
}

/// Octets of the two fields that SKF has before its content.
const FRAGMENT_FIELDS: usize = 4;

/// An encrypted payload in its message.
struct Sealed<'a> {
    /// From the header to the end of the payload.
    message: &'a [u8],
    /// What an AEAD protects without encrypting it: everything before `content`.
    associated: &'a [u8],
    first: PayloadType,
    fragment: Option<FragmentNumber>,
    /// Initialization vector, ciphertext, checksum.
    content: &'a [u8],
}

impl<'a> Sealed<'a> {
    fn find(bytes: &'a [u8]) -> Result<Self, DecryptError> {
        let view = MessageView::new(bytes)?;
        let mut payloads = view.payloads();
        let mut last: Option<PayloadView<'a>> = None;
        for payload in payloads.by_ref() {
            last = Some(payload?);
        }
        let last = last.ok_or(DecryptError::NotEncrypted)?;
        let (fragment, fields) = match last.kind {
            PayloadType::SK => (None, 0),
            PayloadType::SKF => {
                let Some(&[a, b, c, d]) = last.body.first_chunk() else {
                    return Err(DecryptError::TooShort {
                        have: last.body.len(),
                        need: FRAGMENT_FIELDS,
                    });
                };
                let fragment = FragmentNumber {
                    number: u16::from_be_bytes([a, b]),
                    total: u16::from_be_bytes([c, d]),
                };
                (Some(fragment), FRAGMENT_FIELDS)
            }
            _ => return Err(DecryptError::NotEncrypted),
        };
        let octets = payloads.rest().len() + view.beyond().len();
        if octets != 0 {
            return Err(DecryptError::NotLast { octets });
        }
        let start = last.offset + PAYLOAD_HEADER_LEN + fields;
        debug_assert!(start >= HEADER_LEN);
        Ok(Self {
            message: bytes,
            associated: &bytes[..start],
            first: last.next,
            fragment,
            content: &bytes[start..],
        })
    }
}

/// The keys of one direction, of the right length.
struct Directed<'a> {
    encryption: Encryption,
    /// Without the salt.
    key: &'a [u8],
    salt: &'a [u8],
    /// `None` with an AEAD.
    authentication: Option<(Integrity, &'a Key)>,
}

impl<'a> Directed<'a> {
    fn choose(keys: &'a SkKeys, from_initiator: bool) -> Result<Self, BadKeys> {
        let encryption = keys.encryption;
        let (sk_e, sk_a) = if from_initiator {
            (("SK_ei", &keys.sk_ei), ("SK_ai", &keys.sk_ai))
        } else {
            (("SK_er", &keys.sk_er), ("SK_ar", &keys.sk_ar))
        };
        let sk_e = checked(sk_e, encryption.key_octets())?.as_bytes();
        let (key, salt) = sk_e.split_at(sk_e.len() - encryption.salt_octets());
        let authentication = if encryption.is_aead() {
            None
        } else {
            let integrity = keys.integrity.ok_or(BadKeys::NoIntegrity { encryption })?;
            Some((integrity, checked(sk_a, integrity.key_octets())?))
        };
        Ok(Self {
            encryption,
            key,
            salt,
            authentication,
        })
    }

    fn checksum_octets(&self) -> usize {
        match self.authentication {
            Some((integrity, _)) => integrity.checksum_octets(),
            None => cipher::TAG,
        }
    }
}

fn checked<'a>(
    (name, key): (&'static str, &'a Option<Key>),
    need: usize,
) -> Result<&'a Key, BadKeys> {
    let key = key.as_ref().ok_or(BadKeys::Missing { name })?;
    let have = key.len();
    if have != need {
        return Err(BadKeys::Length { name, have, need });
    }
    Ok(key)
}

#[cfg(test)]
mod tests;
