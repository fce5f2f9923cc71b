//! Each payload by its octets, and all of them by properties.

mod arbitrary;

use std::net::IpAddr;
use std::time::Duration;

use proptest::prelude::*;

use self::arbitrary::{any_chain, any_message};
use super::*;
use crate::hex::hex;
use crate::numbers::{
    AuthMethod, CfgAttributeType, EapType, HashAlgorithm, IdType, KeyExchangeId, NotifyType,
    Protocol, TransformType,
};

/// Decodes the body of a payload and checks that it is emitted again as it was.
fn body(kind: PayloadType, octets: &str) -> Body {
    let bytes = hex(octets);
    let body = Body::decode(kind, PayloadType::NONE, &bytes);
    assert_eq!(body.kind(), kind);
    assert_eq!(body.emit(), bytes);
    body
}

fn why(kind: PayloadType, octets: &str) -> String {
    let body = body(kind, octets);
    let Body::Undecodable { why, .. } = body else {
        panic!("{body:?} should not be decodable");
    };
    why.to_string()
}

#[test]
fn a_proposal_is_read_with_its_spi_transforms_and_key_length() {
    let octets = "
        02 00 0028 01 03 04 03 c1c2c3c4
           03 00 000c 01 00 000c 800e0100  03 00 0008 03 00 000c  00 00 0008 05 00 0000
        00 00 0010 02 03 00 01  00 00 0008 01 00 fff0";
    let Body::Sa(sa) = body(PayloadType::SA, octets) else {
        panic!("a security association");
    };
    let [first, second] = sa.proposals.as_slice() else {
        panic!("two proposals");
    };
    assert_eq!((first.number, first.protocol), (1, Protocol::ESP));
    assert_eq!(first.spi, hex("c1c2c3c4"));
    let names: Vec<_> = first.transforms.iter().map(ToString::to_string).collect();
    let expected = [
        "ENCR_AES_CBC_256",
        "AUTH_HMAC_SHA2_256_128",
        "32-bit Sequential Numbers",
    ];
    assert_eq!(names, expected);
    assert_eq!(first.transforms[0].key_length(), Some(256));
    assert_eq!(first.transforms[0].neutral_name(), Some("aes-cbc-256"));
    assert_eq!(
        first.transforms[1].neutral_name(),
        Some("hmac-sha2-256-128")
    );
    assert_eq!(first.of_kind(TransformType::ENCRYPTION).count(), 1);
    assert_eq!(second.transforms[0].name(), None);
    assert_eq!(
        second.transforms[0].to_string(),
        "encryption algorithm 65520"
    );
}

#[test]
fn an_additional_key_exchange_has_the_names_of_key_exchanges() {
    for kind in 6..=12 {
        let transform = Transform::new(TransformType(kind), 36);
        assert_eq!(transform.to_string(), "ml-kem-768");
    }
    assert_eq!(
        Transform::new(TransformType(13), 36).to_string(),
        "transform type 13 36"
    );
}

#[test]
fn a_broken_security_association_is_kept_with_the_reason() {
    let cases = [
        ("00 00 0008", "octet 0 of the body: a proposal is cut short"),
        (
            "01 00 0008 01 01 00 00",
            "octet 0 of the body: the field Last Substruc is neither 0 nor the number of its kind",
        ),
        (
            "02 00 0008 01 01 00 00",
            "octet 8 of the body: a proposal is cut short",
        ),
        (
            "00 00 0007 01 01 00 00",
            "octet 0 of the body: a proposal is shorter than its own header",
        ),
        (
            "00 00 0009 01 01 00 00",
            "octet 8 of the body: a proposal is longer than what is left",
        ),
        (
            "00 00 0008 01 01 08 00",
            "octet 8 of the body: the SPI is longer than its proposal",
        ),
        (
            "00 00 0008 01 01 00 00 ff",
            "octet 8 of the body: octets follow the last proposal",
        ),
        (
            "00 00 0010 01 01 00 02 00000008 01 00 000c",
            "octet 16 of the body: a proposal does not hold as many transforms as it says",
        ),
        (
            "00 00 0010 01 01 00 01 00000007 01 00 000c",
            "octet 8 of the body: a transform is shorter than its own header",
        ),
        (
            "00 00 0012 01 01 00 01 0000000a 01 00 000c 0102",
            "octet 16 of the body: an attribute is cut short",
        ),
        (
            "00 00 0014 01 01 00 01 0000000c 01 00 000c 000e0002",
            "octet 20 of the body: an attribute is longer than its transform",
        ),
        (
            "00 00 0009 01 01 00 00 ff",
            "octet 8 of the body: octets follow where a proposal announces no transform",
        ),
    ];
    for (octets, expected) in cases {
        assert_eq!(why(PayloadType::SA, octets), expected);
    }
}

