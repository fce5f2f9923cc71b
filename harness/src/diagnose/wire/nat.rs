//! A NAT on the path, and who does as if there were none (RFC 7296, section 2.23).

use cases::Role;
use reports::cause::CauseCode;
use reports::text::Text;
use transcript::model::EspFlow;
use transcript::model::query::{IKE_AUTH, IKE_SA_INIT};

use super::talk::Talk;
use super::{Finding, NAT_PORT, Reached, esp, side_of};

/// The notification that tells the address of a packet's sender.
const SOURCE: &str = "NAT_DETECTION_SOURCE_IP";

/// Whether a NAT shows itself: addresses are not those that were sent.
pub(in crate::diagnose) fn shows(talk: &Talk<'_>) -> bool {
    talk.messages
        .iter()
        .flat_map(|message| message.notifies())
        .any(|notify| notify.nat)
}

/// Who leaves NAT traversal out of a negotiation through a NAT, as far as its messages tell.
pub(in crate::diagnose) fn left_out(talk: &Talk<'_>) -> Option<Finding> {
    let init = |response: bool| {
        let messages = talk.messages.iter().copied();
        messages.filter(move |message| message.is(IKE_SA_INIT) && message.response == response)
    };
    // Where nothing was chosen, or nothing came, something else was the matter.
    let mut chosen = init(true).filter(|answer| answer.proposals().next().is_some());
    let answer = chosen.next_back()?;
    let request = init(false).find(|request| request.sa == answer.sa)?;
    for (message, role) in [(request, Role::Initiator), (answer, Role::Responder)] {
        if message.notify(SOURCE).is_none() {
            return Some(without(role, answer.sa, message.packet(), silent()));
        }
    }
    let stays = talk.of_sa(answer.sa).iter().find(|message| {
        message.is(IKE_AUTH) && message.is_request() && message.destination.port() != NAT_PORT
    })?;
    let port = stays.destination.port();
    shows(talk).then(|| without(Role::Initiator, answer.sa, stays.packet(), on_port(port)))
}

/// A negotiation that came to nothing on the way, or the NAT that explains it.
pub(super) fn behind(talk: &Talk<'_>, failed: Finding) -> Finding {
    if failed.code.blame() != "path" || !shows(talk) {
        return failed;
    }
    left_out(talk).unwrap_or(failed)
}

/// ESP as it is, one way only, beside a NAT that shows itself.
pub(super) fn bare_esp(talk: &Talk<'_>) -> Option<Finding> {
    if !shows(talk) || esp::flows(talk) {
        return None;
    }
    let bare = |flow: &&&EspFlow| !flow.in_udp;
    let flow = talk.esp.iter().find(bare)?;
    let sa = *talk.sas.last()?;
    let by = esp::role_of(talk, Some(sa), flow);
    left_out(talk).or_else(|| Some(without(by, sa, Some(flow.first_packet), not_in_udp())))
}

fn without(role: Role, sa: usize, packet: Option<u64>, detail: Text) -> Finding {
    Finding {
        code: CauseCode::PathNatWithoutTraversal,
        side: side_of(role),
        by: role,
        sa: Some(sa),
        packet,
        detail,
        reached: Reached::Init,
    }
}

fn silent() -> Text {
    Text::new(
        "its IKE_SA_INIT carries no NAT_DETECTION notification",
        "IKE_SA_INIT に NAT_DETECTION 通知がありません",
    )
}

fn on_port(port: u16) -> Text {
    Text::new(
        format!(
            "the NAT_DETECTION notifications show the NAT, and IKE_AUTH goes to port {port} in place \
             of 4500"
        ),
        format!(
            "NAT_DETECTION 通知から NAT の存在が分かるにもかかわらず、IKE_AUTH を 4500 番ではなく \
             {port} 番へ送信しています"
        ),
    )
}

fn not_in_udp() -> Text {
    Text::new(
        "its ESP packets are not encapsulated in UDP",
        "ESP パケットが UDP でカプセル化されていません",
    )
}
