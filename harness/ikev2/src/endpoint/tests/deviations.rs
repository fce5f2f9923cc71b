use super::*;
use crate::deviation::Change;
use crate::deviation::{
    At, Edit, FragmentChange, MessageChange, Octets, Place, Position, SendingChange,
};
use crate::message::{Body, Payload};
use crate::numbers::{ExchangeType, PayloadType};
use crate::wire::Flags;

const INIT: ExchangeType = ExchangeType::IKE_SA_INIT;
const AUTH: ExchangeType = ExchangeType::IKE_AUTH;
const INFORMATIONAL: ExchangeType = ExchangeType::INFORMATIONAL;

/// An attempt in which the initiator does one thing wrong.
fn attempt(deviation: Deviation) -> Net {
    let (a, b) = both();
    let mut net = Net::new(a, b);
    net.ends[A].deviate(deviation);
    net.initiate();
    net.run();
    assert_eq!(net.ends[A].unapplied().count(), 0);
    net
}

fn unknown(critical: bool) -> Payload {
    Payload {
        critical,
        reserved: 0,
        body: Body::Unknown {
            kind: PayloadType(200),
            bytes: vec![1, 2, 3],
        },
    }
}

#[test]
fn a_payload_that_is_not_known_is_skipped_unless_it_is_critical() {
    for exchange in [INIT, AUTH] {
        for critical in [false, true] {
            let payload = unknown(critical);
            let at = Position::First;
            let change = MessageChange::Add { payload, at };
            let net = attempt(Deviation::new(At::request(exchange), change));
            if critical {
                assert_eq!(net.refusals(A), [NotifyType::UNSUPPORTED_CRITICAL_PAYLOAD]);
            } else {
                net.assert_agreed(1);
            }
        }
    }
}

#[test]
fn a_response_with_a_critical_payload_that_is_not_known_is_rejected() {
    for exchange in [INIT, AUTH] {
        let (a, b) = both();
        let mut net = Net::new(a, b);
        let payload = unknown(true);
        let at = Position::First;
        let change = MessageChange::Add { payload, at };
        net.ends[B].deviate(Deviation::new(At::response(exchange), change));
        net.initiate();
        net.run();
        let mut agreed = net.ends.iter().flat_map(Endpoint::sas);
        assert!(agreed.all(|sa| sa.phase() != Phase::Established));
    }
}

#[test]
fn a_changed_octet_is_noticed_before_anything_is_believed() {
    let flip = Octets::Flip(Place::FromEnd(20));
    for change in [
        Change::Sealed(flip),
        Change::Sealed(Octets::Truncate(90)),
        Change::Sealed(Octets::Append(vec![0; 4])),
    ] {
        let net = attempt(Deviation::new(At::request(AUTH), change));
        assert_eq!(net.discarded(B).len(), 1);
        assert_eq!(net.open(B).next().unwrap().phase(), Phase::AwaitingAuth);
    }
}

#[test]
fn octets_that_are_changed_before_encryption_are_believed_and_found_malformed() {
    // The length of the first payload.
    let change = Octets::Set(Place::FromStart(2), vec![0xff, 0xff]);
    let net = attempt(Deviation::new(At::request(AUTH), Change::Plaintext(change)));
    assert_eq!(net.closed(B), [Closed::InvalidSyntax]);
    assert_eq!(net.refusals(A), [NotifyType::INVALID_SYNTAX]);
}

#[test]
fn each_missing_payload_of_ike_auth_is_refused() {
    for (kind, expected) in [
        (PayloadType::IDI, NotifyType::INVALID_SYNTAX),
        (PayloadType::AUTH, NotifyType::INVALID_SYNTAX),
        (PayloadType::SA, NotifyType::INVALID_SYNTAX),
        (PayloadType::TSI, NotifyType::INVALID_SYNTAX),
    ] {
        let change = MessageChange::Drop(kind);
        let net = attempt(Deviation::new(At::request(AUTH), change));
        assert_eq!(net.refusals(A), [expected], "{kind}");
    }
}

#[test]
fn what_was_signed_is_what_was_sent() {
    // Both ends sign and check the same octets, also of a message that differs from the usual one.
    let payload = Payload::new(Body::VendorId(b"wrong on purpose".to_vec()));
    let change = MessageChange::Add {
        payload,
        at: Position::Last,
    };
    attempt(Deviation::new(At::request(INIT), change)).assert_agreed(1);
}

#[test]
fn a_message_in_clear_that_must_be_protected_is_not_used() {
    let net = attempt(Deviation::new(At::request(AUTH), MessageChange::InClear));
    assert_eq!(net.discarded(B), [&Discarded::InClear]);
}

