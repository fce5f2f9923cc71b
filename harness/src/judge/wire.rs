//! The wire's observer: what crossed the wan.

use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;

use etherparse::{NetSlice, SlicedPacket, TransportSlice};
use pcap_file::pcapng::blocks::enhanced_packet::{EnhancedPacketBlock, EnhancedPacketOption};
use pcap_file::pcapng::{Block, PcapNgReader};
use reports::model::{Observation, Observer, Place, Sight};

use super::kernel_sa::Direction;
use crate::words;

#[cfg(test)]
mod tests;

/// IP protocol numbers (RFC 768, RFC 4303).
const UDP: u8 = 17;
const ESP: u8 = 50;
/// UDP ports of IKE (RFC 7296 section 2) and of IKE and ESP in UDP (RFC 3948).
const IKE_PORT: u16 = 500;
const NAT_PORT: u16 = 4500;
/// Exchange type (RFC 7296, section 3.1).
const IKE_SA_INIT: u8 = 34;

/// What a capture of the wan holds that a verdict depends on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Wire {
    /// ESP packets by source, destination and SPI.
    pub(crate) esp: BTreeMap<(IpAddr, IpAddr, u32), Crossed>,
    /// IKE messages by source.
    pub(crate) ike: BTreeMap<IpAddr, Crossed>,
    /// Number of the last packet of an IKE message after IKE_SA_INIT that was sent, by source: a
    /// daemon may well begin anew after a failure.
    pub(crate) last_ike: BTreeMap<IpAddr, u64>,
    /// Fragments of IP packets that carry UDP, by source.
    pub(crate) fragments: BTreeMap<IpAddr, Fragments>,
    /// Numbers, from 1, of packets that show a probe's mark, where each was first seen.
    pub(crate) clear: Vec<u64>,
}

/// How many packets were sent, and how many of them reached the other end of the wan.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Crossed {
    pub(crate) sent: u64,
    pub(crate) arrived: u64,
}

impl Crossed {
    fn count(&mut self, way: Way) {
        match way {
            Way::Sent => self.sent += 1,
            Way::Arrived => self.arrived += 1,
        }
    }
}

/// The IP fragments of one source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fragments {
    pub(crate) crossed: Crossed,
    /// Number of the first of them in the capture, from 1.
    pub(crate) first: u64,
}

/// At which port of the wan a packet was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// At that of the node that sent it.
    Sent,
    /// At that of the node to which it was delivered.
    Arrived,
}

impl Way {
    /// By the direction at the port: inbound there is sent by the node behind it.
    fn of(packet: &EnhancedPacketBlock<'_>) -> Option<Self> {
        packet.options.iter().find_map(|option| {
            let EnhancedPacketOption::Flags(flags) = option else {
                return None;
            };
            match flags & 3 {
                1 => Some(Self::Sent),
                2 => Some(Self::Arrived),
                _ => None,
            }
        })
    }
}

/// Builds a [`Wire`], packet by packet.
#[derive(Default)]
struct Reading {
    wire: Wire,
    /// Frames with a mark that were sent and have not been seen to arrive.
    under_way: HashMap<Vec<u8>, u64>,
}

impl Wire {
    /// Reads a capture made by the lab and looks for `mark` in it.
    ///
    /// # Errors
    /// When it is no pcapng file, or a packet has no direction: a fault of the lab.
    pub(crate) fn read(pcapng: &[u8], mark: &[u8; 16]) -> Result<Self, String> {
        let mut reader = PcapNgReader::new(pcapng).map_err(|error| error.to_string())?;
        let (mut reading, mut number) = (Reading::default(), 0);
        while let Some(block) = reader.next_block() {
            if let Block::EnhancedPacket(packet) = block.map_err(|error| error.to_string())? {
                number += 1;
                let way =
                    Way::of(&packet).ok_or_else(|| format!("packet {number} has no direction"))?;
                reading.see(number, way, &packet.data, mark);
            }
        }
        Ok(reading.wire)
    }

    /// ESP packets from one address to another under any of these SPIs.
    pub(crate) fn esp_packets(&self, source: IpAddr, destination: IpAddr, spis: &[u32]) -> Crossed {
        let keys = spis.iter().map(|spi| (source, destination, *spi));
        sum(keys.filter_map(|key| self.esp.get(&key)))
    }

    /// ESP packets from one address to another under any SPI.
    pub(crate) fn esp_between(&self, source: IpAddr, destination: IpAddr) -> Crossed {
        let between = self
            .esp
            .iter()
            .filter(|(key, _)| key.0 == source && key.1 == destination);
        sum(between.map(|(_, crossed)| crossed))
    }

    /// The observation: ESP under the negotiated SPIs arrived each way, and no probe was seen in
    /// clear, whether it arrived or not.
    pub(crate) fn observe(&self, ways: [&Direction; 2]) -> Observation {
        let counts = ways.map(|way| {
            self.esp_packets(way.source, way.destination, &way.shared)
                .arrived
        });
        let good = counts.iter().all(|count| *count > 0) && self.clear.is_empty();
        Observation {
            observer: Observer::Wire,
            place: Place::Wan,
            verdict: if good { Sight::Good } else { Sight::Bad },
            detail: words::wire(counts, self.clear.len()),
        }
    }
}

fn sum<'a>(counts: impl Iterator<Item = &'a Crossed>) -> Crossed {
    counts.fold(Crossed::default(), |sum, crossed| Crossed {
        sent: sum.sent + crossed.sent,
        arrived: sum.arrived + crossed.arrived,
    })
}

