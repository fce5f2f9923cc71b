use std::net::Ipv4Addr;

use proptest::prelude::*;

use super::*;
use crate::message::{AddressRange, TrafficSelector};
use selectors::{covers, narrow};

fn ike(encryption: &[Encryption], dh: &[DhGroup]) -> IkeProposal {
    let integrity = if encryption[0].is_aead() {
        vec![]
    } else {
        vec![Integrity::HmacSha2Bits256Of128]
    };
    let prf = vec![Prf::HmacSha2Bits256];
    IkeProposal::new(encryption.to_vec(), integrity, prf, dh.to_vec()).unwrap()
}

fn esp(encryption: Encryption, dh: &[DhGroup]) -> EspProposal {
    let integrity = if encryption.is_aead() {
        vec![]
    } else {
        vec![Integrity::HmacSha2Bits256Of128]
    };
    EspProposal::new(vec![encryption], integrity, dh.to_vec()).unwrap()
}

#[test]
fn the_initiator_s_first_choice_that_both_have_is_chosen() {
    let initiator = [
        ike(&[Encryption::AesGcm16Bits256], &[DhGroup::Curve25519]),
        ike(
            &[Encryption::AesCbc256, Encryption::AesCbc128],
            &[DhGroup::Ecp256, DhGroup::Modp2048],
        ),
    ];
    let responder = [ike(
        &[Encryption::AesCbc128, Encryption::AesCbc256],
        &[DhGroup::Modp2048, DhGroup::Ecp256],
    )];
    let chosen = choose_ike(&offer_ike(&initiator, &[]), &responder).unwrap();
    assert_eq!(chosen.suite.encryption, Encryption::AesCbc256);
    assert_eq!(chosen.group, DhGroup::Ecp256);
    assert_eq!(chosen.answer.number, 2);
    let answer = SecurityAssociation {
        proposals: vec![chosen.answer.clone()],
    };
    assert_eq!(accept_ike(&answer, &initiator), Some(chosen));
}

#[test]
fn an_answer_that_was_not_offered_is_not_accepted() {
    let own = [ike(&[Encryption::AesCbc256], &[DhGroup::Ecp256])];
    let other = [ike(&[Encryption::AesCbc128], &[DhGroup::Ecp256])];
    let mut answer = offer_ike(&own, &[]);
    assert!(accept_ike(&answer, &own).is_some());
    assert_eq!(accept_ike(&offer_ike(&other, &[]), &own), None);
    let twice = answer.proposals[0].transforms[0].clone();
    answer.proposals[0].transforms.push(twice);
    assert_eq!(accept_ike(&answer, &own), None);
    answer.proposals[0].transforms.pop();
    answer.proposals[0].number = 2;
    assert_eq!(accept_ike(&answer, &own), None);
    answer.proposals.clear();
    assert_eq!(accept_ike(&answer, &own), None);
}

#[test]
fn groups_count_only_where_there_is_a_key_exchange() {
    let gcm = Encryption::AesGcm16Bits128;
    let with = [esp(gcm, &[DhGroup::Ecp256])];
    let without = [esp(gcm, &[])];
    let offer = offer_esp(&with, 7, true);
    assert_eq!(choose_esp(&offer, &without, true), None);
    assert_eq!(choose_esp(&offer_esp(&without, 7, true), &with, true), None);
    let chosen = choose_esp(&offer, &without, false).unwrap();
    assert_eq!((chosen.group, chosen.spi), (None, 7));
    let chosen = choose_esp(&offer, &with, true).unwrap();
    assert_eq!(chosen.group, Some(DhGroup::Ecp256));
}

#[test]
fn a_type_of_transform_that_is_not_known_spoils_its_proposal() {
    let own = [ike(&[Encryption::AesCbc256], &[DhGroup::Ecp256])];
    let mut offer = offer_ike(&own, &[]);
    offer.proposals[0]
        .transforms
        .push(Transform::new(TransformType::ADDITIONAL_KEY_EXCHANGE_1, 36));
    assert_eq!(choose_ike(&offer, &own), None);
    // Unless it may be left out.
    offer.proposals[0]
        .transforms
        .push(Transform::new(TransformType::ADDITIONAL_KEY_EXCHANGE_1, 0));
    assert!(choose_ike(&offer, &own).is_some());
}

fn range() -> impl Strategy<Value = TrafficSelector> {
    (
        prop::sample::select(vec![0_u8, 6, 17]),
        0_u16..8,
        0_u16..8,
        0_u32..16,
        0_u32..16,
    )
        .prop_map(|(protocol, a, b, c, d)| {
            TrafficSelector::V4(AddressRange {
                protocol,
                first_port: a.min(b),
                last_port: a.max(b),
                first: Ipv4Addr::from(c.min(d)),
                last: Ipv4Addr::from(c.max(d)),
            })
        })
}

proptest! {
    #[test]
    fn what_is_common_lies_within_both(
        offered in prop::collection::vec(range(), 1..6),
        own in prop::collection::vec(range(), 1..6),
    ) {
        let common = narrow(&offered, &own);
        for one in &common {
            let one = std::slice::from_ref(one);
            prop_assert!(covers(&offered, one));
            prop_assert!(covers(&own, one));
        }
        prop_assert!(!covers(&common, &[]));
        prop_assert_eq!(narrow(&offered, &offered).is_empty(), false);
    }
}
