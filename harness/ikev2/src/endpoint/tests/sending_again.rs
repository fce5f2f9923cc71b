use std::cell::Cell;
use std::rc::Rc;

use super::*;
use crate::deviation::{At, Change, Octets, Place};
use crate::numbers::ExchangeType;

#[test]
fn a_request_is_sent_again_after_twice_the_time_and_given_up() {
    let (a, b) = both();
    let mut net = Net::new(a, b);
    net.middlebox = Box::new(|_, _| None);
    net.initiate();
    net.run();
    net.wait_for_all();
    let times: Vec<u64> = net.wire.iter().map(|(_, at, _)| at.as_secs()).collect();
    assert_eq!(times, [0, 1, 3, 7, 15]);
    let first = &net.wire[0].2;
    assert!(net.wire.iter().all(|(.., datagram)| datagram == first));
    assert_eq!(net.closed(A), [Closed::NoAnswer]);
    assert!(net.ends[A].sas().is_empty());
}

#[test]
fn whichever_datagram_is_lost_both_ends_come_to_the_same_end() {
    let (complete, ..) = {
        let (a, b) = both();
        let (mut net, sa, _) = Net::established(a, b);
        do_everything(&mut net, sa);
        (net.wire.len(), ())
    };
    assert!(complete > 10);
    for lost in 0..complete {
        let (a, b) = both();
        let mut net = Net::new(a, b);
        let count = Rc::new(Cell::new(0));
        net.middlebox = Box::new(move |_, datagram| {
            count.set(count.get() + 1);
            (count.get() != lost + 1).then_some(datagram)
        });
        let sa = net.initiate();
        net.run();
        while net.open(A).any(|sa| sa.outstanding() > 0) && net.wait(Duration::from_secs(3)) {}
        do_everything(&mut net, sa);
        net.assert_agreed(1);
        assert_eq!(net.failures(A).len() + net.failures(B).len(), 0);
    }
}

/// Rekeys the Child SA and the IKE SA.
fn do_everything(net: &mut Net, sa: SaId) {
    let settle = |net: &mut Net| {
        net.run();
        let is_busy = |net: &Net| {
            [A, B]
                .iter()
                .any(|&end| net.open(end).any(|sa| sa.outstanding() > 0))
        };
        while is_busy(net) && net.wait(Duration::from_secs(3)) {}
    };
    settle(net);
    let spi = net.child(A).incoming.spi;
    net.perform(A, sa, Action::RekeyChild(spi));
    settle(net);
    net.perform(A, sa, Action::RekeyIke);
    settle(net);
}

#[test]
fn a_request_that_comes_twice_is_answered_twice_and_done_once() {
    let (a, b) = both();
    let mut net = Net::new(a, b);
    net.initiate();
    net.run();
    let sa = net.only(A);
    net.perform(A, sa, Action::CreateChild);
    net.run();
    for at in [0, 2, 4] {
        let (from, _, datagram) = net.wire[at].clone();
        assert_eq!(from, A);
        let expected = net.wire[at + 1].2.clone();
        let before = net.wire.len();
        net.carry(A, datagram);
        net.run();
        let again = net.wire.get(before + 1).map(|(.., datagram)| datagram);
        // Only the last response is kept with a window of 1, and that of IKE_SA_INIT.
        if at != 2 {
            assert_eq!(again, Some(&expected));
        }
        assert_eq!(net.ends[B].sas().len(), 1);
        net.assert_agreed(2);
    }
    assert_eq!(net.discarded(B), [&Discarded::MessageId(1)]);
}

#[test]
fn a_wider_window_lets_requests_overtake_each_other() {
    let (a, mut b) = both();
    b.window = 3;
    let (mut net, sa, _) = Net::established(a, b);
    let held: Rc<Cell<Vec<Datagram>>> = Rc::default();
    let keep = Rc::clone(&held);
    net.middlebox = Box::new(move |_, datagram| {
        let mut all = keep.take();
        all.push(datagram);
        keep.set(all);
        None
    });
    for _ in 0..5 {
        net.perform(A, sa, Action::CheckLiveness);
    }
    net.run();
    assert_eq!(net.ends[A].sa(sa).unwrap().outstanding(), 3);
    net.middlebox = Box::new(|_, datagram| Some(datagram));
    for datagram in held.take().into_iter().rev() {
        net.carry(A, datagram);
    }
    net.run();
    let is_answered = |event: &Event| matches!(event, Event::Answered { .. });
    assert_eq!(net.saw(A, is_answered), 5);
    assert_eq!(net.ends[B].sa(net.only(B)).unwrap().expected_request(), 7);
}

#[test]
fn fragments_in_any_order_and_twice_are_joined() {
    let (mut a, mut b) = both();
    for end in [&mut a, &mut b] {
        end.fragment_octets = Some(200);
        end.identity.data = vec![b'x'; 700];
    }
    let mut net = Net::new(a, b);
    let mut before: Option<Datagram> = None;
    // Of two neighbours the later one comes first, and again after the other.
    net.middlebox = Box::new(move |from, datagram| {
        if from == B || datagram.bytes.len() < 190 {
            return Some(datagram);
        }
        before.replace(datagram)
    });
    net.initiate();
    net.run();
    while net.open(A).any(|sa| sa.outstanding() > 0) && net.wait(Duration::from_secs(20)) {}
    net.assert_agreed(1);
}

#[test]
fn a_stray_request_takes_no_message_id() {
    let (a, b) = both();
    let (mut net, sa, _) = Net::established(a, b);
    let at = At::request(ExchangeType::INFORMATIONAL).nth(0);
    let damage = Change::Sealed(Octets::Flip(Place::FromEnd(0)));
    net.ends[A].deviate(Deviation::new(at, damage));
    let before = net.ends[A].sa(sa).unwrap().next_request();
    let stray = Action::Stray {
        exchange: ExchangeType::INFORMATIONAL,
        payloads: Vec::new(),
    };
    net.perform(A, sa, stray);
    net.run();
    assert!(matches!(
        net.discarded(B)[..],
        [Discarded::Undecryptable(_)]
    ));
    assert_eq!(net.ends[A].sa(sa).unwrap().next_request(), before);
    // It is not sent again, and the next request is answered.
    assert!(!net.wait(Duration::from_secs(60)));
    net.perform(A, sa, Action::CheckLiveness);
    net.run();
    let answered = |event: &Event| matches!(event, Event::Answered { .. });
    assert_eq!(net.saw(A, answered), 1);
}
