//! Messages of real daemons, and the keys that the daemons say they derived.

use std::collections::BTreeMap;

use ikev2::decrypt::{DecryptError, decrypt, encrypt};
use ikev2::keys::{Key, SkKeys, Suite};
use ikev2::message::{Body, Chain, NotifyMeaning, TrafficSelector, notifies};
use ikev2::numbers::{
    AuthMethod, ExchangeType, HashAlgorithm, NotifyType, PayloadType, Protocol, TransformType,
};
use ikev2::schedule::{Nonces, SignedOctets, prf, sk_keys, skeyseed};
use ikev2::{Encryption, Integrity, Message, MessageView, Prf};

/// A file of `exchanges/`: octets by name.
struct Exchange(BTreeMap<String, Vec<u8>>);

impl Exchange {
    fn read(text: &str) -> Self {
        let mut all: BTreeMap<String, Vec<u8>> = BTreeMap::new();
        let mut name = None;
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            if let Some(title) = line.strip_suffix(':') {
                name = Some(title.to_owned());
                continue;
            }
            let (pairs, rest) = line.trim().as_bytes().as_chunks::<2>();
            assert!(rest.is_empty(), "two digits make an octet: {line}");
            let octets = pairs.iter().map(|pair| {
                let digits = std::str::from_utf8(pair).expect("a file in ASCII");
                u8::from_str_radix(digits, 16).expect("hexadecimal digits")
            });
            let name = name.clone().expect("a title before the first line");
            all.entry(name).or_default().extend(octets);
        }
        Self(all)
    }

    fn get(&self, name: &str) -> &[u8] {
        self.0
            .get(name)
            .unwrap_or_else(|| panic!("{name} is missing"))
    }

    fn key(&self, name: &str) -> Option<Key> {
        Some(self.get(name).into())
    }

    fn message(&self, name: &str) -> Message {
        let bytes = self.get(name);
        let message = Message::parse(bytes).expect("a message of a real daemon");
        assert_eq!(message.emit(), bytes, "{name}");
        message
    }
}

fn psk() -> Exchange {
    Exchange::read(include_str!("exchanges/psk-aes-cbc.txt"))
}

const SUITE: Suite = Suite {
    encryption: Encryption::AesCbc256,
    integrity: Some(Integrity::HmacSha2Bits256Of128),
    prf: Prf::HmacSha2Bits256,
};

fn logged_keys(exchange: &Exchange) -> SkKeys {
    SkKeys {
        encryption: SUITE.encryption,
        integrity: SUITE.integrity,
        prf: Some(SUITE.prf),
        sk_d: exchange.key("SK_d"),
        sk_ai: exchange.key("SK_ai"),
        sk_ar: exchange.key("SK_ar"),
        sk_ei: exchange.key("SK_ei"),
        sk_er: exchange.key("SK_er"),
        sk_pi: exchange.key("SK_pi"),
        sk_pr: exchange.key("SK_pr"),
    }
}

fn nonce(message: &Message) -> &[u8] {
    let payload = message.find(PayloadType::NONCE).expect("a nonce");
    let Body::Nonce(nonce) = &payload.body else {
        panic!("a nonce that can be decoded");
    };
    nonce
}

fn opened(exchange: &Exchange, name: &str, from_initiator: bool) -> Chain {
    let bytes = exchange.get(name);
    let decrypted = decrypt(bytes, &logged_keys(exchange), from_initiator).expect(name);
    let chain = decrypted.chain().expect("whole payloads");
    assert_eq!(chain.emit(), decrypted.plaintext);
    assert!(chain.trailing.is_empty());
    let again = encrypt(
        &exchange.message(name),
        &decrypted.iv,
        &decrypted.plaintext,
        &decrypted.padding,
        &logged_keys(exchange),
        from_initiator,
    );
    assert_eq!(
        again.expect(name),
        bytes,
        "the daemon's own octets come out again"
    );
    chain
}

/// The first payload of a type.
fn body(chain: &Chain, kind: PayloadType) -> &Body {
    let found = chain.payloads.iter().find(|payload| payload.kind() == kind);
    &found.expect("a payload of this type").body
}

fn kinds(chain: &Chain) -> Vec<PayloadType> {
    chain
        .payloads
        .iter()
        .map(|payload| payload.kind())
        .collect()
}

#[test]
fn the_first_request_says_what_strongswan_offers() {
    let exchange = psk();
    let message = exchange.message("IKE_SA_INIT request");
    assert_eq!(message.header.exchange, ExchangeType::IKE_SA_INIT);
    assert!(message.header.flags.is_initiator() && !message.header.flags.is_response());
    let Some(Body::Sa(sa)) = message.find(PayloadType::SA).map(|payload| &payload.body) else {
        panic!("a security association");
    };
    let [proposal] = sa.proposals.as_slice() else {
        panic!("one proposal");
    };
    assert_eq!(proposal.protocol, Protocol::IKE);
    let names: Vec<_> = proposal
        .transforms
        .iter()
        .filter_map(|t| t.neutral_name())
        .collect();
    let expected = [
        "aes-cbc-256",
        "hmac-sha2-256-128",
        "hmac-sha2-256",
        "ecp-256",
        "curve25519",
        "modp-2048",
    ];
    assert_eq!(names, expected);
    assert_eq!(proposal.of_kind(TransformType::KEY_EXCHANGE).count(), 3);
    let hashes = message
        .notifies()
        .find(|notify| notify.kind == NotifyType::SIGNATURE_HASH_ALGORITHMS)
        .expect("the hashes that are accepted");
    let accepted = vec![
        HashAlgorithm::SHA2_256,
        HashAlgorithm::SHA2_384,
        HashAlgorithm::SHA2_512,
        HashAlgorithm::IDENTITY,
    ];
    assert_eq!(hashes.meaning(), NotifyMeaning::HashAlgorithms(accepted));
}

