//! Marked datagrams between the hosts behind the routers.

use cases::Role;
use lab::{LabError, Probe, Testbed};

use super::limits::Limits;
use super::topology::Site;
use crate::judge::{Ends, Traffic};

/// Datagrams of a round, each way.
const PROBES: u8 = 3;
/// A tunnel that has just come up may lose a first packet; it gets so many rounds to carry one
/// without loss.
const ROUNDS: u32 = 4;

/// What the probes of one trial have in common.
pub(crate) struct Probes {
    /// Random octets in every probe: whoever sees them on the wan sees a probe in clear.
    pub(crate) mark: [u8; 16],
    limits: Limits,
}

impl Probes {
    pub(crate) fn fresh(limits: Limits) -> Result<Self, LabError> {
        Ok(Self {
            mark: super::random()?,
            limits,
        })
    }
}

/// Sends rounds of probes both ways until one arrives whole; with a size, of so many octets each.
pub(crate) async fn send(
    testbed: &Testbed,
    probes: &Probes,
    size: Option<u16>,
) -> Result<Ends<Traffic>, LabError> {
    let mut traffic = Ends::default();
    for number in 1..=ROUNDS {
        traffic = round(testbed, probes, number, size).await?;
        let whole = |traffic: &Traffic| traffic.received == traffic.sent;
        if whole(&traffic.initiator) && whole(&traffic.responder) {
            break;
        }
        // Without any tunnel another round only takes time.
        if traffic.initiator.received + traffic.responder.received == 0 && number > 1 {
            break;
        }
    }
    Ok(traffic)
}

pub(super) async fn round(
    testbed: &Testbed,
    probes: &Probes,
    number: u32,
    size: Option<u16>,
) -> Result<Ends<Traffic>, LabError> {
    let [out, back] = Role::BOTH.map(|from| testbed.probe(datagrams(probes, from, number, size)));
    let (out, back) = tokio::try_join!(out, back)?;
    let traffic = |report: lab::ProbeReport| Traffic {
        sent: report.sent,
        received: report.received,
        rounds: number,
        refused: report.refused,
    };
    Ok(Ends {
        initiator: traffic(out),
        responder: traffic(back),
    })
}

fn datagrams(probes: &Probes, from: Role, round: u32, size: Option<u16>) -> Probe {
    let (sender, receiver) = (Site::of(from), Site::of(from.peer()));
    let payload = |number: u8| {
        let mut payload = format!("ikematrix probe {from} {round}.{number} ").into_bytes();
        payload.extend(probes.mark);
        // The mark stays in the first packet, whatever becomes of the datagram.
        payload.resize(payload.len().max(size.unwrap_or_default().into()), b'.');
        payload
    };
    let millis = probes.limits.probe().as_millis();
    Probe {
        from: sender.host.into(),
        to: receiver.host.into(),
        source: sender.host_address(),
        destination: receiver.host_address(),
        payloads: (1..=PROBES).map(payload).collect(),
        millis: u64::try_from(millis).unwrap_or(u64::MAX),
    }
}
