//! What an initiator makes of the answer to its traffic selectors.

use ikev2::deviation::{At, Deviation, Edit, MessageChange};
use ikev2::esp::IPV4;
use ikev2::message::{Body, TrafficSelector};
use ikev2::numbers::ExchangeType;

use crate::bench::Bench;
use crate::case::words::{self, words};
use crate::case::{Case, Level, Seen, Stop};
use crate::echo::Echo;
use crate::rfc4303::FOREIGN;

pub(crate) const CASES: &[Case] = &[
    Case::of_initiator(
        ("rfc7296-2.9.narrowed-selectors-taken", "I-NARROW"),
        "2.9",
        Level::Should,
        words(
            "Responder that narrows the traffic selectors",
            "トラフィックセレクターを絞り込む応答側",
        ),
        words(
            "A responder may choose a part of the traffic selectors, and the Child SA carries that part.",
            "応答側はトラフィックセレクターの一部を選択でき、Child SA はその範囲の通信を運ぶ。",
        ),
        narrowed_selectors_are_taken,
    ),
    Case::of_initiator(
        ("rfc7296-2.9.wider-selectors-not-used", "I-TS-X"),
        "2.9",
        Level::Must,
        words(
            "Answer with wider traffic selectors than were offered",
            "提案より広いトラフィックセレクターによる応答",
        ),
        words(
            "A responder chooses a part of what was offered; whatever it answers, the initiator lets nothing \
             through that it has not offered.",
            "応答側は提案の部分集合を選択する。応答の内容にかかわらず、開始側は提案の範囲外の通信を通さない。",
        ),
        nothing_beyond_the_offer_goes_through,
    ),
];

fn narrowed_selectors_are_taken(bench: &mut Bench<'_>) -> Result<(), Stop> {
    let mut config = bench.config().clone();
    let own = bench.hosts().own;
    config.local_selectors = vec![TrafficSelector::addresses_v4(own, own)];
    let mut tester = bench.tester_with(config);
    let sa = bench.establish(&mut tester)?.map_err(Stop::Violation)?;
    bench.carries_traffic(&mut tester, sa)?;
    bench.end(&mut tester, sa)
}

fn nothing_beyond_the_offer_goes_through(bench: &mut Bench<'_>) -> Result<(), Stop> {
    let wider = Edit::new("traffic selectors for everything", |draft| {
        let mut any = false;
        for payload in draft.payloads() {
            if let Body::TsI(selectors) | Body::TsR(selectors) = &mut payload.body {
                selectors.selectors = TrafficSelector::everything();
                any = true;
            }
        }
        any
    });
    let mut tester = bench.tester();
    let at = At::response(ExchangeType::IKE_AUTH);
    let change = MessageChange::Edit(wider);
    tester.endpoint.deviate(Deviation::new(at, change));
    bench.call()?;
    if let Ok(sa) = bench.joined(&mut tester)? {
        let from_outside = |echo| Echo {
            source: FOREIGN,
            ..echo
        };
        // A router may need a moment until its Child SA is ready.
        for _ in 0..3 {
            let packet = bench.sealed(&mut tester, sa, IPV4, from_outside)?;
            if let Some(packet) = packet {
                bench.send(&mut tester, &packet);
                if bench.comes_back(&mut tester, &packet)? {
                    return Err(Stop::Violation(Seen::Wrong(words::TRAFFIC)));
                }
            }
        }
        bench.end(&mut tester, sa)?;
    }
    control_with_traffic(bench)
}

/// That traffic goes through when nothing is wrong.
fn control_with_traffic(bench: &mut Bench<'_>) -> Result<(), Stop> {
    let (mut tester, sa) = bench.established()?;
    if !bench.echoes(&mut tester, sa)? {
        return Err(Stop::Control(Seen::Wrong(words::NO_TRAFFIC)));
    }
    bench.end(&mut tester, sa)
}
