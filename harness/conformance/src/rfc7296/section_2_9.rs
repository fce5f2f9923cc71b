//! Traffic selector negotiation.

use std::net::Ipv4Addr;

use ikev2::message::TrafficSelector;
use ikev2::negotiation::selectors::covers;
use ikev2::numbers::{ExchangeType, NotifyType, PayloadType};

use crate::bench::{Bench, must_have, refusal};
use crate::case::words::{self, words};
use crate::case::{Case, Level, Seen, Setup, Stop};

pub(crate) const CASES: &[Case] = &[
    Case {
        id: "rfc7296-2.9.foreign-selectors-refused",
        abbreviation: "TS",
        title: words(
            "Traffic selectors that do not meet",
            "重ならないトラフィックセレクター",
        ),
        rfc: 7296,
        section: "2.9",
        restated: words(
            "Traffic selectors of which nothing is acceptable are refused with TS_UNACCEPTABLE; the \
             IKE SA stays.",
            "許容できる範囲のないトラフィックセレクターは TS_UNACCEPTABLE で拒否し、IKE SA は維持する。",
        ),
        level: Level::Must,
        setup: Setup::RESPONDS,
        run: selectors_that_do_not_meet_are_refused_and_the_ike_sa_stays,
    },
    Case {
        id: "rfc7296-2.9.wide-selectors-narrowed",
        abbreviation: "NARROW",
        title: words("Wider traffic selectors", "広いトラフィックセレクター"),
        rfc: 7296,
        section: "2.9",
        restated: words(
            "Of wider traffic selectors a responder chooses a part that is not empty.",
            "広いトラフィックセレクターから、応答側は空でない部分集合を選択する。",
        ),
        level: Level::Should,
        setup: Setup::RESPONDS,
        run: wider_selectors_are_narrowed,
    },
];

fn selectors_that_do_not_meet_are_refused_and_the_ike_sa_stays(
    bench: &mut Bench<'_>,
) -> Result<(), Stop> {
    let mut config = bench.config().clone();
    // Networks for documentation and benchmarks that no router of a lab has (RFC 5737, RFC 2544).
    config.local_selectors = network([198, 18, 0, 0], [198, 18, 0, 255]);
    config.remote_selectors = network([198, 19, 0, 0], [198, 19, 0, 255]);
    let mut tester = bench.tester_with(config);
    let sa = bench.initiate(&mut tester)?;
    let answer = bench.answer(&mut tester, ExchangeType::IKE_AUTH)?;
    let answer = answer.ok_or(Stop::Violation(Seen::Silence))?;
    match refusal(&answer) {
        Some(NotifyType::TS_UNACCEPTABLE) => {}
        Some(other) => return Err(Stop::Violation(Seen::Refused(other))),
        None => return Err(Stop::Violation(Seen::Accepted)),
    }
    must_have(Some(answer), PayloadType::AUTH)?;
    bench.still_has(&mut tester, sa)?;
    bench.end(&mut tester, sa)
}

fn wider_selectors_are_narrowed(bench: &mut Bench<'_>) -> Result<(), Stop> {
    let mut config = bench.config().clone();
    let own = config.remote_selectors.clone();
    config.local_selectors = TrafficSelector::everything();
    config.remote_selectors = TrafficSelector::everything();
    let mut tester = bench.tester_with(config);
    let sa = bench.establish(&mut tester)?.map_err(Stop::Violation)?;
    let children = tester.endpoint.sa(sa).map(ikev2::endpoint::IkeSa::children);
    let child = children.and_then(|all| all.first());
    let remote = child.map(|child| child.remote_selectors.clone());
    let is_within = remote.is_some_and(|remote| !remote.is_empty() && covers(&own, &remote));
    bench.end(&mut tester, sa)?;
    if is_within {
        Ok(())
    } else {
        Err(Stop::Violation(Seen::Wrong(words::NOT_NARROWED)))
    }
}

fn network(first: [u8; 4], last: [u8; 4]) -> Vec<TrafficSelector> {
    let [first, last] = [first, last].map(Ipv4Addr::from);
    vec![TrafficSelector::addresses_v4(first, last)]
}
