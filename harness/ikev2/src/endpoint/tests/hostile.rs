use proptest::prelude::*;

use super::*;
use crate::deviation::Change;
use crate::deviation::{At, MessageChange};
use crate::numbers::{ExchangeType, PayloadType};

/// What the endpoint holds stays within bounds, and time does not stand still.
fn assert_bounded(end: &mut Endpoint, now: Instant) {
    assert!(end.sas().len() <= 128);
    let mut count = 0;
    while end.transmit(now + Duration::from_secs(60)).is_some() {
        count += 1;
    }
    assert!(count <= 1 << 12);
    while end.event().is_some() {}
    end.handle_timeout(now);
}

#[test]
fn half_open_ike_sas_are_bounded() {
    let (a, b) = both();
    let mut net = Net::new(a, b);
    net.middlebox = Box::new(|from, datagram| (from == A).then_some(datagram));
    for _ in 0..60 {
        net.initiate();
    }
    net.run();
    assert_eq!(net.open(B).count(), 32);
    assert!(net.closed(B).iter().all(|why| *why == Closed::Abandoned));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn octets_of_any_kind_are_survived(
        datagrams in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..200), 0..20),
        on_nat_port in any::<bool>(),
    ) {
        let (a, b) = both();
        let (mut net, ..) = Net::established(a, b);
        for bytes in datagrams {
            let mut datagram = Path { local: path().remote, remote: path().local }.datagram(bytes);
            if on_nat_port {
                datagram.local.set_port(NAT_PORT);
            }
            net.ends[B].receive(net.now, &datagram);
        }
        net.assert_agreed(1);
        assert_bounded(&mut net.ends[B], net.now);
    }

    #[test]
    fn a_changed_octet_anywhere_in_an_exchange_is_survived(
        message in 0_usize..10,
        octet in any::<prop::sample::Index>(),
        mask in 1_u8..,
    ) {
        let (a, b) = both();
        let mut net = Net::new(a, b);
        let mut count = 0;
        net.middlebox = Box::new(move |_, mut datagram| {
            if count == message {
                let at = octet.index(datagram.bytes.len());
                datagram.bytes[at] ^= mask;
            }
            count += 1;
            Some(datagram)
        });
        let sa = net.initiate();
        net.run();
        if net.ends[A].perform(net.now, sa, Action::RekeyIke).is_ok() {
            net.run();
        }
        for _ in 0..20 {
            net.wait(Duration::from_secs(60));
        }
        for end in [A, B] {
            assert_bounded(&mut net.ends[end], net.now);
        }
    }

    /// A peer that has the keys, and sends what it should not.
    #[test]
    fn wrong_messages_within_the_protection_are_survived(
        exchange in prop::sample::select(vec![
            ExchangeType::IKE_AUTH,
            ExchangeType::CREATE_CHILD_SA,
            ExchangeType::INFORMATIONAL,
        ]),
        is_response in any::<bool>(),
        kind in prop::sample::select(vec![33_u8, 34, 35, 36, 39, 40, 41, 42, 44, 45]),
        change in 0_u8..4,
        plaintext in prop::collection::vec(any::<u8>(), 1..64),
        at in 0_usize..200,
    ) {
        let (a, b) = both();
        let mut net = Net::new(a, b);
        let at_message = At { exchange: Some(exchange), is_response: Some(is_response), ..At::EVERY };
        let kind = PayloadType(kind);
        let change: Change = match change {
            0 => MessageChange::Drop(kind).into(),
            1 => MessageChange::Double(kind).into(),
            2 => MessageChange::Critical(kind, true).into(),
            _ => Change::Plaintext(crate::deviation::Octets::Set(
                crate::deviation::Place::FromStart(at),
                plaintext,
            )),
        };
        net.ends[A].deviate(Deviation::new(at_message, change));
        let sa = net.initiate();
        net.run();
        for action in [Action::CreateChild, Action::RekeyIke, Action::CheckLiveness, Action::DeleteIke] {
            let _ = net.ends[A].perform(net.now, sa, action.clone());
            let of_b = net.open(B).next().map(IkeSa::id);
            if let Some(of_b) = of_b {
                let _ = net.ends[B].perform(net.now, of_b, action);
            }
            net.run();
        }
        for end in [A, B] {
            assert_bounded(&mut net.ends[end], net.now);
        }
    }
}
