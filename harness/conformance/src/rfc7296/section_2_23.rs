//! NAT traversal.

use ikev2::message::notifies;
use ikev2::nat::detection_hash;
use ikev2::numbers::{ExchangeType, NotifyType};

use crate::bench::Bench;
use crate::case::words::{self, words};
use crate::case::{Case, Level, Seen, Setup, Stop};

pub(crate) const CASES: &[Case] = &[Case {
    id: "rfc7296-2.23.nat-detection-answered",
    abbreviation: "NAT-D",
    title: words("NAT detection", "NAT 検出"),
    rfc: 7296,
    section: "2.23",
    restated: words(
        "A responder that does NAT traversal answers the two NAT detection notifications with its own, \
         over its SPIs, addresses and ports.",
        "NAT トラバーサルに対応する応答側は、自身の SPI、アドレス及びポートによる 2 種の NAT 検出通知で\
         応答する。",
    ),
    level: Level::Should,
    setup: Setup::RESPONDS,
    run: nat_detection_is_answered_with_hashes_of_the_true_addresses,
}];

fn nat_detection_is_answered_with_hashes_of_the_true_addresses(
    bench: &mut Bench<'_>,
) -> Result<(), Stop> {
    let mut tester = bench.tester();
    let sa = bench.initiate(&mut tester)?;
    let answer = bench.answer(&mut tester, ExchangeType::IKE_SA_INIT)?;
    let answer = answer.ok_or(Stop::Control(Seen::Silence))?;
    let Some((first, second)) = tester.endpoint.sa(sa).map(ikev2::endpoint::IkeSa::spis) else {
        return Err(Stop::Control(Seen::Wrong(words::SA_GONE)));
    };
    for (kind, address) in [
        (NotifyType::NAT_DETECTION_SOURCE_IP, bench.path().remote),
        (NotifyType::NAT_DETECTION_DESTINATION_IP, bench.path().local),
    ] {
        let mut all = notifies(&answer)
            .filter(|notify| notify.kind == kind)
            .peekable();
        if all.peek().is_none() {
            let had = answer.iter().map(ikev2::Payload::kind).collect();
            let missing = ikev2::numbers::PayloadType::NOTIFY;
            return Err(Stop::Violation(Seen::Without(missing, had)));
        }
        let hash = detection_hash(first, second, address);
        if !all.any(|notify| notify.data == hash) {
            return Err(Stop::Violation(Seen::Wrong(words::WRONG_HASH)));
        }
    }
    bench.leave(&mut tester)
}
