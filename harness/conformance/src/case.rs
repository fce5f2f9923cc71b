//! What a case is, and how it can end.

use std::fmt;

use ikev2::message::{Payload, notifies};
use ikev2::numbers::{NotifyType, PayloadType};
use reports::text::{Text, Words};

use crate::bench::Bench;
use crate::network::NetworkFault;

/// One clause, and the function that tries it.
#[derive(Clone, Copy)]
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
    pub setup: Setup,
    pub run: fn(&mut Bench<'_>) -> Result<(), Stop>,
}

/// How the router is set up for a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Setup {
    /// Whether the router begins, and not the tester.
    pub router_initiates: bool,
    /// Whether both ends prove who they are by certificates, and not by a key that they share.
    pub has_certificates: bool,
}

impl Setup {
    pub const RESPONDS: Self = Self {
        router_initiates: false,
        has_certificates: false,
    };
    pub const INITIATES: Self = Self {
        router_initiates: true,
        has_certificates: false,
    };

    #[must_use]
    pub const fn with_certificates(self) -> Self {
        Self {
            has_certificates: true,
            ..self
        }
    }
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
    /// What it did, of several tries, with those that went wrong.
    Each(Vec<(String, Self)>),
}

impl Case {
    /// A case of RFC 7296 in which the router initiates.
    pub(crate) const fn of_initiator(
        (id, abbreviation): (&'static str, &'static str),
        section: &'static str,
        level: Level,
        title: Words,
        restated: Words,
        run: fn(&mut Bench<'_>) -> Result<(), Stop>,
    ) -> Self {
        Self {
            id,
            abbreviation,
            title,
            rfc: 7296,
            section,
            restated,
            level,
            setup: Setup::INITIATES,
            run,
        }
    }

    /// The same of another document.
    pub(crate) const fn of_rfc(self, rfc: u32) -> Self {
        Self { rfc, ..self }
    }

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
            Self::Each(all) => {
                let told = all.iter().map(|(what, seen)| (what, seen.text()));
                let (en, ja): (Vec<_>, Vec<_>) = told
                    .map(|(what, seen)| {
                        let en = format!("with {what} {}", seen.en);
                        (en, format!("{what} では{}", seen.ja))
                    })
                    .unzip();
                Text::new(en.join("; "), ja.join("。"))
            }
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
    pub(crate) const NO_TRAFFIC: Words = words(
        "did not let a host behind it answer through the Child SA",
        "配下のホストとの Child SA 経由の通信を通しませんでした",
    );
    pub(crate) const TRAFFIC: Words = words(
        "let a packet through that it has to drop",
        "破棄すべきパケットを通過させました",
    );
    pub(crate) const OTHER_OFFER: Words = words(
        "offered other algorithms the second time",
        "2 回目に異なるアルゴリズムを提案しました",
    );
    pub(crate) const OTHER_REQUEST: Words = words(
        "sent another request than the first with the cookie before it",
        "最初の要求の先頭に Cookie を加えたものとは異なる要求を送信しました",
    );
    pub(crate) const OTHER_RETRANSMISSION: Words = words(
        "sent its request again with other octets",
        "再送時に異なる内容の要求を送信しました",
    );
    pub(crate) const NOT_REPEATED: Words =
        words("did not send its request again", "要求を再送しませんでした");
    pub(crate) const WENT_ON: Words = words("went on to IKE_AUTH", "IKE_AUTH に進みました");
    pub(crate) const WRONG_ID: Words = words(
        "sent a request with another message id than the next one",
        "次の番号ではないメッセージ ID で要求を送信しました",
    );
    pub(crate) const WRONG_FLAGS: Words = words(
        "did not set the flag of the original initiator as its part demands",
        "最初の開始側を示すフラグを役割どおりに設定しませんでした",
    );
    pub(crate) const WRONG_PORT: Words = words(
        "did not go on at UDP port 4500",
        "UDP ポート 4500 に移行しませんでした",
    );
    pub(crate) const DID_NOT_BEGIN: Words = words(
        "did not begin an IKE SA when it was told to",
        "指示されても IKE SA の確立を開始しませんでした",
    );
    pub(crate) const NOT_ANNOUNCED: Words = words(
        "used what the other end had not announced",
        "相手が通知していない方式を使用しました",
    );
    pub(crate) const ONE_GROUP_ONLY: Words =
        words("offers one group only", "グループを 1 つしか提案しません");
    pub(crate) const NO_SIGNATURE: Words = words(
        "does not declare this signature algorithm",
        "この署名アルゴリズムへの対応を宣言していません",
    );
    pub(crate) const NO_OTHER_GROUP: Words = words(
        "the tester knows no group that this router does not",
        "このルーターが対応しないグループを試験装置が持ちません",
    );
}
