//! What goes through a Child SA: marked packets to the host behind the router, and back.

use ikev2::endpoint::{ChildSa, Datagram, Event, IkeSa, NAT_PORT, Path, SaId};
use ikev2::esp::{EspReceiver, EspSender, IPV4};
use ikev2::random::octets;

use super::{Bench, Tester};
use crate::case::{Seen, Stop, words};
use crate::echo::Echo;
use crate::network::{EspPacket, Packet};

/// Both directions of a Child SA.
pub(super) struct Tunnel {
    sender: EspSender,
    receiver: EspReceiver,
    path: Path,
    asked: u16,
}

/// Octets in every request by which its echo is known.
const MARK: usize = 16;

impl Bench<'_> {
    /// That a request for an echo comes back through the first Child SA of the IKE SA.
    ///
    /// # Errors
    ///
    /// None comes, or the network is at fault.
    pub fn carries_traffic(&mut self, tester: &mut Tester, sa: SaId) -> Result<(), Stop> {
        if self.echoes(tester, sa)? {
            Ok(())
        } else {
            Err(Stop::Violation(Seen::Wrong(words::NO_TRAFFIC)))
        }
    }

    /// Whether one of several requests for an echo comes back: a router may need a moment until its
    /// Child SA is ready.
    ///
    /// # Errors
    ///
    /// The network is at fault.
    pub(crate) fn echoes(&mut self, tester: &mut Tester, sa: SaId) -> Result<bool, Stop> {
        const TRIES: u32 = 6;
        for _ in 0..TRIES {
            let Some(packet) = self.sealed(tester, sa, IPV4, |echo| echo)? else {
                return Ok(false);
            };
            self.send(tester, &packet);
            if self.comes_back(tester, &packet)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// A request for an echo, as a packet of ESP with this Next Header field, not yet sent; `None` when
    /// there is no Child SA.
    ///
    /// # Errors
    ///
    /// The sequence numbers are used up, which they are not in a case.
    pub(crate) fn sealed(
        &mut self,
        tester: &mut Tester,
        sa: SaId,
        next_header: u8,
        change: impl FnOnce(Echo) -> Echo,
    ) -> Result<Option<Sealed>, Stop> {
        let Some((path, child)) = tester.endpoint.sa(sa).and_then(child_of) else {
            return Ok(None);
        };
        let mut random = (self.given.random)();
        let hosts = self.given.hosts;
        let tunnel = tester
            .tunnels
            .entry(child.incoming.spi)
            .or_insert_with(|| Tunnel {
                sender: EspSender::new(&child),
                receiver: EspReceiver::new(&child),
                path,
                asked: 0,
            });
        tunnel.asked = tunnel.asked.wrapping_add(1);
        let echo = change(Echo {
            source: hosts.own,
            destination: hosts.remote,
            is_reply: false,
            identifier: 0x1ce2,
            sequence: tunnel.asked,
            data: octets(&mut *random, MARK),
        });
        let sealed = tunnel.sender.seal(&mut *random, next_header, &echo.emit());
        let bytes = sealed.map_err(|_| Stop::Control(Seen::Wrong(words::NO_TRAFFIC)))?;
        Ok(Some(Sealed {
            bytes,
            echo,
            spi: child.incoming.spi,
        }))
    }

    /// Sends a packet of ESP; within UDP if IKE has gone to its port (RFC 7296, section 2.23).
    pub(crate) fn send(&self, tester: &mut Tester, packet: &Sealed) {
        let Some(tunnel) = tester.tunnels.get(&packet.spi) else {
            return;
        };
        let Path { local, remote } = tunnel.path;
        let bytes = packet.bytes.clone();
        tester.extra.push(if local.port() == NAT_PORT {
            Packet::Udp(Datagram {
                local,
                remote,
                bytes,
            })
        } else {
            Packet::Esp(EspPacket {
                local: local.ip(),
                remote: remote.ip(),
                bytes,
            })
        });
    }

    /// Whether the echo of what was sent comes back.
    ///
    /// # Errors
    ///
    /// The network is at fault.
    pub(crate) fn comes_back(
        &mut self,
        tester: &mut Tester,
        packet: &Sealed,
    ) -> Result<bool, Stop> {
        let Some(mut tunnel) = tester.tunnels.remove(&packet.spi) else {
            return Ok(false);
        };
        let wanted = packet.echo.reply();
        let patience = self.patience().silence;
        let found = self.until(tester, patience, |event| {
            let Event::Esp(bytes) = event else {
                return None;
            };
            let opened = tunnel.receiver.open(bytes).ok()?;
            let echo = Echo::parse(&opened.payload).filter(|_| opened.next_header == IPV4)?;
            (echo == wanted).then_some(())
        });
        tester.tunnels.insert(packet.spi, tunnel);
        Ok(found?.is_some())
    }
}

/// A packet of ESP, and what is in it.
#[derive(Clone, Debug)]
pub(crate) struct Sealed {
    /// From its SPI on.
    pub(crate) bytes: Vec<u8>,
    echo: Echo,
    /// Of the direction that comes back.
    spi: u32,
}

/// The newest Child SA, and where its packets go.
fn child_of(sa: &IkeSa) -> Option<(Path, ChildSa)> {
    Some((sa.path(), sa.children().last()?.clone()))
}
