//! The Notify payload.

use ikev2::deviation::{Deviation, MessageChange, Position};
use ikev2::endpoint::Action;
use ikev2::message::{Body, Notify, Payload};
use ikev2::numbers::{ExchangeType, NotifyType};

use crate::bench::Bench;
use crate::case::words::words;
use crate::case::{Case, Level, Seen, Setup, Stop};

pub(crate) const CASES: &[Case] = &[
    Case {
        id: "rfc7296-3.10.1.unknown-status-ignored-in-init",
        abbreviation: "STAT-I",
        title: words(
            "Unknown status notification in IKE_SA_INIT",
            "IKE_SA_INIT 中の未知の状態通知",
        ),
        rfc: 7296,
        section: "3.10.1",
        restated: STATUS,
        level: Level::Must,
        setup: Setup::RESPONDS,
        run: an_unknown_status_in_ike_sa_init_is_ignored,
    },
    Case {
        id: "rfc7296-3.10.1.unknown-status-ignored-in-auth",
        abbreviation: "STAT-A",
        title: words(
            "Unknown status notification in IKE_AUTH",
            "IKE_AUTH 中の未知の状態通知",
        ),
        rfc: 7296,
        section: "3.10.1",
        restated: STATUS,
        level: Level::Must,
        setup: Setup::RESPONDS,
        run: an_unknown_status_in_ike_auth_is_ignored,
    },
    Case {
        id: "rfc7296-3.10.1.unknown-error-in-request-ignored",
        abbreviation: "ERR-U",
        title: words(
            "Unknown error notification in a request",
            "要求中の未知のエラー通知",
        ),
        rfc: 7296,
        section: "3.10.1",
        restated: words(
            "An error of unknown type in a request is ignored: the request is answered, and the IKE SA \
             stays.",
            "要求中の未知のエラー通知は無視する。要求には応答し、IKE SA は維持する。",
        ),
        level: Level::Must,
        setup: Setup::RESPONDS,
        run: an_unknown_error_in_a_request_is_ignored,
    },
];

const STATUS: reports::text::Words = words(
    "A status notification of unknown type is ignored.",
    "未知の状態通知は無視する。",
);

/// Numbers that IANA has left to agreements between vendors (RFC 7296, section 3.10.1).
const UNKNOWN_STATUS: NotifyType = NotifyType(65_000);
const UNKNOWN_ERROR: NotifyType = NotifyType(16_000);

fn an_unknown_status_in_ike_sa_init_is_ignored(bench: &mut Bench<'_>) -> Result<(), Stop> {
    taken_with_status(bench, ExchangeType::IKE_SA_INIT)
}

fn an_unknown_status_in_ike_auth_is_ignored(bench: &mut Bench<'_>) -> Result<(), Stop> {
    taken_with_status(bench, ExchangeType::IKE_AUTH)
}

fn an_unknown_error_in_a_request_is_ignored(bench: &mut Bench<'_>) -> Result<(), Stop> {
    let (mut tester, sa) = bench.established()?;
    let request = Action::Request {
        exchange: ExchangeType::INFORMATIONAL,
        payloads: vec![notification(UNKNOWN_ERROR)],
    };
    let answer = bench.ask(&mut tester, sa, request)?;
    let answer = answer.ok_or(Stop::Violation(Seen::Silence))?;
    if let Some(why) = crate::bench::refusal(&answer) {
        return Err(Stop::Violation(Seen::Refused(why)));
    }
    bench.still_has(&mut tester, sa)?;
    bench.end(&mut tester, sa)
}

fn taken_with_status(bench: &mut Bench<'_>, exchange: ExchangeType) -> Result<(), Stop> {
    let mut tester = bench.tester();
    let add = MessageChange::Add {
        payload: notification(UNKNOWN_STATUS),
        at: Position::Last,
    };
    let at = bench.at(exchange);
    tester.endpoint.deviate(Deviation::new(at, add));
    let sa = bench.establish(&mut tester)?.map_err(Stop::Violation)?;
    bench.still_has(&mut tester, sa)?;
    bench.end(&mut tester, sa)
}

fn notification(kind: NotifyType) -> Payload {
    Payload::new(Body::Notify(Notify::new(kind, b"unknown".to_vec())))
}
