//! IKE_SA_INIT: what the responder said to it.

use reports::cause::CauseCode;
use reports::text::Text;
use transcript::model::query::{IKE_AUTH, IKE_SA_INIT};
use transcript::model::{Content, Message, Transform};

use super::talk::Talk;
use super::{Finding, Reached, Story, answered, times};

/// So many answers of INVALID_KE_PAYLOAD to one initiator are a loop: one is usual.
const KE_ROUNDS: usize = 3;
/// Transform type of a key exchange (RFC 7296, section 3.3.2).
const KEY_EXCHANGE: u32 = 4;

impl Story<'_> {
    /// None when the responder chose its algorithms.
    pub(super) fn init(self) -> Option<Finding> {
        let requests: Vec<_> = self.messages(IKE_SA_INIT, false).collect();
        let responses: Vec<_> = self.messages(IKE_SA_INIT, true).collect();
        let Some(first) = requests.first() else {
            // The capture begins later.
            return (self.talk.transcript.ike_sas[self.sa].from_the_beginning
                || self.messages(IKE_AUTH, false).next().is_none())
            .then(|| {
                let detail = Text::new(
                    "the capture does not hold the beginning of the negotiation",
                    "キャプチャーにネゴシエーションの開始が含まれていません",
                );
                self.unknown(None, detail, Reached::Nothing)
            });
        };
        let Some(last) = responses.last().copied() else {
            return Some(self.unanswered(first, &requests, Reached::Nothing));
        };
        let began = self.messages(IKE_AUTH, false).next().is_some();
        if !began && let Some(detail) = self.answer_of_another(&requests, &responses) {
            return Some(self.unknown(Some(last), detail, Reached::Init));
        }
        let chosen = responses
            .iter()
            .find(|response| response.proposals().next().is_some());
        if let Some(chosen) = chosen {
            if began {
                return None;
            }
            if chosen.arrived() == Some(false) {
                return Some(self.answer_lost(chosen, Reached::Init));
            }
            let detail = not_offered(&requests, chosen)?;
            return Some(self.unknown(Some(chosen), detail, Reached::Init));
        }
        if responses
            .iter()
            .all(|response| response.arrived() == Some(false))
        {
            return Some(self.answer_lost(last, Reached::Init));
        }
        Some(self.refused_init(&requests, &responses, last))
    }

    /// The answers choose nothing.
    fn refused_init(
        self,
        requests: &[&Message],
        responses: &[&Message],
        last: &Message,
    ) -> Finding {
        let groups: Vec<&[String]> = responses
            .iter()
            .filter_map(|response| response.notify("INVALID_KE_PAYLOAD"))
            .map(|notify| notify.data.as_slice())
            .collect();
        let one_group = groups.windows(2).all(|pair| pair[0] == pair[1]);
        let offered = groups
            .last()
            .and_then(|group| group.first())
            .filter(|group| one_group && offers(requests, group));
        let code = if let Some(group) = offered {
            let detail = Text::new(
                format!(
                    "the responder asked for {group} by INVALID_KE_PAYLOAD, the initiator had offered \
                     it, and no request with it is in the capture"
                ),
                format!(
                    "応答側が INVALID_KE_PAYLOAD で {group} を要求しました。開始側の提案に含まれる\
                     グループですが、これを用いた要求がキャプチャーにありません"
                ),
            );
            return self.unknown(Some(last), detail, Reached::Init);
        } else if groups.len() >= KE_ROUNDS || (!groups.is_empty() && asked_in_turn(self.talk)) {
            CauseCode::ProposalKeGroupLoop
        } else if last.notify("NO_PROPOSAL_CHOSEN").is_some() || !groups.is_empty() {
            CauseCode::ProposalIkeNoneInCommon
        } else if last.notify("INVALID_MAJOR_VERSION").is_some() {
            CauseCode::RouterIkeVersion
        } else {
            CauseCode::Unknown
        };
        let mut found = answered(code, last, Reached::Init);
        if code == CauseCode::Unknown
            && let Some(detail) = no_error(requests, responses, last)
        {
            found.detail = detail;
        }
        found
    }

    /// All answers come from where nothing was sent to. In a capture at both ends a translator is seen
    /// from both of its sides.
    fn answer_of_another(self, requests: &[&Message], responses: &[&Message]) -> Option<Text> {
        if self.talk.transcript.tells_arrival() {
            return None;
        }
        let asked = |answer: &Message| {
            let mut requests = requests.iter();
            requests.any(|request| request.destination == answer.source)
        };
        let answer = responses.first()?;
        if responses.iter().any(|answer| asked(answer)) {
            return None;
        }
        let (to, from) = (requests.first()?.destination, answer.source);
        Some(Text::new(
            format!("IKE_SA_INIT was sent to {to}, and the answer comes from {from}"),
            format!("IKE_SA_INIT の宛先は {to} ですが、応答は {from} から送信されています"),
        ))
    }
}

