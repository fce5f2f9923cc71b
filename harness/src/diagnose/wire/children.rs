//! Child SAs that were asked for later, and refused.

use cases::Role;
use reports::cause::{CauseCode, Side};
use transcript::model::query::CREATE_CHILD_SA;
use transcript::model::{Content, Message, Transcript};

use super::{Finding, Reached, answered};

/// The first CREATE_CHILD_SA that was refused, if none succeeded after it.
pub(super) fn refused(transcript: &Transcript) -> Option<Finding> {
    let answers = |message: &&Message| message.is(CREATE_CHILD_SA) && message.response;
    let mut refused: Option<&Message> = None;
    for answer in transcript.messages.iter().filter(answers) {
        if answer.proposals().next().is_some() {
            refused = None;
        } else if answer.errors().any(|error| is_final(&error.kind.name)) {
            refused.get_or_insert(answer);
        }
    }
    let answer = refused?;
    let request = transcript.messages.iter().find(|request| {
        request.sa == answer.sa
            && request.is(CREATE_CHILD_SA)
            && request.is_request()
            && request.message_id == answer.message_id
            && request.from != answer.from
    });
    let has_ke = request.is_some_and(|request| {
        let mut contents = request.payloads.iter().map(|payload| &payload.content);
        contents.any(|content| matches!(content, Content::KeyExchange { .. }))
    });
    let error = answer.errors().next().map(|error| error.kind.name.as_ref());
    let code = match error {
        Some("INVALID_KE_PAYLOAD") => CauseCode::ProposalPfsMismatch,
        // A proposal is refused for its group, or for the lack of one, after the first Child SA
        // came up with the same algorithms.
        Some("NO_PROPOSAL_CHOSEN") => CauseCode::ProposalPfsMismatch,
        Some("TS_UNACCEPTABLE") => CauseCode::SelectorsUnacceptable,
        Some(_) | None => CauseCode::Unknown,
    };
    let mut finding = answered(code, answer, Reached::Child);
    let (side, by) = match answer.from {
        transcript::model::Role::Initiator => (Side::Initiator, Role::Initiator),
        transcript::model::Role::Responder => (Side::Responder, Role::Responder),
    };
    (finding.side, finding.by) = (side, by);
    if code == CauseCode::ProposalPfsMismatch {
        let (en, ja) = if has_ke {
            ("the request had a key exchange", "要求に鍵交換あり")
        } else {
            ("the request had no key exchange", "要求に鍵交換なし")
        };
        finding.detail.en.push_str(&format!("; {en}"));
        finding.detail.ja.push_str(&format!("（{ja}）"));
    }
    Some(finding)
}

/// Whether the asker should not simply ask again (RFC 7296, section 2.25).
fn is_final(notify: &str) -> bool {
    !matches!(notify, "TEMPORARY_FAILURE" | "CHILD_SA_NOT_FOUND")
}
