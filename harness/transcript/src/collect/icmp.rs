//! ICMP errors about packets of IKE and ESP (RFC 792, RFC 4443).

use super::{At, Clock, IKE_PORT, NAT_PORT};
use crate::bytes::{u16_at, u32_at};
use crate::capture::{ESP, ICMP_V6, Ip, UDP};
use crate::model::{IcmpError, IcmpWhat};

/// The errors, up to a limit.
pub(super) struct Errors {
    limit: usize,
    errors: Vec<(At, IcmpError)>,
    more: u64,
}

impl Errors {
    pub(super) fn new(limit: usize) -> Self {
        Self {
            limit,
            errors: Vec::new(),
            more: 0,
        }
    }

    pub(super) fn see(&mut self, at: At, ip: &Ip<'_>) {
        let Some(error) = error(at, ip) else {
            return;
        };
        if self.errors.len() < self.limit {
            self.errors.push((at, error));
        } else {
            self.more += 1;
        }
    }

    /// The errors, and how many there were beyond the limit.
    pub(super) fn finish(self, clock: Clock) -> (Vec<IcmpError>, u64) {
        let told = |(at, error): (At, IcmpError)| IcmpError {
            at_us: clock.since(at.time),
            ..error
        };
        (self.errors.into_iter().map(told).collect(), self.more)
    }
}

fn error(at: At, ip: &Ip<'_>) -> Option<IcmpError> {
    let [kind, code] = *ip.payload.first_chunk()?;
    let what = if ip.protocol == ICMP_V6 {
        v6(kind, code, ip.payload)
    } else {
        v4(kind, code, ip.payload)
    }?;
    // The header of the packet that it is about, and at least eight octets of its payload.
    let about = Ip::of(ip.payload.get(8..)?)?;
    let port = match about.protocol {
        UDP => {
            let port = u16_at(about.payload, 2, true)?;
            let source = u16_at(about.payload, 0, true)?;
            let of_ike = [IKE_PORT, NAT_PORT];
            if !of_ike.contains(&port) && !of_ike.contains(&source) {
                return None;
            }
            Some(port)
        }
        ESP => None,
        _ => return None,
    };
    Some(IcmpError {
        packet: at.packet,
        at_us: 0,
        source: ip.source,
        destination: ip.destination,
        what,
        about: about.destination,
        about_port: port,
    })
}

fn v4(kind: u8, code: u8, octets: &[u8]) -> Option<IcmpWhat> {
    Some(match (kind, code) {
        (3, 0 | 6) => IcmpWhat::NetworkUnreachable,
        (3, 1 | 7) => IcmpWhat::HostUnreachable,
        (3, 2) => IcmpWhat::ProtocolUnreachable,
        (3, 3) => IcmpWhat::PortUnreachable,
        // RFC 1191.
        (3, 4) => IcmpWhat::FragmentationNeeded {
            mtu: u16_at(octets, 6, true).map_or(0, u32::from),
        },
        (3, 9 | 10 | 13) => IcmpWhat::AdministrativelyProhibited,
        (11, _) => IcmpWhat::TimeExceeded,
        (3 | 4 | 12, _) => IcmpWhat::Other { kind, code },
        _ => return None,
    })
}

fn v6(kind: u8, code: u8, octets: &[u8]) -> Option<IcmpWhat> {
    Some(match (kind, code) {
        (1, 0) => IcmpWhat::NetworkUnreachable,
        (1, 1 | 5 | 6) => IcmpWhat::AdministrativelyProhibited,
        (1, 3) => IcmpWhat::HostUnreachable,
        (1, 4) => IcmpWhat::PortUnreachable,
        (2, _) => IcmpWhat::FragmentationNeeded {
            mtu: u32_at(octets, 4, true).unwrap_or_default(),
        },
        (3, _) => IcmpWhat::TimeExceeded,
        (1 | 4, _) => IcmpWhat::Other { kind, code },
        _ => return None,
    })
}