#[test]
fn the_payloads_of_few_fields_are_read() {
    let Body::Ke(ke) = body(PayloadType::KE, "001f 0000 aabbcc") else {
        panic!("a key exchange");
    };
    assert_eq!(
        (ke.group, ke.data),
        (KeyExchangeId::CURVE25519, hex("aabbcc"))
    );
    let Body::CertReq(request) = body(PayloadType::CERTREQ, &format!("04 {}", "ab".repeat(40)))
    else {
        panic!("a request");
    };
    assert_eq!(request.authorities().unwrap().count(), 2);
    let Body::CertReq(request) = body(PayloadType::CERTREQ, "04 abab") else {
        panic!("a request");
    };
    assert!(request.authorities().is_none());
    let Body::Delete(delete) = body(PayloadType::DELETE, "03 04 0002 c1c2c3c4 d1d2d3d4") else {
        panic!("a delete");
    };
    let spis: Vec<_> = delete.each().collect();
    assert_eq!(spis, [hex("c1c2c3c4"), hex("d1d2d3d4")]);
    let Body::Delete(delete) = body(PayloadType::DELETE, "01 00 0000") else {
        panic!("a delete");
    };
    assert_eq!((delete.protocol, delete.each().count()), (Protocol::IKE, 0));
    let Body::Eap(eap) = body(PayloadType::EAP, "01 07 0006 1a 01") else {
        panic!("EAP");
    };
    assert_eq!((eap.identifier, eap.method()), (7, Some(EapType::MSCHAPV2)));
    let Body::Eap(eap) = body(PayloadType::EAP, "03 07 0004") else {
        panic!("EAP");
    };
    assert_eq!(eap.method(), None);
    let Body::Cp(cp) = body(PayloadType::CP, "01 000000 0001 0000 8003 0004 0a000001") else {
        panic!("a configuration");
    };
    assert_eq!(
        cp.attributes[0].kind,
        CfgAttributeType::INTERNAL_IP4_ADDRESS
    );
    assert!(cp.attributes[1].reserved);
    let Body::Skf(fragment) = body(PayloadType::SKF, "0002 0005 aabb") else {
        panic!("a fragment");
    };
    assert_eq!((fragment.number, fragment.total), (2, 5));
}

#[test]
fn identities_show_their_address_or_name() {
    let Body::IdI(id) = body(PayloadType::IDI, "01 000000 c6336401") else {
        panic!("an identity");
    };
    assert_eq!(id.address(), Some(IpAddr::from([198, 51, 100, 1])));
    assert_eq!(id.signed_octets(), hex("01 000000 c6336401"));
    let Body::IdR(id) = body(PayloadType::IDR, "02 000000 6d6f6f6e") else {
        panic!("an identity");
    };
    assert_eq!((id.kind, id.text()), (IdType::FQDN, Some("moon")));
    let Body::IdR(id) = body(PayloadType::IDR, "01 000000 c63364") else {
        panic!("an identity");
    };
    assert_eq!(id.address(), None);
}

#[test]
fn traffic_selectors_of_both_families_and_unknown_ones_are_read() {
    let octets = "03 000000
        07 11 0010 01f4 01f4 0a010000 0a01ffff
        08 00 0028 0000 ffff 20010db8000000000000000000000000 20010db8ffffffffffffffffffffffff
        0a 00 0006 abcd";
    let Body::TsI(ts) = body(PayloadType::TSI, octets) else {
        panic!("selectors");
    };
    let [TrafficSelector::V4(v4), TrafficSelector::V6(v6), other] = ts.selectors.as_slice() else {
        panic!("{ts:?}");
    };
    assert_eq!((v4.protocol, v4.first_port, v4.last_port), (17, 500, 500));
    assert_eq!(v4.last.to_string(), "10.1.255.255");
    assert!(!v4.is_any_traffic() && v6.is_any_traffic());
    assert_eq!(other.kind().to_string(), "TS_SECLABEL");
}

