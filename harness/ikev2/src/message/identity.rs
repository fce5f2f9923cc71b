//! The Identification payloads (RFC 7296, section 3.5).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::cursor::{Cursor, WhyUndecodable};
use crate::numbers::IdType;

/// Who an end says that it is, or whom it wants to talk to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identification {
    pub kind: IdType,
    pub reserved: [u8; 3],
    /// An address of 4 or 16 octets, a name without a closing zero, DER, or opaque octets.
    pub data: Vec<u8>,
}

impl Identification {
    /// The identity as an address, if it is one of the right length.
    pub fn address(&self) -> Option<IpAddr> {
        match self.kind {
            IdType::IPV4_ADDR => {
                let octets: [u8; 4] = self.data.as_slice().try_into().ok()?;
                Some(Ipv4Addr::from(octets).into())
            }
            IdType::IPV6_ADDR => {
                let octets: [u8; 16] = self.data.as_slice().try_into().ok()?;
                Some(Ipv6Addr::from(octets).into())
            }
            _ => None,
        }
    }

    /// The identity as text, if it is a name in UTF-8. It may hold any character: escape it before
    /// it is shown.
    pub fn text(&self) -> Option<&str> {
        match self.kind {
            IdType::FQDN | IdType::RFC822_ADDR => std::str::from_utf8(&self.data).ok(),
            _ => None,
        }
    }

    /// The octets that the AUTH payload protects: the payload without its generic header
    /// (RFC 7296, section 2.15).
    pub fn signed_octets(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(4 + self.data.len());
        self.write(&mut out);
        out
    }

    pub(super) fn decode(cursor: &mut Cursor<'_>) -> Result<Self, WhyUndecodable> {
        let [kind, reserved @ ..] = cursor.array::<4>("the type is cut short")?;
        Ok(Self {
            kind: IdType(kind),
            reserved,
            data: cursor.rest().to_vec(),
        })
    }

    pub(super) fn write(&self, out: &mut Vec<u8>) {
        out.push(self.kind.0);
        out.extend_from_slice(&self.reserved);
        out.extend_from_slice(&self.data);
    }
}