#[test]
fn the_keys_that_the_daemon_logged_follow_from_the_key_exchange() {
    let exchange = psk();
    let request = exchange.message("IKE_SA_INIT request");
    let response = exchange.message("IKE_SA_INIT response");
    let nonces = Nonces {
        initiator: nonce(&request),
        responder: nonce(&response),
    };
    let seed = skeyseed(SUITE.prf, nonces, exchange.get("g^ir"));
    assert_eq!(seed.as_bytes(), exchange.get("SKEYSEED"));
    let header = response.header;
    let keys = sk_keys(
        SUITE,
        seed.as_bytes(),
        nonces,
        header.initiator_spi,
        header.responder_spi,
    );
    assert_eq!(keys, logged_keys(&exchange));
}

#[test]
fn the_request_of_ike_auth_is_decrypted() {
    let chain = opened(&psk(), "IKE_AUTH request", true);
    let expected = [
        PayloadType::IDI,
        PayloadType::NOTIFY,
        PayloadType::IDR,
        PayloadType::AUTH,
        PayloadType::SA,
        PayloadType::TSI,
        PayloadType::TSR,
    ];
    assert_eq!(kinds(&chain)[..expected.len()], expected);
    let Body::IdI(identity) = &chain.payloads[0].body else {
        panic!("an identity");
    };
    assert_eq!(identity.text(), Some("moon.strongswan-6-0.example"));
    let Body::TsI(ts) = &chain.payloads[5].body else {
        panic!("traffic selectors");
    };
    assert!(matches!(ts.selectors[..], [TrafficSelector::V4(range)] if range.is_any_traffic()));
    assert!(notifies(&chain.payloads).any(|n| n.kind == NotifyType::INITIAL_CONTACT));
}

#[test]
fn the_auth_payloads_of_both_ends_follow_from_the_octets_that_they_protect() {
    let exchange = psk();
    let request = exchange.message("IKE_SA_INIT request");
    let response = exchange.message("IKE_SA_INIT response");
    let ends = [
        (
            "initiator",
            "IKE_SA_INIT request",
            &response,
            "SK_pi",
            "IKE_AUTH request",
            true,
        ),
        (
            "responder",
            "IKE_SA_INIT response",
            &request,
            "SK_pr",
            "IKE_AUTH response",
            false,
        ),
    ];
    for (end, first, peer, sk_p, last, from_initiator) in ends {
        let chain = opened(&exchange, last, from_initiator);
        let kind = if from_initiator {
            PayloadType::IDI
        } else {
            PayloadType::IDR
        };
        let (Body::IdI(identity) | Body::IdR(identity)) = body(&chain, kind) else {
            panic!("an identity");
        };
        let signed = SignedOctets {
            first_message: exchange.get(first),
            peer_nonce: nonce(peer),
            prf: SUITE.prf,
            sk_p: exchange.get(sk_p),
            identity: &identity.signed_octets(),
            intermediate: &[],
        };
        assert_eq!(signed.octets(), exchange.get(&format!("octets of {end}")));
        // What the daemon logs is the shared key after its padding; the key itself is not known.
        let auth = prf(
            SUITE.prf,
            exchange.get("prf(secret, keypad)"),
            &[&signed.octets()],
        );
        assert_eq!(auth.as_bytes(), exchange.get(&format!("AUTH of {end}")));
        let Body::Auth(sent) = body(&chain, PayloadType::AUTH) else {
            panic!("an AUTH payload");
        };
        assert_eq!(sent.method, AuthMethod::SHARED_KEY);
        assert_eq!(sent.data, auth.as_bytes());
    }
}

#[test]
fn the_keys_of_one_direction_do_not_open_the_other() {
    let exchange = psk();
    let error = decrypt(
        exchange.get("IKE_AUTH request"),
        &logged_keys(&exchange),
        false,
    );
    assert_eq!(error, Err(DecryptError::Integrity));
}

#[test]
fn a_real_message_with_one_octet_changed_is_refused_or_emitted_as_it_came() {
    let exchange = psk();
    let keys = logged_keys(&exchange);
    for name in [
        "IKE_SA_INIT request",
        "IKE_SA_INIT response",
        "IKE_AUTH request",
    ] {
        let original = exchange.get(name);
        for position in 0..original.len() {
            for value in [0x00, 0x01, 0x7f, 0xff, original[position] ^ 0x80] {
                let mut changed = original.to_vec();
                changed[position] = value;
                if let Ok(message) = Message::parse(&changed) {
                    assert_eq!(message.emit(), changed);
                }
                let view = MessageView::new(&changed).expect("a whole header");
                assert!(view.payloads().count() < 100);
                if changed != original {
                    assert!(decrypt(&changed, &keys, true).is_err());
                }
            }
        }
    }
}
