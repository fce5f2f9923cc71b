use super::*;
use crate::message::Body;

fn draft() -> Draft {
    let payloads = [b"one".to_vec(), b"two".to_vec()].map(|nonce| Payload::new(Body::Nonce(nonce)));
    Draft {
        header: Header {
            exchange: ExchangeType::INFORMATIONAL,
            ..Header::default()
        },
        clear: Vec::new(),
        protected: Some(
            [
                vec![Payload::new(Body::VendorId(vec![1]))],
                payloads.to_vec(),
            ]
            .concat(),
        ),
    }
}

fn deviations(one: Deviation) -> Deviations {
    let mut all = Deviations::default();
    all.add(one);
    all
}

fn changed(change: MessageChange) -> Option<Draft> {
    let mut draft = draft();
    change.apply(&mut draft).then_some(draft)
}

fn kinds(draft: &mut Draft) -> Vec<PayloadType> {
    draft.payloads().iter().map(Payload::kind).collect()
}

#[test]
fn payloads_are_added_dropped_doubled_and_moved() {
    const V: PayloadType = PayloadType::VENDOR_ID;
    const N: PayloadType = PayloadType::NONCE;
    let extra = Payload::new(Body::VendorId(vec![2]));
    for (change, expected) in [
        (MessageChange::Drop(N), vec![V]),
        (MessageChange::Double(V), vec![V, V, N, N]),
        (MessageChange::Move(V, Position::Last), vec![N, N, V]),
        (MessageChange::Reverse, vec![N, N, V]),
        (MessageChange::Replace(N, extra.clone()), vec![V, V, N]),
        (
            MessageChange::Add {
                payload: extra,
                at: Position::Before(N),
            },
            vec![V, V, N, N],
        ),
    ] {
        let text = format!("{change:?}");
        assert_eq!(kinds(&mut changed(change).unwrap()), expected, "{text}");
    }
    let in_clear = changed(MessageChange::InClear).unwrap();
    assert_eq!((in_clear.clear.len(), in_clear.protected), (3, None));
    let critical = changed(MessageChange::Critical(N, true)).unwrap();
    let set = critical.protected.unwrap();
    assert!(!set[0].critical && set[1].critical && set[2].critical);
}

#[test]
fn what_finds_nothing_to_change_says_so() {
    const KE: PayloadType = PayloadType::KE;
    assert_eq!(changed(MessageChange::Drop(KE)), None);
    assert_eq!(changed(MessageChange::Double(KE)), None);
    assert_eq!(changed(MessageChange::Move(KE, Position::First)), None);
    assert_eq!(changed(MessageChange::Critical(KE, true)), None);
    assert!(!FragmentChange::Drop(3).apply(&mut Vec::new()));
    assert!(!Octets::Flip(Place::FromStart(2)).apply(&mut vec![0; 2]));
    assert!(!Octets::Flip(Place::FromEnd(2)).apply(&mut vec![0; 2]));
    assert!(!Octets::Truncate(2).apply(&mut vec![0; 2]));
}

#[test]
fn conditions_and_counting_choose_the_messages() {
    let at = At::request(ExchangeType::INFORMATIONAL).nth(1);
    let mut all = deviations(Deviation::new(at, MessageChange::MessageId(9)));
    let mut other = draft();
    other.header.flags = Flags::RESPONSE;
    for (mut draft, id, unapplied) in [
        (draft(), 0, 1),
        (other, 0, 1),
        (draft(), 9, 0),
        (draft(), 0, 0),
    ] {
        let header = draft.header;
        all.choose(&header).on_draft(&mut draft);
        assert_eq!(draft.header.message_id, id);
        assert_eq!(all.unapplied().count(), unapplied);
    }
}

#[test]
fn octets_are_changed_where_it_is_said() {
    let mut octets = vec![0; 4];
    assert!(Octets::Flip(Place::FromEnd(0)).apply(&mut octets));
    assert!(Octets::Set(Place::FromStart(1), vec![7, 8, 9, 10]).apply(&mut octets));
    assert_eq!(octets, [0, 7, 8, 9]);
    assert!(Octets::Append(vec![1]).apply(&mut octets));
    assert!(Octets::Truncate(1).apply(&mut octets));
    assert_eq!(octets, [0]);
}

#[test]
fn packets_are_withheld_delayed_and_replayed() {
    let packets = [vec![1], vec![2]];
    let at = Duration::from_secs;
    for (change, expected) in [
        (SendingChange::Withhold, vec![]),
        (SendingChange::Delay(at(3)), vec![(at(3), 1), (at(3), 2)]),
        (
            SendingChange::Replay {
                after: at(5),
                times: 1,
            },
            vec![(at(0), 1), (at(0), 2), (at(5), 1), (at(5), 2)],
        ),
        (SendingChange::Reverse, vec![(at(0), 2), (at(0), 1)]),
    ] {
        let mut all = deviations(Deviation::new(At::EVERY, change));
        let sent = all.choose(&Header::default()).on_sending(&packets);
        let sent: Vec<_> = sent
            .into_iter()
            .map(|(at, packet)| (at, packet[0]))
            .collect();
        assert_eq!(sent, expected);
    }
}
