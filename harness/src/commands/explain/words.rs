//! The words of an explanation.

use reports::text::{Text, Words};
use transcript::model::{Role as End, Transcript};

const fn words(en: &'static str, ja: &'static str) -> Words {
    Words { en, ja }
}

pub(super) const TRIED: Words = words("What was tried", "試験内容");
pub(super) const STOPPED: Words = words("Where it stopped", "停止した箇所");
pub(super) const OUTCOME: Words = words("Outcome", "結果");
pub(super) const CAUSE: Words = words("Cause", "原因");
pub(super) const RULE: Words = words("Rule", "規定");
pub(super) const PROOF: Words = words("Proof", "根拠");
pub(super) const WHAT_TO_CHANGE: Words = words("What to change", "対処");
pub(super) const NEGOTIATION: Words = words("The negotiation", "ネゴシエーション");
pub(super) const CONCLUSION: Words = words("Conclusion", "結論");
pub(super) const AGAIN: Words = words("To try it again", "再実行");
pub(super) const OBSERVED: Words = words("What was observed", "観測結果");
pub(super) const STAGES: Words = words("Stages", "段階");
pub(super) const LAST_STAGE: Words = words("last stage", "最後の段階");
pub(super) const LAST_MESSAGE: Words = words("last message", "最後のメッセージ");
pub(super) const CONTRADICTION: Words = words("Contradiction", "矛盾");
pub(super) const PACKET: Words = words("packet", "パケット");
pub(super) const INITIATOR: Words = words("initiator", "開始側");
pub(super) const RESPONDER: Words = words("responder", "応答側");
pub(super) const NO_EVIDENCE: Words = words(
    "Nothing ran, so there is no evidence.",
    "実行されていないため、証拠はありません。",
);
pub(super) const NO_CAPTURE: Words = words(
    "There is no capture of this cell.",
    "このセルのキャプチャーはありません。",
);

pub(super) const NO_IKE: Words = words(
    "The capture holds no IKEv2 negotiation. IKE uses UDP ports 500 and 4500: capture both, on the \
     interface towards the peer, and begin before the negotiation does.",
    "キャプチャーに IKEv2 のネゴシエーションは含まれていません。IKE は UDP ポート 500 と 4500 を使用します。\
     対向側のインターフェースで両ポートを、ネゴシエーションの開始前からキャプチャーしてください。",
);
pub(super) const ESTABLISHED: Words = words(
    "An IKE SA and a Child SA came up, and nothing in the capture speaks against them.",
    "IKE SA と Child SA が確立されており、これに反する事象はキャプチャーにありません。",
);

/// `the initiator (198.51.100.1)`, as sentences name an end.
pub(super) fn end(transcript: &Transcript, role: End) -> Text {
    let address = transcript.ike_sas.first().map(|sa| sa.address(role));
    let address = address
        .map(|address| address.to_string())
        .unwrap_or_default();
    let (en, ja) = match role {
        End::Initiator => ("initiator", "開始側"),
        End::Responder => ("responder", "応答側"),
    };
    Text::new(
        format!("the {en} ({address})"),
        format!("{ja}（{address}）"),
    )
}
