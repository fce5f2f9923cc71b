//! From a frame of the link layer to the IP packet in it.

use crate::bytes::{u16_at, u32_at};

/// Link types (<https://www.tcpdump.org/linktypes.html>).
const NULL: u32 = 0;
const ETHERNET: u32 = 1;
const RAW_OLD: [u32; 2] = [12, 14];
const RAW: u32 = 101;
const LOOP: u32 = 108;
const LINUX_SLL: u32 = 113;
const IPV4: u32 = 228;
const IPV6: u32 = 229;
const LINUX_SLL2: u32 = 276;

/// EtherTypes.
const TYPE_IPV4: u16 = 0x0800;
const TYPE_IPV6: u16 = 0x86dd;
/// Tags of 802.1Q and 802.1ad, and the older number of the latter.
const TYPE_VLAN: [u16; 3] = [0x8100, 0x88a8, 0x9100];
const TYPE_PPPOE_SESSION: u16 = 0x8864;
/// PPP's numbers of IPv4 and IPv6.
const PPP_IP: [u16; 2] = [0x0021, 0x0057];

/// Tags that one frame may have.
const MAX_TAGS: usize = 4;

/// What a frame holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Carried<'a> {
    Ip(&'a [u8]),
    /// Another protocol, or too short.
    Other,
    UnknownLink,
}

pub(crate) fn carried(link: u32, frame: &[u8]) -> Carried<'_> {
    let ip = match link {
        ETHERNET => u16_at(frame, 12, true).and_then(|kind| of_type(kind, frame.get(14..)?)),
        LINUX_SLL => u16_at(frame, 14, true).and_then(|kind| of_type(kind, frame.get(16..)?)),
        LINUX_SLL2 => u16_at(frame, 0, true).and_then(|kind| of_type(kind, frame.get(20..)?)),
        RAW | IPV4 | IPV6 => Some(frame),
        link if RAW_OLD.contains(&link) => Some(frame),
        // An address family in the byte order of the machine, or of the network: the version that
        // the packet itself has says the same.
        NULL | LOOP => u32_at(frame, 0, true).and_then(|_| frame.get(4..)),
        _ => return Carried::UnknownLink,
    };
    match ip {
        Some(ip) if ip.first().is_some_and(|first| matches!(first >> 4, 4 | 6)) => Carried::Ip(ip),
        Some(_) | None => Carried::Other,
    }
}

fn of_type(mut kind: u16, mut rest: &[u8]) -> Option<&[u8]> {
    for _ in 0..=MAX_TAGS {
        match kind {
            TYPE_IPV4 | TYPE_IPV6 => return Some(rest),
            TYPE_PPPOE_SESSION => {
                let protocol = u16_at(rest, 6, true)?;
                return PPP_IP.contains(&protocol).then(|| rest.get(8..))?;
            }
            _ if TYPE_VLAN.contains(&kind) => {
                kind = u16_at(rest, 2, true)?;
                rest = rest.get(4..)?;
            }
            _ => return None,
        }
    }
    None
}
