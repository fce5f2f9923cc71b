use proptest::prelude::*;

use super::*;
use crate::algorithm::Transform as _;
use crate::hex::hex;
use crate::message::{Encrypted, EncryptedFragment, Header, NotifyMeaning, Payload};
use crate::numbers::{ExchangeType, NotifyType};
use crate::wire::Flags;

/// RFC 7634, appendix B.
const RFC_7634_MESSAGE: &str = "
    c0c1c2c3c4c5c6c7 d0d1d2d3d4d5d6d7 2e202500 00000009 00000045 29000029
    1011121314151617 610394701f8d017f7c12924889 6b71bfe25236efd7cdc67066906315b2";

fn rfc_7634_keys() -> SkKeys {
    let key: Vec<u8> = (0x80..=0x9f).chain(0xa0..=0xa3).collect();
    SkKeys {
        encryption: Encryption::ChaCha20Poly1305,
        integrity: None,
        prf: None,
        sk_d: None,
        sk_ai: None,
        sk_ar: None,
        sk_ei: None,
        sk_er: Some(key.into()),
        sk_pi: None,
        sk_pr: None,
    }
}

#[test]
fn the_example_of_rfc_7634_is_decrypted() {
    let message = hex(RFC_7634_MESSAGE);
    let decrypted = decrypt(&message, &rfc_7634_keys(), false).unwrap();
    assert_eq!(decrypted.first, PayloadType::NOTIFY);
    assert_eq!(decrypted.fragment, None);
    assert!(decrypted.padding.is_empty());
    let chain = decrypted.chain().unwrap();
    let [
        Payload {
            body: Body::Notify(notify),
            ..
        },
    ] = chain.payloads.as_slice()
    else {
        panic!("one notification");
    };
    assert_eq!(notify.kind, NotifyType::SET_WINDOW_SIZE);
    assert_eq!(notify.meaning(), NotifyMeaning::WindowSize(10));
}

#[test]
fn the_example_of_rfc_7634_is_encrypted() {
    let mut message = Message {
        header: Header {
            initiator_spi: 0xc0c1_c2c3_c4c5_c6c7,
            responder_spi: 0xd0d1_d2d3_d4d5_d6d7,
            exchange: ExchangeType::INFORMATIONAL,
            message_id: 9,
            ..Header::default()
        },
        ..Message::default()
    };
    message.payloads.push(Payload::new(Body::Sk(Encrypted {
        first: PayloadType::NOTIFY,
        content: Vec::new(),
    })));
    let iv = hex("1011121314151617");
    let plaintext = hex("0000000c 00004001 0000000a");
    let encrypted = encrypt(&message, &iv, &plaintext, &[], &rfc_7634_keys(), false).unwrap();
    assert_eq!(encrypted, hex(RFC_7634_MESSAGE));
}

#[test]
fn keys_of_the_other_direction_do_not_fit() {
    let mut keys = rfc_7634_keys();
    let message = hex(RFC_7634_MESSAGE);
    let missing = BadKeys::Missing { name: "SK_ei" };
    assert_eq!(decrypt(&message, &keys, true), Err(missing.into()));
    keys.sk_ei = Some(vec![7; 36].into());
    assert_eq!(decrypt(&message, &keys, true), Err(DecryptError::Integrity));
}

#[test]
fn a_key_of_another_length_is_named() {
    let mut keys = rfc_7634_keys();
    keys.sk_er = Some(vec![7; 32].into());
    let error = decrypt(&hex(RFC_7634_MESSAGE), &keys, false).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the key SK_er has 32 octets, and 36 are needed"
    );
}

#[test]
fn what_follows_the_encrypted_payload_is_refused_because_nothing_protects_it() {
    let mut message = hex(RFC_7634_MESSAGE);
    message.push(0);
    let error = decrypt(&message, &rfc_7634_keys(), false).unwrap_err();
    assert_eq!(error, DecryptError::NotLast { octets: 1 });
}

#[test]
fn a_message_without_an_encrypted_payload_is_told_apart_from_a_wrong_key() {
    let message = Message {
        payloads: vec![Body::Nonce(vec![1; 16]).into()],
        ..Message::default()
    };
    let error = decrypt(&message.emit(), &rfc_7634_keys(), false).unwrap_err();
    assert_eq!(error, DecryptError::NotEncrypted);
}

