//! Version and critical payloads of responses.

use ikev2::deviation::{At, Change, Deviation, Octets};
use ikev2::numbers::ExchangeType;

use crate::bench::Bench;
use crate::case::words::words;
use crate::case::{Case, Level, Stop};
use crate::rfc7296::section_2_5::unknown;

pub(crate) const CASES: &[Case] = &[
    Case::of_initiator(
        (
            "rfc7296-2.5.critical-payload-in-init-response-rejected",
            "I-CRIT-I",
        ),
        "2.5",
        Level::Must,
        words(
            "Critical unknown payload in the IKE_SA_INIT response",
            "IKE_SA_INIT 応答中の未知の必須ペイロード",
        ),
        REJECTED,
        an_init_response_with_an_unknown_critical_payload_is_rejected,
    ),
    Case::of_initiator(
        (
            "rfc7296-2.5.critical-payload-in-auth-response-rejected",
            "I-CRIT-A",
        ),
        "2.5",
        Level::Must,
        words(
            "Critical unknown payload in the IKE_AUTH response",
            "IKE_AUTH 応答中の未知の必須ペイロード",
        ),
        REJECTED,
        an_auth_response_with_an_unknown_critical_payload_is_rejected,
    ),
    Case::of_initiator(
        ("rfc7296-2.5.major-version-of-response-rejected", "I-MAJOR"),
        "2.5",
        Level::Must,
        words(
            "Higher major version in a response",
            "応答の大きいメジャーバージョン",
        ),
        words(
            "A message of a higher major version is dropped.",
            "より大きいメジャーバージョンのメッセージは破棄する。",
        ),
        a_response_of_a_higher_major_version_is_dropped,
    ),
];

const REJECTED: reports::text::Words = words(
    "A message with a payload of unknown type whose critical bit is set is rejected.",
    "必須ビットの立った未知のペイロードを含むメッセージは拒否する。",
);

fn an_init_response_with_an_unknown_critical_payload_is_rejected(
    bench: &mut Bench<'_>,
) -> Result<(), Stop> {
    let mut tester = bench.tester();
    let at = At::response(ExchangeType::IKE_SA_INIT);
    bench.stays_away(&mut tester, at, unknown(true))
}

fn an_auth_response_with_an_unknown_critical_payload_is_rejected(
    bench: &mut Bench<'_>,
) -> Result<(), Stop> {
    let mut tester = bench.tester();
    let at = At::response(ExchangeType::IKE_AUTH);
    tester.endpoint.deviate(Deviation::new(at, unknown(true)));
    bench.turned_away(&mut tester)
}

fn a_response_of_a_higher_major_version_is_dropped(bench: &mut Bench<'_>) -> Result<(), Stop> {
    let mut tester = bench.tester();
    let at = At::response(ExchangeType::IKE_SA_INIT);
    let change = Change::Sealed(Octets::version(3, 0));
    bench.stays_away(&mut tester, at, change)
}
