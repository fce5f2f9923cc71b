//! The Security Association payload.

use ikev2::deviation::{Draft, Edit, MessageChange};
use ikev2::message::{Attribute, AttributeValue, Body, Proposal, SecurityAssociation, Transform};
use ikev2::numbers::{AttributeType, NotifyType, PayloadType, TransformType};

use crate::bench::{Bench, must_have, must_refuse};
use crate::case::words::words;
use crate::case::{Case, Level, Seen, Setup, Stop};

pub(crate) const CASES: &[Case] = &[
    Case {
        id: "rfc7296-2.7.nothing-in-common-refused",
        abbreviation: "NOPROP",
        title: words(
            "Proposal of algorithms that nobody knows",
            "未知のアルゴリズムのみの提案",
        ),
        rfc: 7296,
        section: "2.7",
        restated: words(
            "An offer of which nothing is acceptable is refused with NO_PROPOSAL_CHOSEN.",
            "許容できる提案がない場合、NO_PROPOSAL_CHOSEN で拒否する。",
        ),
        level: Level::Must,
        setup: Setup::RESPONDS,
        run: an_offer_without_a_known_algorithm_is_refused,
    },
    Case {
        id: "rfc7296-3.3.6.unknown-transform-passed-over",
        abbreviation: "XFORM",
        title: words(
            "Unknown algorithm beside known ones",
            "既知のアルゴリズムと併記された未知のアルゴリズム",
        ),
        rfc: 7296,
        section: "3.3.6",
        restated: words(
            "A transform that is not known is not chosen, and the others of its proposal may be.",
            "未知のトランスフォームは選択せず、同じ提案の他のトランスフォームは選択できる。",
        ),
        level: Level::Must,
        setup: Setup::RESPONDS,
        run: an_unknown_algorithm_beside_known_ones_is_passed_over,
    },
    Case {
        id: "rfc7296-3.3.6.unknown-attribute-passed-over",
        abbreviation: "ATTR",
        title: words(
            "Unknown attribute of an algorithm",
            "アルゴリズムの未知の属性",
        ),
        rfc: 7296,
        section: "3.3.6",
        restated: words(
            "A transform with an attribute that is not known is not chosen, and the next proposal may be.",
            "未知の属性を持つトランスフォームは選択せず、次の提案は選択できる。",
        ),
        level: Level::Must,
        setup: Setup::RESPONDS,
        run: a_transform_with_an_unknown_attribute_is_not_chosen,
    },
    Case {
        id: "rfc7296-3.3.6.unknown-transform-type-passed-over",
        abbreviation: "XTYPE",
        title: words(
            "Proposal with an unknown kind of algorithm",
            "未知の種別のトランスフォームを含む提案",
        ),
        rfc: 7296,
        section: "3.3.6",
        restated: words(
            "A proposal with a transform of an unknown type is not chosen, and the next one may be.",
            "未知の種別のトランスフォームを含む提案は選択せず、次の提案は選択できる。",
        ),
        level: Level::Must,
        setup: Setup::RESPONDS,
        run: a_proposal_with_an_unknown_type_of_transform_is_passed_over,
    },
];

/// A number that IANA has left to agreements between vendors.
const UNKNOWN_ENCRYPTION: u16 = 65_400;
const UNKNOWN_ATTRIBUTE: AttributeType = AttributeType(0x3fff);
const UNKNOWN_TYPE: TransformType = TransformType(250);

fn an_offer_without_a_known_algorithm_is_refused(bench: &mut Bench<'_>) -> Result<(), Stop> {
    let mut tester = bench.tester();
    let edit = offer("only algorithms that nobody knows", |sa| {
        for transform in encryptions(sa) {
            transform.id = UNKNOWN_ENCRYPTION;
        }
    });
    let answer = bench.answer_to_init(&mut tester, edit)?;
    must_refuse(answer, NotifyType::NO_PROPOSAL_CHOSEN).map(drop)
}

fn an_unknown_algorithm_beside_known_ones_is_passed_over(
    bench: &mut Bench<'_>,
) -> Result<(), Stop> {
    let mut tester = bench.tester();
    let edit = offer("an algorithm that nobody knows comes first", |sa| {
        for proposal in &mut sa.proposals {
            let unknown = Transform::new(TransformType::ENCRYPTION, UNKNOWN_ENCRYPTION);
            proposal.transforms.insert(0, unknown);
        }
    });
    let answer = bench.answer_to_init(&mut tester, edit)?;
    must_have(answer, PayloadType::SA)?;
    bench.leave(&mut tester)
}

fn a_transform_with_an_unknown_attribute_is_not_chosen(bench: &mut Bench<'_>) -> Result<(), Stop> {
    chosen_in_spite(
        bench,
        strange_first("an attribute that nobody knows comes first", |proposal| {
            for transform in &mut proposal.transforms {
                if transform.kind == TransformType::ENCRYPTION {
                    transform.attributes.push(Attribute {
                        kind: UNKNOWN_ATTRIBUTE,
                        value: AttributeValue::Short(1),
                    });
                }
            }
        }),
    )
}

fn a_proposal_with_an_unknown_type_of_transform_is_passed_over(
    bench: &mut Bench<'_>,
) -> Result<(), Stop> {
    chosen_in_spite(
        bench,
        strange_first("a transform of unknown type comes first", |proposal| {
            proposal.transforms.push(Transform::new(UNKNOWN_TYPE, 1));
        }),
    )
}

/// The number of the proposal that is left as it was.
const GOOD: u8 = 2;

/// An offer of which the first proposal has this change, and those after it are good.
fn strange_first(
    name: &'static str,
    change: impl Fn(&mut Proposal) + Send + Sync + 'static,
) -> MessageChange {
    offer(name, move |sa| {
        let Some(first) = sa.proposals.first() else {
            return;
        };
        let mut strange = first.clone();
        change(&mut strange);
        sa.proposals.insert(0, strange);
        for (number, proposal) in (1..).zip(&mut sa.proposals) {
            proposal.number = number;
        }
    })
}

/// That the router chooses the first good proposal of an offer with this change.
fn chosen_in_spite(bench: &mut Bench<'_>, change: MessageChange) -> Result<(), Stop> {
    let mut tester = bench.tester();
    let answer = bench.answer_to_init(&mut tester, change)?;
    let answer = must_have(answer, PayloadType::SA)?;
    let mut all = answer.iter().filter_map(|payload| match &payload.body {
        Body::Sa(sa) => sa.proposals.first(),
        _ => None,
    });
    let number = all.next().map(|proposal| proposal.number);
    if number != Some(GOOD) {
        return Err(Stop::Violation(Seen::Accepted));
    }
    bench.leave(&mut tester)
}

fn offer(
    name: &'static str,
    change: impl Fn(&mut SecurityAssociation) + Send + Sync + 'static,
) -> MessageChange {
    MessageChange::Edit(Edit::new(name, move |draft: &mut Draft| {
        let mut all = draft.payloads().iter_mut();
        let sa = all.find_map(|payload| match &mut payload.body {
            Body::Sa(sa) => Some(sa),
            _ => None,
        });
        sa.map(&change).is_some()
    }))
}

fn encryptions(sa: &mut SecurityAssociation) -> impl Iterator<Item = &mut Transform> {
    let all = sa.proposals.iter_mut().flat_map(|one| &mut one.transforms);
    all.filter(|transform| transform.kind == TransformType::ENCRYPTION)
}
