//! Messages of every payload, with every field taking every value that its octets can hold.

use std::net::{Ipv4Addr, Ipv6Addr};

use proptest::collection::vec;
use proptest::prelude::*;

use crate::message::*;
use crate::numbers::*;
use crate::wire::Flags;

pub(super) fn any_message() -> impl Strategy<Value = Message> {
    (any_header(), any_payloads(), octets(0..20)).prop_map(|(header, payloads, trailing)| Message {
        header,
        payloads,
        trailing,
    })
}

pub(super) fn any_chain() -> impl Strategy<Value = Chain> {
    (any_payloads(), octets(0..20)).prop_map(|(payloads, trailing)| Chain { payloads, trailing })
}

fn any_header() -> impl Strategy<Value = Header> {
    let spis = any::<(u64, u64)>();
    (spis, 0..16_u8, any::<u8>(), any::<u8>(), any::<u32>()).prop_map(
        |((initiator_spi, responder_spi), minor_version, exchange, flags, message_id)| Header {
            initiator_spi,
            responder_spi,
            minor_version,
            exchange: ExchangeType(exchange),
            flags: Flags(flags),
            message_id,
            false_length: None,
        },
    )
}

/// Encrypted payloads end a chain, so that they stand last.
fn any_payloads() -> impl Strategy<Value = Vec<Payload>> {
    let clear = vec(any_payload(any_clear_body().boxed()), 0..8);
    let last = prop::option::of(any_payload(any_encrypted_body().boxed()));
    (clear, last).prop_map(|(mut payloads, last)| {
        payloads.extend(last);
        payloads
    })
}

fn any_payload(body: BoxedStrategy<Body>) -> impl Strategy<Value = Payload> {
    (any::<bool>(), 0..128_u8, body).prop_map(|(critical, reserved, body)| Payload {
        critical,
        reserved,
        body,
    })
}

fn any_encrypted_body() -> impl Strategy<Value = Body> {
    let sk = (any::<u8>(), octets(0..80)).prop_map(|(first, content)| {
        let first = PayloadType(first);
        Body::Sk(Encrypted { first, content })
    });
    let skf = (any::<u8>(), any::<(u16, u16)>(), octets(0..80));
    let skf = skf.prop_map(|(first, (number, total), content)| {
        Body::Skf(EncryptedFragment {
            first: PayloadType(first),
            number,
            total,
            content,
        })
    });
    prop_oneof![sk, skf]
}

fn any_clear_body() -> impl Strategy<Value = Body> {
    prop_oneof![
        vec(any_proposal(), 0..4).prop_map(|proposals| Body::Sa(SecurityAssociation { proposals })),
        (any::<u16>(), any::<[u8; 2]>(), octets(0..80)).prop_map(|(group, reserved, data)| {
            let group = KeyExchangeId(group);
            Body::Ke(KeyExchange {
                group,
                reserved,
                data,
            })
        }),
        any_identity().prop_map(Body::IdI),
        any_identity().prop_map(Body::IdR),
        (any::<u8>(), octets(0..80)).prop_map(|(encoding, data)| {
            let encoding = CertEncoding(encoding);
            Body::Cert(Certificate { encoding, data })
        }),
        (any::<u8>(), octets(0..80)).prop_map(|(encoding, data)| {
            let encoding = CertEncoding(encoding);
            Body::CertReq(CertificateRequest { encoding, data })
        }),
        (any::<u8>(), any::<[u8; 3]>(), octets(0..80)).prop_map(|(method, reserved, data)| {
            let method = AuthMethod(method);
            Body::Auth(Auth {
                method,
                reserved,
                data,
            })
        }),
        octets(0..300).prop_map(Body::Nonce),
        (any::<u8>(), octets(0..20), any::<u16>(), octets(0..40)).prop_map(
            |(protocol, spi, kind, data)| {
                let (protocol, kind) = (Protocol(protocol), NotifyType(kind));
                Body::Notify(Notify {
                    protocol,
                    spi,
                    kind,
                    data,
                })
            }
        ),
        any_delete().prop_map(Body::Delete),
        octets(0..40).prop_map(Body::VendorId),
        any_selectors().prop_map(Body::TsI),
        any_selectors().prop_map(Body::TsR),
        any_configuration().prop_map(Body::Cp),
        (any::<u8>(), any::<u8>(), octets(0..40)).prop_map(|(code, identifier, data)| {
            let code = EapCode(code);
            Body::Eap(Eap {
                code,
                identifier,
                data,
            })
        }),
        (any::<u8>(), octets(0..40)).prop_filter_map("a type that is known", |(kind, bytes)| {
            let kind = PayloadType(kind);
            let is_decoded = (33..=48).contains(&kind.0) || kind == PayloadType::SKF;
            (kind != PayloadType::NONE && !is_decoded).then_some(Body::Unknown { kind, bytes })
        }),
    ]
}

