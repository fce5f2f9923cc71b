use super::*;
use crate::numbers::ExchangeType;
use crate::wire::MessageView;

fn of(net: &Net, exchange: ExchangeType) -> usize {
    let messages = net.wire.iter().map(|(.., datagram)| &datagram.bytes);
    let of_exchange = |bytes: &&Vec<u8>| {
        let bytes = bytes.strip_prefix(&NON_ESP_MARKER).unwrap_or(bytes);
        MessageView::new(bytes).unwrap().exchange_type() == exchange
    };
    messages.filter(of_exchange).count()
}

#[test]
fn two_exchanges_make_a_child_sa() {
    let (a, b) = both();
    let (net, ..) = Net::established(a, b);
    net.assert_agreed(1);
    assert_eq!(net.wire.len(), 4);
    assert_eq!(net.discarded(A).len() + net.discarded(B).len(), 0);
}

#[test]
fn a_cookie_is_demanded_and_returned() {
    let (a, mut b) = both();
    b.demand_cookie = true;
    let (net, ..) = Net::established(a, b);
    net.assert_agreed(1);
    assert_eq!(of(&net, ExchangeType::IKE_SA_INIT), 4);
}

#[test]
fn without_a_cookie_a_responder_keeps_nothing() {
    let (a, mut b) = both();
    b.demand_cookie = true;
    let mut net = Net::new(a, b);
    net.middlebox = Box::new(|from, datagram| (from == A).then_some(datagram));
    net.initiate();
    net.run();
    assert_eq!(net.ends[B].sas().len(), 0);
    assert_eq!(net.wire.len(), 2);
}

#[test]
fn an_initiator_does_not_begin_anew_for_ever() {
    let (a, mut b) = both();
    b.demand_cookie = true;
    let mut net = Net::new(a, b);
    // The cookie is of another address each time.
    let mut port = 10_000;
    net.middlebox = Box::new(move |from, mut datagram| {
        if from == A {
            port += 1;
            datagram.local.set_port(port);
        }
        Some(datagram)
    });
    net.initiate();
    net.run();
    assert_eq!(of(&net, ExchangeType::IKE_SA_INIT), 10);
    assert_eq!(net.discarded(A), [&Discarded::Repetition]);
}

#[test]
fn another_group_is_asked_for_and_given_with_and_without_a_cookie() {
    for demand_cookie in [false, true] {
        let (mut a, mut b) = both();
        a.ike = vec![ike(&[DhGroup::Modp2048, DhGroup::Ecp384])];
        b.ike = vec![ike(&[DhGroup::Ecp384])];
        b.demand_cookie = demand_cookie;
        let (net, ..) = Net::established(a, b);
        net.assert_agreed(1);
        let expected = if demand_cookie { 6 } else { 4 };
        assert_eq!(of(&net, ExchangeType::IKE_SA_INIT), expected);
        assert_eq!(
            net.ends[A].sa(net.only(A)).unwrap().group(),
            Some(DhGroup::Ecp384)
        );
    }
}

#[test]
fn no_common_proposal_ends_the_attempt() {
    let (mut a, mut b) = both();
    a.ike = vec![ike(&[DhGroup::Modp2048])];
    b.ike = vec![ike(&[DhGroup::Ecp384])];
    let mut net = Net::new(a, b);
    net.initiate();
    net.run();
    assert_eq!(net.refusals(A), [NotifyType::NO_PROPOSAL_CHOSEN]);
    assert_eq!(net.closed(A), [Closed::NotEstablished]);
    assert_eq!(net.ends[B].sas().len(), 0);
}

#[test]
fn a_nat_moves_both_ends_to_its_port() {
    let (a, b) = both();
    let mut net = Net::new(a, b);
    let outside: SocketAddr = "198.51.100.7:61000".parse().unwrap();
    net.middlebox = Box::new(move |from, mut datagram| {
        if from == A {
            let port = outside.port() + u16::from(datagram.local.port() == NAT_PORT);
            datagram.local = SocketAddr::new(outside.ip(), port);
        } else {
            let port = if datagram.remote.port() == outside.port() {
                PORT
            } else {
                NAT_PORT
            };
            datagram.remote = SocketAddr::new(path().local.ip(), port);
        }
        Some(datagram)
    });
    net.initiate();
    net.run();
    net.assert_agreed(1);
    let seen = |end: usize, local, remote| {
        net.saw(end, |event| {
            matches!(event, Event::NatDetection { nat: Some(nat), .. }
                if nat.local == local && nat.remote == remote)
        })
    };
    assert_eq!(seen(A, true, false), 1);
    assert_eq!(seen(B, false, true), 1);
    let (.., last) = net.wire.last().unwrap();
    assert_eq!(last.local.port(), NAT_PORT);
    assert_eq!(last.remote.port(), outside.port() + 1);
    assert!(last.bytes.starts_with(&NON_ESP_MARKER));
    // The responder's own requests find the way back.
    let sa = net.only(B);
    net.perform(B, sa, Action::CheckLiveness);
    net.run();
    let is_answered = |event: &Event| matches!(event, Event::Answered { .. });
    assert_eq!(net.saw(B, is_answered), 1);
    // ESP within UDP is told apart.
    let esp = Datagram {
        local: SocketAddr::new(path().local.ip(), NAT_PORT),
        remote: path().remote,
        bytes: vec![1, 2, 3, 4, 5],
    };
    net.ends[A].receive(net.now, &esp);
    let keepalive = Datagram {
        bytes: vec![0xff],
        ..esp.clone()
    };
    net.ends[A].receive(net.now, &keepalive);
    assert_eq!(net.ends[A].event(), Some(Event::Esp(esp.bytes)));
    assert_eq!(net.ends[A].event(), None);
}

#[test]
fn long_messages_are_cut_only_if_both_ends_can_join_them() {
    for (limit_a, limit_b, is_cut) in [
        (Some(256), Some(200), true),
        (Some(256), None, false),
        (None, Some(256), false),
    ] {
        let (mut a, mut b) = both();
        a.fragment_octets = limit_a;
        b.fragment_octets = limit_b;
        let long = Identification {
            data: vec![b'x'; 1000],
            ..fqdn("")
        };
        a.identity.clone_from(&long);
        b.identity = long;
        let (net, ..) = Net::established(a, b);
        net.assert_agreed(1);
        assert_eq!(net.wire.len() > 10, is_cut);
        for (from, _, datagram) in &net.wire[2..] {
            let limit = [limit_a, limit_b][*from].filter(|_| is_cut);
            let limit = limit.map_or(usize::MAX, usize::from);
            assert!(datagram.bytes.len() <= limit);
            assert!(!is_cut || datagram.bytes.len() > 100);
        }
    }
}

#[test]
fn a_half_open_ike_sa_is_forgotten_after_a_while() {
    let (a, b) = both();
    let linger = b.linger;
    let mut net = Net::new(a, b);
    net.middlebox = Box::new(|from, datagram| (from == A).then_some(datagram));
    net.initiate();
    net.run();
    assert_eq!(net.open(B).count(), 1);
    net.wait_for_all();
    assert_eq!(net.ends[B].sas().len(), 0);
    assert_eq!(net.closed(B), [Closed::Abandoned]);
    assert_eq!(net.closed(A), [Closed::NoAnswer]);
    assert!(net.now - net.began >= linger);
}
