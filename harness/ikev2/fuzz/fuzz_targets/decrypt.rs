//! Any octets as encrypted payloads, and any plaintext through every cipher and back.

#![no_main]

use ikev2::decrypt::{DecryptError, decrypt, encrypt, padding_octets};
use ikev2::keys::{Key, SkKeys};
use ikev2::message::{Body, Encrypted, EncryptedFragment, Message};
use ikev2::numbers::PayloadType;
use ikev2::{Encryption, Integrity, Transform};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let Some((&[choice, first, position], content)) = input.split_first_chunk() else {
        return;
    };
    let encryption = Encryption::ALL[usize::from(choice) % Encryption::ALL.len()];
    let integrity = Integrity::ALL[usize::from(choice >> 4) % Integrity::ALL.len()];
    let keys = keys(encryption, integrity);

    // As it came, and as the content of an encrypted payload.
    let _ = decrypt(input, &keys, true);
    for body in bodies(PayloadType(first), content) {
        let message = Message {
            payloads: vec![body.into()],
            ..Message::default()
        };
        if message.emit().len() < 65_000 {
            assert!(decrypt(&message.emit(), &keys, true).is_err());
        }

        let iv = vec![choice; encryption.iv_octets()];
        let padding = vec![position; padding_octets(encryption, content.len())];
        let Ok(mut sealed) = encrypt(&message, &iv, content, &padding, &keys, false) else {
            assert!(content.len() > 65_000);
            continue;
        };
        let opened = decrypt(&sealed, &keys, false).expect("what was encrypted is decrypted");
        assert_eq!(opened.plaintext, content);
        assert_eq!(opened.padding, padding);
        if let Ok(chain) = opened.chain() {
            assert_eq!(chain.emit(), content);
        }
        // The header's SPIs and everything after the payload's header are not part of the framing.
        let protected = 40..sealed.len();
        let at = protected.start + usize::from(position) % protected.len();
        sealed[at] ^= 1 << (choice & 7);
        assert_eq!(decrypt(&sealed, &keys, false), Err(DecryptError::Integrity));
    }
});

fn bodies(first: PayloadType, content: &[u8]) -> [Body; 2] {
    let content = content.to_vec();
    let fragment = EncryptedFragment {
        first,
        number: 1,
        total: 2,
        content: content.clone(),
    };
    [Body::Sk(Encrypted { first, content }), Body::Skf(fragment)]
}

fn keys(encryption: Encryption, integrity: Integrity) -> SkKeys {
    let key = |octets: usize| Some(Key::from(vec![0x42; octets]));
    let authentication = || {
        (!encryption.is_aead())
            .then(|| key(integrity.key_octets()))
            .flatten()
    };
    SkKeys {
        encryption,
        integrity: Some(integrity),
        prf: None,
        sk_d: None,
        sk_ai: authentication(),
        sk_ar: authentication(),
        sk_ei: key(encryption.key_octets()),
        sk_er: key(encryption.key_octets()),
        sk_pi: None,
        sk_pr: None,
    }
}