impl Reading {
    /// One frame. Whatever cannot be parsed is only looked through for the mark.
    fn see(&mut self, number: u64, way: Way, frame: &[u8], mark: &[u8; 16]) {
        if frame.windows(mark.len()).any(|window| window == mark) {
            self.see_in_clear(number, way, frame);
        }
        let Some(packet) = Packet::of(frame) else {
            return;
        };
        let wire = &mut self.wire;
        let later = match packet.kind {
            Kind::Ike => packet.exchange != Some(IKE_SA_INIT),
            Kind::Fragment => true,
            Kind::Esp(_) => false,
        };
        if later && way == Way::Sent {
            wire.last_ike.insert(packet.source, number);
        }
        let crossed = match packet.kind {
            Kind::Fragment => {
                let fragments = wire
                    .fragments
                    .entry(packet.source)
                    .or_insert_with(|| Fragments {
                        crossed: Crossed::default(),
                        first: number,
                    });
                &mut fragments.crossed
            }
            Kind::Ike => wire.ike.entry(packet.source).or_default(),
            Kind::Esp(spi) => {
                let key = (packet.source, packet.destination, spi);
                wire.esp.entry(key).or_default()
            }
        };
        crossed.count(way);
    }

    /// A frame counts once, where it was sent; one that arrives and that nobody was seen to send
    /// counts no less.
    fn see_in_clear(&mut self, number: u64, way: Way, frame: &[u8]) {
        match way {
            Way::Sent => *self.under_way.entry(frame.to_vec()).or_default() += 1,
            Way::Arrived => {
                if let Some(sent) = self.under_way.get_mut(frame)
                    && *sent > 0
                {
                    *sent -= 1;
                    return;
                }
            }
        }
        self.wire.clear.push(number);
    }
}

/// A packet of IPsec.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Packet {
    pub(crate) source: IpAddr,
    pub(crate) destination: IpAddr,
    pub(crate) kind: Kind,
    /// The exchange type of an IKE message (RFC 7296, section 3.1).
    pub(crate) exchange: Option<u8>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Ike,
    /// Part of a UDP datagram: of an IKE message, or of ESP in UDP.
    Fragment,
    /// ESP with its SPI, bare or in UDP.
    Esp(u32),
}

impl Packet {
    /// Reads an Ethernet frame; none when it is neither IKE nor ESP, or cannot be parsed.
    pub(crate) fn of(frame: &[u8]) -> Option<Self> {
        let packet = SlicedPacket::from_ethernet(frame).ok()?;
        let (source, destination, protocol, payload) = addresses(&packet)?;
        let fragmented = packet.is_ip_payload_fragmented();
        let kind = match &packet.transport {
            _ if fragmented && protocol == UDP => Kind::Fragment,
            // A later fragment begins in the middle of something: it has no SPI. The first has one,
            // and stands for the whole packet.
            _ if fragmented && !is_first(&packet) => return None,
            Some(TransportSlice::Udp(udp)) => {
                in_udp([udp.source_port(), udp.destination_port()], udp.payload())?
            }
            _ if protocol == ESP => Kind::Esp(first_word(payload)?),
            Some(_) | None => return None,
        };
        let exchange = match (&packet.transport, kind) {
            (Some(TransportSlice::Udp(udp)), Kind::Ike) => exchange(udp.payload()),
            _ => None,
        };
        Some(Self {
            source,
            destination,
            kind,
            exchange,
        })
    }
}

/// On the port of NAT traversal an IKE message begins with four zero octets, a keepalive is a
/// single octet and neither, and the rest is ESP (RFC 3948, sections 2.1 to 2.3).
fn in_udp(ports: [u16; 2], payload: &[u8]) -> Option<Kind> {
    if ports.contains(&NAT_PORT) {
        match first_word(payload)? {
            0 => Some(Kind::Ike),
            spi => Some(Kind::Esp(spi)),
        }
    } else {
        ports.contains(&IKE_PORT).then_some(Kind::Ike)
    }
}

/// The exchange type stands behind two SPIs, the next payload, and the version; on the port of NAT
/// traversal the marker of four zero octets comes before, which can be no initiator's SPI.
fn exchange(payload: &[u8]) -> Option<u8> {
    let marker = if first_word(payload)? == 0 { 4 } else { 0 };
    payload.get(marker + 18).copied()
}

/// Whether an IP packet is whole or begins a fragmented one.
fn is_first(packet: &SlicedPacket<'_>) -> bool {
    match &packet.net {
        Some(NetSlice::Ipv4(ip)) => ip.header().fragments_offset().value() == 0,
        Some(NetSlice::Ipv6(_) | NetSlice::Arp(_)) | None => false,
    }
}

fn addresses<'a>(packet: &SlicedPacket<'a>) -> Option<(IpAddr, IpAddr, u8, &'a [u8])> {
    let net = packet.net.as_ref()?;
    let (source, destination) = match net {
        NetSlice::Ipv4(ip) => {
            let header = ip.header();
            (
                header.source_addr().into(),
                header.destination_addr().into(),
            )
        }
        NetSlice::Ipv6(ip) => {
            let header = ip.header();
            (
                header.source_addr().into(),
                header.destination_addr().into(),
            )
        }
        NetSlice::Arp(_) => return None,
    };
    let payload = net.ip_payload_ref()?;
    Some((source, destination, payload.ip_number.0, payload.payload))
}

/// The SPI of an ESP packet, or the non-ESP marker of an IKE message (RFC 3948 section 2.2).
fn first_word(payload: &[u8]) -> Option<u32> {
    payload.first_chunk().map(|word| u32::from_be_bytes(*word))
}
