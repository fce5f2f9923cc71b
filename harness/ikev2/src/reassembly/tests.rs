use proptest::prelude::*;

use super::*;

#[test]
fn pieces_are_joined_in_the_order_of_their_numbers_whatever_order_they_come_in() {
    let mut reassembler = Reassembler::default();
    let progress = reassembler.insert(key(1), fragment(3, 3, b"c"));
    assert_eq!(progress, Ok(Progress::Incomplete { have: 1, total: 3 }));
    let progress = reassembler.insert(key(1), fragment(1, 3, b"a"));
    assert_eq!(progress, Ok(Progress::Incomplete { have: 2, total: 3 }));
    let progress = reassembler.insert(key(1), fragment(2, 3, b"b"));
    let complete = Complete {
        first: PayloadType::IDI,
        plaintext: b"abc".to_vec(),
        total: 3,
    };
    assert_eq!(progress, Ok(Progress::Complete(complete)));
    assert_eq!(reassembler.octets(), 0);
    assert_eq!(reassembler.incomplete().count(), 0);
}

#[test]
fn a_fragment_that_comes_again_is_a_duplicate_before_and_after_the_end() {
    let mut reassembler = Reassembler::default();
    reassembler.insert(key(1), fragment(1, 2, b"a")).unwrap();
    let again = reassembler.insert(key(1), fragment(1, 2, b"a"));
    assert_eq!(again, Ok(Progress::Duplicate));
    reassembler.insert(key(1), fragment(2, 2, b"b")).unwrap();
    let again = reassembler.insert(key(1), fragment(2, 2, b"b"));
    assert_eq!(again, Ok(Progress::Duplicate));
}

#[test]
fn messages_do_not_take_fragments_of_each_other() {
    let mut reassembler = Reassembler::default();
    reassembler.insert(key(1), fragment(1, 2, b"a")).unwrap();
    let other = SetKey {
        is_response: true,
        ..key(1)
    };
    let progress = reassembler.insert(other, fragment(2, 2, b"b"));
    assert_eq!(progress, Ok(Progress::Incomplete { have: 1, total: 2 }));
}

#[test]
fn what_is_missing_is_told() {
    let mut reassembler = Reassembler::default();
    reassembler.insert(key(1), fragment(2, 4, b"")).unwrap();
    reassembler.insert(key(2), fragment(1, 1, b"")).unwrap();
    let incomplete: Vec<_> = reassembler.incomplete().collect();
    let expected = Incomplete {
        key: key(1),
        have: 1,
        total: 4,
        missing: vec![1, 3, 4],
    };
    assert_eq!(incomplete, [expected]);
}

#[test]
fn a_greater_total_begins_anew_and_a_smaller_one_is_refused() {
    let mut reassembler = Reassembler::default();
    reassembler.insert(key(1), fragment(1, 3, b"aa")).unwrap();
    reassembler.insert(key(1), fragment(2, 3, b"bb")).unwrap();
    let progress = reassembler.insert(key(1), fragment(1, 4, b"a"));
    let restarted = Progress::Restarted {
        discarded: 2,
        have: 1,
        total: 4,
    };
    assert_eq!(progress, Ok(restarted));
    assert_eq!(reassembler.octets(), 1);
    let refused = reassembler.insert(key(1), fragment(3, 3, b"cc"));
    assert_eq!(
        refused,
        Err(Refused::FewerThanBefore {
            total: 3,
            before: 4
        })
    );
}

#[test]
fn impossible_numbers_are_refused() {
    let mut reassembler = Reassembler::default();
    for (number, total) in [(0, 1), (0, 0), (1, 0), (3, 2), (u16::MAX, 1)] {
        let refused = reassembler.insert(key(1), fragment(number, total, b""));
        assert_eq!(refused, Err(Refused::Number { number, total }));
    }
    let refused = reassembler.insert(key(1), fragment(1, u16::MAX, b""));
    assert!(matches!(refused, Err(Refused::TooMany { .. })));
    assert_eq!(reassembler.incomplete().count(), 0);
}

