//! Requests without an answer, and answers that did not arrive.

use cases::Role;
use reports::cause::{CauseCode, Side};
use reports::text::Text;
use transcript::model::query::{IKE_AUTH, IKE_SA_INIT};
use transcript::model::{IcmpError, IcmpWhat, Message, Protection};

use super::{Finding, NAT_PORT, Reached, Story, times};
use crate::diagnose::path::speaks_of;

impl Story<'_> {
    /// A request of the initiator without any answer.
    pub(super) fn unanswered(
        self,
        first: &Message,
        requests: &[&Message],
        reached: Reached,
    ) -> Finding {
        let sent: u64 = requests
            .iter()
            .map(|message| 1 + message.retransmissions())
            .sum();
        // Where a capture at both ends shows the loss, what else passes tells more of it.
        let error = self.icmp(first, reached);
        if let Some(error) = error.filter(|error| {
            error.code == CauseCode::RouterStopped || first.arrived() != Some(false)
        }) {
            return error;
        }
        if let Some(hint) = self.unprotected(first, true) {
            return hint;
        }
        let name = &first.exchange.name;
        if requests
            .iter()
            .any(|message| message.arrived() == Some(true))
        {
            let detail = Text::new(
                format!(
                    "{name} arrived, sent {}, and no answer left the responder",
                    times(sent)
                ),
                format!(
                    "{name} は到達しましたが（送信 {sent} 回）、応答側から応答が送出されていません"
                ),
            );
            return Finding {
                code: CauseCode::PathNoAnswer,
                side: Side::Responder,
                by: Role::Responder,
                sa: Some(self.sa),
                packet: first.packet(),
                detail,
                reached,
            };
        }
        if let Some(hint) = self.unprotected(first, false) {
            return hint;
        }
        self.lost(first, Role::Initiator, sent, reached)
    }

    /// Answers that no key protects: they are hints, and anybody can send them (RFC 7296, section
    /// 2.21).
    fn unprotected(self, request: &Message, same_exchange: bool) -> Option<Finding> {
        if request.is(IKE_SA_INIT) {
            return None;
        }
        let of_sa = self.talk.of_sa(self.sa).iter().copied();
        let mut hints = of_sa.filter(|message| {
            message.from != request.from
                && message.protection == Protection::Clear
                && !message.is(IKE_SA_INIT)
                && message.at_us >= request.at_us
                && (!same_exchange || message.is(request.exchange.number))
                && message.errors().next().is_some()
        });
        let hint = hints.next()?;
        let names: Vec<&str> = hint
            .errors()
            .map(|error| error.kind.name.as_ref())
            .collect();
        let (names, name) = (names.join(", "), &request.exchange.name);
        let detail = Text::new(
            format!(
                "{name} has no protected answer; what came back is {names} without protection, which \
                 anybody can send"
            ),
            format!(
                "{name} に対する保護された応答がありません。返されたのは保護されていない {names} のみで、\
                 誰でも送信できるものです"
            ),
        );
        Some(self.unknown(Some(hint), detail, Reached::Init))
    }

    /// An answer that was sent and did not arrive.
    pub(super) fn answer_lost(self, answer: &Message, reached: Reached) -> Finding {
        let sent = 1 + answer.retransmissions();
        self.lost(answer, Role::Responder, sent, reached)
    }

    /// A message that did not reach the other end, as far as the wire tells.
    fn lost(self, message: &Message, from: Role, sent: u64, reached: Reached) -> Finding {
        let in_ip_fragments = message
            .all_transmissions()
            .any(|transmission| transmission.ip_fragments > 0);
        let port = message.destination.port();
        let known = message.arrived() == Some(false);
        let smaller_arrived = self.talk.of_sa(self.sa).iter().any(|other| {
            other.from == message.from
                && other.octets < message.octets
                && other.arrived() == Some(true)
                && other.destination.port() == port
        });
        let only_500 = message.is(IKE_AUTH)
            && port == NAT_PORT
            && (known || sent > 1)
            && self.only_port_500_answers(message);
        // Only a capture at both ends shows what was lost.
        let code = if in_ip_fragments && known {
            CauseCode::PathFragmentsLost
        } else if only_500 && reached > Reached::Nothing {
            CauseCode::PathPort4500Blocked
        } else if known && smaller_arrived {
            CauseCode::PathMtuBlackHole
        } else if from == Role::Responder && known {
            CauseCode::PathOneWay
        } else {
            CauseCode::PathNoAnswer
        };
        let (name, octets, how_often) = (&message.exchange.name, message.octets, times(sent));
        let (parts, parts_ja) = if in_ip_fragments {
            (" in IP fragments", "IP フラグメントで ")
        } else {
            ("", "")
        };
        let detail = if known {
            Text::new(
                format!("{name} of {octets} octets was sent {how_often}{parts} and never arrived"),
                format!(
                    "{name}（{octets} オクテット）は {parts_ja}{sent} 回送信されましたが、到達していません"
                ),
            )
        } else {
            Text::new(
                format!("{name} of {octets} octets was sent {how_often}{parts} and not answered"),
                format!(
                    "{name}（{octets} オクテット）は {parts_ja}{sent} 回送信されましたが、応答がありません"
                ),
            )
        };
        Finding {
            code,
            side: Side::Path,
            by: speaks_of(code, from),
            sa: Some(self.sa),
            packet: message.packet(),
            detail,
            reached,
        }
    }

    /// Whether the peer of who sent this spoke from port 500, and nothing of it came from port 4500.
    fn only_port_500_answers(self, message: &Message) -> bool {
        let peer = self.talk.end(message.destination.ip());
        let is_peers = |source: std::net::IpAddr| self.talk.end(source) == peer;
        let ports = || {
            let messages = self.talk.messages.iter();
            messages
                .filter(|message| is_peers(message.source.ip()))
                .map(|message| message.source.port())
        };
        let in_udp = self
            .talk
            .esp
            .iter()
            .any(|flow| flow.in_udp && is_peers(flow.source));
        let keepalives = self.talk.keepalives.iter();
        let alive = keepalives
            .map(|keepalives| keepalives.source)
            .any(|source| is_peers(source.ip()));
        !in_udp
            && !alive
            && ports().any(|port| port != NAT_PORT)
            && ports().all(|port| port != NAT_PORT)
    }

    /// What ICMP says of a request.
    fn icmp(self, request: &Message, reached: Reached) -> Option<Finding> {
        let to = request.destination;
        let mut errors = self.talk.icmp_errors.iter().filter(|error| {
            error.about == to.ip()
                && error.about_port == Some(to.port())
                && refuses(error.what).is_some()
        });
        let error = errors.next()?;
        let [en, ja] = refuses(error.what)?;
        if self.says_itself(request, error) {
            return Some(Finding {
                code: CauseCode::RouterStopped,
                side: Side::Responder,
                by: Role::Responder,
                sa: Some(self.sa),
                packet: Some(error.packet),
                detail: Text::new(
                    format!("ICMP says that nothing listens on UDP port {}", to.port()),
                    format!(
                        "ICMP により、UDP {} 番で待ち受けがないことが通知されました",
                        to.port()
                    ),
                ),
                reached: Reached::Nothing,
            });
        }
        let (name, source) = (&request.exchange.name, error.source);
        Some(Finding {
            code: CauseCode::PathNoAnswer,
            side: Side::Path,
            by: Role::Responder,
            sa: Some(self.sa),
            packet: Some(error.packet),
            detail: Text::new(
                format!("{source} answers {name} to {to} by ICMP: {en}"),
                format!("{to} 宛ての {name} に対し、{source} が ICMP で「{ja}」を返しました"),
            ),
            reached,
        })
    }

    /// Whether the host of the responder itself says that nothing listens, and nothing ever did:
    /// packet filters on the way say the same.
    fn says_itself(self, request: &Message, error: &IcmpError) -> bool {
        let to = request.destination;
        let spoke = self.talk.messages.iter().any(|other| other.source == to);
        let own = self.talk.end(error.source);
        error.what == IcmpWhat::PortUnreachable
            && own.is_some()
            && own == self.talk.end(to.ip())
            && !spoke
    }
}

/// What an ICMP error says, if it is that a packet was not delivered.
fn refuses(what: IcmpWhat) -> Option<[&'static str; 2]> {
    Some(match what {
        IcmpWhat::PortUnreachable => ["port unreachable", "ポート到達不能"],
        IcmpWhat::HostUnreachable => ["host unreachable", "ホスト到達不能"],
        IcmpWhat::NetworkUnreachable => ["network unreachable", "ネットワーク到達不能"],
        IcmpWhat::ProtocolUnreachable => ["protocol unreachable", "プロトコル到達不能"],
        IcmpWhat::AdministrativelyProhibited => [
            "communication administratively prohibited",
            "管理上の理由による通信の禁止",
        ],
        IcmpWhat::FragmentationNeeded { .. } | IcmpWhat::TimeExceeded | IcmpWhat::Other { .. } => {
            return None;
        }
    })
}
