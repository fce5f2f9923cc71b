use std::net::SocketAddr;

use cases::Role;
use reports::cause::{CauseCode, Side};
use transcript::model::{
    Capture, Content, EspFlow, IkeSa, Keys, Named, Notify, Payload, Proposal, SCHEMA,
    TrafficSelector, Transform, Transmission,
};

use super::*;
use transcript::model::query::{CREATE_CHILD_SA, IKE_AUTH, IKE_SA_INIT, INFORMATIONAL};
use transcript::model::{Arrival, Authentication, Role as End};

mod nat;
mod pairs;
mod unclear;

const MOON: &str = "198.51.100.1";
const SUN: &str = "198.51.100.2";

#[test]
fn a_negotiation_that_both_ends_accept_is_established() {
    let story = [init(), chosen(), auth(), accepted()];
    assert_eq!(conclude(&told(story)), Conclusion::Established);
}

#[test]
fn a_capture_without_ike_has_no_conclusion() {
    assert_eq!(conclude(&told([])), Conclusion::NoIke);
}

#[test]
fn every_end_of_a_negotiation_has_its_cause() {
    use CauseCode::*;
    let refused = |name| from(SUN, Message::response(IKE_AUTH), &[name]);
    let cases: Vec<(&str, Vec<Message>, CauseCode, Side)> = vec![
        ("nothing comes back", vec![init()], PathNoAnswer, Side::Path),
        (
            "the request arrives, and the responder says nothing",
            vec![arriving(init(), true)],
            PathNoAnswer,
            Side::Responder,
        ),
        (
            "the answer is lost",
            vec![arriving(init(), true), arriving(chosen(), false)],
            PathOneWay,
            Side::Path,
        ),
        (
            "no proposal",
            vec![
                init(),
                from(SUN, Message::response(IKE_SA_INIT), &["NO_PROPOSAL_CHOSEN"]),
            ],
            ProposalIkeNoneInCommon,
            Side::Responder,
        ),
        (
            "another group again and again",
            [0, 1, 2]
                .iter()
                .flat_map(|_| {
                    [
                        init(),
                        from(SUN, Message::response(IKE_SA_INIT), &["INVALID_KE_PAYLOAD"]),
                    ]
                })
                .collect(),
            ProposalKeGroupLoop,
            Side::Responder,
        ),
        (
            "the version is refused",
            vec![
                init(),
                from(
                    SUN,
                    Message::response(IKE_SA_INIT),
                    &["INVALID_MAJOR_VERSION"],
                ),
            ],
            RouterIkeVersion,
            Side::Responder,
        ),
        (
            "authentication is refused",
            vec![init(), chosen(), auth(), refused("AUTHENTICATION_FAILED")],
            AuthFailed,
            Side::Responder,
        ),
        (
            "selectors are refused",
            vec![init(), chosen(), auth(), refused("TS_UNACCEPTABLE")],
            SelectorsUnacceptable,
            Side::Responder,
        ),
        (
            "ESP proposals are refused",
            vec![init(), chosen(), auth(), refused("NO_PROPOSAL_CHOSEN")],
            ProposalEspNoneInCommon,
            Side::Responder,
        ),
        (
            "the initiator takes it back",
            vec![
                init(),
                chosen(),
                auth(),
                accepted(),
                from(
                    MOON,
                    Message::request(INFORMATIONAL),
                    &["AUTHENTICATION_FAILED"],
                ),
            ],
            AuthFailed,
            Side::Initiator,
        ),
        (
            "a key exchange for a new Child SA is refused",
            vec![
                init(),
                chosen(),
                auth(),
                accepted(),
                asking(3, true),
                from(
                    SUN,
                    Message::response(CREATE_CHILD_SA),
                    &["NO_PROPOSAL_CHOSEN"],
                ),
            ],
            ProposalPfsMismatch,
            Side::Responder,
        ),
        (
            "IKE_AUTH is lost on the port of NAT traversal",
            vec![
                arriving(init(), true),
                arriving(chosen(), true),
                arriving(on_4500(auth()), false),
            ],
            PathPort4500Blocked,
            Side::Path,
        ),
        (
            "a large IKE_AUTH is lost where a small message passed",
            vec![
                arriving(init(), true),
                arriving(chosen(), true),
                arriving(auth(), false),
            ],
            PathMtuBlackHole,
            Side::Path,
        ),
        (
            "IKE_AUTH is lost in IP fragments",
            vec![
                arriving(init(), true),
                arriving(chosen(), true),
                arriving(fragmented(auth()), false),
            ],
            PathFragmentsLost,
            Side::Path,
        ),
    ];
    for (what, messages, code, side) in cases {
        let Conclusion::Failed(finding) = conclude(&told(messages)) else {
            panic!("{what}: no finding");
        };
        assert_eq!((finding.code, finding.side), (code, side), "{what}");
        assert!(finding.packet.is_some(), "{what}: no packet");
        assert!(finding.detail.en.is_ascii() && !finding.detail.ja.is_ascii());
    }
}

