use super::*;

fn range(last: u8) -> Vec<TrafficSelector> {
    vec![TrafficSelector::addresses_v4(
        [10, 0, 0, 0].into(),
        [10, 0, 0, last].into(),
    )]
}

#[test]
fn a_responder_narrows_the_selectors() {
    let (mut a, mut b) = both();
    a.local_selectors = TrafficSelector::everything();
    a.remote_selectors = range(255);
    b.remote_selectors = range(7);
    b.local_selectors = range(15);
    let (net, ..) = Net::established(a, b);
    net.assert_agreed(1);
    assert_eq!(net.child(A).local_selectors, range(7));
    assert_eq!(net.child(A).remote_selectors, range(15));
}

#[test]
fn without_a_common_proposal_or_selector_there_is_an_ike_sa_alone() {
    for (selectors, expected) in [
        (false, NotifyType::NO_PROPOSAL_CHOSEN),
        (true, NotifyType::TS_UNACCEPTABLE),
    ] {
        let (a, mut b) = both();
        if selectors {
            let one = TrafficSelector::addresses_v4([10; 4].into(), [10; 4].into());
            b.local_selectors = vec![one];
        } else {
            let other = vec![Encryption::ChaCha20Poly1305];
            b.esp = vec![EspProposal::new(other, vec![], vec![]).unwrap()];
        }
        let mut a = a;
        a.remote_selectors = range(3);
        let (mut net, sa, _) = Net::established(a, b);
        net.assert_agreed(0);
        assert_eq!(net.refusals(A), [expected]);
        net.perform(A, sa, Action::CreateChild);
        net.run();
        assert_eq!(net.refusals(A), [expected, expected]);
        net.assert_agreed(0);
    }
}

#[test]
fn child_sas_are_made_by_either_end_and_deleted_by_either_end() {
    let (a, b) = both();
    let (mut net, sa_a, sa_b) = Net::established(a, b);
    net.perform(A, sa_a, Action::CreateChild);
    net.perform(B, sa_b, Action::CreateChild);
    net.run();
    net.assert_agreed(3);
    let spi = |end: usize, sa, at: usize| net.ends[end].sa(sa).unwrap().children()[at].incoming.spi;
    let (first_of_a, second_of_b) = (spi(A, sa_a, 0), spi(B, sa_b, 1));
    net.perform(A, sa_a, Action::DeleteChild(first_of_a));
    net.perform(B, sa_b, Action::DeleteChild(second_of_b));
    net.run();
    net.assert_agreed(1);
    let is_deleted = |event: &Event| matches!(event, Event::ChildSaDeleted { .. });
    assert_eq!((net.saw(A, is_deleted), net.saw(B, is_deleted)), (2, 2));
}

#[test]
fn deletions_that_cross_delete_once() {
    let (a, b) = both();
    let (mut net, sa_a, sa_b) = Net::established(a, b);
    let (of_a, of_b) = (net.child(A).incoming.spi, net.child(B).incoming.spi);
    net.perform(A, sa_a, Action::DeleteChild(of_a));
    net.perform(B, sa_b, Action::DeleteChild(of_b));
    net.run();
    net.assert_agreed(0);
    // Neither response names the SA that its sender asked to delete.
    let is_delete = |event: &Event| {
        matches!(event, Event::Received { header, payloads, .. }
            if header.flags.is_response() && payloads.iter().any(|one|
                one.kind() == crate::numbers::PayloadType::DELETE))
    };
    assert_eq!((net.saw(A, is_delete), net.saw(B, is_delete)), (0, 0));
}

#[test]
fn another_group_is_asked_for_once() {
    let (mut a, mut b) = both();
    a.esp = vec![esp(&[DhGroup::Ecp256, DhGroup::Ecp384])];
    b.esp = vec![esp(&[DhGroup::Ecp384])];
    let (mut net, sa, _) = Net::established(a, b);
    net.perform(A, sa, Action::CreateChild);
    net.run();
    net.assert_agreed(2);
    let made = net.ends[A].sa(sa).unwrap().children()[1].clone();
    assert_eq!(made.group, Some(DhGroup::Ecp384));
    assert_eq!(net.wire.len(), 8);
}

#[test]
fn an_ike_sa_takes_its_child_sas_with_it() {
    for end in [A, B] {
        let (a, b) = both();
        let (mut net, sa_a, sa_b) = Net::established(a, b);
        net.perform(end, [sa_a, sa_b][end], Action::DeleteIke);
        net.run();
        assert_eq!(net.closed(end), [Closed::Deleted]);
        assert_eq!(net.closed(1 - end), [Closed::DeletedByPeer]);
        assert_eq!(net.open(A).count() + net.open(B).count(), 0);
        net.wait_for_all();
        assert_eq!(net.ends[A].sas().len() + net.ends[B].sas().len(), 0);
    }
}

#[test]
fn liveness_is_checked_and_any_request_can_be_sent() {
    let (a, b) = both();
    let (mut net, sa, _) = Net::established(a, b);
    net.perform(A, sa, Action::CheckLiveness);
    net.perform(
        A,
        sa,
        Action::Request {
            exchange: ExchangeType::INFORMATIONAL,
            payloads: vec![payloads::notify(NotifyType(40_000), vec![1])],
        },
    );
    net.run();
    let is_answered = |event: &Event| matches!(event, Event::Answered { .. });
    assert_eq!(net.saw(A, is_answered), 2);
    let private = |event: &Event| {
        matches!(event, Event::Received { payloads, is_protected: true, .. }
            if crate::message::notifies(payloads).any(|one| one.kind == NotifyType(40_000)))
    };
    assert_eq!(net.saw(B, private), 1);
}
