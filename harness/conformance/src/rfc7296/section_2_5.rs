//! Version numbers and forward compatibility.

use ikev2::deviation::{At, Change, Deviation, Edit, MessageChange, Octets, Position};
use ikev2::endpoint::Action;
use ikev2::message::{Body, NotifyMeaning, Payload, notifies};
use ikev2::numbers::{ExchangeType, NotifyType, PayloadType};
use ikev2::wire::Flags;

use crate::bench::{Answer, Bench, must_have, must_refuse};
use crate::case::words::{self, words};
use crate::case::{Case, Level, Seen, Setup, Stop};

pub(crate) const CASES: &[Case] = &[
    Case {
        id: "rfc7296-2.5.unknown-payload-skipped-in-init",
        abbreviation: "UNK-I",
        title: words(
            "Unknown payload in IKE_SA_INIT",
            "IKE_SA_INIT 中の未知のペイロード",
        ),
        rfc: 7296,
        section: "2.5",
        restated: SKIPPED,
        level: Level::Must,
        setup: Setup::RESPONDS,
        run: an_unknown_payload_in_ike_sa_init_is_skipped,
    },
    Case {
        id: "rfc7296-2.5.unknown-payload-skipped-in-auth",
        abbreviation: "UNK-A",
        title: words(
            "Unknown payload in IKE_AUTH",
            "IKE_AUTH 中の未知のペイロード",
        ),
        rfc: 7296,
        section: "2.5",
        restated: SKIPPED,
        level: Level::Must,
        setup: Setup::RESPONDS,
        run: an_unknown_payload_in_ike_auth_is_skipped,
    },
    Case {
        id: "rfc7296-2.5.unknown-payload-skipped-in-informational",
        abbreviation: "UNK-L",
        title: words(
            "Unknown payload in INFORMATIONAL",
            "INFORMATIONAL 中の未知のペイロード",
        ),
        rfc: 7296,
        section: "2.5",
        restated: SKIPPED,
        level: Level::Must,
        setup: Setup::RESPONDS,
        run: an_unknown_payload_in_informational_is_skipped,
    },
    Case {
        id: "rfc7296-2.5.critical-payload-refused-in-init",
        abbreviation: "CRIT-I",
        title: words(
            "Unknown critical payload in IKE_SA_INIT",
            "IKE_SA_INIT 中の未知のクリティカルなペイロード",
        ),
        rfc: 7296,
        section: "2.5",
        restated: REFUSED,
        level: Level::Must,
        setup: Setup::RESPONDS,
        run: an_unknown_critical_payload_in_ike_sa_init_is_refused,
    },
    Case {
        id: "rfc7296-2.5.critical-payload-refused-in-auth",
        abbreviation: "CRIT-A",
        title: words(
            "Unknown critical payload in IKE_AUTH",
            "IKE_AUTH 中の未知のクリティカルなペイロード",
        ),
        rfc: 7296,
        section: "2.5",
        restated: REFUSED,
        level: Level::Must,
        setup: Setup::RESPONDS,
        run: an_unknown_critical_payload_in_ike_auth_is_refused,
    },
    Case {
        id: "rfc7296-2.5.critical-payload-refused-in-informational",
        abbreviation: "CRIT-L",
        title: words(
            "Unknown critical payload in INFORMATIONAL",
            "INFORMATIONAL 中の未知のクリティカルなペイロード",
        ),
        rfc: 7296,
        section: "2.5",
        restated: REFUSED,
        level: Level::Must,
        setup: Setup::RESPONDS,
        run: an_unknown_critical_payload_in_informational_is_refused,
    },
    Case {
        id: "rfc7296-2.5.critical-bit-of-known-payload-ignored",
        abbreviation: "CRIT-K",
        title: words(
            "Critical bit of a payload that every router knows",
            "既知のペイロードのクリティカルビット",
        ),
        rfc: 7296,
        section: "2.5",
        restated: words(
            "Who knows the type of a payload ignores its critical bit.",
            "ペイロードの型を認識する場合、そのクリティカルビットは無視する。",
        ),
        level: Level::Must,
        setup: Setup::RESPONDS,
        run: the_critical_bit_of_a_known_payload_is_ignored,
    },
    Case {
        id: "rfc7296-2.5.minor-version-ignored",
        abbreviation: "MINOR",
        title: words("Higher minor version", "上位のマイナーバージョン"),
        rfc: 7296,
        section: "2.5",
        restated: words(
            "The minor version of a message that is received is ignored.",
            "受信メッセージのマイナーバージョンは無視する。",
        ),
        level: Level::Must,
        setup: Setup::RESPONDS,
        run: a_higher_minor_version_is_ignored,
    },
    Case {
        id: "rfc7296-2.5.major-version-refused",
        abbreviation: "MAJOR",
        title: words("Higher major version", "上位のメジャーバージョン"),
        rfc: 7296,
        section: "2.5",
        restated: words(
            "A message of a higher major version is dropped, and INVALID_MAJOR_VERSION names the \
             version that is spoken.",
            "上位のメジャーバージョンのメッセージは破棄し、INVALID_MAJOR_VERSION により対応する\
             バージョンを通知する。",
        ),
        level: Level::Should,
        setup: Setup::RESPONDS,
        run: a_higher_major_version_is_refused_by_name,
    },
    Case {
        id: "rfc7296-2.5.reserved-bits-ignored",
        abbreviation: "RSVD",
        title: words("Reserved bits of payloads", "ペイロードの予約ビット"),
        rfc: 7296,
        section: "2.5",
        restated: words(
            "Fields that are reserved are ignored on receipt.",
            "予約フィールドは受信時に無視する。",
        ),
        level: Level::Must,
        setup: Setup::RESPONDS,
        run: reserved_bits_of_payloads_are_ignored,
    },
    Case {
        id: "rfc7296-2.5.reserved-flags-ignored",
        abbreviation: "FLAGS",
        title: words("Reserved flags of the header", "ヘッダーの予約フラグ"),
        rfc: 7296,
        section: "2.5",
        restated: words(
            "Flags of the header that are reserved are ignored on receipt.",
            "ヘッダーの予約フラグは受信時に無視する。",
        ),
        level: Level::Must,
        setup: Setup::RESPONDS,
        run: reserved_flags_of_the_header_are_ignored,
    },
    Case {
        id: "rfc7296-2.5.payload-order-irrelevant",
        abbreviation: "ORDER",
        title: words("Another order of payloads", "異なる順序のペイロード"),
        rfc: 7296,
        section: "2.5",
        restated: words(
            "A message is not refused because of the order of its payloads.",
            "ペイロードの順序を理由にメッセージを拒否しない。",
        ),
        level: Level::Must,
        setup: Setup::RESPONDS,
        run: another_order_of_payloads_is_taken,
    },
];