#[test]
fn broken_payloads_are_kept_with_the_reason() {
    let cases = [
        (
            PayloadType::KE,
            "00",
            "octet 0 of the body: the group is cut short",
        ),
        (
            PayloadType::IDI,
            "010000",
            "octet 0 of the body: the type is cut short",
        ),
        (
            PayloadType::CERT,
            "",
            "octet 0 of the body: the encoding is missing",
        ),
        (
            PayloadType::AUTH,
            "02",
            "octet 0 of the body: the method is cut short",
        ),
        (
            PayloadType::NOTIFY,
            "00 08 4004 0102",
            "octet 4 of the body: the SPI is longer than what is left",
        ),
        (
            PayloadType::DELETE,
            "03 04 0002 c1c2c3c4",
            "octet 4 of the body: there are fewer SPIs than it says",
        ),
        (
            PayloadType::DELETE,
            "01 00 0000 ff",
            "octet 4 of the body: octets follow the last SPI",
        ),
        (
            PayloadType::TSI,
            "02 000000 07 00 0010 0000 ffff 00000000 ffffffff",
            "octet 20 of the body: a selector is cut short",
        ),
        (
            PayloadType::TSR,
            "01 000000 07 00 000c 0000 ffff 00000000",
            "octet 16 of the body: the last address of a selector is cut short",
        ),
        (
            PayloadType::TSR,
            "01 000000 07 00 0003",
            "octet 4 of the body: a selector is shorter than its own header",
        ),
        (
            PayloadType::CP,
            "01 000000 0001 0004 0a",
            "octet 8 of the body: an attribute is longer than what is left",
        ),
        (
            PayloadType::EAP,
            "01 07 0007 1a 01",
            "octet 0 of the body: the EAP packet does not have the length that it says",
        ),
        (
            PayloadType::SKF,
            "0001",
            "octet 0 of the body: the fragment's number is cut short",
        ),
    ];
    for (kind, octets, expected) in cases {
        assert_eq!(why(kind, octets), expected, "{kind}");
    }
}

#[test]
fn notifications_tell_what_their_data_means() {
    let meaning = |octets: &str, check: &dyn Fn(NotifyMeaning<'_>)| {
        let Body::Notify(notify) = body(PayloadType::NOTIFY, octets) else {
            panic!("a notification");
        };
        check(notify.meaning());
    };
    let is = |octets: &str, expected: NotifyMeaning<'_>| {
        meaning(octets, &|meaning| assert_eq!(meaning, expected));
    };
    let address = |text: &str| text.parse::<IpAddr>().unwrap();
    is(
        "00 00 0011 0013",
        NotifyMeaning::WantedGroup(KeyExchangeId::ECP_256),
    );
    is("00 00 0011 00", NotifyMeaning::Raw(&[0]));
    is(
        "00 00 0001 35",
        NotifyMeaning::UnsupportedPayload(PayloadType::SKF),
    );
    is("00 00 0018", NotifyMeaning::Plain);
    is("00 00 0018 00", NotifyMeaning::Raw(&[0]));
    is("00 00 9c40", NotifyMeaning::Raw(&[]));
    let hashes = vec![HashAlgorithm::SHA2_256, HashAlgorithm::IDENTITY];
    is(
        "00 00 402f 0002 0005",
        NotifyMeaning::HashAlgorithms(hashes),
    );
    is(
        "00 00 400d c6336401",
        NotifyMeaning::Address(address("198.51.100.1")),
    );
    let no_nats = NotifyMeaning::NoNats {
        source: (address("10.0.0.1"), 500),
        destination: (address("10.0.0.2"), 4500),
    };
    is("00 00 4012 0a000001 0a000002 01f4 1194", no_nats);
    let gateway = NotifyMeaning::Gateway {
        gateway: RedirectGateway::Fqdn(b"gw"),
        nonce: &[9],
    };
    is("00 00 4017 03 02 6777 09", gateway);
    is(
        "00 00 4013 00000e10",
        NotifyMeaning::Lifetime(Duration::from_secs(3600)),
    );
    is(
        "00 00 4039 abcd",
        NotifyMeaning::KeyExchangeLink(&[0xab, 0xcd]),
    );
    is("00 00 4006 aa", NotifyMeaning::Cookie(&[0xaa]));
}

