//! The wire's observer: what crossed the wan.

use std::collections::BTreeMap;
use std::net::IpAddr;

use etherparse::{NetSlice, SlicedPacket, TransportSlice};
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
    pub(crate) esp: BTreeMap<(IpAddr, IpAddr, u32), u64>,
    /// IKE messages by source.
    pub(crate) ike: BTreeMap<IpAddr, u64>,
    /// Number of the last packet of an IKE message after IKE_SA_INIT, by source: a daemon may well
    /// begin anew after a failure.
    pub(crate) last_ike: BTreeMap<IpAddr, u64>,
    /// Fragments of IP packets that carry UDP, by source.
    pub(crate) fragments: BTreeMap<IpAddr, Fragments>,
    /// Numbers, from 1, of packets that show a probe's mark.
    pub(crate) clear: Vec<u64>,
}

/// The IP fragments of one source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fragments {
    pub(crate) count: u64,
    /// Number of the first of them in the capture, from 1.
    pub(crate) first: u64,
}

impl Wire {
    /// Reads a capture made by the lab and looks for `mark` in it.
    ///
    /// # Errors
    /// When it is no pcapng file: a fault of the lab.
    pub(crate) fn read(pcapng: &[u8], mark: &[u8; 16]) -> Result<Self, String> {
        let mut reader = PcapNgReader::new(pcapng).map_err(|error| error.to_string())?;
        let (mut wire, mut number) = (Self::default(), 0);
        while let Some(block) = reader.next_block() {
            if let Block::EnhancedPacket(packet) = block.map_err(|error| error.to_string())? {
                number += 1;
                wire.see(number, &packet.data, mark);
            }
        }
        Ok(wire)
    }

    /// ESP packets from one address to another under any of these SPIs.
    pub(crate) fn esp_packets(&self, source: IpAddr, destination: IpAddr, spis: &[u32]) -> u64 {
        spis.iter()
            .filter_map(|spi| self.esp.get(&(source, destination, *spi)))
            .sum()
    }

    /// ESP packets from one address to another under any SPI.
    pub(crate) fn esp_between(&self, source: IpAddr, destination: IpAddr) -> u64 {
        let between = |key: &&(IpAddr, IpAddr, u32)| key.0 == source && key.1 == destination;
        self.esp
            .keys()
            .filter(between)
            .filter_map(|key| self.esp.get(key))
            .sum()
    }

    /// The observation: ESP under the negotiated SPIs each way, and no probe in clear.
    pub(crate) fn observe(&self, ways: [&Direction; 2]) -> Observation {
        let counts = ways.map(|way| self.esp_packets(way.source, way.destination, &way.shared));
        let good = counts.iter().all(|count| *count > 0) && self.clear.is_empty();
        Observation {
            observer: Observer::Wire,
            place: Place::Wan,
            verdict: if good { Sight::Good } else { Sight::Bad },
            detail: words::wire(counts, self.clear.len()),
        }
    }

    /// One frame. Whatever cannot be parsed is only looked through for the mark.
    fn see(&mut self, number: u64, frame: &[u8], mark: &[u8; 16]) {
        if frame.windows(mark.len()).any(|window| window == mark) {
            self.clear.push(number);
        }
        let Some(packet) = Packet::of(frame) else {
            return;
        };
        let later = match packet.kind {
            Kind::Ike => packet.exchange != Some(IKE_SA_INIT),
            Kind::Fragment => true,
            Kind::Esp(_) => false,
        };
        if later {
            self.last_ike.insert(packet.source, number);
        }
        let count = match packet.kind {
            Kind::Fragment => {
                let fragments = self.fragments.entry(packet.source).or_insert(Fragments {
                    count: 0,
                    first: number,
                });
                &mut fragments.count
            }
            Kind::Ike => self.ike.entry(packet.source).or_default(),
            Kind::Esp(spi) => {
                let key = (packet.source, packet.destination, spi);
                self.esp.entry(key).or_default()
            }
        };
        *count += 1;
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
    /// Part of a UDP datagram: of an IKE message, for the probes are small.
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
            // A later fragment begins in the middle of something: it has no SPI.
            _ if fragmented => return None,
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
