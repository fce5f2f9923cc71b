//! IP packets and UDP datagrams.

use std::net::{IpAddr, SocketAddr};

use etherparse::LaxIpSlice;

use crate::bytes::u16_at;

/// IP protocol numbers.
pub(crate) const ICMP: u8 = 1;
pub(crate) const UDP: u8 = 17;
pub(crate) const ESP: u8 = 50;
pub(crate) const ICMP_V6: u8 = 58;

/// An IP packet, or a fragment of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ip<'a> {
    pub(crate) source: IpAddr,
    pub(crate) destination: IpAddr,
    /// Of the payload, behind extension headers.
    pub(crate) protocol: u8,
    pub(crate) payload: &'a [u8],
    /// Whether the capture lacks octets of the payload.
    pub(crate) cut: bool,
    pub(crate) fragment: Option<Fragment>,
}

/// Which part of a packet a fragment is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fragment {
    pub(crate) id: u32,
    /// Octets of the packet's payload before it.
    pub(crate) offset: usize,
    /// Whether more follow.
    pub(crate) more: bool,
}

impl<'a> Ip<'a> {
    pub(crate) fn of(octets: &'a [u8]) -> Option<Self> {
        let (slice, stopped) = LaxIpSlice::from_slice(octets).ok()?;
        if stopped.is_some() {
            return None;
        }
        let (fragment, payload) = match &slice {
            LaxIpSlice::Ipv4(ip) => {
                let header = ip.header();
                let fragment = header.is_fragmenting_payload().then(|| Fragment {
                    id: u32::from(header.identification()),
                    offset: usize::from(header.fragments_offset().value()) * 8,
                    more: header.more_fragments(),
                });
                (fragment, ip.payload().clone())
            }
            LaxIpSlice::Ipv6(ip) => {
                let header = ip.extensions().clone().into_iter().find_map(|extension| {
                    if let etherparse::Ipv6ExtensionSlice::Fragment(header) = extension {
                        Some(header)
                    } else {
                        None
                    }
                });
                let fragment =
                    header
                        .filter(|header| header.is_fragmenting_payload())
                        .map(|header| Fragment {
                            id: header.identification(),
                            offset: usize::from(header.fragment_offset().value()) * 8,
                            more: header.more_fragments(),
                        });
                (fragment, ip.payload().clone())
            }
        };
        Some(Self {
            source: slice.source_addr(),
            destination: slice.destination_addr(),
            protocol: payload.ip_number.0,
            payload: payload.payload,
            cut: payload.incomplete,
            fragment,
        })
    }
}

/// A UDP datagram.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Udp<'a> {
    pub(crate) source: SocketAddr,
    pub(crate) destination: SocketAddr,
    pub(crate) payload: &'a [u8],
    /// Whether octets are missing.
    pub(crate) cut: bool,
}

impl<'a> Udp<'a> {
    /// The datagram in an IP payload that is whole, or the beginning of one.
    pub(crate) fn of(addresses: [IpAddr; 2], octets: &'a [u8]) -> Option<Self> {
        const HEADER: usize = 8;
        let [source, destination] = addresses;
        let length = usize::from(u16_at(octets, 4, true)?);
        let rest = octets.get(HEADER..)?;
        // Zero stands for a jumbogram, and for what offloading leaves.
        let wanted = match length {
            0 => rest.len(),
            length => length.checked_sub(HEADER)?,
        };
        Some(Self {
            source: SocketAddr::new(source, u16_at(octets, 0, true)?),
            destination: SocketAddr::new(destination, u16_at(octets, 2, true)?),
            payload: rest.get(..wanted).unwrap_or(rest),
            cut: rest.len() < wanted,
        })
    }
}