/// What an answer without a choice and without an error asks for.
fn no_error(requests: &[&Message], responses: &[&Message], last: &Message) -> Option<Text> {
    if let Some(redirect) = last.notify("REDIRECT") {
        let gateway = redirect.data.join(", ");
        return Some(Text::new(
            format!("the responder redirects the initiator to another gateway ({gateway})"),
            format!("応答側が開始側を別のゲートウェイ（{gateway}）へリダイレクトしました"),
        ));
    }
    last.notify("COOKIE")?;
    let cookies = responses
        .iter()
        .filter(|response| response.notify("COOKIE").is_some());
    let asked: u64 = cookies.map(|message| 1 + message.retransmissions()).sum();
    let returned = requests
        .iter()
        .any(|request| request.notify("COOKIE").is_some());
    let (en, ja) = if returned {
        (
            "although the initiator returned one",
            "開始側が cookie を返しても選択に進みません",
        )
    } else {
        (
            "and no request in the capture returns it",
            "cookie を返す要求がキャプチャーにありません",
        )
    };
    Some(Text::new(
        format!("the responder asked for a cookie {}, {en}", times(asked)),
        format!("応答側が cookie を {asked} 回要求しました。{ja}"),
    ))
}

fn transforms<'a>(requests: &'a [&Message]) -> impl Iterator<Item = &'a Transform> {
    let proposals = requests.iter().flat_map(|request| request.proposals());
    proposals.flat_map(|proposal| &proposal.transforms)
}

/// Whether the initiator would take this group.
fn offers(requests: &[&Message], group: &str) -> bool {
    transforms(requests)
        .any(|transform| transform.kind.number == KEY_EXCHANGE && transform.id.name == group)
}

/// An algorithm that the responder chose and nobody had offered.
fn not_offered(requests: &[&Message], chosen: &Message) -> Option<Text> {
    let all_known = requests.iter().all(|request| {
        request.more_payloads == 0
            && request.payloads.iter().all(|payload| {
                !matches!(payload.content, Content::SecurityAssociation { more, .. } if more > 0)
            })
    });
    if !all_known || transforms(requests).next().is_none() {
        return None;
    }
    let mut chosen = chosen.proposals().flat_map(|proposal| &proposal.transforms);
    let odd =
        chosen.find(|transform| !transforms(requests).any(|offered| offered == *transform))?;
    let (kind, name) = (&odd.kind.name, &odd.id.name);
    Some(Text::new(
        format!(
            "the responder chose {kind} {name}, which the initiator had not offered, and the \
             initiator did not go on"
        ),
        format!(
            "応答側が、開始側の提案にない {kind} {name} を選択しました。開始側はその後を続けていません"
        ),
    ))
}

/// Whether the responder asked for one group after the other. Some initiators take a new SPI with each
/// group, so that each round is an IKE SA of its own.
fn asked_in_turn(talk: &Talk<'_>) -> bool {
    let answers = talk.messages.iter().filter(|message| message.response);
    let asked: Vec<_> = answers
        .filter_map(|answer| answer.notify("INVALID_KE_PAYLOAD"))
        .map(|notify| &notify.data)
        .collect();
    asked.len() >= KE_ROUNDS && asked.windows(2).all(|pair| pair[0] != pair[1])
}
