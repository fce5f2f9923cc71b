//! RFC 7383, fragmentation, of what comes to an initiator.

use ikev2::deviation::{At, Deviation, FragmentChange};
use ikev2::message::notifies;
use ikev2::numbers::{ExchangeType, NotifyType};

use crate::bench::Bench;
use crate::case::words::{self, words};
use crate::case::{Case, Level, Seen, Stop};

pub(crate) const CASES: &[Case] = &[
    Case::of_initiator(
        ("rfc7383-2.6.fragments-of-response-joined", "I-FRAG"),
        "2.6",
        Level::Must,
        words(
            "Fragments of a response in order",
            "順序どおりの応答フラグメント",
        ),
        words(
            "A message in fragments is joined when all of them have come.",
            "全てのフラグメントが届いた時点でメッセージを再構成する。",
        ),
        fragments_of_a_response_are_joined,
    )
    .of_rfc(7383),
    Case::of_initiator(
        (
            "rfc7383-2.6.fragments-of-response-joined-in-any-order",
            "I-FRAG-R",
        ),
        "2.6",
        Level::Must,
        words(
            "Fragments of a response in another order",
            "順序の異なる応答フラグメント",
        ),
        words(
            "Fragments may come in any order.",
            "フラグメントはいかなる順序で届いてもよい。",
        ),
        fragments_of_a_response_in_the_opposite_order_are_joined,
    )
    .of_rfc(7383),
    Case::of_initiator(
        (
            "rfc7383-2.6.doubled-fragment-of-response-passed-over",
            "I-FRAG-D",
        ),
        "2.6",
        Level::Must,
        words(
            "A fragment of a response that comes twice",
            "重複した応答フラグメント",
        ),
        words(
            "A fragment that has come before is dropped.",
            "受信済みのフラグメントは破棄する。",
        ),
        a_fragment_of_a_response_that_comes_twice_does_no_harm,
    )
    .of_rfc(7383),
];

/// Octets of plaintext in a fragment: an IKE_AUTH response makes several of it.
const PIECE: usize = 64;

fn fragments_of_a_response_are_joined(bench: &mut Bench<'_>) -> Result<(), Stop> {
    joined(bench, None)
}

fn fragments_of_a_response_in_the_opposite_order_are_joined(
    bench: &mut Bench<'_>,
) -> Result<(), Stop> {
    joined(bench, Some(FragmentChange::Reverse))
}

fn a_fragment_of_a_response_that_comes_twice_does_no_harm(
    bench: &mut Bench<'_>,
) -> Result<(), Stop> {
    joined(bench, Some(FragmentChange::Double(1)))
}

/// That an IKE_AUTH response in fragments makes a tunnel.
fn joined(bench: &mut Bench<'_>, change: Option<FragmentChange>) -> Result<(), Stop> {
    let mut tester = bench.tester();
    let cut = Some(FragmentChange::Cut(PIECE));
    for change in [cut, change].into_iter().flatten() {
        let at = At::response(ExchangeType::IKE_AUTH);
        tester.endpoint.deviate(Deviation::new(at, change));
    }
    bench.call()?;
    let request = bench.request(&mut tester, ExchangeType::IKE_SA_INIT)?;
    let request = request.ok_or(Stop::Control(Seen::Wrong(words::DID_NOT_BEGIN)))?;
    let supported = NotifyType::IKEV2_FRAGMENTATION_SUPPORTED;
    if !notifies(&request.payloads).any(|notify| notify.kind == supported) {
        return Err(Stop::NotApplicable(words(
            "does not announce that it joins fragments",
            "フラグメント化への対応を通知しません",
        )));
    }
    let sa = bench.joined(&mut tester)?.map_err(Stop::Violation)?;
    bench.still_has(&mut tester, sa)?;
    bench.end(&mut tester, sa)
}
