//! RFC 7383, fragmentation of IKEv2 messages.

use ikev2::deviation::{At, Deviation, FragmentChange};
use ikev2::message::notifies;
use ikev2::numbers::{ExchangeType, NotifyType};

use crate::bench::Bench;
use crate::case::words::words;
use crate::case::{Case, Level, Seen, Setup, Stop};

pub(crate) const CASES: &[Case] = &[
    Case {
        id: "rfc7383-2.6.fragments-joined",
        abbreviation: "FRAG",
        title: words("Fragments in order", "順序どおりのフラグメント"),
        rfc: 7383,
        section: "2.6",
        restated: words(
            "A message in fragments is joined when all of them have come.",
            "全てのフラグメントが届いた時点でメッセージを再構成する。",
        ),
        level: Level::Must,
        setup: Setup::RESPONDS,
        run: fragments_are_joined,
    },
    Case {
        id: "rfc7383-2.6.fragments-joined-in-any-order",
        abbreviation: "FRAG-R",
        title: words("Fragments in another order", "順序の異なるフラグメント"),
        rfc: 7383,
        section: "2.6",
        restated: words(
            "Fragments may come in any order.",
            "フラグメントはいかなる順序で届いてもよい。",
        ),
        level: Level::Must,
        setup: Setup::RESPONDS,
        run: fragments_in_the_opposite_order_are_joined,
    },
    Case {
        id: "rfc7383-2.6.doubled-fragment-passed-over",
        abbreviation: "FRAG-D",
        title: words("A fragment that comes twice", "重複したフラグメント"),
        rfc: 7383,
        section: "2.6",
        restated: words(
            "A fragment that has come before is dropped.",
            "受信済みのフラグメントは破棄する。",
        ),
        level: Level::Must,
        setup: Setup::RESPONDS,
        run: a_fragment_that_comes_twice_does_no_harm,
    },
];

/// Octets of plaintext in a fragment: an IKE_AUTH request makes several of it.
const PIECE: usize = 64;

fn fragments_are_joined(bench: &mut Bench<'_>) -> Result<(), Stop> {
    joined(bench, None)
}

fn fragments_in_the_opposite_order_are_joined(bench: &mut Bench<'_>) -> Result<(), Stop> {
    joined(bench, Some(FragmentChange::Reverse))
}

fn a_fragment_that_comes_twice_does_no_harm(bench: &mut Bench<'_>) -> Result<(), Stop> {
    joined(bench, Some(FragmentChange::Double(1)))
}

/// That an IKE_AUTH request in fragments is answered with a tunnel.
fn joined(bench: &mut Bench<'_>, change: Option<FragmentChange>) -> Result<(), Stop> {
    let mut tester = bench.tester();
    let at = At::request(ExchangeType::IKE_AUTH);
    for change in [Some(FragmentChange::Cut(PIECE)), change]
        .into_iter()
        .flatten()
    {
        tester.endpoint.deviate(Deviation::new(at, change));
    }
    bench.initiate(&mut tester)?;
    let answer = bench.answer(&mut tester, ExchangeType::IKE_SA_INIT)?;
    let answer = answer.ok_or(Stop::Control(Seen::Silence))?;
    let supported = NotifyType::IKEV2_FRAGMENTATION_SUPPORTED;
    if !notifies(&answer).any(|notify| notify.kind == supported) {
        return Err(Stop::NotApplicable(words(
            "does not announce that it joins fragments",
            "フラグメント化への対応を通知しません",
        )));
    }
    let sa = bench
        .established_on(&mut tester)?
        .map_err(Stop::Violation)?;
    bench.still_has(&mut tester, sa)?;
    bench.end(&mut tester, sa)
}
