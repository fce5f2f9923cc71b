//! ESP and IP fragments, counted by direction.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::net::IpAddr;

use super::recent::{Recent, Sighting};
use super::{At, Clock, Interfaces};
use crate::bytes::u32_at;
use crate::capture::{Fragment, Ip};
use crate::model::{EspFlow, IpFragments};

/// Octets of a packet by which it is known again; the initialization vector is among them.
const HEAD: usize = 64;

/// The ESP packets of all SPIs.
pub(super) struct EspFlows {
    limit: usize,
    positions: HashMap<EspKey, usize>,
    flows: Vec<Flow>,
    more: u64,
    recent: Recent,
    hasher: RandomState,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct EspKey {
    spi: u32,
    source: IpAddr,
    destination: IpAddr,
    in_udp: bool,
}

struct Flow {
    key: EspKey,
    packets: u64,
    octets: u64,
    first: At,
    last: At,
    sequence_min: u32,
    window: Window,
    arrivals: Arrivals,
}

/// On which other interfaces the packets of a flow were recorded, and how many.
#[derive(Default)]
struct Arrivals(Vec<(usize, u64)>);

impl Arrivals {
    const INTERFACES: usize = 8;

    fn count(&mut self, interface: usize) {
        if let Some((_, count)) = self.0.iter_mut().find(|(at, _)| *at == interface) {
            *count += 1;
        } else if self.0.len() < Self::INTERFACES {
            self.0.push((interface, 1));
        }
    }

    fn finish(&self, to: IpAddr, interfaces: &Interfaces, clock: Clock) -> Option<u64> {
        let arrived = interfaces.of_receiver(to, &self.0);
        clock.tells_arrival.then(|| arrived.unwrap_or_default())
    }
}

impl EspFlows {
    pub(super) fn new(limit: usize) -> Self {
        Self {
            limit,
            positions: HashMap::new(),
            flows: Vec::new(),
            more: 0,
            recent: Recent::default(),
            hasher: RandomState::new(),
        }
    }

    /// Takes a packet from its SPI on.
    pub(super) fn see(
        &mut self,
        at: At,
        [source, destination]: [IpAddr; 2],
        packet: &[u8],
        in_udp: bool,
        interfaces: &mut Interfaces,
    ) {
        let (Some(spi), Some(sequence)) = (u32_at(packet, 0, true), u32_at(packet, 4, true)) else {
            return;
        };
        let key = EspKey {
            spi,
            source,
            destination,
            in_udp,
        };
        // As long as there is one interface, nothing can be recorded on another.
        if interfaces.count > 1 {
            let head = packet.get(..HEAD).unwrap_or(packet);
            let hash = self.hasher.hash_one((head, packet.len()));
            match self.recent.see(hash, at) {
                Sighting::Sent => {}
                Sighting::Again => {
                    if let Some(flow) = self.position(&key).and_then(|at| self.flows.get_mut(at)) {
                        flow.arrivals.count(at.interface);
                    }
                    return;
                }
                Sighting::Surplus => return,
            }
        }
        let position = match self.positions.get(&key) {
            Some(position) => *position,
            None if self.flows.len() < self.limit => {
                interfaces.sent(source, at.interface);
                self.positions.insert(key, self.flows.len());
                self.flows.push(Flow {
                    key,
                    packets: 0,
                    octets: 0,
                    first: at,
                    last: at,
                    sequence_min: u32::MAX,
                    window: Window::default(),
                    arrivals: Arrivals::default(),
                });
                self.flows.len() - 1
            }
            None => {
                self.more += 1;
                return;
            }
        };
        if let Some(flow) = self.flows.get_mut(position) {
            flow.packets += 1;
            flow.octets += u64::try_from(packet.len()).unwrap_or(u64::MAX);
            flow.last = at;
            flow.sequence_min = flow.sequence_min.min(sequence);
            flow.window.see(sequence);
        }
    }

    /// The flow of a packet that was recorded again. A translator on the way may have changed its
    /// addresses, but not its SPI.
    fn position(&self, key: &EspKey) -> Option<usize> {
        self.positions
            .get(key)
            .copied()
            .or_else(|| self.flows.iter().position(|flow| flow.key.spi == key.spi))
    }

