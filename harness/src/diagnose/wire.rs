//! What the wire alone tells: how far a negotiation came, and who ended it.
//!
//! Nothing here needs a lab, so that a capture from anywhere can be read the same way. A capture that
//! cannot tell is told to be one: no end is named then.

use cases::Role;
use reports::cause::{CauseCode, Side};
use reports::text::Text;
use transcript::model::{Content, Message, Notify, Protection, Transcript};

mod auth;
mod children;
mod esp;
mod init;
mod later;
mod narrowing;
pub(super) mod nat;
mod talk;
#[cfg(test)]
mod tests;
mod unanswered;
mod version;

pub(super) use talk::Talk;

/// UDP port of IKE behind a NAT (RFC 3948).
const NAT_PORT: u16 = 4500;

/// How a capture ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Conclusion {
    /// There is no IKE in it.
    NoIke,
    /// An IKE SA and a Child SA came up, and nothing speaks against them.
    Established,
    /// Nothing could be read, and ESP goes both ways after the negotiation.
    SeemsEstablished,
    /// It went wrong here.
    Failed(Finding),
    /// The capture does not tell how it ended, or why.
    Unclear(Finding),
}

/// Where a negotiation went wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    pub(crate) code: CauseCode,
    pub(crate) side: Side,
    /// The end that the code's sentence is about, as it takes part in the IKE SA.
    pub(crate) by: Role,
    /// Position of the IKE SA in the transcript.
    pub(crate) sa: Option<usize>,
    /// The packet that shows it, from 1.
    pub(crate) packet: Option<u64>,
    /// What stands there.
    pub(crate) detail: Text,
    /// How far the negotiation had come.
    pub(crate) reached: Reached,
}

/// The last step that the wire shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Reached {
    Nothing,
    Init,
    Auth,
    Child,
    Esp,
    /// The tunnel stood, and this came after it.
    Later,
}

/// Reads the end of the story between two routers, whatever addresses they have on the way.
pub(crate) fn conclude(transcript: &Transcript) -> Conclusion {
    of_talk(&Talk::whole(transcript))
}

/// What two peers of a capture came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OfPair {
    /// Of the initiator of their first IKE SA, and of its responder.
    pub(crate) addresses: [std::net::IpAddr; 2],
    pub(crate) conclusion: Conclusion,
}

/// Reads the end of each story of a capture, pair by pair, in the order in which they began.
pub(crate) fn conclude_each(transcript: &Transcript) -> Vec<OfPair> {
    let talks = Talk::each(transcript);
    let told = talks.iter().filter_map(|talk| {
        Some(OfPair {
            addresses: talk.addresses()?,
            conclusion: of_talk(talk),
        })
    });
    told.collect()
}

/// What became of one attempt to set up an IKE SA.
enum Attempt {
    /// It stands with its first Child SA; whether that could be read.
    Stands {
        read: bool,
    },
    Failed(Finding),
}

/// The IKE SA that came furthest counts: daemons try again. Once one stood, the last one does.
fn of_talk(talk: &Talk<'_>) -> Conclusion {
    let mut best: Option<Finding> = None;
    let mut standing: Vec<usize> = Vec::new();
    let mut all_read = true;
    let mut after: Option<Finding> = None;
    for sa in talk.sas.iter().copied() {
        let second = |message: &&Message| talk::major(message) == Some(2);
        let of_two = talk.of_sa(sa).iter().any(second);
        if talk.transcript.ike_sas[sa].rekeys.is_some() || !of_two {
            continue;
        }
        match (Story { talk, sa }).attempt() {
            Attempt::Stands { read } => {
                standing.push(sa);
                all_read = read;
                after = None;
            }
            Attempt::Failed(finding) => {
                if !(Story { talk, sa }).is_open() {
                    after = Some(finding.clone());
                }
                if best
                    .as_ref()
                    .is_none_or(|best| best.reached < finding.reached)
                {
                    best = Some(finding);
                }
            }
        }
    }
    if !standing.is_empty() {
        let found = children::refused(talk)
            .or_else(|| narrowing::exceeded(talk))
            .or_else(|| nat::bare_esp(talk))
            .or_else(|| esp::lost(talk))
            .or_else(|| later::against(talk, &standing, after));
        return match found {
            Some(finding) => of_finding(finding),
            None if all_read => Conclusion::Established,
            None => Conclusion::SeemsEstablished,
        };
    }
    if let Some(conclusion) = version::apart(talk, best.as_ref()) {
        return conclusion;
    }
    let best = best.map(|best| nat::behind(talk, best));
    best.map_or(Conclusion::NoIke, of_finding)
}

