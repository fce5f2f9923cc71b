//! What an initiator makes of the answer to its proposals (also section 3.3.6).

use ikev2::DhGroup;
use ikev2::algorithm::Transform as _;
use ikev2::deviation::{At, Deviation, Draft, Edit, MessageChange};
use ikev2::message::{AttributeValue, Body, Transform};
use ikev2::numbers::{ExchangeType, TransformType};

use super::section_1_2::groups;
use crate::bench::Bench;
use crate::case::words::{self, words};
use crate::case::{Case, Level, Stop};

pub(crate) const CASES: &[Case] = &[
    Case::of_initiator(
        ("rfc7296-3.3.6.ike-answer-not-offered-refused", "I-SA-X"),
        "3.3.6",
        Level::Must,
        words(
            "Answer with an algorithm for IKE that was not offered",
            "提案されていない IKE アルゴリズムによる応答",
        ),
        NOT_OFFERED,
        an_answer_for_ike_that_was_not_offered_is_refused,
    ),
    Case::of_initiator(
        ("rfc7296-3.3.6.esp-answer-not-offered-refused", "I-ESP-X"),
        "3.3.6",
        Level::Must,
        words(
            "Answer with an algorithm for ESP that was not offered",
            "提案されていない ESP アルゴリズムによる応答",
        ),
        NOT_OFFERED,
        an_answer_for_esp_that_was_not_offered_is_refused,
    ),
    Case::of_initiator(
        ("rfc7296-2.7.two-answers-refused", "I-SA-2"),
        "2.7",
        Level::Should,
        words(
            "Answer with two algorithms of one kind",
            "同一種別のアルゴリズムを 2 つ含む応答",
        ),
        words(
            "A responder must choose exactly one algorithm of each kind; an initiator that ends the exchange \
             when it gets two finds that out. (That it must do so is not said: both were offered.)",
            "応答側は種別ごとにちょうど 1 つのアルゴリズムを選択しなければならず、2 つを受け取った開始側は交換を\
             終了すればそれに気付ける（どちらも提案されているため、終了が必須とは書かれていない）。",
        ),
        an_answer_with_two_algorithms_of_one_kind_is_refused,
    ),
];

const NOT_OFFERED: reports::text::Words = words(
    "The initiator checks that the answer is one of its proposals, and ends the exchange if it is not.",
    "開始側は応答が自身の提案のいずれかであることを確認し、そうでなければ交換を終了する。",
);

/// A length of keys that no cipher has, in bits.
const NO_LENGTH: u16 = 136;

fn an_answer_for_ike_that_was_not_offered_is_refused(bench: &mut Bench<'_>) -> Result<(), Stop> {
    let mut tester = bench.tester();
    let at = At::response(ExchangeType::IKE_SA_INIT);
    bench.stays_away(&mut tester, at, not_offered())
}

fn an_answer_for_esp_that_was_not_offered_is_refused(bench: &mut Bench<'_>) -> Result<(), Stop> {
    let mut tester = bench.tester();
    let at = At::response(ExchangeType::IKE_AUTH);
    tester.endpoint.deviate(Deviation::new(at, not_offered()));
    bench.turned_down(&mut tester)
}

fn an_answer_with_two_algorithms_of_one_kind_is_refused(bench: &mut Bench<'_>) -> Result<(), Stop> {
    let known: Vec<u16> = groups(&bench.config().ike)
        .map(DhGroup::transform_id)
        .collect();
    if known.len() < 2 {
        return Err(Stop::NotApplicable(words::ONE_GROUP_ONLY));
    }
    let two = Edit::new("two groups in the answer", move |draft| {
        let Some(transforms) = transforms(draft) else {
            return false;
        };
        let mut all = transforms.iter();
        let group = all.find(|one| one.kind == TransformType::KEY_EXCHANGE);
        let Some(group) = group.cloned() else {
            return false;
        };
        let mut others = known.iter().filter(|id| **id != group.id);
        let other = others.next().map(|&id| Transform { id, ..group });
        transforms.extend(other);
        true
    });
    let mut tester = bench.tester();
    let at = At::response(ExchangeType::IKE_SA_INIT);
    bench.stays_away(&mut tester, at, MessageChange::Edit(two))
}

/// The encryption of the answer has a key of another length.
fn not_offered() -> MessageChange {
    MessageChange::Edit(Edit::new("an algorithm that was not offered", |draft| {
        let Some(transforms) = transforms(draft) else {
            return false;
        };
        let mut all = transforms.iter_mut();
        let encryption = all.find(|one| one.kind == TransformType::ENCRYPTION);
        let Some(encryption) = encryption else {
            return false;
        };
        match encryption.attributes.first_mut() {
            Some(length) => length.value = AttributeValue::Short(NO_LENGTH),
            None => {
                let named = encryption.clone();
                *encryption = named.with_key_length(NO_LENGTH);
            }
        }
        true
    }))
}

fn transforms(draft: &mut Draft) -> Option<&mut Vec<Transform>> {
    let mut all = draft.payloads().iter_mut();
    all.find_map(|payload| match &mut payload.body {
        Body::Sa(sa) => Some(&mut sa.proposals.first_mut()?.transforms),
        _ => None,
    })
}
