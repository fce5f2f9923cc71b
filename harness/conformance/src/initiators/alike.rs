//! Cases that put the same to the router, whether it initiated the IKE SA or responded.

use crate::case::words::words;
use crate::case::{Case, Setup};
use crate::rfc4303;
use crate::rfc7296::{
    section_1_2, section_1_3, section_1_4, section_2_1, section_2_3, section_2_5, section_2_7,
    section_2_21, section_3_10, section_3_14,
};

const fn alike(
    of: &Case,
    id: &'static str,
    abbreviation: &'static str,
    title: reports::text::Words,
) -> Case {
    Case {
        id,
        abbreviation,
        title,
        setup: Setup::INITIATES,
        ..*of
    }
}

pub(crate) const CASES: &[Case] = &[
    alike(
        &section_1_3::CASES[0],
        "rfc7296-1.3.1.another-child-sa-by-initiator",
        "I-CHILD",
        words(
            "Another Child SA, asked of the initiator",
            "開始側に対する Child SA の追加要求",
        ),
    ),
    alike(
        &section_1_3::CASES[1],
        "rfc7296-1.3.2.ike-sa-rekeyed-with-initiator",
        "I-REKEY-I",
        words(
            "IKE SA rekeyed by the responder",
            "応答側による IKE SA の再鍵交換",
        ),
    ),
    alike(
        &section_1_3::CASES[2],
        "rfc7296-1.3.3.child-sa-rekeyed-with-initiator",
        "I-REKEY-C",
        words(
            "Child SA rekeyed by the responder",
            "応答側による Child SA の再鍵交換",
        ),
    ),
    alike(
        &section_1_3::CASES[3],
        "rfc7296-2.25.unknown-child-sa-named-by-initiator",
        "I-NO-CHILD",
        words(
            "Rekeying of a Child SA that the initiator has not",
            "開始側が保持しない Child SA の再鍵交換",
        ),
    ),
    alike(
        &section_1_4::CASES[0],
        "rfc7296-1.4.empty-request-answered-by-initiator",
        "I-LIVE",
        words("Liveness check of the initiator", "開始側の生存確認"),
    ),
    alike(
        &section_1_4::CASES[1],
        "rfc7296-1.4.1.child-sa-deleted-with-initiator",
        "I-DEL-C",
        words(
            "Child SA deleted by the responder",
            "応答側による Child SA の削除",
        ),
    ),
    alike(
        &section_1_4::CASES[2],
        "rfc7296-1.4.1.ike-sa-deleted-with-initiator",
        "I-DEL-I",
        words(
            "IKE SA deleted by the responder",
            "応答側による IKE SA の削除",
        ),
    ),
    alike(
        &section_2_1::CASES[2],
        "rfc7296-2.1.repeated-informational-answered-alike-by-initiator",
        "I-RTX-L",
        words(
            "INFORMATIONAL request that comes to the initiator again",
            "開始側に対する INFORMATIONAL 要求の再送",
        ),
    ),
    alike(
        &section_2_3::CASES[0],
        "rfc7296-2.3.beyond-window-not-answered-by-initiator",
        "I-WINDOW",
        words(
            "Request to the initiator beyond the window",
            "開始側に対するウィンドウ外の要求",
        ),
    ),
    alike(
        &section_2_3::CASES[1],
        "rfc7296-2.21.4.damaged-request-not-answered-by-initiator",
        "I-ICV",
        words(
            "Request to the initiator with a damaged checksum",
            "開始側に対する、完全性検査に失敗する要求",
        ),
    ),
    alike(
        &section_2_3::CASES[2],
        "rfc7296-2.21.4.request-in-clear-not-answered-by-initiator",
        "I-CLEAR",
        words(
            "Request in clear to the initiator",
            "開始側に対する平文の要求",
        ),
    ),
    alike(
        &section_2_5::CASES[0],
        "rfc7296-2.5.unknown-payload-skipped-in-init-response",
        "I-SKIP-I",
        words(
            "Unknown payload in the IKE_SA_INIT response",
            "IKE_SA_INIT 応答中の未知のペイロード",
        ),
    ),
    alike(
        &section_2_5::CASES[1],
        "rfc7296-2.5.unknown-payload-skipped-in-auth-response",
        "I-SKIP-A",
        words(
            "Unknown payload in the IKE_AUTH response",
            "IKE_AUTH 応答中の未知のペイロード",
        ),
    ),
    alike(
        &section_2_5::CASES[2],
        "rfc7296-2.5.unknown-payload-skipped-in-informational-by-initiator",
        "I-SKIP-L",
        words(
            "Unknown payload in an INFORMATIONAL request to the initiator",
            "開始側に対する INFORMATIONAL 要求中の未知のペイロード",
        ),
    ),
    alike(
        &section_2_5::CASES[5],
        "rfc7296-2.5.critical-payload-refused-in-informational-by-initiator",
        "I-CRIT-L",
        words(
            "Critical unknown payload in an INFORMATIONAL request to the initiator",
            "開始側に対する INFORMATIONAL 要求中の未知の必須ペイロード",
        ),
    ),
    alike(
        &section_2_5::CASES[6],
        "rfc7296-2.5.critical-bit-of-known-payload-in-response-ignored",
        "I-CRIT-K",
        words(
            "Critical bit of known payloads in a response",
            "応答中の既知ペイロードの必須ビット",
        ),
    ),
    alike(
        &section_2_5::CASES[7],
        "rfc7296-2.5.minor-version-of-response-ignored",
        "I-MINOR",
        words(
            "Higher minor version in a response",
            "応答の大きいマイナーバージョン",
        ),
    ),
    alike(
        &section_2_5::CASES[9],
        "rfc7296-2.5.reserved-bits-of-response-ignored",
        "I-RSVD",
        words(
            "Reserved bits of payloads in a response",
            "応答中のペイロードの予約ビット",
        ),
    ),
    alike(
        &section_2_5::CASES[10],
        "rfc7296-2.5.reserved-flags-of-response-ignored",
        "I-FLAGS",
        words(
            "Reserved flags of the header of a response",
            "応答ヘッダーの予約フラグ",
        ),
    ),
    alike(
        &section_2_5::CASES[11],
        "rfc7296-2.5.payload-order-of-response-irrelevant",
        "I-ORDER",
        words(
            "Payloads of a response in another order",
            "応答中のペイロードの順序の変更",
        ),
    ),
    alike(
        &section_2_7::CASES[0],
        "rfc7296-2.7.each-ike-encryption-works-with-initiator",
        "I-ENCR",
        words(
            "Each encryption algorithm that the initiator offers for IKE",
            "開始側が IKE に提案する各暗号アルゴリズム",
        ),
    ),
    alike(
        &section_2_7::CASES[1],
        "rfc7296-2.7.each-prf-works-with-initiator",
        "I-PRF",
        words(
            "Each PRF that the initiator offers",
            "開始側が提案する各 PRF",
        ),
    ),
    alike(
        &section_2_7::CASES[2],
        "rfc7296-2.7.each-ike-integrity-works-with-initiator",
        "I-INTEG",
        words(
            "Each integrity algorithm that the initiator offers for IKE",
            "開始側が IKE に提案する各完全性アルゴリズム",
        ),
    ),
    alike(
        &section_2_7::CASES[3],
        "rfc7296-2.7.each-group-works-with-initiator",
        "I-GROUP",
        words(
            "Each group that the initiator offers",
            "開始側が提案する各グループ",
        ),
    ),
    alike(
        &section_2_7::CASES[4],
        "rfc7296-2.7.each-esp-encryption-works-with-initiator",
        "I-ESP-E",
        words(
            "Each encryption algorithm that the initiator offers for ESP",
            "開始側が ESP に提案する各暗号アルゴリズム",
        ),
    ),
    alike(
        &section_2_7::CASES[5],
        "rfc7296-2.7.each-esp-integrity-works-with-initiator",
        "I-ESP-I",
        words(
            "Each integrity algorithm that the initiator offers for ESP",
            "開始側が ESP に提案する各完全性アルゴリズム",
        ),
    ),
    alike(
        &section_2_21::CASES[1],
        "rfc7296-2.21.3.malformed-request-refused-by-initiator",
        "I-SYNTAX",
        words(
            "Malformed request to the initiator",
            "開始側に対する不正な形式の要求",
        ),
    ),
    alike(
        &section_3_10::CASES[0],
        "rfc7296-3.10.1.unknown-status-ignored-in-init-response",
        "I-STAT-I",
        words(
            "Unknown status notification in the IKE_SA_INIT response",
            "IKE_SA_INIT 応答中の未知の状態通知",
        ),
    ),
    alike(
        &section_3_10::CASES[1],
        "rfc7296-3.10.1.unknown-status-ignored-in-auth-response",
        "I-STAT-A",
        words(
            "Unknown status notification in the IKE_AUTH response",
            "IKE_AUTH 応答中の未知の状態通知",
        ),
    ),
    alike(
        &section_3_10::CASES[2],
        "rfc7296-3.10.1.unknown-error-in-request-ignored-by-initiator",
        "I-ERR-U",
        words(
            "Unknown error notification in a request to the initiator",
            "開始側に対する要求中の未知のエラー通知",
        ),
    ),
    alike(
        &section_3_14::CASES[0],
        "rfc7296-3.14.any-padding-of-response-taken",
        "I-PAD",
        words(
            "Padding of a response of other octets and length",
            "内容及び長さの異なる、応答のパディング",
        ),
    ),
    alike(
        &section_1_2::CASES[0],
        "rfc7296-1.2.initial-exchanges-by-initiator",
        "I-INIT",
        words(
            "IKE SA and first Child SA, begun by the router",
            "ルーターが開始する IKE SA と最初の Child SA",
        ),
    ),
    alike(
        &rfc4303::CASES[0],
        "rfc4303-3.4.packet-delivered-by-initiator",
        "I-ESP",
        words(
            "Traffic through a Child SA that the router asked for",
            "ルーターが要求した Child SA を通る通信",
        ),
    ),
];
