//! Cookies.

use ikev2::IkeProposal;
use ikev2::message::{Body, Payload};
use ikev2::numbers::{ExchangeType, NotifyType};

use crate::bench::{Bench, Tester};
use crate::case::words::{self, words};
use crate::case::{Case, Level, Seen, Stop};

pub(crate) const CASES: &[Case] = &[
    Case::of_initiator(
        ("rfc7296-2.6.cookie-returned", "I-COOKIE"),
        "2.6",
        Level::Must,
        words(
            "Responder that asks for a cookie",
            "Cookie を要求する応答側",
        ),
        words(
            "An initiator that is asked for a cookie sends its request again with the cookie as the first \
             payload and all others as they were.",
            "Cookie を要求された開始側は、Cookie を先頭に置き、他のペイロードを変えずに要求を再度送信\
             する。",
        ),
        a_cookie_is_returned_before_the_same_payloads,
    ),
    Case::of_initiator(
        ("rfc7296-2.6.1.cookie-and-other-group", "I-COOK-KE"),
        "2.6.1",
        Level::Must,
        words(
            "Responder that asks for a cookie and wants another group",
            "Cookie を要求し、異なるグループを求める応答側",
        ),
        words(
            "An initiator copes with a responder that asks for a cookie and then for another group.",
            "開始側は、Cookie に続いて異なるグループを求める応答側に対応する。",
        ),
        a_cookie_and_another_group_are_given_one_after_the_other,
    ),
];

fn a_cookie_is_returned_before_the_same_payloads(bench: &mut Bench<'_>) -> Result<(), Stop> {
    let mut config = bench.config().clone();
    config.demand_cookie = true;
    let mut tester = bench.tester_with(config);
    bench.call()?;
    let exchange = ExchangeType::IKE_SA_INIT;
    let begun = bench.request(&mut tester, exchange)?;
    let first = begun.ok_or(Stop::Control(Seen::Wrong(words::DID_NOT_BEGIN)))?;
    let again = bench.request(&mut tester, exchange)?;
    let again = again.ok_or(Stop::Violation(Seen::Silence))?;
    let is_alike = again.header.initiator_spi == first.header.initiator_spi
        && without_cookie(&again.payloads) == without_cookie(&first.payloads);
    let has_cookie = again.payloads.first().is_some_and(is_cookie);
    if !is_alike || !has_cookie {
        return Err(Stop::Violation(Seen::Wrong(words::OTHER_REQUEST)));
    }
    goes_through(bench, &mut tester)
}

fn a_cookie_and_another_group_are_given_one_after_the_other(
    bench: &mut Bench<'_>,
) -> Result<(), Stop> {
    let mut config = bench.config().clone();
    config.demand_cookie = true;
    // A router begins with the group that it prefers, which is seldom its last one.
    config.ike = config.ike.iter().filter_map(with_last_group).collect();
    if config.ike.is_empty() {
        return Err(Stop::NotApplicable(words::ONE_GROUP_ONLY));
    }
    let mut tester = bench.tester_with(config);
    bench.call()?;
    goes_through(bench, &mut tester)
}

fn goes_through(bench: &mut Bench<'_>, tester: &mut Tester) -> Result<(), Stop> {
    let sa = bench.joined(tester)?.map_err(Stop::Violation)?;
    bench.still_has(tester, sa)?;
    bench.end(tester, sa)
}

fn with_last_group(proposal: &IkeProposal) -> Option<IkeProposal> {
    let [_, .., last] = proposal.dh() else {
        return None;
    };
    let (encryption, integrity, prf) =
        (proposal.encryption(), proposal.integrity(), proposal.prf());
    let (encryption, integrity) = (encryption.to_vec(), integrity.to_vec());
    IkeProposal::new(encryption, integrity, prf.to_vec(), vec![*last]).ok()
}

fn is_cookie(payload: &Payload) -> bool {
    match &payload.body {
        Body::Notify(notify) => notify.kind == NotifyType::COOKIE,
        _ => false,
    }
}

fn without_cookie(payloads: &[Payload]) -> Vec<&Payload> {
    let all = payloads.iter();
    all.filter(|payload| !is_cookie(payload)).collect()
}
