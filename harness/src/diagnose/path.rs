//! Where a message was lost: what the wire shows, made precise by what else passes there.

use cases::Role;
use reports::cause::CauseCode;

use super::Diagnosis;
use super::wire::Finding;
use crate::judge::Ends;

/// Whether the lab's own datagrams pass between the routers, each way: neither IKE nor ESP, and
/// not on their ports.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PathCheck {
    /// By the router that sends: one of a few octets.
    pub(crate) small: Ends<bool>,
    /// One that nearly fills a packet.
    pub(crate) large: Ends<bool>,
}

impl PathCheck {
    /// Octets of the datagrams of each kind.
    pub(crate) const SMALL: usize = 32;
    pub(crate) const LARGE: usize = 1400;
}

/// The finding with the code that the check of the path allows.
pub(super) fn located(mut finding: Finding, case: &Diagnosis<'_>) -> Finding {
    let Some(check) = case.path else {
        return finding;
    };
    let Some(Lost {
        from,
        port,
        port_passes,
    }) = lost(&finding, case)
    else {
        return finding;
    };
    if finding.code == CauseCode::PathFragmentsLost {
        return finding;
    }
    let passes = |role: Role| *check.small.of(role);
    finding.code = match (passes(from), passes(from.peer())) {
        (false, true) => CauseCode::PathOneWay,
        (false, false) => CauseCode::PathNoAnswer,
        (true, _) if !*check.large.of(from) => CauseCode::PathMtuBlackHole,
        // One message is lost where others pass: no port is to blame.
        (true, _) if port_passes => CauseCode::PathNoAnswer,
        (true, _) if port == 500 => CauseCode::PathPort500Blocked,
        (true, _) if port == 4500 => CauseCode::PathPort4500Blocked,
        (true, _) => finding.code,
    };
    finding.by = speaks_of(finding.code, from);
    finding
}

/// The end that the sentence of a code is about, when a message from this end was lost.
pub(super) fn speaks_of(code: CauseCode, from: Role) -> Role {
    if code == CauseCode::PathOneWay {
        // The one that is heard and hears nothing.
        from.peer()
    } else if code == CauseCode::PathNoAnswer {
        Role::Responder
    } else {
        from
    }
}

/// A message that did not arrive.
struct Lost {
    from: Role,
    /// To which it was sent.
    port: u16,
    /// Whether another message of its sender arrived at this port.
    port_passes: bool,
}

/// The message of a finding, if it did not arrive.
fn lost(finding: &Finding, case: &Diagnosis<'_>) -> Option<Lost> {
    let packet = finding.packet?;
    let transcript = case.transcript?;
    let message = transcript
        .messages
        .iter()
        .find(|message| message.packet() == Some(packet))?;
    if message.arrived() != Some(false) {
        return None;
    }
    let from = case.planned_role(message.sa, message.from);
    let port = message.destination.port();
    let port_passes = transcript.messages.iter().any(|other| {
        other.from == message.from
            && other.destination.port() == port
            && other.arrived() == Some(true)
    });
    Some(Lost {
        from,
        port,
        port_passes,
    })
}