const SKIPPED: reports::text::Words = words(
    "A payload of unknown type whose critical bit is clear is skipped.",
    "クリティカルビットが 0 の未知のペイロードは読み飛ばす。",
);
const REFUSED: reports::text::Words = words(
    "A message with a payload of unknown type whose critical bit is set is refused with \
     UNSUPPORTED_CRITICAL_PAYLOAD, which names the type.",
    "クリティカルビットが 1 の未知のペイロードを含むメッセージは、型を示す \
     UNSUPPORTED_CRITICAL_PAYLOAD により拒否する。",
);

/// A number that IANA has assigned to no payload.
const UNKNOWN: PayloadType = PayloadType(199);

fn an_unknown_payload_in_ike_sa_init_is_skipped(bench: &mut Bench<'_>) -> Result<(), Stop> {
    taken(bench, ExchangeType::IKE_SA_INIT, [unknown(false)])
}

fn an_unknown_payload_in_ike_auth_is_skipped(bench: &mut Bench<'_>) -> Result<(), Stop> {
    taken(bench, ExchangeType::IKE_AUTH, [unknown(false)])
}

fn an_unknown_payload_in_informational_is_skipped(bench: &mut Bench<'_>) -> Result<(), Stop> {
    let (mut tester, sa) = bench.established()?;
    let answer = bench.ask(&mut tester, sa, informational(false))?;
    let answer = answer.ok_or(Stop::Violation(Seen::Silence))?;
    if let Some(why) = crate::bench::refusal(&answer) {
        return Err(Stop::Violation(Seen::Refused(why)));
    }
    bench.still_has(&mut tester, sa)?;
    bench.end(&mut tester, sa)
}

fn an_unknown_critical_payload_in_ike_sa_init_is_refused(
    bench: &mut Bench<'_>,
) -> Result<(), Stop> {
    let mut tester = bench.tester();
    let answer = bench.answer_to_init(&mut tester, unknown(true))?;
    names_the_type(answer)
}

fn an_unknown_critical_payload_in_ike_auth_is_refused(bench: &mut Bench<'_>) -> Result<(), Stop> {
    let mut tester = bench.tester();
    let at = At::request(ExchangeType::IKE_AUTH);
    tester.endpoint.deviate(Deviation::new(at, unknown(true)));
    bench.initiate(&mut tester)?;
    let answer = bench.answer(&mut tester, ExchangeType::IKE_AUTH)?;
    names_the_type(answer)
}

fn an_unknown_critical_payload_in_informational_is_refused(
    bench: &mut Bench<'_>,
) -> Result<(), Stop> {
    let (mut tester, sa) = bench.established()?;
    let answer = bench.ask(&mut tester, sa, informational(true))?;
    names_the_type(answer)?;
    bench.end(&mut tester, sa)
}

