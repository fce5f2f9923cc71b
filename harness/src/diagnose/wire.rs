//! What the wire alone tells: how far a negotiation came, and who ended it.
//!
//! Nothing here needs a lab, so that a capture from anywhere can be read the same way.

use cases::Role;
use reports::cause::{CauseCode, Side};
use reports::text::Text;
use transcript::model::query::{IKE_AUTH, IKE_SA_INIT, INFORMATIONAL};
use transcript::model::{IcmpWhat, Message, Note, Protection, Transcript};

mod children;
mod esp;
mod narrowing;
pub(super) mod nat;
#[cfg(test)]
mod tests;

/// UDP port of IKE behind a NAT (RFC 3948).
const NAT_PORT: u16 = 4500;
/// So many answers of INVALID_KE_PAYLOAD to one initiator are a loop: one is usual.
const KE_ROUNDS: usize = 3;

/// How a capture ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Conclusion {
    /// There is no IKE in it.
    NoIke,
    /// An IKE SA and a Child SA came up, and nothing speaks against them.
    Established,
    /// It went wrong here.
    Failed(Finding),
}

/// Where a negotiation went wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    pub(crate) code: CauseCode,
    pub(crate) side: Side,
    /// The end that the code's sentence is about.
    pub(crate) by: Role,
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
}

/// Reads the end of the story. The IKE SA that came furthest counts: daemons try again.
pub(crate) fn conclude(transcript: &Transcript) -> Conclusion {
    let other = transcript.notes.iter().find_map(|note| {
        if let Note::OtherVersion { major, messages } = note {
            Some((*major, *messages))
        } else {
            None
        }
    });
    let mut best: Option<Finding> = None;
    let mut established = false;
    for sa in 0..transcript.ike_sas.len() {
        match of_sa(transcript, sa) {
            Some(finding) => {
                if best
                    .as_ref()
                    .is_none_or(|best| best.reached < finding.reached)
                {
                    best = Some(finding);
                }
            }
            None => established = true,
        }
    }
    if established {
        return match children::refused(transcript)
            .or_else(|| narrowing::exceeded(transcript))
            .or_else(|| nat::bare_esp(transcript))
            .or_else(|| esp::lost(transcript))
        {
            Some(finding) => Conclusion::Failed(finding),
            None => Conclusion::Established,
        };
    }
    if let Some((major, messages)) = other
        && best
            .as_ref()
            .is_none_or(|best| best.reached <= Reached::Init)
    {
        return Conclusion::Failed(other_version(transcript, major, messages));
    }
    let best = best.map(|best| nat::behind(transcript, best));
    best.map_or(Conclusion::NoIke, Conclusion::Failed)
}

/// What went wrong in one IKE SA; none when it stands with its first Child SA.
fn of_sa(transcript: &Transcript, sa: usize) -> Option<Finding> {
    let story = Story { transcript, sa };
    if transcript.ike_sas[sa].rekeys.is_some() {
        return None;
    }
    story.init().or_else(|| story.auth())
}

struct Story<'a> {
    transcript: &'a Transcript,
    sa: usize,
}

