use super::*;

fn rekeyed(event: &Event) -> bool {
    matches!(event, Event::IkeSaRekeyed { .. })
}

#[test]
fn a_child_sa_is_replaced_by_either_end() {
    for end in [A, B] {
        let (mut a, mut b) = both();
        a.esp = vec![esp(&[DhGroup::Ecp256])];
        b.esp = vec![esp(&[DhGroup::Ecp256])];
        let (mut net, sa_a, sa_b) = Net::established(a, b);
        let old = net.child(end).clone();
        let spi = old.incoming.spi;
        net.perform(end, [sa_a, sa_b][end], Action::RekeyChild(spi));
        net.run();
        net.assert_agreed(1);
        assert_ne!(net.child(end).incoming, old.incoming);
        assert_eq!(net.child(end).local_selectors, old.local_selectors);
        let replaces = |event: &Event| {
            matches!(
                event,
                Event::ChildSaEstablished {
                    replaces: Some(_),
                    ..
                }
            )
        };
        assert_eq!((net.saw(A, replaces), net.saw(B, replaces)), (1, 1));
    }
}

#[test]
fn an_ike_sa_is_replaced_by_either_end_and_its_child_sas_live_on() {
    for end in [A, B] {
        let (a, b) = both();
        let (mut net, sa_a, sa_b) = Net::established(a, b);
        let child = net.child(A).clone();
        let spis = net.ends[A].sa(sa_a).unwrap().spis();
        net.perform(end, [sa_a, sa_b][end], Action::RekeyIke);
        net.run();
        net.assert_agreed(1);
        assert_eq!(*net.child(A), child);
        let new = net.ends[end].sa(net.only(end)).unwrap();
        assert_ne!(new.spis(), spis);
        assert!(new.is_initiator());
        assert_eq!((net.saw(A, rekeyed), net.saw(B, rekeyed)), (1, 1));
        // The new one works both ways, from message id 0 on.
        for end in [A, B] {
            let sa = net.only(end);
            assert_eq!(net.ends[end].sa(sa).unwrap().next_request(), 0);
            net.perform(end, sa, Action::CreateChild);
        }
        net.run();
        net.assert_agreed(3);
    }
}

#[test]
fn both_ends_replace_the_same_child_sa_and_one_new_one_remains() {
    for seed in 0..20 {
        let (a, b) = both();
        let (mut net, sa_a, sa_b) = Net::established(a, b);
        net.ends[A].core.random = Box::new(Seeded(seed));
        net.ends[B].core.random = Box::new(Seeded(seed + 1000));
        let (of_a, of_b) = (net.child(A).incoming.spi, net.child(B).incoming.spi);
        net.perform(A, sa_a, Action::RekeyChild(of_a));
        net.perform(B, sa_b, Action::RekeyChild(of_b));
        net.run();
        net.assert_agreed(1);
        assert_ne!(net.child(A).incoming.spi, of_a);
        // Two were made, two deleted: the old one and the redundant one.
        let is_deleted = |event: &Event| matches!(event, Event::ChildSaDeleted { .. });
        assert_eq!((net.saw(A, is_deleted), net.saw(B, is_deleted)), (2, 2));
        assert_eq!(net.refusals(A).len() + net.refusals(B).len(), 0);
        assert_eq!(net.failures(A).len() + net.failures(B).len(), 0);
    }
}

#[test]
fn both_ends_replace_the_same_ike_sa_and_one_new_one_remains() {
    for seed in 0..20 {
        let (a, b) = both();
        let (mut net, sa_a, sa_b) = Net::established(a, b);
        net.ends[A].core.random = Box::new(Seeded(seed));
        net.ends[B].core.random = Box::new(Seeded(seed + 1000));
        let child = net.child(A).clone();
        net.perform(A, sa_a, Action::RekeyIke);
        net.perform(B, sa_b, Action::RekeyIke);
        net.run();
        net.assert_agreed(1);
        assert_eq!(*net.child(A), child);
        assert_eq!((net.saw(A, rekeyed), net.saw(B, rekeyed)), (1, 1));
        assert_eq!((net.closed(A).len(), net.closed(B).len()), (2, 2));
        assert_eq!(net.refusals(A).len() + net.refusals(B).len(), 0);
    }
}

#[test]
fn an_ike_sa_is_not_replaced_while_a_child_sa_changes() {
    let (a, b) = both();
    let (mut net, sa_a, sa_b) = Net::established(a, b);
    let spi = net.child(A).incoming.spi;
    net.perform(A, sa_a, Action::RekeyChild(spi));
    net.perform(B, sa_b, Action::RekeyIke);
    net.run();
    // Each end was busy with its own request.
    assert_eq!(net.refusals(A), [NotifyType::TEMPORARY_FAILURE]);
    assert_eq!(net.refusals(B), [NotifyType::TEMPORARY_FAILURE]);
    net.assert_agreed(1);
    assert_eq!(net.child(A).incoming.spi, spi);
}

#[test]
fn what_is_not_there_cannot_be_replaced() {
    let (a, b) = both();
    let (mut net, sa_a, sa_b) = Net::established(a, b);
    net.perform(A, sa_a, Action::RekeyChild(1));
    net.run();
    assert_eq!(net.failures(A), [&Failure::NoSuchChild]);
    let spi = net.child(A).incoming.spi;
    // The other end deletes it at the same time, and knows it no longer.
    let of_b = net.child(B).incoming.spi;
    net.perform(B, sa_b, Action::DeleteChild(of_b));
    net.perform(A, sa_a, Action::RekeyChild(spi));
    net.run();
    assert_eq!(net.refusals(A).len(), 1, "{:#?}", net.events);
    net.assert_agreed(0);
    assert!(
        net.ends[A]
            .perform(net.now, SaId(99), Action::RekeyIke)
            .is_err()
    );
}

#[test]
fn rekeying_does_not_go_on_for_ever() {
    let (a, b) = both();
    let (mut net, ..) = Net::established(a, b);
    for round in 0..10 {
        let end = round % 2;
        let sa = net.only(end);
        net.perform(end, sa, Action::RekeyIke);
        net.run();
        let (sa, spi) = (net.only(end), net.child(end).incoming.spi);
        net.perform(end, sa, Action::RekeyChild(spi));
        net.run();
        net.assert_agreed(1);
    }
}

#[test]
fn what_waits_is_done_on_the_ike_sa_that_follows() {
    let (a, b) = both();
    let (mut net, sa, _) = Net::established(a, b);
    net.perform(A, sa, Action::RekeyIke);
    net.perform(A, sa, Action::CreateChild);
    net.perform(A, sa, Action::CheckLiveness);
    net.run();
    net.assert_agreed(2);
    assert_eq!(net.failures(A).len(), 0);
    assert_eq!(net.ends[A].sa(net.only(A)).unwrap().next_request(), 2);
}
