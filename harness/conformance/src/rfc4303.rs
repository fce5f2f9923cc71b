//! RFC 4303, ESP: what goes through a Child SA of the router, and what must not. One clause is of
//! RFC 4301, the architecture.

use std::net::Ipv4Addr;

use ikev2::esp::{IPV4, NO_NEXT_HEADER};

use crate::bench::Bench;
use crate::case::words::{self, words};
use crate::case::{Case, Level, Seen, Setup, Stop};
use crate::echo::Echo;

pub(crate) const CASES: &[Case] = &[
    Case {
        id: "rfc4303-3.4.packet-delivered",
        abbreviation: "ESP",
        title: words("Traffic through a Child SA", "Child SA を通る通信"),
        rfc: 4303,
        section: "3.4",
        restated: words(
            "A packet that comes through a Child SA is delivered to the network behind the router, and the \
             answer to it goes back through the Child SA.",
            "Child SA を通って届いたパケットをルーター配下のネットワークに届け、その応答を Child SA を\
             通して返す。",
        ),
        level: Level::Must,
        setup: Setup::RESPONDS,
        run: a_packet_is_delivered_and_its_answer_comes_back,
    },
    Case {
        id: "rfc4303-3.4.3.replayed-packet-dropped",
        abbreviation: "ESP-RPL",
        title: words("Packet of ESP that comes again", "ESP パケットの再送"),
        rfc: 4303,
        section: "3.4.3",
        restated: words(
            "A packet whose sequence number has come before is dropped.",
            "受信済みのシーケンス番号を持つパケットは破棄する。",
        ),
        level: Level::Must,
        setup: Setup::RESPONDS,
        run: a_replayed_packet_is_dropped,
    },
    Case {
        id: "rfc4303-3.4.4.damaged-packet-dropped",
        abbreviation: "ESP-ICV",
        title: words(
            "Packet of ESP with a damaged check value",
            "完全性検査に失敗する ESP パケット",
        ),
        rfc: 4303,
        section: "3.4.4",
        restated: words(
            "A packet whose integrity check fails is dropped, and those after it are not.",
            "完全性検査に失敗したパケットは破棄し、後続のパケットは処理する。",
        ),
        level: Level::Must,
        setup: Setup::RESPONDS,
        run: a_damaged_packet_is_dropped,
    },
    Case {
        id: "rfc4303-2.6.dummy-packet-dropped",
        abbreviation: "ESP-DUM",
        title: words("Dummy packet of ESP", "ESP のダミーパケット"),
        rfc: 4303,
        section: "2.6",
        restated: words(
            "A packet with the Next Header 59 is a dummy: it is dropped without an error.",
            "次ヘッダーが 59 のパケットはダミーであり、エラーとせずに破棄する。",
        ),
        level: Level::Must,
        setup: Setup::RESPONDS,
        run: a_dummy_packet_is_dropped,
    },
    Case {
        id: "rfc4301-5.2.foreign-source-dropped",
        abbreviation: "ESP-SRC",
        title: words(
            "Packet of ESP from outside the traffic selectors",
            "トラフィックセレクター外の送信元からの ESP パケット",
        ),
        rfc: 4301,
        section: "5.2",
        restated: words(
            "A packet that comes through an SA and does not fit the selectors of it is dropped.",
            "SA を通って届いたパケットのうち、その SA のセレクターに合わないものは破棄する。",
        ),
        level: Level::Must,
        setup: Setup::RESPONDS,
        run: a_packet_from_outside_the_selectors_is_dropped,
    },
];

/// A network for benchmarks that no router of a lab has (RFC 2544).
pub(crate) const FOREIGN: Ipv4Addr = Ipv4Addr::new(198, 18, 0, 1);

fn a_packet_is_delivered_and_its_answer_comes_back(bench: &mut Bench<'_>) -> Result<(), Stop> {
    let (mut tester, sa) = bench.established()?;
    bench.carries_traffic(&mut tester, sa)?;
    bench.end(&mut tester, sa)
}

fn a_replayed_packet_is_dropped(bench: &mut Bench<'_>) -> Result<(), Stop> {
    let (mut tester, sa) = bench.established()?;
    control(bench.carries_traffic(&mut tester, sa))?;
    let packet = bench.sealed(&mut tester, sa, IPV4, |echo| echo)?;
    let packet = packet.ok_or(Stop::Control(Seen::Wrong(words::NO_TRAFFIC)))?;
    bench.send(&mut tester, &packet);
    if !bench.comes_back(&mut tester, &packet)? {
        return Err(Stop::Control(Seen::Wrong(words::NO_TRAFFIC)));
    }
    bench.send(&mut tester, &packet);
    if bench.comes_back(&mut tester, &packet)? {
        return Err(Stop::Violation(Seen::Wrong(words::TRAFFIC)));
    }
    bench.carries_traffic(&mut tester, sa)?;
    bench.end(&mut tester, sa)
}

fn a_damaged_packet_is_dropped(bench: &mut Bench<'_>) -> Result<(), Stop> {
    dropped(
        bench,
        IPV4,
        |echo| echo,
        |octets| {
            if let Some(last) = octets.last_mut() {
                *last ^= 1;
            }
        },
    )
}

fn a_dummy_packet_is_dropped(bench: &mut Bench<'_>) -> Result<(), Stop> {
    dropped(bench, NO_NEXT_HEADER, |echo| echo, |_| ())
}

fn a_packet_from_outside_the_selectors_is_dropped(bench: &mut Bench<'_>) -> Result<(), Stop> {
    let from_outside = |echo| Echo {
        source: FOREIGN,
        ..echo
    };
    dropped(bench, IPV4, from_outside, |_| ())
}

/// That nothing comes back for a packet with these changes, and that one without them is answered
/// before and after it.
fn dropped(
    bench: &mut Bench<'_>,
    next_header: u8,
    change: impl FnOnce(Echo) -> Echo,
    damage: impl FnOnce(&mut Vec<u8>),
) -> Result<(), Stop> {
    let (mut tester, sa) = bench.established()?;
    control(bench.carries_traffic(&mut tester, sa))?;
    let packet = bench.sealed(&mut tester, sa, next_header, change)?;
    let mut packet = packet.ok_or(Stop::Control(Seen::Wrong(words::NO_TRAFFIC)))?;
    damage(&mut packet.bytes);
    bench.send(&mut tester, &packet);
    if bench.comes_back(&mut tester, &packet)? {
        return Err(Stop::Violation(Seen::Wrong(words::TRAFFIC)));
    }
    bench.carries_traffic(&mut tester, sa)?;
    bench.end(&mut tester, sa)
}

/// What is no violation of this clause, but shows that nothing can be tested.
fn control(tried: Result<(), Stop>) -> Result<(), Stop> {
    tried.map_err(|stop| match stop {
        Stop::Violation(seen) => Stop::Control(seen),
        other => other,
    })
}
