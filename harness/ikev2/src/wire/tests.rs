use proptest::prelude::*;

use super::*;
use crate::hex::hex;

const HEADER: &str = "0102030405060708 1112131415161718 28 20 22 28 00000003 ";

#[test]
fn the_fields_of_the_header_are_where_the_rfc_puts_them() {
    let bytes = hex("0102030405060708 1112131415161718 21 23 25 39 a1a2a3a4 0000001c");
    let view = MessageView::new(&bytes).unwrap();
    assert_eq!(view.initiator_spi(), 0x0102_0304_0506_0708);
    assert_eq!(view.responder_spi(), 0x1112_1314_1516_1718);
    assert_eq!(view.next_payload(), PayloadType::SA);
    assert_eq!((view.major_version(), view.minor_version()), (2, 3));
    assert_eq!(view.exchange_type(), ExchangeType::INFORMATIONAL);
    assert_eq!(view.message_id(), 0xa1a2_a3a4);
    assert_eq!(view.length(), 28);
    let flags = view.flags();
    assert!(flags.is_initiator() && flags.is_version() && flags.is_response());
    assert_eq!(flags.reserved(), 0x01);
}

#[test]
fn fewer_octets_than_a_header_are_no_message() {
    let error = MessageView::new(&[0; 27]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "octet 27: a message begins with 28 octets of header, and only 27 are there"
    );
}

#[test]
fn a_message_of_ikev1_is_recognised_and_its_payloads_are_not_read() {
    let bytes = hex("0102030405060708 0000000000000000 01 10 02 00 00000000 0000001c");
    let view = MessageView::new(&bytes).unwrap();
    assert!(view.is_ikev1());
    assert_eq!(view.v1_exchange_type(), V1ExchangeType::IDENTITY_PROTECTION);
    let error = view.payloads().next().unwrap().unwrap_err();
    assert_eq!(error.reason, Reason::Version { major: 1 });
    assert_eq!(view.payloads().count(), 1);
}

#[test]
fn the_chain_is_followed_to_its_end() {
    let bytes = hex(&format!("{HEADER} 0000002a 2b800006aabb 00000008 01020304"));
    let view = MessageView::new(&bytes).unwrap();
    let payloads: Vec<_> = view.payloads().map(Result::unwrap).collect();
    let [nonce, vendor] = payloads.as_slice() else {
        panic!("two payloads, not {payloads:?}");
    };
    assert_eq!(
        (nonce.kind, nonce.next),
        (PayloadType::NONCE, PayloadType::VENDOR_ID)
    );
    assert!(nonce.critical && nonce.reserved == 0);
    assert_eq!((nonce.offset, nonce.body), (28, &[0xaa, 0xbb][..]));
    assert_eq!((vendor.offset, vendor.body), (34, &[1, 2, 3, 4][..]));
    assert_eq!(
        nonce.body.len() + vendor.body.len() + 8 + HEADER_LEN,
        bytes.len()
    );
}

#[test]
fn an_encrypted_payload_ends_the_chain_though_it_names_a_next_one() {
    let mut bytes = hex(&format!("{HEADER} 00000024 23000008 01020304"));
    bytes[16] = PayloadType::SK.0;
    let view = MessageView::new(&bytes).unwrap();
    let payloads: Vec<_> = view.payloads().map(Result::unwrap).collect();
    assert_eq!(payloads.len(), 1);
    assert_eq!(payloads[0].next, PayloadType::IDI);
}

#[test]
fn each_way_to_break_the_chain_is_told_with_its_place() {
    let cases = [
        (
            "0000001b",
            "octet 24: the header says that the message has 27 octets, less than the header itself",
        ),
        (
            "00000022 0000000a 0102",
            "octet 28: the Nonce payload says that it has 10 octets, and only 6 are left",
        ),
        (
            "00000020 00000003",
            "octet 28: the Nonce payload says that it has 3 octets, less than its own header",
        ),
        (
            "0000001f 000000",
            "octet 28: the header of the Nonce payload does not fit into the 3 octets that are left",
        ),
        (
            "00000030 00000008 01020304",
            "octet 36: the header says that the message has 48 octets, and only 36 are there",
        ),
        (
            "00000030 00000014 01020304",
            "octet 36: the header says that the message has 48 octets, and only 36 are there",
        ),
        (
            "00000024 2b000004 00000009",
            "octet 32: the V payload says that it has 9 octets, and only 4 are left",
        ),
    ];
    for (rest, expected) in cases {
        let bytes = hex(&format!("{HEADER} {rest}"));
        let view = MessageView::new(&bytes).unwrap();
        let error = view.payloads().find_map(Result::err).expect(expected);
        assert_eq!(error.to_string(), expected);
    }
}

#[test]
fn what_follows_the_length_of_the_header_is_set_apart() {
    let bytes = hex(&format!("{HEADER} 00000024 00000008 01020304 ffff"));
    let view = MessageView::new(&bytes).unwrap();
    assert_eq!(view.covered().len(), 36);
    assert_eq!(view.beyond(), [0xff, 0xff]);
    assert!(view.payloads().all(|payload| payload.is_ok()));
}

#[test]
fn a_false_payload_length_can_be_written() {
    let mut out = Vec::new();
    write_payload(&mut out, PayloadType::NONE, true, 0x7f, Some(3), &[1]);
    assert_eq!(out, [0, 0xff, 0, 3, 1]);
    out.clear();
    write_payload(&mut out, PayloadType::SA, false, 0, None, &[0; 65_532]);
    assert_eq!(out[..4], [33, 0, 0xff, 0xff]);
}

proptest! {
    #[test]
    fn octets_of_any_kind_are_walked_to_an_end(
        mut bytes in prop::collection::vec(any::<u8>(), 28..400),
        honest in any::<bool>(),
        first in any::<u8>(),
    ) {
        if honest {
            bytes[16] = first;
            bytes[17] = 0x20;
            let length = u32::try_from(bytes.len()).unwrap();
            bytes[24..28].copy_from_slice(&length.to_be_bytes());
        }
        let view = MessageView::new(&bytes).unwrap();
        let mut payloads = view.payloads();
        let mut offset = HEADER_LEN;
        for payload in payloads.by_ref() {
            match payload {
                Ok(payload) => {
                    prop_assert_eq!(payload.offset, offset);
                    offset += PAYLOAD_HEADER_LEN + payload.body.len();
                    prop_assert!(offset <= bytes.len());
                }
                Err(error) => prop_assert!(error.offset <= bytes.len()),
            }
        }
        prop_assert!(payloads.next().is_none());
    }
}
