//! Traffic selectors in an answer that go beyond those of the request.

use reports::cause::CauseCode;
use reports::text::Text;
use transcript::model::query::{CREATE_CHILD_SA, IKE_AUTH};
use transcript::model::{Content, Message, Role, TrafficSelector, Transcript};

use super::{Finding, Reached, answered};

/// The first answer with traffic selectors that the request does not cover (RFC 7296, section 2.9).
pub(super) fn exceeded(transcript: &Transcript) -> Option<Finding> {
    let answers = transcript.messages.iter().filter(|message| {
        message.response && (message.is(IKE_AUTH) || message.is(CREATE_CHILD_SA))
    });
    answers
        .filter(|answer| answer.notify("USE_TRANSPORT_MODE").is_none())
        .find_map(|answer| {
            let request = requested(transcript, answer)?;
            [Role::Initiator, Role::Responder]
                .into_iter()
                .find_map(|of| {
                    let (offered, chosen) = (selectors(request, of)?, selectors(answer, of)?);
                    let beyond = chosen
                        .iter()
                        .find(|chosen| !offered.iter().any(|offered| covers(offered, chosen)))?;
                    Some(found(answer, of, offered, beyond))
                })
        })
}

/// What this message answers.
fn requested<'a>(transcript: &'a Transcript, answer: &Message) -> Option<&'a Message> {
    transcript.messages.iter().find(|request| {
        request.sa == answer.sa
            && request.is_request()
            && request.exchange == answer.exchange
            && request.message_id == answer.message_id
            && request.from != answer.from
    })
}

/// The selectors of one end; none when they are not all known.
fn selectors(message: &Message, end: Role) -> Option<&[TrafficSelector]> {
    let mut contents = message.payloads.iter().map(|payload| &payload.content);
    contents.find_map(|content| {
        if let Content::TrafficSelectors {
            of,
            selectors,
            more: 0,
        } = content
            && *of == end
            && !selectors.is_empty()
        {
            Some(selectors.as_slice())
        } else {
            None
        }
    })
}

/// Whether all traffic of the one is traffic of the other. Selectors without addresses are left to
/// the routers.
fn covers(offered: &TrafficSelector, chosen: &TrafficSelector) -> bool {
    let (Some(offered_addresses), Some(chosen_addresses)) = (offered.addresses, chosen.addresses)
    else {
        return true;
    };
    let within = |[first, last]: [u16; 2], [low, high]: [u16; 2]| {
        // OPAQUE and odd ranges are not compared.
        low > high || first > last || (first <= low && high <= last)
    };
    let family = offered_addresses[0].is_ipv4() == chosen_addresses[0].is_ipv4();
    family
        && offered_addresses[0] <= chosen_addresses[0]
        && chosen_addresses[1] <= offered_addresses[1]
        && (offered.protocol == 0 || offered.protocol == chosen.protocol)
        && within(offered.ports, chosen.ports)
}

fn found(
    answer: &Message,
    of: Role,
    offered: &[TrafficSelector],
    beyond: &TrafficSelector,
) -> Finding {
    let name = match of {
        Role::Initiator => "TSi",
        Role::Responder => "TSr",
    };
    let texts: Vec<&str> = offered
        .iter()
        .map(|offered| offered.text.as_str())
        .collect();
    let offered = texts.join(", ");
    let mut finding = answered(CauseCode::SelectorsNotNarrowed, answer, Reached::Esp);
    finding.detail = Text::new(
        format!("{name} {} where {offered} was offered", beyond.text),
        format!("提案された {name} は {offered}、応答は {}", beyond.text),
    );
    finding
}