#[test]
fn every_cipher_changes_what_it_encrypts_and_notices_a_changed_octet() {
    for keys in all_keys() {
        let plaintext = b"The quick brown fox jumps over the lazy dog";
        let (message, encrypted) = sealed(&keys, plaintext, None);
        let octets = encrypted.len();
        assert!(!encrypted.windows(plaintext.len()).any(|w| w == plaintext));
        assert_eq!(
            decrypt(&encrypted, &keys, true).unwrap().plaintext,
            plaintext
        );
        for position in [0, 8, 19, 31, 40, octets - 1] {
            let mut changed = encrypted.clone();
            changed[position] ^= 1;
            let error = decrypt(&changed, &keys, true).unwrap_err();
            // A changed length is noticed before anything is decrypted.
            let noticed = matches!(error, DecryptError::Integrity | DecryptError::Malformed(_));
            assert!(noticed, "octet {position}: {error}");
        }
        assert_eq!(message.payloads.len(), 1);
    }
}

#[test]
fn a_checksum_that_differs_anywhere_does_not_fit() {
    let key = [1; 32];
    for integrity in Integrity::ALL {
        let truth = cipher::checksum(*integrity, &key, b"covered");
        assert_eq!(truth.len(), integrity.checksum_octets());
        assert!(cipher::verify(*integrity, &key, b"covered", &truth));
        assert!(!cipher::verify(*integrity, &key, b"covered", &truth[1..]));
        for position in 0..truth.len() {
            let mut changed = truth.clone();
            changed[position] ^= 0x80;
            assert!(!cipher::verify(*integrity, &key, b"covered", &changed));
        }
    }
}

#[test]
fn padding_longer_than_the_plaintext_is_an_error_of_its_own() {
    let keys = rfc_7634_keys();
    let keys = SkKeys {
        sk_ei: keys.sk_er.clone(),
        ..keys
    };
    let (message, _) = sealed(&keys, b"", None);
    let cipher_keys = Directed::choose(&keys, true).unwrap();
    let mut bytes = frame(&message, 8 + 2 + 16).unwrap();
    bytes.truncate(bytes.len() - 26);
    let sealed = cipher::aead_seal(
        keys.encryption,
        cipher_keys.key,
        cipher_keys.salt,
        &[0; 8],
        &bytes,
        &[1, 2],
    );
    bytes.extend_from_slice(&[0; 8]);
    bytes.extend_from_slice(&sealed);
    let error = decrypt(&bytes, &keys, true).unwrap_err();
    assert_eq!(
        error,
        DecryptError::Padding {
            padding: 2,
            have: 1
        }
    );
}

proptest! {
    #[test]
    fn what_was_encrypted_is_decrypted_and_encrypted_again_to_the_same_octets(
        plaintext in prop::collection::vec(any::<u8>(), 0..300),
        fragment in prop::option::of((1..9_u16, 1..9_u16)),
        more_padding in 0..3_usize,
        which in 0..all_keys().len(),
    ) {
        let keys = &all_keys()[which];
        let (message, encrypted) = sealed_with(keys, &plaintext, fragment, more_padding);
        let decrypted = decrypt(&encrypted, keys, true).unwrap();
        prop_assert_eq!(&decrypted.plaintext, &plaintext);
        prop_assert_eq!(decrypted.first, PayloadType::IDI);
        let number = decrypted.fragment.map(|f| (f.number, f.total));
        prop_assert_eq!(number, fragment);
        let Decrypted { iv, padding, .. } = decrypted;
        let parsed = Message::parse(&encrypted).unwrap();
        prop_assert_eq!(parsed.payloads.len(), message.payloads.len());
        let again = encrypt(&parsed, &iv, &plaintext, &padding, keys, true).unwrap();
        prop_assert_eq!(again, encrypted);
    }

    #[test]
    fn octets_of_any_kind_are_answered_without_a_panic(
        bytes in prop::collection::vec(any::<u8>(), 0..200),
        which in 0..all_keys().len(),
        from_initiator in any::<bool>(),
    ) {
        let mut message = hex(RFC_7634_MESSAGE);
        message.truncate(28);
        message.extend_from_slice(&bytes);
        let length = u32::try_from(message.len()).unwrap();
        message[24..28].copy_from_slice(&length.to_be_bytes());
        prop_assert!(decrypt(&message, &all_keys()[which], from_initiator).is_err());
        prop_assert!(decrypt(&bytes, &all_keys()[which], from_initiator).is_err());
    }
}

