//! Traffic selectors in an answer that go beyond those of the request.

use std::net::IpAddr;

use reports::cause::CauseCode;
use reports::text::Text;
use transcript::model::query::{CREATE_CHILD_SA, IKE_AUTH};
use transcript::model::{Content, Message, Role, TrafficSelector};

use super::talk::Talk;
use super::{Finding, Reached, answered};

/// The first answer with traffic selectors that those of the request do not cover together (RFC 7296,
/// section 2.9).
pub(super) fn exceeded(talk: &Talk<'_>) -> Option<Finding> {
    let answers = talk.messages.iter().filter(|message| {
        message.response && (message.is(IKE_AUTH) || message.is(CREATE_CHILD_SA))
    });
    answers
        .filter(|answer| answer.notify("USE_TRANSPORT_MODE").is_none())
        .find_map(|answer| {
            let request = requested(talk, answer)?;
            [Role::Initiator, Role::Responder]
                .into_iter()
                .find_map(|of| {
                    let (offered, chosen) = (selectors(request, of)?, selectors(answer, of)?);
                    let beyond = chosen.iter().find(|chosen| !cover(offered, chosen))?;
                    Some(found(answer, of, offered, beyond))
                })
        })
}

/// What this message answers.
fn requested<'a>(talk: &'a Talk<'_>, answer: &Message) -> Option<&'a Message> {
    let mut of_sa = talk.of_sa(answer.sa).iter().copied();
    of_sa.find(|request| {
        request.is_request()
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

/// Traffic as a box of protocols, ports and addresses, each from first to last.
type Traffic = [(u128, u128); 3];

/// More pieces of uncovered traffic than this are left to the routers.
const MOST_PIECES: usize = 4_096;

/// Whether all traffic of a selector is traffic of one of those that were offered. Selectors without
/// addresses are left to the routers.
fn cover(offered: &[TrafficSelector], chosen: &TrafficSelector) -> bool {
    // OPAQUE and odd ranges of ports are not compared.
    let odd = chosen.ports[0] > chosen.ports[1];
    let Some(traffic) = traffic(chosen, odd) else {
        return true;
    };
    let mut rest = vec![traffic];
    for selector in offered {
        let Some(addresses) = selector.addresses else {
            return true;
        };
        if Some(addresses[0].is_ipv4()) != chosen.addresses.map(|[first, _]| first.is_ipv4()) {
            continue;
        }
        let Some(covered) = self::traffic(selector, odd) else {
            return true;
        };
        rest = rest
            .into_iter()
            .flat_map(|piece| without(piece, covered))
            .collect();
        if rest.len() > MOST_PIECES {
            return true;
        }
    }
    rest.is_empty()
}

fn traffic(selector: &TrafficSelector, all_ports: bool) -> Option<Traffic> {
    let [first, last] = selector.addresses?;
    let protocols = match selector.protocol {
        0 => (0, u128::from(u8::MAX)),
        protocol => (u128::from(protocol), u128::from(protocol)),
    };
    let [low, high] = selector.ports;
    let ports = if all_ports || low > high {
        (0, u128::from(u16::MAX))
    } else {
        (u128::from(low), u128::from(high))
    };
    Some([protocols, ports, (number(first), number(last))])
}

fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => u128::from(address.to_bits()),
        IpAddr::V6(address) => address.to_bits(),
    }
}

/// What is left of traffic when a part of it is taken away.
fn without(mut piece: Traffic, covered: Traffic) -> Vec<Traffic> {
    let apart = |side: usize| piece[side].1 < covered[side].0 || covered[side].1 < piece[side].0;
    if (0..3).any(apart) {
        return vec![piece];
    }
    let mut left = Vec::new();
    for (side, (from, to)) in covered.into_iter().enumerate() {
        let (first, last) = piece[side];
        if first < from {
            let mut below = piece;
            below[side] = (first, from - 1);
            left.push(below);
        }
        if last > to {
            let mut above = piece;
            above[side] = (to + 1, last);
            left.push(above);
        }
        piece[side] = (first.max(from), last.min(to));
    }
    left
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
