//! NAT traversal of an initiator.

use ikev2::deviation::{At, Edit, MessageChange};
use ikev2::endpoint::NAT_PORT;
use ikev2::message::{Body, notifies};
use ikev2::nat::detection_hash;
use ikev2::numbers::{ExchangeType, NotifyType, PayloadType};

use crate::bench::{Bench, Request};
use crate::case::words::{self, words};
use crate::case::{Case, Level, Seen, Stop};

pub(crate) const CASES: &[Case] = &[
    Case::of_initiator(
        ("rfc7296-2.23.nat-detection-sent", "I-NAT-D"),
        "2.23",
        Level::Should,
        words("NAT detection by the initiator", "開始側による NAT 検出"),
        words(
            "An initiator that does NAT traversal sends the two NAT detection notifications, over its \
             SPI, addresses and ports.",
            "NAT トラバーサルに対応する開始側は、自身の SPI、アドレス及びポートによる 2 種の NAT 検出\
             通知を送信する。",
        ),
        nat_detection_is_sent_with_hashes_of_the_true_addresses,
    ),
    Case::of_initiator(
        ("rfc7296-2.23.port-4500-after-nat", "I-NAT-P"),
        "2.23",
        Level::Must,
        words(
            "NAT found by the initiator",
            "開始側による NAT の検出後の動作",
        ),
        words(
            "An initiator that finds a NAT goes on at UDP port 4500, and puts ESP into UDP.",
            "NAT を検出した開始側は UDP ポート 4500 に移行し、ESP を UDP でカプセル化する。",
        ),
        an_initiator_that_finds_a_nat_goes_to_port_4500,
    ),
];

fn nat_detection_is_sent_with_hashes_of_the_true_addresses(
    bench: &mut Bench<'_>,
) -> Result<(), Stop> {
    let mut tester = bench.tester();
    bench.call()?;
    let request = begun(bench.request(&mut tester, ExchangeType::IKE_SA_INIT)?)?;
    let spi = request.header.initiator_spi;
    for (kind, address) in [
        (NotifyType::NAT_DETECTION_SOURCE_IP, bench.path().remote),
        (NotifyType::NAT_DETECTION_DESTINATION_IP, bench.path().local),
    ] {
        let all = notifies(&request.payloads).filter(|notify| notify.kind == kind);
        let hashes: Vec<_> = all.map(|notify| notify.data.clone()).collect();
        if hashes.is_empty() {
            let missing = PayloadType::NOTIFY;
            return Err(Stop::Violation(Seen::of_answer(&request.payloads, missing)));
        }
        if !hashes.contains(&detection_hash(spi, 0, address)) {
            return Err(Stop::Violation(Seen::Wrong(words::WRONG_HASH)));
        }
    }
    let sa = bench.joined(&mut tester)?.map_err(Stop::Control)?;
    bench.end(&mut tester, sa)
}

fn an_initiator_that_finds_a_nat_goes_to_port_4500(bench: &mut Bench<'_>) -> Result<(), Stop> {
    let translated = Edit::new("the hash of another address", |draft| {
        let mut any = false;
        for payload in draft.payloads() {
            if let Body::Notify(notify) = &mut payload.body
                && notify.kind == NotifyType::NAT_DETECTION_SOURCE_IP
                && let Some(first) = notify.data.first_mut()
            {
                *first ^= 1;
                any = true;
            }
        }
        any
    });
    let mut tester = bench.tester();
    let at = At::response(ExchangeType::IKE_SA_INIT);
    bench.called_with(&mut tester, at, MessageChange::Edit(translated))?;
    let sa = bench.joined(&mut tester)?.map_err(Stop::Violation)?;
    let port = bench.path_of(&tester, sa).map(|path| path.local.port());
    if port != Some(NAT_PORT) {
        return Err(Stop::Violation(Seen::Wrong(words::WRONG_PORT)));
    }
    bench.carries_traffic(&mut tester, sa)?;
    bench.still_has(&mut tester, sa)?;
    bench.end(&mut tester, sa)
}

fn begun(request: Option<Request>) -> Result<Request, Stop> {
    request.ok_or(Stop::Control(Seen::Wrong(words::DID_NOT_BEGIN)))
}
