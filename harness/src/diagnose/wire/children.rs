//! SAs that were asked for later, and refused: Child SAs, and a new IKE SA in place of the old one.

use reports::cause::CauseCode;
use transcript::model::query::CREATE_CHILD_SA;
use transcript::model::{Content, Message};

use super::talk::Talk;
use super::{Finding, Reached, answered, protected_errors};

/// Protocol of an IKE SA in a proposal (RFC 7296, section 3.3.1).
const IKE: u32 = 1;

/// The first CREATE_CHILD_SA that was refused, if none succeeded after it.
pub(super) fn refused(talk: &Talk<'_>) -> Option<Finding> {
    let answers = |message: &&&Message| message.is(CREATE_CHILD_SA) && message.response;
    let mut refused: Option<&Message> = None;
    for answer in talk.messages.iter().filter(answers) {
        if answer.proposals().next().is_some() {
            refused = None;
        } else if protected_errors(answer).any(|error| is_final(&error.kind.name)) {
            refused.get_or_insert(answer);
        }
    }
    let answer = refused?;
    let request = talk.of_sa(answer.sa).iter().find(|request| {
        request.is(CREATE_CHILD_SA)
            && request.is_request()
            && request.message_id == answer.message_id
            && request.from != answer.from
    });
    let has_ke = request.is_some_and(|request| {
        let mut contents = request.payloads.iter().map(|payload| &payload.content);
        contents.any(|content| matches!(content, Content::KeyExchange { .. }))
    });
    let of_ike = request.is_some_and(|request| {
        let mut proposals = request.proposals();
        proposals.any(|proposal| proposal.protocol.number == IKE)
    });
    let error = protected_errors(answer).next();
    let code = match error.map(|error| error.kind.name.as_ref()) {
        Some("NO_PROPOSAL_CHOSEN") if of_ike => CauseCode::ProposalIkeNoneInCommon,
        // A group is refused only where there is one.
        Some("NO_PROPOSAL_CHOSEN") if !has_ke => CauseCode::ProposalEspNoneInCommon,
        Some("INVALID_KE_PAYLOAD" | "NO_PROPOSAL_CHOSEN") if !of_ike => {
            CauseCode::ProposalPfsMismatch
        }
        Some("TS_UNACCEPTABLE") => CauseCode::SelectorsUnacceptable,
        Some(_) | None => CauseCode::Unknown,
    };
    let mut finding = answered(code, answer, Reached::Child);
    let (en, ja) = if of_ike {
        ("the request was for a new IKE SA", "要求は IKE SA の再確立")
    } else if has_ke {
        ("the request had a key exchange", "要求に鍵交換あり")
    } else {
        ("the request had no key exchange", "要求に鍵交換なし")
    };
    let by_group = matches!(
        code,
        CauseCode::ProposalPfsMismatch | CauseCode::ProposalEspNoneInCommon
    );
    if of_ike || by_group {
        finding.detail.en.push_str(&format!("; {en}"));
        finding.detail.ja.push_str(&format!("（{ja}）"));
    }
    Some(finding)
}

/// Whether the asker should not simply ask again (RFC 7296, section 2.25).
fn is_final(notify: &str) -> bool {
    !matches!(notify, "TEMPORARY_FAILURE" | "CHILD_SA_NOT_FOUND")
}