impl<'a> Story<'a> {
    fn messages(&self, exchange: u32, response: bool) -> impl Iterator<Item = &'a Message> {
        self.transcript
            .of_sa(self.sa)
            .filter(move |message| message.is(exchange) && message.response == response)
    }

    /// IKE_SA_INIT: none when the responder chose its algorithms.
    fn init(&self) -> Option<Finding> {
        let requests: Vec<_> = self.messages(IKE_SA_INIT, false).collect();
        let responses: Vec<_> = self.messages(IKE_SA_INIT, true).collect();
        let Some(first) = requests.first() else {
            // The capture begins later.
            return (self.transcript.ike_sas[self.sa].from_the_beginning
                || self.messages(IKE_AUTH, false).next().is_none())
            .then(|| {
                finding(
                    CauseCode::Unknown,
                    Side::Both,
                    Role::Initiator,
                    None,
                    Text::new(
                        "the capture does not hold the beginning of the negotiation",
                        "キャプチャにネゴシエーションの開始が含まれていません",
                    ),
                    Reached::Nothing,
                )
            });
        };
        if responses.is_empty() {
            return Some(self.unanswered(first, &requests, Reached::Nothing));
        }
        let chosen = responses
            .iter()
            .find(|response| response.proposals().next().is_some());
        if let Some(chosen) = chosen {
            return (chosen.arrived() == Some(false)
                && self.messages(IKE_AUTH, false).next().is_none())
            .then(|| self.answer_lost(chosen, Reached::Init));
        }
        let last = responses[responses.len() - 1];
        if responses
            .iter()
            .all(|response| response.arrived() == Some(false))
        {
            return Some(self.answer_lost(last, Reached::Init));
        }
        let asked = responses
            .iter()
            .filter(|response| response.notify("INVALID_KE_PAYLOAD").is_some())
            .count();
        let code = if asked >= KE_ROUNDS || (asked > 0 && asked_in_turn(self.transcript)) {
            CauseCode::ProposalKeGroupLoop
        } else if last.notify("NO_PROPOSAL_CHOSEN").is_some() || asked > 0 {
            CauseCode::ProposalIkeNoneInCommon
        } else if last.notify("INVALID_MAJOR_VERSION").is_some() {
            CauseCode::RouterIkeVersion
        } else {
            CauseCode::Unknown
        };
        Some(answered(code, last, Reached::Init))
    }

    /// IKE_AUTH: none when both ends accepted it.
    fn auth(&self) -> Option<Finding> {
        let requests: Vec<_> = self.messages(IKE_AUTH, false).collect();
        let responses: Vec<_> = self.messages(IKE_AUTH, true).collect();
        let Some(first) = requests.first() else {
            return Some(finding(
                CauseCode::Unknown,
                Side::Initiator,
                Role::Initiator,
                self.messages(IKE_SA_INIT, true)
                    .last()
                    .and_then(Message::packet),
                Text::new(
                    "IKE_SA_INIT was answered, and the initiator did not go on",
                    "IKE_SA_INIT に応答がありましたが、開始側がその後を続けていません",
                ),
                Reached::Init,
            ));
        };
        let Some(last) = responses.last() else {
            return Some(self.unanswered(first, &requests, Reached::Init));
        };
        if last.arrived() == Some(false) {
            return Some(self.answer_lost(last, Reached::Auth));
        }
        if let Some(error) = last.errors().next() {
            return Some(answered(
                refusal(error.kind.name.as_ref()),
                last,
                Reached::Auth,
            ));
        }
        self.taken_back(last)
    }

    /// The initiator got an answer, and ended the SA for it.
    fn taken_back(&self, answer: &Message) -> Option<Finding> {
        let after = self.transcript.of_sa(self.sa).filter(|message| {
            message.is(INFORMATIONAL)
                && message.is_request()
                && message.from == transcript::model::Role::Initiator
                && message.at_us >= answer.at_us
        });
        for message in after {
            if let Some(error) = message.errors().next() {
                let code = match error.kind.name.as_ref() {
                    "TS_UNACCEPTABLE" => CauseCode::SelectorsNarrowingRefused,
                    name => refusal(name),
                };
                return Some(Finding {
                    side: Side::Initiator,
                    by: Role::Initiator,
                    ..answered(code, message, Reached::Auth)
                });
            }
        }
        if answer.protection == Protection::Encrypted && !esp::flows(self.transcript) {
            // An answer without AUTH and SA is much shorter than one with them.
            const SHORTEST_WITH_AUTH: u64 = 140;
            let (en, ja) = if answer.octets < SHORTEST_WITH_AUTH {
                (
                    "its length leaves room for a notification only",
                    "その長さから、通知のみを含むとみられます",
                )
            } else {
                ("no ESP follows it", "その後に ESP がありません")
            };
            return Some(finding(
                CauseCode::Unknown,
                Side::Both,
                Role::Responder,
                answer.packet(),
                Text::new(
                    format!("the answer of IKE_AUTH is encrypted, and no key is known: {en}"),
                    format!("IKE_AUTH の応答は暗号化されており、鍵がありません。{ja}"),
                ),
                Reached::Auth,
            ));
        }
        None
    }

    /// A request without any answer.
    fn unanswered(&self, first: &Message, requests: &[&Message], reached: Reached) -> Finding {
        let sent: u64 = requests
            .iter()
            .map(|message| 1 + message.retransmissions())
            .sum();
        if let Some(error) = self.icmp(first) {
            return error;
        }
        if requests
            .iter()
            .any(|message| message.arrived() == Some(true))
        {
            return finding(
                CauseCode::PathNoAnswer,
                Side::Responder,
                Role::Responder,
                first.packet(),
                Text::new(
                    format!(
                        "{} arrived, sent {sent} times, and no answer left the responder",
                        first.exchange.name
                    ),
                    format!(
                        "{} は到達しましたが（送信 {sent} 回）、応答側から応答が送出されていません",
                        first.exchange.name
                    ),
                ),
                reached,
            );
        }
        self.lost(first, Role::Initiator, sent, reached)
    }

    /// An answer that was sent and did not arrive.
    fn answer_lost(&self, answer: &Message, reached: Reached) -> Finding {
        let sent = 1 + answer.retransmissions();
        self.lost(answer, Role::Responder, sent, reached)
    }

    /// A message that did not reach the other end, as far as the wire tells.
    fn lost(&self, message: &Message, from: Role, sent: u64, reached: Reached) -> Finding {
        let in_ip_fragments = message
            .all_transmissions()
            .any(|transmission| transmission.ip_fragments > 0);
        let port = message.destination.port();
        let init_passed = message.source.port() == NAT_PORT || port == NAT_PORT;
        let smaller_arrived = self.transcript.of_sa(self.sa).any(|other| {
            other.from == message.from
                && other.octets < message.octets
                && other.arrived() == Some(true)
                && other.destination.port() == port
        });
        let code = if in_ip_fragments {
            CauseCode::PathFragmentsLost
        } else if init_passed && reached > Reached::Nothing {
            CauseCode::PathPort4500Blocked
        } else if message.arrived() == Some(false) && smaller_arrived {
            CauseCode::PathMtuBlackHole
        } else if from == Role::Responder && message.arrived() == Some(false) {
            CauseCode::PathOneWay
        } else {
            CauseCode::PathNoAnswer
        };
        let by = super::path::speaks_of(code, from);
        let known = message.arrived() == Some(false);
        let name = &message.exchange.name;
        let detail = if known {
            Text::new(
                format!(
                    "{name} of {} octets was sent {sent} times and never arrived",
                    message.octets
                ),
                format!(
                    "{name}（{} オクテット）は {sent} 回送信されましたが、到達していません",
                    message.octets
                ),
            )
        } else {
            Text::new(
                format!(
                    "{name} of {} octets was sent {sent} times and not answered",
                    message.octets
                ),
                format!(
                    "{name}（{} オクテット）は {sent} 回送信されましたが、応答がありません",
                    message.octets
                ),
            )
        };
        finding(code, Side::Path, by, message.packet(), detail, reached)
    }

    /// What the responder's own host says of its port.
    fn icmp(&self, request: &Message) -> Option<Finding> {
        let to = request.destination;
        let error = self.transcript.icmp_errors.iter().find(|error| {
            error.about == to.ip()
                && error.about_port == Some(to.port())
                && error.what == IcmpWhat::PortUnreachable
        })?;
        Some(finding(
            CauseCode::RouterStopped,
            Side::Responder,
            Role::Responder,
            Some(error.packet),
            Text::new(
                format!("ICMP says that nothing listens on UDP port {}", to.port()),
                format!(
                    "ICMP により、UDP {} 番で待ち受けがないことが通知されました",
                    to.port()
                ),
            ),
            Reached::Nothing,
        ))
    }
}

