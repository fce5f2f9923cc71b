//! IP fragments, put together in bounded memory (RFC 791, section 3.2; RFC 8200, section 4.5).

use std::collections::HashMap;
use std::net::IpAddr;

use super::packet::{Fragment, Ip};

/// Packets of which fragments are kept at the same time. Each has at most [`MAX_PAYLOAD`] octets.
const MAX_OPEN: usize = 64;
/// Largest payload of an IP packet.
const MAX_PAYLOAD: usize = 65_535;
/// Fragments of one packet. An IPv6 path carries at least 1280 octets, an IPv4 path 68.
const MAX_FRAGMENTS: usize = 2_048;
/// How long the rest of a packet is waited for, in nanoseconds (RFC 8200, section 4.5).
const PATIENCE: i64 = 60_000_000_000;

/// Puts fragments together, those of each interface for themselves.
#[derive(Debug, Default)]
pub(crate) struct Defragmenter {
    open: HashMap<Key, Parts>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Key {
    interface: usize,
    source: IpAddr,
    destination: IpAddr,
    protocol: u8,
    id: u32,
}

#[derive(Debug)]
struct Parts {
    /// By their offsets, which do not overlap.
    parts: Vec<(usize, Vec<u8>)>,
    octets: usize,
    total: Option<usize>,
    begun: i64,
}

/// What a fragment led to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// More are needed.
    Waiting,
    /// It was the last one that was missing.
    Whole(Whole),
    /// It contradicts the others, which are forgotten with it.
    Contradiction,
}

/// The payload of an IP packet out of its fragments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Whole {
    pub(crate) payload: Vec<u8>,
    pub(crate) fragments: u64,
}

impl Defragmenter {
    /// Takes a fragment; also says how many packets were given up to make room.
    pub(crate) fn add(
        &mut self,
        interface: usize,
        time: i64,
        ip: &Ip<'_>,
        fragment: Fragment,
    ) -> (Outcome, u64) {
        let key = Key {
            interface,
            source: ip.source,
            destination: ip.destination,
            protocol: ip.protocol,
            id: fragment.id,
        };
        let mut given_up = 0;
        let stale = |parts: &Parts| time.saturating_sub(parts.begun) > PATIENCE;
        if self.open.get(&key).is_some_and(stale) {
            self.open.remove(&key);
            given_up += 1;
        }
        if !self.open.contains_key(&key) && self.open.len() >= MAX_OPEN {
            let oldest = self.open.iter().min_by_key(|(_, parts)| parts.begun);
            if let Some(oldest) = oldest.map(|(key, _)| *key) {
                self.open.remove(&oldest);
                given_up += 1;
            }
        }
        let parts = self.open.entry(key).or_insert_with(|| Parts {
            parts: Vec::new(),
            octets: 0,
            total: None,
            begun: time,
        });
        let outcome = if parts.add(fragment, ip.payload) {
            match parts.whole() {
                Some(whole) => Outcome::Whole(whole),
                None => return (Outcome::Waiting, given_up),
            }
        } else {
            Outcome::Contradiction
        };
        self.open.remove(&key);
        (outcome, given_up)
    }

    /// Packets of which fragments are still missing: source, destination.
    pub(crate) fn incomplete(&self) -> impl Iterator<Item = (usize, IpAddr, IpAddr)> {
        let keys = self.open.keys();
        keys.map(|key| (key.interface, key.source, key.destination))
    }
}

impl Parts {
    /// Takes a fragment, unless it contradicts those that are there.
    fn add(&mut self, fragment: Fragment, payload: &[u8]) -> bool {
        let end = fragment.offset.saturating_add(payload.len());
        let at = self
            .parts
            .partition_point(|(offset, _)| *offset < fragment.offset);
        if let Some((offset, known)) = self.parts.get(at)
            && *offset == fragment.offset
            && known == payload
        {
            // It was sent twice.
            return true;
        }
        let before = at.checked_sub(1).and_then(|before| self.parts.get(before));
        let overlaps = before.is_some_and(|(offset, known)| offset + known.len() > fragment.offset)
            || self.parts.get(at).is_some_and(|(offset, _)| *offset < end);
        let beyond = self
            .total
            .is_some_and(|total| end > total || (!fragment.more && end != total));
        if overlaps || beyond || end > MAX_PAYLOAD || self.parts.len() >= MAX_FRAGMENTS {
            return false;
        }
        if !fragment.more {
            self.total = Some(end);
        }
        self.octets += payload.len();
        self.parts.insert(at, (fragment.offset, payload.to_vec()));
        true
    }

    fn whole(&self) -> Option<Whole> {
        // Without overlaps, as many octets as the total are the total.
        (self.total? == self.octets).then(|| Whole {
            payload: self
                .parts
                .iter()
                .flat_map(|(_, part)| part)
                .copied()
                .collect(),
            fragments: u64::try_from(self.parts.len()).unwrap_or(u64::MAX),
        })
    }
}
