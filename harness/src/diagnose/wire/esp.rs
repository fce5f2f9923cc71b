//! The packets of a tunnel on the wire.

use cases::Role;
use reports::cause::{CauseCode, Side};
use reports::text::Text;
use transcript::model::{EspFlow, Transcript};

use super::{Finding, Reached};

/// Whether ESP goes both ways between two addresses.
pub(super) fn flows(transcript: &Transcript) -> bool {
    transcript.esp.iter().any(|flow| {
        transcript
            .esp
            .iter()
            .any(|back| back.source == flow.destination && back.destination == flow.source)
    })
}

/// ESP that does not get through, or that looks replayed.
pub(super) fn lost(transcript: &Transcript) -> Option<Finding> {
    let blocked = |flow: &&EspFlow| flow.packets > 0 && flow.arrived == Some(0);
    if let Some(flow) = transcript.esp.iter().find(blocked) {
        let detail = Text::new(
            format!(
                "{} ESP packets with SPI 0x{} were sent, and none arrived",
                flow.packets, flow.spi
            ),
            format!(
                "SPI 0x{} の ESP パケット {} 個が送信されましたが、一つも到達していません",
                flow.spi, flow.packets
            ),
        );
        return Some(of_flow(
            transcript,
            flow,
            CauseCode::PathEspBlocked,
            Side::Path,
            detail,
        ));
    }
    let flow = transcript.esp.iter().find(|flow| flow.repeated > 0)?;
    let detail = Text::new(
        format!(
            "{} packets with SPI 0x{} bear sequence numbers that were sent before",
            flow.repeated, flow.spi
        ),
        format!(
            "SPI 0x{} の {} パケットが送信済みのシーケンス番号を使用しています",
            flow.spi, flow.repeated
        ),
    );
    let receiver = match role_of(transcript, flow).peer() {
        Role::Initiator => Side::Initiator,
        Role::Responder => Side::Responder,
    };
    let mut finding = of_flow(
        transcript,
        flow,
        CauseCode::EspReplayRejected,
        receiver,
        detail,
    );
    finding.by = finding.by.peer();
    Some(finding)
}

fn of_flow(
    transcript: &Transcript,
    flow: &EspFlow,
    code: CauseCode,
    side: Side,
    detail: Text,
) -> Finding {
    Finding {
        code,
        side,
        by: role_of(transcript, flow),
        packet: Some(flow.first_packet),
        detail,
        reached: Reached::Esp,
    }
}

/// Who sends: the initiator of the first IKE SA, or the other one.
pub(super) fn role_of(transcript: &Transcript, flow: &EspFlow) -> Role {
    let initiator = transcript.ike_sas.first().map(|sa| sa.initiator.ip());
    if initiator == Some(flow.source) {
        Role::Initiator
    } else {
        Role::Responder
    }
}
