//! Narrowing traffic selectors (RFC 7296, section 2.9).

use std::net::{Ipv4Addr, Ipv6Addr};

use crate::message::{AddressRange, TrafficSelector};

/// How many selectors an answer has at most.
const MOST: usize = 32;

/// What the offered selectors and those of this end have in common, in the order of the offer.
pub fn narrow(offered: &[TrafficSelector], own: &[TrafficSelector]) -> Vec<TrafficSelector> {
    let mut common = Vec::new();
    for one in offered {
        for other in own {
            if common.len() == MOST {
                return common;
            }
            if let Some(both) = intersection(one, other)
                && !common.contains(&both)
            {
                common.push(both);
            }
        }
    }
    common
}

/// Whether each selector lies within one of `outer`, and there is one.
pub fn covers(outer: &[TrafficSelector], inner: &[TrafficSelector]) -> bool {
    let is_within = |one: &TrafficSelector| {
        let mut common = outer.iter().filter_map(|other| intersection(one, other));
        common.any(|both| both == *one)
    };
    !inner.is_empty() && inner.iter().all(is_within)
}

impl TrafficSelector {
    /// Selectors for every packet of IPv4 and IPv6.
    pub fn everything() -> Vec<Self> {
        vec![
            Self::addresses_v4(Ipv4Addr::UNSPECIFIED, Ipv4Addr::BROADCAST),
            Self::addresses_v6(Ipv6Addr::UNSPECIFIED, Ipv6Addr::from([0xff; 16])),
        ]
    }

    /// A selector for every packet of these addresses, both of them within.
    pub fn addresses_v4(first: Ipv4Addr, last: Ipv4Addr) -> Self {
        Self::V4(any_port(first, last))
    }

    /// A selector for every packet of these addresses, both of them within.
    pub fn addresses_v6(first: Ipv6Addr, last: Ipv6Addr) -> Self {
        Self::V6(any_port(first, last))
    }
}

fn any_port<A>(first: A, last: A) -> AddressRange<A> {
    AddressRange {
        protocol: 0,
        first_port: 0,
        last_port: u16::MAX,
        first,
        last,
    }
}

fn intersection(one: &TrafficSelector, other: &TrafficSelector) -> Option<TrafficSelector> {
    match (one, other) {
        (TrafficSelector::V4(one), TrafficSelector::V4(other)) => {
            ranges(one, other).map(TrafficSelector::V4)
        }
        (TrafficSelector::V6(one), TrafficSelector::V6(other)) => {
            ranges(one, other).map(TrafficSelector::V6)
        }
        (
            TrafficSelector::V4(_) | TrafficSelector::V6(_) | TrafficSelector::Other { .. },
            TrafficSelector::V4(_) | TrafficSelector::V6(_) | TrafficSelector::Other { .. },
        ) => None,
    }
}

fn ranges<A: Copy + Ord>(
    one: &AddressRange<A>,
    other: &AddressRange<A>,
) -> Option<AddressRange<A>> {
    let protocol = match (one.protocol, other.protocol) {
        (0, protocol) | (protocol, 0) => protocol,
        (a, b) if a == b => a,
        _ => return None,
    };
    let both = AddressRange {
        protocol,
        first_port: one.first_port.max(other.first_port),
        last_port: one.last_port.min(other.last_port),
        first: one.first.max(other.first),
        last: one.last.min(other.last),
    };
    (both.first_port <= both.last_port && both.first <= both.last).then_some(both)
}
