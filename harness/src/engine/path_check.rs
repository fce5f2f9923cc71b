//! Asks what passes between the routers besides IKE and ESP, to tell a filter from a path that is
//! down.

use cases::Role;
use lab::{LabError, Probe, Testbed};

use super::limits::Limits;
use super::topology::Site;
use crate::diagnose::PathCheck;
use crate::judge::Ends;

/// Datagrams of each kind: a path may lose one.
const DATAGRAMS: u8 = 3;

/// Sends small and large datagrams between the two that stand on the wan, each way: the routers, or
/// the NAT before one. It comes after the capture, in
/// which they would be strangers.
pub(super) async fn check(
    testbed: &Testbed,
    sites: Ends<Site>,
    limits: Limits,
) -> Result<PathCheck, LabError> {
    let ask = |from, size| passes(testbed, sites, limits, (from, size));
    let (small_out, small_back, large_out, large_back) = tokio::try_join!(
        ask(Role::Initiator, PathCheck::SMALL),
        ask(Role::Responder, PathCheck::SMALL),
        ask(Role::Initiator, PathCheck::LARGE),
        ask(Role::Responder, PathCheck::LARGE),
    )?;
    Ok(PathCheck {
        small: Ends {
            initiator: small_out,
            responder: small_back,
        },
        large: Ends {
            initiator: large_out,
            responder: large_back,
        },
    })
}

/// Whether a datagram of this many octets crosses the wan.
async fn passes(
    testbed: &Testbed,
    sites: Ends<Site>,
    limits: Limits,
    (from, size): (Role, usize),
) -> Result<bool, LabError> {
    let (sender, receiver) = (sites.of(from), sites.of(from.peer()));
    let payload = |number: u8| {
        let mut payload = format!("ikematrix path {from} {size} {number} ").into_bytes();
        payload.resize(size, b'.');
        payload
    };
    let probe = Probe {
        from: sender.wan_node().into(),
        to: receiver.wan_node().into(),
        source: sender.wan_address(),
        destination: receiver.wan_address(),
        payloads: (1..=DATAGRAMS).map(payload).collect(),
        millis: u64::try_from(limits.probe().as_millis()).unwrap_or(u64::MAX),
    };
    Ok(testbed.probe(probe).await?.received > 0)
}
