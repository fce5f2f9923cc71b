//! The way from the tester to the router: sockets of a node of the lab.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use conformance::{Network, NetworkFault};
use ikev2::endpoint::{Datagram, NAT_PORT, PORT};
use lab::{Fault, LabError, Packet, SocketSpec, Testbed};
use tokio::runtime::Handle;

use crate::engine::topology::Site;

/// For the functions of the cases, which wait: never to be used on a thread of the runtime.
pub(super) struct LabNetwork {
    testbed: Testbed,
    node: &'static str,
    runtime: Handle,
    /// What the lab itself did wrong.
    pub(super) fault: Option<LabError>,
}

impl LabNetwork {
    /// Opens the ports of IKE on the tester's node.
    pub(super) async fn open(testbed: &Testbed, site: Site) -> Result<(), LabError> {
        for port in [PORT, NAT_PORT] {
            let address = SocketAddr::new(site.wan_address(), port);
            let socket = SocketSpec::Udp(address);
            testbed.open_socket(site.router, socket).await?;
        }
        Ok(())
    }

    pub(super) fn new(testbed: &Testbed, site: Site) -> Self {
        Self {
            testbed: testbed.clone(),
            node: site.router,
            runtime: Handle::current(),
            fault: None,
        }
    }
}

impl Network for LabNetwork {
    fn now(&self) -> Instant {
        Instant::now()
    }

    fn exchange(
        &mut self,
        sent: Vec<Datagram>,
        until: Instant,
    ) -> Result<Vec<Datagram>, NetworkFault> {
        let packets = sent.into_iter().map(|datagram| Packet {
            socket: SocketSpec::Udp(datagram.local),
            peer: datagram.remote,
            bytes: datagram.bytes,
        });
        let left = until.saturating_duration_since(Instant::now());
        // Rounded up, or the last part of a millisecond would be waited for in many rounds.
        let millis = u64::try_from(left.as_micros().div_ceil(1_000)).unwrap_or(u64::MAX);
        let exchanged = self
            .testbed
            .exchange(self.node, packets.collect(), millis.min(MOST));
        let arrived = self.runtime.block_on(exchanged).map_err(|fault| {
            let what = NetworkFault(fault.to_string());
            self.fault = Some(fault);
            what
        })?;
        if arrived.lost > 0 {
            // An answer may have been among them.
            let what = format!("{} packets to the tester were thrown away", arrived.lost);
            let fault = LabError::new(Fault::Network, what);
            let what = NetworkFault(fault.to_string());
            self.fault = Some(fault);
            return Err(what);
        }
        let datagrams = arrived.packets.into_iter().filter_map(|packet| {
            let SocketSpec::Udp(local) = packet.socket else {
                return None;
            };
            Some(Datagram {
                local,
                remote: packet.peer,
                bytes: packet.bytes,
            })
        });
        Ok(datagrams.collect())
    }
}

/// The longest wait in one go, so that a case which is over does not hold up the lab, in
/// milliseconds.
const MOST: u64 = Duration::from_secs(5).as_millis() as u64;
