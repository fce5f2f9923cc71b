//! What came after a tunnel stood: it was taken down, or its peer fell silent.

use std::collections::BTreeSet;

use cases::Role;
use reports::cause::{CauseCode, Side};
use reports::text::Text;
use transcript::model::query::{CREATE_CHILD_SA, INFORMATIONAL};
use transcript::model::{Content, Message, Role as End, Transcript};

use super::talk::Talk;
use super::{Finding, Reached, answered, esp, protected_errors, role_of, times};

/// Protocol of an IKE SA in a Delete payload (RFC 7296, section 3.11).
const IKE: u32 = 1;
/// One way for so many packets is more than the end of a capture.
const ONE_WAY: u64 = 3;

/// What speaks against the last tunnel that stood. `after` is an attempt that began after it and failed.
pub(super) fn against(
    talk: &Talk<'_>,
    standing: &[usize],
    after: Option<Finding>,
) -> Option<Finding> {
    let last = *standing.last()?;
    let found = after
        .or_else(|| taken_back(talk, last))
        .or_else(|| deleted(talk, last))
        .or_else(|| silent(talk, last))
        .or_else(|| anew(talk, standing))
        .or_else(|| one_way(talk, last))?;
    Some(Finding {
        reached: Reached::Later,
        ..found
    })
}

/// The IKE SA that replaced this one last (RFC 7296, section 2.18).
fn newest(transcript: &Transcript, sa: usize) -> usize {
    let mut newest = sa;
    // Each one begins after the one that it replaces.
    for (at, later) in transcript.ike_sas.iter().enumerate().skip(sa + 1) {
        if later.rekeys == Some(newest) {
            newest = at;
        }
    }
    newest
}

fn requests<'a>(talk: &'a Talk<'_>, sa: usize, exchange: u32) -> impl Iterator<Item = &'a Message> {
    let messages = talk.of_sa(sa).iter().copied();
    messages.filter(move |message| message.is_request() && message.is(exchange))
}

/// The responder accepted, and ended the SA with an error.
fn taken_back(talk: &Talk<'_>, sa: usize) -> Option<Finding> {
    let refused = |message: &&Message| {
        message.from == End::Responder
            && protected_errors(message).any(|error| error.kind.name == "AUTHENTICATION_FAILED")
    };
    let message = requests(talk, sa, INFORMATIONAL).find(refused)?;
    Some(answered(CauseCode::AuthFailed, message, Reached::Later))
}

/// Delete payloads of a message: protocol and how many SPIs.
fn deletes(message: &Message) -> impl Iterator<Item = (u32, usize)> {
    let protected = message.payloads.iter().filter(|payload| payload.protected);
    protected.filter_map(|payload| {
        if let Content::Delete(delete) = &payload.content {
            Some((delete.protocol.number, delete.spis.len()))
        } else {
            None
        }
    })
}

/// The IKE SA, or the last Child SA, was deleted.
fn deleted(talk: &Talk<'_>, sa: usize) -> Option<Finding> {
    let newest = newest(talk.transcript, sa);
    let of_ike = |message: &&Message| deletes(message).any(|(protocol, _)| protocol == IKE);
    if let Some(message) = requests(talk, newest, INFORMATIONAL).find(of_ike) {
        return Some(ended(message, ["the IKE SA", "IKE SA"]));
    }
    // Each end deletes its half of a Child SA; the halves of one end are enough.
    let created = talk.messages.iter().filter(|message| {
        message.response && message.is(CREATE_CHILD_SA) && message.proposals().next().is_some()
    });
    let created = 1 + created.count();
    let of_children = |message: &&Message| deletes(message).any(|(protocol, _)| protocol != IKE);
    let gone: Vec<&Message> = requests(talk, newest, INFORMATIONAL)
        .filter(of_children)
        .collect();
    let spis = gone.iter().flat_map(|message| deletes(message));
    let spis: usize = spis.map(|(_, spis)| spis).sum();
    let last = gone.last().filter(|_| spis >= created)?;
    Some(ended(last, ["the Child SA", "Child SA"]))
}

