//! ICMP echo (RFC 792) in IPv4: what is sent through a Child SA to a host behind the router, which
//! sends it back.

use std::net::Ipv4Addr;

/// A request for an echo, or the echo.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Echo {
    pub(crate) source: Ipv4Addr,
    pub(crate) destination: Ipv4Addr,
    pub(crate) is_reply: bool,
    pub(crate) identifier: u16,
    pub(crate) sequence: u16,
    pub(crate) data: Vec<u8>,
}

const ICMP: u8 = 1;
/// Types of ICMP messages.
const REPLY: u8 = 0;
const REQUEST: u8 = 8;
/// Octets of headers without options.
const IP_HEADER: usize = 20;
const ICMP_HEADER: usize = 8;
const TIME_TO_LIVE: u8 = 64;

impl Echo {
    /// What a host answers to this request.
    pub(crate) fn reply(&self) -> Self {
        Self {
            source: self.destination,
            destination: self.source,
            is_reply: true,
            ..self.clone()
        }
    }

    /// The IPv4 packet. Data that fit no packet are cut.
    pub(crate) fn emit(&self) -> Vec<u8> {
        let kind = if self.is_reply { REPLY } else { REQUEST };
        let mut message = vec![kind, 0, 0, 0];
        message.extend(self.identifier.to_be_bytes());
        message.extend(self.sequence.to_be_bytes());
        let room = usize::from(u16::MAX) - IP_HEADER - ICMP_HEADER;
        message.extend(self.data.iter().take(room));
        let sum = checksum(&message);
        message[2..4].copy_from_slice(&sum.to_be_bytes());
        let length = u16::try_from(IP_HEADER + message.len()).unwrap_or(u16::MAX);
        let mut packet = vec![0x45, 0];
        packet.extend(length.to_be_bytes());
        packet.extend([0, 0, 0, 0, TIME_TO_LIVE, ICMP, 0, 0]);
        packet.extend(self.source.octets());
        packet.extend(self.destination.octets());
        let sum = checksum(&packet);
        packet[10..12].copy_from_slice(&sum.to_be_bytes());
        packet.extend(message);
        packet
    }

    /// Reads an IPv4 packet; `None` if it is anything else than an echo or is damaged.
    pub(crate) fn parse(packet: &[u8]) -> Option<Self> {
        let first = *packet.first()?;
        let header = usize::from(first & 0x0f) * 4;
        let length = usize::from(u16::from_be_bytes([*packet.get(2)?, *packet.get(3)?]));
        if first >> 4 != 4 || header < IP_HEADER || *packet.get(9)? != ICMP {
            return None;
        }
        let address = |at: usize| {
            let octets: [u8; 4] = packet.get(at..at + 4)?.try_into().ok()?;
            Some(Ipv4Addr::from(octets))
        };
        let message = packet.get(header..length)?;
        let [kind, _, _, _, i, j, s, t, data @ ..] = message else {
            return None;
        };
        if checksum(message) != 0 || !matches!(*kind, REPLY | REQUEST) {
            return None;
        }
        Some(Self {
            source: address(12)?,
            destination: address(16)?,
            is_reply: *kind == REPLY,
            identifier: u16::from_be_bytes([*i, *j]),
            sequence: u16::from_be_bytes([*s, *t]),
            data: data.to_vec(),
        })
    }
}

/// The checksum of the internet (RFC 1071); 0 over what has a right one in it.
fn checksum(octets: &[u8]) -> u16 {
    let mut sum: u32 = 0;
    for pair in octets.chunks(2) {
        let (high, low) = (pair.first(), pair.get(1));
        let word = [high, low].map(|octet| octet.copied().unwrap_or_default());
        sum += u32::from(u16::from_be_bytes(word));
    }
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    !u16::try_from(sum).unwrap_or(u16::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_echo_survives_the_way_through_a_packet_and_damage_is_found() {
        let request = Echo {
            source: Ipv4Addr::new(203, 0, 113, 10),
            destination: Ipv4Addr::new(203, 0, 113, 74),
            is_reply: false,
            identifier: 0x1234,
            sequence: 7,
            data: b"marked".to_vec(),
        };
        let packet = request.emit();
        assert_eq!(checksum(&packet[..IP_HEADER]), 0);
        assert_eq!(Echo::parse(&packet), Some(request.clone()));
        let reply = request.reply();
        assert_eq!(Echo::parse(&reply.emit()), Some(reply));
        for at in [0, 9, 20, 24, packet.len() - 1] {
            let mut damaged = packet.clone();
            damaged[at] ^= 0x11;
            assert_eq!(Echo::parse(&damaged), None, "octet {at}");
        }
        for length in 0..packet.len() {
            assert_eq!(Echo::parse(&packet[..length]), None);
        }
    }
}