#[test]
fn a_digital_signature_names_its_algorithm() {
    let cases = [
        (
            "300d06092a864886f70d01010b0500",
            "sha256WithRSAEncryption",
            "1.2.840.113549.1.1.11",
        ),
        (
            "300a06082a8648ce3d040302",
            "ecdsa-with-sha256",
            "1.2.840.10045.4.3.2",
        ),
        ("300506032b6570", "Ed25519", "1.3.101.112"),
        (
            "304106092a864886f70d01010a3034a00f300d06096086480165030402010500a11c301a06092a864886
             f70d010108300d06096086480165030402010500a203020120",
            "RSASSA-PSS with SHA-256",
            "1.2.840.113549.1.1.10",
        ),
        (
            "300d06092a864886f70d01010a3000",
            "RSASSA-PSS with SHA-1",
            "1.2.840.113549.1.1.10",
        ),
    ];
    for (identifier, name, figures) in cases {
        let identifier = hex(identifier);
        let mut data = vec![u8::try_from(identifier.len()).unwrap()];
        data.extend_from_slice(&identifier);
        data.extend_from_slice(&[0xee; 3]);
        let auth = Auth {
            method: AuthMethod::DIGITAL_SIGNATURE,
            data,
            ..Auth::default()
        };
        let signature = auth.digital_signature().unwrap().unwrap();
        assert_eq!(signature.algorithm, identifier);
        assert_eq!(signature.signature, [0xee; 3]);
        assert_eq!(signature.known_algorithm().unwrap().name(), name);
        assert_eq!(signature.object_identifier().unwrap(), figures);
    }
    let auth = Auth {
        method: AuthMethod::DIGITAL_SIGNATURE,
        data: vec![9, 1, 2],
        ..Auth::default()
    };
    assert_eq!(auth.digital_signature(), Some(Err(BadDigitalSignature)));
    assert_eq!(Auth::default().digital_signature(), None);
}

#[test]
fn a_message_that_contradicts_its_length_is_kept_as_it_is() {
    let mut bytes = Message {
        payloads: vec![Body::Nonce(vec![1; 16]).into()],
        ..Message::default()
    }
    .emit();
    bytes.extend_from_slice(b"more");
    let message = Message::parse(&bytes).unwrap();
    assert_eq!(message.header.false_length, Some(48));
    assert_eq!(message.trailing, b"more");
    assert_eq!(message.emit(), bytes);
}

#[test]
fn other_versions_are_not_read_as_ikev2() {
    let mut bytes = Message::default().emit();
    bytes[17] = 0x10;
    let error = Message::parse(&bytes).unwrap_err();
    assert_eq!(
        error.to_string(),
        "octet 17: major version 1 is not that of IKEv2"
    );
}

proptest! {
    #[test]
    fn a_message_that_was_emitted_is_parsed_to_the_same(message in any_message()) {
        let bytes = message.emit();
        let parsed = Message::parse(&bytes).unwrap();
        prop_assert_eq!(&parsed, &message);
        prop_assert_eq!(parsed.emit(), bytes);
    }

    #[test]
    fn a_chain_that_was_emitted_is_parsed_to_the_same(chain in any_chain()) {
        let bytes = chain.emit();
        let parsed = Chain::parse(chain.first(), &bytes).unwrap();
        prop_assert_eq!(&parsed, &chain);
        prop_assert_eq!(parsed.emit(), bytes);
    }

    #[test]
    fn a_message_that_was_changed_is_refused_or_emitted_as_it_came(
        message in any_message(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        cut in prop::option::of(any::<prop::sample::Index>()),
    ) {
        let mut bytes = message.emit();
        for (at, octet) in changes {
            let at = at.index(bytes.len());
            bytes[at] = octet;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        if let Ok(parsed) = Message::parse(&bytes) {
            prop_assert_eq!(parsed.emit(), bytes);
        }
    }

    #[test]
    fn the_body_of_every_type_is_decoded_and_emitted_as_it_came(
        kind in any::<u8>(),
        bytes in prop::collection::vec(any::<u8>(), 0..120),
    ) {
        let body = Body::decode(PayloadType(kind), PayloadType::NONE, &bytes);
        prop_assert_eq!(body.kind(), PayloadType(kind));
        prop_assert_eq!(body.emit(), bytes);
    }

    #[test]
    fn every_notification_has_a_meaning(
        kind in prop_oneof![any::<u16>(), (0..NotifyType::NAMED.len()).prop_map(|i| NotifyType::NAMED[i].0)],
        data in prop::collection::vec(any::<u8>(), 0..60),
    ) {
        let notify = Notify::new(NotifyType(kind), data);
        let told = format!("{} {:?}", notify.kind, notify.meaning());
        prop_assert!(!told.is_empty());
    }

    #[test]
    fn the_authentication_data_of_any_octets_is_taken_apart_without_a_panic(
        data in prop::collection::vec(any::<u8>(), 0..80),
    ) {
        let auth = Auth { method: AuthMethod::DIGITAL_SIGNATURE, data, ..Auth::default() };
        if let Some(Ok(signature)) = auth.digital_signature() {
            let _ = (signature.known_algorithm(), signature.object_identifier());
        }
    }
}
