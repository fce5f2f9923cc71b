//! The Traffic Selector payloads (RFC 7296, section 3.13).

use std::net::{Ipv4Addr, Ipv6Addr};

use crate::cursor::{Cursor, WhyUndecodable};
use crate::numbers::TsType;

use super::{count_u8, count_u16};

/// Which packets a Child SA carries.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrafficSelectors {
    pub reserved: [u8; 3],
    pub selectors: Vec<TrafficSelector>,
}

/// A range of addresses, ports and a protocol (RFC 7296, section 3.13.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TrafficSelector {
    V4(AddressRange<Ipv4Addr>),
    V6(AddressRange<Ipv6Addr>),
    /// A type that this crate does not know, with what follows its length.
    Other {
        kind: TsType,
        /// The octet where an address range has the protocol.
        protocol: u8,
        bytes: Vec<u8>,
    },
}

/// Packets from `first` to `last`, both of them within.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AddressRange<A> {
    /// The number of the IP protocol; 0 for every one.
    pub protocol: u8,
    /// For ICMP type and code; 65535 and 0 stand for OPAQUE.
    pub first_port: u16,
    pub last_port: u16,
    pub first: A,
    pub last: A,
}

impl<A> AddressRange<A> {
    /// Whether it covers every protocol and every port.
    pub fn is_any_traffic(&self) -> bool {
        self.protocol == 0 && self.first_port == 0 && self.last_port == u16::MAX
    }
}

impl TrafficSelectors {
    pub(super) fn decode(cursor: &mut Cursor<'_>) -> Result<Self, WhyUndecodable> {
        let [count, reserved @ ..] = cursor.array::<4>("the number of selectors is cut short")?;
        let selectors = (0..count)
            .map(|_| TrafficSelector::decode(cursor))
            .collect::<Result<_, _>>()?;
        cursor.end("octets follow the last selector")?;
        Ok(Self {
            reserved,
            selectors,
        })
    }

    pub(super) fn write(&self, out: &mut Vec<u8>) {
        out.push(count_u8(self.selectors.len()));
        out.extend_from_slice(&self.reserved);
        for selector in &self.selectors {
            selector.write(out);
        }
    }
}

impl TrafficSelector {
    pub fn kind(&self) -> TsType {
        match self {
            Self::V4(_) => TsType::IPV4_ADDR_RANGE,
            Self::V6(_) => TsType::IPV6_ADDR_RANGE,
            Self::Other { kind, .. } => *kind,
        }
    }

    fn decode(cursor: &mut Cursor<'_>) -> Result<Self, WhyUndecodable> {
        let start = *cursor;
        let [kind, protocol, high, low] = cursor.array("a selector is cut short")?;
        let length = usize::from(u16::from_be_bytes([high, low]));
        let Some(rest) = length.checked_sub(4) else {
            return Err(start.wrong("a selector is shorter than its own header"));
        };
        let mut inner = cursor.part(rest, "a selector is longer than what is left")?;
        let selector = match TsType(kind) {
            TsType::IPV4_ADDR_RANGE => Self::V4(range::<4, _>(&mut inner, protocol)?),
            TsType::IPV6_ADDR_RANGE => Self::V6(range::<16, _>(&mut inner, protocol)?),
            kind => Self::Other {
                kind,
                protocol,
                bytes: inner.rest().to_vec(),
            },
        };
        inner.end("octets follow the last address of a selector")?;
        Ok(selector)
    }

    fn write(&self, out: &mut Vec<u8>) {
        let (protocol, body) = match self {
            Self::V4(range) => (range.protocol, octets(range, Ipv4Addr::octets)),
            Self::V6(range) => (range.protocol, octets(range, Ipv6Addr::octets)),
            Self::Other {
                protocol, bytes, ..
            } => (*protocol, bytes.clone()),
        };
        out.push(self.kind().0);
        out.push(protocol);
        out.extend_from_slice(&count_u16(4 + body.len()).to_be_bytes());
        out.extend_from_slice(&body);
    }
}

fn range<const N: usize, A: From<[u8; N]>>(
    cursor: &mut Cursor<'_>,
    protocol: u8,
) -> Result<AddressRange<A>, WhyUndecodable> {
    let [a, b, c, d] = cursor.array("the ports of a selector are cut short")?;
    Ok(AddressRange {
        protocol,
        first_port: u16::from_be_bytes([a, b]),
        last_port: u16::from_be_bytes([c, d]),
        first: cursor
            .array("the first address of a selector is cut short")?
            .into(),
        last: cursor
            .array("the last address of a selector is cut short")?
            .into(),
    })
}

fn octets<const N: usize, A>(range: &AddressRange<A>, of: impl Fn(&A) -> [u8; N]) -> Vec<u8> {
    let mut out = Vec::with_capacity(4 + 2 * N);
    out.extend_from_slice(&range.first_port.to_be_bytes());
    out.extend_from_slice(&range.last_port.to_be_bytes());
    out.extend_from_slice(&of(&range.first));
    out.extend_from_slice(&of(&range.last));
    out
}
