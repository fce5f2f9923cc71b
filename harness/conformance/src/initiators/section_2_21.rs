//! Proofs of the responder, and messages that are not the responder's.

use ikev2::endpoint::Credential;
use ikev2::keys::Key;
use ikev2::message::{Body, Header, Identification, Message, Notify};
use ikev2::numbers::{ExchangeType, IdType, NotifyType};
use ikev2::wire::{Flags, MessageView};

use crate::bench::Bench;
use crate::case::words::words;
use crate::case::{Case, Level, Stop};

pub(crate) const CASES: &[Case] = &[
    Case::of_initiator(
        ("rfc7296-2.21.2.wrong-key-of-responder-refused", "I-AUTH"),
        "2.21.2",
        Level::Must,
        words(
            "Responder with a wrong pre-shared key",
            "誤った事前共有鍵を持つ応答側",
        ),
        words(
            "An initiator has no IKE SA with a responder whose proof is wrong.",
            "開始側は、認証に失敗した応答側とは IKE SA を確立しない。",
        ),
        a_responder_with_a_wrong_key_is_turned_away,
    ),
    Case::of_initiator(
        ("rfc4301-4.4.3.other-identity-of-responder-refused", "I-ID"),
        "4.4.3",
        Level::Must,
        words(
            "Responder of another identity",
            "識別情報の異なる応答側",
        ),
        words(
            "The identity that the other end asserts is checked against the entry of the peer that is \
             wanted.",
            "相手が示す識別情報を、対象となる相手の認可情報と照合する。",
        ),
        a_responder_of_another_identity_is_turned_away,
    )
    .of_rfc(4301),
    Case::of_initiator(
        ("rfc7296-2.21.4.error-in-clear-ignored", "I-CLEAR-E"),
        "2.21.4",
        Level::Must,
        words(
            "Error in clear in the place of the IKE_AUTH response",
            "IKE_AUTH 応答に代わる平文のエラー",
        ),
        words(
            "What comes in clear where it has to be protected changes nothing.",
            "保護されるべき場面で届いた平文のメッセージによって状態を変えない。",
        ),
        an_error_in_clear_changes_nothing,
    ),
    Case::of_initiator(
        ("rfc7296-2.21.4.damaged-response-ignored", "I-ICV-R"),
        "2.21.4",
        Level::Must,
        words(
            "Damaged response before the right one",
            "正しい応答に先行する破損した応答",
        ),
        words(
            "A response that fails its integrity check is dropped, and the right one is still taken.",
            "完全性検査に失敗した応答は破棄し、後続の正しい応答を受け入れる。",
        ),
        a_damaged_response_is_dropped,
    ),
    Case::of_initiator(
        ("rfc7296-2.6.response-of-other-spi-ignored", "I-SPI"),
        "2.6",
        Level::Must,
        words(
            "Response for another IKE SA",
            "異なる IKE SA に対する応答",
        ),
        words(
            "A response whose SPI is not that of the initiator belongs to no request of it.",
            "開始側の SPI と異なる SPI の応答は、いかなる要求にも対応しない。",
        ),
        a_response_of_another_spi_is_dropped,
    ),
];

fn a_responder_with_a_wrong_key_is_turned_away(bench: &mut Bench<'_>) -> Result<(), Stop> {
    let mut config = bench.config().clone();
    config.credential = Credential::SharedKey(Key::from(b"not the key of both ends".as_slice()));
    let mut tester = bench.tester_with(config);
    bench.turned_away(&mut tester)
}

fn a_responder_of_another_identity_is_turned_away(bench: &mut Bench<'_>) -> Result<(), Stop> {
    let mut config = bench.config().clone();
    config.identity = Identification {
        kind: IdType::FQDN,
        reserved: [0; 3],
        data: b"somebody.else.example".to_vec(),
    };
    let mut tester = bench.tester_with(config);
    bench.turned_away(&mut tester)
}

fn an_error_in_clear_changes_nothing(bench: &mut Bench<'_>) -> Result<(), Stop> {
    taken_after(bench, |message| {
        let header = Message::parse(message).ok()?.header;
        let notify = Notify::new(NotifyType::AUTHENTICATION_FAILED, Vec::new());
        let is_wanted = header.exchange == ExchangeType::IKE_AUTH && header.flags.is_response();
        is_wanted.then(|| clear(header, notify))
    })
}

fn a_damaged_response_is_dropped(bench: &mut Bench<'_>) -> Result<(), Stop> {
    taken_after(bench, |message| {
        let view = MessageView::new(message).ok()?;
        let is_wanted =
            view.exchange_type() == ExchangeType::IKE_AUTH && view.flags().is_response();
        let mut damaged = message.to_vec();
        *damaged.last_mut()? ^= 1;
        is_wanted.then_some(damaged)
    })
}

fn a_response_of_another_spi_is_dropped(bench: &mut Bench<'_>) -> Result<(), Stop> {
    taken_after(bench, |message| {
        let header = Message::parse(message).ok()?.header;
        let notify = Notify::new(NotifyType::NO_PROPOSAL_CHOSEN, Vec::new());
        let other = Header {
            initiator_spi: !header.initiator_spi,
            flags: Flags::RESPONSE,
            ..header
        };
        let is_init = header.exchange == ExchangeType::IKE_SA_INIT;
        is_init.then(|| clear(other, notify))
    })
}

/// That the tunnel comes up though something goes out before a message of the tester.
fn taken_after(
    bench: &mut Bench<'_>,
    mut forge: impl FnMut(&[u8]) -> Option<Vec<u8>> + 'static,
) -> Result<(), Stop> {
    let mut tester = bench.tester();
    // Once is enough: what comes again is answered without it.
    let mut is_done = false;
    tester.forge(move |message| {
        let forged = forge(message).filter(|_| !is_done);
        is_done |= forged.is_some();
        forged
    });
    let sa = bench.establish(&mut tester)?.map_err(Stop::Violation)?;
    bench.still_has(&mut tester, sa)?;
    bench.end(&mut tester, sa)
}

fn clear(header: Header, notify: Notify) -> Vec<u8> {
    Message {
        header,
        payloads: vec![Body::Notify(notify).into()],
        trailing: Vec::new(),
    }
    .emit()
}
