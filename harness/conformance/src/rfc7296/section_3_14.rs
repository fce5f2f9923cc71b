//! The Encrypted payload.

use ikev2::deviation::{Change, Deviation};
use ikev2::numbers::ExchangeType;

use crate::bench::Bench;
use crate::case::words::words;
use crate::case::{Case, Level, Setup, Stop};

pub(crate) const CASES: &[Case] = &[Case {
    id: "rfc7296-3.14.any-padding-taken",
    abbreviation: "PAD",
    title: words(
        "Padding of other octets and length",
        "内容及び長さの異なるパディング",
    ),
    rfc: 7296,
    section: "3.14",
    restated: words(
        "Padding may have any octets and any length up to 255, and the receiver takes it.",
        "パディングの内容は任意であり、255 オクテットまでの任意の長さを受信側は受け入れる。",
    ),
    level: Level::Must,
    setup: Setup::RESPONDS,
    run: padding_of_any_octets_and_length_is_taken,
}];

fn padding_of_any_octets_and_length_is_taken(bench: &mut Bench<'_>) -> Result<(), Stop> {
    let mut tester = bench.tester();
    let change = Change::Padding {
        fill: 0xa5,
        more_blocks: 9,
    };
    let at = bench.at(ExchangeType::IKE_AUTH);
    tester.endpoint.deviate(Deviation::new(at, change));
    let sa = bench.establish(&mut tester)?.map_err(Stop::Violation)?;
    bench.still_has(&mut tester, sa)?;
    bench.end(&mut tester, sa)
}