    /// All flows, and the packets of those beyond the limit.
    pub(super) fn finish(self, interfaces: &Interfaces, clock: Clock) -> (Vec<EspFlow>, u64) {
        let flow = |flow: &Flow| EspFlow {
            spi: format!("{:08x}", flow.key.spi),
            source: flow.key.source,
            destination: flow.key.destination,
            in_udp: flow.key.in_udp,
            packets: flow.packets,
            arrived: flow
                .arrivals
                .finish(flow.key.destination, interfaces, clock),
            octets: flow.octets,
            first_packet: flow.first.packet,
            last_packet: flow.last.packet,
            first_us: clock.since(flow.first.time),
            last_us: clock.since(flow.last.time),
            sequence_min: flow.sequence_min,
            sequence_max: flow.window.highest.unwrap_or_default(),
            repeated: flow.window.repeated,
        };
        (self.flows.iter().map(flow).collect(), self.more)
    }
}

/// Which of the last sequence numbers were sent, as a receiver's window keeps it (RFC 4303,
/// appendix A2).
#[derive(Default)]
struct Window {
    highest: Option<u32>,
    /// Bit n stands for the highest number less n.
    seen: u128,
    repeated: u64,
}

impl Window {
    fn see(&mut self, sequence: u32) {
        let Some(highest) = self.highest else {
            self.highest = Some(sequence);
            self.seen = 1;
            return;
        };
        if sequence > highest {
            let ahead = sequence - highest;
            self.seen = self.seen.checked_shl(ahead).unwrap_or_default() | 1;
            self.highest = Some(sequence);
            return;
        }
        // A number far behind can only come again: nothing reorders packets so far.
        let bit = 1_u128.checked_shl(highest - sequence).unwrap_or_default();
        if bit == 0 || self.seen & bit != 0 {
            self.repeated += 1;
        }
        self.seen |= bit;
    }
}

/// IP fragments of UDP and ESP.
pub(super) struct FragmentFlows {
    limit: usize,
    flows: Vec<FragmentFlow>,
    positions: HashMap<(IpAddr, IpAddr), usize>,
    recent: Recent,
    hasher: RandomState,
}

struct FragmentFlow {
    source: IpAddr,
    destination: IpAddr,
    sent: u64,
    first: u64,
    last: u64,
    arrivals: Arrivals,
}

impl FragmentFlows {
    pub(super) fn new(limit: usize) -> Self {
        Self {
            limit,
            flows: Vec::new(),
            positions: HashMap::new(),
            recent: Recent::default(),
            hasher: RandomState::new(),
        }
    }

    pub(super) fn see(
        &mut self,
        at: At,
        ip: &Ip<'_>,
        fragment: Fragment,
        interfaces: &mut Interfaces,
    ) {
        let head = ip.payload.get(..HEAD).unwrap_or(ip.payload);
        let place = (fragment.id, fragment.offset, ip.payload.len());
        let hash = self
            .hasher
            .hash_one((ip.source, ip.destination, place, head));
        let sighting = self.recent.see(hash, at);
        let key = (ip.source, ip.destination);
        let position = match (self.positions.get(&key), sighting) {
            (_, Sighting::Surplus) => return,
            (Some(position), Sighting::Sent | Sighting::Again) => *position,
            (None, Sighting::Sent) if self.flows.len() < self.limit => {
                interfaces.sent(ip.source, at.interface);
                self.positions.insert(key, self.flows.len());
                self.flows.push(FragmentFlow {
                    source: ip.source,
                    destination: ip.destination,
                    sent: 0,
                    first: at.packet,
                    last: at.packet,
                    arrivals: Arrivals::default(),
                });
                self.flows.len() - 1
            }
            (None, Sighting::Sent | Sighting::Again) => return,
        };
        let Some(flow) = self.flows.get_mut(position) else {
            return;
        };
        if sighting == Sighting::Again {
            flow.arrivals.count(at.interface);
        } else {
            flow.sent += 1;
            flow.last = at.packet;
        }
    }

    /// All directions; `incomplete` are the packets that were never whole, with the interface.
    pub(super) fn finish(
        self,
        incomplete: impl Iterator<Item = (usize, IpAddr, IpAddr)>,
        interfaces: &Interfaces,
        clock: Clock,
    ) -> Vec<IpFragments> {
        // What did not arrive whole is not counted again where it should have arrived.
        let at_sender = |(interface, source, destination): (usize, IpAddr, IpAddr)| {
            let home = interfaces.home.get(&source).copied();
            home.is_none_or(|home| home == interface)
                .then_some((source, destination))
        };
        let incomplete: Vec<_> = incomplete.filter_map(at_sender).collect();
        let flow = |flow: &FragmentFlow| {
            let ends = (flow.source, flow.destination);
            let lacking = incomplete.iter().filter(|these| **these == ends).count();
            IpFragments {
                source: flow.source,
                destination: flow.destination,
                sent: flow.sent,
                arrived: flow.arrivals.finish(flow.destination, interfaces, clock),
                first_packet: flow.first,
                last_packet: flow.last,
                incomplete: u64::try_from(lacking).unwrap_or(u64::MAX),
            }
        };
        self.flows.iter().map(flow).collect()
    }
}