fn ended(message: &Message, [what, what_ja]: [&str; 2]) -> Finding {
    let (by, by_ja) = match message.from {
        End::Initiator => ("initiator", "開始側"),
        End::Responder => ("responder", "応答側"),
    };
    Finding {
        code: CauseCode::Unknown,
        side: Side::Both,
        by: role_of(message.from),
        sa: Some(message.sa),
        packet: message.packet(),
        detail: Text::new(
            format!("the tunnel came up, and then the {by} deleted {what}"),
            format!("トンネルは確立されましたが、その後{by_ja}が {what_ja} を削除しました"),
        ),
        reached: Reached::Later,
    }
}

/// A later request that was sent again and never answered.
fn silent(talk: &Talk<'_>, sa: usize) -> Option<Finding> {
    let newest = newest(talk.transcript, sa);
    let unanswered = [INFORMATIONAL, CREATE_CHILD_SA]
        .into_iter()
        .flat_map(|exchange| requests(talk, newest, exchange))
        .find(|request| {
            let is_answer = |answer: &&&Message| {
                answer.response
                    && answer.message_id == request.message_id
                    && answer.from != request.from
            };
            request.retransmissions() > 0 && !talk.of_sa(newest).iter().any(|m| is_answer(&m))
        })?;
    let sent = 1 + unanswered.retransmissions();
    let name = &unanswered.exchange.name;
    Some(Finding {
        code: CauseCode::PathNoAnswer,
        side: Side::Path,
        by: role_of(unanswered.from).peer(),
        sa: Some(newest),
        packet: unanswered.packet(),
        detail: Text::new(
            format!(
                "the tunnel came up; later, {name} was sent {} and not answered",
                times(sent)
            ),
            format!(
                "トンネルは確立されましたが、その後の {name} は {sent} 回送信され、応答がありません"
            ),
        ),
        reached: Reached::Later,
    })
}

/// The initiator began again and again, though it was answered each time.
fn anew(talk: &Talk<'_>, standing: &[usize]) -> Option<Finding> {
    let (last, before) = standing.split_last()?;
    let closed = |sa: &usize| {
        requests(talk, newest(talk.transcript, *sa), INFORMATIONAL)
            .any(|message| deletes(message).any(|(protocol, _)| protocol == IKE))
    };
    if before.len() < 2 || before.iter().any(closed) || !talk.esp.is_empty() {
        return None;
    }
    let packet = talk.of_sa(*last).first().and_then(|first| first.packet());
    let count = standing.len();
    Some(Finding {
        code: CauseCode::Unknown,
        side: Side::Both,
        by: Role::Initiator,
        sa: Some(*last),
        packet,
        detail: Text::new(
            format!(
                "IKE_AUTH was accepted {count} times, each time for a new IKE SA, and no ESP was sent"
            ),
            format!(
                "IKE_AUTH は新しい IKE SA で {count} 回受け入れられましたが、ESP は送信されていません"
            ),
        ),
        reached: Reached::Later,
    })
}

/// ESP of one end only.
fn one_way(talk: &Talk<'_>, sa: usize) -> Option<Finding> {
    let senders: BTreeSet<_> = talk
        .esp
        .iter()
        .filter_map(|flow| talk.end(flow.source))
        .collect();
    let packets: u64 = talk.esp.iter().map(|flow| flow.packets).sum();
    if senders.len() != 1 || packets < ONE_WAY {
        return None;
    }
    let first = talk.esp.first()?;
    let by = esp::role_of(talk, Some(sa), first);
    let (en, ja) = match by {
        Role::Initiator => ("initiator", "開始側"),
        Role::Responder => ("responder", "応答側"),
    };
    Some(Finding {
        code: CauseCode::Unknown,
        side: Side::Both,
        by,
        sa: Some(sa),
        packet: Some(first.first_packet),
        detail: Text::new(
            format!("the tunnel came up, and ESP ({packets} packets) is there from the {en} only"),
            format!("トンネルは確立されましたが、ESP は{ja}からの {packets} パケットのみです"),
        ),
        reached: Reached::Later,
    })
}
