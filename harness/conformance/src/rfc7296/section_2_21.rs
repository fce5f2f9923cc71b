//! Error handling.

use ikev2::deviation::{At, Change, Deviation, Octets, Place};
use ikev2::endpoint::{Action, Credential};
use ikev2::keys::Key;
use ikev2::numbers::{ExchangeType, NotifyType};

use crate::bench::{Bench, must_refuse};
use crate::case::words::words;
use crate::case::{Case, Level, Setup, Stop};

pub(crate) const CASES: &[Case] = &[
    Case {
        id: "rfc7296-2.21.2.wrong-key-refused",
        abbreviation: "AUTH",
        title: words("Wrong pre-shared key", "事前共有鍵の誤り"),
        rfc: 7296,
        section: "2.21.2",
        restated: words(
            "An initiator whose proof is wrong is refused with AUTHENTICATION_FAILED.",
            "認証に失敗した開始側は AUTHENTICATION_FAILED で拒否する。",
        ),
        level: Level::Must,
        setup: Setup::RESPONDS,
        run: an_initiator_with_a_wrong_key_is_refused,
    },
    Case {
        id: "rfc7296-2.21.3.malformed-request-refused",
        abbreviation: "SYNTAX",
        title: words(
            "Malformed payload under good protection",
            "保護されたメッセージ中の不正なペイロード",
        ),
        rfc: 7296,
        section: "2.21.3",
        restated: words(
            "A malformed message whose integrity is good is refused with INVALID_SYNTAX.",
            "完全性検査に合格した不正な形式のメッセージは INVALID_SYNTAX で拒否する。",
        ),
        level: Level::Must,
        setup: Setup::RESPONDS,
        run: a_malformed_request_under_good_protection_is_refused,
    },
];

fn an_initiator_with_a_wrong_key_is_refused(bench: &mut Bench<'_>) -> Result<(), Stop> {
    let mut config = bench.config().clone();
    config.credential = Credential::SharedKey(Key::from(b"not the key of both ends".as_slice()));
    let mut tester = bench.tester_with(config);
    bench.initiate(&mut tester)?;
    let answer = bench.answer(&mut tester, ExchangeType::IKE_AUTH)?;
    must_refuse(answer, NotifyType::AUTHENTICATION_FAILED).map(drop)
}

fn a_malformed_request_under_good_protection_is_refused(bench: &mut Bench<'_>) -> Result<(), Stop> {
    use ikev2::message::{Body, Notify, Payload};

    let (mut tester, sa) = bench.established()?;
    // The length of the only payload is more than there is.
    let change = Change::Plaintext(Octets::Set(Place::FromStart(2), vec![0x7f, 0xff]));
    let at = At::request(ExchangeType::INFORMATIONAL).nth(0);
    tester.endpoint.deviate(Deviation::new(at, change));
    let notify = Notify::new(NotifyType(40_999), vec![0; 8]);
    let request = Action::Request {
        exchange: ExchangeType::INFORMATIONAL,
        payloads: vec![Payload::new(Body::Notify(notify))],
    };
    let answer = bench.ask(&mut tester, sa, request)?;
    must_refuse(answer, NotifyType::INVALID_SYNTAX).map(drop)
}
