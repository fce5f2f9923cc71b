//! The words of an explanation.

use reports::text::{Text, Words};
use transcript::model::{Note, Role as End, Transcript};

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

pub(super) const SEEMS_ESTABLISHED: Words = words(
    "An IKE SA and a Child SA seem to be up: new ESP SAs carry packets in both directions after \
     IKE_AUTH. No key is known, so that the answers cannot be read.",
    "IKE_AUTH の後に新しい ESP SA で双方向のパケットが流れており、IKE SA と Child SA は確立されていると\
     みられます。鍵がないため、応答の内容は確認できません。",
);
pub(super) const KEYS_FIT_NOTHING: Words = words(
    "None of the keys that were given fits an IKE SA of this capture.",
    "指定された鍵は、このキャプチャーのどの IKE SA にも適合しません。",
);

/// The capture does not tell how it ended, or why; this is what it shows.
pub(super) fn unclear(detail: &Text) -> Text {
    Text::new(
        format!(
            "This capture alone does not tell the cause. What it shows: {}.",
            detail.en
        ),
        format!(
            "このキャプチャーだけでは原因を判断できません。確認できる事実: {}。",
            detail.ja
        ),
    )
}

/// What of a capture limits every conclusion from it.
pub(super) fn limit(note: &Note) -> Option<Text> {
    Some(match note {
        Note::CutPackets { packets } => Text::new(
            format!(
                "{} captured only in part (snap length), so that messages are missing here: capture \
                 whole packets.",
                count(*packets, "IKE packet was", "IKE packets were")
            ),
            format!(
                "IKE パケット {packets} 個は一部しか記録されておらず（スナップ長）、内容を読み取れません。\
                 パケット全体をキャプチャーしてください。"
            ),
        ),
        Note::WrongMarker { port, datagrams } => {
            let (en, ja) = if *port == 500 {
                ("with", "が付いています")
            } else {
                ("without", "がありません")
            };
            Text::new(
                format!(
                    "{} on UDP port {port} {en} the non-ESP marker (RFC 3948, section 2.2): a router \
                     does not take such a packet for IKE.",
                    count(*datagrams, "IKE message is", "IKE messages are")
                ),
                format!(
                    "UDP {port} 番の IKE メッセージ {datagrams} 個に non-ESP マーカー（RFC 3948、2.2 節）\
                     {ja}。ルーターはこれを IKE として扱いません。"
                ),
            )
        }
        Note::DamagedFile { .. }
        | Note::UnknownLink { .. }
        | Note::MoreMessages { .. }
        | Note::MoreIkeSas { .. }
        | Note::MoreEsp { .. }
        | Note::MoreIcmp { .. }
        | Note::FragmentsGivenUp { .. }
        | Note::MorePayloads { .. }
        | Note::NotIke { .. }
        | Note::OtherVersion { .. } => return None,
    })
}

fn count(count: u64, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

/// `the initiator (198.51.100.1)`, as sentences name an end: the address in the IKE SA that is meant.
pub(super) fn end(transcript: &Transcript, sa: Option<usize>, role: End) -> Text {
    let sa = sa.and_then(|sa| transcript.ike_sas.get(sa));
    let address = sa.map(|sa| sa.address(role));
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
