//! What a case is, and how it can end.

use std::fmt;

use ikev2::message::{Payload, notifies};
use ikev2::numbers::{NotifyType, PayloadType};
use reports::text::{Text, Words};

use crate::bench::Bench;
use crate::network::NetworkFault;

/// One clause, and the function that tries it.
pub struct Case {
    /// Such as `rfc7296-2.5.critical-payload-refused`: document, section and name.
    pub id: &'static str,
    /// A word short enough for the head of a column.
    pub abbreviation: &'static str,
    pub title: Words,
    pub rfc: u32,
    /// Number of the section, such as `2.5`.
    pub section: &'static str,
    /// What the section asks for, in words of this project.
    pub restated: Words,
    pub level: Level,
    pub run: fn(&mut Bench<'_>) -> Result<(), Stop>,
}

/// How strongly a clause binds (RFC 2119).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    May,
    Should,
    Must,
}

/// Why a case did not end as the clause demands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stop {
    /// The router did this instead.
    Violation(Seen),
    /// What every router does did not work, so nothing was tested.
    Control(Seen),
    /// This router has no such function.
    NotApplicable(Words),
    Network(NetworkFault),
}

/// What a router did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seen {
    Silence,
    /// It took what it had to refuse.
    Accepted,
    Answered,
    Refused(NotifyType),
    /// It answered with these payloads and without the one that counts.
    Without(PayloadType, Vec<PayloadType>),
    /// Something of its answer is wrong.
    Wrong(Words),
}

impl Case {
    /// The clause as reports show it.
    pub fn clause(&self) -> String {
        format!("RFC {}, section {}", self.rfc, self.section)
    }

    /// Document, section or theme, before the name.
    pub fn theme(&self) -> &'static str {
        self.id.split_once('.').map_or(self.id, |(theme, _)| theme)
    }
}

impl fmt::Debug for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id)
    }
}

impl Level {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::May => "MAY",
            Self::Should => "SHOULD",
            Self::Must => "MUST",
        }
    }
}

impl From<NetworkFault> for Stop {
    fn from(fault: NetworkFault) -> Self {
        Self::Network(fault)
    }
}

impl Seen {
    /// What an answer of these payloads is, where another was due.
    pub fn of_answer(payloads: &[Payload], missing: PayloadType) -> Self {
        let error = notifies(payloads).find(|notify| notify.kind.is_error());
        match error {
            Some(notify) => Self::Refused(notify.kind),
            None => Self::Without(missing, payloads.iter().map(Payload::kind).collect()),
        }
    }

    /// What the router did, as the end of a sentence of which it is the subject.
    pub fn text(&self) -> Text {
        match self {
            Self::Silence => Text::new("did not answer", "応答しませんでした"),
            Self::Accepted => Text::new(
                "accepted what it has to refuse",
                "拒否すべきものを受け入れました",
            ),
            Self::Answered => Text::new(
                "answered where it has to be silent",
                "応答してはならないものに応答しました",
            ),
            Self::Refused(why) => Text::new(
                format!("refused with {why}"),
                format!("{why} で拒否しました"),
            ),
            Self::Without(missing, had) => {
                let had: Vec<String> = had.iter().map(ToString::to_string).collect();
                let had = had.join(", ");
                Text::new(
                    format!("answered without {missing}, with these payloads: [{had}]"),
                    format!("{missing} を含まない応答（ペイロード: [{had}]）を返しました"),
                )
            }
            Self::Wrong(words) => Text::new(words.en, words.ja),
        }
    }
}

/// What a router did that no other variant of [`Seen`] tells.
pub(crate) mod words {
    use reports::text::Words;

    pub(crate) const fn words(en: &'static str, ja: &'static str) -> Words {
        Words { en, ja }
    }

    pub(crate) const NOT_USABLE: Words = words(
        "sent an answer that cannot be used",
        "使用できない応答を送信しました",
    );
    pub(crate) const CANNOT_BEGIN: Words = words(
        "has no algorithm in common with the tester",
        "試験装置と共通のアルゴリズムを持ちません",
    );
    pub(crate) const SA_GONE: Words =
        words("no longer has the IKE SA", "IKE SA を保持していません");
    pub(crate) const ANOTHER_ANSWER: Words = words(
        "answered the same request with another message",
        "同一の要求に異なるメッセージで応答しました",
    );
    pub(crate) const NOT_NARROWED: Words = words(
        "answered with traffic selectors beyond those that were offered",
        "提案の範囲を超えるトラフィックセレクターで応答しました",
    );
    pub(crate) const WRONG_DATA: Words = words(
        "named something else in its notification",
        "通知の内容が正しくありません",
    );
    pub(crate) const NOT_EMPTY: Words = words(
        "answered with payloads where none are due",
        "空であるべき応答にペイロードを含めました",
    );
    pub(crate) const WRONG_HASH: Words = words(
        "sent a NAT detection hash that is not that of its address and port",
        "自身のアドレス及びポートのものではない NAT 検出ハッシュを送信しました",
    );
    pub(crate) const NO_OTHER_GROUP: Words = words(
        "the tester knows no group that this router does not",
        "このルーターが対応しないグループを試験装置が持ちません",
    );
}