#[test]
fn wrong_headers_are_not_taken() {
    for change in [
        MessageChange::MessageId(7),
        MessageChange::ResponderSpi(1),
        MessageChange::Flags(Flags::default()),
        MessageChange::Flags(Flags::INITIATOR | Flags::RESPONSE),
        MessageChange::Exchange(ExchangeType(240)),
    ] {
        let text = format!("{change:?}");
        let net = attempt(Deviation::new(At::request(AUTH), change));
        assert_eq!(net.discarded(B).len(), 1, "{text}");
    }
    let version = Change::Sealed(Octets::version(3, 0));
    let net = attempt(Deviation::new(At::request(INIT), version));
    assert!(matches!(net.discarded(B)[..], [Discarded::Malformed(_)]));
    assert_eq!(net.refusals(A), [NotifyType::INVALID_MAJOR_VERSION]);
}

#[test]
fn any_padding_is_taken() {
    for more_blocks in [0, 1, 200] {
        let change = Change::Padding {
            fill: 0xa5,
            more_blocks,
        };
        let net = attempt(Deviation::new(At::request(AUTH), change));
        net.assert_agreed(1);
    }
}

#[test]
fn code_changes_what_no_value_can_tell() {
    let edit = Edit::new("an identity of no octets", |draft| {
        let mut all = draft.payloads().iter_mut();
        all.any(|payload| {
            if let Body::IdI(identity) = &mut payload.body {
                identity.data.clear();
                return true;
            }
            false
        })
    });
    let net = attempt(Deviation::new(At::request(AUTH), MessageChange::Edit(edit)));
    // The proof is of another identity.
    assert_eq!(net.refusals(A), [NotifyType::AUTHENTICATION_FAILED]);
}

#[test]
fn a_withheld_request_comes_with_the_first_retransmission() {
    let at = At::request(AUTH);
    let mut net = attempt(Deviation::new(at, SendingChange::Withhold));
    assert_eq!(net.wire.len(), 2);
    assert!(net.wait(Duration::from_secs(1)));
    net.assert_agreed(1);
}

#[test]
fn a_delayed_and_a_replayed_request_come_when_they_should() {
    let (a, b) = both();
    let (mut net, sa, _) = Net::established(a, b);
    let begin = net.wire.len();
    let second = Duration::from_millis(700);
    let at = At::request(INFORMATIONAL);
    net.ends[A].deviate(Deviation::new(at.nth(0), SendingChange::Delay(second)));
    net.ends[A].deviate(Deviation::new(
        at.nth(1),
        SendingChange::Replay {
            after: second,
            times: 2,
        },
    ));
    for _ in 0..2 {
        net.perform(A, sa, Action::CheckLiveness);
        net.run();
        while net.wait(Duration::from_millis(800)) {}
    }
    assert_eq!(net.ends[A].unapplied().count(), 0);
    let sent: Vec<_> = net.wire[begin..]
        .iter()
        .map(|(from, at, _)| (*from, *at))
        .collect();
    let times = [1, 1, 1, 1, 2, 2, 3, 3].map(|count| second * count);
    let ends = [A, B, A, B, A, B, A, B];
    assert_eq!(sent, ends.into_iter().zip(times).collect::<Vec<_>>());
}

#[test]
fn badly_cut_messages_are_refused_or_wait() {
    for (change, is_joined) in [
        (FragmentChange::Cut(40), true),
        (FragmentChange::Reverse, true),
        (FragmentChange::Double(2), true),
        (FragmentChange::Drop(2), false),
        (FragmentChange::Total(9), false),
        (FragmentChange::Number { of: 2, becomes: 0 }, false),
        (FragmentChange::Number { of: 2, becomes: 1 }, false),
        (FragmentChange::Empty(2), false),
    ] {
        let (a, b) = both();
        let mut net = Net::new(a, b);
        let at = At::request(AUTH);
        if change != FragmentChange::Cut(40) {
            let cut = FragmentChange::Cut(64);
            net.ends[A].deviate(Deviation::new(at, cut));
        }
        net.ends[A].deviate(Deviation::new(at, change));
        net.initiate();
        net.run();
        assert_eq!(net.ends[A].unapplied().count(), 0, "{change:?}");
        if is_joined {
            net.assert_agreed(1);
        } else {
            let established = |event: &Event| matches!(event, Event::IkeSaEstablished { .. });
            assert_eq!(net.saw(B, established), 0, "{change:?}");
        }
    }
}

#[test]
fn a_responder_can_be_wrong_too() {
    for (change, expected) in [
        (
            MessageChange::Drop(PayloadType::AUTH),
            Failure::Payload(PayloadType::AUTH),
        ),
        (
            MessageChange::Drop(PayloadType::TSR),
            Failure::Payload(PayloadType::TSR),
        ),
    ] {
        let (a, b) = both();
        let mut net = Net::new(a, b);
        net.ends[B].deviate(Deviation::new(At::response(AUTH), change));
        net.initiate();
        net.run();
        assert_eq!(net.failures(A), [&expected]);
    }
}