fn of_finding(finding: Finding) -> Conclusion {
    if finding.code == CauseCode::Unknown {
        Conclusion::Unclear(finding)
    } else {
        Conclusion::Failed(finding)
    }
}

/// One IKE SA.
#[derive(Clone, Copy)]
struct Story<'a> {
    talk: &'a Talk<'a>,
    sa: usize,
}

impl<'a> Story<'a> {
    fn attempt(self) -> Attempt {
        match self.init() {
            Some(finding) => Attempt::Failed(finding),
            None => self.auth(),
        }
    }

    fn messages(self, exchange: u32, response: bool) -> impl Iterator<Item = &'a Message> {
        let messages = self.talk.of_sa(self.sa).iter().copied();
        messages.filter(move |message| {
            message.is(exchange) && message.response == response && talk::major(message) == Some(2)
        })
    }

    /// Whether its last message is a request that was sent once: the capture may have ended before the
    /// answer.
    fn is_open(self) -> bool {
        let last = self.talk.of_sa(self.sa).last();
        last.is_some_and(|last| !last.response && last.retransmissions() == 0)
    }

    /// A finding of this IKE SA that names no end.
    fn unknown(self, message: Option<&Message>, detail: Text, reached: Reached) -> Finding {
        Finding {
            code: CauseCode::Unknown,
            side: Side::Both,
            by: Role::Initiator,
            sa: Some(self.sa),
            packet: message.and_then(Message::packet),
            detail,
            reached,
        }
    }
}

/// The cause that an error notification is.
fn refusal(notify: &str) -> CauseCode {
    match notify {
        "AUTHENTICATION_FAILED" => CauseCode::AuthFailed,
        "NO_PROPOSAL_CHOSEN" => CauseCode::ProposalEspNoneInCommon,
        "TS_UNACCEPTABLE" | "SINGLE_PAIR_REQUIRED" => CauseCode::SelectorsUnacceptable,
        _ => CauseCode::Unknown,
    }
}

/// Error notifications below this are of the IETF, from here to the status types for private use (RFC
/// 7296, section 3.10.1).
const PRIVATE_ERRORS: u32 = 8192;

/// Errors that the keys of the IKE SA protect: anybody can send the others (RFC 7296, section 2.21).
fn protected_errors(message: &Message) -> impl Iterator<Item = &Notify> {
    let encrypted = message.protection != Protection::Clear;
    let payloads = message.payloads.iter();
    payloads
        .filter(move |payload| encrypted && payload.protected)
        .filter_map(|payload| {
            if let Content::Notify(notify) = &payload.content {
                notify.error.then_some(notify)
            } else {
                None
            }
        })
}

/// What a message says, in a few words.
fn answered(code: CauseCode, message: &Message, reached: Reached) -> Finding {
    let by = role_of(message.from);
    let names: Vec<&str> = message
        .errors()
        .map(|notify| notify.kind.name.as_ref())
        .collect();
    let names = names.join(", ");
    let exchange = &message.exchange.name;
    // Where no cause speaks of that end, the words name it.
    let (en, ja) = match (code, by) {
        (CauseCode::Unknown, Role::Initiator) => ("the initiator", "開始側が "),
        (CauseCode::Unknown, Role::Responder) => ("the responder", "応答側が "),
        _ => ("it", ""),
    };
    let detail = if names.is_empty() {
        Text::new(
            format!("{exchange} carries no error and no choice"),
            format!("{exchange} にはエラー通知も選択結果もありません"),
        )
    } else if !message.response {
        Text::new(
            format!("{en} sent {names} in {exchange}"),
            format!("{ja}{exchange} で {names} を送信"),
        )
    } else if code == CauseCode::Unknown {
        Text::new(
            format!("{en} answered {exchange} with {names}"),
            format!("{ja}{exchange} に {names} で応答"),
        )
    } else {
        Text::new(
            format!("it answered {exchange} with {names}"),
            format!("{exchange} に対する応答は {names}"),
        )
    };
    Finding {
        code,
        side: side_of(by),
        by,
        sa: Some(message.sa),
        packet: message.packet(),
        detail,
        reached,
    }
}

fn role_of(role: transcript::model::Role) -> Role {
    match role {
        transcript::model::Role::Initiator => Role::Initiator,
        transcript::model::Role::Responder => Role::Responder,
    }
}

fn side_of(role: Role) -> Side {
    match role {
        Role::Initiator => Side::Initiator,
        Role::Responder => Side::Responder,
    }
}

/// `once`, `3 times`.
fn times(count: u64) -> String {
    match count {
        1 => "once".to_owned(),
        count => format!("{count} times"),
    }
}