/// Keys of every cipher, and of every integrity algorithm.
pub(crate) fn all_keys() -> Vec<SkKeys> {
    let mut all = Vec::new();
    for encryption in Encryption::ALL {
        let integrities: &[Integrity] = if encryption.is_aead() {
            &[Integrity::HmacSha1Bits96]
        } else {
            Integrity::ALL
        };
        for integrity in integrities {
            let key = |seed: u8, octets: usize| {
                let octets = u8::try_from(octets).unwrap();
                Some(
                    (0..octets)
                        .map(|i| i.wrapping_mul(seed))
                        .collect::<Vec<_>>()
                        .into(),
                )
            };
            let integrity = (!encryption.is_aead()).then_some(*integrity);
            let sk_a = |seed| integrity.and_then(|integrity| key(seed, integrity.key_octets()));
            all.push(SkKeys {
                encryption: *encryption,
                integrity,
                prf: None,
                sk_d: None,
                sk_ai: sk_a(3),
                sk_ar: sk_a(5),
                sk_ei: key(7, encryption.key_octets()),
                sk_er: key(11, encryption.key_octets()),
                sk_pi: None,
                sk_pr: None,
            });
        }
    }
    all
}

fn sealed(keys: &SkKeys, plaintext: &[u8], fragment: Option<(u16, u16)>) -> (Message, Vec<u8>) {
    sealed_with(keys, plaintext, fragment, 0)
}

fn sealed_with(
    keys: &SkKeys,
    plaintext: &[u8],
    fragment: Option<(u16, u16)>,
    more_padding: usize,
) -> (Message, Vec<u8>) {
    let first = PayloadType::IDI;
    let body = match fragment {
        None => Body::Sk(Encrypted {
            first,
            content: Vec::new(),
        }),
        Some((number, total)) => Body::Skf(EncryptedFragment {
            first,
            number,
            total,
            content: Vec::new(),
        }),
    };
    let message = Message {
        header: Header {
            exchange: ExchangeType::IKE_AUTH,
            flags: Flags::INITIATOR,
            message_id: 1,
            ..Header::default()
        },
        payloads: vec![body.into()],
        trailing: Vec::new(),
    };
    let encryption = keys.encryption;
    let iv = vec![0x5a; encryption.iv_octets()];
    let padding =
        padding_octets(encryption, plaintext.len()) + more_padding * encryption.block_octets();
    let encrypted = encrypt(&message, &iv, plaintext, &vec![9; padding], keys, true).unwrap();
    (message, encrypted)
}

#[test]
fn counter_mode_meets_the_vectors_of_rfc_3686() {
    // Test vectors 1, 4 and 7 of section 6.
    for (encryption, key, salt, iv, ciphertext) in [
        (
            Encryption::AesCtr128,
            "ae6852f8121067cc4bf7a5765577f39e",
            "00000030",
            "0000000000000000",
            "e4095d4fb7a7b3792d6175a3261311b8",
        ),
        (
            Encryption::AesCtr192,
            "16af5b145fc9f579c175f93e3bfb0eed863d06ccfdb78515",
            "00000048",
            "36733c147d6d93cb",
            "4b55384fe259c9c84e7935a003cbe928",
        ),
        (
            Encryption::AesCtr256,
            "776beff2851db06f4c8a0542c8696f6c6a81af1eec96b4d37fc1d689e6c1c104",
            "00000060",
            "db5672c97aa8f0b2",
            "145ad01dbf824ec7560863dc71e3e0c0",
        ),
    ] {
        let (key, salt, iv) = (hex(key), hex(salt), hex(iv));
        let mut buffer = b"Single block msg".to_vec();
        cipher::encrypt(encryption, &key, &salt, &iv, &mut buffer);
        assert_eq!(buffer, hex(ciphertext), "{encryption}");
        cipher::decrypt(encryption, &key, &salt, &iv, &mut buffer);
        assert_eq!(buffer, b"Single block msg");
    }
}