fn the_critical_bit_of_a_known_payload_is_ignored(bench: &mut Bench<'_>) -> Result<(), Stop> {
    let kinds = [PayloadType::SA, PayloadType::KE, PayloadType::NONCE];
    let changes = kinds.map(|kind| MessageChange::Critical(kind, true).into());
    taken(bench, ExchangeType::IKE_SA_INIT, changes)
}

fn a_higher_minor_version_is_ignored(bench: &mut Bench<'_>) -> Result<(), Stop> {
    let change = MessageChange::MinorVersion(7).into();
    taken(bench, ExchangeType::IKE_SA_INIT, [change])
}

fn a_higher_major_version_is_refused_by_name(bench: &mut Bench<'_>) -> Result<(), Stop> {
    let mut tester = bench.tester();
    let change = Change::Sealed(Octets::version(3, 0));
    let answer = bench.answer_to_init(&mut tester, change)?;
    let answer = must_refuse(answer, NotifyType::INVALID_MAJOR_VERSION)?;
    let named =
        notifies(&answer).any(|notify| notify.meaning() == NotifyMeaning::HighestVersion(2));
    // The field of the data is an octet, which many leave out.
    let is_silent = notifies(&answer).any(|notify| notify.data.is_empty());
    if named || is_silent {
        Ok(())
    } else {
        Err(Stop::Violation(Seen::Wrong(words::WRONG_DATA)))
    }
}

fn reserved_bits_of_payloads_are_ignored(bench: &mut Bench<'_>) -> Result<(), Stop> {
    let kinds = [PayloadType::SA, PayloadType::KE, PayloadType::NONCE];
    let changes = kinds.map(|kind| MessageChange::Reserved(kind, 0x7f).into());
    taken(bench, ExchangeType::IKE_SA_INIT, changes)
}

fn reserved_flags_of_the_header_are_ignored(bench: &mut Bench<'_>) -> Result<(), Stop> {
    // All but those of initiator, version and response.
    let at = bench.at(ExchangeType::IKE_SA_INIT);
    let own = if at.is_response == Some(true) {
        Flags::RESPONSE
    } else {
        Flags::INITIATOR
    };
    let flags = Flags(0xc7) | own;
    let change = MessageChange::Flags(flags).into();
    taken(bench, ExchangeType::IKE_SA_INIT, [change])
}

fn another_order_of_payloads_is_taken(bench: &mut Bench<'_>) -> Result<(), Stop> {
    let reversed = Edit::new("the opposite order", |draft| {
        let payloads = draft.payloads();
        payloads.reverse();
        // A cookie alone has a place of its own: the first one (RFC 7296, section 2.6).
        let is_cookie = |payload: &Payload| match &payload.body {
            Body::Notify(notify) => notify.kind == NotifyType::COOKIE,
            _ => false,
        };
        payloads.sort_by_key(|payload| !is_cookie(payload));
        true
    });
    let change = MessageChange::Edit(reversed).into();
    taken(bench, ExchangeType::IKE_SA_INIT, [change])
}

/// That the tunnel comes up in spite of these changes to the tester's messages of an exchange.
fn taken(
    bench: &mut Bench<'_>,
    exchange: ExchangeType,
    changes: impl IntoIterator<Item = Change>,
) -> Result<(), Stop> {
    let mut tester = bench.tester();
    for change in changes {
        let at = bench.at(exchange);
        tester.endpoint.deviate(Deviation::new(at, change));
    }
    let sa = bench.establish(&mut tester)?.map_err(Stop::Violation)?;
    bench.still_has(&mut tester, sa)?;
    bench.end(&mut tester, sa)
}

pub(crate) fn unknown(critical: bool) -> Change {
    let payload = unknown_payload(critical);
    let at = Position::First;
    MessageChange::Add { payload, at }.into()
}

fn unknown_payload(critical: bool) -> Payload {
    let bytes = vec![0; 4];
    Payload {
        critical,
        ..Payload::new(Body::Unknown {
            kind: UNKNOWN,
            bytes,
        })
    }
}

fn informational(critical: bool) -> Action {
    Action::Request {
        exchange: ExchangeType::INFORMATIONAL,
        payloads: vec![unknown_payload(critical)],
    }
}

fn names_the_type(answer: Option<Answer>) -> Result<(), Stop> {
    let answer = must_have(answer, PayloadType::NOTIFY)?;
    let answer = must_refuse(Some(answer), NotifyType::UNSUPPORTED_CRITICAL_PAYLOAD)?;
    let wanted = NotifyMeaning::UnsupportedPayload(UNKNOWN);
    if notifies(&answer).any(|notify| notify.meaning() == wanted) {
        Ok(())
    } else {
        Err(Stop::Violation(Seen::Wrong(words::WRONG_DATA)))
    }
}
