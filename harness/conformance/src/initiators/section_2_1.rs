//! Retransmission of the initiator's requests, and their message ids and flags.

use ikev2::deviation::{At, Deviation, SendingChange};
use ikev2::numbers::ExchangeType;

use crate::bench::Bench;
use crate::case::words::{self, words};
use crate::case::{Case, Level, Seen, Stop};

pub(crate) const CASES: &[Case] = &[
    Case::of_initiator(
        ("rfc7296-2.1.init-sent-again-alike", "I-RTX-I"),
        "2.1",
        Level::Must,
        words(
            "IKE_SA_INIT request that is not answered",
            "応答のない IKE_SA_INIT 要求",
        ),
        AGAIN,
        an_ike_sa_init_request_is_sent_again_octet_by_octet,
    ),
    Case::of_initiator(
        ("rfc7296-2.1.auth-sent-again-alike", "I-RTX-A"),
        "2.1",
        Level::Must,
        words(
            "IKE_AUTH request that is not answered",
            "応答のない IKE_AUTH 要求",
        ),
        AGAIN,
        an_ike_auth_request_is_sent_again_octet_by_octet,
    ),
    Case::of_initiator(
        ("rfc7296-2.2.message-ids-count-up", "I-IDS"),
        "2.2",
        Level::Must,
        words(
            "Message ids of the initiator's requests",
            "開始側の要求のメッセージ ID",
        ),
        words(
            "The initiator's requests have the message ids 0 in IKE_SA_INIT and 1 in IKE_AUTH.",
            "開始側の要求のメッセージ ID は、IKE_SA_INIT で 0、IKE_AUTH で 1 である。",
        ),
        the_first_requests_have_the_message_ids_0_and_1,
    ),
    Case::of_initiator(
        ("rfc7296-3.1.initiator-flag-kept", "I-FLAG"),
        "3.1",
        Level::Must,
        words("Flag of the original initiator", "最初の開始側を示すフラグ"),
        words(
            "The original initiator sets the initiator flag in all its messages, its responses included.",
            "最初の開始側は、応答を含む全てのメッセージで Initiator フラグを設定する。",
        ),
        the_original_initiator_sets_its_flag_in_responses_too,
    ),
];

const AGAIN: reports::text::Words = words(
    "A request that gets no response is sent again, octet by octet the same.",
    "応答のない要求は、同一の内容で再送する。",
);

fn an_ike_sa_init_request_is_sent_again_octet_by_octet(bench: &mut Bench<'_>) -> Result<(), Stop> {
    sent_again(bench, ExchangeType::IKE_SA_INIT)
}

fn an_ike_auth_request_is_sent_again_octet_by_octet(bench: &mut Bench<'_>) -> Result<(), Stop> {
    sent_again(bench, ExchangeType::IKE_AUTH)
}

/// That a request whose first response is withheld comes again, and as it was.
fn sent_again(bench: &mut Bench<'_>, exchange: ExchangeType) -> Result<(), Stop> {
    let mut tester = bench.tester();
    let at = At::response(exchange).nth(0);
    tester
        .endpoint
        .deviate(Deviation::new(at, SendingChange::Withhold));
    bench.call()?;
    let begun = bench.request(&mut tester, exchange)?;
    begun.ok_or(Stop::Control(Seen::Wrong(words::DID_NOT_BEGIN)))?;
    // Two of them are looked for: the endpoint tells of the first one only.
    let deadline = bench.now() + bench.patience().answer * 3;
    while tester.requests(exchange).len() < 2 && bench.now() < deadline {
        let patience = bench.patience().silence;
        bench.until(&mut tester, patience, |_| None::<()>)?;
    }
    match tester.requests(exchange).as_slice() {
        [] | [_] => return Err(Stop::Violation(Seen::Wrong(words::NOT_REPEATED))),
        [first, others @ ..] if others.iter().all(|other| other == first) => {}
        _ => return Err(Stop::Violation(Seen::Wrong(words::OTHER_RETRANSMISSION))),
    }
    let sas = tester.endpoint.sas().iter();
    let sa = sas.map(ikev2::endpoint::IkeSa::id).next_back();
    let sa = sa.ok_or(Stop::Violation(Seen::Silence))?;
    if exchange == ExchangeType::IKE_AUTH {
        bench.still_has(&mut tester, sa)?;
    }
    bench.leave(&mut tester)
}

fn the_first_requests_have_the_message_ids_0_and_1(bench: &mut Bench<'_>) -> Result<(), Stop> {
    let mut tester = bench.tester();
    bench.call()?;
    for (exchange, id) in [(ExchangeType::IKE_SA_INIT, 0), (ExchangeType::IKE_AUTH, 1)] {
        let request = bench.request(&mut tester, exchange)?;
        let request = request.ok_or(Stop::Violation(Seen::Silence))?;
        if request.header.message_id != id {
            return Err(Stop::Violation(Seen::Wrong(words::WRONG_ID)));
        }
    }
    let sa = bench.joined(&mut tester)?.map_err(Stop::Violation)?;
    bench.still_has(&mut tester, sa)?;
    bench.end(&mut tester, sa)
}

fn the_original_initiator_sets_its_flag_in_responses_too(
    bench: &mut Bench<'_>,
) -> Result<(), Stop> {
    let (mut tester, sa) = bench.established()?;
    bench.still_has(&mut tester, sa)?;
    let all = tester.arrived_headers();
    if all.is_empty() || !all.iter().all(|header| header.flags.is_initiator()) {
        return Err(Stop::Violation(Seen::Wrong(words::WRONG_FLAGS)));
    }
    bench.end(&mut tester, sa)
}
