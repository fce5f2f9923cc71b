//! The window of overlapping requests, and what lies outside it or is no message of the IKE SA.

use ikev2::deviation::{At, Change, Deviation, MessageChange, Octets, Place};
use ikev2::endpoint::{Action, Event};
use ikev2::numbers::ExchangeType;

use crate::bench::Bench;
use crate::case::words::words;
use crate::case::{Case, Level, Seen, Setup, Stop};

pub(crate) const CASES: &[Case] = &[
    Case {
        id: "rfc7296-2.3.beyond-window-not-answered",
        abbreviation: "WINDOW",
        title: words("Request beyond the window", "ウィンドウ外の要求"),
        rfc: 7296,
        section: "2.3",
        restated: words(
            "A request whose message id is beyond the window is not answered.",
            "ウィンドウを超えるメッセージ ID の要求には応答しない。",
        ),
        level: Level::Must,
        setup: Setup::RESPONDS,
        run: a_request_beyond_the_window_is_not_answered,
    },
    Case {
        id: "rfc7296-2.21.4.damaged-request-not-answered",
        abbreviation: "ICV",
        title: words(
            "Request with a damaged checksum",
            "完全性検査に失敗する要求",
        ),
        rfc: 7296,
        section: "2.21.4",
        restated: words(
            "A message that fails its integrity check is dropped, and the IKE SA stays.",
            "完全性検査に失敗したメッセージは破棄し、IKE SA は維持する。",
        ),
        level: Level::Must,
        setup: Setup::RESPONDS,
        run: a_damaged_request_is_dropped,
    },
    Case {
        id: "rfc7296-2.21.4.request-in-clear-not-answered",
        abbreviation: "CLEAR",
        title: words("Request in clear on an IKE SA", "IKE SA 上の平文の要求"),
        rfc: 7296,
        section: "2.21.4",
        restated: words(
            "A request that must be protected and comes in clear changes nothing: the IKE SA stays.",
            "保護されるべき要求が平文で届いても、IKE SA を維持する。",
        ),
        level: Level::Must,
        setup: Setup::RESPONDS,
        run: a_request_in_clear_does_not_end_the_ike_sa,
    },
];

fn a_request_beyond_the_window_is_not_answered(bench: &mut Bench<'_>) -> Result<(), Stop> {
    dropped(bench, MessageChange::MessageId(1_000).into())
}

fn a_damaged_request_is_dropped(bench: &mut Bench<'_>) -> Result<(), Stop> {
    dropped(bench, Change::Sealed(Octets::Flip(Place::FromEnd(0))))
}

fn a_request_in_clear_does_not_end_the_ike_sa(bench: &mut Bench<'_>) -> Result<(), Stop> {
    dropped(bench, MessageChange::InClear.into())
}

/// That a liveness check with this change gets no protected answer, and that one without it does.
fn dropped(bench: &mut Bench<'_>, change: Change) -> Result<(), Stop> {
    let (mut tester, sa) = bench.established()?;
    let exchange = ExchangeType::INFORMATIONAL;
    let at = At::request(exchange).nth(0);
    tester.endpoint.deviate(Deviation::new(at, change));
    let stray = Action::Stray {
        exchange,
        payloads: Vec::new(),
    };
    bench.perform(&mut tester, sa, stray)?;
    let answered = bench.until(&mut tester, bench.patience().silence, |event| match event {
        Event::Received {
            header,
            is_protected: true,
            ..
        } if header.flags.is_response() => Some(()),
        _ => None,
    })?;
    if answered.is_some() {
        return Err(Stop::Violation(Seen::Answered));
    }
    bench.still_has(&mut tester, sa)?;
    bench.end(&mut tester, sa)
}
