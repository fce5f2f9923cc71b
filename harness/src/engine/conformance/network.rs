//! The way from the tester to the router: sockets of a node of the lab.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use conformance::{EspPacket, Network, NetworkFault};
use ikev2::endpoint::{Datagram, NAT_PORT, PORT};
use lab::{Fault, LabError, Packet, SocketSpec, Testbed};
use tokio::runtime::Handle;
use tokio::task::JoinHandle;

use crate::engine::router::Router;
use crate::engine::topology::Site;

/// The number of ESP among the protocols of IP (RFC 4303, section 2).
const ESP: u8 = 50;

/// For the functions of the cases, which wait: never to be used on a thread of the runtime.
pub(super) struct LabNetwork {
    testbed: Testbed,
    tester: Site,
    router: Router,
    runtime: Handle,
    /// The router while it is told to begin: its command may wait for the tunnel.
    beginning: Option<JoinHandle<Result<bool, LabError>>>,
    /// What the lab itself did wrong.
    pub(super) fault: Option<LabError>,
}

impl LabNetwork {
    /// Opens the ports of IKE, and ESP, on the tester's node.
    pub(super) async fn open(testbed: &Testbed, site: Site) -> Result<(), LabError> {
        for port in [PORT, NAT_PORT] {
            let address = SocketAddr::new(site.wan_address(), port);
            let socket = SocketSpec::Udp(address);
            testbed.open_socket(site.router, socket).await?;
        }
        testbed.open_socket(site.router, esp(site)).await
    }

    pub(super) fn new(testbed: &Testbed, tester: Site, router: &Router) -> Self {
        Self {
            testbed: testbed.clone(),
            tester,
            router: router.clone(),
            runtime: Handle::current(),
            beginning: None,
            fault: None,
        }
    }

    /// Has the router give up what it was told to begin, and forget all it has with the tester.
    pub(super) async fn abandon(&mut self) -> Result<(), LabError> {
        self.router.abandon().await?;
        match self.beginning.take() {
            None => Ok(()),
            // That the router did not succeed is for the case to judge.
            Some(beginning) => match beginning.await {
                Ok(begun) => begun.map(drop),
                Err(panic) => Err(LabError::new(
                    Fault::Harness,
                    format!("a bug of this program: {panic}"),
                )),
            },
        }
    }

    async fn begin_anew(&mut self) -> Result<(), LabError> {
        self.abandon().await?;
        // What was under way belongs to what is over.
        let none = Vec::new();
        self.testbed.exchange(self.tester.router, none, 0).await?;
        let router = self.router.clone();
        self.beginning = Some(tokio::spawn(async move { router.initiate().await }));
        Ok(())
    }

    fn note(&mut self, fault: LabError) -> NetworkFault {
        let what = NetworkFault(fault.to_string());
        self.fault = Some(fault);
        what
    }

    fn packet(&self, packet: conformance::Packet) -> Packet {
        match packet {
            conformance::Packet::Udp(datagram) => Packet {
                socket: SocketSpec::Udp(datagram.local),
                peer: datagram.remote,
                bytes: datagram.bytes,
            },
            conformance::Packet::Esp(packet) => Packet {
                socket: esp(self.tester),
                peer: SocketAddr::new(packet.remote, 0),
                bytes: packet.bytes,
            },
        }
    }
}

impl Network for LabNetwork {
    fn now(&self) -> Instant {
        Instant::now()
    }

    fn exchange(
        &mut self,
        sent: Vec<conformance::Packet>,
        until: Instant,
    ) -> Result<Vec<conformance::Packet>, NetworkFault> {
        let packets = sent.into_iter().map(|packet| self.packet(packet));
        let left = until.saturating_duration_since(Instant::now());
        // Rounded up, or the last part of a millisecond would be waited for in many rounds.
        let millis = u64::try_from(left.as_micros().div_ceil(1_000)).unwrap_or(u64::MAX);
        let exchanged =
            self.testbed
                .exchange(self.tester.router, packets.collect(), millis.min(MOST));
        let arrived = match self.runtime.block_on(exchanged) {
            Ok(arrived) => arrived,
            Err(fault) => return Err(self.note(fault)),
        };
        if arrived.lost > 0 {
            // An answer may have been among them.
            let what = format!("{} packets to the tester were thrown away", arrived.lost);
            return Err(self.note(LabError::new(Fault::Network, what)));
        }
        let packets = arrived.packets.into_iter().map(|packet| {
            let remote = packet.peer;
            let bytes = packet.bytes;
            match packet.socket {
                SocketSpec::Udp(local) => conformance::Packet::Udp(Datagram {
                    local,
                    remote,
                    bytes,
                }),
                SocketSpec::Ip { address, .. } => conformance::Packet::Esp(EspPacket {
                    local: address,
                    remote: remote.ip(),
                    bytes,
                }),
            }
        });
        Ok(packets.collect())
    }

    fn call(&mut self) -> Result<(), NetworkFault> {
        let runtime = self.runtime.clone();
        let begun = runtime.block_on(self.begin_anew());
        begun.map_err(|fault| self.note(fault))
    }
}

fn esp(site: Site) -> SocketSpec {
    SocketSpec::Ip {
        address: site.wan_address(),
        protocol: ESP,
    }
}

/// The longest wait in one go, so that a case which is over does not hold up the lab, in
/// milliseconds.
const MOST: u64 = Duration::from_secs(5).as_millis() as u64;