#[test]
fn groups_asked_for_in_turn_are_a_loop_although_each_round_has_its_own_spi() {
    let conclusion = |groups: [&str; 4]| {
        let mut messages = Vec::new();
        for (sa, group) in groups.into_iter().enumerate() {
            let mut answer = from(SUN, Message::response(IKE_SA_INIT), &["INVALID_KE_PAYLOAD"]);
            if let Content::Notify(notify) = &mut answer.payloads[0].content {
                notify.data.push(group.into());
            }
            for message in [init(), answer] {
                messages.push(Message { sa, ..message });
            }
        }
        let mut transcript = told(messages);
        let sa = transcript.ike_sas[0].clone();
        transcript.ike_sas = vec![sa; groups.len()];
        failed(&transcript).code
    };
    assert_eq!(
        conclusion(["14", "19", "14", "19"]),
        CauseCode::ProposalKeGroupLoop
    );
    // One that the initiator never takes.
    assert_eq!(
        conclusion(["14", "14", "14", "14"]),
        CauseCode::ProposalIkeNoneInCommon
    );
}

#[test]
fn a_rekeying_that_works_in_the_end_is_no_failure() {
    let mut again = from(SUN, Message::response(CREATE_CHILD_SA), &[]);
    again.payloads.push(choice());
    let story = [
        init(),
        chosen(),
        auth(),
        accepted(),
        from(
            SUN,
            Message::response(CREATE_CHILD_SA),
            &["INVALID_KE_PAYLOAD"],
        ),
        again,
    ];
    assert_eq!(conclude(&told(story)), Conclusion::Established);
}

#[test]
fn esp_that_never_arrives_is_blocked_and_what_is_recorded_twice_is_no_loss() {
    let standing = || told([init(), chosen(), auth(), accepted()]);
    let mut blocked = standing();
    blocked.esp.push(EspFlow {
        arrived: Some(0),
        ..flow(MOON, SUN)
    });
    let finding = failed(&blocked);
    assert_eq!(
        (finding.code, finding.side, finding.by),
        (CauseCode::PathEspBlocked, Side::Path, Role::Initiator)
    );
    // A mirror port shows every packet twice.
    let mut twice = standing();
    for (from, to) in [(SUN, MOON), (MOON, SUN)] {
        twice.esp.push(EspFlow {
            repeated: 3,
            ..flow(from, to)
        });
    }
    assert_eq!(conclude(&twice), Conclusion::Established);
}