fn any_proposal() -> impl Strategy<Value = Proposal> {
    let transforms = vec(any_transform(), 0..6);
    (any::<[u8; 3]>(), octets(0..12), transforms).prop_map(
        |([reserved, number, protocol], spi, transforms)| Proposal {
            reserved,
            number,
            protocol: Protocol(protocol),
            spi,
            transforms,
        },
    )
}

fn any_transform() -> impl Strategy<Value = Transform> {
    let value = prop_oneof![
        any::<u16>().prop_map(AttributeValue::Short),
        octets(0..10).prop_map(AttributeValue::Long),
    ];
    let attribute = (0..0x8000_u16, value).prop_map(|(kind, value)| Attribute {
        kind: AttributeType(kind),
        value,
    });
    (
        any::<[u8; 2]>(),
        any::<u8>(),
        any::<u16>(),
        vec(attribute, 0..3),
    )
        .prop_map(|(reserved, kind, id, attributes)| Transform {
            reserved,
            kind: TransformType(kind),
            id,
            attributes,
        })
}

fn any_identity() -> impl Strategy<Value = Identification> {
    (any::<u8>(), any::<[u8; 3]>(), octets(0..60)).prop_map(|(kind, reserved, data)| {
        Identification {
            kind: IdType(kind),
            reserved,
            data,
        }
    })
}

fn any_delete() -> impl Strategy<Value = Delete> {
    let spis = (0..9_u8, 0..6_u16).prop_flat_map(|(spi_size, count)| {
        let octets_of_all = usize::from(spi_size) * usize::from(count);
        (Just((spi_size, count)), vec(any::<u8>(), octets_of_all))
    });
    (any::<u8>(), spis).prop_map(|(protocol, ((spi_size, count), spis))| Delete {
        protocol: Protocol(protocol),
        spi_size,
        count,
        spis,
    })
}

fn any_selectors() -> impl Strategy<Value = TrafficSelectors> {
    let v4 = any_range(any::<u32>().prop_map(Ipv4Addr::from)).prop_map(TrafficSelector::V4);
    let v6 = any_range(any::<u128>().prop_map(Ipv6Addr::from)).prop_map(TrafficSelector::V6);
    let other = (any::<u8>(), any::<u8>(), octets(0..20));
    let other = other.prop_filter_map("a type that is known", |(kind, protocol, bytes)| {
        let kind = TsType(kind);
        let is_known = kind == TsType::IPV4_ADDR_RANGE || kind == TsType::IPV6_ADDR_RANGE;
        (!is_known).then_some(TrafficSelector::Other {
            kind,
            protocol,
            bytes,
        })
    });
    (any::<[u8; 3]>(), vec(prop_oneof![v4, v6, other], 0..5)).prop_map(|(reserved, selectors)| {
        TrafficSelectors {
            reserved,
            selectors,
        }
    })
}

fn any_range<A: std::fmt::Debug>(
    address: impl Strategy<Value = A> + Clone,
) -> impl Strategy<Value = AddressRange<A>> {
    (
        any::<u8>(),
        any::<u16>(),
        any::<u16>(),
        address.clone(),
        address,
    )
        .prop_map(
            |(protocol, first_port, last_port, first, last)| AddressRange {
                protocol,
                first_port,
                last_port,
                first,
                last,
            },
        )
}

fn any_configuration() -> impl Strategy<Value = Configuration> {
    let attribute = (any::<bool>(), 0..0x8000_u16, octets(0..20));
    let attribute = attribute.prop_map(|(reserved, kind, value)| ConfigurationAttribute {
        reserved,
        kind: CfgAttributeType(kind),
        value,
    });
    (any::<u8>(), any::<[u8; 3]>(), vec(attribute, 0..5)).prop_map(
        |(kind, reserved, attributes)| Configuration {
            kind: CfgType(kind),
            reserved,
            attributes,
        },
    )
}

fn octets(count: std::ops::Range<usize>) -> impl Strategy<Value = Vec<u8>> + Clone {
    vec(any::<u8>(), count)
}
