//! Peers that speak IKEv1, both or one of them.

use std::collections::BTreeSet;

use reports::cause::CauseCode;
use reports::text::Text;
use transcript::model::Message;

use super::talk::{End, Talk, major};
use super::{Conclusion, Finding, Reached, role_of, side_of};

/// Informational exchange of IKEv1 (RFC 2408, section 3.1): that one is in use says nothing of what
/// its sender negotiates by.
const INFORMATIONAL_V1: u32 = 5;

/// What the versions of the messages tell, where no negotiation in IKEv2 came further.
pub(super) fn apart(talk: &Talk<'_>, best: Option<&Finding>) -> Option<Conclusion> {
    if best.is_some_and(|best| best.reached > Reached::Init) {
        return None;
    }
    let of = |version: u8| {
        let messages = talk.messages.iter().copied();
        messages.filter(move |message| major(message) == Some(version))
    };
    let who = |message: &Message| talk.end(message.source.ip());
    let senders = |version| -> BTreeSet<End> { of(version).filter_map(who).collect() };
    let (first, second) = (senders(1), senders(2));
    let message = of(1).next()?;
    if second.is_empty() {
        let negotiating: BTreeSet<End> = of(1)
            .filter(|message| message.exchange.number != INFORMATIONAL_V1)
            .filter_map(who)
            .collect();
        let (en, ja) = if negotiating.len() > 1 {
            (
                "both ends speak IKEv1, and only IKEv2 is judged here",
                "両端とも IKEv1 を使用しています。判定の対象は IKEv2 のみです",
            )
        } else if first.len() > 1 {
            (
                "one end negotiates in IKEv1, and the other answers with notifications of IKEv1 only",
                "一方は IKEv1 でネゴシエーションを行い、他方の応答は IKEv1 の通知のみです",
            )
        } else {
            (
                "there is IKEv1 from one end only, and nothing came back",
                "一方から IKEv1 のメッセージがあるのみで、応答がありません",
            )
        };
        return Some(Conclusion::Unclear(found(message, Text::new(en, ja))));
    }
    // Who speaks both may well be understood.
    let only_first = |message: &&Message| {
        who(message)
            .is_some_and(|end| !second.contains(&end) && second.iter().any(|other| *other != end))
    };
    let message = of(1).find(only_first)?;
    let count = of(1).filter(only_first).count();
    let detail = Text::new(
        format!("{} of IKEv1 {} from it", plural(count), is_are(count)),
        format!("IKEv1 のメッセージを {count} 個送信しています"),
    );
    Some(Conclusion::Failed(found(message, detail)))
}

fn plural(count: usize) -> String {
    match count {
        1 => "1 message".to_owned(),
        count => format!("{count} messages"),
    }
}

fn is_are(count: usize) -> &'static str {
    if count == 1 { "is" } else { "are" }
}

fn found(message: &Message, detail: Text) -> Finding {
    let by = role_of(message.from);
    Finding {
        code: CauseCode::RouterIkeVersion,
        side: side_of(by),
        by,
        sa: Some(message.sa),
        packet: message.packet(),
        detail,
        reached: Reached::Nothing,
    }
}