#[test]
fn an_answer_may_narrow_the_selectors_and_not_go_beyond_them() {
    const ALL: [u16; 2] = [0, u16::MAX];
    let conclusion = |answer: &[(u8, [u16; 2], [&str; 2])]| {
        let offer = protecting(auth(), &[(0, ALL, ["203.0.113.0", "203.0.113.63"])]);
        conclude(&told([
            init(),
            chosen(),
            offer,
            protecting(accepted(), answer),
        ]))
    };
    for narrowed in [
        (0, ALL, ["203.0.113.0", "203.0.113.63"]),
        (17, [500, 500], ["203.0.113.9", "203.0.113.9"]),
    ] {
        assert_eq!(conclusion(&[narrowed]), Conclusion::Established);
    }
    for beyond in [
        (0, ALL, ["192.0.2.0", "192.0.2.255"]),
        (0, ALL, ["203.0.113.0", "203.0.113.64"]),
        (0, ALL, ["2001:db8::", "2001:db8::1"]),
    ] {
        let within = (0, ALL, ["203.0.113.1", "203.0.113.1"]);
        let Conclusion::Failed(finding) = conclusion(&[within, beyond]) else {
            panic!("{beyond:?}: no finding");
        };
        assert_eq!(
            (finding.code, finding.side, finding.packet),
            (CauseCode::SelectorsNotNarrowed, Side::Responder, Some(4))
        );
    }
}

fn failed(transcript: &Transcript) -> Finding {
    let conclusion = conclude(transcript);
    let Conclusion::Failed(finding) = conclusion else {
        panic!("{conclusion:?}");
    };
    finding
}

fn unclear(transcript: &Transcript) -> String {
    let conclusion = conclude(transcript);
    let Conclusion::Unclear(finding) = conclusion else {
        panic!("{conclusion:?}");
    };
    assert!(!finding.detail.ja.is_ascii(), "{finding:?}");
    finding.detail.en
}

fn told(messages: impl IntoIterator<Item = Message>) -> Transcript {
    let mut messages: Vec<Message> = messages.into_iter().collect();
    for (number, message) in messages.iter_mut().enumerate() {
        message.at_us = i64::try_from(number).unwrap() * 1000;
        for sent in &mut message.transmissions {
            sent.packet = number as u64 + 1;
        }
    }
    let ike_sas = messages.first().map(|_| IkeSa {
        spi_i: "00".repeat(8),
        spi_r: None,
        initiator: address(MOON, 500),
        responder: address(SUN, 500),
        chosen: None,
        from_the_beginning: true,
        rekeys: None,
        keys: Keys::Known,
    });
    Transcript {
        schema: SCHEMA,
        capture: Capture::default(),
        peers: Vec::new(),
        ike_sas: ike_sas.into_iter().collect(),
        messages,
        esp: Vec::new(),
        nat_keepalives: Vec::new(),
        ip_fragments: Vec::new(),
        icmp_errors: Vec::new(),
        notes: Vec::new(),
    }
}

/// A message by its exchange and direction.
trait Kind {
    fn request(exchange: u32) -> Message;
    fn response(exchange: u32) -> Message;
}

impl Kind for Message {
    fn request(exchange: u32) -> Message {
        message(exchange, false)
    }

    fn response(exchange: u32) -> Message {
        message(exchange, true)
    }
}

fn message(exchange: u32, response: bool) -> Message {
    Message {
        sa: 0,
        exchange: Named::new(exchange, "EXCHANGE"),
        message_id: exchange - IKE_SA_INIT,
        response,
        from: End::Initiator,
        source: address(MOON, 500),
        destination: address(SUN, 500),
        version: "2.0".into(),
        at_us: 0,
        octets: 300,
        transmissions: vec![Transmission {
            packet: 1,
            at_us: 0,
            arrival: Arrival::Unknown,
            ip_fragments: 0,
        }],
        more_transmissions: 0,
        fragments: None,
        protection: Protection::Decrypted,
        payloads: Vec::new(),
        more_payloads: 0,
        malformed: None,
    }
}