/// Whether the responder asked for one group after the other. Some initiators take a new SPI with each
/// group, so that each round is an IKE SA of its own.
fn asked_in_turn(transcript: &Transcript) -> bool {
    let answers = transcript
        .messages
        .iter()
        .filter(|message| message.response);
    let asked: Vec<_> = answers
        .filter_map(|answer| answer.notify("INVALID_KE_PAYLOAD"))
        .map(|notify| &notify.data)
        .collect();
    asked.len() >= KE_ROUNDS && asked.windows(2).all(|pair| pair[0] != pair[1])
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

/// What a message says, in a few words.
fn answered(code: CauseCode, message: &Message, reached: Reached) -> Finding {
    let (side, by) = match message.from {
        transcript::model::Role::Initiator => (Side::Initiator, Role::Initiator),
        transcript::model::Role::Responder => (Side::Responder, Role::Responder),
    };
    let names: Vec<&str> = message
        .errors()
        .map(|notify| notify.kind.name.as_ref())
        .collect();
    let names = names.join(", ");
    let exchange = &message.exchange.name;
    let detail = if names.is_empty() {
        Text::new(
            format!("{exchange} carries no error and no choice"),
            format!("{exchange} にはエラー通知も選択結果もありません"),
        )
    } else if message.response {
        Text::new(
            format!("it answered {exchange} with {names}"),
            format!("{exchange} に対する応答は {names}"),
        )
    } else {
        Text::new(
            format!("it sent {names} in {exchange}"),
            format!("{exchange} で {names} を送信"),
        )
    };
    finding(code, side, by, message.packet(), detail, reached)
}

/// Nothing but another version of IKE.
fn other_version(transcript: &Transcript, major: u8, messages: u64) -> Finding {
    let packet = transcript
        .messages
        .iter()
        .find(|message| message.version.starts_with(&format!("{major}.")))
        .and_then(Message::packet);
    finding(
        CauseCode::RouterIkeVersion,
        Side::Initiator,
        Role::Initiator,
        packet,
        Text::new(
            format!("{messages} messages are of IKE version {major}"),
            format!("IKE バージョン {major} のメッセージが {messages} 個あります"),
        ),
        Reached::Nothing,
    )
}

fn finding(
    code: CauseCode,
    side: Side,
    by: Role,
    packet: Option<u64>,
    detail: Text,
    reached: Reached,
) -> Finding {
    Finding {
        code,
        side,
        by,
        packet,
        detail,
        reached,
    }
}
