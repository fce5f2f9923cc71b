//! The wire's observer: what crossed the wan.

use std::collections::BTreeMap;
use std::net::IpAddr;

use etherparse::{NetSlice, SlicedPacket, TransportSlice};
use pcap_file::pcapng::{Block, PcapNgReader};
use reports::model::{Observation, Observer, Place, Sight};

use super::kernel_sa::Direction;
use crate::words;

/// IP protocol number of ESP (RFC 4303).
const ESP: u8 = 50;
/// UDP ports of IKE (RFC 7296 section 2) and of IKE and ESP in UDP (RFC 3948).
const IKE_PORT: u16 = 500;
const NAT_PORT: u16 = 4500;

/// What a capture of the wan holds that a verdict depends on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Wire {
    /// ESP packets by source, destination and SPI.
    pub(crate) esp: BTreeMap<(IpAddr, IpAddr, u32), u64>,
    /// IKE messages by source.
    pub(crate) ike: BTreeMap<IpAddr, u64>,
    /// Numbers, from 1, of packets that show a probe's mark.
    pub(crate) clear: Vec<u64>,
}

impl Wire {
    /// Reads a capture made by the lab and looks for `mark` in it.
    ///
    /// # Errors
    /// When it is no pcapng file: a fault of the lab.
    pub(crate) fn read(pcapng: &[u8], mark: &[u8]) -> Result<Self, String> {
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

    /// One packet. Whatever cannot be parsed is only looked through for the mark.
    fn see(&mut self, number: u64, frame: &[u8], mark: &[u8]) {
        if frame.windows(mark.len()).any(|window| window == mark) {
            self.clear.push(number);
        }
        let Ok(packet) = SlicedPacket::from_ethernet(frame) else {
            return;
        };
        let Some((source, destination, protocol, payload)) = addresses(&packet) else {
            return;
        };
        match packet.transport {
            Some(TransportSlice::Udp(udp)) => {
                let ports = [udp.source_port(), udp.destination_port()];
                let payload = udp.payload();
                let spi = first_word(payload);
                if ports.contains(&NAT_PORT) && spi.is_some_and(|spi| spi != 0) {
                    self.count_esp(source, destination, spi);
                } else if ports.contains(&IKE_PORT) || ports.contains(&NAT_PORT) {
                    *self.ike.entry(source).or_default() += 1;
                }
            }
            _ if protocol == ESP => self.count_esp(source, destination, first_word(payload)),
            Some(_) | None => {}
        }
    }

    fn count_esp(&mut self, source: IpAddr, destination: IpAddr, spi: Option<u32>) {
        if let Some(spi) = spi {
            *self.esp.entry((source, destination, spi)).or_default() += 1;
        }
    }
}

fn addresses<'a>(packet: &SlicedPacket<'a>) -> Option<(IpAddr, IpAddr, u8, &'a [u8])> {
    match packet.net.as_ref()? {
        NetSlice::Ipv4(ip) => {
            let (header, payload) = (ip.header(), ip.payload());
            Some((
                header.source_addr().into(),
                header.destination_addr().into(),
                payload.ip_number.0,
                payload.payload,
            ))
        }
        NetSlice::Ipv6(ip) => {
            let (header, payload) = (ip.header(), ip.payload());
            Some((
                header.source_addr().into(),
                header.destination_addr().into(),
                payload.ip_number.0,
                payload.payload,
            ))
        }
        NetSlice::Arp(_) => None,
    }
}

/// The SPI of an ESP packet, or the non-ESP marker of an IKE message (RFC 3948 section 2.2).
fn first_word(payload: &[u8]) -> Option<u32> {
    payload.first_chunk().map(|word| u32::from_be_bytes(*word))
}