#[test]
fn a_fragment_of_the_same_number_and_another_content_is_refused() {
    let mut reassembler = Reassembler::default();
    reassembler.insert(key(1), fragment(1, 2, b"a")).unwrap();
    let refused = reassembler.insert(key(1), fragment(1, 2, b"x"));
    assert_eq!(refused, Err(Refused::Contradicts { number: 1 }));
}

#[test]
fn a_flood_of_messages_drives_out_the_oldest() {
    let limits = Limits {
        sets: 3,
        ..Limits::default()
    };
    let mut reassembler = Reassembler::new(limits);
    for message_id in 0..10 {
        let progress = reassembler.insert(key(message_id), fragment(1, 2, b"a"));
        assert_eq!(progress, Ok(Progress::Incomplete { have: 1, total: 2 }));
    }
    assert_eq!(reassembler.forgotten(), 7);
    let kept: Vec<_> = reassembler.incomplete().map(|set| set.key).collect();
    assert_eq!(kept, [key(7), key(8), key(9)]);
}

#[test]
fn octets_are_bounded_for_one_message_and_for_all_together() {
    let limits = Limits {
        octets: 10,
        total_octets: 15,
        ..Limits::default()
    };
    let mut reassembler = Reassembler::new(limits);
    let refused = reassembler.insert(key(1), fragment(1, 3, &[0; 11]));
    assert_eq!(refused, Err(Refused::TooLong { limit: 10 }));
    reassembler.insert(key(1), fragment(1, 3, &[0; 8])).unwrap();
    let refused = reassembler.insert(key(1), fragment(2, 3, &[0; 3]));
    assert_eq!(refused, Err(Refused::TooLong { limit: 10 }));
    reassembler.insert(key(2), fragment(1, 3, &[0; 8])).unwrap();
    assert_eq!(reassembler.octets(), 8);
    assert_eq!(reassembler.forgotten(), 1);
}

proptest! {
    #[test]
    fn a_message_cut_anywhere_and_shuffled_is_put_together_once(
        plaintext in prop::collection::vec(any::<u8>(), 1..400),
        size in 1..100_usize,
        order in any::<u64>(),
    ) {
        let pieces: Vec<&[u8]> = plaintext.chunks(size).collect();
        let total = u16::try_from(pieces.len()).unwrap();
        let mut numbers: Vec<u16> = (1..=total).collect();
        // A shuffle that needs no generator: by a hash of number and seed.
        numbers.sort_by_key(|number| order.wrapping_mul(2 * u64::from(*number) + 1).rotate_left(29));
        let mut reassembler = Reassembler::default();
        let mut complete = Vec::new();
        for number in numbers {
            let piece = pieces[usize::from(number) - 1];
            if let Progress::Complete(one) =
                reassembler.insert(key(1), fragment(number, total, piece)).unwrap()
            {
                complete.push(one.plaintext);
            }
        }
        prop_assert_eq!(complete, vec![plaintext]);
    }

    #[test]
    fn memory_stays_within_the_limits_whatever_comes(
        fragments in prop::collection::vec(
            (0..6_u32, 0..6_u16, 0..6_u16, prop::collection::vec(any::<u8>(), 0..40)),
            0..200,
        ),
    ) {
        let limits = Limits { fragments: 5, octets: 60, sets: 3, total_octets: 100 };
        let mut reassembler = Reassembler::new(limits);
        for (message_id, number, total, piece) in fragments {
            let _ = reassembler.insert(key(message_id), fragment(number, total, &piece));
            prop_assert!(reassembler.octets() <= limits.total_octets);
            prop_assert!(reassembler.sets.len() <= limits.sets);
            prop_assert_eq!(reassembler.sets.len(), reassembler.order.len());
            let octets: usize = reassembler.sets.values().map(Set::octets).sum();
            prop_assert_eq!(reassembler.octets(), octets);
        }
    }
}

fn key(message_id: u32) -> SetKey {
    SetKey {
        initiator_spi: 1,
        responder_spi: 2,
        exchange: ExchangeType::IKE_AUTH,
        message_id,
        from_initiator: true,
        is_response: false,
    }
}

fn fragment(number: u16, total: u16, piece: &[u8]) -> Fragment<'_> {
    let first = if number == 1 {
        PayloadType::IDI
    } else {
        PayloadType::NONE
    };
    Fragment {
        first,
        number,
        total,
        piece,
    }
}
