//! The initial exchanges: the group of the key exchange.

use ikev2::algorithm::Transform as _;
use ikev2::deviation::{At, Edit, MessageChange};
use ikev2::message::{Body, Notify, Payload, Proposal, Transform};
use ikev2::numbers::{ExchangeType, NotifyType};
use ikev2::{DhGroup, IkeProposal};

use crate::bench::{Bench, Request, control};
use crate::case::words::{self, words};
use crate::case::{Case, Level, Seen, Stop};

pub(crate) const CASES: &[Case] = &[
    Case::of_initiator(
        ("rfc7296-1.2.other-group-taken", "I-KE"),
        "1.2",
        Level::Must,
        words(
            "Responder that wants another group",
            "異なるグループを求める応答側",
        ),
        words(
            "An initiator whose guess of the group was wrong begins again with the group that the \
             responder names, and offers the same algorithms.",
            "グループの推測を誤った開始側は、応答側が示すグループで再度開始し、同一のアルゴリズムを\
             提案する。",
        ),
        another_group_is_taken_with_the_same_offer,
    ),
    Case::of_initiator(
        ("rfc7296-3.4.foreign-group-not-sent", "I-KE-X"),
        "3.4",
        Level::Must,
        words(
            "Responder that wants a group that was not offered",
            "提案されていないグループを求める応答側",
        ),
        words(
            "The group of a key exchange is one of a proposal in the same message.",
            "鍵交換のグループは、同一メッセージ内の提案に含まれるグループである。",
        ),
        a_group_that_was_not_offered_is_not_taken,
    ),
];

fn another_group_is_taken_with_the_same_offer(bench: &mut Bench<'_>) -> Result<(), Stop> {
    let first = requested(bench)?;
    let tried = group_of(&first);
    let mut config = bench.config().clone();
    let other = groups(&bench.config().ike)
        .find(|group| Some(group.transform_id()) != tried)
        .ok_or(Stop::NotApplicable(words::ONE_GROUP_ONLY))?;
    config.ike = config
        .ike
        .iter()
        .filter(|one| one.dh().contains(&other))
        .filter_map(|one| {
            let (encryption, integrity, prf) = (one.encryption(), one.integrity(), one.prf());
            IkeProposal::new(
                encryption.to_vec(),
                integrity.to_vec(),
                prf.to_vec(),
                vec![other],
            )
            .ok()
        })
        .collect();
    let mut tester = bench.tester_with(config);
    bench.call()?;
    let exchange = ExchangeType::IKE_SA_INIT;
    let begun = bench.request(&mut tester, exchange)?;
    let first = begun.ok_or(Stop::Control(Seen::Wrong(words::DID_NOT_BEGIN)))?;
    let again = bench.request(&mut tester, exchange)?;
    let again = again.ok_or(Stop::Violation(Seen::Silence))?;
    if !is_same_offer(&first, &again) {
        return Err(Stop::Violation(Seen::Wrong(words::OTHER_OFFER)));
    }
    let sa = bench.joined(&mut tester)?.map_err(Stop::Violation)?;
    bench.still_has(&mut tester, sa)?;
    bench.end(&mut tester, sa)
}

fn a_group_that_was_not_offered_is_not_taken(bench: &mut Bench<'_>) -> Result<(), Stop> {
    let known: Vec<DhGroup> = groups(&bench.config().ike).collect();
    let mut others = DhGroup::ALL.iter().filter(|group| !known.contains(group));
    let other = others.next().map(|group| group.transform_id());
    let other = other.ok_or(Stop::NotApplicable(words::NO_OTHER_GROUP))?;
    let wanting = Edit::new("wants a group that was not offered", move |draft| {
        let data = other.to_be_bytes().to_vec();
        let notify = Notify::new(NotifyType::INVALID_KE_PAYLOAD, data);
        *draft.payloads() = vec![Payload::new(Body::Notify(notify))];
        true
    });
    let mut tester = bench.tester();
    let at = At::response(ExchangeType::IKE_SA_INIT);
    bench.called_with(&mut tester, at, MessageChange::Edit(wanting))?;
    let patience = bench.patience().silence * 2;
    let taken = bench.until(&mut tester, patience, |event| match event {
        ikev2::endpoint::Event::Received {
            header, payloads, ..
        } if header.exchange == ExchangeType::IKE_SA_INIT => {
            let request = Request {
                header: *header,
                payloads: payloads.clone(),
            };
            (group_of(&request) == Some(other)).then_some(())
        }
        _ => None,
    })?;
    if taken.is_some() {
        return Err(Stop::Violation(Seen::Accepted));
    }
    control(bench)
}

/// The first request of a router for which all is right.
fn requested(bench: &mut Bench<'_>) -> Result<Request, Stop> {
    let mut tester = bench.tester();
    bench.call()?;
    let begun = bench.request(&mut tester, ExchangeType::IKE_SA_INIT)?;
    let begun = begun.ok_or(Stop::Control(Seen::Wrong(words::DID_NOT_BEGIN)))?;
    let sa = bench.joined(&mut tester)?.map_err(Stop::Control)?;
    bench.end(&mut tester, sa)?;
    Ok(begun)
}

fn group_of(request: &Request) -> Option<u16> {
    request
        .payloads
        .iter()
        .find_map(|payload| match &payload.body {
            Body::Ke(exchange) => Some(exchange.group.0),
            _ => None,
        })
}

/// Whether both offer the same, in whatever order.
fn is_same_offer(one: &Request, other: &Request) -> bool {
    let (one, other) = (offers(one), offers(other));
    let has_same = |one: &[Transform], other: &[Transform]| {
        one.len() == other.len() && one.iter().all(|transform| other.contains(transform))
    };
    let is_in = |proposal: &&Proposal, all: &[&Proposal]| {
        let mut all = all.iter();
        all.any(|one| has_same(&one.transforms, &proposal.transforms))
    };
    one.len() == other.len()
        && one.iter().all(|proposal| is_in(proposal, &other))
        && other.iter().all(|proposal| is_in(proposal, &one))
}

fn offers(request: &Request) -> Vec<&Proposal> {
    let all = request.payloads.iter();
    let sas = all.filter_map(|payload| match &payload.body {
        Body::Sa(sa) => Some(&sa.proposals),
        _ => None,
    });
    sas.flatten().collect()
}

/// All groups of these proposals.
pub(super) fn groups(proposals: &[IkeProposal]) -> impl Iterator<Item = DhGroup> {
    proposals.iter().flat_map(IkeProposal::dh).copied()
}