fn from(source: &str, mut message: Message, notifies: &[&'static str]) -> Message {
    if source == SUN {
        message.from = End::Responder;
        (message.source, message.destination) = (address(SUN, 500), address(MOON, 500));
    }
    for name in notifies {
        message.payloads.push(payload(Content::Notify(Notify {
            kind: Named::new(1u32, *name),
            error: true,
            protocol: None,
            spi: None,
            octets: 0,
            data: Vec::new(),
            nat: false,
        })));
    }
    message
}

fn init() -> Message {
    from(MOON, Message::request(IKE_SA_INIT), &[])
}

fn chosen() -> Message {
    let mut message = from(SUN, Message::response(IKE_SA_INIT), &[]);
    message.payloads.push(choice());
    message
}

/// CREATE_CHILD_SA of the initiator: protocol of its proposal, with or without KE.
fn asking(protocol: u32, with_ke: bool) -> Message {
    let mut message = from(MOON, Message::request(CREATE_CHILD_SA), &[]);
    message.payloads.push(proposing(protocol, &[]));
    if with_ke {
        message.payloads.push(payload(Content::KeyExchange {
            group: Named::new(19u32, "256-bit random ECP group"),
            octets: 64,
        }));
    }
    message
}

fn auth() -> Message {
    let mut message = from(MOON, Message::request(IKE_AUTH), &[]);
    message.octets = 1300;
    message
}

fn accepted() -> Message {
    let mut message = from(SUN, Message::response(IKE_AUTH), &[]);
    let auth = Content::Authentication(Authentication {
        method: Named::new(2u32, "Shared Key Message Integrity Code"),
        octets: 32,
        signature: None,
    });
    message.payloads.extend([payload(auth), choice()]);
    let all = (0, [0, u16::MAX], ["203.0.113.0", "203.0.113.63"]);
    message.payloads.push(selectors(End::Responder, &[all]));
    message
}

/// With a TSi payload: protocol, ports, addresses.
fn protecting(mut message: Message, chosen: &[Selector<'_>]) -> Message {
    message.payloads.push(selectors(End::Initiator, chosen));
    message
}

/// Protocol, ports, addresses.
type Selector<'a> = (u8, [u16; 2], [&'a str; 2]);

fn selectors(of: End, selectors: &[Selector<'_>]) -> Payload {
    let selectors = selectors.iter().map(|(protocol, ports, addresses)| {
        let addresses = addresses.map(|address| address.parse().unwrap());
        TrafficSelector {
            kind: Named::new(7u32, "TS_IPV4_ADDR_RANGE"),
            protocol: *protocol,
            ports: *ports,
            addresses: Some(addresses),
            text: format!("{}-{}", addresses[0], addresses[1]),
        }
    });
    payload(Content::TrafficSelectors {
        of,
        selectors: selectors.collect(),
        more: 0,
    })
}

fn arriving(mut message: Message, arrives: bool) -> Message {
    for sent in &mut message.transmissions {
        sent.arrival = if arrives {
            Arrival::Arrived { packet: 99 }
        } else {
            Arrival::Lost
        };
    }
    message
}

fn on_4500(mut message: Message) -> Message {
    message.destination.set_port(NAT_PORT);
    message
}

fn fragmented(mut message: Message) -> Message {
    message.transmissions[0].ip_fragments = 2;
    message
}

fn choice() -> Payload {
    proposing(1, &[])
}

/// A proposal with key exchange groups.
fn proposing(protocol: u32, groups: &[&'static str]) -> Payload {
    let transforms = groups.iter().map(|group| Transform {
        kind: Named::new(4u32, "KE"),
        id: Named::new(1u32, *group),
        key_length: None,
    });
    payload(Content::SecurityAssociation {
        proposals: vec![Proposal {
            number: 1,
            protocol: Named::new(protocol, "IKE"),
            spi: None,
            transforms: transforms.collect(),
        }],
        more: 0,
    })
}

fn payload(content: Content) -> Payload {
    Payload {
        kind: Named::new(0u32, "PAYLOAD"),
        critical: false,
        protected: true,
        octets: 0,
        content,
    }
}

fn flow(source: &str, destination: &str) -> EspFlow {
    EspFlow {
        spi: "c0000001".into(),
        source: source.parse().unwrap(),
        destination: destination.parse().unwrap(),
        in_udp: false,
        packets: 3,
        arrived: None,
        octets: 300,
        first_packet: 5,
        last_packet: 7,
        first_us: 0,
        last_us: 0,
        sequence_min: 1,
        sequence_max: 3,
        repeated: 0,
    }
}

fn address(host: &str, port: u16) -> SocketAddr {
    SocketAddr::new(host.parse().unwrap(), port)
}
