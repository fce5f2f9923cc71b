//! The packets of a tunnel on the wire.

use cases::Role;
use reports::cause::{CauseCode, Side};
use reports::text::Text;
use transcript::model::EspFlow;

use super::talk::Talk;
use super::{Finding, Reached, role_of as role};

/// Whether ESP goes both ways between the two.
pub(super) fn flows(talk: &Talk<'_>) -> bool {
    both_ways(talk, i64::MIN)
}

/// Whether SAs that are new since then carry ESP both ways. Those of a tunnel that stood before say
/// nothing of this one.
pub(super) fn flows_after(talk: &Talk<'_>, at_us: i64) -> bool {
    both_ways(talk, at_us)
}

fn both_ways(talk: &Talk<'_>, since: i64) -> bool {
    let new = |flow: &&&EspFlow| flow.first_us >= since;
    let flows = || talk.esp.iter().filter(new);
    flows().any(|flow| {
        let sender = talk.end(flow.source);
        sender.is_some()
            && flows().any(|back| {
                let other = talk.end(back.source);
                other.is_some() && other != sender
            })
    })
}

/// ESP that does not get through. Only a capture at both ends shows that; and none shows what a receiver
/// drops.
pub(super) fn lost(talk: &Talk<'_>) -> Option<Finding> {
    let blocked = |flow: &&&EspFlow| flow.packets > 0 && flow.arrived == Some(0);
    let flow = talk.esp.iter().find(blocked)?;
    let (packets, spi) = (flow.packets, &flow.spi);
    let (were, none) = match packets {
        1 => ("1 ESP packet", "was sent, and did not arrive"),
        _ => ("ESP packets", "were sent, and none arrived"),
    };
    let were = if packets == 1 {
        were.to_owned()
    } else {
        format!("{packets} {were}")
    };
    let sa = talk.sas.last().copied();
    Some(Finding {
        code: CauseCode::PathEspBlocked,
        side: Side::Path,
        by: role_of(talk, sa, flow),
        sa,
        packet: Some(flow.first_packet),
        detail: Text::new(
            format!("{were} with SPI 0x{spi} {none}"),
            format!(
                "SPI 0x{spi} の ESP パケット {packets} 個が送信されましたが、一つも到達していません"
            ),
        ),
        reached: Reached::Esp,
    })
}

/// As whom the sender takes part in an IKE SA.
pub(super) fn role_of(talk: &Talk<'_>, sa: Option<usize>, flow: &EspFlow) -> Role {
    sa.map_or(Role::Initiator, |sa| role(talk.role(sa, flow.source)))
}
